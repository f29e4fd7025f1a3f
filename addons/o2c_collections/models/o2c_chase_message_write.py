from datetime import timedelta

from babel.core import UnknownLocaleError
from babel.lists import format_list
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, email_domain_extract, email_normalize, formataddr
from odoo.tools.misc import babel_locale_parse, format_date, formatLang

from ..domain.items_text import one_line, text_table
from ..domain.letter_text import letter_text

#: The days a letter gives its reader for an answer.
ANSWER_DAYS = 7
ITEMS_CLASS = "o2c_items"
FALLBACK_LANGUAGE = "en_US"


class O2cChaseMessage(models.Model):
    """Writing: the message row, what it says, and core's e-mail that carries it."""

    _inherit = "o2c.chase.message"

    items_html = fields.Html("Table of items", compute="_compute_items", sanitize=False)
    items_text = fields.Text("Table of items as text", compute="_compute_items")
    items_count = fields.Integer("Number of items", compute="_compute_items")
    total_text = fields.Char("Total per currency", compute="_compute_items")
    answer_date_text = fields.Char("Answer until", compute="_compute_items")
    sender_name = fields.Char(compute="_compute_sender")
    sender_phone = fields.Char(compute="_compute_sender")
    access_url = fields.Char(
        "Customer's page",
        compute="_compute_access_url",
        help="Where the customer sees and pays what is open; empty without a portal.",
    )

    # ------------------------------------------------------------------
    # Placeholders for templates, in the language of the context
    # ------------------------------------------------------------------

    @api.depends("figures", "date")
    @api.depends_context("lang")
    def _compute_items(self):
        for message in self:
            table = message._prepare_table()
            message.items_html = message._render_items(table)
            message.items_text = message._draw_items(table)
            message.items_count = table["items_count"]
            message.total_text = message._join_totals(table["totals"])
            answer_by = message.date and message.date + timedelta(days=ANSWER_DAYS)
            message.answer_date_text = message._format_date(answer_by)

    @api.depends("debtor_id.collector_id", "company_id")
    def _compute_sender(self):
        for message in self:
            person = message.debtor_id.collector_id.partner_id
            message.sender_name = person.name or message.company_id.name
            message.sender_phone = person.phone or message.company_id.phone

    def _compute_access_url(self):
        """Hook: add-ons with pages for customers fill it."""
        self.access_url = False

    def _prepare_table(self):
        """Put the figures into words of the reader's language."""
        figures = self.figures or {}
        items = figures.get("items", [])
        return {
            "rows": [self._prepare_row(item) for item in items],
            "has_reference": any(item["reference"] for item in items),
            "items_count": sum(item["kind"] == "item" for item in items),
            "totals": [
                self._format_amount(total["amount"], total["currency_id"])
                for total in figures.get("totals", [])
            ],
        }

    def _prepare_row(self, item):
        is_credit = item["kind"] == "credit"
        return {
            "number": item["number"] or "",
            "reference": item["reference"] or "",
            "date": self._format_date(item["date"]),
            "date_due": "" if is_credit else self._format_date(item["date_due"]),
            "days_late": "" if is_credit else str(item["days_late"]),
            "amount": self._format_amount(item["amount_open"], item["currency_id"]),
            "is_credit": is_credit,
        }

    def _render_items(self, table):
        return self.env["ir.qweb"]._render(
            "o2c_collections.chase_items_table",
            {**table, "items_class": ITEMS_CLASS},
            minimal_qcontext=True,
        )

    def _draw_items(self, table):
        """Draw the table with characters, the same columns as in HTML."""
        columns = {
            "number": self.env._("Number"),
            "reference": self.env._("Your reference"),
            "date": self.env._("Date"),
            "date_due": self.env._("Due"),
            "days_late": self.env._("Days late"),
            "amount": self.env._("Open amount"),
        }
        if not table["has_reference"]:
            del columns["reference"]
        names = list(columns)
        rows = [[row[name] for name in names] for row in table["rows"]]
        right = {names.index("days_late"), names.index("amount")}
        lines = [text_table(list(columns.values()), rows, right)]
        lines += [
            self.env._("Total: %(amount)s", amount=total) for total in table["totals"]
        ]
        return "\n\n".join([lines[0], "\n".join(lines[1:])])

    def _format_amount(self, amount, currency_id):
        currency = self.env["res.currency"].browse(currency_id)
        rounded = currency.round(amount)
        number = formatLang(self.env, rounded, digits=currency.decimal_places)
        return f"{number} {currency.name}"

    def _format_date(self, day):
        return format_date(self.env, day) if day else ""

    def _join_totals(self, totals):
        try:
            locale = babel_locale_parse(self.env.lang)
            return format_list(totals, locale=locale)
        except (UnknownLocaleError, ValueError):
            return ", ".join(totals)

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    @api.model
    def _write_for(self, actions):
        """Write the one message of the day that carries these steps.

        :param actions: o2c.chase.action of one customer and one recipient
        :return: the message; empty when today's message to him has left already,
            so that the steps wait for tomorrow
        :raise UserError: when the message cannot be written
        """
        # sudo: messages are the engine's; its callers decide who may start it
        message_sudo = self.sudo()._claim_day(actions.sudo())
        if not message_sudo or message_sudo.state != "outgoing":
            return self.browse()
        actions_sudo = actions.sudo() | message_sudo.action_ids
        letter = message_sudo._fill(actions_sudo)
        if message_sudo.mail_id:
            message_sudo._update_mail(letter)
        else:
            message_sudo._post(letter)
        actions.sudo()._set_queued(message_sudo)
        self.env["o2c.event"]._record(
            "message_written",
            message_sudo,
            {"recipient": message_sudo.recipient, "figures": message_sudo.figures},
        )
        return message_sudo.with_env(self.env)

    def _claim_day(self, actions):
        """Insert the row of this customer, day and recipient, or find it.

        The unique key decides between workers: of two, one inserts and the other
        starts again on a fresh snapshot (the insert raises a serialization
        failure, which its caller retries).
        """
        action = actions[:1]
        debtor = action.debtor_id
        debtor.flush_recordset()
        self.flush_model()
        day = debtor.company_id._o2c_today()
        recipient = action.recipient_email
        if not recipient:
            raise UserError(
                self.env._(
                    "%(name)s has no e-mail address to write to.",
                    name=debtor.display_name,
                )
            )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO o2c_chase_message (debtor_id, company_id, partner_id,
                    recipient, date, channel, state, attempts, is_merged,
                    create_uid, write_uid, create_date, write_date)
                VALUES (%s, %s, %s, %s, %s, 'email', 'outgoing', 0, FALSE,
                    %s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
                ON CONFLICT DO NOTHING
                """,
                debtor.id,
                debtor.company_id.id,
                action.recipient_id.id or debtor.partner_id.id,
                recipient,
                day,
                self.env.uid,
                self.env.uid,
            ),
            log_exceptions=False,
        )
        return self.search(
            [
                ("debtor_id", "=", debtor.id),
                ("date", "=", day),
                ("channel", "=", "email"),
                ("recipient", "=", recipient),
                ("state", "!=", "cancelled"),
                ("is_merged", "!=", True),
            ]
        )

    def _fill(self, actions):
        """Take the figures and render the template of the highest level.

        :return: the letter's HTML without its frame, for the timeline
        """
        action = actions.sorted("level")[-1:]
        language = self._choose_language()
        self.write({"figures": self._prepare_figures(actions), "language": language})
        template = action.step_id.template_id
        if not template:
            raise UserError(
                self.env._(
                    "The step %(step)s sends an e-mail but has no template. Choose "
                    "one in the chase plan.",
                    step=action.step_id.display_name,
                )
            )
        subject, body = self._render_letter(template, language)
        self.write(
            {
                "subject": subject,
                "body_html": self._lay_out(body, subject, language),
                "body_text": self._to_text(body, language),
            }
        )
        return body

    def _prepare_figures(self, actions):
        """Freeze the items and totals that the message speaks of."""
        items = self.debtor_id._chase_items()[self.debtor_id.id]
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

    def _choose_language(self):
        """The recipient's language, else the customer's, else the company's."""
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        partners = self.partner_id + self.debtor_id.partner_id
        for partner in partners + self.company_id.partner_id:
            if partner.lang in installed:
                return partner.lang
        return FALLBACK_LANGUAGE

    def _render_letter(self, template, language):
        """Render a template once; what data brings in is not rendered again.

        :return: subject and body
        """
        try:
            subject = template._render_field("subject", self.ids, set_lang=language)
            body = template._render_field("body_html", self.ids, set_lang=language)
        except (UserError, ValueError) as error:
            raise UserError(
                self.env._(
                    "The template %(template)s cannot be filled in for %(name)s. "
                    "Open it and look at its placeholders.",
                    template=template.display_name,
                    name=self.debtor_id.display_name,
                )
            ) from error
        return one_line(subject[self.id]), Markup(body[self.id])  # noqa: S704

    def _lay_out(self, body, subject, language):
        """Put the letter into its frame: the company's name above and below."""
        html = (
            self.env["ir.qweb"]
            .with_context(lang=language)
            ._render(
                "o2c_collections.chase_message_layout",
                {
                    "body": body,
                    "subject": subject,
                    "company": self.company_id,
                    "language": language.replace("_", "-"),
                },
            )
        )
        return self.env["mail.render.mixin"]._replace_local_links(html)

    def _to_text(self, body, language):
        localized = self.with_context(lang=language)
        letter = letter_text(body, {ITEMS_CLASS: localized.items_text})
        footer = [self.company_id.name, self.company_id.email, self.company_id.website]
        return "\n".join([letter, "", "-- ", *filter(None, footer)])

    # ------------------------------------------------------------------
    # Core's message and e-mail
    # ------------------------------------------------------------------

    def _post(self, letter):
        """Post on the customer's timeline and make the e-mail that carries it.

        Followers are not notified: the e-mail is for the customer alone.
        """
        sender = self._sender()
        author = self.debtor_id.collector_id.partner_id or self.company_id.partner_id
        debtor = self.debtor_id.with_context(
            mail_post_autofollow=False,
            mail_post_autofollow_author_skip=True,
            lang=self.language,
        ).with_company(self.company_id)
        mail_message = debtor.message_post(
            body=letter,
            subject=self.subject,
            message_type="email_outgoing",
            subtype_xmlid="mail.mt_comment",
            author_id=author.id,
            email_from=sender,
            email_add_signature=False,
            notify_skip_followers=True,
        )
        self.mail_message_id = mail_message
        self.message_id_header = mail_message.message_id
        self.mail_id = self.env["mail.mail"].create(self._prepare_mail(debtor))
        self.env["mail.notification"].create(self._prepare_notification(author))

    def _prepare_mail(self, debtor):
        values = debtor._notify_by_email_get_base_mail_values(self.mail_message_id, [])
        headers = {
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, AutoReply",
            "X-Odoo-Objects": f"{debtor._name}-{debtor.id}",
        }
        return_path = self.mail_message_id.record_alias_domain_id.bounce_email
        if return_path:
            headers["Return-Path"] = return_path
        return {
            **values,
            "body_html": self.body_html,
            "email_to": formataddr((one_line(self.partner_id.name), self.recipient)),
            "headers": repr(headers),
            "is_notification": True,
            "auto_delete": False,
            "state": "outgoing",
        }

    def _prepare_notification(self, author):
        return {
            "author_id": author.id,
            "is_read": True,
            "mail_email_address": self.recipient,
            "mail_mail_id": self.mail_id.id,
            "mail_message_id": self.mail_message_id.id,
            "notification_status": "ready",
            "notification_type": "email",
            "res_partner_id": self.partner_id.id,
        }

    def _sender(self):
        """Give the From: the customer's collector, at the company's own domain.

        :raise UserError: when there is no address to send from
        """
        collector = self.debtor_id.collector_id
        company = self.company_id
        company_email = email_normalize(company.email)
        own_domains = {
            email_domain_extract(company.email),
            company.alias_domain_id.name,
        } - {False, None}
        name = one_line(collector.name or company.name)
        if email_domain_extract(collector.email) in own_domains:
            return formataddr((name, email_normalize(collector.email)))
        if not company_email:
            raise UserError(
                self.env._(
                    "%(company)s has no e-mail address to send from. Enter one in "
                    "Settings > Companies.",
                    company=company.name,
                )
            )
        return formataddr((name, company_email))

    def _update_mail(self, letter):
        """Bring an e-mail that has not left in line with what was added."""
        self.mail_message_id.write({"subject": self.subject, "body": letter})
        self.mail_id.write({"body_html": self.body_html})

    def _update_address(self):
        """Take the recipient's address of today, if he has another one now."""
        address = email_normalize(self.partner_id.email)
        if not address or address == self.recipient:
            return
        self.recipient = address
        self.mail_id.email_to = formataddr((one_line(self.partner_id.name), address))
        self.mail_message_id.notification_ids.write({"mail_email_address": address})
