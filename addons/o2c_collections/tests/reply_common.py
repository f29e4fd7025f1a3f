"""What tests of replies share: a sent reminder, an address, and mails that come in."""

from .message_common import MessageCase

REPLY = """\
From: {sender}
To: {to}
Subject: {subject}
Message-Id: <{number}@bolt.example>
In-Reply-To: {parent}
References: {parent}
Date: Mon, 02 Mar 2026 10:00:00 +0000
{headers}Content-Type: text/{kind}; charset=utf-8

{text}
"""


class ReplyCase(MessageCase):
    """A customer was reminded; the company has an address for answers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alias_domain = cls.root_env["mail.alias.domain"].create(
            {
                "name": "kessler.example",
                "bounce_alias": "bounce",
                "catchall_alias": "catchall",
            }
        )
        cls.company.alias_domain_id = cls.alias_domain
        cls.company.o2c_alias_name = "receivables"

    def setUp(self):
        super().setUp()
        self._invoice()
        self.message = self._chase()
        self._send(["ok"])
        self.assertEqual(self.message.state, "sent")
        self.debtor = self._debtor()
        self.debtor.collector_id = self.collector
        self.received = 0

    def _receive(self, text, parent=True, headers="", **values):
        """Let a mail come in; ``parent`` False has lost its thread."""
        self.received += 1
        values = {
            "sender": "Paula <pay@bolt.example>",
            "to": "receivables@kessler.example",
            "subject": "Re: Payment reminder",
            "number": f"reply-{self.received}",
            "kind": "plain",
        } | values
        parent = self.message.message_id_header if parent is True else parent
        mail = REPLY.format(text=text, parent=parent or "", headers=headers, **values)
        if not parent:
            mail = mail.replace("In-Reply-To: \n", "").replace("References: \n", "")
        result = self.root_env["mail.thread"].message_process(False, mail)
        self.root_env.flush_all()
        self.root_env.invalidate_all()
        return result

    def _replies(self, debtor=None):
        return self.root_env["o2c.reply"].search(
            [("debtor_id", "=", (self.debtor if debtor is None else debtor).id)],
            order="id",
        )

    def _answer(self, debtor=None):
        """The newest message on the timeline that came by mail."""
        messages = (debtor or self.debtor).message_ids
        return messages.filtered(lambda m: m.message_type == "email")[:1]

    def _kinds(self, *kinds):
        events = self.root_env["o2c.event"].search(
            [("debtor_id", "=", self.debtor.id), ("kind", "in", kinds)], order="id"
        )
        return events.mapped("kind")
