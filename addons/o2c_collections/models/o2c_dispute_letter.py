from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .o2c_chase_message_letter import PAGE, address_lines
from .o2c_dispute_conversation import ANSWER


class O2cDispute(models.Model):
    """The answer on paper: a page like any letter, kept with the printed letters."""

    _inherit = "o2c.dispute"

    def action_print_answer(self):
        """The decision as a letter to the customer; printed again, it is made anew."""
        self.ensure_one()
        self.check_access("write")
        if not self.outcome or not self.answer:
            raise UserError(
                self.env._("Decide the dispute with an answer first: that is printed.")
            )
        # sudo: whoever answers need have no role in Receivables
        batch_sudo = self.env["o2c.chase.letter.batch"].sudo()
        batch_sudo = batch_sudo._keep_page(
            self.sudo().debtor_id.company_id, self._answer_page()
        )
        [copied] = batch_sudo.attachment_id.copy(
            {"res_model": self._name, "res_id": self.id}
        )
        self.message_post(
            body=self.env._("The answer was printed as a letter."),
            attachment_ids=copied.ids,
            subtype_xmlid="mail.mt_note",
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{copied.id}?download=true",
            "target": "self",
        }

    def _answer_page(self):
        """The page of the letter, in the customer's language."""
        dispute_sudo = self.sudo()  # sudo: addresses, and the template of the answer
        customer, company = dispute_sudo.partner_id, dispute_sudo.company_id
        person = dispute_sudo.move_id.partner_id or customer
        language = customer.lang or self.env.lang
        template_sudo = self.env.ref(ANSWER).sudo().with_context(o2c_letter=True)
        fields_wanted = {"subject", "body_html"}
        texts = template_sudo._generate_template(self.ids, fields_wanted)[self.id]
        day = format_date(self.env, company._o2c_today(), lang_code=language)
        address = address_lines(person._display_address(without_company=True))
        values = {
            "language": language,
            "company": company,
            "company_lines": address_lines(company.partner_id._display_address()),
            "address": [person.name or customer.name, *address],
            "date": day,
            "subject": texts["subject"],
            "body": texts["body_html"],
        }
        qweb = self.env["ir.qweb"].with_context(lang=language)
        return qweb._render(PAGE, {"letter": values})
