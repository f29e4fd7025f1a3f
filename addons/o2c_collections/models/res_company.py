from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: Fields of the gate that keeps chasing switched off until a preview was seen.
GATED = {"o2c_sending", "o2c_preview_seen_at", "o2c_preview_seen_by"}


class ResCompany(models.Model):
    _inherit = "res.company"

    o2c_sending = fields.Boolean(
        "Chase customers",
        readonly=True,
        copy=False,
        help="Off after installation: runs decide and count, but nobody is contacted "
        "until a manager has looked at the preview and switched this on.",
    )
    o2c_preview_seen_at = fields.Datetime("Preview seen", readonly=True, copy=False)
    o2c_preview_seen_by = fields.Many2one(
        "res.users", "Preview seen by", readonly=True, copy=False
    )

    o2c_pilot = fields.Boolean(
        "Pilot",
        copy=False,
        help="Only customers invited to the pilot are contacted. For the others it is "
        "listed what would have been sent.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """EXTENDS base: a company begins with sending switched off."""
        for vals in vals_list:
            self._o2c_check_gate(vals)
        return super().create(vals_list)

    def write(self, vals):
        """EXTENDS base: sending is switched by its gate, not by a plain write."""
        self._o2c_check_gate(vals)
        before = {company: company.o2c_pilot for company in self.sudo()}
        result = super().write(vals)
        if "o2c_pilot" in vals:
            for company, was_pilot in before.items():
                if company.o2c_pilot != was_pilot:
                    kind = "pilot_on" if company.o2c_pilot else "pilot_off"
                    self.env["o2c.event"]._record(kind, company)
        return result

    @api.model
    def _o2c_check_gate(self, vals):
        if GATED & vals.keys() and not self.env.su:
            raise AccessError(
                self.env._("Use the preview to switch chasing on, or the run list.")
            )

    def _o2c_note_preview(self):
        """Note that a person looks at what would be sent."""
        for company in self:
            # sudo: the gate's own fields, written for whoever may see the preview
            company.sudo().write(
                {
                    "o2c_preview_seen_at": fields.Datetime.now(),
                    "o2c_preview_seen_by": self.env.uid,
                }
            )

    def _o2c_set_sending(self, on):
        """Switch chasing on or off for root companies.

        :raise UserError: when nobody has looked at the preview yet
        """
        for company in self:
            if on and not company.o2c_preview_seen_at:
                raise UserError(
                    self.env._(
                        "Look at the preview of %s first: it shows who would be "
                        "contacted.",
                        company.name,
                    )
                )
            if company.o2c_sending == on:
                continue
            company.sudo().o2c_sending = on  # sudo: the gate's own field
            kind = "sending_on" if on else "sending_off"
            self.env["o2c.event"]._record(kind, company)
