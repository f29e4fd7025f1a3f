from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.o2c_base.models.o2c_kpi_source import MONEY_JOURNALS
from odoo.addons.o2c_base.tools.transaction import with_room

#: Money later than this after a contact is not counted as its result.
DAYS = (7, 14, 30)


class O2cChaseResult(models.Model):
    """What came in after contacts: one row per contact.

    A contact is a step of a plan that was done, or a call made outside of one. Money
    counts once, for the last contact before it, so that sums add up. It tells what
    followed a contact, not that the contact was the cause.
    """

    _name = "o2c.chase.result"
    _description = "Result of a contact"
    _auto = False
    _order = "date DESC, id DESC"
    _rec_name = "debtor_id"
    _depends = {
        "account.account": ["account_type", "non_trade"],
        "account.journal": ["type"],
        "account.move.line": [
            "account_id",
            "balance",
            "date",
            "journal_id",
            "parent_state",
            "partner_id",
            "payment_id",
        ],
        "o2c.chase.action": ["channel", "collector_id", "date_done", "level", "state"],
        "o2c.debtor": ["collector_id", "company_id", "partner_id", "segment_id"],
        "o2c.event": ["date", "debtor_id", "kind", "user_number"],
        "res.partner": ["commercial_partner_id"],
    }

    debtor_id = fields.Many2one("o2c.debtor", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    segment_id = fields.Many2one("o2c.segment", readonly=True)
    collector_id = fields.Many2one(
        "res.users",
        readonly=True,
        falsy_value_label="Nobody",
        help="Who called; of reminders, whose customer it was then.",
    )
    plan_id = fields.Many2one("o2c.chase.plan", readonly=True)
    level = fields.Integer(
        readonly=True, aggregator=None, help="0: a call outside of the plan."
    )
    channel = fields.Selection(
        [("email", "E-mail"), ("sms", "SMS"), ("letter", "Letter"), ("call", "Call")],
        readonly=True,
    )
    date = fields.Date("Contact on", readonly=True)
    contact_count = fields.Integer("Contacts", readonly=True)
    cash_7 = fields.Monetary(
        "Cash in 7 days",
        readonly=True,
        help="Money received within 7 days after the contact, unless another contact "
        "came between.",
    )
    cash_14 = fields.Monetary("Cash in 14 days", readonly=True)
    cash_30 = fields.Monetary("Cash in 30 days", readonly=True)

    def _search(self, *args, **kwargs):
        """EXTENDS base: a whole year of money is summed in memory."""
        with_room(self.env.cr)
        return super()._search(*args, **kwargs)

    @property
    def _table_query(self):
        return SQL(
            """
            WITH calendar(company_id, root_id, zone) AS (VALUES %(calendar)s),
            contact AS MATERIALIZED (%(contacts)s),
            money AS MATERIALIZED (%(money)s),
            result AS (
                SELECT last.contact_id, %(sums)s
                  FROM (SELECT DISTINCT ON (money.debtor_id, money.date)
                               contact.id AS contact_id, money.amount,
                               money.date - contact.date AS days
                          FROM money
                          JOIN contact ON contact.debtor_id = money.debtor_id
                           AND contact.date <= money.date
                           AND contact.date >= money.date - %(days_max)s
                      ORDER BY money.debtor_id, money.date, contact.date DESC,
                               contact.id DESC) last
              GROUP BY last.contact_id)
            SELECT contact.*, company.currency_id, 1 AS contact_count, %(zeros)s
              FROM contact
              JOIN res_company company ON company.id = contact.company_id
         LEFT JOIN result ON result.contact_id = contact.id
            """,
            calendar=SQL(", ").join(
                SQL("(%s, %s, %s)", company.id, company.root_id.id, zone)
                for company, zone in self._zones()
            ),
            contacts=self._contacts_sql(),
            days_max=max(DAYS),
            money=self._money_sql(),
            sums=SQL(", ").join(
                SQL(
                    "sum(last.amount) FILTER (WHERE last.days <= %s) AS %s",
                    days,
                    SQL.identifier(f"cash_{days}"),
                )
                for days in DAYS
            ),
            zeros=SQL(", ").join(
                SQL(
                    "COALESCE(result.%s, 0) AS %s",
                    SQL.identifier(f"cash_{days}"),
                    SQL.identifier(f"cash_{days}"),
                )
                for days in DAYS
            ),
        )

    def _zones(self):
        """(company, name of its time zone) of every company."""
        # sudo: the query covers all companies, record rules narrow the result
        companies_sudo = self.env["res.company"].sudo().with_context(active_test=False)
        return [(c, c._o2c_zone().zone) for c in companies_sudo.search([])]

    def _contacts_sql(self):
        """Steps done, and calls that were no step; ids of both are told apart."""
        return SQL(
            """
            SELECT action.id * 2 AS id, action.debtor_id, debtor.company_id,
                   debtor.segment_id,
                   COALESCE(action.collector_id, debtor.collector_id) AS collector_id,
                   step.plan_id, action.level, action.channel, action.date_done AS date
              FROM o2c_chase_action action
              JOIN o2c_debtor debtor ON debtor.id = action.debtor_id
         LEFT JOIN o2c_chase_step step ON step.id = action.step_id
             WHERE action.state = 'done' AND action.date_done IS NOT NULL
               AND action.channel <> 'todo'
         UNION ALL
            SELECT event.id * 2 + 1, event.debtor_id, debtor.company_id,
                   debtor.segment_id, caller.id, NULL, 0, 'call', local.day
              FROM o2c_event event
              JOIN o2c_debtor debtor ON debtor.id = event.debtor_id
              JOIN calendar ON calendar.company_id = debtor.company_id
         LEFT JOIN res_users caller ON caller.id = event.user_number
        CROSS JOIN LATERAL (
                SELECT (event.date AT TIME ZONE 'UTC'
                    AT TIME ZONE calendar.zone)::date AS day) local
             WHERE event.kind = 'call_logged' AND NOT EXISTS (
                   SELECT FROM o2c_chase_action action
                    WHERE action.debtor_id = event.debtor_id
                      AND action.state = 'done' AND action.channel = 'call'
                      AND action.date_done = local.day)
            """
        )

    def _money_sql(self):
        """Money of customers who were contacted, by account and day."""
        return SQL(
            """
            SELECT debtor.id AS debtor_id, line.date, -sum(line.balance) AS amount
              FROM account_move_line line
              JOIN account_journal journal ON journal.id = line.journal_id
              JOIN calendar ON calendar.company_id = line.company_id
              JOIN res_partner partner ON partner.id = line.partner_id
              JOIN o2c_debtor debtor
                ON debtor.partner_id = partner.commercial_partner_id
               AND debtor.company_id = calendar.root_id
             WHERE %(condition)s AND line.balance < 0
               AND (journal.type IN %(money)s OR line.payment_id IS NOT NULL)
               AND line.date >= (SELECT min(date) FROM contact)
               AND debtor.id IN (SELECT debtor_id FROM contact)
          GROUP BY debtor.id, line.date
            """,
            condition=self.env["o2c.open.item"]._line_condition(None),
            money=MONEY_JOURNALS,
        )

    @api.readonly
    def action_open_debtor(self):
        """The customer account behind the contact."""
        self.ensure_one()
        return self.debtor_id.get_formview_action()
