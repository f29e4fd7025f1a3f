"""The webshop's roads to a confirmed order, with the shop really installed.

The shop is no dependency of ours, and a test that looks whether it is there would be
left out everywhere: so it gets a database of its own, with the shop.
"""

import pytest

from dev import install, testing

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


@pytest.fixture
def database():
    """All add-ons, and the shop beside them."""
    name = testing.new_database("credit_shop")
    install.run_modules(name, "test-webshop", install=["website_sale"])
    yield name
    testing.drop_database(name)


def test_the_shop_meets_the_guard(database):
    assert "SHOP HOLDS" in testing.run_script(database, SHOP)
