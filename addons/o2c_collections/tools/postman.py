"""Hands e-mails to mail servers and says how each attempt ended.

Everything about the content (MIME, sender rewriting, choice of the server,
credentials) is core's; what this module adds is to know *where* a dialogue
broke off, to use one connection for many mails, and to leave a server alone for
the rest of the batch once it does not answer.
"""

import logging
import smtplib

from odoo.tools import exception_to_unicode
from odoo.tools.mail import email_split_and_format_normalize

from ..domain.smtp_verdict import (
    COMMAND,
    CONNECTION,
    CONTENT,
    TEMPORARY,
    Verdict,
    judge,
)

_logger = logging.getLogger(__name__)

#: Seconds that an open connection may stay silent. Core waits 60 for the
#: connection itself; a cron job has 120 in all.
ANSWER_TIMEOUT_SECONDS = 45
TIMEOUT_PARAMETER = "o2c_collections.smtp_timeout_seconds"
#: So many connections in a row may break before the server is left alone.
BROKEN_MAX = 2
REPLY_SEND_TEXT = 354
REPLY_CLOSING = 421
#: What a server says to an address it cannot use; ours for one no mail can carry.
CODE_UNSENDABLE = 553
UNSENDABLE = (ValueError, smtplib.SMTPNotSupportedError)


class Postman:
    """Carries the e-mails of one batch.

    The environment's cursor is the postman's own: it is committed before each
    dialogue, so that none happens inside a transaction.
    """

    def __init__(self, env):
        self.env = env
        self._servers = {}
        self._ready = {}
        parameter = env["ir.config_parameter"].sudo().get_param(TIMEOUT_PARAMETER)
        self._timeout = float(parameter or ANSWER_TIMEOUT_SECONDS)

    def make_ready(self, mail_ids):
        """Read and build these e-mails ahead, as many as can be, and no others.

        Attachments would fill the memory: what carries any is built when it leaves.

        :param mail_ids: ids of mail.mail; ``forget`` those that change afterwards
        """
        self._ready.clear()
        mails = self.env["mail.mail"].browse(mail_ids)
        try:
            mails = mails.filtered(lambda mail: not mail.attachment_ids)
            for company, group in mails.grouped("record_company_id").items():
                self._make_group_ready(group._o2c_with_texts().with_company(company))
        except Exception as error:  # noqa: BLE001 whichever it was fails again, alone
            _logger.info("E-mails are built one by one: %s", error)
        finally:
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _make_group_ready(self, mails):
        for *key, ids in mails._split_by_mail_configuration():
            server = self._server(*key)
            for mail in mails.browse(ids):
                envelope = server.pack(*self._build(mail, server))
                if envelope:
                    self._ready[mail.id] = server, envelope

    def forget(self, mail_id):
        """Build an e-mail anew when it leaves."""
        self._ready.pop(mail_id, None)

    def deliver(self, mail_id):
        """Try once to deliver one e-mail.

        :param int mail_id: id of the mail.mail
        :return: the :class:`Verdict`
        """
        ready = self._ready.pop(mail_id, None)
        if ready:
            server, envelope = ready
            return server.send(envelope)
        try:
            return self._deliver(self.env["mail.mail"].browse(mail_id))
        finally:
            # Nothing of ours was written; add-ons may have renewed credentials.
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _deliver(self, mail):
        mail = mail.with_company(mail.record_company_id)
        *key, _ids = next(mail._split_by_mail_configuration())
        server = self._server(*key)
        if server.down:
            return server.down
        try:
            envelope = server.pack(*self._build(mail, server))
        except (AssertionError, UnicodeError, ValueError) as error:
            # An address or a header that no mail can carry.
            return judge(COMMAND, CODE_UNSENDABLE, _words(error))
        # Ends the reading transaction before the dialogue.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return server.send(envelope)

    def _server(self, *key):
        """One mail server as core chooses it for a sender."""
        if key not in self._servers:
            self._servers[key] = _Server(self.env, *key, self._timeout)
        return self._servers[key]

    def close(self):
        """Say good-bye to all servers."""
        for server in self._servers.values():
            server.close()

    def _build(self, mail, server):
        """Make the message as core would, with our own plain text in it.

        :return: the message and core's model to send it with
        """
        [email] = mail._prepare_outgoing_list(mail_server=server.record)
        senders = email_split_and_format_normalize(mail.email_from)
        gateway = server.gateway(email["headers"], email["email_to_normalized"])
        message = gateway._build_email__(
            email_from=senders[0] if senders else mail.email_from,
            email_to=email["email_to"],
            subject=email["subject"],
            body=email["body"],
            body_alternative=email["body_alternative"],
            email_cc=email["email_cc"],
            reply_to=email["reply_to"],
            attachments=email["attachments"],
            message_id=email["message_id"],
            references=email["references"],
            object_id=email["object_id"],
            subtype="html",
            subtype_alternative="plain",
            headers=email["headers"],
        )
        return message, gateway


