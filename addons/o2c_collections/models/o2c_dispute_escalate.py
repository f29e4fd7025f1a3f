import logging

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.o2c_base.tools.transaction import RETRIABLE

from ..domain.dispute import OPEN_STATES

_logger = logging.getLogger(__name__)

#: Disputes looked at in one transaction of the job.
PER_BATCH = 100
#: Nobody waits longer than this for a customer's answer.
WAIT_DAYS_MAX = 30
#: What was decided is booked within this time.
BOOK_DAYS_MAX = 14
#: Who was told last is told again after so many days.
REMIND_DAYS = 30
#: First the manager of the reason, then a manager of Receivables.
LEVEL_MAX = 2


class O2cDispute(models.Model):
    """The job: disputes that settled themselves are closed, late ones are escalated."""

    _inherit = "o2c.dispute"

    escalation_level = fields.Integer(
        "Escalated",
        readonly=True,
        help="How often it was escalated because nobody answered.",
    )
    escalated_to_id = fields.Many2one(
        "res.users",
        "Escalated to",
        readonly=True,
        ondelete="set null",
        help="May see the dispute, as its owner does.",
    )
    date_escalation = fields.Datetime(
        "Next escalation",
        readonly=True,
        help="After the first one there is as much time again as at the beginning.",
    )

    @api.model
    def _cron_look_after(self):
        """Close what settled itself, go on without an answer, escalate what is late."""
        for domain, method in (
            (self._settled_domain(), "_close_settled"),
            (self._silent_domain(), "_go_on_without_answer"),
            (self._escalation_domain(), "_escalate"),
        ):
            if not self._do_in_batches(domain, method):
                return

    @api.model
    def _do_in_batches(self, domain, method):
        """Call a method on each dispute of a domain; a bad one stops no other.

        :return: whether there was time for all of them
        """
        last = 0
        while True:
            batch = self.search(
                domain & Domain("id", ">", last), order="id", limit=PER_BATCH
            )
            if not batch:
                return True
            last = batch[-1].id
            for dispute in batch.try_lock_for_update():
                dispute._try(method)
            more = self.search_count(domain & Domain("id", ">", last))
            if not self.env["ir.cron"]._commit_progress(len(batch), remaining=more):
                return False

    def _try(self, method):
        try:
            with self.env.cr.savepoint():
                getattr(self, method)()
        except RETRIABLE:
            raise
        except Exception:
            _logger.exception("Dispute %s: %s failed", self.id, method)

    # ------------------------------------------------------------------
    # The customer does not answer
    # ------------------------------------------------------------------

    @api.model
    def _silent_domain(self):
        since = fields.Datetime.subtract(fields.Datetime.now(), days=WAIT_DAYS_MAX)
        return Domain("state", "=", "waiting") & Domain("waiting_since", "<", since)

    def _go_on_without_answer(self):
        """The clock goes on, so that the dispute ends or is escalated."""
        self.message_post(
            body=self.env._(
                "The customer has not answered in %s days: decide without.",
                WAIT_DAYS_MAX,
            )
        )
        self.action_go_on()

    # ------------------------------------------------------------------
    # Escalation
    # ------------------------------------------------------------------

    @api.model
    def _escalation_domain(self):
        """Not answered in time, or decided and not booked: nothing rests for ever."""
        now = fields.Datetime.now()
        since = fields.Datetime.subtract(now, days=BOOK_DAYS_MAX)
        unanswered = Domain("outcome", "=", False) & Domain("date_deadline", "<", now)
        unbooked = Domain("outcome", "!=", False) & Domain("date_decided", "<", since)
        return (
            Domain("state", "=", "open")
            & (unanswered | unbooked)
            & (
                Domain("date_escalation", "=", False)
                | Domain("date_escalation", "<", now)
            )
        )

    def _escalate(self):
        """Tell the next one; the last one is told again each month."""
        self.ensure_one()
        level = min(self.escalation_level + 1, LEVEL_MAX)
        manager = self._escalation_user(level)
        self.write(
            {
                "escalation_level": level,
                "escalated_to_id": manager.id,
                "date_escalation": self._next_escalation(),
            }
        )
        if manager:
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                date_deadline=self.company_id._o2c_today(),
                summary=self.env._("What was decided is not booked yet")
                if self.outcome
                else self.env._("Nobody has answered this dispute in time"),
                note=self.env._(
                    "Owner: %(owner)s", owner=self.owner_id.name or self.env._("nobody")
                ),
                user_id=manager.id,
            )
        self._record_event("dispute_escalated", level=level, to=manager.name or "")

    def _next_escalation(self):
        """After the first one as much time again as to answer, then a month."""
        if self.escalation_level:
            return fields.Datetime.add(fields.Datetime.now(), days=REMIND_DAYS)
        return self._after_hours(self.reason_id.deadline_hours)

    def _escalation_user(self, level):
        """The manager of the reason first, then one of Receivables."""
        manager = self.reason_id._find_user("manager_id", self.company_id)
        if level == 1 and manager:
            return manager
        managers = self.env.ref("o2c_base.group_manager").all_user_ids
        robot = self.env.ref("base.user_root")
        return managers.filtered(
            lambda user: (
                user.active
                and not user.share
                and user not in (robot, manager)
                and self.company_id in user.company_ids
            )
        ).sorted("id")[:1]

    # ------------------------------------------------------------------
    # What settled itself
    # ------------------------------------------------------------------

    @api.model
    def _settled_domain(self):
        gone = Domain("move_id.state", "=", "cancel")
        paid = Domain("move_id.state", "=", "posted") & Domain(
            "move_id.amount_residual", "=", 0
        )
        return Domain("state", "in", OPEN_STATES) & (gone | paid)

    def _close_settled(self):
        """Close a dispute about an invoice of which nothing is open any more."""
        self.ensure_one()
        move = self.move_id
        if move.state == "cancel":
            self._close(
                "accepted", "cancelled", self.env._("The invoice is cancelled.")
            )
        elif move.payment_state == "reversed":
            self._close(
                "accepted", "credit", self.env._("The invoice was credited in full.")
            )
        else:
            self._close(
                "withdrawn",
                "paid",
                self.env._("Nothing of the invoice is open any more: it was paid."),
            )
