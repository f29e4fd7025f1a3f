"""Currencies and exchange rates of the demo.

The rates are rough averages, good enough for a demo and the same on each day
that it is built.
"""

from datetime import timedelta

RATES_MONTHS = 13
DAYS_PER_MONTH = 30
USD_PER_EUR = (
    1.08,
    1.09,
    1.10,
    1.11,
    1.09,
    1.08,
    1.07,
    1.09,
    1.12,
    1.13,
    1.12,
    1.14,
    1.15,
)

# What one US dollar is worth, for ledgers in other currencies.
PER_USD = {
    "AUD": 1.53,
    "BRL": 5.6,
    "CAD": 1.40,
    "CHF": 0.90,
    "CNY": 7.2,
    "CZK": 23.2,
    "DKK": 6.9,
    "EUR": 0.92,
    "GBP": 0.79,
    "HUF": 360.0,
    "INR": 84.0,
    "JPY": 150.0,
    "MXN": 18.5,
    "NOK": 10.7,
    "NZD": 1.66,
    "PLN": 3.95,
    "SEK": 10.4,
    "SGD": 1.34,
    "USD": 1.0,
    "ZAR": 18.2,
}


def activate(env, codes):
    """Activate currencies by their codes; unknown ones are left out."""
    currencies = env["res.currency"].with_context(active_test=False)
    found = currencies.search([("name", "in", list(codes))])
    found.active = True
    return found


def set_story_rates(env, companies, today):
    """A rate per month between euro and dollar, for both root companies."""
    values = []
    for index, rate in enumerate(USD_PER_EUR):
        day = today - timedelta(days=DAYS_PER_MONTH * (RATES_MONTHS - index))
        for key, code, value in (("main", "USD", rate), ("us", "EUR", 1 / rate)):
            values.append(_rate(env, companies[key], code, day, value))
    env["res.currency.rate"].create(values)


def set_ledger_rates(env, company, codes, day):
    """One rate per foreign currency of a ledger, from its first day on.

    :return: the set of codes that can be converted
    """
    base = company.currency_id.name
    known = {code for code in codes if code in PER_USD} if base in PER_USD else set()
    known.add(base)
    activate(env, known)
    for code in sorted(known - {base}):
        rates = env["res.currency.rate"].search(
            [
                ("currency_id.name", "=", code),
                ("company_id", "=", company.id),
                ("name", "<=", day),
            ]
        )
        if not rates:
            value = PER_USD[code] / PER_USD[base]
            rates.create(_rate(env, company, code, day, value))
    return known


def _rate(env, company, code, day, value):
    return {
        "name": day,
        "currency_id": env.ref(f"base.{code}").id,
        "company_id": company.id,
        "rate": value,
    }
