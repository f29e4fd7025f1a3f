from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..domain.deduction import ShortPayment, guess

#: An invoice of which a payment left more than this share was not paid short: it was
#: paid in part.
SHARE_MAX = 0.35


class O2cShortPayment(models.Model):
    """Invoices that a payment left a little open: likely deductions.

    Read from the open items; one that has a dispute already is not proposed again.
    """

    _name = "o2c.short.payment"
    _description = "Short payment"
    _auto = False
    _order = "date_paid DESC, id DESC"
    _rec_name = "move_id"

    move_id = fields.Many2one("account.move", "Invoice", readonly=True)
    debtor_id = fields.Many2one("o2c.debtor", "Customer account", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_total = fields.Monetary("Invoice total", readonly=True)
    amount = fields.Monetary(
        "Short by", readonly=True, help="In the currency of the invoice."
    )
    date_paid = fields.Date("Paid on", readonly=True)
    reason_id = fields.Many2one(
        "o2c.dispute.reason",
        "It seems",
        compute="_compute_reason",
        compute_sudo=True,
        help="A guess from the amount; change it on the deduction.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT move.id, move.id AS move_id, item.debtor_id, item.partner_id,
                   item.company_id, item.currency_id, move.amount_total,
                   item.amount, paid.date_paid
              FROM (SELECT move_id, debtor_id, partner_id, company_id, currency_id,
                           sum(amount_residual_currency) AS amount
                      FROM (%(items)s) item
                     WHERE amount_residual > 0
                  GROUP BY move_id, debtor_id, partner_id, company_id, currency_id
                   ) item
              JOIN account_move move ON move.id = item.move_id
        CROSS JOIN LATERAL (
                SELECT max(partial.max_date) AS date_paid
                  FROM account_move_line line
                  JOIN account_partial_reconcile partial
                    ON partial.debit_move_id = line.id
                  JOIN account_move_line money ON money.id = partial.credit_move_id
                  JOIN account_journal journal ON journal.id = money.journal_id
                 WHERE line.move_id = move.id
                   AND journal.type IN ('bank', 'cash', 'credit')) paid
             WHERE move.move_type IN ('out_invoice', 'out_receipt')
               AND paid.date_paid IS NOT NULL
               AND item.amount <= move.amount_total * %(share)s
               AND NOT EXISTS (SELECT FROM o2c_dispute
                                WHERE o2c_dispute.move_id = move.id)
            """,
            items=self.env["o2c.open.item"]._items_sql(),
            share=SHARE_MAX,
        )

    def _search(self, *args, **kwargs):
        """EXTENDS base: write what the query reads."""
        self.env["o2c.debtor"]._flush_ledger()
        self.env["o2c.dispute"].flush_model(["move_id"])
        return super()._search(*args, **kwargs)

    def _compute_reason(self):
        reasons = self.env["o2c.dispute.reason"].with_context(active_test=False)
        by_code = {reason.code: reason for reason in reasons.search([])}
        for short in self:
            code = guess(short._facts())
            found = by_code.get(code) or by_code.get("unexplained")
            short.reason_id = found or reasons.browse()

    def _facts(self):
        """What the guess goes by."""
        move = self.move_id
        lines = move.invoice_line_ids.filtered(lambda x: x.display_type == "product")
        return ShortPayment(
            amount=self.amount,
            total=move.amount_total,
            untaxed=move.amount_untaxed,
            discount_percent=move.invoice_payment_term_id.discount_percentage
            if move.invoice_payment_term_id.early_discount
            else 0.0,
            lines=tuple((x.price_total, x.name or "") for x in lines),
            rounding=move.currency_id.rounding,
        )

    def action_make_deduction(self):
        """What is missing rests, as deductions with the guessed reason.

        Looked for anew: what has become a dispute meanwhile is passed over.
        """
        created = self.env["o2c.dispute"]
        for short in self.search([("id", "in", self.ids)]):
            if not short.reason_id:
                raise UserError(self.env._("Set up reasons of disputes first."))
            created += created.create(
                {
                    "move_id": short.move_id.id,
                    "amount": short.amount,
                    "reason_id": short.reason_id.id,
                    "kind": "deduction",
                }
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_collections.o2c_dispute_action"
        )
        action["domain"] = [("id", "in", created.ids)]
        action["context"] = {}
        return action

    @api.readonly
    def action_open_move(self):
        """The invoice."""
        self.ensure_one()
        self.check_access("read")
        return self.move_id.get_formview_action()