class _Server:
    """One mail server as one sender reaches it, with its open connection."""

    def __init__(self, env, server_id, domain_id, sender, timeout):
        self.env = env
        self.record = env["ir.mail_server"].browse(server_id)
        self._domain = env["mail.alias.domain"].sudo().browse(domain_id)
        self._sender = sender
        self._timeout = timeout
        self._session = None
        self._is_open = False
        self._broken = 0
        self.down = None

    def gateway(self, headers, recipients):
        """Give core's model with the context that its own queue gives it."""
        context = {"send_validated_to": recipients}
        if self._domain:
            bounce = headers.get("Return-Path") or self._domain.bounce_email
            context["domain_notifications_email"] = self._domain.default_from_email
            context["domain_bounce_address"] = bounce
        return self.env["ir.mail_server"].with_context(**context)

    def pack(self, message, gateway):
        """Address a message as core does, for the connection it leaves by.

        :return: what ``send`` takes; None where there is no connection
        """
        if not self._is_open and self._connect():
            return None
        sender, recipients, message = gateway._prepare_email_message__(
            message, self._session
        )
        return message, sender, recipients

    def send(self, envelope):
        """Hand one message over, on the open connection or a new one.

        :param envelope: see ``pack``
        """
        verdict = self._connect()
        if verdict:
            return verdict
        return self._dialogue(*envelope)

    def close(self):
        """End the connection politely, if there is one."""
        session, self._session, self._is_open = self._session, None, False
        if session is None:
            return
        try:
            session.quit()
        except (smtplib.SMTPException, OSError) as error:
            _logger.info("The mail server did not say good-bye: %s", error)

    def _connect(self):
        """Open a connection unless a living one is there.

        :return: the verdict when there is none to be had
        """
        if self.down:
            return self.down
        if self._is_open and _is_alive(self._session):
            return None
        self.close()
        try:
            self._session = self.env["ir.mail_server"]._connect__(
                mail_server_id=self.record.id or None, smtp_from=self._sender
            )
        except Exception as error:  # noqa: BLE001 whatever keeps us from connecting
            self.down = judge(CONNECTION, _code(error), _words(error))
            _logger.info("No connection to the mail server: %s", self.down.reason)
            return self.down
        finally:
            self.env.cr.commit()  # pylint: disable=invalid-commit
        self._is_open = True
        _watch(self._session, self._timeout)
        return None

    def _dialogue(self, message, sender, recipients):
        if self._session is None:
            # Core's test mode: it neither connects nor sends.
            return judge(CONTENT, 250)
        self._session.o2c_wants_text = False
        try:
            self._session.send_message(message, sender, recipients)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            return self._failure(error)
        self._broken = 0
        return judge(CONTENT, 250)

    def _failure(self, error):
        """Give the verdict on an error and decide what becomes of the server."""
        code = _code(error)
        stage = CONTENT if self._session.o2c_wants_text else COMMAND
        if isinstance(error, smtplib.SMTPSenderRefused):
            # Our own address displeases: no fault of the customer's.
            stage = CONNECTION
        if stage == COMMAND and isinstance(error, UNSENDABLE):
            code = CODE_UNSENDABLE
        verdict = judge(stage, code, _words(error))
        _logger.info("The mail server ended with %s: %s", code or stage, verdict.reason)
        if code <= 0 or code == REPLY_CLOSING:
            self._break(error, verdict)
        elif stage == CONNECTION:
            self.down = verdict
        return verdict

    def _break(self, error, verdict):
        """Drop a connection that broke, and the server if that goes on."""
        self._broken += 1
        self.close()
        if _is_timeout(error) or self._broken >= BROKEN_MAX:
            self.down = Verdict(TEMPORARY, CONNECTION, 0, verdict.reason)


def _watch(session, timeout):
    """Make a connection remember if it was asked for the text, and not wait long.

    smtplib does not tell at which command a connection broke; the reply 354 is
    the server's word that it now wants the text.
    """
    if session is None:
        return
    session.o2c_wants_text = False
    if getattr(session, "sock", None):
        session.sock.settimeout(timeout)
    original = getattr(session, "getreply", None)
    if not original:
        return

    def getreply():
        code, text = original()
        if code == REPLY_SEND_TEXT:
            session.o2c_wants_text = True
        return code, text

    session.getreply = getreply


def _is_alive(session):
    """Ask a connection that was idle whether it is still there."""
    if session is None or not hasattr(session, "noop"):
        return True
    try:
        code, _text = session.noop()
    except (smtplib.SMTPException, OSError):
        return False
    return 200 <= code < 300


def _is_timeout(error):
    """Smtplib hides a timeout behind its own exception."""
    return isinstance(error, TimeoutError) or isinstance(
        error.__context__, TimeoutError
    )


def _code(error):
    """Give the server's reply code in an exception, 0 if there is none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, _text = next(iter(error.recipients.values()))
        return code
    if type(error) is smtplib.SMTPResponseException:
        # smtplib's own invention for a reply that is too long to be one.
        return 0
    return getattr(error, "smtp_code", 0)


def _words(error):
    """Give an exception's message as a person can read it."""
    text = None
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        _reply, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
    if text is None:
        return exception_to_unicode(error)
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)
