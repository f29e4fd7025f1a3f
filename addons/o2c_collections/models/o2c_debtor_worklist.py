from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..domain.worklist import SNOOZE_DAYS_MAX, snooze_obstacle


class O2cDebtor(models.Model):
    """What the worklist needs to know: the last contact, and whether to wait.

    A snoozed customer is off the worklist until a day. His chase plan goes on.
    """

    _inherit = "o2c.debtor"

    contact_date = fields.Date(
        "Last contact on",
        readonly=True,
        help="Last day on which somebody called, wrote, or heard from the customer. "
        "Reminders by the plan are dated by their level.",
    )
    snoozed_until = fields.Date(
        readonly=True,
        help="Off the worklist until this day; reminders of the plan go on.",
    )
    snoozed_by_id = fields.Many2one(
        "res.users", "Snoozed by", readonly=True, ondelete="set null"
    )
    snooze_note = fields.Char("Snoozed because", readonly=True)
    is_snoozed = fields.Boolean("Snoozed now", compute="_compute_is_snoozed")
    snooze_text = fields.Char("Off the worklist", compute="_compute_is_snoozed")

    @api.depends("snoozed_until", "snoozed_by_id", "snooze_note")
    @api.depends_context("lang")
    def _compute_is_snoozed(self):
        for debtor in self:
            # sudo: a user of a branch may not read its root company
            today = debtor.company_id.sudo()._o2c_today()
            debtor.is_snoozed = bool(
                debtor.snoozed_until and debtor.snoozed_until > today
            )
            debtor.snooze_text = debtor.is_snoozed and " ".join(
                [
                    debtor._snooze_words(),
                    self.env._(
                        "Reminders of the plan go on, and what fails shows all the "
                        "same; calls wait until then."
                    ),
                ]
            )

    # ------------------------------------------------------------------
    # Last contact
    # ------------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_values):
        """EXTENDS mail: note the day of a call, a mail to or from the customer."""
        result = super()._message_post_after_hook(message, msg_values)
        if self._is_contact(message.sudo()):  # sudo: who wrote it, nothing is shown
            # sudo: the day has this keeper; the root company may be closed to the user
            debtor_sudo = self.sudo()
            debtor_sudo.contact_date = debtor_sudo.company_id._o2c_today()
        return result

    def _is_contact(self, message):
        """Whether a message on the timeline went to the customer or came from him."""
        call = self.env["ir.model.data"]._xmlid_to_res_id("o2c_base.mt_call")
        is_call = (
            message.subtype_id.id == call
            or message.mail_activity_type_id.category == "phonecall"
        )
        is_mail = message.message_type == "email"
        people = message.author_id if is_mail else message.partner_ids
        # sudo: the contact may be another branch's
        return is_call or self.sudo().partner_id in people.commercial_partner_id

    # ------------------------------------------------------------------
    # Snooze
    # ------------------------------------------------------------------

    def _snooze(self, until, note=None):
        """Take these customers off the worklist until a day.

        :param until: date, tomorrow at the earliest, at most 90 days ahead
        :param note: why, as text
        """
        self.check_access("write")
        for debtor in self:
            debtor._check_snooze(until)
        note = (note or "").strip()
        # sudo: snoozing has this gate as its keeper
        self.sudo().write(
            {
                "snoozed_until": until,
                "snoozed_by_id": self.env.uid,
                "snooze_note": note or False,
            }
        )
        for debtor in self:
            debtor._post_note(debtor._snooze_words())
        payload = {"until": fields.Date.to_string(until), "note": note}
        self.env["o2c.event"]._record("debtor_snoozed", self, payload)
        self._announce()

    def _snooze_words(self):
        values = {
            "date": format_date(self.env, self.snoozed_until),
            "user": self.sudo().snoozed_by_id.name,  # sudo: of any company
            "note": self.snooze_note,
        }
        if self.snooze_note:
            return self.env._(
                "Off the worklist until %(date)s, by %(user)s: %(note)s.", **values
            )
        return self.env._("Off the worklist until %(date)s, by %(user)s.", **values)

    def _check_snooze(self, until):
        # sudo: a user of a branch may not read its root company
        today = self.company_id.sudo()._o2c_today()
        why = snooze_obstacle(until, today)
        if why == "past":
            raise UserError(
                self.env._("Choose a later day: on it the customer comes back.")
            )
        if why == "too_long":
            raise UserError(
                self.env._(
                    "A customer may be off the worklist for at most %(days)s days: "
                    "choose a day up to %(date)s.",
                    days=SNOOZE_DAYS_MAX,
                    date=format_date(self.env, today + timedelta(days=SNOOZE_DAYS_MAX)),
                )
            )

    def action_wake(self):
        """Put the customers back on the worklist now."""
        self.check_access("write")
        snoozed = self.filtered("is_snoozed")
        # sudo: snoozing has this gate as its keeper
        snoozed.sudo().write(
            {"snoozed_until": False, "snoozed_by_id": False, "snooze_note": False}
        )
        for debtor in snoozed:
            debtor._post_note(self.env._("Back on the worklist."))
        self.env["o2c.event"]._record("debtor_woken", snoozed)
        snoozed._announce()
        return True

    def action_snooze(self):
        """Take the customer off the worklist for a while: opens the dialog."""
        self.check_access("write")
        return self.env["o2c.worklist.batch"]._open("snooze", self)

    # ------------------------------------------------------------------
    # Merging
    # ------------------------------------------------------------------

    def _merge_into(self, target):
        """EXTENDS o2c_base: the later contact counts, and nobody stays snoozed."""
        result = super()._merge_into(target)
        days = (self | target).mapped("contact_date")
        target.write(
            {
                "contact_date": max(filter(None, days), default=False),
                "snoozed_until": False,
                "snoozed_by_id": False,
                "snooze_note": False,
            }
        )
        return result
