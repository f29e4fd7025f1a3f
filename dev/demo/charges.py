"""Late charges of the demo: what late payers owe, for a manager to decide."""

from datetime import timedelta

#: As if they had been switched on so many days ago: few enough to look at each.
DAYS_ON = 60


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
            # By contract: the demo runs in any half-year, and no public rate that
            # nobody has entered yet is made up for it.
            "o2c_late_scheme": "contract",
            "o2c_late_points": 9,
            "o2c_late_fixed_amount": 40,
            "o2c_late_from": company._o2c_today() - timedelta(days=DAYS_ON),
            "o2c_late_minimum": 5,
            "o2c_late_account_id": revenue.copy({"name": "Late charges"}).id,
        }
    )
    charges = env["o2c.late.charge"]
    until = company._o2c_today().replace(day=1) - timedelta(days=1)
    debtors = env["o2c.debtor"].browse(charges._due_debtors(company, until))
    found, _missing = charges._propose(company, until, debtors)
    company.o2c_late_proposed_until = until
    env.cr.commit()
    total = f"{sum(found.mapped('amount_company')):,.2f} {company.currency_id.name}"
    whom = f"{len(found)} proposed to {len(found.debtor_id)} customers"
    return [f"  late charges: {whom}, {total}"]
