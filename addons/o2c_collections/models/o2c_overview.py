import logging
import smtplib
from urllib.parse import urlparse

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, exception_to_unicode, format_date

_logger = logging.getLogger(__name__)

MAIL = "mail"
ADDRESS = "base.action_res_company_form"
#: Hosts that nobody reaches from outside.
LOCAL_HOSTS = ("localhost", "0.0.0.0", "::1")  # noqa: S104 compared, not bound


class O2cOverview(models.AbstractModel):
    """What the checklist asks before the first reminder can be sent."""

    _inherit = "o2c.overview"

    @api.model
    def _watched_jobs(self):
        return [
            *super()._watched_jobs(),
            "o2c_collections.ir_cron_chase_run",
            "o2c_collections.ir_cron_chase_message_send",
            "o2c_collections.ir_cron_self_check",
        ]

    @api.model
    def _checklist_tour(self):
        return "o2c_first_reminder"

    @api.model
    def _checklist(self, root_sudo):
        return [
            *super()._checklist(root_sudo),
            self._check_mail(root_sudo),
            self._check_sender(root_sudo),
            self._check_url(root_sudo),
            self._check_addresses(root_sudo),
            self._check_chase_from(root_sudo),
            self._check_preview(root_sudo),
            self._check_sending(root_sudo),
            self._check_run(root_sudo),
        ]

    # ------------------------------------------------------------------
    # Can a reminder leave, and can it be answered?
    # ------------------------------------------------------------------

    @api.model
    def action_test_mail(self):
        """Try to reach the mail server, without sending anything."""
        root_sudo = self._root_to_configure_sudo()
        error = self._mail_error(root_sudo)
        root_sudo._o2c_note_checklist(MAIL, not error)
        message = self.env._("The mail server accepts what the company sends.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if error else "success",
                "message": error or message,
                "sticky": bool(error),
            },
        }

    @api.model
    def _mail_error(self, root_sudo):
        """What the mail server says against the company as sender, if anything."""
        sender = email_normalize(root_sudo.email) or None
        # sudo: mail servers are closed to all but administrators; nothing is shown
        servers_sudo = self.env["ir.mail_server"].sudo()
        try:
            connection = servers_sudo._connect__(smtp_from=sender)
        except (UserError, OSError, smtplib.SMTPException) as error:
            _logger.info("The checklist's test found no mail server: %s", error)
            return exception_to_unicode(error)
        if not connection:  # in tests, core connects to nothing
            return False
        try:
            code, reply = connection.mail(sender or "")
            connection.quit()
        except (OSError, smtplib.SMTPException) as error:
            return exception_to_unicode(error)
        return False if code == 250 else reply.decode(errors="replace")

    @api.model
    def _check_mail(self, root_sudo):
        has_sent = self.env["o2c.chase.message"].search_count(
            [("company_id", "=", root_sudo.id), ("state", "=", "sent")], limit=1
        )
        is_done = has_sent or MAIL in (root_sudo.o2c_checklist or [])
        return {
            "code": MAIL,
            "title": self.env._("Outgoing mail works"),
            "text": self.env._("The mail server took what the company sends.")
            if is_done
            else self.env._(
                "Nothing was sent yet. The test connects to the mail server and sends "
                "nothing; servers are set up in Settings, Outgoing Mail Servers."
            ),
            "state": "done" if is_done else "todo",
            "essential": True,
            **self._for_managers(
                button=self.env._("Test it"),
                call=["o2c.overview", "action_test_mail", []],
            ),
        }

    @api.model
    def _check_sender(self, root_sudo):
        item = {
            "code": "sender",
            "title": self.env._("Replies arrive"),
            "essential": True,
        }
        if not email_normalize(root_sudo.email):
            state = "todo"
            text = self.env._(
                "The company has no e-mail address. Reminders are sent from it, and "
                "replies go there: enter one."
            )
        elif not root_sudo.alias_domain_id:
            state = "done"
            text = self.env._(
                "Reminders come from %s, and replies go there. With an alias domain "
                "they would also show on the customer account.",
                root_sudo.email,
            )
        else:
            state = "done"
            text = self.env._(
                "Reminders come from %s; replies show on the customer account.",
                root_sudo.email,
            )
        item |= {"state": state, "text": text}
        if self.env.user.has_group("base.group_erp_manager"):
            item["button"] = self.env._("Company")
            item["link"] = {
                **self._link(ADDRESS, root_sudo.name, []),
                "res_id": root_sudo.id,
            }
        return item

    @api.model
    def _check_url(self, root_sudo):
        url = root_sudo.get_base_url()
        host = urlparse(url).hostname or ""
        is_local = host in LOCAL_HOSTS or host.startswith("127.") or "." not in host
        text = (
            self.env._(
                "Links in messages would lead to %s, which customers cannot reach. Log "
                "in as administrator at the public address, or set web.base.url.",
                url,
            )
            if is_local
            else self.env._("Links in messages lead to %s.", url)
        )
        item = {
            "code": "url",
            "title": self.env._("Customers can follow links"),
            "text": text,
            "state": "warning" if is_local else "done",
        }
        if self.env.user.has_group("base.group_system"):
            item["button"] = self.env._("Address")
            item["link"] = self._link(
                "base.ir_config_list_action",
                self.env._("System Parameters"),
                [("key", "=", "web.base.url")],
            )
        return item

    @api.model
    def _check_addresses(self, root_sudo):
        domain = [
            ("amount_outstanding", ">", 0),
            ("partner_id.email_normalized", "=", False),
            "!",
            ("partner_id.child_ids.email_normalized", "!=", False),
        ]
        count = self.env["o2c.debtor"].search_count(
            [("company_id", "=", root_sudo.id), *domain]
        )
        title = self.env._("Customers can be written to")
        return {
            "code": "addresses",
            "title": title,
            "text": self.env._(
                "Customers who owe something and have no e-mail address: %s. They are "
                "called instead.",
                count,
            )
            if count
            else self.env._("Every customer who owes something has an e-mail address."),
            "state": "warning" if count else "done",
            "button": self.env._("Customers without e-mail"),
            "link": self._account_link(
                root_sudo, self.env._("Customers without e-mail"), domain, count
            ),
        }

    # ------------------------------------------------------------------
    # Is it agreed whom to write to?
    # ------------------------------------------------------------------

    @api.model
    def _check_chase_from(self, root_sudo):
        return {
            "code": "chase_from",
            "title": self.env._("Old items are looked at"),
            "text": self.env._(
                "Items due before %s are not chased until somebody includes them in "
                "the clean-up list. The date is in Settings, Receivables.",
                format_date(self.env, root_sudo.o2c_chase_from),
            )
            if root_sudo.o2c_chase_from
            else self.env._(
                "All items are chased, however old. Settings, Receivables."
            ),
            "state": "done" if root_sudo.o2c_sending else "todo",
            "by_hand": True,
            "button": self.env._("Clean-up list"),
            "link": self._link(
                "o2c_base.o2c_open_item_action_clean_up",
                self.env._("Clean-up list"),
                [("needs_clean_up", "=", True)],
            ),
        }

    @api.model
    def _check_preview(self, root_sudo):
        return {
            "code": "preview",
            "title": self.env._("The preview was seen"),
            "text": self.env._(
                "It shows who would be contacted today, how, and for whom there is a "
                "reason to wait. Nothing is sent by looking."
            ),
            "state": "done" if root_sudo.o2c_preview_seen_at else "todo",
            "essential": True,
            "button": self.env._("Preview"),
            "call": ["o2c.chase.run", "action_preview", [[]]],
        }

    @api.model
    def _check_sending(self, root_sudo):
        is_done = root_sudo.o2c_sending or self._real_run(root_sudo)
        return {
            "code": "sending",
            "title": self.env._("Chasing is switched on"),
            "text": self.env._("From the next run on, customers are contacted.")
            if root_sudo.o2c_sending
            else self.env._(
                "Nobody is contacted: press Start chasing above the preview."
            ),
            "state": "done" if is_done else "todo",
            "essential": True,
            **self._for_managers(
                button=self.env._("Preview"),
                call=["o2c.chase.run", "action_preview", [[]]],
            ),
        }

    @api.model
    def _check_run(self, root_sudo):
        return {
            "code": "run",
            "title": self.env._("The first run"),
            "text": self.env._(
                "A run starts by itself each night from five o'clock; the first one "
                "can be started now, and its reminders leave within minutes."
            ),
            "state": "done" if self._real_run(root_sudo) else "todo",
            "essential": True,
            "button": self.env._("Run now"),
            "call": ["o2c.chase.run", "action_run_now", [[]]],
        }

    @api.model
    def _real_run(self, root_sudo):
        """Whether a run has ever contacted somebody, or would have."""
        domain = [
            ("company_id", "=", root_sudo.id),
            ("state", "=", "done"),
            ("is_dry", "=", False),
        ]
        return bool(self.env["o2c.chase.run"].search_count(domain, limit=1))

    @api.model
    def _for_managers(self, **button):
        is_manager = self.env.user.has_group("o2c_base.group_manager")
        return button if is_manager else {}
