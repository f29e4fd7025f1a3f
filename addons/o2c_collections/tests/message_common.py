"""What tests of messages share: a late customer, a plan, a scripted mail server."""

import smtplib
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.tests import new_test_user

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.mail.models.mail_mail import MailMail
from odoo.addons.o2c_base.tests.prepared_common import PreparedCommon


class FakeSmtp:
    """A mail server that ends each dialogue as its script says.

    The script has one word per message, the last one for all that follow: ``ok``,
    a number (the reply to RCPT), ``data 451`` (the reply to the text), ``drop``
    (the line breaks before the text), ``cut`` (after it), ``hang`` (a timeout).
    """

    from_filter = False
    smtp_from = False

    def __init__(self, script=("ok",)):
        self.script = list(script)
        self.accepted = []
        self.connections = 0

    def send_message(self, message, sender, recipients):
        word = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        self._end(word, sender, recipients)
        self.accepted.append(message)

    def _end(self, word, sender, recipients):
        if word == "ok":
            return
        if word == "drop":
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        if word == "hang":
            try:
                raise TimeoutError("timed out")
            except TimeoutError:
                # As smtplib does it: without a "from".
                raise smtplib.SMTPServerDisconnected("timed out")  # noqa: B904
        if word == "sender":
            raise smtplib.SMTPSenderRefused(550, b"sender unknown", sender)
        if word == "cut":
            self._reply = (354, b"go on")
            self.getreply()
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        if str(word).startswith("data"):
            self._reply = (354, b"go on")
            self.getreply()
            raise smtplib.SMTPDataError(int(word.split()[1]), b"said after the text")
        refused = {recipients[0]: (int(word), b"said to RCPT")}
        raise smtplib.SMTPRecipientsRefused(refused)

    def getreply(self):
        return self._reply

    def noop(self):
        return 250, b"ok"

    def quit(self):
        return 221, b"bye"


class MessageCase(PreparedCommon):
    """A company that chases one customer by three letters."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root_env = cls.env(user=SUPERUSER_ID)
        cls.company = cls.company_data["company"].with_env(cls.root_env)
        cls.company.write(
            {
                "name": "Kessler Valves",
                "email": "billing@kessler.example",
                "phone": "+49 30 1234",
                "o2c_sending": True,
            }
        )
        cls.collector = new_test_user(
            cls.root_env,
            login="msg_collector",
            name="Clara Collector",
            email="clara@kessler.example",
            groups="o2c_base.group_collector",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.customer = cls._create_customer("Bolt & Sons", "pay@bolt.example")
        cls.plan = cls._create_plan()

    @classmethod
    def _create_customer(cls, name, email, **values):
        return cls.root_env["res.partner"].create(
            {
                "name": name,
                "email": email,
                "phone": "+49 30 1234567",
                "is_company": True,
                "lang": "en_US",
            }
            | values
        )

    @classmethod
    def _create_plan(cls):
        cls.root_env["o2c.chase.plan"].search([("id", "!=", 0)]).active = False
        return cls.root_env["o2c.chase.plan"].create(
            {
                "name": "Three letters",
                "company_id": cls.company.id,
                "tolerance": 0,
                "step_ids": [
                    (
                        0,
                        0,
                        {
                            "level": level,
                            "days": days,
                            "template_id": cls.root_env.ref(
                                f"o2c_collections.mail_template_chase_{level}"
                            ).id,
                        },
                    )
                    for level, days in ((1, 1), (2, 14), (3, 30))
                ],
            }
        )

    # Facts

    @classmethod
    def _invoice(
        cls, amount=100.0, days_late=5, partner=None, move_type=None, **values
    ):
        """Post an invoice that is so many days late today."""
        day = cls.company._o2c_today() - timedelta(days=days_late)
        move = cls.root_env["account.move"].create(
            {
                "move_type": move_type or "out_invoice",
                "company_id": cls.company.id,
                "partner_id": (partner or cls.customer).id,
                "invoice_date": day,
                "invoice_date_due": day,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    (0, 0, {"name": "Valves", "price_unit": amount, "tax_ids": []})
                ],
            }
            | values
        )
        move.action_post()
        return move

    def _pay(self, move, amount=None):
        values = {"amount": amount} if amount else {}
        self.root_env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create(values)._create_payments()

    def _debtor(self, partner=None):
        return self.root_env["o2c.debtor"].search(
            [
                ("partner_id", "=", (partner or self.customer).id),
                ("company_id", "=", self.company.id),
            ]
        )

    # Running

    def _chase(self):
        """Do one run; give the messages it wrote."""
        before = self.root_env["o2c.chase.message"].search([], order="id").ids
        with self.enter_registry_test_mode():
            self.root_env["o2c.chase.run"]._execute(self.company)
        return self.root_env["o2c.chase.message"].search(
            [("id", "not in", before)], order="id"
        )

    def _send(self, script=None):
        """Do one round of sending; without a script in core's test mode.

        :return: the scripted server
        """
        # A cron job commits, so it needs a cursor that is not the test's.
        with (
            self._smtp(script) as server,
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            self.root_env(cr=cr)["o2c.chase.message"]._cron_send()
        return server

    @contextmanager
    def _smtp(self, script):
        if script is None:
            yield None
            return
        server = FakeSmtp(script)

        def connect(*args, **kwargs):
            server.connections += 1
            if server.script[0] == "refuse":
                raise ConnectionRefusedError("nobody listens")
            # Each connection is an object of its own, as with smtplib.
            session = FakeSmtp()
            session.script = server.script
            session.accepted = server.accepted
            return session

        with (
            patch.object(IrMail_Server, "_disable_send", lambda self: False),
            patch.object(IrMail_Server, "_connect__", connect),
        ):
            yield server

    @contextmanager
    def _no_core_sending(self):
        """Fail if core's own sending gets hold of one of our e-mails."""
        touched = []

        def send(mails, *args, **kwargs):
            touched.extend(mails.ids)
            return True

        with patch.object(MailMail, "_send", send):
            yield touched

    def _events(self, message):
        events = self.root_env["o2c.event"].search(
            [("res_model", "=", message._name), ("res_id", "in", message.ids)],
            order="id",
        )
        return events.mapped("kind")
