from odoo import Command

from .chase_common import ChaseCommon


class DisputeCommon(ChaseCommon):
    """Disputes, by those who raise, own and settle them.

    Tests act as an accountant with a role; ``collector`` may not post, ``owner`` works
    in another department.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.disputes = cls.env["o2c.dispute"]
        cls.collector = cls.new_user("disp_collector", "o2c_base.group_collector")
        cls.owner = cls.new_user("disp_owner", "base.group_user")
        cls.price = cls.env.ref("o2c_collections.reason_price")
        cls.price.sudo().owner_id = cls.owner
        cls.engine["o2c.dispute"].search([]).unlink()
        cls.tax = cls.company_data["default_tax_sale"].sudo()
        cls.tax.amount = 19.0

    def dispute(self, move, amount=None, user=None, **values):
        """What the dialog makes; ``amount`` None: what is open."""
        return self.disputes.with_user(user or self.env.user).create(
            {
                "move_id": move.id,
                "reason_id": self.price.id,
                **({} if amount is None else {"amount": amount}),
                **values,
            }
        )

    def taxed(self, *prices, **values):
        """An invoice with a line for each price, tax on top, late since 20 days."""
        lines = [
            Command.create(
                {
                    "name": f"Line {number}",
                    "price_unit": price,
                    "quantity": 3 if number == 1 else 1,
                    "tax_ids": [Command.set(self.tax.ids)],
                }
            )
            for number, price in enumerate(prices)
        ]
        return self.late(1, days=20, invoice_line_ids=lines, **values)

    def end(self, dispute, outcome, amount=None, answer=""):
        """Decide a dispute, as the dialog does."""
        return dispute._decide(outcome, amount, answer)

    def look_after(self):
        """The hourly job."""
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.engine(cr=cr)["o2c.dispute"]._cron_look_after()
        self.env.invalidate_all()

    def figures(self, *domain):
        """(open, disputed, collectable) of the customer's items."""
        return [
            (item.amount_residual, item.amount_disputed, item.amount_collectable)
            for item in self.open_items(*domain)
        ]

    def tearDown(self):
        """After whatever was done, the books are right."""
        self.refresh()
        self.assert_ledger_truth()
        self.assert_facts_are_fresh()
        super().tearDown()
