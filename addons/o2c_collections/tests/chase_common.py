from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import SUPERUSER_ID, Command, fields
from odoo.tests import new_test_user
from odoo.tools import SQL

from odoo.addons.o2c_base.tests.common import TODAY, ReceivablesCommon

TODAY_DATE = fields.Date.to_date(TODAY)


class ChaseCommon(ReceivablesCommon):
    """A company that chases, one plan, one customer with an e-mail address.

    Tests act as the user of ``ReceivablesCommon``; ``engine`` is what the jobs see.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engine = cls.env(user=SUPERUSER_ID)
        cls.company.email = "billing@kessler.example"
        cls.company.sudo().o2c_sending = True
        cls.engine["o2c.chase.plan"].search([]).active = False
        cls.plan = cls.new_plan([(1, 3), (2, 14), (3, 28)])
        cls.customer.write(
            {
                "name": "Bolt",
                "email": "pay@bolt.example",
                "phone": "+49 30 1234567",
                "lang": "en_US",
            }
        )

    # ------------------------------------------------------------------
    # What there is
    # ------------------------------------------------------------------

    @classmethod
    def new_plan(cls, levels, **values):
        """A plan with (level, days) or (level, days, further values) lines."""
        template = cls.engine.ref("o2c_collections.mail_template_chase_1")
        steps = [
            {
                "level": level,
                "days": days,
                "channel": "email",
                "template_id": template.id,
                **(more[0] if more else {}),
            }
            for level, days, *more in levels
        ]
        return cls.engine["o2c.chase.plan"].create(
            {
                "name": "Test plan",
                "company_id": cls.company.id,
                "gap_days": 7,
                "tolerance": 5,
                "step_ids": [Command.create(step) for step in steps],
                **values,
            }
        )

    @classmethod
    def new_debtor(cls, name, **values):
        """A further customer who can be written to."""
        email = f"pay@{name.lower().replace(' ', '-')}.example"
        values = {
            "email": email,
            "phone": "+49 30 7654321",
            "lang": "en_US",
            "is_company": True,
        } | values
        return cls.new_customer(name, **values)

    @classmethod
    def new_user(cls, login, group, **values):
        return new_test_user(
            cls.engine,
            login=login,
            groups=group,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            **values,
        )

    @classmethod
    def late(cls, amount, days, **values):
        """A posted invoice that is so many days late today."""
        due = fields.Date.today() - timedelta(days=days)
        return cls.invoice(amount, date=due, due=due, **values)

    def pay(self, *moves):
        """Pay invoices in full, today."""
        for move in moves:
            payment = self.payment(
                move.amount_residual,
                date=fields.Date.today(),
                partner=move.partner_id,
                company=move.company_id,
                currency_id=move.currency_id.id,
            )
            self.match(move, payment)

    def give_plan(self, plan, partner=None):
        """Treat a customer by a plan of his own, for a year."""
        until = TODAY_DATE + timedelta(days=365)
        values = {"plan_reason": "Agreed", "plan_until": until}
        self.debtor(partner).write({"plan_id": plan.id, **values})

    # ------------------------------------------------------------------
    # What happens
    # ------------------------------------------------------------------

    @contextmanager
    def on_day(self, days):
        """Live so many days after TODAY."""
        with freeze_time(f"{TODAY_DATE + timedelta(days=days)} 12:00:00"):
            yield

    @contextmanager
    def taken(self, lines=None, **columns):
        """Let items be disputed, promised or in transit, as later add-ons will."""
        ids = (lines or self.env["account.move.line"]).ids or [0]
        names = ("disputed", "promised", "in_transit")
        sql = SQL(
            "SELECT id AS move_line_id, %s FROM account_move_line WHERE id = ANY(%s)",
            SQL(", ").join(
                SQL("%s::numeric AS %s", columns.get(n, 0), SQL.identifier(n))
                for n in names
            ),
            ids,
        )
        model = self.env.registry["o2c.open.item"]
        with (
            patch.object(model, "_rests_anything", lambda *_args: True),
            patch.object(model, "_taken_sql", lambda *_args: sql),
        ):
            yield

    def decide(self, partner=None, company=None):
        """What is decided about a customer now."""
        self.refresh()
        debtor = self.debtor(partner, company).with_env(self.engine)
        return self.engine["o2c.chase.decision"]._decide(debtor)[debtor.id]

    def reason(self, partner=None, company=None):
        return self.decide(partner, company)["reason"]

    def run_chase(self, company=None, kind="manual"):
        """Do one run, as the job does."""
        with self.enter_registry_test_mode():
            return self.engine["o2c.chase.run"]._execute(company or self.company, kind)

    def run_job(self):
        """Call the job on a cursor of its own, as the scheduler does."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.engine(cr=cr)["o2c.chase.run"]._cron_run()

    def deliver(self):
        """Let all outgoing messages arrive, by the gates of the outbox."""
        for message in self.engine["o2c.chase.message"].search(
            [("state", "in", ("outgoing", "deferred"))], order="id"
        ):
            message._set_sending()
            message._set_sent()

    def chase(self, company=None):
        """A run, and all its messages arrive."""
        run = self.run_chase(company)
        self.deliver()
        return run

    def actions(self, *domain, partner=None):
        """The steps of a customer, oldest first."""
        self.engine.invalidate_all()
        debtor = self.debtor(partner)
        return self.engine["o2c.chase.action"].search(
            [("debtor_id", "=", debtor.id), *domain], order="id"
        )

    def story(self, partner=None):
        """(level, channel, state) of each step."""
        return [(a.level, a.channel, a.state) for a in self.actions(partner=partner)]

    def standing(self, partner=None):
        """(cycle, level) of a customer, as stored."""
        self.engine.invalidate_all()
        debtor = self.debtor(partner)
        return debtor.cycle, debtor.level
