"""Companies, payment terms, users and partners of the demo."""

from typing import NamedTuple

from .cast import CUSTOMERS, SAME_AS, USERS
from .money import activate

CHART = "generic_coa"


class Company(NamedTuple):
    """What is written on a company and its contact."""

    name: str
    currency: str
    country: str
    city: str
    street: str
    zip_code: str
    phone: str
    email: str
    zone: str


COMPANIES = {
    "main": Company(
        name="Nordlicht Pumpen GmbH",
        currency="EUR",
        country="DE",
        city="Bremen",
        street="Am Speicher 11",
        zip_code="28217",
        phone="+49 421 555 0100",
        email="receivables@nordlicht-pumpen.example",
        zone="Europe/Berlin",
    ),
    "branch": Company(
        name="Nordlicht Pumpen, Niederlassung Wien",
        currency="EUR",
        country="AT",
        city="Wien",
        street="Handelskai 92",
        zip_code="1200",
        phone="+43 1 555 0100",
        email="wien@nordlicht-pumpen.example",
        zone="Europe/Vienna",
    ),
    "us": Company(
        name="Northlight Pumps Inc.",
        currency="USD",
        country="US",
        city="Milwaukee",
        street="411 Canal Street",
        zip_code="53202",
        phone="+1 414 555 0100",
        email="receivables@northlight-pumps.example",
        zone="America/Chicago",
    ),
}


def prepare_companies(env):
    """Turn the database's company into the story's and create the other two.

    :return: {key: company}
    """
    _activate_languages(env)
    activate(env, ("EUR", "USD"))
    main = env.ref("base.main_company")
    main.write(_company_values(env, "main"))
    _install_chart(env, main)
    branch = env["res.company"].create(
        dict(_company_values(env, "branch"), parent_id=main.id)
    )
    us = env["res.company"].create(_company_values(env, "us"))
    _install_chart(env, us)
    companies = {"main": main, "branch": branch, "us": us}
    for key, company in companies.items():
        company.partner_id.write(_address_values(env, key))
    env.cr.flush()  # core loads the branch's part of the chart only now
    _give_bank_account(env, main, "DE89370400440532013000", "Musterbank Bremen")
    _give_bank_account(env, us, "000123456789", "Sample Bank of Wisconsin")
    env.ref("base.user_admin").write(
        {"company_ids": [(4, company.id) for company in companies.values()]}
    )
    return companies


def prepare_company(env, currency):
    """Make the database's company ready for a ledger.

    :param currency: code of the currency it keeps its books in; kept as it is
        where there are entries already, or where nobody knows the code.
    """
    company = env.ref("base.main_company")
    found = activate(env, [currency])
    if found and found != company.currency_id and not company._existing_accounting():
        company.currency_id = found
    _install_chart(env, company)
    if not company.email:
        company.partner_id.email = "receivables@ledger.example"
    return company


def _activate_languages(env):
    """English is there; German is needed for German-speaking customers."""
    if "de_DE" not in dict(env["res.lang"].get_installed()):
        env["base.language.install"].create(
            {"lang_ids": [(6, 0, _language(env, "de_DE").ids)]}
        ).lang_install()


def _language(env, code):
    return env["res.lang"].with_context(active_test=False).search([("code", "=", code)])


def _company_values(env, key):
    told = COMPANIES[key]
    currency = env.ref(f"base.{told.currency}")
    values = {"name": told.name, "currency_id": currency.id}
    if "iap_enrich_auto_done" in env["res.company"]._fields:
        # Else core asks an outside service about the made-up domain.
        values["iap_enrich_auto_done"] = True
    return values


def _address_values(env, key):
    """What is written on the company's contact.

    A country written on the company itself would install that country's
    localisation, which the story does not need and the set-up has no time for.
    """
    told = COMPANIES[key]
    return {
        "country_id": env.ref(f"base.{told.country.lower()}").id,
        "city": told.city,
        "street": told.street,
        "zip": told.zip_code,
        "phone": told.phone,
        "email": told.email,
        "tz": told.zone,
    }


def _install_chart(env, company):
    """Without a chart of accounts nothing can be posted."""
    if not company.chart_template:
        env["account.chart.template"].try_loading(CHART, company, install_demo=False)


def _give_bank_account(env, company, number, bank_name):
    """The account that customers are asked to pay to."""
    bank = env["res.bank"].create({"name": bank_name})
    account = env["res.partner.bank"].create(
        {
            "acc_number": number,
            "partner_id": company.partner_id.id,
            "bank_id": bank.id,
            "allow_out_payment": True,
        }
    )
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
    )
    journal.bank_account_id = account


def prepare_terms(env):
    """Payment terms by the keys that the cast uses."""
    thirds = env["account.payment.term"].create(
        {
            "name": "Three instalments: 30, 60 and 90 days",
            "line_ids": [
                (0, 0, {"value": "percent", "value_amount": share, "nb_days": days})
                for share, days in ((33.33, 30), (33.33, 60), (33.34, 90))
            ],
        }
    )
    return {"30": env.ref("account.account_payment_term_30days"), "thirds": thirds}


def prepare_users(env, companies):
    """Create the people; each may enter all companies of the story."""
    users = env["res.users"].with_context(no_reset_password=True)
    return users.create([_user_values(env, companies, user) for user in USERS])


def _user_values(env, companies, user):
    company = companies[user.company]
    domain = COMPANIES[user.company].email.partition("@")[2]
    return {
        "name": user.name,
        "login": user.login,
        "password": user.login,
        "email": f"{user.login}@{domain}",
        "tz": COMPANIES[user.company].zone,
        "company_id": company.id,
        "company_ids": [(6, 0, [each.id for each in companies.values()])],
        "group_ids": [(4, env.ref(user.role).id)],
        "notification_type": "inbox",
    }


def prepare_customers(env, companies, terms, customers=CUSTOMERS):
    """Create the customers and the payables contacts below them.

    :return: {key of the cast: partner}
    """
    partners = {}
    for customer in customers:  # a parent stands before its plants
        if customer.key not in SAME_AS:
            values = _customer_values(env, customer, partners)
            partners[customer.key] = env["res.partner"].create(values)
    for alias, key in SAME_AS.items():
        if key in partners:
            partners[alias] = partners[key]
    for customer in customers:
        for key in ("main", "us"):
            partners[customer.key].with_company(
                companies[key]
            ).property_payment_term_id = terms[customer.terms]
    return partners


def _customer_values(env, customer, partners):
    country = env["res.country"].search([("code", "=", customer.country)])
    parent = partners.get(customer.group)
    return {
        "name": customer.name,
        "is_company": True,
        "parent_id": parent and parent.id,
        "email": customer.email or False,
        "phone": customer.phone,
        "lang": customer.lang,
        "city": customer.city,
        "country_id": country.id,
        "comment": customer.note or False,
        "customer_rank": 1,
        "child_ids": [(0, 0, _payables_values(env, customer))]
        if customer.payables
        else [],
    }


def _payables_values(env, customer):
    """The contact who receives invoices and reminders."""
    name, email = customer.payables
    values = {"name": name, "email": email, "type": "invoice", "lang": customer.lang}
    if "o2c_contact_role" in env["res.partner"]._fields:
        values["o2c_contact_role"] = "accounts_payable"
    return values
