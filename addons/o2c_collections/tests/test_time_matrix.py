import random
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytz
from freezegun import freeze_time

from odoo.tests import tagged

from .chase_common import ChaseCommon

ZONES = (
    "Pacific/Pago_Pago",
    "Pacific/Kiritimati",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Europe/Brussels",
    "America/Juneau",
)
ZONES_WITH_UNUSUAL_CLOCKS = ("Australia/Lord_Howe", "America/Santiago")
SEED = 20270101
FROM, UNTIL = datetime(2027, 1, 1), datetime(2028, 12, 31)
DUE = "2026-12-31"
RANDOM_INSTANTS = 25
MINUTE = timedelta(minutes=1)


def local_day(zone, instant):
    """The day on a wall clock there, by another library than the product's."""
    return instant.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).date()


def edges(zone):
    """UTC instants around each change of the clocks and each unusual midnight."""
    changes = [
        change
        for change in getattr(pytz.timezone(zone), "_utc_transition_times", ())
        if FROM <= change < UNTIL
    ]
    for day in ("2027-01-01", "2028-01-01", "2028-02-29", "2028-03-01", "2028-12-31"):
        midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
        changes.append(midnight.astimezone(ZoneInfo("UTC")).replace(tzinfo=None))
    return [change + shift for change in changes for shift in (-MINUTE, 0 * MINUTE)]


@tagged("post_install", "-at_install", "o2c_random")
class TestTimeMatrix(ChaseCommon):
    """Wherever the company is and whenever its jobs run, days are its own days."""

    def test_an_item_is_late_from_the_local_day_after_its_due_date(self):
        self.invoice(100, date=DUE, due=DUE)
        dice = random.Random(SEED)  # noqa: S311
        seconds = int((UNTIL - FROM).total_seconds())
        for zone in ZONES:
            self.company.partner_id.tz = zone
            instants = edges(zone) + [
                FROM + timedelta(seconds=dice.randrange(seconds))
                for _number in range(RANDOM_INSTANTS)
            ]
            for instant in instants:
                with self.subTest(zone=zone, utc=instant), freeze_time(instant):
                    today = local_day(zone, instant)
                    late = (today - self.day(DUE)).days
                    self.assertEqual(self.company._o2c_today(), today)
                    self.assertEqual(self.open_items().days_overdue, max(late, 0))

    def _instants(self, zone, dice):
        """When the job comes in five weeks around a change of the clocks.

        Most nights at five, some never, and now and then a clock is set back by two
        hours and the job comes twice.
        """
        day = datetime(2027, 3, 10, tzinfo=ZoneInfo(zone))
        for number in range(36):
            wall = day + timedelta(days=number, hours=5, minutes=dice.randrange(60))
            instant = wall.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
            deed = dice.choice(("on time", "on time", "never", "set back"))
            if deed != "never":
                yield instant
            if deed == "set back":
                yield instant - timedelta(hours=2)

    def test_late_jobs_and_clocks_set_back_neither_repeat_nor_turn_back(self):
        self.invoice(100, date="2027-03-08", due="2027-03-08")
        for zone in ZONES_WITH_UNUSUAL_CLOCKS:
            dice = random.Random(SEED)  # noqa: S311
            with self.subTest(zone=zone), self.env.cr.savepoint() as savepoint:
                self.company.partner_id.tz = zone
                days = []
                for instant in self._instants(zone, dice):
                    with freeze_time(instant):
                        self.run_job()
                        self.deliver()
                        count = len(self.actions(("state", "=", "done")))
                        days += [local_day(zone, instant)] * (count - len(days))
                levels = [level for level, _channel, _state in self.story()]
                self.assertEqual(levels, [1, 2, 3])
                self.assertEqual(len(set(days)), 3, "two letters on one day")
                gaps = [b - a for a, b in pairwise(days)]
                self.assertTrue(all(gap >= timedelta(days=7) for gap in gaps), days)
                savepoint.rollback()
                self.env.invalidate_all()
