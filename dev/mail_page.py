"""A read-only web page on a folder of mails."""

import email
import email.policy
import re
from email.message import EmailMessage
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'"
# A mail runs no script and loads nothing; its links open outside the frame.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    f"base-uri 'none'; form-action 'none'; sandbox {SANDBOX}"
)
LOCAL_NAMES = ("127.0.0.1", "localhost")
MAIL_NAME = re.compile(r"[0-9A-Za-z-]+\.eml")
STYLE = """
body { font: 15px/1.5 sans-serif; margin: 2rem auto; max-width: 60rem; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ccc; }
pre { white-space: pre-wrap; background: #f6f6f6; padding: 1rem; }
iframe { width: 100%; height: 32rem; border: 1px solid #ccc; }
"""


def make_handler(folder: Path) -> type[BaseHTTPRequestHandler]:
    """Return a request handler that shows the mails of a folder."""

    class Handler(MailHandler):
        mail_folder = folder

    return Handler


def load(path: Path) -> EmailMessage:
    """Read one stored mail."""
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def body(message: EmailMessage, kind: str) -> str:
    """Return the mail's text of one kind ("plain" or "html"), or nothing."""
    part = message.get_body(preferencelist=(kind,))
    try:
        return part.get_content() if part else ""
    except (LookupError, ValueError):
        return part.get_payload(decode=True).decode("utf-8", "replace")


class MailHandler(BaseHTTPRequestHandler):
    """Answers GET requests for the list, a mail, and a mail's HTML and source."""

    mail_folder: Path

    def do_GET(self) -> None:
        """Route a request."""
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        if host not in LOCAL_NAMES:
            self._answer("Wrong host", HTTPStatus.FORBIDDEN)
            return
        name, _, view = urlsplit(self.path).path.strip("/").partition("/")
        path = self.mail_folder / name
        if not name:
            self._answer(self._list())
        elif not MAIL_NAME.fullmatch(name) or not path.is_file():
            self._answer("There is no such mail", HTTPStatus.NOT_FOUND)
        elif view == "html":
            frame = f'<base target="_blank">{body(load(path), "html")}'
            self._answer(frame, policy=MAIL_POLICY)
        elif view == "source":
            self._answer(path.read_text(errors="replace"), kind="text/plain")
        else:
            self._answer(self._mail(path))

    def _answer(
        self,
        text: str,
        status: HTTPStatus = HTTPStatus.OK,
        kind: str = "text/html",
        policy: str = PAGE_POLICY,
    ) -> None:
        content = text.encode("utf-8", "replace")
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def _list(self) -> str:
        paths = sorted(self.mail_folder.glob("*.eml"), reverse=True)
        rows = "".join(self._row(path) for path in paths)
        head = "<tr><th>Date</th><th>From</th><th>To</th><th>Subject</th></tr>"
        table = f"<table>{head}{rows}</table>" if rows else "<p>No mail yet.</p>"
        return _page(f"Mails ({len(paths)})", table)

    def _row(self, path: Path) -> str:
        message = load(path)
        cells = [_header(message, name) for name in ("Date", "From", "To")]
        subject = _header(message, "Subject") or "(no subject)"
        cells.append(f'<a href="/{path.name}">{subject}</a>')
        return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"

    def _mail(self, path: Path) -> str:
        message = load(path)
        names = ("Date", "From", "To", "Cc", "Reply-To", "X-Envelope-To")
        head = "".join(
            f"<tr><th>{name}</th><td>{_header(message, name)}</td></tr>"
            for name in names
            if message[name]
        )
        files = [part.get_filename() or "?" for part in message.iter_attachments()]
        return _page(
            _header(message, "Subject"),
            f'<p><a href="/">All mails</a> <a href="/{path.name}/source">Source</a></p>'
            f"<table>{head}</table>"
            f"<p>Attachments: {escape(', '.join(files)) or 'none'}</p>"
            f'<h2>HTML</h2><iframe title="HTML" sandbox="{SANDBOX}" '
            f'src="/{path.name}/html"></iframe>'
            f"<h2>Plain text</h2><pre>{escape(body(message, 'plain'))}</pre>",
        )

    def log_message(self, *_arguments) -> None:
        """Keep quiet: requests are of no interest."""


def _header(message: EmailMessage, name: str) -> str:
    return escape(", ".join(str(value) for value in message.get_all(name, [])))


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{content}</html>"
    )
