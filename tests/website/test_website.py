"""With a website and its shop really installed: orders, and the customers' pages.

They are no dependencies of ours, and a test that looks whether they are there would be
left out everywhere: so these have a database of their own, with both.
"""

import pytest

from dev import install, testing
from dev.web_server import WebServer

from .pages import Visitor, count_promises, seed

SHOP = """
from odoo import Command

env = env(context=dict(env.context, lang="en_US"))
company = env.company
company.o2c_credit_enforce = True
env["mail.template"].search([("model", "=", "sale.order")]).report_template_ids = False
website = env["website"].search([("company_id", "=", company.id)], limit=1)
assert website
product = env["product.product"].create(
    {
        "name": "Pump",
        "type": "service",
        "list_price": 500.0,
        "taxes_id": [Command.clear()],
        "is_published": True,
    }
)
customer = env["res.partner"].create({"name": "Shop Works", "is_company": True})
customer.credit_limit = 100.0
user = env["res.users"].with_context(no_reset_password=True).create(
    {
        "name": "Shopper",
        "login": "credit_shopper",
        "partner_id": env["res.partner"].create(
            {"name": "Shopper", "parent_id": customer.id, "email": "s@works.example"}
        ).id,
        "group_ids": [Command.set(env.ref("base.group_portal").ids)],
    }
)


def cart():
    "What a customer who has logged in puts into his cart."
    order = env["sale.order"].create(
        {
            "website_id": website.id,
            "company_id": company.id,
            "partner_id": user.partner_id.id,
            "order_line": [
                Command.create({"product_id": product.id, "price_unit": 500.0})
            ],
        }
    )
    assert order.website_id == website and order.amount_total == 500.0
    assert order.partner_id == user.partner_id
    return order


def pay(order, provider, state):
    payment = env["payment.transaction"].create(
        {
            "provider_id": provider.id,
            "payment_method_id": provider.payment_method_ids[:1].id
            or env.ref("payment.payment_method_unknown").id,
            "amount": order.amount_total,
            "currency_id": order.currency_id.id,
            "partner_id": order.partner_id.id,
            "operation": "online_redirect",
            "reference": f"{order.name}-{provider.id}",
            "sale_order_ids": [Command.set(order.ids)],
            "state": state,
        }
    )
    payment._post_process()
    return payment


providers = env["payment.provider"]
on_delivery = providers.search([("custom_mode", "=", "cash_on_delivery")], limit=1)
assert on_delivery, "the shop brings payment on delivery"
on_delivery.write({"company_id": company.id, "state": "test"})

# Payment on delivery: the shop confirms by itself, and nothing was paid.
order = cart()
pay(order, on_delivery, "pending")
assert order.state in ("draft", "sent"), order.state
assert order.o2c_hold_id.state == "held"
assert order._o2c_awaits_us() or order._has_to_be_paid() or order._has_to_be_signed()
first = order

# The last step of the checkout, where nothing is left to pay online.
order = cart()
order.with_user(user).sudo()._validate_order()
assert order.state in ("draft", "sent") and order.o2c_hold_id, order.state

# There is credit again: what waited is confirmed.
customer.credit_limit = 5000.0
first.action_confirm()
assert first.state == "sale" and not first.o2c_hold_id
print("SHOP HOLDS")
"""

#: Pages of an account without a number.
PAGES = (
    *("/pay", "/promise", "/dispute", "/paid", "/not-mine"),
    *("/autopay", "/preferences", "/statement", "/credit"),
)


@pytest.fixture(scope="module")
def database():
    """All add-ons, and the shop beside them."""
    name = testing.new_database("website")
    install.run_modules(name, "test-website", install=["website_sale"])
    yield name
    testing.drop_database(name)


def test_the_shop_meets_the_guard(database):
    assert "SHOP HOLDS" in testing.run_script(database, SHOP)


@pytest.fixture(scope="module")
def customer(database):
    """Token, own account, a stranger's account, journal item."""
    return seed(database)


