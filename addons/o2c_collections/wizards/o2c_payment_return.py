from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class O2cPaymentReturn(models.TransientModel):
    """The bank took a payment back: what it paid is open again.

    One gesture books the return on its day, the bank's fee, and charges the fee on if
    wanted. The payment stays as it was booked; its reversal tells that it came back.
    """

    _name = "o2c.payment.return"
    _description = "Returned payment"

    payment_id = fields.Many2one("account.payment", required=True, readonly=True)
    company_id = fields.Many2one(related="payment_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date("Returned on", required=True)
    reason = fields.Char(help="What the bank says, such as: no funds.")
    fee = fields.Monetary("Bank's fee", help="What the bank charges for it.")
    fee_account_id = fields.Many2one(
        "account.account",
        "Fee account",
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost'))]",
        check_company=True,
        help="Where the fee is booked.",
    )
    is_charged_on = fields.Boolean(
        "Charge it on", help="The customer gets an invoice over the fee, without tax."
    )

    @api.model
    def default_get(self, fields_list):
        """EXTENDS base: returned today, by the company's clock."""
        values = super().default_get(fields_list)
        payment = self.env["account.payment"].browse(values.get("payment_id"))
        company = payment.company_id or self.env.company
        values.setdefault("date", company._o2c_today())
        return values

    def action_return(self):
        """Book it all, and let the chase go on."""
        self.ensure_one()
        payment = self.payment_id
        payment.check_access("write")
        self._check_sense()
        label = self.env._("Returned payment %s", payment.name)
        payment.move_id._reverse_moves(
            [
                {
                    "date": self.date,
                    "ref": f"{label}: {self.reason}" if self.reason else label,
                }
            ],
            cancel=True,
        )
        if not self.currency_id.is_zero(self.fee):
            self._book_fee(label)
        self._note_returned()
        return {"type": "ir.actions.act_window_close"}

    def _note_returned(self):
        """Tell the customer's account; a payment of nobody has none."""
        payment = self.payment_id
        if payment.partner_id:
            # sudo: whoever may post payments need not have a role in Receivables
            debtors_sudo = self.env["o2c.debtor"].sudo()
            pairs = [(payment.partner_id, payment.company_id)]
            debtors_sudo._ensure(pairs)._note_returned(payment, self.reason or "")

    def _check_sense(self):
        payment = self.payment_id
        if payment.payment_type != "inbound" or payment.partner_type != "customer":
            raise UserError(self.env._("Only customers' payments come back."))
        if payment.move_id.state != "posted":
            raise UserError(
                self.env._("This payment has no posted entry that could be taken back.")
            )
        if payment.move_id.reversal_move_ids.filtered(lambda m: m.state == "posted"):
            raise UserError(self.env._("This payment was returned already."))
        if self.date < payment.date:
            raise UserError(
                self.env._("A payment cannot come back before it was made.")
            )
        if self.fee < 0:
            raise UserError(self.env._("A fee is not negative."))
        if self.fee and not self.fee_account_id:
            raise UserError(self.env._("Choose the account for the bank's fee."))

    def _book_fee(self, label):
        """The fee in the bank's journal, and the customer's invoice over it."""
        payment = self.payment_id
        liquidity, _counterpart, _write_off = payment._seek_for_lines()
        moves = self.env["account.move"].with_company(payment.company_id)
        fee = moves.create(
            {
                "move_type": "entry",
                "date": self.date,
                "journal_id": payment.journal_id.id,
                "ref": label,
                "line_ids": [
                    Command.create(
                        {
                            "name": label,
                            "account_id": self.fee_account_id.id,
                            "balance": self.fee,
                        }
                    ),
                    Command.create(
                        {
                            "name": label,
                            "account_id": liquidity.account_id.id,
                            "balance": -self.fee,
                        }
                    ),
                ],
            }
        )
        if self.is_charged_on:
            fee |= moves.create(
                {
                    "move_type": "out_invoice",
                    "company_id": payment.company_id.id,
                    "partner_id": payment.partner_id.id,
                    "invoice_date": self.date,
                    "currency_id": self.currency_id.id,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": label, "price_unit": self.fee, "tax_ids": []}
                        )
                    ],
                }
            )
        fee.action_post()
