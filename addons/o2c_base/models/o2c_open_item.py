from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..domain.ageing import bucket_ranges
from ..tools.transaction import without_jit

#: Of figures that differ from date to date: cached apart for each ``o2c_as_of``.
AS_OF = {"readonly": True, "depends_context": ("o2c_as_of",)}


class O2cOpenItem(models.Model):
    """Open receivable items, read from the ledger as of a date.

    One query feeds every screen, run, export and statement. It has two forms:

    * live (no context key): the residuals that core stores, corrected for
      partials whose other side is not posted, which core counts and we do not;
    * as of a date (context ``o2c_as_of``, ISO date): items booked up to that
      date less the partials that existed then (``max_date``) between entries
      that are both posted today.

    Both leave out ``non_trade`` accounts, and show credit notes and unmatched
    money as negative items. ``amount_x`` is in company currency.
    """

    _name = "o2c.open.item"
    _description = "Open item"
    _auto = False
    _order = "date_maturity, id"
    _rec_name = "move_line_id"
    _depends = {  # what the ORM flushes before it runs the query
        "account.move.line": [
            "account_id",
            "amount_currency",
            "amount_residual",
            "amount_residual_currency",
            "balance",
            "company_id",
            "currency_id",
            "date",
            "date_maturity",
            "move_name",
            "no_followup",
            "o2c_clean_up",
            "parent_state",
            "partner_id",
            "reconciled",
            "ref",
        ],
        "account.move": ["invoice_date", "invoice_user_id", "ref", "state"],
        "account.account": ["account_type", "non_trade"],
        "account.partial.reconcile": [
            "amount",
            "credit_amount_currency",
            "debit_amount_currency",
            "max_date",
        ],
        "o2c.debtor": ["collector_id", "company_id", "partner_id", "segment_id"],
        "res.company": ["o2c_chase_from", "partner_id"],
        "res.partner": ["commercial_partner_id"],
    }

    move_line_id = fields.Many2one("account.move.line", "Journal item", readonly=True)
    move_id = fields.Many2one("account.move", "Entry", readonly=True)
    debtor_id = fields.Many2one("o2c.debtor", "Customer account", readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        readonly=True,
        help="The commercial entity that owes the item. Empty: no customer.",
    )
    customer_name = fields.Char("Customer name", compute="_compute_customer_name")
    collector_id = fields.Many2one("res.users", readonly=True)
    segment_id = fields.Many2one("o2c.segment", readonly=True)
    salesperson_id = fields.Many2one(
        "res.users", readonly=True, help="Who sold, as the invoice says."
    )
    company_id = fields.Many2one("res.company", readonly=True)
    root_company_id = fields.Many2one("res.company", "Root company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one(
        "res.currency", "Company currency", readonly=True
    )
    name = fields.Char("Number", readonly=True)
    reference = fields.Char(
        "Customer's reference",
        readonly=True,
        help="The customer's own reference, as written on the invoice.",
    )
    date = fields.Date(readonly=True)
    date_maturity = fields.Date("Due date", readonly=True)
    days_overdue = fields.Integer(
        "Days late",
        aggregator="max",
        help="Days past the due date: 0 on the due date, 1 the day after.",
        **AS_OF,
    )
    bucket = fields.Selection(
        "_selection_bucket",
        readonly=True,
        help="Ageing bucket by due date, after the limits of your main company.",
        depends_context=("o2c_as_of", "company"),
    )
    amount_residual = fields.Monetary(
        "Open amount", currency_field="company_currency_id", **AS_OF
    )
    amount_residual_currency = fields.Monetary("Open in currency", **AS_OF)
    amount_disputed = fields.Monetary(
        "Disputed", currency_field="company_currency_id", **AS_OF
    )
    amount_promised = fields.Monetary(
        "Promised", currency_field="company_currency_id", **AS_OF
    )
    amount_in_transit = fields.Monetary(
        "In transit", currency_field="company_currency_id", **AS_OF
    )
    amount_collectable = fields.Monetary(
        "Collectable",
        currency_field="company_currency_id",
        help="What may be asked for: the open amount less what is disputed, promised "
        "or in transit, after unapplied credit has covered the oldest items first.",
        **AS_OF,
    )
    no_followup = fields.Boolean(
        "No follow-up",
        readonly=True,
        help="Excluded from chasing by Odoo's own flag on the journal item.",
    )
    is_before_chase_from = fields.Boolean(
        "Before chase-from",
        help="Due before the company's chase-from date and not included by hand.",
        **AS_OF,
    )
    needs_clean_up = fields.Boolean(
        help="Old items and opening entries that nobody has decided about yet.", **AS_OF
    )

    @api.depends("partner_id")
    def _compute_customer_name(self):
        # sudo: who sees the item sees whose it is, even another branch's contact
        for item in self.sudo():
            name = item.partner_id.display_name
            item.customer_name = name or self.env._("No customer")

    # ------------------------------------------------------------------
    # The query
    # ------------------------------------------------------------------

    def _search(self, *args, **kwargs):
        """EXTENDS base: read with a plan, not with a compiler."""
        without_jit(self.env.cr)
        return super()._search(*args, **kwargs)

    @property
    def _table_query(self):
        return self._items_sql(as_of=self.env.context.get("o2c_as_of"))

    def _items_sql(
        self, as_of=None, root=None, partner_ids=None, calendar=None, with_rest=True
    ):
        """The open item query.

        Credits stand first in the waterfall, so the running sum at an item is what
        all items up to it are worth after all credit.

        :param as_of: None for live figures, else a date or ISO string
        :param root: root company to narrow to
        :param partner_ids: ids of commercial partners to narrow to
        :param calendar: query of what ``_calendar_values`` are, of fewer companies
        :param with_rest: False where the reader wants nothing of what rests
        :return: SQL with one row per open journal item
        """
        as_of = self._as_of_date(as_of)
        if as_of:
            source = self._source_past(as_of, partner_ids)
        else:
            source = self._source_live(partner_ids)
        return SQL(
            """
            WITH calendar(company_id, root_id, today, chase_from) AS (
                %(calendar)s),
            %(source)s,
            item AS (%(items)s)
            SELECT item.*,
                   GREATEST(0.0, LEAST(item.free,
                       sum(item.net) OVER waterfall)) AS amount_collectable
              FROM item
            WINDOW waterfall AS (
                   PARTITION BY item.root_company_id, item.partner_id
                   ORDER BY item.amount_residual >= 0.0, item.date_maturity, item.id
                   ROWS UNBOUNDED PRECEDING)
            """,
            calendar=calendar or SQL("VALUES %s", self._calendar_values(as_of)),
            source=source,
            items=self._item_rows(root, partner_ids, as_of, with_rest),
        )

    def _as_of_date(self, as_of):
        try:
            return fields.Date.to_date(as_of)
        except (TypeError, ValueError, KeyError) as error:
            raise UserError(
                self.env._("%s is no date: write it as 2026-12-31.", as_of)
            ) from error

    def _calendar_values(self, as_of):
        return SQL(", ").join(
            SQL("(%s, %s, %s::date, %s::date)", company, root, as_of or today, start)
            for company, root, today, start in self.env["res.company"]._o2c_calendar()
        )

    def _item_rows(self, root, partner_ids, as_of=None, with_rest=True):
        """Residuals with customer, age and what speaks for waiting.

        Entry and journal are joined LEFT, though always there: PostgreSQL then
        leaves them out where a reader wants nothing of them.
        """
        conditions = [SQL("TRUE")]
        if root:
            conditions.append(SQL("calendar.root_id = %s", root.id))
        if partner_ids is not None:
            conditions.append(
                SQL("partner.commercial_partner_id = ANY(%s)", list(partner_ids))
            )
        return SQL(
            """
            SELECT line.id,
                   line.id AS move_line_id,
                   line.move_id,
                   debtor.id AS debtor_id,
                   debtor.collector_id,
                   debtor.segment_id,
                   partner.commercial_partner_id AS partner_id,
                   move.invoice_user_id AS salesperson_id,
                   line.company_id,
                   calendar.root_id AS root_company_id,
                   line.currency_id,
                   line.company_currency_id,
                   line.move_name AS name,
                   COALESCE(NULLIF(move.ref, ''), line.ref) AS reference,
                   COALESCE(move.invoice_date, line.date) AS date,
                   due.date_maturity,
                   GREATEST(0, calendar.today - due.date_maturity) AS days_overdue,
                   %(bucket)s AS bucket,
                   line.residual AS amount_residual,
                   line.residual_currency AS amount_residual_currency,
                   %(taken)s,
                   %(free)s AS free,
                   %(net)s AS net,
                   GREATEST(0.0, -line.residual) AS credit,
                   COALESCE(line.no_followup, FALSE) AS no_followup,
                   due.is_before AS is_before_chase_from,
                   (due.is_before OR line.no_followup IS TRUE
                        AND journal.type = 'general')
                       AND line.o2c_clean_up IS NULL
                       AND line.residual > 0 AS needs_clean_up
              FROM source line
         LEFT JOIN account_move move ON move.id = line.move_id
         LEFT JOIN account_journal journal ON journal.id = line.journal_id
              JOIN calendar ON calendar.company_id = line.company_id
         LEFT JOIN res_partner partner ON partner.id = line.partner_id
         LEFT JOIN o2c_debtor debtor
                ON debtor.partner_id = partner.commercial_partner_id
               AND debtor.company_id = calendar.root_id
                   %(taken_join)s
        CROSS JOIN LATERAL (
                SELECT COALESCE(line.date_maturity, line.date) AS date_maturity,
                       COALESCE(line.date_maturity, line.date) < calendar.chase_from
                       AND line.o2c_clean_up IS DISTINCT FROM 'included'
                           AS is_before) due
             WHERE %(conditions)s
            """,
            bucket=self._bucket_sql(),
            **self._taken_parts(partner_ids, as_of, with_rest),
            conditions=SQL(" AND ").join(conditions),
        )

    # ------------------------------------------------------------------
    # Buckets
    # ------------------------------------------------------------------

    def _bucket_ranges(self):
        """(key, first day, last day) of the viewing company's buckets."""
        return bucket_ranges(self.env.company._o2c_bucket_limits())

    def _bucket_sql(self):
        days = SQL("calendar.today - due.date_maturity")
        *closed, (open_ended, _first, _last) = self._bucket_ranges()
        cases = [
            SQL("WHEN %s <= %s THEN %s", days, last, key)
            for key, _first, last in closed
        ]
        return SQL("CASE %s ELSE %s END", SQL(" ").join(cases), open_ended)

    @api.model
    def _selection_bucket(self):
        return [
            (key, self._bucket_label(first, last))
            for key, first, last in self._bucket_ranges()
        ]

    def _bucket_label(self, first, last):
        if not first:
            return self.env._("Not due")
        if not last:
            return self.env._("%(first)s+ days", first=first)
        return self.env._("%(first)s-%(last)s days", first=first, last=last)

    def _read_group_orderby(self, order, groupby_terms, query):
        """EXTENDS base: what is not due comes before what is overdue."""
        if "bucket" not in groupby_terms:
            return super()._read_group_orderby(order, groupby_terms, query)
        bucket = groupby_terms["bucket"]
        terms = {
            **groupby_terms,
            "bucket": SQL("(%s <> 'not_due', %s)", bucket, bucket),
        }
        result = super()._read_group_orderby(order, terms, query)
        groupby_terms.update(terms, bucket=bucket)
        return result

    # ------------------------------------------------------------------
    # Hook: what rests
    # ------------------------------------------------------------------

    def _taken_sql(self, partner_ids=None):
        """Hook: what rests on items today, for later add-ons to fill.

        :param partner_ids: ids of commercial partners to narrow to
        :return: None, or SQL of a query with the columns ``move_line_id, disputed,
            promised, in_transit`` (company currency, one row per journal item)
        """
        return None  # noqa: RET501 the hook's default answer

    def _taken_parts(self, partner_ids=None, as_of=None, with_rest=True):
        """What rests now; of past days it is not known, so nothing rested then."""
        is_past = as_of and as_of < self.env.company._o2c_today()
        taken = self._taken_sql(partner_ids) if with_rest and not is_past else None
        if taken is None:
            zeros = SQL(
                "0.0 AS amount_disputed, 0.0 AS amount_promised,"
                " 0.0 AS amount_in_transit"
            )
            return {
                "taken": zeros,
                "free": SQL("GREATEST(0.0, line.residual)"),
                "net": SQL("line.residual"),
                "taken_join": SQL(""),
            }
        free = SQL(
            "GREATEST(0.0, line.residual - COALESCE(taken.disputed, 0.0)"
            " - COALESCE(taken.promised, 0.0) - COALESCE(taken.in_transit, 0.0))"
        )
        return {
            "taken": SQL(
                "COALESCE(taken.disputed, 0.0) AS amount_disputed,"
                " COALESCE(taken.promised, 0.0) AS amount_promised,"
                " COALESCE(taken.in_transit, 0.0) AS amount_in_transit"
            ),
            "free": free,
            "net": SQL(
                "CASE WHEN line.residual < 0.0 THEN line.residual ELSE %s END", free
            ),
            "taken_join": SQL(
                "LEFT JOIN (%s) taken ON taken.move_line_id = line.id", taken
            ),
        }
