"""Build the demo company: a year of history, then the first run of the chase."""

import time
from datetime import timedelta

from .booking import book, no_garbage_collection
from .cast import CUSTOMERS, LEADS, USERS
from .charges import propose_late_charges
from .companies import (
    prepare_companies,
    prepare_customers,
    prepare_terms,
    prepare_users,
)
from .credit import give_credit
from .first_run import first_run
from .history import MONTHS, plan_history
from .money import set_story_rates
from .owners import give_owners
from .said import Said

DAYS_PER_YEAR = 365
STEPS = 8


def build(env):
    """Tell the story in this database and let the chase run once.

    :param env: an environment whose transaction the caller commits; it is
        committed here too, before mails leave.
    :return: lines of text about what the first run did.
    """
    started = time.monotonic()
    _say(1, "companies, currencies, languages")
    companies = prepare_companies(env)
    env = env(context=_all_companies(env, companies))
    today = companies["main"]._o2c_today()
    users = prepare_users(env, companies)
    _say(2, "a year of invoices and payments")
    lines = write_history(env, companies, today)
    _say(3, "customer accounts")
    _start_chasing_from(companies, today)
    env.cr.commit()
    env["o2c.debtor"]._refresh_now()
    env.cr.commit()
    env.invalidate_all()
    give_owners(env, companies, users)
    env.cr.commit()
    lines.append(f"built in {time.monotonic() - started:.0f} s")
    _say(4, "promises and disputes")
    lines += Said(env).tell()
    _say(5, "the first run")
    lines += first_run(env, companies["main"] + companies["us"])
    _say(6, "late charges")
    lines += propose_late_charges(env, companies)
    _say(7, "limits, and orders that wait")
    lines += give_credit(env, companies, users)
    _say(8, "the year's figures, day by day")
    env["o2c.kpi.snapshot"]._cron_take()
    env["o2c.kpi.snapshot"]._cron_build_history()
    env["o2c.forecast.test"]._cron_test()
    env.cr.commit()
    return lines + _logins() + _who_is_who()


def _say(number, what):
    """Show how far the building is, in the form that `make demo` looks for."""
    print(f"  {number} of {STEPS} steps: {what}", flush=True)


def _all_companies(env, companies):
    ids = [company.id for company in companies.values()]
    return dict(env.context, allowed_company_ids=ids)


def write_history(env, companies, today, customers=CUSTOMERS):
    """Post the year that ends today.

    :return: lines of text about what was posted.
    """
    terms = prepare_terms(env)
    set_story_rates(env, companies, today)
    partners = prepare_customers(env, companies, terms, customers)
    documents, payments = plan_history(today, customers)
    with no_garbage_collection():
        book(env, companies, partners, terms, documents, payments)
    credit_notes = sum(document.is_credit for document in documents)
    invoices = len(documents) - credit_notes
    count = len(set(partners.values()))
    head = f"{len(companies)} companies, {count} customers, {MONTHS} months to {today}:"
    return [
        head,
        f"  {invoices} invoices, {credit_notes} credit notes, {len(payments)} payments",
    ]


def _start_chasing_from(companies, today):
    """Chase the whole year: the story has no clean-up list to go through."""
    for key in ("main", "us"):
        companies[key].o2c_chase_from = today - timedelta(days=DAYS_PER_YEAR)


def _logins():
    lines = ["Logins (the password is the login):"]
    lines.append(f"  {'admin':<10} everything")
    return lines + [f"  {user.login:<10} {user.name}, {user.does}" for user in USERS]


def _who_is_who():
    lines = ["Customers worth a look:"]
    return lines + [f"  {who.name}: {who.note}" for who in LEADS if who.note]
