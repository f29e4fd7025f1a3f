import json
from datetime import datetime

from odoo.tests import HttpCase, tagged

from .common import CreditCommon

SIGNATURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestWebRoads(CreditCommon, HttpCase):
    """The customer's signature, and programs that call from outside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.give_limit(1000.0)
        cls.salesman.password = "credit_salesman_1"
        cls.hostile = dict.fromkeys(
            ("o2c_credit_admitted", "o2c_credit_by_core", "bypass_risk"), True
        )

    def sign(self, order):
        return self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {
                "access_token": order._portal_ensure_token(),
                "name": "Customer",
                "signature": SIGNATURE,
            },
        )

    def test_a_signed_order_waits_and_the_customer_sees_nothing_odd(self):
        order = self.order(1500.0, require_signature=True, state="sent")
        good = self.order(500.0, require_signature=True, state="sent")
        for each in (order, good):
            self.assertIn("redirect_url", self.sign(each))
        self.assertEqual((good.state, order.state), ("sale", "sent"))
        self.assertTrue(order.signature, "the signature is kept")
        hold = order.o2c_hold_id
        self.assertEqual(hold.state, "held")
        self.assertTrue(hold.send_confirmation, "he gets his confirmation later")
        notes = order.message_ids.filtered(lambda m: "waits for credit" in m.body)
        self.assertTrue(notes.subtype_id.internal)

    def test_the_customer_reads_that_it_is_our_turn_and_whom_to_ask(self):
        self.salesman.partner_id.phone = "+1 555 0123"
        order = self.order(1500.0, require_signature=True, state="sent")
        page = f"{order.get_portal_url()}"
        self.assertNotIn("awaits our confirmation", self.url_open(page).text)
        order.with_user(self.salesman).action_confirm()
        seen = self.url_open(page).text
        self.assertNotIn("awaits our confirmation", seen, "he has to sign first")
        self.sign(order)
        seen = self.url_open(f"{page}&message=sign_ok").text
        self.assertIn("awaits our confirmation", seen)
        self.assertIn("+1 555 0123", seen)
        self.assertIn(self.salesman.name, seen)
        banner = seen.partition("o2c_awaits_us")[2].partition("</div>")[0]
        for word in ("limit", "credit hold", "over the", order.o2c_hold_id.reason):
            self.assertNotIn(word, banner)
        self.assertNotIn(order.o2c_hold_id.reason, seen)
        order.o2c_hold_id.with_user(self.credit_manager).action_release()
        seen = self.url_open(page).text
        self.assertNotIn("awaits our confirmation", seen)

    def test_calls_from_outside_are_checked(self):
        # core warns of the old endpoint, and of each call that is refused
        with (
            self.assertLogs("odoo.addons.rpc.controllers.xmlrpc", "WARNING"),
            self.assertLogs("odoo.http", "WARNING") as refused,
        ):
            self._call_from_outside()
        self.assertEqual(len(refused.output), 3)

    def _call_from_outside(self):
        order = self.order(1500.0)
        uid = self.salesman.id
        call = [self.env.cr.dbname, uid, "credit_salesman_1", "sale.order"]
        context = {"context": self.hostile}
        self.xmlrpc_object.execute_kw(*call, "action_confirm", [order.ids], context)
        self.assertEqual(order.state, "draft")
        for values in ({"state": "sale"}, {"state": "sale", "locked": True}):
            with self.assertRaisesRegex(Exception, "credit"):
                self.xmlrpc_object.execute_kw(
                    *call, "write", [order.ids, values], context
                )
        with self.assertRaisesRegex(Exception, "private|_o2c"):
            self.xmlrpc_object.execute_kw(*call, "_o2c_admitted", [order.ids])

    def json_2(self, path, **arguments):
        """Call a method as the salesperson, from outside."""
        keys = self.env["res.users.apikeys"].with_user(self.salesman)
        key = keys._generate("rpc", "test", datetime(2026, 6, 16))
        # it ends by the real clock, not by the frozen one
        self.env.cr.execute("UPDATE res_users_apikeys SET expiration_date = NULL")
        return self.url_open(
            f"/json/2/{path}",
            data=json.dumps({**arguments, "context": self.hostile}),
            headers={
                "Authorization": f"Bearer {key}",
                "Content-Type": "application/json",
            },
        )

    def test_json_2_is_checked(self):
        order = self.order(1500.0)
        answer = self.json_2("sale.order/action_confirm", ids=order.ids)
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(order.state, "draft")
        self.assertTrue(order.o2c_hold_id)

    def refused_by_json_2(self, path, **arguments):
        with self.assertLogs("odoo.http", "WARNING"):
            answer = self.json_2(path, **arguments)
        self.assertGreaterEqual(answer.status_code, 400, answer.text)
        self.assertIn("credit", answer.text)
        self.env.invalidate_all()

    def test_json_2_writes_and_creates_no_confirmed_order(self):
        order = self.order(1500.0)
        self.refused_by_json_2(
            "sale.order/write", ids=order.ids, vals={"state": "sale"}
        )
        self.assertEqual(order.state, "draft")
        before = self.env["sale.order"].search_count([])
        line = {"product_id": self.work.id, "price_unit": 1500.0, "tax_ids": []}
        values = {
            "partner_id": self.customer.id,
            "state": "sale",
            "order_line": [[0, 0, line]],
        }
        self.refused_by_json_2("sale.order/create", vals_list=[values])
        self.assertEqual(self.env["sale.order"].search_count([]), before)

    def test_json_2_lets_no_confirmed_order_grow(self):
        order = self.order(900.0)
        order.action_confirm()
        self.refused_by_json_2(
            "sale.order.line/write",
            ids=order.order_line.ids,
            vals={"price_unit": 1100.0},
        )
        self.refused_by_json_2(
            "sale.order/write",
            ids=order.ids,
            vals={"order_line": [[1, order.order_line.id, {"product_uom_qty": 11}]]},
        )
        self.assertEqual(order.amount_total, 900.0)

    def test_the_portal_shows_nothing_of_the_credit(self):
        user = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "credit_portal",
                "partner_id": self.new_customer("Buyer", parent_id=self.customer.id).id,
                "group_ids": [(6, 0, [self.env.ref("base.group_portal").id])],
            }
        )
        order = self.order(1500.0, partner=user.partner_id)
        order.action_confirm()
        seen = order.with_user(user)
        names = [name for name in seen.fields_get() if name.startswith("o2c_")]
        self.assertFalse(names)
        self.assertFalse(
            self.env["ir.model.access"]
            .with_user(user)
            .check("o2c.credit.hold", "read", raise_exception=False)
        )
