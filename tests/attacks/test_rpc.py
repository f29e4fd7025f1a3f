"""What RPC lets strangers, customers and colleagues without a role do: nothing."""

import inspect
from contextlib import suppress
from datetime import datetime, timedelta
from types import SimpleNamespace
from xmlrpc.client import Fault

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .attack_common import SECRET, AttackCommon

#: A colleague of any department may answer for a dispute; he sees his own.
FOR_COLLEAGUES = {"o2c.dispute", "o2c.dispute.decide", "o2c.dispute.line"}
#: Words to choose from, for every colleague: nothing in them is a customer's.
WITHOUT_CUSTOMERS = {"o2c.dispute.reason", "o2c.segment", "o2c.segment.condition"}
#: What every model has; whether it may be called is a question of access rights.
READING = (
    ("search_read", [[]]),
    ("search_count", [[]]),
    ("name_search", []),
    ("formatted_read_group", [[], [], ["__count"]]),
    ("web_search_read", [[], {"display_name": {}}]),
)
#: For a required parameter, by the beginning of its name.
WORDS = {"model": "o2c.debtor", "domain": [], "vals": {}, "values": {}, "fields": []}


@tagged("post_install", "-at_install")
class TestRpc(AttackCommon):
    """Each model and each public method of ours, by each who has no business there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.abroad = cls.setup_other_company(name="Abroad")["company"]
        cls.stranger = new_test_user(
            cls.env,
            login="stranger",
            groups="o2c_base.group_collector,o2c_base.group_credit_manager",
            company_id=cls.abroad.id,
            company_ids=[Command.set(cls.abroad.ids)],
        )
        cls.public = cls.env.ref("base.public_user").sudo()
        cls.outsiders = (cls.user_a, cls.public, cls.clerk)
        cls.ours = sorted(
            name
            for name, model in cls.env.registry.items()
            if name.startswith("o2c.") and not model._abstract
        )
        cls.env.flush_all()

    def as_user(self, model, user):
        return self.env[model].with_user(user).with_context(**self._companies(user))

    def _companies(self, user):
        return {"allowed_company_ids": user.sudo().company_id.ids}

    # ------------------------------------------------------------------
    # Models
    # ------------------------------------------------------------------

    def test_outsiders_read_no_record_of_ours(self):
        for user in self.outsiders:
            for name in self.ours:
                with self.subTest(f"{name} as {user.login}"):
                    self._try_to_read(self.as_user(name, user))

    def _try_to_read(self, model):
        is_colleague = not model.env.user.sudo().share
        if is_colleague and model._name in WITHOUT_CUSTOMERS:
            self.assertNotIn(SECRET, str(model.search([]).read()))
            return
        if is_colleague and model._name in FOR_COLLEAGUES:
            self.assertFalse(model.search([]))
            return
        for method, arguments in READING:
            with self.assertRaises(AccessError, msg=method):
                call_kw(model, method, arguments, {})

    def test_outsiders_write_no_record_of_ours(self):
        for user in self.outsiders:
            for name in self.ours:
                model = self.as_user(name, user)
                ids = self.env[name].sudo().search([], limit=1).ids
                with self.subTest(f"{name} as {user.login}"), self.assert_no_change():
                    for method, arguments in (
                        ("create", [{}]),
                        ("write", [ids, {"display_name": "x"}]),
                        ("unlink", [ids]),
                        ("copy", [ids]),
                    ):
                        if ids or method == "create":
                            self._assert_refused(model, method, arguments)

    @mute_logger("odoo.sql_db")
    def _assert_refused(self, model, method, arguments):
        # What is incomplete may be refused as such: nothing is written either way.
        with self.assertRaises(Exception, msg=method) as raised:
            call_kw(model, method, arguments, {})
        self.assertIsInstance(raised.exception, UserError | IntegrityError)

    def test_collectors_abroad_see_nothing_of_this_company(self):
        forged = [self.company.id, self.abroad.id]
        for name, record_id in self._records_of_victim():
            record = self.env[name].with_user(self.stranger).browse(record_id)
            with self.subTest(name):
                model = self.as_user(name, self.stranger)
                self.assertNotIn(record_id, model.search([]).ids)
                self.assertFalse(model.search([("id", "=", record_id)]))
                counted = model.formatted_read_group(
                    [("id", "=", record_id)], aggregates=["__count"]
                )
                self.assertEqual(counted[0]["__count"], 0)
                for context in ({}, {"allowed_company_ids": forged}):
                    with self.assertRaises(AccessError):
                        record.with_context(**context).read()

    def _records_of_victim(self):
        names = {
            "o2c.debtor": self.victim.debtor,
            "o2c.dispute": self.victim.dispute,
            "o2c.remittance": self.victim.remittance,
            "o2c.promise": self.victim.promise,
            "o2c.portal.link": self.victim.link,
            "o2c.portal.request": self.victim.request,
            "o2c.open.item": self.victim.line,
        }
        return names.items()

    # ------------------------------------------------------------------
    # Methods
    # ------------------------------------------------------------------

    def test_outsiders_get_nothing_from_public_methods(self):
        public = self._public_methods()
        self.assertGreater(sum(map(len, public.values())), 100)
        for user in self.outsiders:
            for model, methods in public.items():
                name = f"{model} as {user.login}"
                with self.subTest(name), self.assert_no_change(methods):
                    for method in methods:
                        self._call_as_outsider(self.as_user(model, user), method)

    def _public_methods(self):
        """What our add-ons' own models let RPC call: model to methods."""
        found = {}
        for model in self.ours:
            names = {
                name
                for base in type(self.env[model]).mro()
                if base.__module__.startswith("odoo.addons.o2c_")
                for name, value in vars(base).items()
                if inspect.isfunction(value)
            }
            for name in sorted(names):
                with suppress(AccessError):
                    get_public_method(self.env[model], name)
                    found.setdefault(model, []).append(name)
        return found

    @mute_logger("odoo.sql_db")
    def _call_as_outsider(self, model, method):
        """Refused; or, where it is harmless, an answer without anything in it."""
        ids = self.env[model._name].sudo().search([], limit=2).ids
        function = getattr(type(model), method)
        arguments = [] if getattr(function, "_api_model", False) else [ids]
        arguments += self._arguments(function)
        try:
            with self.cr.savepoint():
                answer = call_kw(model, method, arguments, {})
        except Exception as error:  # noqa: BLE001  (whatever it is, it tells nothing)
            self.assert_clean(str(error))
        else:
            self.assert_clean(str(answer))

    def _arguments(self, function):
        parameters = list(inspect.signature(function).parameters.values())[1:]
        required = [p for p in parameters if p.default is p.empty]
        return [
            WORDS.get(parameter.name.partition("_")[0], 1)
            for parameter in required
            if parameter.kind
            in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        ]

    def assert_clean(self, text):
        self.assert_tells_nothing(
            SimpleNamespace(text=text, content=text.encode(), headers="")
        )

    # ------------------------------------------------------------------
    # By the wire
    # ------------------------------------------------------------------

    @mute_logger("odoo.http")
    def test_sessions_call_no_model_of_ours(self):
        calls = (
            ("o2c.debtor", "search_read", [[]]),
            ("o2c.debtor", "action_portal_link", [[self.victim.debtor]]),
            ("o2c.portal.link", "action_revoke", [[self.victim.link]]),
            ("o2c.portal.request", "action_accept", [[self.victim.request]]),
            ("o2c.dispute", "message_post", [[self.victim.dispute]]),
            ("o2c.dispute", "_portal_disputes", [[self.victim.dispute]]),
            ("o2c.remittance", "read", [[self.victim.remittance]]),
            ("account.move", "read", [[self.victim.move]]),
        )
        for come in (self.come_by_login, self.come_as_clerk, self.come_by_link):
            come()
            for model, method, arguments in calls:
                params = {"model": model, "method": method, "args": arguments}
                with (
                    self.subTest(f"{model}.{method} {come.__name__}"),
                    self.assert_no_change(),
                    self.assertRaisesRegex(JsonRpcException, "Access|Session"),
                ):
                    self.make_jsonrpc_request(
                        "/web/dataset/call_kw", params | {"kwargs": {}}
                    )

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.json2")
    def test_keys_call_no_model_of_ours(self):
        keys = self.env(user=self.clerk.id)["res.users.apikeys"]
        # The database has no frozen clock: to it, a key of that day has expired.
        key = keys._generate("rpc", "attack", datetime.now() + timedelta(days=1))
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_users_apikeys SET expiration_date = NULL")
        body = {"ids": [self.victim.debtor], "domain": []}
        for name, headers, codes in (
            ("clerk", {"Authorization": f"bearer {key}"}, (403,)),
            ("nobody", {}, (401,)),
            ("wrong", {"Authorization": f"bearer {key[:-1]}x"}, (401,)),
        ):
            for call in ("o2c.debtor/search_read", "o2c.debtor/action_portal_link"):
                with self.subTest(f"{call} {name}"), self.assert_no_change():
                    sent = {k: body[k] for k in [("ids", "domain")["search" in call]]}
                    answer = self.url_open(
                        f"/json/2/{call}", json=sent, headers=headers
                    )
                    self.assertIn(answer.status_code, codes)
                    self.assert_tells_nothing(answer)

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.xmlrpc")
    def test_xmlrpc_calls_no_model_of_ours(self):
        self.env.flush_all()
        known = ((self.user_a.id, "customer_a"), (self.clerk.id, "clerkxxx"))
        for uid, password in known:
            for method in ("search_read", "action_portal_link"):
                arguments = [[] if method == "search_read" else [self.victim.debtor]]
                call = (self.env.cr.dbname, uid, password, "o2c.debtor", method)
                with (
                    self.subTest(f"{method} {uid}"),
                    self.assert_no_change(),
                    self.assertRaisesRegex(Fault, "not allowed"),
                ):
                    self.xmlrpc_object.execute_kw(*call, arguments)

    @mute_logger("odoo.http")
    def test_other_doors_of_odoo_lead_to_nothing(self):
        it = self.victim
        doors = (
            f"/web/content/{it.file}",
            f"/web/content/o2c.dispute/{it.dispute}/description",
            f"/web/image/o2c.dispute/{it.dispute}/display_name",
            f"/report/pdf/o2c_base.report_statement/{it.debtor}",
            f"/report/html/o2c_base.report_statement/{it.debtor}",
            f"/my/invoices/{it.move}",
            f"/my/invoices/{it.move}?report_type=pdf&download=true",
            f"/odoo/o2c.debtor/{it.debtor}",
            f"/json/1/o2c.debtor/{it.debtor}",
            f"/mail/view?model=o2c.dispute&res_id={it.dispute}",
        )
        for come in (self.come_by_login, self.come_by_link, self.come_as_clerk):
            come()
            self.url_open("/odoo")  # the first time, Odoo greets its users
            for door in doors:
                with self.subTest(f"{door} {come.__name__}"), self.assert_no_change():
                    self.assert_tells_nothing(self.url_open(door))

    @mute_logger("odoo.http")
    def test_conversations_are_not_open_to_others(self):
        it = {"thread_model": "o2c.dispute", "thread_id": self.victim.dispute}
        post = {**it, "post_data": {"body": "Mine?", "message_type": "comment"}}
        calls = (
            ("/mail/message/post", post),
            ("/mail/chatter_fetch", it),
            ("/mail/thread/messages", it),
            ("/portal/chatter_init", it),
        )
        for come in (self.come_by_login, self.come_by_link, self.come_as_clerk):
            come()
            for path, params in calls:
                with self.subTest(f"{path} {come.__name__}"), self.assert_no_change():
                    answer = self.url_open(path, json=self.build_rpc_payload(params))
                    self.assert_tells_nothing(answer)

    def test_messages_of_disputes_are_found_by_nobody_else(self):
        for user in (self.user_a, self.clerk):
            with self.subTest(user.login):
                messages = self.env["mail.message"].with_user(user)
                found = messages.search([("model", "=like", "o2c.%")])
                self.assertFalse(found)
