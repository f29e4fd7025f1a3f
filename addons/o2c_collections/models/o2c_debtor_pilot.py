from odoo import api, fields, models


class O2cDebtor(models.Model):
    """Who takes part in the pilot: while one is on, nobody else is contacted."""

    _inherit = "o2c.debtor"

    is_pilot = fields.Boolean(
        "Invited",
        tracking=True,
        help="Takes part in the pilot. While the company runs one, only invited "
        "customers are contacted; for the others it is listed what would have been "
        "sent.",
    )
    is_company_pilot = fields.Boolean(related="company_id.o2c_pilot")

    @api.model
    def _user_fields(self):
        return super()._user_fields() | {"is_pilot"}

    def _is_shadow(self):
        """Whether this customer must not be contacted by the engine: not invited."""
        self.ensure_one()
        # sudo: a user of a branch may not read its root company
        return self.company_id.sudo().o2c_pilot and not self.is_pilot

    def action_invite(self):
        """Let these customers take part in the pilot."""
        return self._set_pilot(True)

    def action_withdraw(self):
        """Let these customers take part in the pilot no more."""
        return self._set_pilot(False)

    def _set_pilot(self, is_pilot):
        self.check_access("write")
        changed = self.filtered(lambda debtor: bool(debtor.is_pilot) != is_pilot)
        changed.write({"is_pilot": is_pilot})
        self.env["o2c.event"]._record(
            "pilot_invited" if is_pilot else "pilot_withdrawn", changed
        )
        changed.sudo()._note_decision()  # sudo: the engine's field
        message = self.env._(
            "Changed: %(changed)s of %(all)s customers; the others were so already.",
            changed=len(changed),
            all=len(self),
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
