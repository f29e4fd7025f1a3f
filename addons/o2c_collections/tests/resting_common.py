from collections import defaultdict

from odoo.tools import SQL

from odoo.addons.o2c_base.domain import waterfall

from ..domain import resting
from .chase_common import ChaseCommon


class RestingCommon(ChaseCommon):
    """Checks that what rests, what is asked for, ageing and ledger fit together.

    Whatever happened before (a promise, a dispute, money, a credit note), a test ends
    with ``assert_resting_is_right``.
    """

    def claims(self):
        """What everybody's claims are now, as the hook tells them."""
        self.env.flush_all()
        if not self.items_model._taken_sources():
            return []
        query = SQL("WITH %s SELECT * FROM claim", self.items_model._claims_sql())
        return self.env.execute_query_dict(query)

    def assert_resting_is_right(self):
        """SQL and rule agree for every customer; ageing and ledger are untouched."""
        self.refresh()
        claims = defaultdict(list)
        for claim in self.claims():
            claims[claim["root_id"], claim["partner_id"]].append(claim)
        items = self._all_items()
        for (root_id, partner_id), own in items.grouped(
            lambda item: (item.root_company_id.id, item.partner_id.id)
        ).items():
            self._assert_customer(own, claims[root_id, partner_id])
        self._assert_ageing_is_right(items)
        for root in items.root_company_id:
            self.assert_ledger_truth(root)
        self.assert_facts_are_fresh()

    def _all_items(self):
        self.env.flush_all()
        self.items_model.invalidate_model()
        return self.items_model.sudo().search([])

    def _assert_customer(self, items, claims):
        owed = items.filtered(lambda item: item.amount_residual > 0)
        unapplied = -sum((items - owed).mapped("amount_residual"))
        rested = resting.rest(
            {item.id: item.amount_residual for item in owed},
            [self._rule_claim(claim, owed) for claim in claims],
        )
        expected = waterfall.collectable(
            [
                waterfall.Item(item.amount_residual, **rested.get(item.id, {}))
                for item in owed
            ],
            unapplied,
        )
        for item, amount in zip(owed, expected, strict=True):
            for kind in resting.KINDS:
                self.assertAlmostEqual(
                    item[f"amount_{kind}"],
                    rested.get(item.id, {}).get(kind, 0.0),
                    2,
                    f"{kind} of {item.name}",
                )
            self.assertAlmostEqual(item.amount_collectable, amount, 2, item.name)

    def _rule_claim(self, claim, items):
        named = claim["line_ids"]
        company = self.env["res.company"].browse(claim["root_id"])
        currency = self.env["res.currency"].browse(claim["currency_id"])
        amount = float(claim["amount"])
        if currency != company.currency_id:
            same = items.filtered(
                lambda item: (
                    item.currency_id == currency and (named is None or item.id in named)
                )
            )
            if same:
                booked = sum(same.mapped("amount_residual"))
                rate = booked / sum(same.mapped("amount_residual_currency"))
                amount = company.currency_id.round(amount * rate)
            else:
                amount = currency._convert(
                    amount, company.currency_id, company, company._o2c_today()
                )
        return resting.Claim(
            claim["kind"],
            amount,
            None if named is None else tuple(named),
            str(claim["date"]),
            claim["id"],
        )

    def _assert_ageing_is_right(self, items):
        ageing = self.env["o2c.ageing"].sudo()
        ageing.invalidate_model()
        rows = ageing.search([])
        for company in items.root_company_id:
            own = items.filtered(lambda item, c=company: item.root_company_id == c)
            shown = rows.filtered(lambda row, c=company: row.root_company_id == c)
            self.assertAlmostEqual(
                sum(shown.mapped("amount_outstanding")),
                sum(own.mapped("amount_residual")),
                2,
            )
