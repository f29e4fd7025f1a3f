"""A customer who attacks, a customer who is attacked, and what must not change."""

import re
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

from odoo import Command, http
from odoo.tests import new_test_user
from odoo.tools import SQL

from odoo.addons.o2c_portal.controllers.scope import SESSION_KEY
from odoo.addons.o2c_portal.tests.portal_common import PortalHttpCommon

#: What no page of anybody else may hold of the customer who is attacked.
SECRET = "Zwiebelfisch"
SECRETS = (SECRET, "8,731.19", "8731.19")
#: No record has it, and it is no longer than an id may be.
NO_ID = 987654321
#: Tables beside our own that nobody may change on the way.
CORE_TABLES = (
    *("account_move", "account_move_line", "account_partial_reconcile"),
    *("account_payment", "payment_transaction", "payment_token", "rating_rating"),
    *("mail_message", "mail_mail", "mail_activity", "mail_followers"),
    *("ir_attachment", "res_partner", "res_users", "res_company"),
)
#: Counting attempts is what these tables are for.
COUNTERS = {"o2c_portal_attempt"}
#: What is new on each page: tokens against forgery, names of forms, moments.
FRESH = re.compile(r"[0-9a-f]{8}[0-9a-f-]{24,}o?\d*|csrf_token: \"[^\"]*\"|\b\d{9,}\b")


@dataclass(frozen=True)
class Attack:
    """A request about records of another customer."""

    method: str
    path: str
    data: dict = field(default_factory=dict)
    #: What who has an account of his own is answered: 404, or 200 with an error.
    status: int = 404


class AttackCommon(PortalHttpCommon):
    """A and B have one of everything; what is done is done as A or as somebody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_customer.name = SECRET
        cls.mine = cls.invoice(100, date="2026-05-01", due="2026-05-02")
        cls.theirs = cls.invoice(
            8731.19,
            date="2026-05-01",
            due="2026-05-02",
            partner=cls.other_customer,
            ref=f"{SECRET} PO",
        )
        cls.clerk = new_test_user(
            cls.env,
            login="clerk",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.debtor_model.sudo()._refresh_now()
        cls.reason = cls.env["o2c.dispute.reason"].search(
            [("kind", "!=", "deduction"), ("child_ids", "=", False)], limit=1
        )
        cls.victim = cls._everything_of(cls.other_customer, cls.theirs)
        cls.nobody = SimpleNamespace(**dict.fromkeys(vars(cls.victim), NO_ID))
        cls.env.flush_all()

    @classmethod
    def _everything_of(cls, customer, move):
        """One of each record a customer has, as ids."""
        debtor = cls.debtor_model.sudo().search(
            [("partner_id", "=", customer.id), ("company_id", "=", cls.company.id)]
        )
        item = debtor._portal_items()[:1]
        line = item.move_line_id.id
        remittance = debtor._take_payment_choice("key", {line: None}, (), customer)
        dispute = debtor._say_dispute(
            item, 10.0, cls.reason, f"{SECRET} is wrong", [("a.txt", b"a")], customer
        )
        asked = debtor._raise_request("message", customer, f"{SECRET} asks")
        [promise] = debtor._say_promise(
            [(cls.day("2026-06-20"), 10.0)], item, customer, f"{SECRET} pays"
        )
        cls.env["o2c.portal.link"]._issue(
            [{"debtor_id": debtor.id, "partner_id": customer.id, "purpose": "shared"}]
        )
        link = cls.env["o2c.portal.link"].sudo().search([], limit=1)
        mandate = cls._autopay_of(debtor, customer)
        files = cls.env["ir.attachment"].sudo()
        file = files.search([("res_model", "=", dispute._name)], limit=1, order="id")
        return SimpleNamespace(
            debtor=debtor.id,
            line=line,
            move=move.id,
            remittance=remittance.id,
            dispute=dispute.id,
            request=asked.id,
            promise=promise.id,
            link=link.id,
            file=file.id,
            mandate=mandate.id,
            card=mandate.token_id.id,
        )

    @classmethod
    def _autopay_of(cls, debtor, customer):
        card = cls.env["payment.token"].sudo()
        card = card.create(
            {
                "provider_id": cls.provider.id,
                "payment_method_id": cls.provider.payment_method_ids[:1].id,
                "payment_details": SECRET,
                "partner_id": customer.id,
                "provider_ref": SECRET,
            }
        )
        terms = {"schedule": "due", "day": 0, "cap": 5.0}
        terms["currency"] = cls.company.currency_id
        text = debtor._autopay_text(card, **terms)
        customer.email = customer.email or "victim@example.com"
        return debtor._start_autopay(customer, card, terms, text, SECRET)

    # ------------------------------------------------------------------
    # Who attacks
    # ------------------------------------------------------------------

    def come_by_login(self):
        self.authenticate("customer_a", "customer_a")

    def come_by_link(self):
        links = self.env["o2c.portal.link"]
        [token] = links._issue(
            [
                {
                    "debtor_id": self.account().id,
                    "partner_id": self.customer.id,
                    "purpose": "shared",
                }
            ]
        )
        self.env.flush_all()
        extra = {SESSION_KEY: links._find(token).id}
        self.authenticate(None, None, session_extra=extra)
        return token

    def come_as_stranger(self):
        self.authenticate(None, None)

    def come_as_clerk(self):
        self.authenticate("clerk", "clerk")

    # ------------------------------------------------------------------
    # What he does
    # ------------------------------------------------------------------

    def send(self, attack, **options):
        """Send a request with the session's token against forgery."""
        self.env.flush_all()
        if attack.method == "JSON":
            payload = self.build_rpc_payload(attack.data)
            return self.url_open(attack.path, json=payload)
        data = None
        if attack.method == "POST":
            fresh = {"csrf_token": self.forgery_token(), "key": secrets.token_hex(16)}
            data = fresh | attack.data
        return self.url_open(attack.path, data=data, method=attack.method, **options)

    def forgery_token(self):
        return http.Request.csrf_token(self)

    # ------------------------------------------------------------------
    # What must hold
    # ------------------------------------------------------------------

    def assert_tells_nothing(self, answer):
        for secret in SECRETS:
            self.assertNotIn(secret, answer.text)
            self.assertNotIn(secret.encode(), answer.content)
            self.assertNotIn(secret, str(answer.headers))

    @contextmanager
    def assert_no_change(self, message=None):
        """Nothing is written meanwhile, not even the same again."""
        before = self._state()
        yield
        after = self._state()
        changed = sorted(name for name in before if before[name] != after[name])
        self.assertFalse(changed, message)

    def _state(self):
        """Number of rows of each table, and which versions of them are there."""
        self.env.flush_all()
        parts = [
            SQL(
                "SELECT %s, count(*), sum(hashtext(ctid::text || xmin::text)) FROM %s",
                table,
                SQL.identifier(table),
            )
            for table in self._tables()
        ]
        rows = self.env.execute_query(SQL(" UNION ALL ").join(parts))
        return {table: state for table, *state in rows}

    def _tables(self):
        ours = {
            model._table
            for name, model in self.env.registry.items()
            if name.startswith("o2c.") and not model._abstract
        }
        names = [*(ours - COUNTERS), *CORE_TABLES]
        rows = self.env.execute_query(
            SQL(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname IN %s "
                "AND relnamespace = current_schema::regnamespace ORDER BY relname",
                tuple(names),
            )
        )
        return [name for (name,) in rows]


def worn_off(text):
    """A page without what is new each time it is made."""
    return FRESH.sub("*", text)
