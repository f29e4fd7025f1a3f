from markupsafe import Markup, escape

from odoo import api, models
from odoo.tools import email_normalize, html2plaintext
from odoo.tools.mail import decode_message_header

from ..domain import card_numbers
from ..domain.auto_reply import is_auto_reply
from ..domain.reply_text import html_text

#: Models whose threads get customers' mails.
OURS = ("o2c.debtor", "o2c.dispute", "o2c.reply")
#: Attachments whose content is text.
TEXT_FILES = (".txt", ".csv", ".eml", ".htm", ".html", ".xml", ".json", ".log", ".md")
#: Longest mail that is kept on a timeline.
BODY_MAX = 100_000
#: Longer text files are left as they came, like files of other kinds: looking for card
#: numbers in them would keep the mail gateway busy.
FILE_MAX = 200_000
#: A status notice with one of these is no failure: the e-mail is late or arrived.
HARMLESS = frozenset({"delayed", "delivered", "relayed", "expanded"})


class MailThread(models.AbstractModel):
    """Mails that come in find the customer account, and notices their message."""

    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """Override of `mail` to mark the chase message that came back."""
        notice = self._o2c_read_notice(email_message)
        if notice["action"] not in HARMLESS:
            super()._routing_handle_bounce(email_message, message_dict)
        bounced = message_dict["bounced_message"]
        if not bounced:
            return
        # sudo: the gateway works for nobody in particular
        messages_sudo = self.env["o2c.chase.message"].sudo()
        found = messages_sudo.search([("mail_message_id", "=", bounced.id)])
        text = html2plaintext(message_dict.get("body") or "")
        for message_sudo in found:
            message_sudo._take_notice(notice, text)

    @api.model
    def _o2c_read_notice(self, email_message):
        """Read the first recipient's fields of a delivery status notice.

        :return: dict of action (``failed``, ``delayed``, ...), status (``5.1.1``),
            recipient and the server's words; empty texts where it says nothing
        """
        fields = {"action": "", "status": "", "recipient": "", "words": ""}
        for part in email_message.walk():
            if part.get_content_type() != "message/delivery-status":
                continue
            blocks = part.get_payload()
            if not isinstance(blocks, list) or len(blocks) < 2:
                continue
            block = blocks[1]
            final = decode_message_header(block, "Final-Recipient").split(";")[-1]
            words = decode_message_header(block, "Diagnostic-Code")
            return {
                "action": decode_message_header(block, "Action").strip().lower(),
                "status": decode_message_header(block, "Status").strip(),
                "recipient": email_normalize(final) or "",
                "words": words.split(";", 1)[-1].strip(),
            }
        return fields

    # ------------------------------------------------------------------
    # What customers write
    # ------------------------------------------------------------------

    @api.model
    def message_route(
        self, message, message_dict, model=None, thread_id=None, custom_values=None
    ):
        """EXTENDS mail: what came to a receivables address finds its customer."""
        routes = super().message_route(
            message, message_dict, model, thread_id, custom_values
        )
        return [self._o2c_route(message_dict, route) for route in routes or ()]

    @api.model
    def _o2c_route(self, message_dict, route):
        """A mail to the address of receivables whose thread was lost on the way.

        By its sender it goes to the one customer he writes for, else on the list.
        """
        model, thread_id, values, user_id, _alias = route
        if model != "o2c.debtor" or thread_id:
            return route
        replies = self.env["o2c.reply"]
        company = replies._company_of_alias(values)
        debtor = replies._match_sender(message_dict.get("email_from"), company)
        if debtor:
            return (model, debtor.id, {}, user_id, None)
        return ("o2c.reply", 0, values, user_id, None)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """EXTENDS mail: a customer's mail is text, and holds no card numbers.

        It is cleaned before anything of it is stored; then the account takes it up.
        """
        ours = [route for route in routes or () if route[0] in OURS]
        if not ours:
            return super()._message_route_process(message, message_dict, routes)
        is_automatic = is_auto_reply(message, message_dict.get("subject"))
        message_id = message_dict["message_id"]
        debtor_sudo = self._o2c_debtors_sudo(ours)
        text = self._o2c_clean(message, message_dict, debtor_sudo)
        debtor_sudo._claim_author(message_dict)
        result = super()._message_route_process(message, message_dict, routes)
        found_sudo = self.env["mail.message"].sudo()
        found_sudo = found_sudo.search(
            [("message_id", "=", message_id), ("model", "in", OURS)]
        )
        for message_sudo in found_sudo:
            message_sudo._o2c_take_up(text, is_automatic)
        return result

    @api.model
    def _o2c_debtors_sudo(self, routes):
        """The customer accounts that mails go to, or whose dispute they go to."""
        ids = {name: [] for name in OURS}
        for route in routes:
            if route[1]:
                ids[route[0]].append(route[1])
        # sudo: the gateway works for nobody in particular
        env_sudo = self.sudo().env
        disputes_sudo = env_sudo["o2c.dispute"].browse(ids["o2c.dispute"]).exists()
        return (
            env_sudo["o2c.debtor"].browse(ids["o2c.debtor"]) | disputes_sudo.debtor_id
        )

    @api.model
    def _o2c_clean(self, message, message_dict, debtors):
        """Make a mail plain text without card numbers, in place.

        :param debtors: accounts it goes to, whose document numbers are left alone
        :return: its plain text
        """
        text = self._o2c_plain_text(message, message_dict)[:BODY_MAX]
        subject = message_dict.get("subject") or ""
        files = message_dict.get("attachments") or []
        everything = "\n".join([subject, text, *map(_file_text, files)])
        keep = debtors._known_numbers(card_numbers.numbers(everything))
        text = card_numbers.mask(text, keep)
        if subject:
            message_dict["subject"] = card_numbers.mask(subject, keep)
        lines = Markup("<br>").join(escape(line) for line in text.split("\n"))
        message_dict["body"] = Markup("<p>%s</p>") % lines
        message_dict["attachments"] = [
            _mask_file(file, keep)
            for file in files
            if file[0] != "original_email.eml" or not card_numbers.numbers(everything)
        ]
        return text

    @api.model
    def _o2c_plain_text(self, message, message_dict):
        """The text part of a mail; without one, what its HTML shows."""
        try:
            part = message.get_body(preferencelist=("plain",))
            text = part.get_content() if part else ""
        except (AttributeError, KeyError, LookupError, ValueError):
            text = ""  # a part that is not what it says it is
        text = text if text.strip() else html_text(message_dict.get("body"))
        return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _file_text(file):
    """The content of a text file; nothing of other files."""
    content, is_text = file[1], file[0].lower().endswith(TEXT_FILES)
    if len(content) > FILE_MAX:
        return ""
    if isinstance(content, bytes):
        return content.decode("utf-8", "replace") if is_text else ""
    return content if isinstance(content, str) else str(content)


def _mask_file(file, keep):
    """The same attachment, card numbers masked in its text and its name."""
    name, content, *more = file
    text = _file_text(file)
    masked = card_numbers.mask(text, keep)
    if text and masked != text:
        content = masked.encode() if isinstance(content, bytes) else masked
    return (card_numbers.mask(name, keep), content, *more)
