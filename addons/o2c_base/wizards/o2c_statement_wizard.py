from base64 import b64encode

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.o2c_debtor_statement_send import REPORT
from ..report.o2c_statement_report import CUSTOMERS_MAX
from ..report.o2c_statement_workbook import statement_workbook

#: So many are previewed: the preview travels as an address.
PREVIEW_MAX = 50


class O2cStatementWizard(models.TransientModel):
    """Make statements: look, print, export or send them."""

    _name = "o2c.statement.wizard"
    _description = "Make a statement"

    debtor_ids = fields.Many2many(
        "o2c.debtor",
        string="Customers",
        required=True,
        default=lambda self: self._default_debtors(),
    )
    debtor_count = fields.Integer(compute="_compute_debtor_count")
    as_of = fields.Date(
        "As of",
        required=True,
        default=lambda self: self.env.company._o2c_today(),
        help="The last day that counts.",
    )
    form = fields.Selection(
        [("open_item", "Open items"), ("activity", "Activity")],
        required=True,
        default="open_item",
        help="Open items: what is open on the day. Activity: opening balance, all "
        "that was booked since the first day, closing balance.",
    )
    date_from = fields.Date(
        "From",
        compute="_compute_date_from",
        store=True,
        readonly=False,
        help="First day whose bookings are listed. Empty: all there are.",
    )
    asks_confirmation = fields.Boolean(
        "Ask to confirm the balance",
        help="The letter asks the customer to compare the balance with his books. It "
        "is kept, and waits for the answer.",
    )
    languages = fields.Char(
        "Written in",
        compute="_compute_languages",
        help="The language of each customer, or of the company where that is not in "
        "use.",
    )
    balance = fields.Char(compute="_compute_balance")
    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char(readonly=True)

    @api.model
    def _default_debtors(self):
        if self.env.context.get("active_model") == "o2c.debtor":
            return self.env.context.get("active_ids")
        return []

    @api.depends("debtor_ids")
    def _compute_debtor_count(self):
        for wizard in self:
            wizard.debtor_count = len(wizard.debtor_ids)

    @api.depends("as_of")
    def _compute_date_from(self):
        """Propose the three months up to the day."""
        for wizard in self:
            if wizard.as_of:
                first = fields.Date.start_of(wizard.as_of, "month")
                wizard.date_from = fields.Date.subtract(first, months=2)

    @api.depends("debtor_ids")
    def _compute_languages(self):
        names = dict(self.env["res.lang"].get_installed())
        for wizard in self:
            codes = wizard.debtor_ids.mapped("statement_language")
            wizard.languages = ", ".join(
                names[code] if len(set(codes)) == 1 else f"{names[code]} ({count})"
                for code, count in sorted(
                    (code, codes.count(code)) for code in set(codes)
                )
            )

    @api.depends("debtor_ids", "as_of")
    def _compute_balance(self):
        """The balance of a single customer, so that one sees whom one has."""
        for wizard in self:
            debtor = wizard.debtor_ids._origin
            wizard.balance = False
            if len(debtor) == 1 and wizard.as_of:
                sections = debtor._statement(wizard.as_of)[debtor.id]["currencies"]
                wizard.balance = self.env["o2c.statement"]._join(
                    (section["currency_id"], section["closing"]) for section in sections
                ) or self.env._("Nothing is open")

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_preview(self):
        """Show the statements as a page."""
        if len(self.debtor_ids) > PREVIEW_MAX:
            raise UserError(
                self.env._(
                    "The preview shows %s customers at most. Choose fewer, or print "
                    "a PDF.",
                    PREVIEW_MAX,
                )
            )
        return {**self._report_action(), "report_type": "qweb-html"}

    def action_print(self):
        """Download one PDF for all; a balance confirmation is kept as sent."""
        action = self._report_action()
        if self.asks_confirmation:
            self.debtor_ids.check_access("write")
            statements = self.env["o2c.statement"]._not_asked_yet(self._statements())
            kept = self.env["o2c.statement"]._keep(statements, asks_confirmation=True)
            kept._set_sent(self.env._("printed"))
        return action

    def action_export(self):
        """Download the statements as an Excel workbook."""
        self._check_size()
        content = statement_workbook(self.debtor_ids, self._statements())
        self.file = b64encode(content)
        self.file_name = self.debtor_ids._statement_file_name(self.as_of, "xlsx")
        return {
            "type": "ir.actions.act_url",
            "target": "download",
            "url": f"/web/content/{self._name}/{self.id}/file/{self.file_name}"
            "?download=true",
        }

    def action_send(self):
        """Write an e-mail to one customer, with the statement as a file."""
        debtor = self.debtor_ids
        if len(debtor) != 1:
            raise UserError(
                self.env._(
                    "An e-mail is written to one customer at a time. Scheduled "
                    "statements go to many: see the customer account."
                )
            )
        debtor._check_statement_access()
        debtor.check_access("write")
        return debtor._compose_statement(self._options())

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _options(self):
        return {
            "as_of": fields.Date.to_string(self.as_of),
            "date_from": fields.Date.to_string(self.date_from) or False,
            "form": self.form,
            "asks_confirmation": self.asks_confirmation,
        }

    def _statements(self):
        return self.debtor_ids._statement(
            as_of=self.as_of, date_from=self.date_from, form=self.form
        )

    def _check_size(self):
        self.debtor_ids._check_statement_access()
        self.debtor_ids._statement_dates(self.as_of, self.date_from, self.form)
        if not 0 < len(self.debtor_ids) <= CUSTOMERS_MAX:
            raise UserError(
                self.env._(
                    "Choose between 1 and %s customers at a time.", CUSTOMERS_MAX
                )
            )

    def _report_action(self):
        self._check_size()
        data = {"debtor_ids": self.debtor_ids.ids, **self._options()}
        # sudo: which template prints it is no secret
        return self.env.ref(REPORT).sudo().report_action(None, data=data, config=False)
