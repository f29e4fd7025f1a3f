import doctest
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytz
from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..domain import channels, contact_time
from .chase_common import TODAY_DATE, ChaseCommon

ZONES = (
    "Pacific/Pago_Pago",
    "Pacific/Kiritimati",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Europe/Brussels",
    "America/Juneau",
)


@tagged("post_install", "-at_install")
class TestContactBudget(ChaseCommon):
    """How often and when a customer is contacted; what waits, waits with a date."""

    @contextmanager
    def at(self, text):
        with freeze_time(text):
            yield

    def send(self):
        """One round of the sending job's looks, without a mail server.

        :return: (handed over, message)
        """
        message = self.actions().message_id
        return message._claim(), message

    # Cap

    def test_the_cap_puts_the_next_level_off(self):
        self.company.write({"o2c_contact_cap": 1, "o2c_contact_cap_days": 20})
        self.late(100, days=10)
        self.chase()
        with self.on_day(8):
            decision = self.decide()
            self.assertEqual(decision["reason"], "contact_cap")
            self.assertEqual(decision["date_next"], TODAY_DATE + timedelta(days=20))
            self.run_chase()
            self.assertEqual(len(self.actions()), 1)
            self.assertEqual(
                self.debtor().next_action_date, TODAY_DATE + timedelta(days=20)
            )
            words = self.debtor().explanation
            self.assertIn("at most 1 contacts in 20 days", words)
            self.assertIn("Level 2 follows on 07/05/2026", words)
        with self.on_day(19):
            self.assertEqual(self.reason(), "contact_cap")
        with self.on_day(20):
            self.assertEqual(self.reason(), "due")

    def test_without_a_cap_nothing_is_counted(self):
        self.late(100, days=10)
        self.chase()
        with self.on_day(8):
            self.assertEqual(self.reason(), "due")

    def test_calls_count_also_those_made_by_hand_each_once(self):
        self.company.write({"o2c_contact_cap": 2, "o2c_contact_cap_days": 20})
        self.plan.step_ids[0].write({"channel": "call", "template_id": False})
        self.late(100, days=10)
        self.run_chase()
        self.actions()._set_done()
        debtor = self.debtor().with_env(self.engine)
        debtor.message_post(body="Rang.", subtype_xmlid="o2c_base.mt_call")
        with self.on_day(8):
            self.assertEqual(self.reason(), "due", "one call, noted twice")
            debtor.message_post(body="Rang.", subtype_xmlid="o2c_base.mt_call")
            self.assertEqual(self.reason(), "contact_cap")

    def test_a_contact_of_another_company_does_not_count(self):
        self.company.write({"o2c_contact_cap": 1, "o2c_contact_cap_days": 20})
        other = self.setup_other_company()["company"]
        other.sudo().write(
            {
                "email": "b@x.example",
                "o2c_chase_from": "2000-01-01",
                "o2c_contact_cap": 1,
            }
        )
        self.new_plan([(1, 3)], company_id=other.id, name="Theirs")
        self.late(100, days=10)
        self.chase()
        self.late(100, days=10, company=other)
        with self.on_day(1):
            self.assertEqual(self.reason(company=other), "due")

    def test_a_step_already_planned_waits_and_is_then_carried_out(self):
        self.late(100, days=10)
        self.refresh()
        runs = self.engine["o2c.chase.run"]
        action = runs.browse(
            runs._evaluate_and_plan(self.company.id, "manual")
        ).action_ids
        self.company.write({"o2c_contact_cap": 1, "o2c_contact_cap_days": 5})
        debtor = self.debtor().with_env(self.engine)
        debtor.message_post(body="Rang.", subtype_xmlid="o2c_base.mt_call")
        action._perform()
        self.assertRecordValues(
            action,
            [
                {
                    "state": "planned",
                    "reason": "contact_cap",
                    "date_due": TODAY_DATE + timedelta(days=5),
                }
            ],
        )
        self.run_chase()
        self.assertEqual(action.state, "planned")
        with self.on_day(5):
            self.run_chase()
            self.assertEqual(self.story(), [(1, "email", "queued")])

    def test_the_cap_holds_a_written_message_back_and_shows_until_when(self):
        self.late(100, days=10)
        self.run_chase()
        self.company.write({"o2c_contact_cap": 1, "o2c_contact_cap_days": 1})
        debtor = self.debtor().with_env(self.engine)
        debtor.message_post(body="Rang.", subtype_xmlid="o2c_base.mt_call")
        handed, message = self.send()
        self.assertFalse(handed)
        self.assertEqual(message.state, "outgoing")
        self.assertEqual(message.reason, "contact_cap")
        self.assertEqual(message.next_try_at, datetime(2026, 6, 16))
        self.assertEqual(self.actions().time_due, datetime(2026, 6, 16))
        self.assertEqual(self.actions().state, "queued")
        with self.on_day(1):
            handed, message = self.send()
            self.assertEqual(handed, ("email", message.mail_id.id))
            self.assertFalse(message.reason)

    def test_statements_do_not_count(self):
        self.company.write({"o2c_contact_cap": 1, "o2c_contact_cap_days": 20})
        self.late(100, days=10)
        self.chase()
        message = self.actions().message_id
        message.statement_id = self.engine["o2c.statement"].create(
            {
                "debtor_id": self.debtor().id,
                "company_id": self.company.id,
                "as_of": TODAY_DATE,
            }
        )
        with self.on_day(8):
            self.assertEqual(self.reason(), "due")

    # Working days

    def test_a_day_off_puts_the_step_off(self):
        self.company.o2c_working_days_only = True
        self.late(100, days=10)
        with self.on_day(5):  # Saturday
            decision = self.decide()
            self.assertEqual(decision["reason"], "no_working_day")
            self.assertEqual(decision["date_next"], TODAY_DATE + timedelta(days=7))
            self.run_chase()
            self.assertFalse(self.actions())
        with self.on_day(7):
            self.run_chase()
            self.assertEqual(self.story(), [(1, "email", "queued")])

    def test_a_holiday_of_the_company_is_no_working_day(self):
        self.company.o2c_working_days_only = True
        self.late(100, days=10)
        other = self.setup_other_company()["company"]
        leaves = self.engine["resource.calendar.leaves"]
        holiday = {
            "name": "Holiday",
            "calendar_id": False,
            "date_from": "2026-06-15 00:00:00",
            "date_to": "2026-06-16 23:00:00",
        }
        theirs = leaves.with_company(other).create(holiday)
        self.assertEqual(theirs.company_id, other)  # computed by who asks first
        self.assertEqual(self.reason(), "due", "another company's holiday")
        leaves.with_company(self.company).create(holiday)
        decision = self.decide()
        self.assertEqual(decision["reason"], "no_working_day")
        self.assertEqual(decision["date_next"], date(2026, 6, 17))

    def test_a_calendar_without_any_hours_holds_nobody_back_for_ever(self):
        self.company.o2c_working_days_only = True
        self.company.sudo().resource_calendar_id.attendance_ids.unlink()
        self.late(100, days=10)
        self.assertEqual(self.reason(), "due")

    # Quiet hours

    def test_a_message_waits_for_the_customer_s_morning(self):
        self.company.o2c_quiet_email = True
        self.customer.country_id = self.env.ref("base.jp")
        self.late(100, days=10)
        self.run_chase()
        handed, message = self.send()  # noon in UTC is nine in the evening in Tokyo
        self.assertFalse(handed)
        self.assertEqual(message.reason, "quiet_hours")
        self.assertEqual(message.next_try_at, datetime(2026, 6, 15, 22))
        self.assertEqual(message.not_before, datetime(2026, 6, 15, 22))
        self.assertFalse(message.filtered_domain(message._due_domain()))
        with self.at("2026-06-15 22:00:00"):
            self.assertTrue(self.send()[0])

    def test_e_mails_leave_at_night_unless_that_is_not_wanted(self):
        self.customer.country_id = self.env.ref("base.jp")
        self.late(100, days=10)
        self.run_chase()
        self.assertTrue(self.send()[0])

    def test_who_paid_while_the_message_waited_is_not_written_to(self):
        self.company.o2c_quiet_email = True
        self.customer.country_id = self.env.ref("base.jp")
        invoice = self.late(100, days=10)
        self.run_chase()
        self.assertFalse(self.send()[0])
        self.pay(invoice)
        with self.at("2026-06-15 22:00:00"):
            handed, message = self.send()
            self.assertFalse(handed)
            self.assertEqual((message.state, message.reason), ("cancelled", "paid"))

    def test_a_try_of_the_ladder_keeps_the_quiet_hours(self):
        self.company.o2c_quiet_email = True
        self.customer.country_id = self.env.ref("base.de")
        self.late(100, days=10)
        self.run_chase()
        message = self.actions().message_id
        message._set_sending()
        message._set_deferred("451", "later")
        with self.at("2026-06-15 20:30:00"):
            self.assertFalse(message._claim())
            self.assertEqual(message.state, "deferred")
            self.assertEqual(message.next_try_at, datetime(2026, 6, 16, 5))

    def test_a_message_held_over_the_weekend_is_not_too_old(self):
        self.company.o2c_working_days_only = True
        self.late(100, days=10)
        with self.on_day(4):  # Friday
            self.run_chase()
            message = self.actions().message_id
            message._set_sending()
            message._set_deferred("451", "later")
        with self.on_day(5):
            self.assertFalse(message._claim())
            self.assertEqual(message.reason, "no_working_day")
            self.assertEqual(message.next_try_at, datetime(2026, 6, 22))
        with self.on_day(7):
            self.assertTrue(message._claim())

    def test_the_clock_is_that_of_the_customer_s_country(self):
        zone = self.company._o2c_zone_of
        self.assertEqual(zone(self.customer).zone, "UTC")
        self.customer.tz = "Europe/Berlin"
        self.assertEqual(zone(self.customer).zone, "Europe/Berlin")
        self.customer.country_id = self.env.ref("base.jp")
        self.assertEqual(zone(self.customer).zone, "Asia/Tokyo")

    # Settings

    def test_hours_and_caps_that_make_no_sense_are_refused(self):
        for values in (
            {"o2c_contact_cap": -1},
            {"o2c_contact_cap_days": 0},
            {"o2c_quiet_to": 25},
            {"o2c_cost_letter": -1},
        ):
            with (
                self.subTest(values=values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(Exception),  # noqa: B017 the database's own
                self.env.cr.savepoint(),
            ):
                self.company.write(values)
                self.env.flush_all()
        with self.assertRaises(ValidationError):
            self.company.write({"o2c_quiet_from": 8, "o2c_quiet_to": 7})

    def test_the_settings_are_those_of_the_root_company(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        settings = self.env["res.config.settings"].with_company(branch)
        settings.create({"o2c_contact_cap": 3}).execute()
        self.assertEqual(self.company.o2c_contact_cap, 3)

    # Rules in plain Python

    def test_the_examples_hold(self):
        for module in (contact_time, channels):
            failed, tried = doctest.testmod(module)
            self.assertTrue(tried)
            self.assertFalse(failed)

    def test_in_every_zone_on_every_day_the_moment_is_allowed_and_soon(self):
        """Each hour of two years, quiet from 20 to 7, working days Monday to Friday."""

        def is_working(day):
            return day.weekday() < 5

        begin = pytz.utc.localize(datetime(2027, 1, 1))
        for name in ZONES:
            zone = pytz.timezone(name)
            for hours in range(0, 2 * 366 * 24, 7):
                now = begin + timedelta(hours=hours, minutes=13)
                moment = contact_time.first_moment(now, zone, (20.0, 7.0), is_working)
                local = moment.astimezone(zone)
                self.assertGreaterEqual(moment, now)
                self.assertLess(moment - now, timedelta(days=3), (name, now))
                self.assertTrue(is_working(local.date()), (name, now, local))
                self.assertFalse(contact_time.is_quiet(local, (20.0, 7.0)), local)
                if moment > now:
                    before = (moment - timedelta(seconds=1)).astimezone(zone)
                    is_open = is_working(before.date()) and not contact_time.is_quiet(
                        before, (20.0, 7.0)
                    )
                    self.assertFalse(
                        is_open, f"{name}: {now} could leave before {local}"
                    )
