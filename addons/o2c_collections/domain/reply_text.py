"""What a customer himself wrote: his mail without what he quotes and signs with."""

import re

from lxml import etree, html

#: Longest text that is read; what comes after is quoted history, or hostile.
TEXT_MAX = 50_000

QUOTE = re.compile(r"^\s*(?:[>|\u00a6]|&gt;)")
#: Lines after which everything is quoted.
HEADS = re.compile(
    r"^\s*(?:"
    r"-{2,}\s*(?:original message|forwarded message|urspr\u00fcngliche nachricht"
    r"|weitergeleitete nachricht|original-nachricht)\b.*"
    r"|_{10,}\s*"
    r"|(?:on|am|le|el)\s.{5,200}(?:wrote|schrieb|\u00e9crit|escribi\u00f3).{0,120}:\s*"
    r"|.{3,120}(?:hat am|schrieb am|wrote on)\s.{5,80}:\s*"
    r"|begin forwarded message:.*|anfang der weitergeleiteten nachricht:.*"
    r")$",
    re.IGNORECASE,
)
#: Mail headers as Outlook puts them above what is quoted: two of them in a row.
HEADER = re.compile(
    r"^\s*\*?(?:from|von|sent|gesendet|date|datum|to|an|subject|betreff)\s?:\*?\s?\S",
    re.IGNORECASE,
)
FIRST_HEADER = re.compile(r"^\s*\*?(?:from|von)\s?:", re.IGNORECASE)
SIGNATURE = re.compile(r"^--\s?$")


def own_words(text):
    """Cut off what is quoted, and the signature.

    :param str text: a mail as plain text
    :return: the customer's own words

    >>> print(own_words("We pay on Friday.\\n\\n> Please pay\\n> INV/1\\n"))
    We pay on Friday.
    >>> print(own_words("Paid.\\n\\nOn Mon, 2 Mar 2026, Clara wrote:\\nplease pay"))
    Paid.
    >>> print(own_words("Bezahlt.\\nAm 02.03.2026 um 10:00 schrieb Clara:\\nbitte"))
    Bezahlt.
    >>> print(own_words("Ok\\n--Urspr\u00fcngliche Nachricht--\\nVon: Clara\\nfalsch"))
    Ok
    >>> print(own_words("Ok\\nVon: Clara <c@x>\\nGesendet: Montag\\nAn: uns\\nfalsch"))
    Ok
    >>> print(own_words("Thanks\\n-- \\nPaid Media Ltd"))
    Thanks

    A quoting line may be wrapped, and answers may stand below what they answer:

    >>> print(own_words("Ok\\nOn Mon, 2 Mar 2026 at 10:00, Clara Collector\\n"
    ...                 "<clara@kessler.example> wrote:\\n> pay"))
    Ok
    >>> print(own_words("> When do you pay?\\nOn Friday."))
    On Friday.
    >>> print(own_words("From: the shop floor we hear it is broken"))
    From: the shop floor we hear it is broken
    >>> own_words("")
    ''
    """
    lines = re.split(r"\r\n|\r|\n", (text or "")[:TEXT_MAX])
    kept = []
    for place, line in enumerate(lines):
        following = lines[place + 1] if place + 1 < len(lines) else ""
        if _ends_here(line, following):
            break
        if not QUOTE.match(line):
            kept.append(line.rstrip())
    return "\n".join(kept).strip()


def _ends_here(line, following):
    if SIGNATURE.match(line) or HEADS.match(line):
        return True
    if FIRST_HEADER.match(line) and HEADER.match(following):
        return True
    starts = re.match(r"\s*(?:on|am)\s", line, re.IGNORECASE)
    return bool(starts and HEADS.match(f"{line.rstrip()} {following.strip()}"))


def sentences(text):
    """Split own words into sentences; dates and numbers stay whole.

    >>> sentences("Hello,\\nwe paid on 12. Juni. The rest\\nfollows on 20.06.2026! Bye")
    ['Hello, we paid on 12. Juni.', 'The rest follows on 20.06.2026!', 'Bye']
    >>> sentences("First\\n\\nSecond")
    ['First', 'Second']
    """
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        line = re.sub(r"\s+", " ", paragraph).strip()
        found += re.split(r"(?:(?<=[!?])|(?<=[^\d\s]\.)|(?<=\d{4}\.))\s+", line)
    return [sentence for sentence in found if sentence]


#: Elements that begin a line of their own, and those that show nothing.
LINES = frozenset(
    [
        "p",
        "div",
        "br",
        "tr",
        "li",
        "ul",
        "ol",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "pre",
    ]
)
HIDDEN = frozenset(["script", "style", "head", "title", "noscript", "template"])


def html_text(body):
    """An HTML mail as text: what stands in quotes gets the sign of quotes.

    >>> print(html_text("<div>Hello,</div><div>we <b>pay</b><br>on Friday</div>"))
    Hello,
    we pay
    on Friday
    >>> print(html_text("<p>Ok</p><blockquote><p>Please pay</p></blockquote>Bye"))
    Ok
    > Please pay
    Bye
    >>> html_text("<script>x</script><!-- y --><p onclick=z>4111<b>1111</b></p>")
    '41111111'
    >>> html_text(""), html_text("<!-- nothing -->")
    ('', '')
    """
    if not (body or "").strip():
        return ""
    try:
        root = html.fragment_fromstring(body, create_parent="div")
    except (etree.LxmlError, ValueError):
        return re.sub(r"<[^>]*>", " ", body)
    writer = _Lines()
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if event == "start":
            writer.begin(node)
            if node.tag in HIDDEN:
                walk.skip_subtree()
            continue
        if event == "end":
            writer.end(node)
        writer.add(node.tail)
    return "\n".join(line.rstrip() for line in writer.lines).strip()


class _Lines:
    """Collects lines of text while walking through the elements."""

    def __init__(self):
        self.lines = [""]
        self._depth = 0

    def begin(self, node):
        self._break(node)
        self._depth += node.tag == "blockquote"
        if node.tag not in HIDDEN:
            self.add(node.text)

    def end(self, node):
        self._depth -= node.tag == "blockquote"
        self._break(node)

    def add(self, text):
        words = re.sub(r"\s+", " ", text or "")
        if not self.lines[-1]:
            words = words.lstrip()
            words = f"> {words}" if words and self._depth else words
        self.lines[-1] += words

    def _break(self, node):
        if self.lines[-1] and (node.tag in LINES or node.tag == "blockquote"):
            self.lines.append("")
