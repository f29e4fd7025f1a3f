from odoo import models

from ..domain.promise import Instalment, share_out

PAID_FIELDS = ("amount_paid", "amount_unmatched", "date_paid")


class O2cPromiseLine(models.Model):
    """Sharing out what came in among the instalments of one customer."""

    _inherit = "o2c.promise.line"

    def _share_out(self, moneys):
        """Write what is paid of the open ones among all instalments of a customer.

        :param moneys: list of ``Money``, see ``domain/promise.py``
        :return: ids of those for which money came too late
        """
        rules = {line: line._rule() for line in self}
        share_out(moneys, list(rules.values()), self.currency_id[:1].decimal_places)
        for line, rule in rules.items():
            now = (rule.paid, rule.unmatched, rule.paid_on)
            before = (line.amount_paid, line.amount_unmatched, line.date_paid or None)
            if line.state == "open" and now != before:
                line.write(dict(zip(PAID_FIELDS, now, strict=True)))
        return {line.id for line, rule in rules.items() if rule.is_late}

    def _rule(self):
        promise = self.promise_id
        return Instalment(
            key=self.id,
            due=self.date_due,
            deadline=self.date_deadline,
            amount=self.amount,
            currency=promise.currency_id.id,
            items=None if promise.is_account else frozenset(promise.move_line_ids.ids),
            made=promise.date,
            recorded=promise.create_date,
            is_open=self.state == "open",
            paid=self.amount_paid,
        )
