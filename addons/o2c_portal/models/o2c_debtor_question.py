from odoo import models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

#: What can be answered, as Odoo's ratings count.
RATES = {1: "bad", 3: "fair", 5: "good"}
PAUSE_DAYS = 3
TEXT_MAX = 2000
CLOSED = ("accepted", "rejected", "withdrawn")


class O2cDebtor(models.Model):
    """One question after a payment and after a dispute; a bad answer is heard."""

    _inherit = "o2c.debtor"

    def _question_state(self, record):
        """Whether the customer is asked about a dispute or payment of his.

        :return: "ask", "answered", or False when it is too early
        """
        if record._name == "o2c.dispute":
            is_over = record.state in CLOSED
        else:
            is_over = record._state_of_payment() == "done"
        if not is_over:
            return False
        return "answered" if self._ratings_of(record) else "ask"

    def _ratings_of(self, record):
        # sudo: ratings are no customer's to read; this tells whether there is one
        ratings_sudo = self.env["rating.rating"].sudo()
        return ratings_sudo.search(
            [
                ("res_model", "=", record._name),
                ("res_id", "=", record.id),
                ("consumed", "=", True),
            ],
            limit=1,
        )

    def _take_answer(self, record, rate, text, actor):
        """Keep the answer, once; a bad one pauses the chase and calls a person.

        :param record: dispute or payment of this account that is over
        :param int rate: 1, 3 or 5
        """
        self.ensure_one()
        if rate not in RATES:
            raise UserError(self.env._("Choose one of the answers."))
        record.lock_for_update()
        if self._question_state(record) != "ask":
            return
        # sudo: ratings are written by nobody but here
        self.env["rating.rating"].sudo().create(
            {
                "res_model_id": self.env["ir.model"]._get_id(record._name),
                "res_id": record.id,
                "partner_id": actor.id,
                "rated_partner_id": self.collector_id.partner_id.id,
                "rating": rate,
                "feedback": (text or "")[:TEXT_MAX],
                "consumed": True,
            }
        )
        self.env["o2c.event"]._record("question_answered", record, {"rate": rate})
        if RATES[rate] == "bad":
            self._hear_complaint(record, text, actor)

    def _hear_complaint(self, record, text, actor):
        self._pause_for_reply(PAUSE_DAYS)
        person = self._responsible() or self.company_id._o2c_owner()
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=person.id,
            summary=self.env._("Not satisfied: %s", record.display_name),
            note=plaintext2html(f"{actor.display_name}:\n{(text or '')[:TEXT_MAX]}"),
            date_deadline=self.company_id._o2c_today(),
        )
