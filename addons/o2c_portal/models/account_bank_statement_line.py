import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from odoo.addons.o2c_base.tools.transaction import one_at_a_time, wait_rows

from ..domain.creditor_reference import references_in

CRON = "o2c_portal.ir_cron_references"


class AccountBankStatementLine(models.Model):
    """Money that names the reference of a transfer chosen on a customer's page.

    Creating the line only recognises it; the job that matches never keeps an import
    waiting, and never makes it fail.
    """

    _inherit = "account.bank.statement.line"

    o2c_remittance_id = fields.Many2one(
        "o2c.remittance",
        "Chosen items",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Its text names the reference that the customer's page gave him for them.",
    )
    o2c_reference_state = fields.Selection(
        [
            ("waiting", "To be matched"),
            ("matched", "Matched"),
            ("left", "Left to a person"),
        ],
        "Matching by reference",
        readonly=True,
        copy=False,
        help="Left to a person: an activity on the customer account says why.",
    )

    _o2c_waiting_idx = models.Index("(id) WHERE o2c_reference_state = 'waiting'")

    @api.model_create_multi
    def create(self, vals_list):
        """EXTENDS account: references that customers' pages gave are recognised."""
        lines = super().create(vals_list)
        lines._o2c_recognise()
        return lines

    def _o2c_recognise(self):
        """Note what these name, to be matched in the next minute."""
        named = {
            line: references_in(
                f"{line.payment_ref or ''} {json.dumps(line.transaction_details or '')}"
            )
            for line in self
            if line.amount > 0
        }
        wanted = set().union(*named.values())
        if not wanted:
            return
        # sudo: who brings in bank transactions need not have a role in Receivables
        remittances_sudo = self.env["o2c.remittance"].sudo()
        known = remittances_sudo.search([("payment_reference", "in", list(wanted))])
        for line, references in named.items():
            found = known.filtered(lambda r, n=references: r.payment_reference in n)
            fitting = found.filtered(line._o2c_is_amount_of) or found
            if fitting:
                line.o2c_remittance_id = fitting[0]
                line.o2c_reference_state = "waiting"
        if known:
            job = self.env.ref(CRON, raise_if_not_found=False)
            if job:
                job.sudo()._trigger()  # sudo: a job is nobody's record

    def _o2c_amount(self):
        """What came in, and in which currency it was sent."""
        if self.foreign_currency_id:
            return self.amount_currency, self.foreign_currency_id
        return self.amount, self.currency_id

    def _o2c_is_amount_of(self, remittance):
        amount, currency = self._o2c_amount()
        return currency == remittance.currency_id and not currency.compare_amounts(
            amount, remittance.amount_total
        )

    # ------------------------------------------------------------------
    # Matching
    # ------------------------------------------------------------------

    def _o2c_settle(self):
        """Match it with the transfer it names, once, or leave it and tell why.

        :return: True, to tell it from work that failed
        """
        self.ensure_one()
        wait_rows(self)
        if not self.exists() or self.o2c_reference_state != "waiting":
            return True
        if self.is_reconciled:  # a person was quicker
            self.o2c_reference_state = "left"
            return True
        one_at_a_time(self.o2c_remittance_id)
        language = self._o2c_reader().lang or self.env.lang
        line = self.with_company(self.company_id).with_context(lang=language)
        try:
            with self.env.cr.savepoint():
                payment = line._o2c_match()
        except UserError as error:
            line._o2c_leave(error.args[0])
            return True
        self.o2c_reference_state = "matched"
        line.o2c_remittance_id.debtor_id._post_note(
            line.env._(
                "Bank transaction %(entry)s names %(reference)s: matched with payment "
                "%(payment)s, for what was chosen on the customer's page.",
                entry=line.move_id.name,
                reference=line.o2c_remittance_id._payment_reference_text(),
                payment=payment.name,
            )
        )
        return True

    def _o2c_reader(self):
        """Who looks after the customer, and reads what was done or left."""
        debtor = self.o2c_remittance_id.debtor_id
        return debtor._responsible() or debtor.company_id._o2c_owner()

    def _o2c_match(self):
        """Book the transfer, where nobody has, and match it with this line.

        :return: the payment
        :raise UserError: why it is left to a person
        """
        _liquidity, suspense, others = self._seek_for_lines()
        if len(suspense) != 1 or others:
            raise UserError(self.env._("A person has begun to match it."))
        attempt = self.o2c_remittance_id._transfer_awaited()
        self._o2c_check(attempt)
        money = attempt._o2c_arrive(self)
        if money.account_id == self.journal_id.default_account_id or not (
            money.account_id.reconcile
        ):
            raise UserError(
                self.env._(
                    "Transfers are booked on account %s, where nothing can be matched: "
                    "give the journal's incoming payments an outstanding account.",
                    money.account_id.display_name,
                )
            )
        self.partner_id = money.partner_id
        quiet = self.with_context(skip_account_move_synchronization=True)
        suspense = quiet._seek_for_lines()[1]
        suspense.account_id = money.account_id
        (suspense + money).reconcile()
        return money.payment_id

    def _o2c_check(self, attempt):
        """Whether this is the money that is awaited."""
        if self.company_id != attempt.company_id:
            raise UserError(self.env._("It came in at another company."))
        if not self._o2c_is_amount_of(self.o2c_remittance_id):
            amount, currency = self._o2c_amount()
            remittance = self.o2c_remittance_id
            raise UserError(
                self.env._(
                    "%(came)s came in, chosen was %(chosen)s.",
                    came=currency.format(amount),
                    chosen=remittance.currency_id.format(remittance.amount_total),
                )
            )

    def _o2c_leave(self, why):
        """Leave the line as it is; whoever looks after the customer reads why."""
        self.o2c_reference_state = "left"
        remittance = self.o2c_remittance_id
        debtor = remittance.debtor_id
        is_here = self.company_id.root_id == debtor.company_id
        chosen = ", ".join(
            f"{part.move_line_id.move_name} {part.currency_id.format(part.amount)}"
            for part in remittance.line_ids
        )
        debtor.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=self._o2c_reader().id,
            date_deadline=debtor.company_id._o2c_today(),
            summary=self.env._("Match a transfer by hand"),
            note=plaintext2html(
                self.env._(
                    "Bank transaction %(entry)s names %(reference)s, given for "
                    "%(chosen)s. It was left as it is: %(why)s",
                    entry=self.move_id.name if is_here else "",
                    reference=remittance._payment_reference_text(),
                    chosen=chosen,
                    why=why,
                )
            ),
        )
