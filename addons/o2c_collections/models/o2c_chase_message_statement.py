import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from ..tools.together import Together
from .o2c_chase_decision_contact import REFUSAL_DAYS, SEVERAL_ADDRESSES
from .o2c_chase_message_send import DAYS_MAX

TEMPLATE = "o2c_collections.mail_template_statement_scheduled"
SEVERAL = re.compile(SEVERAL_ADDRESSES.replace("[:space:]", r"\s"))


class O2cChaseMessage(models.Model):
    """Messages that carry a scheduled statement instead of steps of the chase.

    They obey the same key, states and ladder. They are no contact of the chase: the
    next letter does not wait for them, but for the next day.
    """

    _inherit = "o2c.chase.message"

    statement_id = fields.Many2one(
        "o2c.statement", readonly=True, index="btree_not_null", ondelete="set null"
    )
    statement_day = fields.Char("As of", compute="_compute_statement_day")

    @api.depends("statement_id.as_of")
    @api.depends_context("lang")
    def _compute_statement_day(self):
        for message in self:
            message.statement_day = format_date(self.env, message.statement_id.as_of)

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    @api.model
    def _write_statement(self, statement, recipient):
        """Write the one message of the day that carries a statement.

        :return: the message; empty when another one goes today to this address
        """
        debtor = statement.debtor_id
        writer = self.with_context(o2c_together=Together())
        message = writer._claim_day(debtor, recipient, recipient.email_normalized)
        if message.statement_id or message.mail_id or message.action_ids:
            return self.browse()
        if not message or message.state != "outgoing":
            return self.browse()
        options = {"as_of": statement.as_of, "form": statement.form}
        figures = statement._freeze(debtor._statement(**options)[debtor.id])
        name, content = debtor._statement_file(**options)
        attachment = self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content,
                "res_model": debtor._name,
                "res_id": debtor.id,
            }
        )
        statement.write({"figures": figures, "attachment_id": attachment.id})
        letter = message._fill_statement(statement, figures)
        message._post({message: letter})
        message.mail_message_id.attachment_ids = attachment
        self.env["o2c.event"]._record(
            "message_written",
            message,
            {"recipient": message.recipient, "statement": statement.period},
        )
        return message

    def _fill_statement(self, statement, figures):
        """Take the figures and render the template.

        :return: the letter's HTML without its frame, for the timeline
        """
        language = self.debtor_id.statement_language
        self.write(
            {"statement_id": statement.id, "figures": figures, "language": language}
        )
        subject, body = self._render_letter(self.env.ref(TEMPLATE), language)
        self.write(
            {
                "subject": subject,
                "body_html": self._lay_out(body, subject, language),
                "body_text": self._to_text(body, language),
            }
        )
        return body

    @api.model
    def _address_problem(self, debtor, recipient):
        """Why nobody can be written to; False if he can. The rules of the chase."""
        address = recipient.email_normalized
        if not (recipient.email or "").strip():
            return "no_address"
        if recipient.email != address and SEVERAL.search(recipient.email):
            return "several_addresses"
        if not address or not re.match(r".+@.+", address):
            return "bad_address"
        since = debtor.company_id._o2c_today() - timedelta(days=REFUSAL_DAYS)
        refused = [
            ("debtor_id", "=", debtor.id),
            ("recipient", "=", address),
            ("state", "in", ("failed", "bounced")),
            ("reason", "=", "smtp_rejected"),
            ("date", ">", since),
        ]
        return "address_failed" if self.search_count(refused, limit=1) else False

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    def _stale_reason(self, facts=None):
        """EXTENDS: a statement holds as long as it is right as of its day.

        Money that came in after that day belongs on the next one; what is booked
        back to that day makes it anew.
        """
        if not self.statement_id:
            return super()._stale_reason(facts)
        statement, debtor = self.statement_id, self.debtor_id
        today = self.company_id._o2c_today()
        if not debtor.partner_id.active:
            return "archived"
        if debtor.paused_until and debtor.paused_until >= today:
            return "paused_until"
        if (today - self._day_due()).days > DAYS_MAX:
            return "too_old"
        person = self.partner_id
        if not person.active or person.email_normalized != self.recipient:
            return "recipient_changed"
        now = debtor._statement(statement.as_of, form=statement.form)[debtor.id]
        if _balances(statement._freeze(now)) != _balances(self.figures):
            return "figures_changed"
        return False

    def _note_contact(self):
        """EXTENDS: a statement that left is no contact of the chase."""
        statements = self.filtered("statement_id")
        for message in statements:
            message.statement_id.reason = False
            message.statement_id._set_sent(message.recipient)
        return super(O2cChaseMessage, self - statements)._note_contact()

    def _set_cancelled(self, reason):
        """EXTENDS: the statement waits for its next message, or ends with this one."""
        result = super()._set_cancelled(reason)
        statement = self.statement_id
        if not statement or self.state != "cancelled":
            return result
        if self.may_have_left:
            statement._set_sent(self.recipient)
        elif reason == "mail_cancelled":
            statement._set_skipped(reason)
        else:
            statement._wait(reason)
        return result

    def _set_failed(self, reason, code, words):
        """EXTENDS: there is no next channel, so a person has to know."""
        result = super()._set_failed(reason, code, words)
        if self.statement_id and self.state == "failed":
            self.statement_id.reason = (
                reason if reason == "smtp_rejected" else "smtp_gave_up"
            )
            if reason == "smtp_rejected":
                self._ask_person(
                    self.env._("The message could not be sent: %(why)s", why=words)
                )
        return result

    def _set_bounced(self, code, words, reason="smtp_rejected"):
        """EXTENDS: the statement says that it came back."""
        result = super()._set_bounced(code, words, reason)
        if self.statement_id and self.state == "bounced":
            # it had left, also where nobody had written that down yet
            self.statement_id._set_sent(self.recipient)
            self.statement_id.reason = reason
        return result


def _balances(figures):
    """What must be the same when it is sent as when it was written."""
    return {
        section["currency_id"]: [
            section["closing"],
            section["overdue"],
            section["credit"],
            section["ageing"],
        ]
        for section in (figures or {}).get("currencies", [])
    }
