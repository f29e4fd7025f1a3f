from datetime import timedelta

from babel.core import UnknownLocaleError
from babel.lists import format_list
from lxml import html
from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import babel_locale_parse, format_date, formatLang

from ..domain.items_text import one_line, text_table
from ..domain.letter_text import letter_text

#: The days a letter gives its reader for an answer.
ANSWER_DAYS = 7
ITEMS_CLASS = "o2c_items"
FALLBACK_LANGUAGE = "en_US"
DOCTYPE = Markup("<!DOCTYPE html>\n")
#: Stand in the frame for what each message brings; no text has these letters.
BODY_MARK = Markup("\ue000body\ue000")
SUBJECT_MARK = "\ue000subject\ue000"


class O2cChaseMessage(models.Model):
    """Rendering: the figures in the reader's language, as HTML and as text.

    Templates find here what they can say about a message. A template is rendered
    once; names and references that look like template code stay as they are.
    """

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
            table = message._item_table()
            message.items_html = message._render_items(table)
            message.items_text = message._draw_items(table)
            message.items_count = table["items_count"]
            message.total_text = message._join(table["amounts_to_pay"])
            answer_by = message.date and message.date + timedelta(days=ANSWER_DAYS)
            message.answer_date_text = message._format_date(answer_by)

    @api.depends("debtor_id.collector_id", "company_id")
    def _compute_sender(self):
        for message in self:
            person = message.debtor_id._responsible().partner_id
            message.sender_name = person.name or message.company_id.name
            message.sender_phone = person.phone or message.company_id.phone

    def _compute_access_url(self):
        """Hook: add-ons with pages for customers fill it."""
        self.access_url = False

    def _once(self, key, function):
        """What a function says, asked once while messages are written together."""
        known = self.env.context.get("o2c_together")
        if known is None:
            return function()
        key = (*key, self.env.lang)
        if key not in known:
            known[key] = function()
        return known[key]

    def _item_table(self):
        return self._once(("table", self.id), self._prepare_table)

    def _prepare_table(self):
        """Put the figures into words of the reader's language."""
        figures = self.figures or {}
        items, totals = figures.get("items", []), figures.get("totals", [])
        return {
            "rows": [self._prepare_row(item) for item in items],
            "has_reference": any(item["reference"] for item in items),
            "items_count": sum(item["kind"] == "item" for item in items),
            "totals": [self._format_total(total) for total in totals],
            # A credit in one currency is no amount to pay beside another one.
            "amounts_to_pay": [
                self._format_total(total) for total in totals if total["amount"] > 0
            ],
        }

    def _prepare_row(self, item):
        is_credit = item["kind"] == "credit"
        return {
            "number": item["number"] or "",
            "reference": item["reference"] or "",
            "date": self._format_date(item["date"]),
            "date_due": self.env._("Credit")
            if is_credit
            else self._format_date(item["date_due"]),
            "days_late": "" if is_credit else str(item["days_late"] or ""),
            "amount": self._format_amount(item["amount_open"], item["currency_id"]),
        }

    def _render_items(self, table):
        return self.env["ir.qweb"]._render(
            "o2c_collections.chase_items_table",
            {**table, "items_class": ITEMS_CLASS},
            minimal_qcontext=True,
        )

    def _for_timeline(self, letter):
        """The letter as the customer's timeline shows it: a list for the table.

        The timeline is a narrow column that drops the styles a wide table needs.

        :param letter: HTML of the letter without its frame
        """
        short = self.env["ir.qweb"]._render(
            "o2c_collections.chase_items_short",
            self._item_table(),
            minimal_qcontext=True,
        )
        if self.items_html in letter:  # as it was rendered, in nobody's own words
            return letter.replace(self.items_html, short)
        tree = html.fragment_fromstring(str(letter), create_parent="div")
        for place in tree.find_class(ITEMS_CLASS):
            new = html.fragment_fromstring(str(short), create_parent="div")
            new.tail = place.tail
            place.getparent().replace(place, new)
        # Every value was escaped when the parts were rendered; parsing keeps that.
        return Markup(html.tostring(tree, encoding="unicode"))  # noqa: S704

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

    def _format_total(self, total):
        return self._format_amount(total["amount"], total["currency_id"])

    def _format_amount(self, amount, currency_id):
        currency = self.env["res.currency"].browse(currency_id)
        rounded = currency.round(amount)
        number = formatLang(self.env, rounded, digits=currency.decimal_places)
        return f"{number} {currency.name}"

    def _format_date(self, day):
        if not day:
            return ""
        return self._once(("date", day), lambda: format_date(self.env, day))

    def _join(self, texts):
        """Join texts as the language does: "one, two and three"."""
        try:
            return format_list(texts, locale=babel_locale_parse(self.env.lang))
        except (UnknownLocaleError, ValueError):
            return ", ".join(texts)

    # ------------------------------------------------------------------
    # The letter
    # ------------------------------------------------------------------

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
        compiled = self.env.context.get("o2c_together")
        template = template.with_context(o2c_together=compiled)
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
        frame = self._once(
            ("frame", self.company_id.id, language),
            lambda: self._render_frame(language),
        )
        parts = (part.replace(SUBJECT_MARK, escape(subject)) for part in frame)
        letter = escape(self.env["mail.render.mixin"]._replace_local_links(body))
        return letter.join(parts)

    def _render_frame(self, language):
        """What stands before the letter and after it, the same for all of a company.

        :return: list of HTML, with SUBJECT_MARK where the subject belongs
        """
        qweb = self.env["ir.qweb"].with_context(lang=language)
        html = qweb._render(
            "o2c_collections.chase_message_layout",
            {
                "body": BODY_MARK,
                "subject": SUBJECT_MARK,
                "company": self.company_id,
                "language": language.replace("_", "-"),
            },
        )
        page = self.env["mail.render.mixin"]._replace_local_links(html)
        # Without a document type mail programs fall back to rules of the nineties.
        return (DOCTYPE + page).split(BODY_MARK)

    def _to_text(self, body, language):
        localized = self.with_context(lang=language)
        letter = letter_text(body, {ITEMS_CLASS: localized.items_text})
        footer = [self.company_id.name, self.company_id.email, self.company_id.website]
        return "\n".join([letter, "", "-- ", *filter(None, footer)])
