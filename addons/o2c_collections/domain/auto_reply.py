"""Telling a machine's answer from a person's.

An absence note must neither pause the chase nor call anybody: nobody has read the
reminder yet. RFC 3834 has a header for it; what does not use it is known by older
headers and by how such subjects begin.
"""

import re

#: The value of Precedence that no person's mail has; mailing lists, by which an
#: address may be read by several people, set "list" or "bulk" for everybody's.
MACHINE_PRECEDENCE = {"auto_reply"}
#: Headers that only automatic answers carry, whatever their value.
MACHINE_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponse", "X-Auto-Reply")
#: How subjects of automatic answers begin; a person who answers one has "Re:" there.
SUBJECT = re.compile(
    r"\s*(?:\[?\(?)"
    r"(?:automatic reply|auto(?:matic)?[ -]?(?:response|reply)|autoreply"
    r"|out[ -]of[ -](?:the[ -])?office|ooo\b|away from (?:the |my )?(?:office|desk)"
    r"|(?:i am |i'm )?(?:on (?:vacation|holiday|leave)|currently away)"
    r"|automatische (?:antwort|abwesenheit\w*|r\u00fcckmeldung)"
    r"|abwesenheits(?:notiz|nachricht|meldung|benachrichtigung|assistent)"
    r"|abwesend\b|au\u00dfer haus|nicht im (?:b\u00fcro|hause?)|ich bin abwesend"
    r"|abwesenheit\b)",
    re.IGNORECASE,
)
#: The same, in brackets at the end of an answer's subject.
BRACKETS = re.compile(
    r"[\[(](?:out of office|auto-?reply|automatic reply|abwesend|abwesenheit"
    r"|abwesenheitsnotiz|automatische antwort)[\])]\s*$",
    re.IGNORECASE,
)


def is_auto_reply(headers, subject=""):
    """Say whether a machine wrote this.

    :param headers: anything with ``get(name)``, such as an e-mail message
    :param str subject: decoded subject

    >>> is_auto_reply({"Auto-Submitted": "auto-replied"})
    True
    >>> is_auto_reply({"Auto-Submitted": "no"}), is_auto_reply({})
    (False, False)
    >>> is_auto_reply({"Auto-Submitted": "auto-generated (out of office)"})
    True
    >>> is_auto_reply({"Precedence": "auto_reply"}), is_auto_reply({"X-Autoreply": "1"})
    (True, True)
    >>> is_auto_reply({"Precedence": "normal"}), is_auto_reply({"Precedence": "list"})
    (False, False)

    Without headers the subject tells:

    >>> notes = ("Automatic reply: Payment reminder", "Out of Office Re: Reminder",
    ...          "Abwesenheitsnotiz: Zahlungserinnerung", "Automatische Antwort: X",
    ...          "Re: Payment reminder (out of office)", "Au\u00dfer Haus bis 3. Mai")
    >>> [is_auto_reply({}, note) for note in notes]
    [True, True, True, True, True, True]
    >>> letters = ("Re: Payment reminder", "AW: Abwesenheitsnotiz", "Officewear order",
    ...            "Re: Automatic reply: your question", "Abwesenheiten in Rechnung 7")
    >>> [is_auto_reply({}, letter) for letter in letters]
    [False, False, False, False, False]
    """

    def word(name):
        return re.split(r"[;\s(]", str(headers.get(name) or "").strip().lower())[0]

    if word("Auto-Submitted") not in ("", "no"):
        return True
    if word("Precedence") in MACHINE_PRECEDENCE:
        return True
    if any(headers.get(name) for name in MACHINE_HEADERS):
        return True
    return bool(SUBJECT.match(subject or "") or BRACKETS.search(subject or ""))
