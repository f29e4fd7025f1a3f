"""What the customers' pages cost, and many customers who pay at once.

    python -m tests.bench.portal [--sizes 10,1000,20000] [--repeat 5]
                                 [--payers 50] [--seconds 120] [--keep]

Pages are asked for over HTTP from a server with two workers, beside core's list of
invoices: time at the client, queries as the server's log tells them. Then customers,
each by his link, pay one invoice after the other with Odoo's demo provider; at the end
each payment has to be there once. The accounts' own bound on payments per day ends it
for a customer after 29.
"""

import argparse
import json
import re
import statistics
import sys
import threading
import time
from pathlib import Path

import requests
from lxml import html

from dev import install, paths, testing
from dev.web_server import ANSWER_SECONDS, WebServer

from .run import MARK, read_result, say, sizes

IMPORTS = """
import json, sys
sys.path.insert(0, {root!r})
from tests.bench import portal_seed
"""
SEED = "print({mark!r} + json.dumps(portal_seed.seed(env, {sizes}, {payers})))"
VERDICT = "print({mark!r} + json.dumps(portal_seed.verdict(env)))"
PAGES = ("/my/receivables", "/my/receivables/pay", "/my/invoices")
#: Of the access log: path, queries, their seconds, the seconds of the rest.
LOGGED = re.compile(r'"GET (\S+) HTTP/1.1" 200 - (\d+) ([\d.]+) ([\d.]+)')
WORKERS = 2
POLLS_MOST = 40


def main():
    options = _options()
    database = testing.new_database("portal")
    try:
        install.run_modules(database, "bench-portal", install=["payment_demo"])
        say("Generating")
        seed = SEED.format(mark=MARK, sizes=options.sizes, payers=options.payers)
        told = read_result(_run(database, seed))
        testing.query(database, "VACUUM ANALYZE")
        with Server(database) as server:
            for login, size in told["logins"]:
                _measure_pages(server, login, size, options.repeat)
            if options.payers:
                _pay(server, told, options.seconds)
        result = read_result(_run(database, VERDICT.format(mark=MARK)))
        print(json.dumps(result))
        sys.exit(any(result["wrong"].values()))
    finally:
        if not options.keep:
            testing.drop_database(database)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=sizes, default=[10, 1000, 20000])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--payers", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--keep", action="store_true", help="keep the database")
    return parser.parse_args()


def _run(database, script):
    return testing.run_script(database, IMPORTS.format(root=str(paths.ROOT)) + script)


class Server(WebServer):
    """Odoo with two workers, as behind a proxy: each customer has an address."""

    def __init__(self, database):
        options = [f"--workers={WORKERS}", f"--gevent-port={testing.free_port()}"]
        options += ["--proxy-mode", "--limit-time-real=600"]
        super().__init__("bench-portal-server", database, *options)

    def logged(self, path):
        """(queries, seconds) of the last answer to a path."""
        lines = Path(self.log).read_text().splitlines()
        for line in reversed(lines):
            found = LOGGED.search(line)
            if found and found[1] == path:
                return int(found[2]), float(found[3]) + float(found[4])
        return None


class Visitor:
    """A browser without a browser."""

    def __init__(self, server, number):
        self.server = server
        self.session = requests.Session()
        host = f"127.0.0.1:{server.port}"
        address = f"10.0.{number // 250}.{number % 250 + 1}"
        self.session.headers.update(
            {"X-Forwarded-For": address, "X-Forwarded-Host": host}
        )
        self.seconds = []

    def ask(self, path, data=None, call=None):
        """An answer, its time noted; anything but success ends the visit."""
        url = path if path.startswith("http") else self.server.url + path
        start = time.monotonic()
        if call is not None:
            body = {"jsonrpc": "2.0", "method": "call", "params": call}
            answer = self.session.post(url, json=body, timeout=ANSWER_SECONDS)
        elif data is not None:
            answer = self.session.post(url, data=data, timeout=ANSWER_SECONDS)
        else:
            answer = self.session.get(url, timeout=ANSWER_SECONDS)
        self.seconds.append(time.monotonic() - start)
        answer.raise_for_status()
        if call is not None and "error" in answer.json():
            raise requests.HTTPError(str(answer.json()["error"])[:500])
        return answer

    def submit(self, page, xpath="//form[@method='post']", **values):
        """Send a form as it came."""
        [form] = html.fromstring(page.text).xpath(xpath)[:1]
        fields = form.xpath(".//input[@name][not(@type='checkbox')]")
        data = [(field.get("name"), field.get("value") or "") for field in fields]
        data = [(name, value) for name, value in data if name not in values]
        target = form.get("action") or page.url
        return self.ask(target, data=data + list(values.items()))


