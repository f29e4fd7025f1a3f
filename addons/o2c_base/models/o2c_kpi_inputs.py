from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from ..domain.kpi import (
    AT_RISK_DAYS,
    BEHAVIOUR_DAYS,
    SALES_DAYS,
    Inputs,
    month_starts,
)
from ..tools.transaction import with_room


class O2cKpi(models.AbstractModel):
    """Gathers what the formulas need: three statements for all scopes at once.

    A cell is one segment and one collector; a company, a segment or a collector is
    the sum of its cells.
    """

    _inherit = "o2c.kpi"

    def _cells(self, root, as_of=None):
        """What all metrics are worked out from, by segment and collector.

        :param root: root company
        :param as_of: None for live figures, else a past date
        :return: dict of (segment id, collector id) to ``Inputs``; ids may be None
        """
        self.env["o2c.debtor"]._flush_ledger()
        with_room(self.env.cr)
        today = as_of or root._o2c_today()
        cells = {}
        statements = [
            self._balance_sql(root, today, as_of),
            self._behaviour_sums_sql(root, as_of),
        ]
        if not as_of:
            statements.append(self._resting_sql(root))
        for statement in statements:
            for row in self.env.execute_query_dict(statement):
                inputs = _cell_of(row, cells, today)
                for name, value in row.items():
                    setattr(inputs, name, value or 0)
        for row in self.env.execute_query_dict(self._sales_sql(root, today, as_of)):
            inputs = _cell_of(row, cells, today)
            inputs.sales_months[row["month"]] = row["month_sales"]
            inputs.sales += row["sales"] or 0
            firsts = [day for day in (inputs.first_sale, row["first_sale"]) if day]
            inputs.first_sale = min(firsts)
        return cells

    def _cell_join(self, root, as_of):
        """The join that tells ``segment_id`` and ``collector_id`` of each row.

        Collectors are those of today. Segments are those of the past day; before
        membership was kept, a customer counts in the first one he is known in.

        :param as_of: None, or the past date as of which they are wanted
        :return: SQL that joins ``cell`` on ``part.customer_id``, a commercial partner
        """
        if not as_of:
            return SQL(
                "LEFT JOIN o2c_debtor cell"
                " ON cell.partner_id = part.customer_id AND cell.company_id = %s",
                root.id,
            )
        return SQL(
            """
            LEFT JOIN (
                SELECT debtor.partner_id, debtor.collector_id, (
                           SELECT segment_id FROM o2c_segment_membership member
                            WHERE member.debtor_id = debtor.id
                              AND (member.date_to IS NULL OR member.date_to >= %(day)s)
                              AND (member.date_from <= %(day)s OR NOT EXISTS (
                                  SELECT FROM o2c_segment_membership earlier
                                   WHERE earlier.debtor_id = debtor.id
                                     AND earlier.date_from < member.date_from))
                         ORDER BY member.date_from LIMIT 1) AS segment_id
                  FROM o2c_debtor debtor
                 WHERE debtor.company_id = %(root)s) cell
              ON cell.partner_id = part.customer_id
            """,
            day=as_of,
            root=root.id,
        )

    def _resting_sql(self, root):
        """What is disputed and promised today, as the facts of the customers say."""
        return SQL(
            """
            SELECT segment_id, collector_id, sum(amount_disputed) AS disputed,
                   sum(amount_promised) AS promised
              FROM o2c_debtor WHERE company_id = %s
          GROUP BY 1, 2
            """,
            root.id,
        )

    # ------------------------------------------------------------------
    # Balances
    # ------------------------------------------------------------------

    def _balance_sql(self, root, today, as_of):
        """Sums of open items, and the balances between which CEI looks.

        Where a customer stood when the window began is where he stands less what
        the ledger has moved since. Customer 0 stands for "no customer".
        """
        return SQL(
            """
            WITH open AS (%(open)s),
            moved AS (%(moved)s),
            part AS (
                SELECT COALESCE(open.customer_id, moved.customer_id) AS customer_id,
                       COALESCE(outstanding, 0) AS outstanding, owed, overdue, at_risk,
                       unapplied, amount_due_7, amount_due_30,
                       GREATEST(0, COALESCE(outstanding, 0) - COALESCE(amount, 0))
                           AS opening,
                       GREATEST(0, outstanding) AS closing
                  FROM open FULL JOIN moved ON moved.customer_id = open.customer_id)
            SELECT cell.segment_id, cell.collector_id, sum(outstanding) AS outstanding,
                   sum(owed) AS owed, sum(overdue) AS overdue, sum(at_risk) AS at_risk,
                   sum(unapplied) AS unapplied, sum(part.amount_due_7) AS due_7,
                   sum(part.amount_due_30) AS due_30, sum(opening) AS opening,
                   sum(closing) AS closing,
                   sum(LEAST(owed - COALESCE(overdue, 0), closing)) AS closing_current
              FROM part %(cell)s
          GROUP BY 1, 2
            """,
            open=self._open_by_customer(root, as_of),
            moved=self._moved_by_customer(root, today, as_of),
            cell=self._cell_join(root, as_of),
        )

    def _open_by_customer(self, root, as_of):
        items = self.env["o2c.open.item"]
        return SQL(
            """
            SELECT COALESCE(item.partner_id, 0) AS customer_id,
                   sum(item.amount_residual) AS outstanding,
                   sum(item.amount_residual) FILTER (WHERE item.amount_residual > 0)
                       AS owed,
                   sum(item.amount_residual) FILTER (WHERE item.amount_residual > 0
                       AND item.days_overdue > 0) AS overdue,
                   sum(item.amount_residual) FILTER (WHERE item.amount_residual > 0
                       AND item.days_overdue > %(at_risk_days)s) AS at_risk,
                   sum(item.credit) AS unapplied,
                   %(due_soon)s
              FROM (%(items)s) item
              JOIN (VALUES %(calendar)s) calendar(company_id, root_id, today, start)
                ON calendar.company_id = item.company_id
          GROUP BY 1
            """,
            at_risk_days=AT_RISK_DAYS,
            due_soon=self._due_soon_sql(),
            items=items._items_sql(as_of=as_of, root=root),
            calendar=items._calendar_values(as_of),
        )

    def _moved_by_customer(self, root, today, as_of):
        """By how much sales and payments changed the balance within the window.

        What was entered by hand, such as opening entries, was not sold within the
        window: it counts as having been owed when it began.
        """
        return SQL(
            """
            SELECT COALESCE(partner.commercial_partner_id, 0) AS customer_id,
                   sum(line.balance) AS amount
              FROM account_move_line line
              JOIN account_journal journal ON journal.id = line.journal_id
         LEFT JOIN res_partner partner ON partner.id = line.partner_id
             WHERE %(lines)s AND line.date > %(start)s %(until)s
               AND NOT (journal.type = 'general' AND line.balance > 0)
          GROUP BY 1
            """,
            lines=self._lines_of(root),
            start=today - timedelta(days=SALES_DAYS),
            until=self._until(as_of),
        )

    def _until(self, as_of):
        """Of live figures, documents dated in the future count, as they are owed."""
        return SQL("AND line.date <= %s", as_of) if as_of else SQL("")

    def _lines_of(self, root):
        """Posted trade receivables of a root company and its branches."""
        companies = [
            company
            for company, root_id, *_ in self.env["res.company"]._o2c_calendar()
            if root_id == root.id
        ]
        condition = self.env["o2c.open.item"]._line_condition(None)
        return SQL("%s AND line.company_id = ANY(%s)", condition, companies)

    # ------------------------------------------------------------------
    # Sales
    # ------------------------------------------------------------------

    def _sales_sql(self, root, today, as_of):
        """Sales with tax by month, and of the shorter window.

        Sales are what invoices and credit notes put on trade receivable accounts,
        by accounting date, as the balance goes by it too. Opening entries and the
        takings of a till are none. What is dated in the future counts as of today.
        """
        return SQL(
            """
            SELECT cell.segment_id, cell.collector_id, part.month,
                   sum(part.month_sales) AS month_sales, sum(part.sales) AS sales,
                   min(part.first_sale) AS first_sale
              FROM (
                SELECT partner.commercial_partner_id AS customer_id,
                       date_trunc('month', LEAST(line.date, %(today)s))::date AS month,
                       sum(line.balance) AS month_sales,
                       sum(line.balance) FILTER (WHERE line.date > %(start)s) AS sales,
                       min(LEAST(line.date, %(today)s)) AS first_sale
                  FROM account_move_line line
             LEFT JOIN res_partner partner ON partner.id = line.partner_id
                 WHERE %(lines)s AND line.display_type = 'payment_term'
                   AND line.date >= %(first_month)s %(until)s
              GROUP BY 1, 2) part
              %(cell)s
          GROUP BY 1, 2, 3
            """,
            start=today - timedelta(days=SALES_DAYS),
            lines=self._lines_of(root),
            first_month=month_starts(today)[-1],
            until=self._until(as_of),
            today=today,
            cell=self._cell_join(root, as_of),
        )

    # ------------------------------------------------------------------
    # Behaviour
    # ------------------------------------------------------------------

    def _behaviour_sums_sql(self, root, as_of):
        """What came in within a year and how late, and what fell due."""
        return SQL(
            """
            WITH %(settled)s,
            paid AS (
                SELECT partner_id AS customer_id, sum(amount) AS paid,
                       sum(amount * (value_date - date_maturity)) AS paid_days_late,
                       sum(amount * GREATEST(0, value_date - date_maturity))
                           AS paid_days_late_floored,
                       sum(amount) FILTER (WHERE invoice_date IS NOT NULL)
                           AS paid_dated,
                       sum(amount * (value_date - invoice_date)) AS paid_days_to_pay
                  FROM settled
                 WHERE kind = 'money' AND value_date > today - %(days)s
              GROUP BY 1),
            due AS (
                SELECT partner_id AS customer_id, sum(amount) AS fell_due,
                       sum(paid_on_time) AS fell_due_paid,
                       count(*) FILTER (WHERE amount > 0) AS fell_due_count,
                       count(*) FILTER (WHERE amount > 0 AND paid_on_time >= amount)
                           AS fell_due_paid_count
                  FROM (%(fell_due)s) item GROUP BY 1),
            part AS (
                SELECT customer_id, paid, paid_days_late, paid_days_late_floored,
                       paid_dated, paid_days_to_pay, 0 AS fell_due, 0 AS fell_due_paid,
                       0 AS fell_due_count, 0 AS fell_due_paid_count FROM paid
             UNION ALL
                SELECT customer_id, 0, 0, 0, 0, 0, fell_due, fell_due_paid,
                       fell_due_count, fell_due_paid_count FROM due)
            SELECT cell.segment_id, cell.collector_id, sum(paid) AS paid,
                   sum(paid_days_late) AS paid_days_late,
                   sum(paid_days_late_floored) AS paid_days_late_floored,
                   sum(paid_dated) AS paid_dated,
                   sum(paid_days_to_pay) AS paid_days_to_pay,
                   sum(fell_due) AS fell_due, sum(fell_due_paid) AS fell_due_paid,
                   sum(fell_due_count)::int AS fell_due_count,
                   sum(fell_due_paid_count)::int AS fell_due_paid_count
              FROM part %(cell)s
          GROUP BY 1, 2
            """,
            settled=self._settled_ctes(as_of, root),
            fell_due=self._fell_due_sql(),
            days=BEHAVIOUR_DAYS,
            cell=self._cell_join(root, as_of),
        )


def _cell_of(row, cells, today):
    """The inputs of a row's cell; its key leaves the row."""
    key = row.pop("segment_id"), row.pop("collector_id")
    return cells.setdefault(key, Inputs(today=today))
