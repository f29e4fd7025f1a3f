from odoo import SUPERUSER_ID

from .common import CreditCommon


class ReleaseCommon(CreditCommon):
    """A limit of 1000, orders beyond it, and two who may release them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.give_limit(1000.0)
        cls.second_manager = cls.new_user(
            "second_manager", "o2c_base.group_credit_manager"
        )

    def held(self, amount=1500.0, user=None, **values):
        """A hold on an order that the salesperson tried to confirm."""
        order = self.order(amount, **values)
        order.with_user(user or self.salesman).action_confirm()
        self.assertEqual(order.state, "draft")
        return order.o2c_hold_id

    def alone(self, user):
        """Leave one user who can decide."""
        group = self.env.ref("o2c_base.group_credit_manager")
        others = group.all_user_ids - user
        others.with_user(SUPERUSER_ID).write({"active": False})

    def unconfirmable(self, order):
        """Have core refuse the order for a reason of its own."""
        problem = "Something else is wrong"

        def message(this):
            return problem if this.id == order.id else False

        self.patch(type(order), "_confirmation_error_message", message)
        return problem
