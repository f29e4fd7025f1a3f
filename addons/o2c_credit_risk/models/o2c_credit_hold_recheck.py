from odoo import api, models

from odoo.addons.o2c_base.tools.transaction import try_in_new_transaction

from .o2c_credit_hold import OPEN


class O2cCreditHold(models.Model):
    """Release by money: what fits by now is confirmed, in the order of priority."""

    _inherit = "o2c.credit.hold"

    @api.model
    def _cron_recheck(self):
        """Look at every waiting order; free those for which there is credit again.

        One query per company finds them. Each customer, or group, is then freed in a
        transaction of its own behind the gate, tried again when it collides.
        """
        holds = self.search(
            [
                ("state", "in", OPEN),
                ("company_id.o2c_credit_enforce", "=", True),
            ]
        )
        for holds_of_one in holds._that_fit()._by_credit().values():
            ids = holds_of_one.ids
            freed = try_in_new_transaction(
                self.env,
                lambda env, ids=ids: env["o2c.credit.hold"].browse(ids)._free(),
                "freeing orders on credit hold",
            )
            if not self.env["ir.cron"]._commit_progress(freed or 0):
                return

    def _that_fit(self):
        """Those of these holds whose order is as it was, and fits by now."""
        same = self.filtered(lambda hold: hold._is_as_checked())
        results = same._evaluate_now() if same else []
        fitting = [result["order"] for result in results if not result["rules"]]
        return same.filtered(lambda hold: hold.sale_order_id in fitting)

    def _is_as_checked(self):
        """Whether the order still is the one that somebody wanted to confirm.

        One that was changed since waits until somebody confirms it again.
        """
        if not self._is_same_customer() or not self._is_unchanged():
            return False
        return self.kind == "growth" or not self.confirm_problem

    def _is_unchanged(self):
        """Whether the order has the state, and the worth, it was checked with."""
        order = self.sale_order_id
        if self.kind == "growth":
            return order.state == "sale"
        return order.state in ("draft", "sent") and (
            not order.currency_id.compare_amounts(
                order.amount_total, self.check_id.amount_order
            )
        )

    def _is_same_customer(self):
        """Whether the order still is to be paid by whom it was checked for."""
        debtor = self.debtor_id
        key = debtor.partner_id, debtor.company_id
        return self.sale_order_id._o2c_credit_key() == key

    def _by_credit(self):
        """dict of the account whose limit they share to these holds."""
        return self.grouped(lambda hold: hold.debtor_id.group_id or hold.debtor_id)

    def _free(self):
        """Confirm these orders, each after its own check.

        :return: how many were confirmed
        """
        waiting = self.filtered(lambda hold: hold.state in OPEN)
        for hold in waiting.sorted(lambda hold: (-int(hold.priority), hold.id)):
            if hold.kind == "growth":
                hold._free_growth()
            else:
                hold._confirm_order()
        return len(waiting.filtered(lambda hold: hold.state == "released"))

    def _free_growth(self):
        """Release what was added to a confirmed order, if it still fits."""
        self.ensure_one()
        debtor = self.debtor_id
        self.env["o2c.credit.gate"]._pass(debtor | debtor.group_id)
        [result] = self._evaluate_now()
        if not result["rules"]:
            values = {"date_expiry": self.company_id._o2c_today()}
            if not self.is_ahead:
                values["amount_cap"] = self._release_need()
            self._set_released("credit", consumed=not self.is_ahead, **values)
            self._growth_released()
            self._tell_salesperson(
                self.env._("There is credit for what was added to this order.")
            )
