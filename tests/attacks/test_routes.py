"""Each route of the customers' pages, asked about another customer's records."""

import io
import zipfile
from pathlib import Path

from odoo.tests import tagged
from odoo.tools import mute_logger

import odoo.addons.o2c_portal.tests as portal_tests

from .attack_common import NO_ID, Attack, AttackCommon, worn_off

ROUTES = Path(portal_tests.__file__).with_name("routes.txt")
OWN = "/my/receivables"


def attacks(it):
    """Each route of the list with the requests that it must withstand.

    :param it: ids of records that are not the attacker's
    """
    form = {"text": "Mine?", "date": "2026-06-10"}
    form |= {"date_0": "2026-06-20", "amount_0": "1", "line": it.line}
    form[f"amount_{it.line}"] = "1"
    foreign = {**form, "account": it.debtor}
    wrong = {"item": it.line, "reason": it.reason, "amount": "1", **form}
    account = f"account={it.debtor}"
    card = {"token": it.card, "currency": it.currency, "cap": "5", "agreed": "1"}
    means = {"provider_id": it.provider, "payment_method_id": it.method}
    means |= {"flow": "redirect", "token_id": None, "tokenization_requested": False}
    means |= {"landing_route": "/my", "amount": 1}
    return {
        "/my/receivables http public GET": [Attack("GET", f"{OWN}?{account}")],
        "/my/receivables/autopay http public GET,POST": [
            Attack("GET", f"{OWN}/autopay?{account}"),
            Attack("POST", f"{OWN}/autopay", foreign | card),
            Attack("POST", f"{OWN}/autopay", card, status=200),
        ],
        "/my/receivables/autopay/stop http public POST": [
            Attack("POST", f"{OWN}/autopay/stop", {"number": it.mandate}),
        ],
        "/my/receivables/credit http public GET,POST": [
            Attack("GET", f"{OWN}/credit?{account}"),
            Attack("POST", f"{OWN}/credit", foreign | {"amount": "5"}),
        ],
        "/my/receivables/dispute http public GET,POST": [
            Attack("GET", f"{OWN}/dispute?{account}"),
            Attack("GET", f"{OWN}/dispute?line={it.line}", status=200),
            Attack("POST", f"{OWN}/dispute", wrong | {"account": it.debtor}),
            Attack("POST", f"{OWN}/dispute", wrong, status=200),
        ],
        "/my/receivables/dispute/<int:number> http public GET,POST": [
            Attack("GET", f"{OWN}/dispute/{it.dispute}"),
            Attack("POST", f"{OWN}/dispute/{it.dispute}", form),
        ],
        "/my/receivables/document/<int:line> http public GET": [
            Attack("GET", f"{OWN}/document/{it.line}"),
        ],
        "/my/receivables/documents http public GET": [
            Attack("GET", f"{OWN}/documents?{account}&line={it.line}"),
            Attack("GET", f"{OWN}/documents?line={it.line}", status=200),
        ],
        # It ends a session, and is about nobody's records.
        "/my/receivables/leave http public POST": [],
        "/my/receivables/not-mine http public GET,POST": [
            Attack("GET", f"{OWN}/not-mine?{account}"),
            Attack("POST", f"{OWN}/not-mine", foreign),
        ],
        "/my/receivables/paid http public GET,POST": [
            Attack("GET", f"{OWN}/paid?line={it.line}", status=200),
            Attack("POST", f"{OWN}/paid", foreign),
            Attack("POST", f"{OWN}/paid", form, status=200),
        ],
        "/my/receivables/pay http public GET,POST": [
            Attack("GET", f"{OWN}/pay?line={it.line}", status=200),
            Attack("POST", f"{OWN}/pay", foreign),
            Attack("POST", f"{OWN}/pay", form | {"credit": it.line}, status=200),
        ],
        "/my/receivables/pay/<int:number> http public GET": [
            Attack("GET", f"{OWN}/pay/{it.remittance}"),
        ],
        "/my/receivables/pay/<int:number>/settle http public POST": [
            Attack("POST", f"{OWN}/pay/{it.remittance}/settle", form),
        ],
        "/my/receivables/pay/<int:number>/transaction jsonrpc public any": [
            Attack("JSON", f"{OWN}/pay/{it.remittance}/transaction", means),
        ],
        "/my/receivables/preferences http public GET,POST": [
            Attack("GET", f"{OWN}/preferences?{account}"),
            Attack("POST", f"{OWN}/preferences", foreign | {"lang": "en_US"}),
        ],
        "/my/receivables/promise http public GET,POST": [
            Attack("GET", f"{OWN}/promise?line={it.line}", status=200),
            Attack("POST", f"{OWN}/promise", foreign),
            Attack("POST", f"{OWN}/promise", form, status=200),
        ],
        "/my/receivables/question http public POST": [
            Attack(
                "POST",
                f"{OWN}/question",
                {"about": about, "number": number, "rate": "1", "text": "Bad"},
            )
            for about, number in (
                ("dispute", it.dispute),
                ("payment", it.remittance),
            )
        ],
        "/my/receivables/statement http public GET": [
            Attack("GET", f"{OWN}/statement?{account}"),
            Attack("GET", f"{OWN}/statement?file=xlsx&{account}"),
        ],
        # Tokens are attacked in test_tokens.py.
        "/o2c/r/<string:token> http public GET": [],
        "/o2c/r/<string:token> http public POST": [],
    }


