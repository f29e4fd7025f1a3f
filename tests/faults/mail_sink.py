"""A mail server on this machine that does what a test tells it to."""

import asyncio
import email
import email.policy
import threading
from collections import Counter

from aiosmtpd.controller import Controller

WAIT_SECONDS = 60


class MailSink:
    """Takes mail in, or fails at a place of the test's choice.

    ``stage`` names a command (``MAIL``, ``RCPT`` or ``DATA``; the last is the
    moment after the text). There the sink calls ``misbehave(sink, recipient)``,
    which returns the answer to give, or None to go on as usual.
    """

    def __init__(self, port):
        self._controller = Controller(self, hostname="127.0.0.1", port=port)
        self.port = port
        self.messages = []
        self.peers = set()
        self.reached = threading.Event()
        self.release = threading.Event()
        self.stage = None
        self.misbehave = None
        self._lock = threading.Lock()

    def __enter__(self):
        self._controller.start()
        return self

    def __exit__(self, *error):
        self.release.set()
        self._controller.stop()

    # What came in

    @property
    def recipients(self):
        """How many mails each address got."""
        return Counter(message["X-Rcpt-To"] for message in self.messages)

    @property
    def message_ids(self):
        """How many mails carried each Message-Id."""
        return Counter(message["Message-Id"] for message in self.messages)

    # Ways to misbehave

    def fail_at(self, stage, misbehave):
        """Misbehave from now on; None for both ends it."""
        self.stage, self.misbehave = stage, misbehave

    def hold(self, _recipient=None):
        """Tell the test that we are here, and wait for its word."""
        self.reached.set()
        self.release.wait(WAIT_SECONDS)

    # aiosmtpd's hooks

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.peers.add(session.peer)
        answer = await self._answer("MAIL", server, address)
        if answer:
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = await self._answer("RCPT", server, address)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        [recipient] = envelope.rcpt_tos
        answer = await self._answer("DATA", server, recipient)
        if answer:
            return answer
        self.take(envelope.content, recipient)
        return "250 taken"

    def take(self, content, recipient):
        """Keep a message: it has arrived."""
        message = email.message_from_bytes(content, policy=email.policy.SMTP)
        message["X-Rcpt-To"] = recipient
        with self._lock:
            self.messages.append(message)

    async def _answer(self, stage, server, address):
        if stage != self.stage or not self.misbehave:
            return None
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(None, self.misbehave, address)
        if answer == "drop":
            server.transport.abort()
            return "421 dropped"
        return answer
