from odoo.exceptions import AccessError
from odoo.tests import tagged

from .limit_common import LimitCommon


@tagged("post_install", "-at_install")
class TestCreditAlert(LimitCommon):
    def look(self):
        """Look for alerts as the job does; those of the customer."""
        self.refresh()
        with self.enter_registry_test_mode():
            self.company.o2c_risk_day = False
            self.env.ref("o2c_credit_risk.ir_cron_risk").method_direct_trigger()
        self.env.invalidate_all()
        return self.alerts()

    def alerts(self):
        domain = [("partner_id", "=", self.customer.id)]
        return self.env["o2c.credit.alert"].search(domain)

    def test_a_new_customer_overdue_is_told_once(self):
        self.invoice(300, date="2026-05-01", due="2026-05-31")
        alert = self.look()
        self.assertEqual((alert.kind, alert.state), ("first_overdue", "open"))
        self.assertIn("300.00", alert.text)
        self.assertEqual(self.look(), alert)
        alert.with_user(self.credit_manager).action_resolve()
        self.startPatcher(self.freeze("2026-06-16"))
        self.assertEqual(self.look(), alert)
        self.assertEqual(alert.resolved_by_id, self.credit_manager)

    def test_a_case_that_is_over_may_come_again(self):
        limit = self.active_limit(5000, date_to="2026-06-30")
        first = self.look()
        self.assertEqual(first.kind, "limit_ends")
        limit.sudo().date_to = "2026-12-31"
        self.look()
        self.assertEqual((first.state, str(first.over_on)), ("resolved", "2026-06-15"))
        self.startPatcher(self.freeze("2026-12-20"))
        self.assertEqual(len(self.look()), 2)

    def test_a_class_that_falls_and_a_broken_pattern_are_told(self):
        for day in range(10, 16):
            invoice = self.invoice(100, date=f"2025-0{day - 9}-01", due="2025-11-30")
            self.match(invoice, self.payment(100, date="2025-11-30"))
        self.invoice(900, date="2025-12-01", due="2026-06-30")
        self.look()
        self.assertEqual(self.account().risk_class, "A")
        self.startPatcher(self.freeze("2026-07-20"))
        alerts = self.look()
        self.assertEqual(
            sorted(alerts.mapped("kind")), ["class_drop", "pattern"], alerts
        )
        self.assertEqual(
            alerts.filtered(lambda a: a.kind == "class_drop").text,
            "from A to C",
        )

    def test_a_changed_bank_account_is_told(self):
        self.invoice(10)
        self.refresh()
        debtor = self.account()
        self.env.cr.execute(
            "UPDATE o2c_debtor SET create_date = '2026-01-01' WHERE id = %s",
            [debtor.id],
        )
        bank = self.env["res.partner.bank"].create(
            {"partner_id": self.customer.id, "acc_number": "DE00 1234 5678"}
        )
        self.env.cr.execute(
            "UPDATE res_partner_bank SET write_date = '2026-06-14' WHERE id = %s",
            [bank.id],
        )
        alert = self.look().filtered(lambda alert: alert.kind == "bank_changed")
        self.assertIn("5678", alert.text)
        self.assertNotIn("1234", alert.text)

    def test_owner_and_note_are_people_s_the_rest_is_not(self):
        self.invoice(300, date="2026-05-01", due="2026-05-31")
        alert = self.look().with_user(self.credit_manager)
        alert.write({"user_id": self.credit_manager.id, "note": "Called"})
        with self.assertRaises(AccessError):
            alert.write({"state": "resolved"})
        auditor = self.new_user("auditor", "o2c_base.group_auditor")
        with self.assertRaises(AccessError):
            alert.with_user(auditor).action_resolve()
        with self.assertRaises(AccessError):
            alert.with_user(self.salesman).read(["text"])

    def test_other_companies_see_nothing_of_it(self):
        self.invoice(300, date="2026-05-01", due="2026-05-31")
        alert = self.look()
        other = self.setup_other_company()["company"]
        theirs = self.new_user("theirs", "o2c_base.group_manager", company=other)
        self.assertFalse(
            self.env["o2c.credit.alert"]
            .with_user(theirs)
            .search([("id", "=", alert.id)])
        )

    def test_the_digest_counts_new_alerts(self):
        self.invoice(300, date="2026-05-01", due="2026-05-31")
        self.look()
        digest = self.env["digest.digest"].create(
            {"name": "D", "company_id": self.company.id}
        )
        self.assertEqual(digest.kpi_o2c_credit_alerts_value, 1)
        with self.assertRaises(AccessError):
            digest.with_user(self.salesman).kpi_o2c_credit_alerts_value  # noqa: B018

    def test_what_is_used_of_a_limit_is_told_at_two_thresholds(self):
        self.active_limit(1000)
        invoice = self.invoice(950)
        alert = self.look()
        self.assertEqual((alert.kind, alert.case_key), ("utilisation", "threshold"))
        self.assertIn("95 % of the limit", alert.text)
        self.invoice(100)
        alerts = self.look()
        cases = sorted((alert.kind, alert.case_key) for alert in alerts)
        self.assertEqual(
            [case for case in cases if case[0] == "utilisation"],
            [("utilisation", "over"), ("utilisation", "threshold")],
        )
        self.assertEqual(alert.state, "resolved", "the other has taken its place")
        self.assertEqual(len([case for case in cases if case[0] == "invoice_over"]), 2)
        self.match(invoice, self.payment(950))
        alerts = self.look()
        left = alerts.filtered(lambda alert: alert.state == "open").mapped("kind")
        self.assertEqual(set(left), {"invoice_over"})

    def test_an_invoice_without_an_order_beyond_the_limit_is_told(self):
        self.active_limit(500)
        order = self.order(400)
        order.action_confirm()
        order._create_invoices().action_post()
        self.assertFalse(self.look().filtered(lambda a: a.kind == "invoice_over"))
        invoice = self.invoice(200)
        alert = self.look().filtered(lambda a: a.kind == "invoice_over")
        self.assertIn(invoice.name, alert.text)
        self.assertEqual(alert.state, "open")

    def test_a_cover_that_ends_is_told(self):
        cover = self.env["o2c.credit.cover"].create(
            {
                "debtor_id": self.account().id,
                "kind": "insurance",
                "amount": 800,
                "date_from": "2026-01-01",
                "date_to": "2026-12-31",
            }
        )
        self.assertFalse(self.look())
        cover.date_to = "2026-07-01"
        alert = self.look()
        self.assertEqual((alert.kind, alert.state), ("cover_ends", "open"))
        self.assertIn("800.00", alert.text)

    def test_orders_beyond_the_usual_are_told(self):
        usual = self.order(100)
        usual.action_confirm()
        usual.date_order = "2026-01-10"
        self.order(2000).action_confirm()
        alert = self.look().filtered(lambda a: a.kind == "order_spike")
        self.assertIn("times the usual", alert.text)

    def test_an_order_on_hold_for_long_is_told(self):
        self.active_limit(100)
        order = self.order(500).with_user(self.salesman)
        order.action_confirm()
        self.assertFalse(self.look().filtered(lambda alert: alert.kind == "hold_old"))
        self.env.cr.execute(
            "UPDATE o2c_credit_hold SET create_date = '2026-06-10'"
            " WHERE sale_order_id = %s",
            [order.id],
        )
        alert = self.look().filtered(lambda alert: alert.kind == "hold_old")
        self.assertIn(order.name, alert.text)
