"""A customer at the pages of his account, on a website in two languages."""

import re

import requests
from lxml import html

from dev import testing
from dev.web_server import ANSWER_SECONDS

#: A company with a website in English and German, and a German customer with an
#: invoice and a login; prints the token of his link, another one's account, the item.
SEED = """
from datetime import timedelta
from odoo import Command, fields

env["res.lang"]._activate_lang("de_DE")
modules = env["ir.module.module"].search([("name", "in", ["portal", "o2c_portal"])])
modules._update_translations(["de_DE"])
website = env["website"].search([], limit=1)
website.language_ids |= env["res.lang"].search([("code", "=", "de_DE")])
accounts = []
for name in ("Muster GmbH", "Fremd GmbH"):
    customer = env["res.partner"].create(
        {"name": name, "is_company": True, "email": "pay@own.example", "lang": "de_DE"}
    )
    line = {"name": "Work", "price_unit": 120.0, "tax_ids": [Command.clear()]}
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": customer.id,
            "invoice_date": fields.Date.today() - timedelta(days=60),
            "invoice_date_due": fields.Date.today() - timedelta(days=30),
            "invoice_line_ids": [Command.create(line)],
        }
    )
    invoice.action_post()
    accounts.append(env["o2c.debtor"]._ensure([(customer, env.company)]))
own, other = accounts
contact = env["res.partner"].create(
    {"name": "Lo Gin", "parent_id": own.partner_id.id, "email": "lo@own.example"}
)
env["res.users"].with_context(no_reset_password=True).create(
    {
        "name": "Lo Gin",
        "login": "website_customer",
        "password": "website_customer",
        "partner_id": contact.id,
        "group_ids": [Command.set(env.ref("base.group_portal").ids)],
    }
)
line = env["o2c.open.item"].search([("debtor_id", "=", own.id)]).move_line_id
link = {
    "debtor_id": own.id, "partner_id": own.partner_id.id, "purpose": "shared"
}
[token] = env["o2c.portal.link"]._issue([link])
env.cr.commit()
print("FOUND", token, own.id, other.id, line.id)
"""
COUNT = """
print("COUNT", env["o2c.promise"].search_count([("debtor_id", "=", {account})]))
"""


class Visitor:
    """A browser without a browser: it reads pages and sends their forms."""

    def __init__(self, server, language):
        self._url = server.url
        self._session = requests.Session()
        self._session.headers["Accept-Language"] = language

    def get(self, path):
        return Page(self._session.get(self._url + path, timeout=ANSWER_SECONDS))

    def send(self, page, action, **values):
        """Send the page's last form that goes where ``action`` says."""
        form = [each for each in page.tree.forms if action in (each.action or "")][-1]
        response = self._session.request(
            form.method,
            requests.compat.urljoin(page.url, form.action),
            data={**dict(form.form_values()), **values},
            timeout=ANSWER_SECONDS,
        )
        return Page(response)

    def fetch(self, path):
        """A file."""
        return self._session.get(self._url + path, timeout=ANSWER_SECONDS)


class Page:
    def __init__(self, response):
        self.url = response.url
        self.status = response.status_code
        self.headers = response.headers
        self.tree = html.fromstring(response.text)
        self.title = self.tree.findtext(".//title")
        self.words = " ".join(self.tree.text_content().split())
        self.language = self.tree.get("lang")


def seed(database):
    """Token of the link, accounts of its customer and of another one, what he owes."""
    output = testing.run_script(database, SEED)
    return re.search(r"FOUND (\S+) (\d+) (\d+) (\d+)", output).groups()


def count_promises(database, account):
    output = testing.run_script(database, COUNT.format(account=account))
    return int(re.search(r"COUNT (\d+)", output)[1])
