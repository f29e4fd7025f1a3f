from datetime import timedelta

from odoo import fields, models
from odoo.tools import format_date

#: Instalments are a month apart at most.
MONTH_DAYS = 31


class ResCompany(models.Model):
    """What a collector may agree to by himself, and how promises are judged.

    Settings of the root company, whose customers they are.
    """

    _inherit = "res.company"

    o2c_promise_grace_days = fields.Integer(
        "Grace for promises",
        default=2,
        help="Working days after the day that was promised, in which money is still in "
        "time.",
    )
    o2c_promise_days_max = fields.Integer(
        "First payment within",
        default=30,
        help="Days in which the first payment of a promise is due; later takes a "
        "manager.",
    )
    o2c_promise_count_max = fields.Integer(
        "Instalments at most", default=6, help="More of them take a manager."
    )
    o2c_promise_first_share = fields.Integer(
        "First instalment at least (%)",
        default=20,
        help="What the first payment of a plan is of all of it; less takes a manager.",
    )

    _o2c_promise_range = models.Constraint(
        "CHECK(COALESCE(o2c_promise_grace_days, 0) BETWEEN 0 AND 30"
        " AND COALESCE(o2c_promise_days_max, 0) BETWEEN 0 AND 365"
        " AND COALESCE(o2c_promise_count_max, 1) BETWEEN 1 AND 60"
        " AND COALESCE(o2c_promise_first_share, 0) BETWEEN 0 AND 100)",
        "Grace is 0 to 30 days, the first payment is due in 0 to 365 days and 0 to 100 "
        "percent, and a plan has 1 to 60 instalments.",
    )

    def _o2c_promise_obstacles(self, lines):
        """What of a promise is beyond what a collector may agree to.

        :param lines: list of (day, amount)
        :return: list of sentences
        """
        self.ensure_one()
        first, amount = min(lines)
        last = self._o2c_today() + timedelta(days=self.o2c_promise_days_max)
        found = []
        if first > last:
            found.append(
                self.env._(
                    "the first payment is due by %(date)s",
                    date=format_date(self.env, last),
                )
            )
        if len(lines) > self.o2c_promise_count_max:
            found.append(
                self.env._(
                    "there are at most %(count)s instalments",
                    count=self.o2c_promise_count_max,
                )
            )
        # as many months more as there may be instalments after the first one
        end = last + timedelta(days=MONTH_DAYS * (self.o2c_promise_count_max - 1))
        if max(lines)[0] > end:
            found.append(
                self.env._(
                    "the last payment is due by %(date)s",
                    date=format_date(self.env, end),
                )
            )
        total = sum(part for _day, part in lines)
        if len(lines) > 1 and amount * 100 < total * self.o2c_promise_first_share:
            found.append(
                self.env._(
                    "the first payment is at least %(share)s percent",
                    share=self.o2c_promise_first_share,
                )
            )
        return found