@tagged("post_install", "-at_install")
class TestRoutes(AttackCommon):
    """Another's records are as good as none, whoever asks."""

    def cases(self, owner):
        owner.reason = self.reason.id
        owner.currency = self.company.currency_id.id
        owner.provider = self.provider.id
        owner.method = self.provider.payment_method_ids[:1].id
        return attacks(owner)

    def each(self, owner):
        for route, requests in self.cases(owner).items():
            for attack in requests:
                yield f"{attack.method} {route} {attack.status}", attack

    def test_each_route_of_the_list_has_its_attacks(self):
        listed = ROUTES.read_text(encoding="utf-8").splitlines()
        self.assertEqual(sorted(self.cases(self.victim)), listed)

    @mute_logger("odoo.http")
    def test_a_customer_who_logged_in_gets_nothing_of_another(self):
        self.come_by_login()
        self._try_as_customer()

    @mute_logger("odoo.http")
    def test_who_came_by_a_link_gets_nothing_of_another(self):
        self.come_by_link()
        self._try_as_customer()

    def _try_as_customer(self):
        """Refused, and exactly as for what does not exist; nothing is written."""
        none = dict(self.each(self.nobody))
        for name, attack in self.each(self.victim):
            with self.subTest(name), self.assert_no_change(name):
                self.send(none[name])  # fills the caches
                refused, queries = self._counted(attack)
                same, queries_of_none = self._counted(none[name])
                self.assert_refused(attack, refused)
                self.assert_tells_nothing(refused)
                self.assertEqual(refused.status_code, same.status_code)
                self.assertEqual(self.text(refused), self.text(same))
                self.assertEqual(queries, queries_of_none)

    def _counted(self, attack):
        """The answer, and how many queries it took: time that tells nothing."""
        before = self.cr.sql_log_count
        answer = self.send(attack)
        return answer, self.cr.sql_log_count - before

    def assert_refused(self, attack, answer):
        if attack.method == "JSON":
            self.assertIn("NotFound", answer.json()["error"]["data"]["name"])
            return
        self.assertEqual(answer.status_code, attack.status)
        self.assertIn(attack.path.partition("?")[0], answer.url)
        if attack.method == "POST" and attack.status == 200:
            self.assertIn('id="o2c_error"', answer.text)

    def text(self, answer):
        """What is compared of an answer; the ids that were asked for are not."""
        if answer.content[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
                return archive.namelist()
        text = answer.text
        for number in {*vars(self.victim).values(), NO_ID}:
            text = text.replace(f"={number}", "=").replace(f"/{number}", "/")
        return worn_off(text)

    @mute_logger("odoo.http")
    def test_strangers_are_sent_to_the_login(self):
        self.come_as_stranger()
        for name, attack in self.each(self.victim):
            with self.subTest(name), self.assert_no_change(name):
                answer = self.send(attack)
                self.assert_tells_nothing(answer)
                if attack.method == "JSON":
                    self.assertIn("Session", answer.json()["error"]["message"])
                else:
                    self.assertIn("/web/login?redirect=", answer.url)

    @mute_logger("odoo.http")
    def test_colleagues_have_no_customer_account(self):
        self.come_as_clerk()
        for name, attack in self.each(self.victim):
            with self.subTest(name), self.assert_no_change(name):
                answer = self.send(attack)
                self.assert_tells_nothing(answer)
                if attack.method == "JSON":
                    self.assertIn("error", answer.json())
                else:
                    self.assertIn("no customer account", answer.text)

    @mute_logger("odoo.http")
    def test_odd_numbers_are_nobody_s(self):
        self.come_by_login()
        number = self.victim.line
        odd = ("-1", f"0{number}", f"{number};1", f"{number}e0", "٣", "9" * 400)
        for value in odd:
            for path in ("document/{}", "pay/{}", "dispute/{}", "pay?line={}"):
                with self.subTest(path.format(value[:20])), self.assert_no_change():
                    url = f"{OWN}/{path.format(value)}"
                    answer = self.send(Attack("GET", url))
                    self.assert_tells_nothing(answer)
                    self.assertIn(answer.status_code, (200, 400, 404, 414))
