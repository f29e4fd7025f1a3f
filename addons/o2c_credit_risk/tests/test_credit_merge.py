from odoo.tests import tagged

from .limit_common import LimitCommon


@tagged("post_install", "-at_install")
class TestCreditMerge(LimitCommon):
    def merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((source + target).ids, target, extra_checks=False)
        self.env.invalidate_all()

    def test_the_target_s_limit_stays_and_the_other_is_history(self):
        other = self.new_customer("Other")
        self.active_limit(5000)
        gone = self.active_limit(9000, partner=other)
        self.merge(other, self.customer)
        self.assertEqual(gone.state, "superseded")
        self.assertEqual(gone.debtor_id, self.account())
        self.assertEqual(self.now(), (5000, True))
        self.assertEqual(self.customer.credit_limit, 5000)

    def test_the_only_limit_goes_along(self):
        other = self.new_customer("Other")
        self.account()
        self.active_limit(9000, partner=other)
        self.merge(other, self.customer)
        self.assertEqual(self.now(), (9000, True))
        self.assertEqual(self.customer.credit_limit, 9000)
