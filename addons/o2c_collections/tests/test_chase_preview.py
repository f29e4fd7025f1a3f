from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .chase_common import ChaseCommon

SHOWN = ("debtor_id", "level", "channel", "recipient_email", "amount_due", "reason")


@tagged("post_install", "-at_install")
class TestChasePreview(ChaseCommon):
    """The preview, "Why?" and the run read the same query."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collector = cls.new_user("colt_collector", "o2c_base.group_collector")

    def _many_situations(self):
        """A dozen customers, each in a situation of his own."""
        for number in range(12):
            partner = self.new_debtor(f"Customer {number}")
            self.late(100 * number + 3, days=number * 4, partner=partner)
            if number % 5 == 1:
                partner.email = False
            if number % 5 == 2:
                self.payment(60 * number, partner=partner)
            if number % 5 == 3:
                partner.lang = False
        self.refresh()
        partners = self.env["res.partner"].search([("name", "like", "Customer %")])
        wishes = self.debtor_model.sudo().search([("partner_id", "in", partners.ids)])
        wishes[::4].preferred_channel = "sms"
        wishes[1::4].preferred_channel = "letter"  # which reaches nobody

    def _row(self, record):
        row = {name: record[name] for name in SHOWN}
        if record.channel != "email":  # a number is looked up when it is written
            row["recipient_email"] = False
        return tuple(row.values())

    def test_the_preview_shows_exactly_what_the_run_plans(self):
        self._many_situations()
        self.chase()
        with self.on_day(8):
            self._many_situations()
            preview = self.env["o2c.chase.decision"].with_user(self.collector)
            due = preview.search([("outcome", "=", "due")])
            shown = {self._row(decision) for decision in due}
            run = self.run_chase()
            planned = {self._row(action) for action in run.action_ids}
        self.assertGreater(len(shown), 10)
        self.assertEqual(shown, planned)
        self.assertIn("sms", run.action_ids.mapped("channel"), "as some prefer")
        self.assertEqual(run.planned_count, len(shown))

    def test_a_pilot_s_preview_shows_exactly_what_the_run_plans_and_lists(self):
        """The invited are planned, the others listed; dates and figures the same."""
        self._many_situations()
        partners = self.env["res.partner"].search([("name", "like", "Customer %")])
        self.debtor_model.search(
            [("partner_id", "in", partners[::2].ids)]
        ).sudo().write({"is_pilot": True})
        self.company.sudo().o2c_pilot = True
        preview = self.env["o2c.chase.decision"].with_user(self.collector)
        shown = {
            outcome: {self._row(d) for d in preview.search([("outcome", "=", outcome)])}
            for outcome in ("due", "shadow")
        }
        noted = {d.debtor_id.id: (d.reason, d.date_next) for d in preview.search([])}
        run = self.run_chase()
        steps = {
            "due": run.action_ids.filtered(lambda a: a.state != "skipped"),
            "shadow": run.action_ids.filtered(lambda a: a.state == "skipped"),
        }
        for outcome, actions in steps.items():
            self.assertGreater(len(actions), 2, outcome)
            self.assertEqual({self._row(a) for a in actions}, shown[outcome])
        self.engine.invalidate_all()
        debtors = self.engine["o2c.debtor"].browse(noted)
        self.assertEqual(
            {d.id: (d.chase_reason, d.next_action_date) for d in debtors}, noted
        )

    def test_the_run_notes_for_each_customer_what_the_preview_says(self):
        self._many_situations()
        preview = self.env["o2c.chase.decision"].search([])
        shown = {d.debtor_id.id: (d.reason, d.date_next) for d in preview}
        run = self.run_chase()
        self.engine.invalidate_all()
        debtors = self.engine["o2c.debtor"].browse(shown)
        noted = {d.id: (d.chase_reason, d.next_action_date) for d in debtors}
        self.assertEqual(noted, shown)
        self.assertEqual(run.evaluated_count, len(shown))
        counts = {reason: figures["count"] for reason, figures in run.counts.items()}
        reasons = [reason for reason, _date in shown.values()]
        self.assertEqual(counts, {r: reasons.count(r) for r in set(reasons)})

    def test_the_preview_is_never_stored_nor_written(self):
        self.late(100, days=5)
        self.refresh()
        decision = self.env["o2c.chase.decision"].with_user(self.collector).search([])
        for call in (
            lambda: decision.write({"level": 9}),
            lambda: decision.unlink(),
            lambda: decision.create({}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_the_preview_can_be_grouped_and_totalled(self):
        self._many_situations()
        [*rows] = (
            self.env["o2c.chase.decision"]
            .with_user(self.collector)
            .formatted_read_group(
                [("outcome", "=", "due")], ["reason"], ["__count", "amount_due:sum"]
            )
        )
        self.assertIn("no_address", [row["reason"] for row in rows])
        self.assertEqual(
            sum(row["__count"] for row in rows),
            self.env["o2c.chase.decision"].search_count([("outcome", "=", "due")]),
        )

    # Why?

    def _why(self, **context):
        debtor = self.debtor().with_user(self.collector).with_context(**context)
        debtor.invalidate_recordset()
        return debtor.explanation

    def test_why_names_reason_figure_and_date(self):
        invoice = self.late(1234.5, days=2)
        self.refresh()
        why = self._why(lang="en_US")
        for text in ("next level is not reached", "1,234.50", "06/16/2026", "2 days"):
            self.assertIn(text, why)
        with self.on_day(1):
            why = self._why(lang="en_US")
            for text in ("Due", "pay@bolt.example", "1,234.50", "3 days"):
                self.assertIn(text, why)
        self.pay(invoice)
        self.assertEqual(self._why(lang="en_US"), "Nothing is overdue any more.")

    def test_why_names_the_tolerance(self):
        self.late(4, days=5)
        self.refresh()
        why = self._why(lang="en_US")
        for text in ("tolerance", "4.00", "5.00", "09/13/2026"):
            self.assertIn(text, why)

    def test_why_names_the_rule_of_the_plan(self):
        self.late(100, days=16)
        self.refresh()
        self.assertIn("Rule: Test plan, level 1 from 3 days late", self._why())
        self.chase()
        why = self._why(lang="en_US")
        for text in (
            "Test plan",
            "7 days between contacts",
            "on 06/15/2026",
            "Level 2",
        ):
            self.assertIn(text, why)
        with self.on_day(9):
            self.assertIn("level 2 from 14 days late", self._why())

    def test_why_names_the_figure_that_decides(self):
        invoice = self.late(100, days=5)
        line = self.receivable_lines(invoice)
        self.refresh()
        for name in ("disputed", "promised", "in_transit"):
            with self.taken(line, **{name: 100}):
                self.assertIn("100.00", self._why())
        self.payment(120)
        self.refresh()
        self.assertIn("100.00", self._why())
        self.debtor().with_user(self.collector)._pause(self.day("2026-06-20"), "Sick")
        why = self._why(lang="en_US")
        self.assertIn("06/20/2026", why)
        self.assertIn("Sick", why)

    def test_why_takes_the_same_number_of_queries_for_many(self):
        for number in range(30):
            self.late(50, days=5, partner=self.new_debtor(f"Customer {number}"))
        self.refresh()
        debtors = self.debtor_model.search([("company_id", "=", self.company.id)])

        def queries(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.with_user(self.collector).mapped("explanation")
            return self.env.cr.sql_log_count - before

        queries(debtors[:2])
        few, many = queries(debtors[:2]), queries(debtors)
        self.assertLessEqual(many, few + 2)

    def test_every_reason_has_an_explanation(self):
        """No placeholder stays open, whatever was decided."""
        self.late(100, days=5)
        self.refresh()
        debtor = self.debtor()
        decision = self.decide()
        for reason, _text in debtor._fields["chase_reason"].selection:
            for changes in ({}, {"date_next": None}, {"outcome": "none"}):
                text = debtor._explain({**decision, "reason": reason, **changes})
                self.assertTrue(text, reason)
                self.assertNotIn("%(", text)

    def test_why_speaks_german_to_a_german(self):
        self.env["res.lang"].sudo()._activate_lang("de_DE")
        self.env["ir.module.module"].sudo().search(
            [("name", "=", "o2c_collections")]
        )._update_translations(["de_DE"])
        self.late(1234.5, days=2)
        self.refresh()
        why = self._why(lang="de_DE")
        self.assertIn("1.234,50", why)
        self.assertIn("16.06.2026", why)
        self.assertIn("Die nächste Stufe ist noch nicht erreicht", why)
        field = self.debtor()._fields["chase_reason"]
        german = field._description_selection(self.env(context={"lang": "de_DE"}))
        english = dict(field.selection)
        self.assertFalse([code for code, text in german if text == english[code]])

    def test_a_collector_reads_why_over_rpc_and_an_employee_does_not(self):
        self.late(100, days=5)
        self.refresh()
        employee = self.new_user("colt_employee", "base.group_user")
        debtor = self.debtor()
        fields = ["explanation", "message_count"]
        model = self.env["o2c.debtor"]
        [row] = call_kw(
            model.with_user(self.collector), "read", [debtor.ids, fields], {}
        )
        self.assertIn("Due", row["explanation"])
        with self.assertRaises(AccessError):
            call_kw(model.with_user(employee), "read", [debtor.ids, fields], {})

    def test_a_customer_who_rests_is_looked_at_again_after_somebody_looked(self):
        self.late(4, days=5)
        self.chase()
        with self.on_day(60):
            self.chase()
            self.assertEqual(
                self.debtor().next_action_date, self.day("2026-09-13"), "day 90"
            )
            self.debtor().with_user(self.collector).action_reviewed()
            self.assertEqual(
                self.debtor().next_action_date, self.day("2026-11-12"), "day 60 + 90"
            )
            self.chase()
            self.assertEqual(self.debtor().next_action_date, self.day("2026-11-12"))
