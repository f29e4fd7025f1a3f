from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: A job that should have begun so long ago is not running.
JOB_LATE = timedelta(minutes=15)

DISMISSED = "dismissed"


class O2cOverview(models.AbstractModel):
    """The checklist that leads a new company to its first reminder.

    The server computes each item's state from what is there; only what a person has
    to look at is ticked by hand. It stands in place of the panels while there are no
    customers, above them until the essential is done, and is one line after that.
    """

    _inherit = "o2c.overview"

    # ------------------------------------------------------------------
    # What the page calls
    # ------------------------------------------------------------------

    @api.model
    def action_tick(self, code):
        """Note that a person has looked at an item which nothing else can tell."""
        root_sudo = self._root_to_configure_sudo()
        by_hand = [i["code"] for i in self._checklist(root_sudo) if i.get("by_hand")]
        if code not in by_hand:
            raise UserError(self.env._("This item is not ticked by hand."))
        root_sudo._o2c_note_checklist(code)

    @api.model
    def action_dismiss_checklist(self):
        """Hide the checklist for good; not before the essential is done."""
        root_sudo = self._root_to_configure_sudo()
        if self._is_left(self._checklist(root_sudo)):
            raise UserError(
                self.env._("Do what is marked as essential first, then hide the list.")
            )
        root_sudo._o2c_note_checklist(DISMISSED)

    @api.model
    def _root_to_configure_sudo(self):
        root_sudo = self._root_sudo()
        may = self.env.user.has_group("o2c_base.group_manager")
        if not may or root_sudo.id not in self.env.user.company_ids.ids:
            raise AccessError(
                self.env._("Only managers of the company work on its checklist.")
            )
        return root_sudo

    # ------------------------------------------------------------------
    # The list
    # ------------------------------------------------------------------

    @api.model
    def _checklist_frame(self, root_sudo):
        """The items with their states; None once it was hidden."""
        noted = root_sudo.o2c_checklist or []
        if DISMISSED in noted:
            return None
        items = self._checklist(root_sudo)
        for item in items:
            if item.get("by_hand") and item["code"] in noted:
                item["state"] = "done"
        is_left = self._is_left(items)
        return {
            "items": items,
            "done": sum(item["state"] == "done" for item in items),
            "is_open": is_left,
            "may_tick": self.env.user.has_group("o2c_base.group_manager"),
            "tour": self._checklist_tour() if is_left else None,
        }

    @api.model
    def _checklist_tour(self):
        """Hook: name of the tour that leads through the list, if there is one."""
        return None  # noqa: RET501 the hook's default answer

    @api.model
    def _is_left(self, items):
        return any(item.get("essential") and item["state"] != "done" for item in items)

    @api.model
    def _checklist(self, root_sudo):
        """Hook: the items in their order.

        Each is a dict of ``code``; ``title``; ``text``, what is the matter and what to
        do; ``state``: "done", "todo" or "warning"; ``button``, the label of its
        ``link`` or ``call`` (model, method and arguments), if the user may use it.
        Without the ``essential`` ones there is no reminder; ``by_hand`` ones are ticked
        by a person.
        """
        return [self._check_invoice(root_sudo), self._check_jobs()]

    @api.model
    def _check_invoice(self, root_sudo):
        domain = [
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("company_id", "child_of", root_sudo.id),
        ]
        # sudo: a yes or no for users who may not read all branches
        has_invoice = self.env["account.move"].sudo().search_count(domain, limit=1)
        return {
            "code": "invoice",
            "title": self.env._("Post customer invoices"),
            "text": self.env._(
                "Customer accounts appear by themselves within a minute."
            )
            if has_invoice
            else self.env._(
                "There is no posted customer invoice yet: nobody owes anything."
            ),
            "state": "done" if has_invoice else "todo",
            "essential": True,
            "button": self.env._("Customer invoices"),
            "link": self._link(
                "account.action_move_out_invoice_type",
                self.env._("Customer invoices"),
                [("move_type", "in", ["out_invoice", "out_refund"])],
                {"default_move_type": "out_invoice"},
            ),
        }

    # ------------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------------

    @api.model
    def _watched_jobs(self):
        """Hook: XML ids of the jobs without which nothing moves."""
        return ["o2c_base.ir_cron_refresh_facts"]

    @api.model
    def _late_jobs(self):
        """Names of the watched jobs that are switched off or do not run."""
        # sudo: names and times of our own jobs, which only administrators read
        env_sudo = self.sudo().env
        ids = [env_sudo.ref(xmlid).id for xmlid in self._watched_jobs()]
        jobs_sudo = env_sudo["ir.cron"].with_context(active_test=False).browse(ids)
        limit = fields.Datetime.now() - JOB_LATE
        late_sudo = jobs_sudo.filtered(lambda j: not j.active or j.nextcall < limit)
        return late_sudo.mapped("cron_name")

    @api.model
    def _check_jobs(self):
        late = self._late_jobs()
        item = {
            "code": "jobs",
            "title": self.env._("Scheduled jobs run"),
            "text": self.env._(
                "Figures are refreshed and reminders sent in the background."
            ),
            "state": "done",
        }
        if late:
            item["state"] = "todo"
            item["text"] = self.env._(
                "Switched off, or waiting for more than 15 minutes: %s. Ask whoever "
                "runs the server to start its scheduler.",
                ", ".join(late),
            )
        if self.env.user.has_group("base.group_system"):
            item["button"] = self.env._("Scheduled jobs")
            item["link"] = self._link(
                "base.ir_cron_act", self.env._("Scheduled jobs"), []
            )
        return item
