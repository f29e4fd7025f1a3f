from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestDeskTimeline(DeskCommon):
    """One timeline: messages, calls, and the money as the ledger has it."""

    def rows(self, user=None, kind="payments"):
        rows = self.seen_by(user or self.collector).timeline_rows()
        return [row for row in rows if row["kind"] == kind]

    def test_money_is_read_from_the_ledger(self):
        invoice = self.invoice(80)
        money = self.payment(100, date="2026-06-10")
        [row] = self.rows()
        self.assertEqual(row["date"], "2026-06-10")
        self.assertIn("100.00", row["title"])
        self.assertIn("not matched yet", row["text"])
        self.assertEqual(row["res_id"], money.move_id.id)
        self.match(invoice, money)
        [row] = self.rows()
        self.assertIn(invoice.name, row["text"])
        self.assertIn("20.00", row["text"])
        money.action_draft()
        self.assertEqual(self.rows(), [])

    def test_other_documents_are_no_payments(self):
        self.credit_note(10)
        self.opening_entry(10)
        self.payment(10, partner=self.new_customer("Somebody else"))
        self.assertEqual(self.rows(), [])

    def test_an_undone_match_is_remembered(self):
        invoice, money = self.invoice(80), self.payment(80)
        self.match(invoice, money)
        self.receivable_lines(invoice).remove_move_reconcile()
        newest, oldest = self.rows()
        self.assertIn("Match undone", newest["title"])
        self.assertIn("80.00", newest["title"])
        self.assertIn(invoice.name, newest["text"])
        self.assertIn(self.env.user.name, newest["text"])
        self.assertIn("not matched yet", oldest["text"])

    def test_undone_matches_become_part_of_the_chain(self):
        invoice, money = self.invoice(80), self.payment(80)
        self.match(invoice, money)
        self.receivable_lines(invoice).remove_move_reconcile()
        events = self.env["o2c.event"].sudo()
        events._seal_batch()
        self.assertFalse(events._find_tampering())

    def test_suppliers_leave_no_event(self):
        before = self.env["o2c.event"].search_count([("kind", "=", "unmatched")])
        bill = self.invoice(50, move_type="in_invoice")
        refund = self.invoice(50, move_type="in_refund")
        lines = (bill | refund).line_ids.filtered(
            lambda line: line.account_id.account_type == "liability_payable"
        )
        lines.reconcile()
        lines.remove_move_reconcile()
        after = self.env["o2c.event"].search_count([("kind", "=", "unmatched")])
        self.assertEqual(after, before)

    def test_a_branch_user_sees_his_branchs_money(self):
        self.payment(10)
        user = self.new_user("branch", "o2c_base.group_collector", company=self.branch)
        self.assertEqual(self.rows(user), [])
        self.assertEqual(len(self.rows()), 1)

    def test_nobody_else_reads_it(self):
        for user in (self.plain, self.portal, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.seen_by(user).timeline_rows()
        self.assertEqual(self.rows(self.auditor), [])

    def test_the_cost_does_not_grow_with_the_payments(self):
        counts = []
        for _size in range(2):
            for number in range(6):
                self.match(self.invoice(5 + number), self.payment(5 + number))
            self.rows()
            before = self.env.cr.sql_log_count
            self.rows()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)


@tagged("post_install", "-at_install", "o2c_boundary")
class TestDeskTimelineKinds(DeskCommon, HttpCase):
    """The filters, as the client asks for them."""

    def messages(self, kind, login="desk_collector", **params):
        self.env.flush_all()
        self.authenticate(login, login)
        answer = self.make_jsonrpc_request(
            "/mail/thread/messages",
            {
                "thread_model": "o2c.debtor",
                "thread_id": self.account.id,
                "fetch_params": {"limit": 30, "o2c_kind": kind, **params},
            },
        )
        found = self.env["mail.message"].browse(answer["messages"])
        return [message.preview for message in found]

    def test_each_filter_shows_its_kind(self):
        for text, subtype in (
            ("Mail", "mail.mt_comment"),
            ("Note", "mail.mt_note"),
            ("Talk", "o2c_base.mt_call"),
        ):
            self.account.message_post(body=text, subtype_xmlid=subtype)
        self.account.message_post(body="Answer", message_type="email")
        self.assertEqual(self.messages("messages"), ["Answer", "Mail"])
        self.assertEqual(self.messages("calls"), ["Talk"])
        everything = self.messages("all")
        self.assertEqual(everything[:4], ["Answer", "Talk", "Note", "Mail"])
        self.assertEqual(self.messages("nonsense"), everything)
