"""Hands text messages to Odoo's service and says how each attempt ended.

Which provider it is, and how it is talked to, is core's (module ``sms``); what this
module adds is to tell apart what certainly did not leave from what may have left.
"""

import logging

import requests
import urllib3

from odoo.exceptions import AccessError
from odoo.tools import exception_to_unicode

from ..domain.smtp_verdict import PERMANENT, SENT, TEMPORARY, UNKNOWN, Verdict

_logger = logging.getLogger(__name__)

#: The number is to blame: the next channel is the answer.
NUMBER_FAILURES = frozenset(
    {
        "sms_number_missing",
        "sms_number_format",
        "sms_country_not_supported",
        "sms_invalid_destination",
        "sms_not_allowed",
        "sms_rejected",
        "sms_blacklist",
        "sms_optout",
    }
)
#: The service refused before it took the text: the same one may be tried again.
REFUSALS = frozenset({"sms_acc", "sms_credit", "sms_registration_needed"})
LEFT = ("process", "pending", "sent")
#: Nothing was handed over when one of these is in the chain of errors.
NOT_CONNECTED = (
    requests.exceptions.ConnectTimeout,
    urllib3.exceptions.NewConnectionError,
    ConnectionRefusedError,
)


class Texter:
    """Carries the text messages of one batch, on a cursor of its own."""

    def __init__(self, env):
        self.env = env

    def deliver(self, text_id):
        """Try once to deliver one text message.

        :param int text_id: id of the sms.sms, committed by now
        :return: the :class:`~..domain.smtp_verdict.Verdict`
        """
        text = self.env["sms.sms"].browse(text_id)
        try:
            with self.env.cr.savepoint():
                verdict = self._send(text.with_company(text._get_sms_company()))
        except (AccessError, requests.exceptions.RequestException) as error:
            verdict = _failure(error)
        # What the service answered is kept; the transaction held nothing else.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        _logger.info("Text message %s: %s", text_id, verdict.outcome)
        return verdict

    def _send(self, text):
        text.with_context(o2c_handing_over=True)._send(raise_exception=True)
        if text.state in LEFT:
            return Verdict(SENT, text.state)
        failure = text.failure_type or "unknown"
        labels = dict(text._fields["failure_type"]._description_selection(self.env))
        return Verdict(_outcome(failure), failure, 0, labels.get(failure, failure))


def _outcome(failure):
    """What a failure type of core's means.

    A server's error may come after it took the text, and core reports time-outs of
    some providers as one: such a text is never sent again by itself.
    """
    if failure in NUMBER_FAILURES:
        return PERMANENT
    return TEMPORARY if failure in REFUSALS else UNKNOWN


def _failure(error):
    """Give the verdict on a conversation with the service that broke off."""
    words = exception_to_unicode(error)
    chain = list(_chain(error))
    is_talk = any(isinstance(e, requests.exceptions.RequestException) for e in chain)
    if is_talk and not any(isinstance(e, NOT_CONNECTED) for e in chain):
        return Verdict(UNKNOWN, "sms", 0, words)
    return Verdict(TEMPORARY, "sms", 0, words)


def _chain(error):
    """Give an error and all that led to it, also what libraries wrap as a reason."""
    seen = []
    waiting = [error]
    while waiting:
        current = waiting.pop()
        if not isinstance(current, BaseException) or current in seen:
            continue
        seen.append(current)
        waiting += [current.__cause__, current.__context__]
        waiting += [getattr(current, "reason", None), *current.args]
    return seen
