from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..domain.channels import one_line_address
from ..tools.together import Together

#: What the row of a day begins with.
DAY_COLUMNS = ("debtors", "companies", "partners", "recipients", "dates", "channels")
#: The words of a letter whose level has none for letters.
LETTER_TEMPLATE = "o2c_collections.mail_template_letter"
#: The words of an e-mail in place of something else whose level has none.
EMAIL_TEMPLATE = "o2c_collections.mail_template_chase_1"


class O2cChaseMessage(models.Model):
    """Writing: the message row of the day, and what it says."""

    _inherit = "o2c.chase.message"

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    @api.model
    def _write_for(self, actions, items=None):
        """Write the one message of the day that carries these steps.

        :param actions: o2c.chase.action of one customer and one recipient
        :param items: what ``_chase_items`` told of them, where that was asked
        :return: the message; empty when today's message to him has left already,
            carries a statement or words that a person approved, so that the steps wait
            for tomorrow
        :raise UserError: when the message cannot be written
        """
        [message] = self._write_together([actions], items)
        return message

    @api.model
    def _write_together(self, groups, items=None):
        """The same for many customers, with as few queries as for one.

        :param groups: list of o2c.chase.action, each as for ``_write_for`` and of
            another customer
        :return: list of the messages, in the order of the groups
        """
        # sudo: messages are the engine's; its callers decide who may start it
        writer_sudo = self.sudo().with_context(o2c_together=Together())
        groups_sudo = [actions.sudo() for actions in groups]
        days_sudo = writer_sudo._claim_days([_addressee(g) for g in groups_sudo])
        carried, letters = {}, {}
        for actions, message in zip(groups_sudo, days_sudo, strict=True):
            if message._may_carry(actions):
                carried[message] = actions | message.action_ids
                known = items if carried[message] == actions else None
                letters[message] = message._fill(carried[message], known)
        writer_sudo._put_into_mails(letters)
        for actions, message in zip(groups_sudo, days_sudo, strict=True):
            if message in letters:
                if message.channel == "email":
                    message._attach(carried[message].step_id)
                actions._set_queued(message)
        writer_sudo._note_written(letters)
        return [
            message.with_env(self.env) if message in letters else self.browse()
            for message in days_sudo
        ]

    def _note_written(self, letters):
        self.env["o2c.event"]._record(
            "message_written",
            self.browse([message.id for message in letters]),
            {
                message.id: {
                    "recipient": message.recipient,
                    "figures": message.figures,
                }
                for message in letters
            },
        )

    def _may_carry(self, actions):
        """Whether today's message can take these steps along.

        Else it has left, or carries a statement.
        """
        return self.state == "outgoing" and not self.statement_id

    def _claim_day(self, debtor, person, recipient, channel="email"):
        """Insert the row of this customer, day and recipient, or find it.

        :param person: the contact who is written to
        :param recipient: his address, normalized
        :param str channel: by which he is written to
        """
        [message] = self._claim_days([(debtor, person, recipient, channel)])
        return message

    def _claim_days(self, addressees):
        """Insert the rows of these customers, their day and recipient, or find them.

        The unique key decides between workers: of two, one inserts and the other
        starts again on a fresh snapshot (the insert raises a serialization
        failure, which its caller retries).

        :param addressees: list of arguments of ``_claim_day``, each of another customer
        :return: list of the messages, in the same order
        """
        rows = [self._prepare_day(*addressee) for addressee in addressees]
        self.env["o2c.debtor"].flush_model()
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO o2c_chase_message (debtor_id, company_id, partner_id,
                    recipient, date, channel, state, attempts, is_merged,
                    create_uid, write_uid, create_date, write_date)
                SELECT day.*, 'outgoing', 0, FALSE, %(uid)s, %(uid)s,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM unnest(%(debtors)s, %(companies)s, %(partners)s,
                       %(recipients)s, %(dates)s::date[], %(channels)s) day
                ON CONFLICT DO NOTHING
                """,
                uid=self.env.uid,
                **{
                    name: list(column)
                    for name, column in zip(
                        DAY_COLUMNS, zip(*rows, strict=True), strict=True
                    )
                },
            ),
            log_exceptions=False,
        )
        return self._find_days(rows)

    def _prepare_day(self, debtor, person, recipient, channel="email"):
        """One row for ``DAY_COLUMNS``."""
        if not recipient:
            raise UserError(
                self.env._(
                    "%(name)s has no address to write to.",
                    name=debtor.display_name,
                )
            )
        return (
            debtor.id,
            debtor.company_id.id,
            person.id or debtor.partner_id.id,
            recipient,
            debtor.company_id._o2c_today(),
            channel,
        )

    def _find_days(self, rows):
        """The one message of each customer, day, channel and recipient."""
        found = self.search(
            [
                ("debtor_id", "in", [row[0] for row in rows]),
                ("date", "in", list({row[4] for row in rows})),
                ("state", "!=", "cancelled"),
                ("is_merged", "!=", True),
            ]
        )
        by_key = {(m.debtor_id.id, m.recipient, m.date, m.channel): m for m in found}
        return [by_key.get((row[0], *row[3:]), self.browse()) for row in rows]

    def _fill(self, actions, items=None):
        """Take the figures and render the template of the highest level.

        :param items: what ``_chase_items`` told of these steps, if known
        :return: the letter's HTML without its frame, for the timeline
        """
        action = actions.sorted(lambda step: (bool(step.cycle), step.level))[-1:]
        language = self._choose_language()
        figures = self._prepare_figures(actions, items)
        self.write({"figures": figures, "language": language})
        if self.channel == "sms":
            return self._fill_text(action.step_id, language)
        template = self._template_of(action.step_id)
        if not template:
            raise UserError(
                self.env._(
                    "The step %(step)s writes but has no template. Choose "
                    "one in the chase plan.",
                    step=action.step_id.display_name,
                )
            )
        subject, body = self._render_letter(template, language)
        self.write(
            {
                "subject": subject,
                "body_html": body
                if self.channel == "letter"
                else self._lay_out(body, subject, language),
                "body_text": self._to_text(body, language),
            }
        )
        return body

    def _template_of(self, step):
        """The words of a level; a letter in place of an e-mail has words of its own."""
        is_own = self.channel == step.channel and step.template_id
        if self.channel == "letter" and not is_own:
            return self.env.ref(LETTER_TEMPLATE, raise_if_not_found=False)
        if self.channel == "email" and step.channel != "email":
            own = step.template_id
            return own or self.env.ref(EMAIL_TEMPLATE, raise_if_not_found=False)
        return step.template_id

    def _prepare_figures(self, actions, items=None):
        """Freeze the items and totals that the message speaks of."""
        items = (items or self.debtor_id._chase_items(actions))[self.debtor_id.id]
        totals = {}
        for item in items:
            total = totals.setdefault(
                item["currency_id"],
                {"currency": item["currency"], "currency_id": item["currency_id"]},
            )
            total["amount"] = total.get("amount", 0.0) + item["amount_open"]
        for total in totals.values():
            currency = self.env["res.currency"].browse(total["currency_id"])
            total["amount"] = currency.round(total["amount"])
        return {
            "as_of": fields.Date.to_string(self.date),
            "level": max(actions.mapped("level"), default=0),
            "items": items,
            "totals": list(totals.values()),
        }

    # ------------------------------------------------------------------
    # Addresses
    # ------------------------------------------------------------------

    @api.model
    def _address_of(self, person, channel):
        """Where a message to a person goes by a channel, normalized; "" if nowhere."""
        person_sudo = person.sudo()  # sudo: the contact may be another branch's
        if channel == "email":
            return person_sudo.email_normalized or ""
        if channel == "sms":
            is_open = not person_sudo.phone_sanitized_blacklisted
            return (is_open and person_sudo.phone_sanitized) or ""
        return one_line_address(
            ", ".join(filter(None, [person_sudo.street, person_sudo.street2]))
            if person_sudo.street
            else "",
            " ".join(filter(None, [person_sudo.zip, person_sudo.city]))
            if person_sudo.city
            else "",
            person_sudo.country_id.code,
        )


def _addressee(actions):
    """Whom the steps of one customer write to: arguments of ``_claim_day``."""
    action = actions[:1]
    return (
        action.debtor_id,
        action.recipient_id,
        action.recipient_email,
        action.channel,
    )
