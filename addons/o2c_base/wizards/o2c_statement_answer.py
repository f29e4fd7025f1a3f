from odoo import api, fields, models
from odoo.exceptions import UserError


class O2cStatementAnswer(models.TransientModel):
    """What a customer answered to a balance confirmation, as a collector hears it."""

    _name = "o2c.statement.answer"
    _description = "Answer to a balance confirmation"

    statement_id = fields.Many2one("o2c.statement", required=True, readonly=True)
    debtor_id = fields.Many2one(related="statement_id.debtor_id")
    balance_text = fields.Char(related="statement_id.balance_text", string="Our books")
    answer = fields.Selection(
        [("agreed", "The balance agrees"), ("disagreed", "It does not agree")],
        required=True,
        default="agreed",
    )
    line_ids = fields.One2many(
        "o2c.statement.answer.line", "wizard_id", "The customer's books"
    )
    note = fields.Text(help="What explains the difference, in the customer's words.")
    answered_by = fields.Char(help="Who answered, by name.")
    answered_on = fields.Date(default=fields.Date.context_today)
    evidence_ids = fields.Many2many(
        "ir.attachment", help="The signed page, or the e-mail."
    )

    @api.model
    def default_get(self, fields_list):
        """EXTENDS base: one line per currency of the statement."""
        values = super().default_get(fields_list)
        statement = self.env["o2c.statement"].browse(values.get("statement_id"))
        sections = (statement.figures or {}).get("currencies", [])
        values["line_ids"] = [
            fields.Command.create(
                {
                    "currency_id": section["currency_id"],
                    "amount_ours": section["closing"],
                    "amount_theirs": section["closing"],
                }
            )
            for section in sections
        ]
        return values

    def action_record(self):
        """Write the answer down."""
        self.ensure_one()
        self.statement_id._check_may_answer()
        today = self.statement_id.company_id._o2c_today()
        if self.answered_on and self.answered_on > today:
            raise UserError(self.env._("The customer cannot have answered tomorrow."))
        theirs = {str(li.currency_id.id): li.amount_theirs for li in self.line_ids}
        self.statement_id._set_answered(
            self.answer,
            evidence=self.evidence_ids,
            answer_figures=theirs if self.answer == "disagreed" else False,
            answer_note=self.note,
            answered_by=self.answered_by,
            answered_on=self.answered_on or today,
        )
        return {"type": "ir.actions.act_window_close"}


class O2cStatementAnswerLine(models.TransientModel):
    """The balance of one currency, in our books and in the customer's."""

    _name = "o2c.statement.answer.line"
    _description = "Balance in the customer's books"

    wizard_id = fields.Many2one(
        "o2c.statement.answer", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one("res.currency", required=True)
    amount_ours = fields.Monetary("Our books")
    amount_theirs = fields.Monetary("The customer's books")
    amount_difference = fields.Monetary("Difference", compute="_compute_difference")

    @api.depends("amount_ours", "amount_theirs")
    def _compute_difference(self):
        for line in self:
            line.amount_difference = line.amount_ours - line.amount_theirs
