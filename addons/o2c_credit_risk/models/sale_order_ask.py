from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """Asking for credit, by those who may change the order."""

    _inherit = "sale.order"

    def _o2c_ask_release(self, comment):
        """Ask for release of an order that waits.

        :raise UserError: where it does not wait
        """
        self.check_access("write")
        hold = self.o2c_hold_id
        if not hold:
            raise UserError(
                self.env._(
                    "%(order)s does not wait for credit. Confirm it first.",
                    order=self.name,
                )
            )
        hold.sudo()._request(comment)  # sudo: salespeople only read holds

    def _o2c_ask_growth(self, total, comment):
        """Ask for leave to let a confirmed order grow up to a total.

        :param total: in company currency, with tax
        """
        self.check_access("write")
        order_sudo = self.sudo()  # sudo: rates and accounts, whoever asks
        growth = total - order_sudo._o2c_to_company(order_sudo.amount_total)
        if order_sudo.o2c_company_currency_id.compare_amounts(growth, 0) <= 0:
            raise UserError(self.env._("Ask for more than the order has now."))
        need = {**order_sudo._o2c_growth_need(growth), "total": total}
        checks_sudo = self.env["o2c.credit.check"].sudo()
        [result] = checks_sudo._evaluate({order_sudo: need}, gated=False)
        if not result["rules"]:
            raise UserError(
                self.env._("There is credit for that: change the order as you like.")
            )
        result["outcome"] = "held"
        checks = checks_sudo._record([result])
        # sudo: salespeople only read holds
        hold_sudo = self.env["o2c.credit.hold"].sudo()._hold([result], checks)
        hold_sudo.write({"amount_cap": total, "is_ahead": True})
        hold_sudo._request(comment)
