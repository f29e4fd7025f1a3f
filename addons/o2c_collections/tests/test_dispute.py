from datetime import timedelta

from lxml import etree
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .chase_common import TODAY_DATE
from .dispute_common import DisputeCommon


@tagged("post_install", "-at_install", "o2c_dispute")
class TestDispute(DisputeCommon):
    """What is disputed rests, the rest is chased."""

    # What rests

    def test_only_the_disputed_part_rests(self):
        invoice = self.late(1000, days=20)
        self.dispute(invoice, 200)
        self.assertEqual(self.figures(), [(1000, 200, 800)])
        self.assertEqual(self.decide()["amount_due"], 800)
        self.assertEqual(self.debtor().amount_disputed, 200)

    def test_no_more_rests_than_is_open(self):
        invoice = self.late(1000, days=20)
        self.dispute(invoice, 900)
        self.match(invoice, self.payment(600))
        self.assertEqual(self.figures(), [(400, 400, 0)])
        self.assertEqual(self.reason(), "disputed")

    def test_two_disputes_do_not_exceed_the_invoice(self):
        invoice = self.late(1000, days=20)
        first = self.dispute(invoice, 700)
        with self.assertRaises(ValidationError):
            self.dispute(invoice, 301)
        self.dispute(invoice, 300)
        self.assertEqual(self.figures(), [(1000, 1000, 0)])
        with self.assertRaises(ValidationError):
            first.amount = 701
        first.action_withdraw()
        self.assertEqual(self.figures(), [(1000, 300, 700)])

    def test_an_amount_is_positive_and_the_invoice_is_posted_and_a_sale(self):
        invoice = self.late(1000, days=20)
        with self.assertRaises(ValidationError):
            self.dispute(invoice, 1001)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.dispute(invoice, -5)
        with self.assertRaises(UserError):
            self.dispute(self.invoice(5, post=False), 5)
        with self.assertRaises(ValidationError):
            self.dispute(self.credit_note(50), 5)
        with self.assertRaises(UserError):
            self.disputes.create({"reason_id": self.price.id, "amount": 3})

    def test_lines_are_disputed_with_their_tax(self):
        invoice = self.taxed(100, 50)
        line = invoice.invoice_line_ids[1]
        dispute = self.dispute(
            invoice,
            line_ids=[Command.create({"move_line_id": line.id, "amount": 59.5})],
        )
        self.assertEqual(dispute.amount, 59.5)
        self.assertEqual(dispute.line_ids.amount_line, 178.5)
        with self.assertRaises(ValidationError):
            dispute.line_ids.amount = 178.51
        with self.assertRaises(ValidationError):
            dispute.amount = 60
        other = self.taxed(10).invoice_line_ids
        with self.assertRaises(ValidationError):
            dispute.line_ids.move_line_id = other

    def test_another_currency_is_worth_what_the_invoice_was_booked_at(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        invoice = self.late(1000, days=20, currency_id=euro.id)
        dispute = self.dispute(invoice, 300)
        self.assertEqual(dispute.currency_id, euro)
        self.assertEqual(dispute.amount_company, 600)
        self.assertEqual(self.figures(), [(2000, 600, 1400)])

    def test_a_currency_without_decimals(self):
        yen = self.setup_other_currency("JPY", rounding=1.0, rates=[("2026-01-01", 8)])
        invoice = self.taxed(1001, currency_id=yen.id)
        dispute = self.dispute(invoice, 100)
        self.end(dispute, "credit")
        dispute.credit_move_id.action_post()
        self.assertEqual(dispute.credit_move_id.amount_total, 100)
        self.assertEqual(dispute.state, "accepted")

    def test_a_branch_disputes_for_the_customer_of_its_root(self):
        branch = self.engine["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.cr.precommit.run()  # the branch gets its root's chart of accounts
        self.env.user.sudo().company_ids += branch
        invoice = self.late(100, days=20, company=branch)
        dispute = self.dispute(invoice, 40)
        self.assertEqual(dispute.company_id, branch)
        self.assertEqual(dispute.debtor_id, self.debtor())
        self.assertEqual(self.figures(), [(100, 40, 60)])

    # Why, and the end

    def test_why_names_the_dispute_and_its_deadline(self):
        dispute = self.dispute(self.late(100, days=20))
        self.refresh()
        debtor = self.debtor()
        debtor.invalidate_recordset()
        self.assertIn(dispute.move_name, debtor.explanation)
        self.assertIn(self.owner.name, debtor.explanation)
        rows = [r for r in debtor.timeline_rows() if r["kind"] == "disputes"]
        self.assertEqual([row["res_id"] for row in rows], dispute.ids)

    def test_closing_returns_it_at_its_true_age_in_the_same_cycle(self):
        invoice = self.late(100, days=20)
        self.run_chase()
        cycle = self.debtor().cycle
        dispute = self.dispute(invoice)
        self.assertEqual(self.reason(), "disputed")
        self.end(dispute, "rejected", answer="The price is right.")
        with self.on_day(20):
            decision = self.decide()
        self.assertEqual(decision["days_collectable"], 40)
        self.assertEqual(self.debtor().cycle, cycle)

    # The clock

    def test_the_deadline_is_in_working_hours(self):
        """From Monday noon UTC 16 hours: the rest of Monday, Tuesday, and on."""
        calendar = self.company.resource_calendar_id
        self.assertTrue(calendar)
        dispute = self.dispute(self.late(100, days=20))
        hours = calendar.get_work_hours_count(
            fields.Datetime.now(), dispute.date_deadline
        )
        self.assertAlmostEqual(hours, 16, 2)

    def test_the_clock_rests_while_the_customer_is_asked(self):
        dispute = self.dispute(self.late(100, days=20))
        before = dispute.date_deadline
        dispute.action_wait()
        dispute.action_wait()  # a second click changes nothing
        self.assertEqual((dispute.state, dispute.hours_left), ("waiting", 16))
        self.assertEqual(self.reason(), "disputed")
        with self.on_day(10):
            self.assertFalse(dispute.is_late)
            self.look_after()
            self.assertFalse(dispute.escalation_level)
            dispute.action_go_on()
        self.assertEqual(dispute.state, "open")
        self.assertGreater(dispute.hours_waited, 40)
        self.assertGreater(dispute.date_deadline, before + timedelta(days=9))

    def test_without_working_hours_a_day_has_eight(self):
        self.company.sudo().resource_calendar_id = False
        dispute = self.dispute(self.late(100, days=20))
        self.assertEqual(
            dispute.date_deadline, fields.Datetime.now() + timedelta(days=2)
        )

    def test_who_never_answers_lets_the_clock_go_on(self):
        dispute = self.dispute(self.late(100, days=20), 40)
        dispute.action_wait()
        for days, state in ((29, "waiting"), (31, "open")):
            with self.on_day(days):
                self.look_after()
                self.assertEqual(dispute.state, state)
        self.assertIn("has not answered in 30 days", dispute.message_ids[0].body)
        self.assertGreater(dispute.date_deadline, dispute.date_raised)
        with self.on_day(60):
            self.look_after()
            self.assertEqual(dispute.escalation_level, 1)

    def test_late_ones_are_escalated_once_per_level(self):
        manager = self.new_user("disp_head", "base.group_user")
        self.price.sudo().parent_id.manager_id = manager
        dispute = self.dispute(self.late(100, days=20)).sudo()
        for day, level in ((0, 0), (5, 1), (5, 1), (12, 2), (12, 2), (30, 2)):
            with self.on_day(day):
                self.look_after()
                self.assertEqual(dispute.escalation_level, level)
        warnings = dispute.activity_ids.filtered(
            lambda a: (
                a.activity_type_id.get_external_id()[a.activity_type_id.id]
                == "mail.mail_activity_data_warning"
            )
        )
        self.assertEqual(len(warnings), 2)
        self.assertIn(manager, warnings.user_id)
        with self.on_day(30):
            self.assertTrue(dispute.is_late)
            self.assertIn(dispute, self.disputes.search([("is_late", "=", True)]))
        # who it was escalated to sees it
        dispute.escalated_to_id = manager
        self.assertTrue(dispute.with_user(manager).move_name)

    # Rights

    def test_the_owner_outside_finance_sees_his_dispute_and_nothing_else(self):
        mine = self.dispute(self.late(100, days=20), user=self.collector)
        mine.message_post(body="Who agreed to that price?")
        other = self.dispute(self.late(50, days=20), owner_id=self.collector.id)
        seen = self.disputes.with_user(self.owner).search([])
        self.assertEqual(seen, mine)
        self.env.invalidate_all()
        owned = mine.with_user(self.owner)
        names = ["move_name", "amount", "amount_open", "evidence", "clock_text"]
        [values] = owned.read([*names, "move_id", "debtor_id", "display_name"])
        self.assertEqual(values["move_name"], mine.move_id.name)
        self.assertEqual(values["amount_open"], 100)
        for record in (mine.move_id, mine.debtor_id, mine.move_id.line_ids, other):
            with self.subTest(record=record), self.assertRaises(AccessError):
                record.with_user(self.owner).read(["display_name"])
        for model in ("o2c.open.item", "o2c.debtor", "o2c.short.payment"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.owner).search([])
        self.assertTrue(owned.message_ids.ids)

    def test_the_owner_opens_his_screens(self):
        dispute = self.dispute(self.late(100, days=20), user=self.collector)
        self.env.flush_all()
        self.env.invalidate_all()
        owned = dispute.with_user(self.owner)
        with Form(owned) as form:
            self.assertEqual(form.move_name, dispute.move_id.name)
            form.description = "It was agreed"
        for kind in ("list", "kanban"):
            arch = owned.get_view(view_type=kind)["arch"]
            names = {n.get("name") for n in etree.fromstring(arch).iter("field")}
            self.assertTrue(owned.web_read({name: {} for name in names}))
        decide = owned.action_decide()
        wizard = Form(
            self.env[decide["res_model"]]
            .with_user(self.owner)
            .with_context(**decide["context"])
        )
        wizard.amount_accepted = 30
        wizard.save().action_decide()
        self.assertEqual(dispute.outcome, "compromise")

    def test_the_collector_raises_one_in_the_dialog(self):
        invoice = self.late(100, days=20)
        action = invoice.with_user(self.collector).action_o2c_dispute()
        view = self.env.ref("o2c_collections.o2c_dispute_view_form_new")
        self.assertEqual(action["view_id"][0], view.id)
        with Form(
            self.disputes.with_user(self.collector).with_context(**action["context"]),
            view=view,
        ) as form:
            self.assertEqual(form.amount, 100)
            form.reason_id = self.price
        self.assertEqual(form.record.owner_id, self.owner)

    def test_the_worklist_opens_the_dialog_for_one_customer(self):
        self.late(100, days=20)
        self.late(7, days=20, partner=self.new_debtor("Other"))
        self.refresh()
        worklist = self.env["o2c.worklist"].with_user(self.collector)
        row = worklist.search([("partner_id", "=", self.customer.id)])
        action = row.action_dispute()
        self.assertIn(self.customer.name, action["name"])
        self.assertEqual(action["context"]["o2c_partner_id"], self.customer.id)
        auditor = self.new_user("disp_auditor2", "o2c_base.group_auditor")
        with self.assertRaises(AccessError):
            row.with_user(auditor).action_dispute()

    def test_a_promise_and_a_dispute_share_an_invoice(self):
        invoice = self.late(1000, days=20)
        lines = self.receivable_lines(invoice)
        self.refresh()
        day = TODAY_DATE + timedelta(days=5)
        promise = self.debtor()._take_promise([(day, 500)], items=lines)
        dispute = self.dispute(invoice, 700)
        [item] = self.open_items()
        self.assertEqual((item.amount_disputed, item.amount_promised), (700, 300))
        self.assertEqual(item.amount_collectable, 0)
        self.end(dispute, "rejected", answer="It is right.")
        [item] = self.open_items()
        self.assertEqual((item.amount_disputed, item.amount_promised), (0, 500))
        self.assertEqual(item.amount_collectable, 500)
        self.assertEqual(promise.state, "open")

    def test_the_owner_says_what_he_found_and_decides_only_with_buttons(self):
        dispute = self.dispute(self.late(100, days=20)).with_user(self.owner)
        dispute.description = "Agreed on the phone"
        dispute.message_post(body="I have asked the shop.")
        for vals in ({"amount": 1}, {"state": "accepted"}, {"owner_id": False}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                dispute.write(vals)
        dispute.action_wait()
        dispute.action_go_on()
        self.end(dispute, "rejected", answer="It was agreed.")
        self.assertEqual(dispute.state, "rejected")
        with self.assertRaises(UserError):
            dispute.action_withdraw()

    def test_forms_being_filled_in_tell_nothing_of_other_invoices(self):
        """A client may name any record in an onchange."""
        mine = self.dispute(self.late(100, days=20))
        other = self.dispute(self.late(77, days=20), owner_id=self.collector.id)
        self.env.flush_all()
        self.env.invalidate_all()
        spec = {"move_id": {}, "amount_invoice": {}, "evidence": {}}
        named = {"move_id": other.move_id.id}
        for record in (self.disputes, mine):
            with self.assertRaises(AccessError):
                record.with_user(self.owner).onchange(named, ["move_id"], spec)
        wizards = self.env["o2c.dispute.decide"].with_user(self.owner)
        forged = {"dispute_id": other.id}
        with self.assertRaises(AccessError):
            wizards.onchange(
                forged, ["dispute_id"], {"amount_disputed": {}, "recipient": {}}
            )
        with self.assertRaises(AccessError):
            wizard = wizards.create(
                {**forged, "amount_accepted": 5, "outcome": "credit"}
            )
            wizard.action_decide()

    def test_nobody_writes_what_is_decided(self):
        dispute = self.dispute(self.late(100, days=20), user=self.collector)
        with self.assertRaises(AccessError):
            dispute.write({"state": "accepted"})
        with self.assertRaises(AccessError):
            dispute.write({"date_deadline": "2030-01-01"})
        forged = self.dispute(
            self.late(10, days=20), user=self.collector, state="accepted"
        )
        self.assertEqual(forged.state, "open")
        dispute.action_withdraw()
        with self.assertRaises(UserError):
            dispute.amount = 50
        with self.assertRaises(AccessError):
            dispute.unlink()

    def test_who_left_or_works_elsewhere_gets_no_dispute(self):
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.engine,
            login="disp_stranger",
            groups="base.group_user",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.price.sudo().owner_id = stranger
        self.price.sudo().parent_id.owner_id = self.owner
        self.assertEqual(self.dispute(self.late(9, days=3)).owner_id, self.owner)
        self.owner.sudo().active = False
        dispute = self.dispute(self.late(9, days=3), user=self.collector)
        self.assertEqual(dispute.owner_id, self.collector)

    def test_an_auditor_reads_and_an_employee_sees_nothing(self):
        dispute = self.dispute(self.late(100, days=20))
        auditor = self.new_user("disp_auditor", "o2c_base.group_auditor")
        self.assertTrue(dispute.with_user(auditor).move_name)
        with self.assertRaises(AccessError):
            dispute.with_user(auditor).action_withdraw()
        employee = self.new_user("disp_employee", "base.group_user")
        self.assertFalse(self.disputes.with_user(employee).search([]))
        with self.assertRaises(AccessError):
            self.dispute(self.late(5, days=9), user=employee)
        with self.assertRaises(AccessError):
            dispute.with_user(employee).action_withdraw()

    def test_another_company_sees_nothing(self):
        dispute = self.dispute(self.late(100, days=20))
        other = self.setup_other_company()["company"]
        outsider = new_test_user(
            self.engine,
            login="disp_outsider",
            groups="o2c_base.group_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertNotIn(dispute, self.disputes.with_user(outsider).search([]))
        with self.assertRaises(AccessError):
            dispute.with_user(outsider).action_withdraw()

    def test_merged_customers_keep_their_disputes(self):
        dispute = self.dispute(self.late(100, days=20))
        partner = self.new_debtor("Target")
        target = self.debtor_model._ensure([(partner, self.company)])
        self.debtor().sudo()._merge_into(target.sudo())
        self.assertEqual(dispute.debtor_id, target)
        dispute.sudo().debtor_id = self.debtor()