# ----------------------------------------------------------------------
# Pages
# ----------------------------------------------------------------------


def _measure_pages(server, login, size, repeat):
    visitor = Visitor(server, 0)
    page = visitor.ask("/web/login")
    form = "//form[contains(@class, 'oe_login_form')]"
    visitor.submit(page, form, login=login, password="portal-bench")
    for path in PAGES:
        for _turn in range(WORKERS * 2):  # both workers have met the page
            visitor.ask(path)
        visitor.seconds.clear()
        queries = []
        for _turn in range(repeat):
            visitor.ask(path)
            queries.append(server.logged(path)[0])
        result = {
            "items": size,
            "page": path,
            "seconds": round(statistics.median(visitor.seconds), 4),
            "queries": statistics.median(queries),
        }
        print(json.dumps(result), flush=True)


# ----------------------------------------------------------------------
# Payments
# ----------------------------------------------------------------------


class Payer(threading.Thread):
    """A customer who pays one invoice after the other until the time is over."""

    def __init__(self, server, number, link, told, deadline):
        super().__init__(name=f"payer-{number}", daemon=True)
        self.visitor, self.link = Visitor(server, number + 1), link
        self.told, self.deadline = told, deadline
        self.payments, self.errors = [], []

    def run(self):
        try:
            page = self.visitor.submit(self.visitor.ask(self.link))
            values = html.fromstring(page.text).xpath("//input[@name='line']/@value")
            for line in values:
                if time.monotonic() > self.deadline:
                    return
                start = time.monotonic()
                self._pay(line)
                self.payments.append(time.monotonic() - start)
        except (requests.RequestException, ValueError) as error:
            self.errors.append(repr(error)[:500])

    def _pay(self, line):
        ask = self.visitor.ask
        chosen = ask(f"/my/receivables/pay?line={line}")
        page = self.visitor.submit(chosen, "//form[@action='/my/receivables/pay']")
        path = page.url.partition("?")[0]
        means = {
            "provider_id": self.told["provider"],
            "payment_method_id": self.told["method"],
            "token_id": None,
            "amount": 1,
            "flow": "direct",
            "tokenization_requested": False,
            "landing_route": "/my",
        }
        reply = ask(f"{path}/transaction", call=means).json()["result"]
        simulated = {"reference": reply["reference"], "simulated_state": "done"}
        ask("/payment/demo/simulate_payment", call=simulated)
        for _turn in range(POLLS_MOST):
            answer = ask("/payment/status/poll", call={}).json()["result"]
            if answer.get("state") == "done":
                break
        if "has arrived" not in ask(path).text:
            raise ValueError(f"{path} does not say that the money is there")


def _pay(server, told, seconds):
    say(f"{len(told['links'])} customers pay for {seconds} s")
    deadline = time.monotonic() + seconds
    payers = [
        Payer(server, number, link, told, deadline)
        for number, link in enumerate(told["links"])
    ]
    for payer in payers:
        payer.start()
    for payer in payers:
        payer.join(seconds + 10 * ANSWER_SECONDS)
    payments = [second for payer in payers for second in payer.payments]
    answers = [second for payer in payers for second in payer.visitor.seconds]
    errors = [error for payer in payers for error in payer.errors]
    print(
        json.dumps(
            {
                "customers": len(payers),
                "payments": len(payments),
                "payment_seconds": _spread(payments),
                "answers": len(answers),
                "answer_seconds": _spread(answers),
                "errors": len(errors),
                "first_errors": errors[:3],
            }
        ),
        flush=True,
    )


def _spread(seconds):
    """Median, 95th percentile and the longest."""
    if len(seconds) < 2:
        return seconds
    percent = statistics.quantiles(seconds, n=20)
    middle = statistics.median(seconds)
    figures = {"median": middle, "p95": percent[-1], "longest": max(seconds)}
    return {name: round(value, 3) for name, value in figures.items()}


if __name__ == "__main__":
    main()
