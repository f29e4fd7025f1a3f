from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cache

from odoo import Command, api, models

from ..domain.late_charge import Charged, Debt, reckon, rule


@dataclass(frozen=True)
class Run:
    """What is the same for all items that are reckoned together.

    ``exchange(source, target, company, day)`` is an exchange rate and
    ``currency(name, company)`` the currency of a fixed sum, each looked up once.
    """

    root: object
    until: object
    rates: object
    exchange: object
    currency: object


class O2cLateCharge(models.Model):
    """One item: by which rule, and the engine's figures as field values."""

    _inherit = "o2c.late.charge"

    @api.model
    def _new_run(self, root, until):
        currencies = self.env["res.currency"]
        return Run(
            root,
            until,
            self.env["o2c.reference.rate"]._rates(),
            exchange=cache(currencies._get_conversion_rate),
            currency=cache(self._currency),
        )

    @api.model
    def _reckon(self, run, row, own, carries_fixed):
        """The values of a proposal for an item; None where there is nothing to charge.

        :param run: what is the same for all items
        :param own: the item's charges that count
        :param carries_fixed: whether the invoice's fixed sum is this item's to charge
        """
        decided = own.filtered(lambda c: c.state in ("invoiced", "waived"))
        terms = self._terms(run.root, row, decided)
        if not terms:
            return None
        currency = self.env["res.currency"].browse(row["currency_id"])
        debt = _debt(row)
        bill = reckon(
            debt,
            terms,
            run.rates,
            max(
                [run.until, *own.filtered(lambda c: c not in decided).mapped("date_to")]
            ),
            [_charged(charge) for charge in decided],
            step=_step(currency),
            fixed_sum=self._fixed_sum(run, row, terms, decided, debt)
            if carries_fixed
            else 0,
        )
        if not bill or not bill.total:
            return None
        company = self.env["res.company"].browse(row["company_id"])
        day = run.root._o2c_today()
        rate = run.exchange(currency, company.currency_id, company, day)
        in_company = company.currency_id.round(float(bill.total) * rate)
        if 0 < in_company < run.root.o2c_late_minimum:
            return None
        return {
            **_bill_values(bill),
            **_terms_values(terms),
            "debtor_id": row["debtor_id"],
            "company_id": row["company_id"],
            "currency_id": row["currency_id"],
            "item_id": row["id"],
            "move_id": row["move_id"],
            "date_due": row["date_due"],
            "amount_company": in_company,
        }

    @api.model
    def _terms(self, root, row, decided):
        """The rule for an item: that of its first charge, else what applies today.

        Natural persons are never charged by the rule for businesses.

        :return: a rule, or None where nothing may be charged
        """
        first_day = row["date_due"] + timedelta(days=1)
        if decided:
            return decided[0]._rule(first_day)
        debtor = self.env["o2c.debtor"].browse(row["debtor_id"])
        is_consumer = not row["is_company"]
        if is_consumer:
            own = root.o2c_late_consumers and rule(
                root.o2c_late_scheme, first_day, is_consumer=True
            )
        else:
            own = debtor._late_rule(first_day)
        return own and _with_year(own, root.o2c_late_actual_year)

    def _rule(self, first_day):
        """The rule by which this charge was made."""
        if self.scheme == "contract":
            own = self.company_id._o2c_root()._o2c_contract_rule(
                self.points, self.series, 0.0
            )
            own = replace(own, floor=self.floor_series or "")
        else:
            own = rule(self.scheme, first_day, self.is_consumer)
        return _with_year(own, self.actual_year)

    @api.model
    def _fixed_sum(self, run, row, terms, decided, debt):
        """The fixed sum for an item, in its currency; 0 where none is to be charged."""
        charged = decided.filtered(lambda charge: charge.amount_fixed > 0)
        if charged and len(terms.bands) < 2:
            return _exact(charged[0].amount_fixed)
        if not terms.bands or not (charged or run.root.o2c_late_fixed):
            return 0
        currency = self.env["res.currency"].browse(row["currency_id"])
        company = self.env["res.company"].browse(row["company_id"])
        principal = debt.principal(debt.first_day)
        if currency.name == terms.currency:
            return terms.fixed_sum(principal)
        legal = run.currency(terms.currency, company)
        if not legal:
            return 0
        rate = run.exchange(currency, legal, company, debt.first_day)
        fixed = terms.fixed_sum(_exact(legal.round(float(principal) * rate)))
        return _exact(currency.round(float(fixed) / rate))

    @api.model
    def _currency(self, name, company):
        """The currency of a fixed sum, if there is an exchange rate for it."""
        found = self.env["res.currency"].with_context(active_test=False)
        found = found.search([("name", "=", name)], limit=1)
        has_rate = found == company.currency_id or found.rate_ids.filtered(
            lambda rate: rate.company_id in (company.root_id, self.env["res.company"])
        )
        return found if has_rate else found.browse()


def _with_year(terms, actual_year):
    return replace(terms, actual_year=actual_year)


def _exact(amount):
    return Decimal(str(round(amount, 6)))


def _step(currency):
    return Decimal(str(currency.rounding))


def _debt(row):
    """What the engine knows of an item."""
    paid = zip(row["days"] or (), row["amounts"] or (), strict=True)
    return Debt(
        row["date_due"],
        (
            (row["date"] - timedelta(days=1), _exact(row["amount"])),
            *((day, -_exact(amount)) for day, amount in paid),
        ),
        resting=_exact(row["resting"]),
    )


def _charged(charge):
    return Charged(
        charge.date_from,
        charge.date_to,
        _exact(charge.amount_interest) + _exact(charge.amount_correction),
        _exact(charge.amount_fixed),
        is_waived=charge.state == "waived",
        correction=_exact(charge.amount_correction),
    )


def _bill_values(bill):
    """What a reckoning says, as field values."""
    lines = [
        {
            "date_from": part.date_from,
            "date_to": part.date_to,
            "days": part.days,
            "principal": float(part.principal),
            "rate": float(part.rate),
            "year_days": part.year_days,
            "amount": float(part.amount),
        }
        for part in bill.segments
    ]
    return {
        "date_from": bill.date_from,
        "date_to": bill.date_to,
        "amount_interest": float(bill.interest),
        "amount_correction": float(bill.correction),
        "amount_fixed": float(bill.fixed),
        "amount_total": float(bill.total),
        "owed_before": float(bill.owed_before),
        "charged_before": float(bill.charged_before),
        "line_ids": [Command.create(line) for line in lines],
    }


def _terms_values(terms):
    return {
        "scheme": terms.scheme,
        "is_consumer": terms.for_consumers,
        "points": float(terms.points),
        "series": terms.series or False,
        "floor_series": terms.floor or False,
        "actual_year": terms.actual_year,
    }
