from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from odoo.addons.o2c_base.tools.transaction import one_at_a_time

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
        # sudo: ratings are no customer's to read; this tells whether there is one
        is_answered = self._rating_sudo(record).consumed
        return "answered" if is_answered else "ask"

    def _rating_sudo(self, record):
        """The answer, or the question as it was mailed; at most one."""
        # sudo: as its name says, its callers read it for the customer
        ratings_sudo = self.env["rating.rating"].sudo()
        return ratings_sudo.search(
            [("res_model", "=", record._name), ("res_id", "=", record.id)], limit=1
        )

    def _take_answer(self, record, rate, text, actor, is_mailed=False):
        """Keep the answer, once; a bad one pauses the chase and calls a person.

        :param record: dispute or payment of this account that is over
        :param int rate: 1, 3 or 5
        :param bool is_mailed: to a question that was mailed: it is answered even when
            the dispute was opened again, or is not closed by its credit note yet
        """
        self.ensure_one()
        if rate not in RATES:
            raise UserError(self.env._("Choose one of the answers."))
        one_at_a_time(record)
        rating_sudo = self._rating_sudo(record)
        is_asked = is_mailed or self._question_state(record) == "ask"
        if rating_sudo.consumed or not is_asked:
            return
        rating_sudo = rating_sudo or self._new_rating_sudo(record)
        rating_sudo.write(
            {
                "partner_id": actor.id,
                "rating": rate,
                "feedback": (text or "")[:TEXT_MAX],
                "consumed": True,
            }
        )
        self.env["o2c.event"]._record("question_answered", record, {"rate": rate})
        if RATES[rate] == "bad":
            self._hear_complaint(record, text, actor)

    def _new_rating_sudo(self, record):
        # sudo: ratings are written by nobody but here
        return (
            self.env["rating.rating"]
            .sudo()
            .create(
                {
                    "res_model_id": self.env["ir.model"]._get_id(record._name),
                    "res_id": record.id,
                    "rated_partner_id": self.collector_id.partner_id.id,
                }
            )
        )

    def _hear_complaint(self, record, text, actor):
        self._pause_for_reply(PAUSE_DAYS)
        person = self._responsible() or self.company_id._o2c_owner()
        localized = self.with_context(lang=person.lang or self.env.lang)
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=person.id,
            summary=localized.env._(
                "Not satisfied: %s", record.with_env(localized.env).display_name
            ),
            note=plaintext2html(f"{actor.display_name}:\n{(text or '')[:TEXT_MAX]}"),
            date_deadline=self.company_id._o2c_today(),
        )

    # ------------------------------------------------------------------
    # By mail
    # ------------------------------------------------------------------

    def _mailed_question(self, record, contact):
        """What a mail needs to ask a contact; once it is answered, nobody is asked.

        :return: dict of values for ``message_post``'s context
        """
        debtor_sudo = self.sudo()  # sudo: who decides a dispute need not see accounts
        rating_sudo = debtor_sudo._rating_sudo(record)
        if rating_sudo.consumed:
            return {}
        rating_sudo = rating_sudo or debtor_sudo._new_rating_sudo(record)
        rating_sudo.partner_id = contact
        address = f"{debtor_sudo.get_base_url()}/rate/{rating_sudo.access_token}"
        return {"o2c_question": address}

    def _take_mailed_answer(self, record, rate, token, rating, text):
        """The answer to a mailed question, from Odoo's own page for it.

        :return: the rating
        :raise ValueError: when the question was about something else
        """
        record.check_access("write")
        ratings = self.env["rating.rating"]
        if not rating and token:
            rating = ratings.search([("access_token", "=", token)], limit=1)
        rating = rating or ratings
        if (rating.res_model, rating.res_id) != (record._name, record.id):
            raise ValueError("This question was not about this.")
        self._take_answer(record, rate, text, rating.partner_id, is_mailed=True)
        return rating

    def _write_to(self, contact, template, record, **values):
        """Send a template to a contact, on this timeline.

        :param record: what the template is about
        :param values: further ones of the message
        :return: the message
        """
        self.ensure_one()
        lang = contact.lang or self.env.lang
        record = record.with_context(lang=lang)
        template = template.with_context(lang=lang)
        person = self._responsible().partner_id or self.company_id.partner_id
        sender = person.email_formatted or self.company_id.email_formatted
        layout = {"email_layout_xmlid": "mail.mail_notification_light"}
        # The house writes: core tells nobody what he has clicked himself.
        return self.with_user(SUPERUSER_ID).message_post(
            author_id=person.id,
            email_from=sender or None,
            subject=template._render_field("subject", record.ids)[record.id],
            body=template._render_field("body_html", record.ids)[record.id],
            partner_ids=contact.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            mail_auto_delete=False,
            **layout | values,
        )
