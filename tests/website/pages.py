"""A customer at the pages of his account, on a website in two languages."""

import re
import time

import requests
from lxml import html

from dev import paths, testing

ANSWER_SECONDS = 60
START_SECONDS = 90
#: A company with a website in English and German, and a German customer with an
#: invoice; prints the token of his link, and another one's account.
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
link = {
    "debtor_id": own.id, "partner_id": own.partner_id.id, "purpose": "shared"
}
[token] = env["o2c.portal.link"]._issue([link])
env.cr.commit()
print("FOUND", token, own.id, other.id)
"""
COUNT = """
print("COUNT", env["o2c.promise"].search_count([("debtor_id", "=", {account})]))
"""


class Server:
    """Odoo as a visitor meets it."""

    def __init__(self, database):
        self.port = testing.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = paths.LOGS / "test-website.log"
        self.log.unlink(missing_ok=True)
        options = [f"--http-port={self.port}", "--http-interface=127.0.0.1"]
        options += ["--max-cron-threads=0", f"--db-filter=^{database}$"]
        self.process = testing.start_odoo(
            self.log, database, *options, "--log-handler=werkzeug:INFO"
        )

    def __enter__(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                requests.get(f"{self.url}/web/login", timeout=ANSWER_SECONDS)
                return self
            except requests.ConnectionError:
                time.sleep(0.3)
        self.__exit__()
        raise AssertionError(self.log.read_text())

    def __exit__(self, *_error):
        testing.end(self.process)


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


class Page:
    def __init__(self, response):
        self.url = response.url
        self.status = response.status_code
        self.headers = response.headers
        self.tree = html.fromstring(response.text)
        self.words = " ".join(self.tree.text_content().split())
        self.language = self.tree.get("lang")


def seed(database):
    """Token of the link, and the accounts of its customer and of another one."""
    found = re.search(r"FOUND (\S+) (\d+) (\d+)", testing.run_script(database, SEED))
    return found[1], found[2], found[3]


def count_promises(database, account):
    output = testing.run_script(database, COUNT.format(account=account))
    return int(re.search(r"COUNT (\d+)", output)[1])
