from datetime import timedelta

from freezegun import freeze_time

from odoo.addons.o2c_base.tests.common import TODAY

from .chase_common import TODAY_DATE
from .resting_common import RestingCommon


class PromiseCommon(RestingCommon):
    """Short words for promises; grace is off unless a test wants it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sudo().o2c_promise_grace_days = 0
        cls.company.sudo().partner_id.tz = "UTC"
        cls.collector = cls.new_user("promise_clerk", "o2c_base.group_collector")

    @classmethod
    def on(cls, days):
        """The day so many days after TODAY."""
        return TODAY_DATE + timedelta(days=days)

    def promise(self, *lines, moves=(), partner=None, user=None, **values):
        """A promise of (days from now, amount), about invoices or the account."""
        self.refresh()
        debtor = self.debtor(partner).with_user(user or self.env.user)
        items = self.env["account.move.line"]
        for move in moves:
            items |= self.receivable_lines(move)
        dated = [(self.on(days), amount) for days, amount in lines]
        promise = debtor._take_promise(dated, items=items, **values)
        return promise.with_env(self.engine)

    def judge(self, days=0, clock="12:00:00"):
        """Let the job judge, so many days from now."""
        with freeze_time(f"{self.on(days)} {clock}"):
            self.refresh()
            with self.enter_registry_test_mode(), self.registry.cursor() as cr:
                self.engine(cr=cr)["o2c.promise"]._cron_judge()
            self.engine.invalidate_all()

    def paid_in(self, amount, days, *moves, **values):
        """Money that is there so many days from now, for invoices or for none."""
        payment = self.payment(amount, date=self.on(days), **values)
        if moves:
            self.match(payment, *moves)
        return payment

    def rested(self, partner=None):
        """What is promised and what is collectable of each item owed."""
        return [
            (item.amount_promised, item.amount_collectable)
            for item in self.open_items(("amount_residual", ">", 0), partner=partner)
        ]

    def assert_resting_is_right(self, days=0):
        """EXTENDS: so many days from now."""
        with self.on_day(days):
            return super().assert_resting_is_right()

    def judgements(self, promise):
        """(state, paid) of what the history says of a promise."""
        events = self.engine["o2c.event"].search(
            [("res_model", "=", "o2c.promise"), ("res_id", "=", promise.id)]
            + [("kind", "=", "promise_judged")],
            order="id",
        )
        return [(event.payload["state"], event.payload["paid"]) for event in events]


__all__ = ["TODAY", "PromiseCommon"]
