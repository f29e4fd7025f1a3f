from odoo import fields, models
from odoo.exceptions import UserError

from .o2c_chase_action import PENDING

#: Channels whose messages a person may read first; letters he prints himself.
REVIEWED = ("email", "sms")
#: Steps that a click may approve: each message is written at once.
APPROVE_MAX = 200


class O2cChaseAction(models.Model):
    """Steps whose message a person reads before it is sent.

    No message exists until it is approved: it is written then, on the facts of that
    moment, with the person's own words where he changed them.
    """

    _inherit = "o2c.chase.action"

    reviewed_by_id = fields.Many2one(
        "res.users", "Approved by", readonly=True, ondelete="set null"
    )
    reviewed_channel = fields.Char(
        readonly=True, help="The channel whose message was approved."
    )
    review = fields.Json(
        "Reviewed text",
        readonly=True,
        help="The words as approved, and the open amounts they speak of.",
    )
    collector_id = fields.Many2one(
        "res.users",
        "Collector then",
        readonly=True,
        ondelete="set null",
        help="Whose customer it was when the step was done.",
    )

    _review_idx = models.Index(
        "(debtor_id) WHERE state IN ('to_review', 'failed', 'unknown')"
    )

    def _pass_done(self):
        """EXTENDS o2c_collections: note whose customer it was."""
        pending = self.filtered(lambda action: action.state in PENDING)
        for collector, actions in pending.grouped(
            lambda action: action.debtor_id.collector_id
        ).items():
            actions.collector_id = collector
        return super()._pass_done()

    # ------------------------------------------------------------------
    # Into review, and out of it
    # ------------------------------------------------------------------

    def _perform_channel(self, channel, items=None):
        """EXTENDS o2c_collections: hold back what a person has to read first."""
        held = self.browse()
        if channel in REVIEWED:
            held = self.filtered(lambda action: action._waits_for_review())
            held._set_to_review()
        others = self - held
        # Words that a person approved go alone: he has read no others.
        worded = others.filtered(lambda action: action._own_words(channel))
        for action in worded.sorted("level", reverse=True):
            super(O2cChaseAction, action)._perform_channel(channel)
        others -= worded
        if not others:
            return None
        known = items if others == self else None
        return super(O2cChaseAction, others)._perform_channel(channel, known)

    def _is_plain_email(self):
        """EXTENDS o2c_collections: nor does anybody read them first."""
        is_read = any(step.step_id.needs_review or step.reviewed_by_id for step in self)
        return not is_read and super()._is_plain_email()

    def _own_words(self, channel):
        """The words a person approved for this channel; None: the plan's own."""
        is_theirs = (self.reviewed_channel or "email") == channel in REVIEWED
        return self.review if self.reviewed_by_id and is_theirs else None

    def _waits_for_review(self):
        """Not approved yet for this channel, or with words about other figures."""
        if not self.step_id.needs_review:
            return False
        if not self.reviewed_by_id or (
            (self.reviewed_channel or "email") != self.channel
        ):
            return True
        return bool(self.review) and self.review["figures"] != self._figures_now()

    def _figures_now(self):
        """The open amounts a message would speak of, as JSON keeps them."""
        messages = self.env["o2c.chase.message"]
        items = self.debtor_id._chase_items(self)[self.debtor_id.id]
        figures = messages._open_figures(items)
        return {str(line_id): amount for line_id, amount in figures.items()}

    def _set_to_review(self):
        """The message waits until a person has read it."""
        moved = self._move(
            {"planned"},
            {"state": "to_review", "reviewed_by_id": False, "review": False},
        )
        self.env["o2c.event"]._record("step_to_review", moved)
        moved.debtor_id._announce()

    def _approve(self, review=None):
        """A person has read them: write and send what still holds.

        :param review: the words and ``figures``, see ``o2c.chase.review._words``;
            None: the plan's own words
        :return: dict of steps that are not sent now to the reason, as text
        """
        self._check_may_decide()
        if len(self) > APPROVE_MAX:
            raise UserError(
                self.env._("Approve at most %s messages at a time.", APPROVE_MAX)
            )
        # sudo: state is written by the gate alone, and performed by the engine
        actions_sudo = self.sudo().try_lock_for_update()
        approved_sudo = actions_sudo._move(
            {"to_review"},
            {"state": "planned", "reviewed_by_id": self.env.uid, "review": review},
        )
        for channel, steps_sudo in approved_sudo.grouped("channel").items():
            steps_sudo.reviewed_channel = channel
        self.env["o2c.event"]._record("step_approved", approved_sudo)
        approved_sudo._perform()
        self.env["o2c.chase.message"]._trigger_sending()
        self.debtor_id._announce()
        return {action: why for action in self if (why := action._not_sent_text())}

    def _not_sent_text(self):
        """Why an approved step is not on its way, as text; empty if it is."""
        if self.state in ("queued", "done"):
            return ""
        if self.state == "to_review":
            return self.env._("it changed meanwhile: look at it again")
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        return reasons.get(self.reason) or self.env._("it was decided meanwhile")

    def _pass_over(self):
        """A person decides that this message is not sent; its level counts."""
        self._check_may_decide()
        # sudo: state is written by the gate alone
        waiting_sudo = self.sudo().filtered(lambda step: step.state == "to_review")
        self.env["o2c.event"]._record("step_passed_over", waiting_sudo)
        waiting_sudo._set_done()
        waiting_sudo.debtor_id._announce()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_review(self):
        """Read the message, and change its words: opens the dialog."""
        self.ensure_one()
        self._check_may_decide()
        return self.env["o2c.chase.review"]._open(self)
