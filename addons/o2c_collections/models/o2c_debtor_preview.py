from odoo import fields, models

from .o2c_chase_plan_preview import ITEMS_MAX


class O2cDebtor(models.Model):
    """The letter of a plan's level to this customer, for a look at it."""

    _inherit = "o2c.debtor"

    def _preview_letter(self, template, before_due):
        """Write a letter in a transaction that its caller undoes.

        :param template: mail.template
        :param before_due: whether it is about what is not due yet
        :return: dict of ``subject, body, problem``
        """
        self.ensure_one()
        # sudo: messages and steps are the engine's; all of this is undone
        message_sudo = self.env["o2c.chase.message"].sudo()
        message_sudo = message_sudo.create(
            {
                "debtor_id": self.id,
                "company_id": self.company_id.id,
                "partner_id": self.partner_id.id,
                "recipient": "preview",
                "date": self.company_id.sudo()._o2c_today(),
                "is_merged": True,  # takes nobody's place as the message of the day
            }
        )
        steps_sudo = self.env["o2c.chase.action"].sudo()
        if before_due:
            steps_sudo = steps_sudo.create(
                [self._preview_step(item) for item in self._items_not_due()]
            )
        figures = message_sudo._prepare_figures(steps_sudo)
        if not figures["items"] or before_due and not steps_sudo:
            return {"problem": self._nothing_to_preview(before_due)}
        language = message_sudo._choose_language()
        message_sudo.write({"figures": figures, "language": language})
        subject, body = message_sudo._render_letter(template, language)
        page = message_sudo._lay_out(body, subject, language)
        return {"subject": subject, "body": str(page)}

    def _items_not_due(self):
        return self.env["o2c.open.item"].search(
            [
                ("debtor_id", "=", self.id),
                ("partner_id", "=", self.partner_id.id),
                ("days_overdue", "=", 0),
                ("amount_collectable", ">", 0),
                ("no_followup", "=", False),
            ],
            order="date_maturity, id",
            limit=ITEMS_MAX,
        )

    def _preview_step(self, item):
        return {
            "debtor_id": self.id,
            "item_id": item.move_line_id.id,
            "channel": "email",
            "state": "cancelled",
            "date_due": fields.Date.today(),
        }

    def _nothing_to_preview(self, before_due):
        name = self.display_name
        if before_due:
            return self.env._("%s has no open invoice that is not due yet.", name)
        return self.env._("%s owes nothing that is overdue.", name)