def test_a_link_leads_through_the_site_in_the_customers_language(database, customer):
    token, own, other, _line = customer
    with WebServer("test-website", database) as server:
        page = Visitor(server, "de-DE").get(f"/de/o2c/r/{token}")
        assert (page.status, page.url) == (200, f"{server.url}/de/o2c/r/{token}")

        visitor = Visitor(server, "de-DE")
        page = visitor.get(f"/o2c/r/{token}")
        assert (page.status, page.language) == (200, "de-DE")
        assert "Muster" not in page.words, "nothing is told before the button"

        page = visitor.send(page, "/o2c/r/")
        assert page.url == f"{server.url}/de/my/receivables"
        assert "Muster GmbH" in page.words and "Überfällig" in page.words
        assert page.title.startswith("Ihr Konto | "), "not the name of a template"
        assert "frame-ancestors" in page.headers["Content-Security-Policy"]
        assert "no-store" in page.headers["Cache-Control"]

        page = visitor.get("/my/receivables/promise")
        assert page.url.endswith("/de/my/receivables/promise")
        page = visitor.send(page, "/promise", date_0="2099-01-01", amount_0="20")
        assert page.language == "de-DE"

        page = visitor.send(visitor.get("/my/receivables/pay"), "/pay")
        assert "/de/my/receivables/pay/" in page.url
        assert "120,00" in page.words

        for path in (f"/my/receivables?account={other}", "/my/receivables/pay/999999"):
            page = visitor.get(path)
            assert (page.status, "Fremd" in page.words) == (404, False)

        # A form without the token of its session changes nothing.
        page = visitor.get("/my/receivables/promise")
        page = visitor.send(page, "/promise", csrf_token="x", amount_0="30")
        assert page.status == 400

        stranger = Visitor(server, "de-DE")
        page = stranger.get("/my/receivables")
        assert "/web/login" in page.url and "Muster" not in page.words

        # The page is in the contact's language, whatever the browser's is.
        reader = Visitor(server, "en-US")
        page = reader.send(reader.get(f"/o2c/r/{token}"), "/o2c/r/")
        assert page.language == "de-DE" and "Überfällig" in page.words
        page = reader.send(reader.get("/my/receivables/pay"), "/pay")
        assert "120,00" in page.words

        follow_a_login(server, customer)
    log = server.log.read_text()
    assert "GET /o2c/r/***" in log and "GET /de/o2c/r/***" in log and token not in log
    assert count_promises(database, own) == 0, "a day so far away is asked for only"


def follow_a_login(server, customer):
    """Every page, form and file, by one who has logged in, in English."""
    _token, _own, _other, line = customer
    visitor = Visitor(server, "en-US")
    page = visitor.get("/my/receivables/statement")
    page = visitor.send(
        page, "/web/login", login="website_customer", password="website_customer"
    )
    assert page.url == f"{server.url}/my/receivables" and "Overdue" in page.words
    for path in PAGES:
        page = visitor.get(f"/my/receivables{path}")
        assert page.status == 200 and page.language == "en-US", path
        assert "|" in page.title and "_" not in page.title, path
        assert "no-store" in page.headers["Cache-Control"], path
    for path, kind in (
        (f"/documents?line={line}", "application/zip"),
        ("/statement?file=xlsx", "spreadsheetml"),
    ):
        file = visitor.fetch(f"/my/receivables{path}")
        assert file.status_code == 200 and kind in file.headers["Content-Type"], path
    page = visitor.get(f"/my/receivables/dispute?line={line}")
    [reason, *_others] = page.tree.xpath(
        "//select[@name='reason']/option/@value[.!='']"
    )
    page = visitor.send(
        page, "/dispute", item=line, reason=reason, amount="20", text="Broken"
    )
    assert "/my/receivables/dispute/" in page.url and "Broken" in page.words
    for path, values, words in (
        ("/paid", {"line": line, "date": "2026-01-01"}, "We look for your payment"),
        ("/not-mine", {"text": "Ms Other"}, "A person looks at it"),
        ("/preferences", {"text": "Call me"}, "Your choice is noted"),
    ):
        page = visitor.send(visitor.get(f"/my/receivables{path}"), path, **values)
        assert words in page.words, path
