from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .segment_common import SegmentCommon


@tagged("post_install", "-at_install")
class TestSegment(SegmentCommon):
    """Who belongs to which segment."""

    # ------------------------------------------------------------------
    # Conditions
    # ------------------------------------------------------------------

    def test_the_first_segment_that_fits_wins(self):
        large = self.segment("large", ("outstanding", "at_least", 100), sequence=1)
        rest = self.segment("rest", sequence=3)
        middle = self.segment("middle", ("outstanding", "at_least", 10), sequence=2)
        accounts = [self.account(amount_outstanding=a) for a in (500, 50, 5)]
        self.assertEqual(self.apply(), 3)
        found = [account.segment_id for account in accounts]
        self.assertEqual(found, [large, middle, rest])

    def test_a_bound_counts_from_the_amount_itself_and_ends_below_it(self):
        inside = self.segment(
            "inside",
            ("outstanding", "at_least", 100.10),
            ("outstanding", "below", 200.20),
        )
        amounts = (100.09, 100.10, 200.19, 200.20)
        accounts = [self.account(amount_outstanding=a) for a in amounts]
        self.apply()
        none = self.segments
        self.assertEqual(
            [account.segment_id for account in accounts], [none, inside, inside, none]
        )

    def test_all_conditions_must_hold(self):
        both = self.segment(
            "both", ("outstanding", "at_least", 100), ("overdue", "below", 10)
        )
        fits = self.account(amount_outstanding=100, amount_overdue=0)
        late = self.account(amount_outstanding=100, amount_overdue=10)
        small = self.account(amount_outstanding=99, amount_overdue=0)
        self.apply()
        self.assertEqual(fits.segment_id, both)
        self.assertFalse((late + small).segment_id)

    def test_without_segments_nobody_belongs_anywhere(self):
        account = self.account(amount_outstanding=1)
        self.assertEqual(self.apply(), 0)
        self.assertFalse(account.segment_id)

    def test_sales_are_invoices_less_credit_notes_of_twelve_months_untaxed(self):
        tax = self.company_data["default_tax_sale"]
        partner = self.new_customer("Buyer")
        contact = self.new_customer("Contact", parent_id=partner.id, type="invoice")
        self.invoice(100, partner=partner, date="2025-06-16")
        self.invoice(1000, partner=partner, date="2025-06-15")  # a year and a day ago
        self.invoice(4000, partner=partner, date="2026-06-16")  # tomorrow
        self.invoice(8000, partner=partner, post=False)
        self.credit_note(10, partner=partner)
        taxed = self.invoice(5, partner=contact, post=False)
        taxed.invoice_line_ids.tax_ids = tax
        taxed.action_post()
        account = self.account(partner=partner)
        exactly = self.segment(
            "exactly", ("sales", "at_least", 95), ("sales", "below", 95.01)
        )
        self.apply()
        self.assertEqual(account.segment_id, exactly)

    def test_sales_of_a_branch_and_in_another_currency_count_in_company_currency(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.cr.precommit.run()
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        partner = self.new_customer("Buyer")
        self.invoice(100, partner=partner, company=branch)
        self.invoice(50, partner=partner, currency_id=euro.id)  # 25 of ours
        account = self.account(partner=partner)
        fits = self.segment("fits", ("sales", "at_least", 125), ("sales", "below", 126))
        self.apply()
        self.assertEqual(account.segment_id, fits)

    def test_rank_tells_how_much_was_sold_to_larger_customers(self):
        sold = {"A": 50, "B": 30, "C": 10, "D": 10, "E": 0}
        accounts = {}
        for name, amount in sold.items():
            partner = self.new_customer(name)
            accounts[name] = self.account(partner=partner)
            if amount:
                self.invoice(amount, partner=partner)
        key = self.segment("key", ("sales_rank", "below", 50))
        middle = self.segment("middle", ("sales_rank", "below", 80), sequence=11)
        rest = self.segment("rest", ("sales_rank", "at_least", 80), sequence=12)
        self.apply()
        found = {name: account.segment_id for name, account in accounts.items()}
        none = self.segments
        self.assertEqual(
            found, {"A": key, "B": middle, "C": rest, "D": rest, "E": none}
        )

    def test_behaviour_counts_only_where_something_was_paid(self):
        early = self.segment("early", ("days_late", "below", 0), sequence=1)
        good = self.segment("good", ("on_time", "at_least", 90), sequence=2)
        slow = self.segment("slow", ("days_late", "at_least", 30), sequence=3)
        accounts = [
            self.account(
                days_late_average=late, on_time_share=on_time, payment_count=count
            )
            for late, on_time, count in (
                (-0.1, 100, 1),
                (0, 90, 5),
                (30, 89.9, 5),
                (29.9, 89.9, 5),
                (-5, 100, 0),
            )
        ]
        self.apply()
        none = self.segments
        self.assertEqual(
            [account.segment_id for account in accounts],
            [early, good, slow, none, none],
        )

    def test_the_shipped_segments_take_everybody_in_any_currency(self):
        self.segments.with_context(active_test=False).search(
            [("company_id", "=", False)]
        ).active = True
        partners = [self.new_customer(name) for name in "ABC"]
        for partner, amount in zip(partners, (1000, 600, 1), strict=True):
            self.invoice(amount, partner=partner)
        accounts = [self.account(partner=partner) for partner in partners]
        accounts.append(self.account("Never bought"))
        self.apply()
        codes = [account.segment_id.code for account in accounts]
        self.assertEqual(codes, ["key", "standard", "small", "small"])

    # ------------------------------------------------------------------
    # Customer filter
    # ------------------------------------------------------------------

    def test_a_filter_on_the_customer_counts_too(self):
        france = self.env.ref("base.fr")
        fits = self.segment(
            "french",
            ("outstanding", "at_least", 10),
            domain=f"[('country_id', '=', {france.id})]",
        )
        french = self.new_customer("French", country_id=france.id)
        archived = self.new_customer("Old", country_id=france.id, active=False)
        ours = self.account(partner=french, amount_outstanding=10)
        old = self.account(partner=archived, amount_outstanding=10)
        other = self.account(amount_outstanding=10)
        self.apply()
        self.assertEqual((ours + old).segment_id, fits)
        self.assertFalse(other.segment_id)

    def test_a_filter_that_does_not_work_is_refused(self):
        for text in (
            "[('no_such_field', '=', 1)]",
            "[('country_id', '=', 1)",
            "nonsense",
            "[('name', '=', uid)]",
            "__import__('os').getcwd()",
            "7",
        ):
            with self.assertRaises(ValidationError, msg=text):
                self.segment(f"bad {text}", domain=text)

    def test_a_filter_that_breaks_later_stops_nobody_and_is_named(self):
        """Such as one on a field whose add-on was removed."""
        broken = self.segment("broken", domain="[('name', '=', 'Member')]", sequence=1)
        rest = self.segment("rest", sequence=2)
        member, other = self.account("Member"), self.account("Other")
        self.apply()
        self.env.cr.execute(
            "UPDATE o2c_segment SET domain = %s WHERE id = %s",
            ["[('gone', '=', 1)]", broken.id],
        )
        broken.invalidate_recordset()
        member.partner_id.name = "Renamed"
        newcomer = self.account("Member")
        self.apply()
        self.assertIn("gone", broken.domain_error)
        self.assertEqual(member.segment_id, broken, "members stay")
        self.assertEqual((other + newcomer).segment_id, rest, "nobody joins")
        broken.domain = "[('name', '=', 'Member')]"
        self.assertFalse(broken.domain_error)
        self.apply()
        self.assertEqual(member.segment_id, rest)
        self.assertEqual(newcomer.segment_id, broken)

    def test_a_filter_cannot_ask_what_its_writer_may_not_read(self):
        manager = self.new_manager()
        segment = self.segment("spy").with_user(manager)
        with self.assertRaises(ValidationError), mute_logger("odoo.models"):
            segment.domain = "[('signup_type', '=', 'reset')]"
        segment.domain = "[('name', '=', 'Customer')]"

    def test_a_filter_cannot_ask_for_what_companies_booked(self):
        """Goal: the job reads all companies; no filter may turn that into answers."""
        segment = self.segment("spy")
        for domain in (
            "[('invoice_ids', 'any', [('amount_total', '>', 1)])]",
            "[('invoice_ids.amount_total', '>', 1)]",
            "[('invoice_ids', '!=', False)]",
            "['|', ('name', '=', 'x'), ('child_ids.invoice_ids', '!=', False)]",
            "[('parent_id', 'any', [('invoice_ids', '!=', False)])]",
        ):
            with self.subTest(domain), self.assertRaises(ValidationError):
                segment.domain = domain
        for domain in (
            f"[('user_id', '=', {self.env.uid})]",
            "[('country_id.code', '=', 'DE'), ('child_ids.city', '=', 'Bonn')]",
            "[('category_id.name', 'ilike', 'key')]",
        ):
            with self.subTest(domain):
                segment.domain = domain

    # ------------------------------------------------------------------
    # Fixed by a person
    # ------------------------------------------------------------------

    def test_a_fixed_segment_holds_at_once_and_against_the_rules(self):
        rest = self.segment("rest", sequence=1)
        vip = self.segment("vip", ("outstanding", "at_least", 1e9), sequence=2)
        account = self.account()
        self.apply()
        account.write({"segment_fixed_id": vip.id, "segment_fixed_reason": "promised"})
        self.assertEqual(account.segment_id, vip)
        self.assertEqual(self.apply(), 0)
        self.assertEqual(account.segment_id, vip)
        account.segment_fixed_id = False
        self.assertEqual(account.segment_id, rest)

    def test_a_fixed_segment_that_was_archived_gives_way_to_the_rules(self):
        rest, vip = self.segment("rest"), self.segment("vip")
        account = self.account()
        account.write({"segment_fixed_id": vip.id, "segment_fixed_reason": "promised"})
        vip.active = False
        self.apply()
        self.assertEqual(account.segment_id, rest)

    def test_fixing_needs_a_reason_and_the_right(self):
        vip = self.segment("vip")
        account = self.account()
        for reason in (False, "", "  "):
            with self.assertRaises(ValidationError):
                account.write(
                    {"segment_fixed_id": vip.id, "segment_fixed_reason": reason}
                )
        values = {"segment_fixed_id": vip.id, "segment_fixed_reason": "promised"}
        collector = self.new_user("collector", "o2c_base.group_collector")
        with self.assertRaises(AccessError):
            account.with_user(collector).write(values)
        account.with_user(self.new_manager()).write(values)
        self.assertEqual(account.segment_id, vip)

    # ------------------------------------------------------------------
    # Companies
    # ------------------------------------------------------------------

    def test_a_segment_of_one_company_never_touches_another(self):
        other = self.setup_other_company(name="Other root")["company"]
        ours = self.segment("ours")
        partner = self.new_customer("Common")
        here, there = (
            self.account(partner=partner),
            self.account(partner=partner, company=other),
        )
        self.apply()
        self.apply(other)
        self.assertEqual(here.segment_id, ours)
        self.assertFalse(there.segment_id)
        common = self.segment("common", company_id=False, sequence=99)
        self.apply(other)
        self.assertEqual(there.segment_id, common)

    def test_a_segment_belongs_to_a_whole_company(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        with self.assertRaises(ValidationError):
            self.segment("branch", company_id=branch.id)
        mine = self.segments.with_company(branch).create({"name": "M", "code": "m"})
        self.assertEqual(mine.company_id, self.company)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_collectors_read_rules_and_only_managers_change_them(self):
        segment = self.segment("some", ("overdue", "at_least", 1))
        account = self.account(amount_overdue=1)
        self.apply()
        self.assertTrue(account.membership_ids)
        for role in ("collector", "credit_manager", "auditor"):
            user = self.new_user(role, f"o2c_base.group_{role}")
            self.assertEqual(segment.with_user(user).member_count, 1)
            for record in (segment, segment.condition_ids, account.membership_ids):
                seen = record.with_user(user)
                self.assertTrue(seen.read())
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(seen.has_access(operation))
            with self.assertRaises(AccessError):
                self.env["o2c.segment.apply"].with_user(user).action_preview()
        manager = self.new_manager()
        segment.with_user(manager).name = "Renamed"
        segment.with_user(manager).condition_ids.value = 2
        for operation in ("write", "create", "unlink"):
            seen = account.membership_ids.with_user(manager)
            self.assertFalse(seen.has_access(operation))

    def test_another_company_sees_nothing(self):
        other = self.setup_other_company(name="Other root")["company"]
        segment = self.segment("some", ("overdue", "below", 1))
        account = self.account()
        self.apply()
        stranger = self.new_user("stranger", "o2c_base.group_manager", other)
        for record in (segment, segment.condition_ids, account.membership_ids):
            with self.assertRaises(AccessError):
                record.with_user(stranger).read()
            self.assertFalse(
                record.with_user(stranger).search([("id", "in", record.ids)])
            )
