from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

#: The stored facts, in the order in which the refresher's query gives them.
FACTS = (
    "amount_outstanding",
    "amount_overdue",
    "amount_collectable",
    "amount_unapplied",
    "date_oldest_due",
    "amount_disputed",
    "amount_promised",
    "amount_due_7",
    "amount_due_30",
    "days_late_average",
    "days_late_trend",
    "days_late_median",
    "on_time_share",
    "payment_count",
)
#: Those that the form computes afresh.
LIVE_FACTS = FACTS[:5]


class O2cDebtor(models.Model):
    """A customer as one company's receivables see it.

    One per commercial partner and root company; its chatter is the customer's
    timeline. The stored facts have one keeper, the refresher in
    ``o2c_debtor_refresh.py``; ``facts_at`` says how old they are. Amounts are in
    the company's currency, rounded by it.
    """

    _name = "o2c.debtor"
    _description = "Customer account"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "amount_overdue DESC, id"
    _rec_names_search = ["partner_id"]
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="The commercial entity that owes.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="The root company that is owed; its branches count in.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_active = fields.Boolean("Not archived", related="partner_id.active")
    collector_id = fields.Many2one(
        "res.users",
        tracking=True,
        index="btree_not_null",
        domain=[("share", "=", False)],
        help="Who looks after this customer. Empty: shown to all collectors.",
    )

    segment_id = fields.Many2one(
        "o2c.segment",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The group of customers it belongs to.",
    )

    amount_outstanding = fields.Monetary(
        "Outstanding",
        readonly=True,
        help="Sum of all open items, credits negative.",
    )
    amount_overdue = fields.Monetary(
        "Overdue",
        readonly=True,
        help="Sum of what is past due, before disputes, promises and credits.",
    )
    amount_collectable = fields.Monetary(
        "Collectable",
        readonly=True,
        help="What may be asked for, due or not, after disputes, promises, money in "
        "transit and unapplied credit.",
    )
    amount_unapplied = fields.Monetary(
        "Unapplied",
        readonly=True,
        help="Open credit notes and unmatched money, as a positive figure.",
    )
    amount_disputed = fields.Monetary(
        "Disputed",
        readonly=True,
        help="What of open items rests because the customer does not accept it.",
    )
    amount_promised = fields.Monetary(
        "Promised",
        readonly=True,
        help="What of open items rests because the customer said when he pays.",
    )
    amount_due_7 = fields.Monetary(
        "Due within 7 days",
        readonly=True,
        help="Sum of the open items due today or in the next 7 days.",
    )
    amount_due_30 = fields.Monetary(
        "Due within 30 days",
        readonly=True,
        help="Sum of the open items due today or in the next 30 days.",
    )
    date_oldest_due = fields.Date("Oldest due", readonly=True)
    facts_at = fields.Datetime(
        "Figures as of",
        readonly=True,
        help="When the stored figures were last computed from the ledger.",
    )

    amount_outstanding_live = fields.Monetary(
        "Outstanding now", compute="_compute_live"
    )
    amount_overdue_live = fields.Monetary("Overdue now", compute="_compute_live")
    amount_collectable_live = fields.Monetary(
        "Collectable now", compute="_compute_live"
    )
    amount_unapplied_live = fields.Monetary("Unapplied now", compute="_compute_live")
    date_oldest_due_live = fields.Date("Oldest due now", compute="_compute_live")

    _partner_company_unique = models.UniqueIndex(
        "(partner_id, company_id)", "A customer has one account per company."
    )
    _company_overdue_idx = models.Index("(company_id, amount_overdue DESC)")
    _facts_at_idx = models.Index("(company_id, facts_at)")

    def init(self):
        """Leave room on each page for a second version of every row.

        The nightly run rewrites the standing of all accounts at once; in place, that
        touches no index.
        """
        self.env.cr.execute("ALTER TABLE o2c_debtor SET (fillfactor = 50)")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("partner_id", "company_id")
    @api.depends_context("allowed_company_ids")
    def _compute_display_name(self):
        several = len(self.env.companies) > 1
        # sudo: who sees the account sees its name; the contact may be another
        # branch's, and the root company closed to a user of a branch
        for debtor in self.sudo():
            name = debtor.partner_id.display_name or ""
            debtor.display_name = (
                f"{name} ({debtor.company_id.name})" if several else name
            )

    @api.depends("partner_id", "company_id")
    def _compute_live(self):
        """Figures straight from the ledger: the form never shows stale ones."""
        self._flush_ledger()
        facts = self._facts_now()
        for debtor in self:
            debtor.update(debtor._live_values(facts.get(debtor._origin.id, {})))

    def _live_values(self, facts):
        """Hook: what the form shows of the facts computed now.

        :param facts: one row of the facts query, as a dict
        :return: dict of field values
        """
        return {f"{name}_live": facts.get(name, False) for name in LIVE_FACTS}

    # ------------------------------------------------------------------
    # Reading the ledger
    # ------------------------------------------------------------------

    @api.model
    def _flush_ledger(self):
        """Write pending changes that the open item query reads."""
        for name, field_names in self.env["o2c.open.item"]._depends.items():
            self.env[name].flush_model(field_names)

    def _facts_now(self):
        """Facts of these accounts, computed from the ledger in one query.

        :return: dict of account id to a dict of the facts and ``item_count``
        """
        rows = self.env.execute_query_dict(self._facts_sql()) if self.ids else []
        return {row.pop("id"): row for row in rows}

    def _facts_sql(self):
        """Facts of these accounts as a query, one row each.

        The items are summed apart: joined directly, a planner without statistics
        of new accounts would run the whole item query once per account.
        """
        # sudo: only the ids of partners and companies are read, for the query
        debtors_sudo = self.sudo()
        partner_ids = debtors_sudo.partner_id.ids
        items_model = self.env["o2c.open.item"]
        return SQL(
            """
            WITH calendar(company_id, root_id, today, chase_from) AS (
                VALUES %(calendar)s),
            facts AS MATERIALIZED (
                SELECT item.debtor_id,
                       sum(item.amount_residual) AS amount_outstanding,
                       sum(item.amount_residual) FILTER (
                           WHERE item.days_overdue > 0 AND item.amount_residual > 0
                           ) AS amount_overdue,
                       sum(item.amount_collectable) AS amount_collectable,
                       sum(item.credit) AS amount_unapplied,
                       min(item.date_maturity) FILTER (
                           WHERE item.amount_residual > 0) AS date_oldest_due,
                       sum(item.amount_disputed) AS amount_disputed,
                       sum(item.amount_promised) AS amount_promised,
                       %(due)s,
                       count(*) AS item_count
                  FROM (%(items)s) item
                  JOIN calendar ON calendar.company_id = item.company_id
              GROUP BY item.debtor_id),
            behaviour AS MATERIALIZED (%(behaviour)s)
            SELECT debtor.id,
                   COALESCE(facts.amount_outstanding, 0) AS amount_outstanding,
                   COALESCE(facts.amount_overdue, 0) AS amount_overdue,
                   COALESCE(facts.amount_collectable, 0) AS amount_collectable,
                   COALESCE(facts.amount_unapplied, 0) AS amount_unapplied,
                   facts.date_oldest_due,
                   COALESCE(facts.amount_disputed, 0) AS amount_disputed,
                   COALESCE(facts.amount_promised, 0) AS amount_promised,
                   COALESCE(facts.amount_due_7, 0) AS amount_due_7,
                   COALESCE(facts.amount_due_30, 0) AS amount_due_30,
                   behaviour.days_late_average,
                   behaviour.days_late_trend,
                   behaviour.days_late_median,
                   behaviour.on_time_share,
                   COALESCE(behaviour.payment_count, 0) AS payment_count,
                   COALESCE(facts.item_count, 0) AS item_count
              FROM o2c_debtor debtor
         LEFT JOIN facts ON facts.debtor_id = debtor.id
         LEFT JOIN behaviour ON behaviour.partner_id = debtor.partner_id
                            AND behaviour.root_id = debtor.company_id
             WHERE debtor.id = ANY(%(debtors)s)
            """,
            calendar=items_model._calendar_values(None),
            due=self.env["o2c.kpi"]._due_soon_sql(),
            items=items_model._items_sql(partner_ids=partner_ids),
            behaviour=self._behaviour_sql(partner_ids),
            debtors=self.ids,
        )

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    @api.model
    def _user_fields(self):
        """Hook: fields that a user with a role may write; the rest has a keeper."""
        return {"collector_id"}

    def write(self, vals):
        """Let users write what is theirs to decide, and nothing a keeper keeps."""
        if not self.env.su:
            kept = {
                name
                for name in vals.keys() - self._user_fields()
                if not name.startswith(("message_", "activity_"))
            }
            if kept:
                raise AccessError(
                    self.env._(
                        "These fields are kept by the system and cannot be written: "
                        "%(names)s.",
                        names=", ".join(sorted(kept)),
                    )
                )
        return super().write(vals)

    @api.model
    def _ensure(self, pairs):
        """The customer accounts for partners and companies, created if missing.

        :param pairs: iterable of (partner, company) records; commercial partner and
            root company are found here
        :return: the accounts, in superuser mode, as their caller may have no role
        """
        keys = {
            (partner.commercial_partner_id.id, company._o2c_root().id)
            for partner, company in pairs
        }
        self._ensure_keys(keys)
        domain = [
            ("partner_id", "in", [partner for partner, _company in keys]),
            ("company_id", "in", [company for _partner, company in keys]),
        ]
        # sudo: a user without a role may cause an account to be needed
        found_sudo = self.sudo().search(domain)
        return found_sudo.filtered(lambda d: (d.partner_id.id, d.company_id.id) in keys)

    @api.model
    def _ensure_keys(self, keys):
        """Insert the missing accounts of (partner id, company id) pairs."""
        if not keys:
            return
        rows = SQL(", ").join(SQL("(%s, %s)", *key) for key in sorted(keys))
        values = self._new_account_values()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO o2c_debtor (partner_id, company_id, create_uid, write_uid,
                                        create_date, write_date, %(columns)s)
                SELECT wanted.partner_id, wanted.company_id, %(uid)s, %(uid)s,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', %(values)s
                  FROM (VALUES %(rows)s) wanted(partner_id, company_id)
                  JOIN res_partner partner ON partner.id = wanted.partner_id
              ORDER BY wanted.partner_id, wanted.company_id
                ON CONFLICT (partner_id, company_id) DO NOTHING
                """,
                columns=SQL(", ").join(SQL.identifier(name) for name in values),
                uid=self.env.uid,
                values=SQL(", ").join(SQL("%s", value) for value in values.values()),
                rows=rows,
            )
        )

    @api.model
    def _new_account_values(self):
        """Hook: columns of a new account; it is inserted without the ORM's defaults.

        An amount left NULL would sort before every customer who owes something.
        """
        amounts = {name: 0 for name in FACTS if name.startswith("amount_")}
        return {**amounts, "payment_count": 0}
