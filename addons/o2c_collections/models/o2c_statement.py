import logging

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.o2c_base.tools.transaction import in_new_transaction, try_lock

from ..domain.statement_schedule import (
    MADE_ANEW,
    NEED_PERSON,
    REASONS,
    due_periods,
    is_over,
)
from .o2c_chase_run import NIGHTLY_HOUR

_logger = logging.getLogger(__name__)

#: Customers looked at in one transaction.
DEBTORS_PER_BATCH = 100
LOCK = "o2c.statement.schedule"


class O2cStatement(models.Model):
    """Scheduled statements: begun once per period, sent by the engine of the chase.

    1. *plan*: whoever has a balance or a movement gets a row, under its unique key;
    2. *write*: one short transaction per customer makes the file and its message
       (:file:`o2c_chase_message_statement.py`), or notes why it waits;
    3. the engine sends the message as it sends letters: fresh look at the facts,
       ladder of attempts, bounces, ``unknown``.

    A row without a living message is tried again each day, so nothing gets lost.
    """

    _inherit = "o2c.statement"

    state = fields.Selection(
        selection_add=[("skipped", "Not sent")], ondelete={"skipped": "set default"}
    )
    message_ids = fields.One2many(
        "o2c.chase.message", "statement_id", "Messages", readonly=True
    )
    reason = fields.Selection(list(REASONS.items()), "Why it waits", readonly=True)
    error = fields.Char(readonly=True, help="What went wrong, in the machine's words.")
    tried_on = fields.Date("Last try", readonly=True)

    _waiting_idx = models.Index(
        "(company_id, id) WHERE kind = 'scheduled' AND state = 'draft'"
    )

    # ------------------------------------------------------------------
    # Job
    # ------------------------------------------------------------------

    @api.model
    def _cron_send_scheduled(self):
        """Begin the statements that are due, and write those that wait."""
        # sudo: the engine itself; it runs as no particular person
        self_sudo = self.sudo()
        for company in self.env["res.company"]._o2c_roots():
            if not self_sudo._is_time(company):
                continue
            if not (self_sudo._plan_all(company) and self_sudo._write_all(company)):
                return  # out of time: the job is called again and goes on here

    @api.model
    def _is_time(self, company):
        """After today's letters, which go first on the same day, and if allowed."""
        if not company.o2c_sending or not company.active:
            return False
        zoned = self.with_context(tz=company._o2c_zone().zone)
        now = fields.Datetime.context_timestamp(zoned, fields.Datetime.now())
        runs = self.env["o2c.chase.run"]
        return now.hour >= NIGHTLY_HOUR and not runs._nightly_is_due(company)

    def _commit(self, done):
        """Tell the scheduler; whether there is time left."""
        if not self.env.context.get("ir_cron_progress_id"):
            return True
        return bool(self.env["ir.cron"]._commit_progress(done))

    # ------------------------------------------------------------------
    # Plan
    # ------------------------------------------------------------------

    @api.model
    def _plan_all(self, company):
        """Begin statements for all customers of a company, in batches.

        :return: False when the job's time was up
        """
        for frequency, period in due_periods(company._o2c_today()).items():
            last, found = 0, True
            while found:
                last, found = in_new_transaction(
                    self.env,
                    lambda env, last=last, frequency=frequency, period=period: (
                        _statements(env)._plan_batch(
                            company.id, frequency, period, last
                        )
                    ),
                )
                if found and not self._commit(found):
                    return False
        return True

    @api.model
    def _plan_batch(self, company_id, frequency, period, after):
        """Begin the statements of the next customers.

        :param after: the last account looked at
        :return: (last account looked at, number of accounts looked at)
        """
        if not try_lock(self.env.cr, LOCK, company_id):
            return after, 0  # another worker is at it
        mine = [
            ("kind", "=", "scheduled"),
            ("period", "=", period.code),
            ("is_merged", "=", False),
        ]
        debtors = self.env["o2c.debtor"].search(
            [
                ("id", ">", after),
                ("company_id", "=", company_id),
                ("statement_frequency_effective", "=", frequency),
                ("statement_ids", "not any", mine),
            ],
            order="id",
            limit=DEBTORS_PER_BATCH,
        )
        if not debtors:
            return after, 0
        moved = debtors._statement(period.last, period.first, "activity")
        worth = debtors.filtered(
            lambda debtor: any(
                section["lines"] or section["closing"]
                for section in moved[debtor.id]["currencies"]
            )
        )
        self._begin(worth, period)
        return debtors[-1].id, len(debtors)

    @api.model
    def _begin(self, debtors, period):
        """Insert the rows of a period; of two workers one inserts each."""
        if not debtors:
            return
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO o2c_statement (debtor_id, company_id, kind, period, as_of,
                    form, state, is_merged, asks_confirmation,
                    create_uid, write_uid, create_date, write_date)
                SELECT debtor.id, debtor.company_id, 'scheduled', %s, %s,
                       'open_item', 'draft', FALSE, FALSE, %s, %s, %s, %s
                  FROM o2c_debtor debtor WHERE debtor.id = ANY(%s) ORDER BY debtor.id
                ON CONFLICT DO NOTHING
                """,
                period.code,
                period.last,
                self.env.uid,
                self.env.uid,
                now,
                now,
                debtors.ids,
            ),
            log_exceptions=False,
        )

    # ------------------------------------------------------------------
    # Write
    # ------------------------------------------------------------------

    @api.model
    def _write_all(self, company):
        """Write the messages of what waits, a transaction each.

        :return: False when the job's time was up
        """
        last = 0
        try:
            while ids := in_new_transaction(
                self.env,
                lambda env, last=last: _statements(env)._next_waiting(company.id, last),
            ):
                for last in ids:
                    self._write_safely(last)
                    if not self._commit(1):
                        return False
            return True
        finally:
            self.env["o2c.chase.message"]._trigger_sending()

    @api.model
    def _next_waiting(self, company_id, after):
        """Ids of the next statements to write."""
        domain = self._waiting_domain(self.env["res.company"].browse(company_id))
        domain += [("id", ">", after)]
        return self.search(domain, order="id", limit=DEBTORS_PER_BATCH).ids

    def _waiting_domain(self, company):
        today = company._o2c_today()
        living = [("state", "!=", "cancelled")]
        return [
            ("company_id", "=", company.id),
            ("kind", "=", "scheduled"),
            ("state", "=", "draft"),
            ("is_merged", "=", False),
            ("message_ids", "not any", living),
            "|",
            ("tried_on", "=", False),
            ("tried_on", "<", today),
        ]

    @api.model
    def _write_safely(self, statement_id):
        """Write one; what goes wrong with it stays with it, and says whose it is."""

        def write(env):
            _statements(env).browse(statement_id)._write_one()

        def note(env, words):
            statement = _statements(env).browse(statement_id)
            statement._wait("perform_error", words)

        try:
            in_new_transaction(self.env, write)
        except Exception as error:  # one bad customer never stops the job
            _logger.info("Statement %s: %s", statement_id, error, exc_info=True)
            words = str(error).strip() or type(error).__name__
            in_new_transaction(self.env, lambda env: note(env, words))

    def _write_one(self):
        """Write the message, or note why it waits."""
        due = self.try_lock_for_update()
        if not due.filtered_domain(self._waiting_domain(self.company_id)):
            return
        today = self.company_id._o2c_today()
        if is_over(self.period, self.as_of, today):
            self._set_skipped("too_old")
            return
        recipient = self.debtor_id._statement_recipients()[self.debtor_id.id]
        reason = self._obstacle(recipient, today)
        if reason:
            self._wait(reason)
            return
        message = self.env["o2c.chase.message"]._write_statement(self, recipient)
        if message:
            self.write({"tried_on": today, "reason": False, "error": False})
        else:
            self._wait("already_today")

    def _obstacle(self, recipient, today):
        """The first reason that speaks against writing today; False if none does."""
        debtor = self.debtor_id
        if not debtor.partner_id.active:
            return "archived"
        if debtor.paused_until and debtor.paused_until >= today:
            return "paused_until"
        if debtor._is_shadow():
            return "not_in_pilot"
        if not self.company_id.partner_id.email_normalized:
            return "no_sender"
        return self.env["o2c.chase.message"]._address_problem(debtor, recipient)

    def _wait(self, reason, error=False):
        """Try again on another day; a person is told once of what he can mend."""
        is_news = self.reason != reason
        # what is only out of date is made anew with the next round of the job
        today = reason not in MADE_ANEW and self.company_id._o2c_today()
        self.write({"reason": reason, "error": error, "tried_on": today})
        if is_news:
            self.env["o2c.event"]._record(
                "statement_waits", self, {"reason": reason, "error": error or ""}
            )
        if is_news and reason in NEED_PERSON:
            self._ask_person()

    def _ask_person(self):
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        debtor = self.debtor_id
        debtor.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Statement %s was not sent", self.period),
            note=": ".join(filter(None, [reasons[self.reason], self.error])),
            date_deadline=self.company_id._o2c_today(),
            user_id=debtor._responsible().id,
        )

    def _set_skipped(self, reason):
        """It is not sent any more."""
        waiting = self.filtered(lambda statement: statement.state == "draft")
        waiting.write({"state": "skipped", "reason": reason})
        self.env["o2c.event"]._record("statement_skipped", waiting, {"reason": reason})

    def action_open_messages(self):
        """The e-mails of a scheduled statement."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_collections.o2c_chase_message_action"
        )
        action["domain"] = [("statement_id", "=", self.id)]
        return action


def _statements(env):
    return env["o2c.statement"].sudo()
