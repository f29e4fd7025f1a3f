from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .message_common import MessageCase


@tagged("post_install", "-at_install", "o2c_boundary")
class TestWorklistTour(MessageCase, HttpCase):
    """A collector's calls in the browser, by keyboard alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collector = new_test_user(
            cls.root_env,
            login="tour_caller",
            groups="o2c_base.group_collector",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls._invoice(1200.0, days_late=45)
        cls.second = cls.root_env["res.partner"].create(
            {"name": "Second & Co", "phone": "+49 30 2"}
        )
        cls.third = cls.root_env["res.partner"].create({"name": "Third Ltd"})
        for partner, amount in ((cls.second, 600), (cls.third, 50)):
            cls._invoice(amount, days_late=30, partner=partner)
        cls.root_env.flush_all()

    def test_a_collector_calls_by_keyboard_alone(self):
        self.root_env["o2c.debtor"]._refresh_now()
        self.start_tour(
            "/odoo/receivables-worklist",
            "o2c_collections.call_by_keyboard",
            login=self.collector.login,
        )
        self.env.invalidate_all()
        first, second, third = self._accounts()
        self.assertEqual(first.contact_date, self.company._o2c_today())
        self.assertTrue(
            first.message_ids.filtered(lambda m: "Pays on Friday" in m.body)
        )
        self.assertTrue(second._planned_calls())
        self.assertTrue(third.is_snoozed)

    def test_a_row_that_somebody_else_settled_goes_without_reload(self):
        self.root_env["o2c.debtor"]._refresh_now()
        self.start_tour(
            "/odoo/receivables",
            "o2c_collections.row_disappears",
            login=self.collector.login,
        )

    def _accounts(self):
        partners = self._debtor().partner_id | self.second | self.third
        debtors = self.root_env["o2c.debtor"].search(
            [("partner_id", "in", partners.ids)]
        )
        return debtors.sorted("amount_overdue", reverse=True)
