from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

REPORT = "o2c_collections.report_letter_action"
FRAME = "o2c_collections.report_letter_page"


class O2cChaseLetterBatch(models.Model):
    """Letters that were printed together, with the PDF that was made of them."""

    _name = "o2c.chase.letter.batch"
    _description = "Printed letters"
    _order = "id DESC"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date = fields.Date(
        "Printed on", required=True, readonly=True, help="The company's local day."
    )
    user_id = fields.Many2one("res.users", "Printed by", readonly=True)
    attachment_id = fields.Many2one(
        "ir.attachment", "File", readonly=True, ondelete="set null"
    )
    message_ids = fields.One2many(
        "o2c.chase.message", "batch_id", "Letters", readonly=True
    )
    letter_count = fields.Integer("Number of letters", readonly=True)

    @api.depends("date", "letter_count")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for batch in self:
            batch.display_name = self.env._(
                "%(count)s letters of %(day)s",
                count=batch.letter_count,
                day=format_date(self.env, batch.date),
            )

    def action_download(self):
        """Fetch the file again; nothing is sent or counted by it."""
        self.ensure_one()
        self.check_access("read")
        # sudo: who reads the letters reads the file made of them
        attachment_sudo = self.sudo().attachment_id
        if not attachment_sudo:
            raise UserError(self.env._("The file was deleted."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment_sudo.id}?download=true",
            "target": "self",
        }

    @api.model
    def _check_may_print(self):
        if not self.env.user.has_group("o2c_base.group_collector"):
            raise AccessError(self.env._("Only collectors print letters."))

    # ------------------------------------------------------------------
    # Printing
    # ------------------------------------------------------------------

    @api.model
    def _print(self, waiting):
        """Print letters that wait: the file and their state in one transaction.

        :param waiting: o2c.chase.message of one company
        :return: an action that fetches the file, or says why there is none
        """
        problems = {}
        pages = waiting._claim_letters(problems)
        letters = self._count_as_sent(waiting.browse().concat(*pages), problems)
        for letter, words in problems.items():
            letter.write({"failure_code": "internal", "failure_reason": words})
        if not letters:
            return self._tell_problems(problems) or self._nothing_left()
        batch = self._keep(letters, [pages[letter] for letter in letters.sorted("id")])
        fetch = batch.action_download()
        return self._tell_problems(problems, fetch) or fetch

    @api.model
    def _count_as_sent(self, letters, problems):
        """All at once, which takes one decision; one by one if one of them is bad."""
        if letters._try(lambda all_of_them: all_of_them._count_as_sent(), {}):
            return letters
        return letters.filtered(
            lambda letter: letter._try(lambda one: one._count_as_sent(), problems)
        )

    @api.model
    def _keep(self, letters, pages):
        """Make the file, and keep it with its letters."""
        batch = self._new_batch(letters.company_id, len(letters))
        letters.batch_id = batch
        batch.attachment_id = batch._make_file(pages)
        self.env["o2c.event"]._record("letters_printed", batch, {"ids": letters.ids})
        return batch

    @api.model
    def _keep_page(self, company, page):
        """Keep a letter that is none of the chase, such as the answer to a dispute.

        :param page: the rendered page
        :return: the batch, with the file
        """
        batch = self._new_batch(company, 1)
        batch.attachment_id = batch._make_file([page])
        return batch

    @api.model
    def _new_batch(self, company, count):
        return self.create(
            {
                "company_id": company.id,
                "date": company._o2c_today(),
                "user_id": self.env.uid,
                "letter_count": count,
            }
        )

    def _make_file(self, pages):
        """One file with all letters; a page of HTML where no PDF can be made."""
        page = self.env["ir.qweb"]._render(FRAME, {"pages": pages})
        report = self.env.ref(REPORT)
        is_html = report.get_wkhtmltopdf_state() == "install"
        content = (
            str(page).encode()
            if is_html
            else report._run_wkhtmltopdf([page], report_ref=REPORT)
        )
        name = self.env._("Letters %(day)s (%(id)s)", day=self.date, id=self.id)
        return self.env["ir.attachment"].create(
            {
                "name": f"{name}.{'html' if is_html else 'pdf'}",
                "raw": content,
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    @api.model
    def _tell_problems(self, problems, after=None):
        """Name the letters that could not be printed; None if there are none.

        :param after: the action that follows, by default the list is read again
        """
        if not problems:
            return None
        lines = [
            f"{letter.debtor_id.display_name}: {words.strip().splitlines()[0]}"
            for letter, words in problems.items()
        ]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Not printed: %(count)s", count=len(lines)),
                "message": "\n".join(lines),
                "next": after or {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _nothing_left(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "message": self.env._(
                    "None of these letters holds any more: what they ask for was paid "
                    "or has changed, or somebody else is printing them."
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
