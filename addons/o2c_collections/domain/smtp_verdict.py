"""What an SMTP dialogue's end means for the message.

The dialogue has three stages. At ``connection`` (TCP, TLS, greeting, login)
nothing about the message was said: whatever goes wrong is the server's matter
and is tried again. At ``command`` (MAIL, RCPT and the word DATA) the message has
not been handed over: the code decides, and silence means "try again". At
``content`` the text is on its way, and silence means that nobody knows.
"""

import re
from dataclasses import dataclass

CONNECTION = "connection"
COMMAND = "command"
CONTENT = "content"
STAGES = (CONNECTION, COMMAND, CONTENT)

SENT = "sent"
TEMPORARY = "temporary"
PERMANENT = "permanent"
UNKNOWN = "unknown"

#: The server wants a login that our configuration does not give: the customer's
#: address is not to blame, so his next channel is not the answer.
AUTHENTICATION_CODES = frozenset({530, 534, 535, 538})

#: An enhanced status code (RFC 3463) in a server's words; no IP address.
ENHANCED_CODE = re.compile(r"(?<![\w.])([245])\.(\d{1,3})\.(\d{1,3})(?!\d|\.\d)")
#: Subject 7 is security and policy: the server refuses us, not the recipient.
SUBJECT_POLICY = "7"
MAILBOX_FULL = ("2", "2")


@dataclass(frozen=True)
class Verdict:
    """The end of one attempt: outcome, stage, code (0: none) and the words."""

    outcome: str
    stage: str
    code: int = 0
    reason: str = ""

    @property
    def failure_code(self):
        """What is kept as a short code: the server's, else the stage.

        >>> Verdict(PERMANENT, COMMAND, 550).failure_code
        '550'
        >>> Verdict(TEMPORARY, CONNECTION).failure_code
        'connection'
        """
        return str(self.code) if self.code > 0 else self.stage


def judge(stage, code=0, reason=""):
    """Give the verdict on a dialogue that ended at ``stage`` with ``code``.

    :param str stage: one of :data:`STAGES`
    :param int code: the last reply, 0 or -1 when there was none
    :param str reason: the server's or the network's words

    >>> judge(CONTENT, 250).outcome
    'sent'
    >>> [judge(COMMAND, code).outcome for code in (421, 450, 451, 452)]
    ['temporary', 'temporary', 'temporary', 'temporary']
    >>> [judge(COMMAND, code).outcome for code in (550, 553, 554)]
    ['permanent', 'permanent', 'permanent']
    >>> judge(CONTENT, 451).outcome, judge(CONTENT, 554).outcome
    ('temporary', 'permanent')

    Silence counts by stage, and so does an answer that is none:

    >>> [judge(stage).outcome for stage in STAGES]
    ['temporary', 'temporary', 'unknown']
    >>> [judge(stage, -1).outcome for stage in STAGES]
    ['temporary', 'temporary', 'unknown']
    >>> judge(CONTENT, 354).outcome
    'unknown'

    A refused login or greeting says nothing about the customer's address:

    >>> judge(CONNECTION, 535).outcome, judge(CONNECTION, 554).outcome
    ('temporary', 'temporary')
    >>> judge(COMMAND, 530).outcome
    'temporary'

    Neither does a policy against us, nor a mailbox that is full today:

    >>> judge(COMMAND, 550, "5.7.1 Your server is on a blacklist").outcome
    'temporary'
    >>> judge(CONTENT, 552, "5.2.2 Mailbox full").outcome
    'temporary'
    >>> judge(COMMAND, 550, "5.1.1 User unknown").outcome
    'permanent'
    """
    if stage not in STAGES:
        raise ValueError(f"unknown stage: {stage}")
    outcome = _outcome(stage, code)
    if outcome == PERMANENT and not blames_address(reason):
        outcome = TEMPORARY
    return Verdict(outcome, stage, code, reason)


def blames_address(words):
    """Say whether a failure is the address's fault, by its enhanced code.

    Without such a code it is.

    :param str words: a status, or a text with one

    >>> [blames_address(w) for w in ("5.1.1", "550 5.1.1 no such user", "bounce", "")]
    [True, True, True, True]
    >>> [blames_address(w) for w in ("4.4.7", "5.2.2", "550 (#5.7.1) relaying denied")]
    [False, False, False]
    >>> blames_address("Host 5.7.1.22 said: no such user")
    True
    """
    match = ENHANCED_CODE.search(words or "")
    if not match:
        return True
    kind, subject, detail = match.groups()
    if kind != "5" or subject == SUBJECT_POLICY:
        return False
    return (subject, detail) != MAILBOX_FULL


def _outcome(stage, code):
    if stage == CONNECTION:
        return TEMPORARY
    if stage == CONTENT and 200 <= code < 300:
        return SENT
    if 400 <= code < 500 or code in AUTHENTICATION_CODES:
        return TEMPORARY
    if 500 <= code < 600:
        return PERMANENT
    return UNKNOWN if stage == CONTENT else TEMPORARY
