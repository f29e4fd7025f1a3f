"""Late charges of the demo: what late payers owe, for a manager to decide."""

from datetime import timedelta

#: The demo goes on when nobody has entered the rate of a half-year yet.
INVENTED = "Demo: repeats the half-year before, not published"


def propose_late_charges(env, companies):
    """Switch late charges on for the main company and propose up to last month.

    :return: lines of text about them.
    """
    company = companies["main"]
    revenue = env["account.account"].search(
        [("account_type", "=", "income"), ("company_ids", "in", company.id)], limit=1
    )
    company.write(
        {
            "o2c_late_charges": True,
            "o2c_late_from": company.o2c_chase_from,
            "o2c_late_minimum": 5,
            "o2c_late_account_id": revenue.copy({"name": "Late charges"}).id,
        }
    )
    _fill_rates(env, company)
    charges = env["o2c.late.charge"]
    until = company._o2c_today().replace(day=1) - timedelta(days=1)
    debtors = env["o2c.debtor"].browse(charges._due_debtors(company, until))
    found, _missing = charges._propose(company, until, debtors)
    company.o2c_late_proposed_until = until
    env.cr.commit()
    total = f"{sum(found.mapped('amount_company')):,.2f}"
    return [
        f"  late charges: {len(found)} proposed, {total} {company.currency_id.name}"
    ]


def _fill_rates(env, company):
    """Enter what is missing, oldest first, as the rate of the half-year before."""
    rates = env["o2c.reference.rate"]
    for series, start in sorted(rates._missing(company), key=lambda one: one[1]):
        before = rates.search(
            [("series", "=", series), ("date_from", "<", start)], limit=1
        )
        rates.create(
            {
                "series": series,
                "date_from": start,
                "rate": before.rate,
                "source": INVENTED,
            }
        )
