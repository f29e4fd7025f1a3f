from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ReceivablesCommon

ROLES = ("o2c_base.group_collector", "o2c_base.group_auditor")


@tagged("post_install", "-at_install")
class TestOverview(ReceivablesCommon):
    """Each figure of the overview is the sum of the list it opens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.company.id}
        )
        cls.cr.precommit.run()  # the branch gets its root's chart of accounts
        cls.env.user.company_ids += cls.branch
        cls.other = cls.new_customer("Other")
        cls.collector = cls.new_user("collector", "o2c_base.group_collector")

    @classmethod
    def new_user(cls, login, groups, companies=None):
        companies = companies or cls.company + cls.branch
        return new_test_user(
            cls.env,
            login=f"overview_{login}",
            groups=groups,
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
        )

    def overview(self, user=None, companies=None):
        user = user or self.collector
        companies = companies or user.company_ids
        return (
            self.env["o2c.overview"]
            .with_user(user)
            .with_context(allowed_company_ids=companies.ids)
        )

    def panel(self, code, **options):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.overview(**options).get_panel(code)

    def tiles(self, **options):
        return {t["code"]: t for t in self.panel("tiles", **options)["tiles"]}

    def listed(self, link, measure, overview=None):
        """The sum over the list that a link opens, as the same user sees it."""
        overview = self.overview() if overview is None else overview
        action = overview.env.ref(link["action"]).sudo()
        records = overview.env[action.res_model].search(link["domain"])
        return sum(records.mapped(measure))

    def story(self):
        """Due, not due, overdue, credits, a branch, and items without a customer."""
        self.invoice(100, due="2026-06-15")
        self.invoice(200, due="2026-06-20")
        self.invoice(400, due="2026-07-10")
        self.invoice(800, date="2026-04-01", due="2026-05-01", partner=self.other)
        self.payment(50)
        self.credit_note(25, partner=self.other)
        self.invoice(1600, date="2026-05-01", due="2026-06-01", company=self.branch)
        self.opening_entry(
            3200, date="2026-01-01", partner=False, date_maturity="2026-01-31"
        )
        self.refresh()

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def test_each_tile_is_the_sum_of_the_list_it_opens(self):
        self.story()
        for groups in ROLES:
            user = self.new_user(f"a_{groups.split('_')[-1]}", groups)
            overview = self.overview(user)
            fields_by_code = {
                part["code"]: part["field"]
                for tile in overview._tiles()
                for part in overview._parts(tile)
            }
            for tile in self.tiles(user=user).values():
                for part in [tile, *tile["more"]]:
                    with self.subTest(user=user.login, tile=part["code"]):
                        total = self.listed(
                            part["link"], fields_by_code[part["code"]], overview
                        )
                        self.assertAlmostEqual(part["value"], total, 2)

    def test_tiles_tell_what_is_owed_branches_included(self):
        self.story()
        tiles = self.tiles()
        self.assertEqual(tiles["open"]["value"], 100 + 200 + 400 + 800 - 75 + 1600)
        self.assertEqual(tiles["overdue"]["value"], 800 + 1600)
        self.assertEqual(tiles["unapplied"]["value"], 75)
        self.assertAlmostEqual(tiles["overdue"]["share"], 100 * 2400 / 3100, 6)

    def test_the_share_is_not_told_where_nothing_is_owed(self):
        self.payment(50)
        self.refresh()
        tile = self.tiles()["overdue"]
        self.assertEqual((tile["value"], tile["share"]), (0, None))

    def test_each_bar_is_the_sum_of_the_items_it_opens_and_all_tie_to_the_ledger(self):
        self.story()
        ageing = self.panel("ageing")
        for bar in ageing["bars"]:
            with self.subTest(bucket=bar["code"]):
                listed = self.listed(bar["link"], "amount_residual")
                self.assertAlmostEqual(bar["amount"], listed, 2)
        self.assertAlmostEqual(
            ageing["total"], self._ledger_balance(self.company, None)
        )
        self.assertEqual(
            ageing["total"], self.listed(ageing["total_link"], "amount_residual")
        )

    def test_items_without_a_customer_are_told_apart_so_that_the_page_ties(self):
        self.story()
        ageing = self.panel("ageing")
        self.assertEqual(ageing["nobody"], 3200)
        self.assertEqual(self.listed(ageing["nobody_link"], "amount_residual"), 3200)
        tiles = self.tiles()
        self.assertEqual(tiles["open"]["value"] + 3200, ageing["total"])

    def test_without_such_items_the_page_does_not_speak_of_them(self):
        self.invoice(100)
        self.assertIsNone(self.panel("ageing")["nobody"])

    def test_branches_count_though_they_are_not_selected(self):
        self.story()
        ageing = self.panel("ageing", companies=self.company)
        ledger = self._ledger_balance(self.company, None)
        self.assertAlmostEqual(ageing["total"], ledger)
        link = ageing["total_link"]
        self.assertEqual(
            link["context"]["allowed_company_ids"], (self.company + self.branch).ids
        )

    def test_branches_of_others_are_named(self):
        user = self.new_user("root_only", "o2c_base.group_collector", self.company)
        [note] = self.overview(user).get_frame()["notes"]
        self.assertIn("Branch", note)

    def test_who_sees_only_a_branch_gets_bars_that_are_his_lists(self):
        self.story()
        user = self.new_user("branch", "o2c_base.group_collector", self.branch)
        ageing = self.panel("ageing", user=user)
        self.assertEqual(ageing["total"], 1600)
        overview = self.overview(user)
        self.assertEqual(
            self.listed(ageing["total_link"], "amount_residual", overview), 1600
        )

    def test_exposures_are_the_largest_ten(self):
        for number in range(12):
            partner = self.new_customer(f"Customer {number}")
            self.invoice(100 + number, due="2026-07-01", partner=partner)
        self.invoice(30, date="2026-05-01", due="2026-06-01", partner=partner)
        self.refresh()
        rows = self.panel("exposures")["rows"]
        self.assertEqual(len(rows), 10)
        self.assertEqual(
            [row["outstanding"] for row in rows], [141, *range(110, 101, -1)]
        )
        self.assertEqual(rows[0]["name"], "Customer 11")
        self.assertAlmostEqual(rows[0]["share"], 100 * 30 / 141, 6)

    def test_a_long_list_is_opened_in_groups_so_that_its_total_shows(self):
        overview = self.overview()
        link = overview._account_link(self.company, "x", [], 81)
        self.assertEqual(link["context"], {"group_by": ["collector_id"]})
        link = overview._account_link(self.company, "x", [], 80)
        self.assertEqual(link["context"], {})

    # ------------------------------------------------------------------
    # Whose
    # ------------------------------------------------------------------

    def test_other_companies_are_named_and_never_added(self):
        second = self.env["res.company"].create({"name": "Second"})
        self.env.user.company_ids += second
        self.invoice(100)
        self.refresh()
        companies = self.company + self.branch + second
        user = self.new_user("two", "o2c_base.group_collector", companies)
        frame = self.overview(user, self.company + second).get_frame()
        [note] = frame["notes"]
        self.assertIn("Second", note)
        self.assertNotIn(self.branch.name, note)
        self.assertEqual(frame["company"]["id"], self.company.id)
        turned = self.overview(user, second + self.company)
        self.assertEqual(turned.get_frame()["company"]["id"], second.id)
        tiles = {t["code"]: t for t in turned.get_panel("tiles")["tiles"]}
        self.assertEqual(tiles["open"]["value"], 0)

    def test_one_company_needs_no_note(self):
        self.assertEqual(self.overview().get_frame()["notes"], [])

    def test_who_works_in_a_branch_sees_the_root_company(self):
        user = self.new_user("branch", "o2c_base.group_collector", self.branch)
        frame = self.overview(user).get_frame()
        self.assertEqual(frame["company"]["name"], self.company.name)

    def test_nobody_without_a_role_gets_anything(self):
        self.story()
        for groups in ("base.group_user", "base.group_portal"):
            user = new_test_user(
                self.env,
                login=groups,
                groups=groups,
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            overview = self.env["o2c.overview"].with_user(user)
            with self.assertRaises(AccessError):
                overview.get_frame()
            for code in overview.sudo()._panels():
                with self.subTest(panel=code), self.assertRaises(AccessError):
                    overview.get_panel(code)

    def test_a_company_of_others_cannot_be_asked_for(self):
        self.story()
        second = self.env["res.company"].create({"name": "Second"})
        user = self.new_user("second", "o2c_base.group_collector", second)
        with self.assertRaises(AccessError):
            self.overview(user, self.company).get_panel("tiles")
        tiles = self.tiles(user=user)
        self.assertEqual({tile["value"] for tile in tiles.values()}, {0})

    def test_there_is_no_panel_by_any_other_name(self):
        overview = self.overview()
        for code in ("", "nothing", "__class__", None, 7, [], {"a": 1}):
            with self.subTest(code=code), self.assertRaises(UserError):
                overview.get_panel(code)

    # ------------------------------------------------------------------
    # Bad ledgers
    # ------------------------------------------------------------------

    def test_every_panel_answers_without_any_invoice(self):
        company = self.env["res.company"].create({"name": "Empty"})
        self.env.user.company_ids += company
        user = self.new_user("empty", "o2c_base.group_manager", company)
        overview = self.overview(user)
        frame = overview.get_frame()
        self.assertFalse(frame["has_accounts"])
        for panel in frame["panels"]:
            with self.subTest(panel=panel["code"]):
                self.assertTrue(overview.get_panel(panel["code"]))

    def test_yen_have_no_decimals_and_billions_stay_exact(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        company = self.setup_other_company(name="Tokyo", currency_id=yen.id)["company"]
        user = self.new_user("tokyo", "o2c_base.group_collector", company)
        self.invoice(10**9 + 1, company=company)
        self.refresh()
        value = self.tiles(user=user)["open"]["value"]
        self.assertEqual(value, 10**9 + 1)
        frame = self.overview(user).get_frame()
        self.assertEqual(frame["currency_id"], yen.id)

    # ------------------------------------------------------------------
    # Cost
    # ------------------------------------------------------------------

    def test_queries_do_not_grow_with_the_customers(self):
        counts = []
        for size in (3, 12):
            for number in range(size):
                partner = self.new_customer(f"Customer {size} {number}")
                self.invoice(100 + number, partner=partner)
            self.refresh()
            counts.append(self.count_queries())
        self.assertEqual(counts[0], counts[1])

    def count_queries(self):
        overview = self.overview()
        codes = [panel["code"] for panel in overview.get_frame()["panels"]]
        counts = {}
        for code in ["", *codes]:
            for _warm in range(2):
                self.env.flush_all()
                self.env.invalidate_all()
                start = self.env.cr.sql_log_count
                overview.get_panel(code) if code else overview.get_frame()
                counts[code] = self.env.cr.sql_log_count - start
        return counts


@tagged("post_install", "-at_install")
class TestChecklist(ReceivablesCommon):
    """The checklist says what is missing, and goes when its work is done."""

    def setUp(self):
        super().setUp()
        self.manager = self.new_user("manager", "o2c_base.group_manager")
        self.overview = self.env["o2c.overview"].with_user(self.manager)

    def new_user(self, login, groups):
        return new_test_user(
            self.env,
            login=f"checklist_{login}",
            groups=groups,
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )

    def item(self, code):
        self.env.flush_all()
        self.env.invalidate_all()
        items = self.overview.get_frame()["checklist"]["items"]
        [item] = [item for item in items if item["code"] == code]
        return item

    def test_an_invoice_makes_the_first_item_done(self):
        self.assertEqual(self.item("invoice")["state"], "todo")
        draft = self.invoice(100, post=False)
        self.assertEqual(self.item("invoice")["state"], "todo")
        draft.action_post()
        self.assertEqual(self.item("invoice")["state"], "done")

    def test_a_job_that_is_off_or_late_is_named(self):
        job = self.env.ref("o2c_base.ir_cron_refresh_facts").sudo()
        job.write({"active": True, "nextcall": fields.Datetime.now()})
        self.assertEqual(self.item("jobs")["state"], "done")
        job.nextcall = "2026-06-15 11:40:00"
        self.assertEqual(self.item("jobs")["state"], "todo")
        self.assertIn(job.cron_name, self.item("jobs")["text"])
        job.write({"active": False, "nextcall": fields.Datetime.now()})
        self.assertEqual(self.item("jobs")["state"], "todo")

    def test_only_administrators_get_a_button_to_the_jobs(self):
        self.assertNotIn("button", self.item("jobs"))
        self.manager.group_ids += self.env.ref("base.group_system")
        self.assertIn("button", self.item("jobs"))

    def test_it_is_hidden_for_good_once_the_essential_is_done(self):
        with self.assertRaises(UserError), self.done_but("invoice"):
            self.overview.action_dismiss_checklist()
        with self.done_but():
            self.assertFalse(self.overview.get_frame()["checklist"]["is_open"])
            self.overview.action_dismiss_checklist()
            self.assertIsNone(self.overview.get_frame()["checklist"])

    def done_but(self, *codes):
        """A list whose items are done, but for some."""
        items = [
            {
                "code": code,
                "title": code,
                "text": code,
                "state": "todo" if code in codes else "done",
                "essential": True,
            }
            for code in ("invoice", "jobs")
        ]
        model = self.env.registry["o2c.overview"]
        return patch.object(model, "_checklist", lambda *_args: items)

    def test_only_managers_of_the_company_tick_and_hide(self):
        collector = self.new_user("collector", "o2c_base.group_collector")
        overview = self.overview.with_user(collector)
        for call in (
            overview.action_dismiss_checklist,
            lambda: overview.action_tick("x"),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_what_the_server_can_tell_is_not_ticked_by_hand(self):
        for code in ("invoice", "nothing", None, []):
            with self.subTest(code=code), self.assertRaises(UserError):
                self.overview.action_tick(code)
