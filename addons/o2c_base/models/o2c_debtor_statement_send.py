from functools import partial

from odoo import api, models
from odoo.tools import email_normalize

REPORT = "o2c_base.report_statement_action"
TEMPLATE = "o2c_base.mail_template_statement"


class O2cDebtor(models.Model):
    """How a statement leaves the house: to whom, and as which file."""

    _inherit = "o2c.debtor"

    def _statement_recipients(self):
        """To whom each statement goes, found for all accounts at once.

        The contact for accounts payable, else the invoice address, else the company
        itself; one that can be written to comes first.

        :return: dict of account id to a partner in superuser mode
        """
        # sudo: the contacts may be another branch's; they are shown on the letter
        debtors_sudo = self.sudo()
        owners = debtors_sudo.partner_id
        contacts = owners.search(
            [
                ("commercial_partner_id", "in", owners.ids),
                "|",
                ("type", "=", "invoice"),
                ("o2c_contact_role", "=", "accounts_payable"),
            ],
            order="id",
        )
        by_owner = contacts.grouped("commercial_partner_id")
        return {
            debtor.id: min(
                [*by_owner.get(debtor.partner_id, ()), debtor.partner_id],
                key=partial(_place, owner=debtor.partner_id),
            )
            for debtor in debtors_sudo
        }

    def _statement_file(self, **options):
        """One file with the statements of these accounts.

        It is made from one page that needs nothing else: no server that answers, no
        address to be reached at, as jobs make files too.

        :param options: ``as_of, date_from, form, asks_confirmation``
        :return: name and content; a PDF, or the HTML twin where no PDF can be made
        """
        values = self.env["report.o2c_base.report_statement"]._get_report_values(
            self.ids, {**options, "report_type": "pdf"}
        )
        page = self.env["ir.qweb"]._render("o2c_base.report_statement_page", values)
        # sudo: which template and which paper is no secret
        report_sudo = self.env.ref(REPORT).sudo()
        if report_sudo.get_wkhtmltopdf_state() == "install":
            name = self._statement_file_name(options.get("as_of"), "html")
            return name, str(page).encode()
        content = report_sudo._run_wkhtmltopdf([page], report_ref=REPORT)
        return self._statement_file_name(options.get("as_of"), "pdf"), content

    @api.model
    def _statement_file_name(self, as_of, extension):
        day = self.env["o2c.open.item"]._as_of_date(as_of)
        day = day or self.env.company._o2c_today()
        who = self.partner_id.name if len(self) == 1 else ""
        language = self.statement_language if len(self) == 1 else self.env.lang
        words = self.with_context(lang=language).env._("Statement")
        name = " ".join(filter(None, [words, who, str(day)]))
        return f"{name.replace('/', '-')}.{extension}"

    # ------------------------------------------------------------------
    # E-mail
    # ------------------------------------------------------------------

    def _compose_statement(self, options):
        """Open the e-mail to one customer, with his statement as a file.

        The statement is kept as a draft and counts once the e-mail is posted.

        :param options: ``as_of, date_from, form, asks_confirmation``
        """
        self.ensure_one()
        name, content = self._statement_file(**options)
        attachment = self.env["ir.attachment"].create(
            # what the composer takes along, and core clears away if it is closed
            {"name": name, "raw": content, "res_model": "mail.compose.message"}
        )
        asks = options.get("asks_confirmation")
        figures = {k: v for k, v in options.items() if k != "asks_confirmation"}
        self.env["o2c.statement"]._keep(
            self._statement(**figures),
            attachment_id=attachment.id,
            asks_confirmation=asks,
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send the statement"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_template_id": self.env.ref(TEMPLATE).id,
                "default_partner_ids": self._statement_recipients()[self.id].ids,
                "default_attachment_ids": attachment.ids,
                "o2c_statement_day": options.get("as_of"),
                "o2c_statement_asks": asks,
            },
        }

    def _message_post_after_hook(self, message, msg_vals):
        """EXTENDS mail: a statement whose file was posted has been sent."""
        result = super()._message_post_after_hook(message, msg_vals)
        # sudo: whoever writes to the customer need not be able to read all of it
        message_sudo = message.sudo()
        reached_sudo = self._reached_outside(message_sudo)
        if message_sudo.attachment_ids and reached_sudo:
            sent_sudo = message_sudo.env["o2c.statement"].search(
                [
                    ("debtor_id", "in", self.ids),
                    ("attachment_id", "in", message_sudo.attachment_ids.ids),
                    ("state", "=", "draft"),
                ]
            )
            sent_sudo._set_sent(", ".join(reached_sudo.mapped("name")))
        return result

    def _reached_outside(self, message_sudo):
        """Who of those that a message goes to is no colleague.

        A note goes to whom it names alone, and mostly to nobody outside.
        """
        reached_sudo = message_sudo.partner_ids
        if not message_sudo.subtype_id.internal:
            reached_sudo |= self.sudo().message_partner_ids  # sudo: as above
        return reached_sudo.filtered("partner_share")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_statement(self):
        """Make a statement of these accounts."""
        self._check_statement_access()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_base.o2c_statement_wizard_action"
        )
        action["context"] = {"default_debtor_ids": self.ids}
        return action


def _place(partner, owner):
    """Who comes first, the smallest."""
    if partner.o2c_contact_role == "accounts_payable":
        role = 1
    else:
        role = 3 if partner == owner else 2
    return (not email_normalize(partner.email), role, partner.id)
