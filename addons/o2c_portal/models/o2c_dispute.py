from odoo import models

LAYOUT = "o2c_portal.question_layout"


class O2cDispute(models.Model):
    """The mail that answers a dispute asks how that was."""

    _inherit = "o2c.dispute"

    def _post_answer(self, recipient, **values):
        """EXTENDS o2c_collections: with the question, below what is told."""
        question = self.debtor_id._mailed_question(self, recipient)
        if question:
            values["email_layout_xmlid"] = LAYOUT
        asking = self.with_context(**question)
        return super(O2cDispute, asking)._post_answer(recipient, **values)

    def rating_apply(
        self,
        rate,
        token=None,
        rating=None,
        feedback=None,
        subtype_xmlid=None,
        notify_delay_send=False,
    ):
        """OVERRIDES rating: one answer counts, as on the customer's page."""
        self.ensure_one()
        debtor = self.debtor_id
        return debtor._take_mailed_answer(self, rate, token, rating, feedback)
