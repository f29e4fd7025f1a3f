"""The plain text of a letter that was written in HTML.

Letters are short: paragraphs, line breaks, lists, links, and a table of items
whose text is given ready-made. What readers of plain text get is written for
them; it is not what remains when tags are removed.
"""

import re

from lxml import etree, html

BLOCKS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "ul", "ol", "table", "tr"})
SILENT = frozenset({"script", "style", "head", "title"})


def letter_text(body, replacements=None):
    """Turn a letter's HTML into text.

    :param str body: HTML of the letter
    :param dict replacements: {class name: text} of elements that have a text of
        their own, such as the table of items
    :return: text with one empty line between paragraphs

    >>> print(letter_text('<p>Hello <b>Ann</b>,<br/>good day.</p><p>Bye</p>'))
    Hello Ann,
    good day.
    <BLANKLINE>
    Bye
    >>> print(letter_text('<p>See <a href="https://x.example/r/1">your page</a>.</p>'))
    See your page (https://x.example/r/1).
    >>> print(letter_text('<ul><li>one</li><li>two</li></ul>'))
    - one
    - two
    >>> table = '<div class="o2c_items"><table><tr><td>x</td></tr></table></div>'
    >>> print(letter_text(f"<p>Open:</p>{table}", {"o2c_items": "INV/1   9.00"}))
    Open:
    <BLANKLINE>
    INV/1   9.00

    Data that looks like markup was escaped before and stays as it was:

    >>> print(letter_text('<p>&lt;b&gt;Bold &amp; Sons&lt;/b&gt; {{ 7*7 }}</p>'))
    <b>Bold & Sons</b> {{ 7*7 }}
    """
    if not (body or "").strip():
        return ""
    root = html.fragment_fromstring(body, create_parent="div")
    writer = _Writer(replacements or {})
    writer.element(root)
    return writer.text()


class _Writer:
    """Collects paragraphs while walking through the elements."""

    def __init__(self, replacements):
        self._replacements = replacements
        self._paragraphs = []
        self._line = ""

    def element(self, node):
        if not isinstance(node.tag, str) or node.tag in SILENT:
            return
        ready = self._ready_text(node)
        if ready is not None:
            self._break()
            self._paragraphs.append(ready.strip("\n"))
            return
        if node.tag in BLOCKS:
            self._break()
        self._inside(node)
        if node.tag in BLOCKS:
            self._break()

    def text(self):
        self._break()
        text = "\n\n".join(self._paragraphs).strip("\n")
        return re.sub(r"(?m)^(- .*)\n\n(?=- )", r"\1\n", text)

    def _inside(self, node):
        if node.tag == "br":
            self._line += "\n"
        if node.tag == "li":
            self._break()
            self._line = "- "
        self._words(node.text)
        for child in node:
            self.element(child)
            self._words(child.tail)
        target = (node.get("href") or "").strip()
        if node.tag == "a" and target and target not in self._line:
            self._line += f" ({target})"
        if node.tag == "li":
            self._break()

    def _ready_text(self, node):
        for name in (node.get("class") or "").split():
            if name in self._replacements:
                return self._replacements[name]
        return None

    def _words(self, text):
        words = re.sub(r"[ \t\r\n]+", " ", text or "")
        if not self._line or self._line.endswith(("\n", " ")):
            words = words.lstrip(" ")
        self._line += words

    def _break(self):
        lines = [line.rstrip(" ") for line in self._line.split("\n")]
        paragraph = "\n".join(lines).strip("\n")
        if paragraph:
            self._paragraphs.append(paragraph)
        self._line = ""


def is_letter(body):
    """Say whether anything can be read in the HTML.

    >>> is_letter("<p><br/></p>"), is_letter("<p>Hello</p>")
    (False, True)
    """
    try:
        return bool(letter_text(body))
    except (etree.ParserError, ValueError):
        return False
