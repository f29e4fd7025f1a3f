from odoo import api, fields, models
from odoo.exceptions import ValidationError

PAUSE_DAYS_MAX = 30


class ResCompany(models.Model):
    """Where customers answer to, and what follows when they do."""

    _inherit = "res.company"

    o2c_reply_pause_days = fields.Integer(
        "Rest after a reply",
        default=3,
        help="Working days of the company's calendar, without its holidays, for which "
        "a customer is not chased once he has replied.",
    )
    o2c_alias_id = fields.Many2one(
        "mail.alias", "Address for replies", readonly=True, copy=False
    )
    o2c_alias_name = fields.Char(
        "Receivables address",
        compute="_compute_o2c_alias_name",
        inverse="_inverse_o2c_alias_name",
        help="Answers to reminders go to this address, at the company's alias domain. "
        "What has lost its thread finds its customer there by the sender.",
    )
    o2c_owner_id = fields.Many2one(
        "res.users",
        "Watches over receivables",
        domain=[("share", "=", False)],
        copy=False,
        help="Gets an activity when something is stuck, failed, or belongs to nobody.",
    )

    @api.constrains("o2c_reply_pause_days")
    def _check_o2c_reply_pause_days(self):
        for company in self:
            if not 0 <= company.o2c_reply_pause_days <= PAUSE_DAYS_MAX:
                raise ValidationError(
                    self.env._(
                        "After a reply the chase rests for 0 to %(days)s working days.",
                        days=PAUSE_DAYS_MAX,
                    )
                )

    @api.depends("o2c_alias_id.alias_name")
    def _compute_o2c_alias_name(self):
        for company in self:
            # sudo: a name, for people who configure receivables
            company.o2c_alias_name = company.sudo().o2c_alias_id.alias_name

    def _inverse_o2c_alias_name(self):
        """Make, rename or remove the address; one per company."""
        # sudo: whoever may write the company decides on its address
        aliases_sudo = self.env["mail.alias"].sudo()
        model = self.env["ir.model"]._get_id("o2c.debtor")
        for company in self.sudo():
            name = (company.o2c_alias_name or "").strip()
            if not name:
                company.o2c_alias_id.unlink()
                continue
            values = {
                "alias_name": name,
                "alias_domain_id": company.alias_domain_id.id,
                "alias_model_id": model,
                "alias_defaults": repr({"company_id": company.id}),
                "alias_contact": "everyone",
            }
            if company.o2c_alias_id:
                company.o2c_alias_id.write(values)
            else:
                company.o2c_alias_id = aliases_sudo.create(values)

    def _o2c_owner(self):
        """Who watches over a company's receivables, in superuser mode.

        The one named, else who switched the chase on, else the first manager there is.
        """
        self.ensure_one()
        company_sudo = self.sudo()  # sudo: names of people, for tasks of the engine
        for person in company_sudo.o2c_owner_id + company_sudo.o2c_preview_seen_by:
            has_role = person.has_group("o2c_base.group_collector") or person.has_group(
                "o2c_base.group_credit_manager"
            )
            if person.active and has_role and company_sudo in person.company_ids:
                return person
        managers = self.env["res.users"].sudo()
        return managers.search(
            [
                ("all_group_ids", "in", self.env.ref("o2c_base.group_manager").ids),
                ("company_ids", "in", self.ids),
                ("share", "=", False),
            ],
            order="id",
            limit=1,
        )
