from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..domain.pause import PAUSE_DAYS_MAX, obstacle


class O2cDebtor(models.Model):
    """Pausing the chase of one customer: always with an end, a reason and a name."""

    _inherit = "o2c.debtor"

    pause_reason = fields.Char(readonly=True, help="Why the customer is left alone.")
    paused_by_id = fields.Many2one(
        "res.users", "Paused by", readonly=True, ondelete="set null"
    )
    is_paused = fields.Boolean("Paused now", compute="_compute_is_paused")

    @api.depends("paused_until")
    def _compute_is_paused(self):
        for debtor in self:
            # sudo: a user of a branch may not read its root company
            today = debtor.company_id.sudo()._o2c_today()
            debtor.is_paused = bool(
                debtor.paused_until and debtor.paused_until >= today
            )

    def _standing(self):
        """EXTENDS o2c_base: a pause is what salespeople should know of."""
        if self.is_paused:
            day = format_date(self.env, self.paused_until)
            return self.env._("Paused until %(date)s", date=day)
        return super()._standing()

    def action_pause(self):
        """Leave the customer alone for a while: opens the dialog."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pause until"),
            "res_model": "o2c.debtor.pause",
            "view_mode": "form",
            "target": "new",
            "context": {"default_debtor_id": self.id},
        }

    def action_resume(self):
        """Contact the customers again from now on."""
        self.check_access("write")
        paused = self.filtered("is_paused")
        # sudo: the pause has this gate as its keeper
        paused.sudo().write(
            {"paused_until": False, "pause_reason": False, "paused_by_id": False}
        )
        for debtor in paused:
            debtor._post_note(self.env._("Contact goes on: the pause has ended."))
        self.env["o2c.event"]._record("debtor_resumed", paused)
        paused.sudo()._note_decision()  # sudo: the engine's field
        return True

    def _pause(self, until, reason):
        """Leave these customers alone, up to and including a day.

        :param until: date, at most 90 days ahead
        :param reason: text, shown on the account
        """
        self.check_access("write")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the customer is to be left alone."))
        for debtor in self:
            debtor._check_pause(until)
        # sudo: the pause has this gate as its keeper
        self.sudo().write(
            {
                "paused_until": until,
                "pause_reason": reason.strip(),
                "paused_by_id": self.env.uid,
            }
        )
        for debtor in self:
            debtor._post_note(self.env._("Paused: %(reason)s", reason=reason.strip()))
        self.env["o2c.event"]._record(
            "debtor_paused",
            self,
            {"until": fields.Date.to_string(until), "reason": reason.strip()},
        )
        self.sudo()._note_decision()  # sudo: the engine's field

    def _check_pause(self, until):
        # sudo: a user of a branch may not read its root company
        today = self.company_id.sudo()._o2c_today()
        why = obstacle(until, today)
        if why == "past":
            raise UserError(
                self.env._("A pause ends today or later: choose another day.")
            )
        if why == "too_long":
            raise UserError(
                self.env._(
                    "A pause is at most %(days)s days long: choose a day up to "
                    "%(date)s. It can be renewed then.",
                    days=PAUSE_DAYS_MAX,
                    date=format_date(self.env, today + timedelta(days=PAUSE_DAYS_MAX)),
                )
            )

    def _post_note(self, text):
        self.message_post(body=text, subtype_xmlid="mail.mt_note")
