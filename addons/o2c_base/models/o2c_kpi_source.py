from odoo import models
from odoo.tools import SQL

from ..domain.kpi import BEHAVIOUR_DAYS

#: Journals in which money comes in. What stands in others, such as credit notes,
#: write-offs and exchange differences, settles items but is no payment.
MONEY_JOURNALS = ("bank", "cash", "credit")


class O2cKpi(models.AbstractModel):
    """What was settled, when, and when it had been due: one source for all.

    The money side is looked at only when both sides are posted, so what is
    un-matched or reset is gone by itself. Amounts are in company currency.
    """

    _inherit = "o2c.kpi"

    def _settled_ctes(self, as_of=None, root=None, partner_ids=None):
        """CTEs ``owed`` and ``settled``: what somebody owed, and what settled it.

        ``owed`` has ``move_line_id, partner_id, root_id, today, balance,
        invoice_date, date_maturity`` of items, paid or not. ``settled`` has these,
        and for each counterpart up to the day ``amount, money_line_id, value_date,
        kind``, which is ``money``, ``credit`` (a credit note), ``exchange`` or
        ``other`` (write-offs and other entries). The value date is the date of the
        payment's journal item; an instalment is late by its own due date.

        :param as_of: None for each company's today, else a date
        """
        return SQL(
            """
            owed AS MATERIALIZED (%(owed)s),
            settled AS MATERIALIZED (
                SELECT owed.*, part.amount, other.id AS money_line_id,
                       other.date AS value_date,
                       CASE WHEN journal.type IN %(money)s
                              OR other.payment_id IS NOT NULL THEN 'money'
                            WHEN other.display_type = 'payment_term' THEN 'credit'
                            WHEN %(exchange)s THEN 'exchange'
                            ELSE 'other' END AS kind
                  FROM owed
                  JOIN account_partial_reconcile part
                    ON part.debit_move_id = owed.move_line_id
                   AND part.max_date <= owed.today
                  JOIN account_move_line other
                    ON other.id = part.credit_move_id AND other.parent_state = 'posted'
                  JOIN account_journal journal ON journal.id = other.journal_id)
            """,
            money=MONEY_JOURNALS,
            exchange=self._is_exchange(SQL("other")),
            owed=self._owed_sql(as_of, root, partner_ids),
        )

    def _owed_sql(self, as_of, root, partner_ids):
        """Items that somebody owed, paid or not: no money given back."""
        items = self.env["o2c.open.item"]
        in_root = SQL("AND calendar.root_id = %s", root.id) if root else SQL("")
        return SQL(
            """
            SELECT line.id AS move_line_id, partner.commercial_partner_id AS partner_id,
                   calendar.root_id, calendar.today, line.balance, line.invoice_date,
                   COALESCE(line.date_maturity, line.date) AS date_maturity
              FROM account_move_line line
              JOIN account_journal journal ON journal.id = line.journal_id
              JOIN (VALUES %(calendar)s) calendar(company_id, root_id, today, start)
                ON calendar.company_id = line.company_id
         LEFT JOIN res_partner partner ON partner.id = line.partner_id
             WHERE %(condition)s AND line.balance > 0 AND line.date <= calendar.today
               AND journal.type NOT IN %(money)s AND NOT %(exchange)s %(in_root)s
            """,
            calendar=items._calendar_values(as_of),
            condition=items._line_condition(partner_ids),
            money=MONEY_JOURNALS,
            exchange=self._is_exchange(SQL("line")),
            in_root=in_root,
        )

    def _fell_due_sql(self):
        """Items that fell due within a year: what was to be paid, and was in time.

        Credited parts and exchange differences are on neither side. Reads the CTEs
        of :meth:`_settled_ctes`.

        :return: SQL with ``move_line_id, partner_id, root_id, amount, paid_on_time``
        """
        return SQL(
            """
            SELECT owed.move_line_id, owed.partner_id, owed.root_id,
                   owed.balance - COALESCE(part.gone, 0) AS amount,
                   COALESCE(part.paid_on_time, 0) AS paid_on_time
              FROM owed
         LEFT JOIN (
                SELECT move_line_id,
                       sum(amount) FILTER (WHERE kind IN ('credit', 'exchange'))
                           AS gone,
                       sum(amount) FILTER (WHERE kind = 'money'
                           AND value_date <= date_maturity) AS paid_on_time
                  FROM settled GROUP BY move_line_id) part USING (move_line_id)
             WHERE owed.date_maturity < owed.today
               AND owed.date_maturity >= owed.today - %s
            """,
            BEHAVIOUR_DAYS,
        )

    def _is_exchange(self, line):
        """Whether a journal item only corrects an exchange rate."""
        return SQL(
            "EXISTS (SELECT FROM account_partial_reconcile cause"
            " WHERE cause.exchange_move_id = %s.move_id)",
            line,
        )

    def _due_soon_sql(self):
        """Columns with what of open items is due within 7 and within 30 days.

        Reads ``item``, a row of the open items, and ``calendar``, its company's day.
        """
        return SQL(", ").join(
            SQL(
                "sum(item.amount_residual) FILTER (WHERE item.amount_residual > 0"
                " AND item.date_maturity BETWEEN calendar.today"
                " AND calendar.today + %s) AS %s",
                days,
                SQL.identifier(f"amount_due_{days}"),
            )
            for days in (7, 30)
        )
