from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from .limit_common import LimitCommon


@tagged("post_install", "-at_install")
class TestCreditLimitDay(LimitCommon):
    def run_day(self, day=None):
        with self.enter_registry_test_mode():
            self.env.ref("o2c_credit_risk.ir_cron_limits").method_direct_trigger()
        self.env.invalidate_all()

    def test_limits_begin_and_end_by_themselves(self):
        base = self.active_limit(5000)
        soon = self.active_limit(8000, date_from="2026-06-20")
        extra = self.active_limit(100, kind="temporary", date_to="2026-06-18")
        self.assertEqual(soon.state, "approved")
        self.assertEqual(self.now(), (5100, True))
        self.startPatcher(_freeze("2026-06-19"))
        self.run_day()
        self.assertEqual((base.state, extra.state), ("active", "expired"))
        self.assertEqual(self.now(), (5000, True))
        self.startPatcher(_freeze("2026-06-20"))
        self.run_day()
        self.assertEqual((base.state, soon.state), ("superseded", "active"))
        self.assertEqual(self.now(), (8000, True))
        self.assertEqual(self.customer.credit_limit, 8000)

    def test_a_limit_that_cannot_begin_does_not_stop_the_others(self):
        broken = self.active_limit(8000, date_from="2026-06-20")
        fine = self.active_limit(
            3000, date_from="2026-06-20", partner=self.new_customer("Fine")
        )
        set_state = type(broken)._set_state

        def refuse_broken(limit, state, **values):
            if broken in limit and state == "active":
                raise AssertionError
            return set_state(limit, state, **values)

        broken_gate = patch.object(type(broken), "_set_state", refuse_broken)
        self.startPatcher(broken_gate)
        for day in ("2026-06-20", "2026-06-20", "2026-06-21"):
            with self.freeze(day), self.assertLogsUnlessDone(broken, day):
                self.run_day()
            self.assertEqual((broken.state, fine.state), ("approved", "active"))
            self.assertEqual(
                broken.activity_ids.summary, "This approved limit could not begin"
            )
        broken_gate.stop()
        self.startPatcher(_freeze("2026-06-22"))
        self.run_day()
        self.assertEqual(broken.state, "active")
        self.assertFalse(broken.activity_ids)

    def assertLogsUnlessDone(self, limit, day):
        """A failure is logged once a day."""
        logger = "odoo.addons.o2c_credit_risk.models.o2c_credit_limit_job"
        tried_today = str(limit.begin_failed_on) == day
        return self.assertNoLogs(logger) if tried_today else self.assertLogs(logger)

    def test_a_company_whose_day_fails_does_not_stop_the_others(self):
        self.setup_other_company()
        limits = type(self.env["o2c.credit.limit"])
        turned = []

        def turn(limits, root):
            turned.append(root.id)
            raise AssertionError

        transaction = "odoo.addons.o2c_base.tools.transaction"
        with patch.object(limits, "_turn_day", turn), self.assertLogs(transaction):
            self.run_day()
        self.assertEqual(turned, self.env["res.company"]._o2c_roots().ids)

    def test_an_expired_limit_does_not_count_even_before_the_job_ran(self):
        self.active_limit(5000, date_to="2026-06-16")
        limits = self.env["o2c.credit.limit"].sudo()
        self.startPatcher(_freeze("2026-06-17"))
        rows = self.env.execute_query(limits._active_sql(self.company))
        self.assertEqual({r[0]: r[2] for r in rows}[self.account().id], False)

    def test_renewal_is_opened_once_some_days_ahead(self):
        limit = self.active_limit(5000, date_to="2026-07-31")
        self.run_day()
        self.assertFalse(limit.activity_ids)
        self.startPatcher(_freeze("2026-07-01"))
        self.run_day()
        self.assertEqual(limit.activity_ids.summary, "Renew this credit limit")
        self.assertEqual(limit.activity_ids.user_id, self.credit_manager)
        self.run_day()
        self.assertEqual(len(limit.activity_ids), 1)
        draft = self.env["o2c.credit.limit"].browse(limit.action_renew()["res_id"])
        self.assertEqual(str(draft.date_from), "2026-08-01")
        self.assertEqual(draft.state, "draft")

    def test_a_limit_without_end_is_reviewed(self):
        limit = self.active_limit(5000)
        self.startPatcher(_freeze("2027-06-15"))
        self.run_day()
        self.assertEqual(limit.activity_ids.summary, "Review this credit limit")

    def test_a_cover_that_ends_takes_its_limit_along_the_same_night(self):
        cover = self.env["o2c.credit.cover"].create(
            {
                "debtor_id": self.account().id,
                "amount": 5000,
                "date_from": "2026-01-01",
                "date_to": "2026-06-20",
            }
        )
        limit = self.limit(5000, user=self.salesman)
        limit.sudo().cover_id = cover
        limit.action_request()
        limit.with_user(self.credit_manager).action_approve()
        self.assertEqual(self.now(), (5000, True))
        self.run_day()
        self.assertEqual(cover.activity_ids.summary, "Renew this cover")
        self.startPatcher(_freeze("2026-06-21"))
        self.run_day()
        self.assertEqual(limit.state, "expired")
        self.assertEqual(self.now(), (0, False))


def _freeze(day):
    return freeze_time(f"{day} 12:00:00")
