"""A mail that was accepted is on the disk, and its page runs nothing of it."""

import http.client
import smtplib
import subprocess
import sys
import time
from email.message import EmailMessage

import pytest

from dev import mail_page
from dev.paths import ROOT
from dev.ports import HOST, free_port

START_SECONDS = 20


class Sink:
    """A running sink on free ports."""

    def __init__(self, folder):
        self.folder = folder
        self.smtp_port, self.web_port = free_port(), free_port()
        options = ["--folder", str(folder), "--smtp-port", str(self.smtp_port)]
        options += ["--web-port", str(self.web_port)]
        command = [sys.executable, "-m", "dev.smtp_sink", *options]
        self.process = subprocess.Popen(command, cwd=ROOT)

    def wait(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                return self.get("/")
            except ConnectionRefusedError:
                time.sleep(0.1)
        raise AssertionError("the sink does not answer")

    def get(self, path, host=f"{HOST}"):
        connection = http.client.HTTPConnection(HOST, self.web_port, timeout=10)
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()

    def send(self, message):
        with smtplib.SMTP(HOST, self.smtp_port, timeout=10) as client:
            client.send_message(message)


@pytest.fixture
def sink(tmp_path):
    sink = Sink(tmp_path)
    try:
        sink.wait()
        yield sink
    finally:
        sink.process.terminate()
        sink.process.wait(START_SECONDS)


def reminder():
    message = EmailMessage()
    message["From"], message["To"] = "us@example.com", "them@example.com"
    message["Subject"] = "Overdue: <b>Müller</b>"
    message.set_content("Please pay.")
    message.add_alternative("<p>Pay</p><script>alert(1)</script>", subtype="html")
    return message


def test_an_accepted_mail_is_on_the_disk_with_its_envelope(sink):
    sink.send(reminder())
    (path,) = sink.folder.glob("*.eml")
    stored = mail_page.load(path)
    assert stored["X-Envelope-To"] == "them@example.com"
    assert stored["Subject"] == "Overdue: <b>Müller</b>"
    assert mail_page.body(stored, "plain").strip() == "Please pay."


def test_the_pages_show_a_mail_and_run_nothing_of_it(sink):
    sink.send(reminder())
    (path,) = sink.folder.glob("*.eml")
    status, _headers, listing = sink.get("/")
    assert (status, f'href="/{path.name}"' in listing) == (200, True)
    assert "Overdue: &lt;b&gt;Müller&lt;/b&gt;" in listing
    status, headers, _html = sink.get(f"/{path.name}/html")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    status, headers, _source = sink.get(f"/{path.name}/source")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"


def test_only_mails_are_served_and_only_to_this_machine(sink):
    assert sink.get("/..%2f..%2fetc%2fpasswd")[0] == 404
    assert sink.get("/../../../etc/passwd")[0] == 404
    assert sink.get("/", host="rebound.example")[0] == 403
