"""Drives Chromium over its own protocol: real keys, real clicks, counted."""

import json
import time
from contextlib import contextmanager

from odoo.tests.common import ChromeBrowser

from odoo.addons.o2c_portal.tests.portal_common import PortalHttpCommon

#: Code, Windows key code and text of the keys that are pressed.
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), " ": (32, " "), "ArrowDown": (40, "")}
WAIT_SECONDS = 20
LOADED = "document.readyState === 'complete'"


class Browser:
    """One session of Chromium: what a customer does, and what he sees."""

    def __init__(self, chrome, base_url):
        self._chrome, self._base_url = chrome, base_url
        self.clicks = self.keys = 0

    def _ask(self, method, **params):
        return self._chrome._websocket_request(method, params=params, timeout=60.0)

    def run(self, script):
        """The value of a JavaScript expression, awaited."""
        answer = self._ask(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def open(self, path):
        """Go to an address, as by typing it."""
        self._chrome.navigate_to(self._base_url + path, wait_stop=True)
        self.wait(LOADED)

    def resize(self, width, height=900):
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def wait(self, condition, what=None):
        """Until an expression is true; the clock of the tests is frozen."""
        for _turn in range(WAIT_SECONDS * 10):
            try:
                if self.run(condition):
                    return
            except AssertionError:  # between two pages
                pass
            self._pause()
        page = self.run("location.href + ' ' + document.body.innerText.slice(0, 900)")
        raise AssertionError(f"{what or condition}: not so on {page}")

    def _pause(self):
        time.sleep(0.1)

    @property
    def path(self):
        return self.run("location.pathname")

    def words(self):
        return self.run("document.querySelector('.o_o2c_portal').innerText")

    # ------------------------------------------------------------------
    # Doing
    # ------------------------------------------------------------------

    def click(self, selector, leads_on=False):
        """Click in the middle of the first element that a selector names.

        :param bool leads_on: whether another page comes by it
        """
        find = f"document.querySelector({json.dumps(selector)})"
        self.wait(f"!!{find}", selector)
        box = self.run(
            f"(() => {{const e = {find}; e.scrollIntoView({{block: 'center'}});"
            "const b = e.getBoundingClientRect();"
            "return [b.x + b.width / 2, b.y + b.height / 2]})()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._mark_page(leads_on and kind == "mouseReleased")
            self._ask(
                "Input.dispatchMouseEvent",
                type=kind,
                x=box[0],
                y=box[1],
                button="left",
                clickCount=1,
            )
        self.clicks += 1
        self._wait_for_next_page(leads_on)

    def press(self, key, leads_on=False):
        """Press a key."""
        code, text = KEYS[key]
        named = {"key": key, "windowsVirtualKeyCode": code}
        named["code"] = "Space" if key == " " else key
        self._mark_page(leads_on)
        self._ask("Input.dispatchKeyEvent", type="keyDown", text=text, **named)
        self._ask("Input.dispatchKeyEvent", type="keyUp", **named)
        self.keys += 1
        self._wait_for_next_page(leads_on)

    def tab_to(self, selector, most=60):
        """Press Tab until what a selector names has the focus, and shows it."""
        matches = f"document.activeElement.matches({json.dumps(selector)})"
        for _turn in range(most):
            self.press("Tab")
            assert self.run(FOCUS_IS_SEEN), self.run(FOCUSED)
            if self.run(matches):
                return
        raise AssertionError(f"{most} times Tab do not lead to {selector}")

    def _mark_page(self, leads_on):
        if leads_on:
            self.run("window.o2cBefore = true")

    def _wait_for_next_page(self, leads_on):
        if leads_on:
            self.wait(f"!window.o2cBefore && {LOADED}", "another page")


FOCUSED = "document.activeElement.outerHTML.slice(0, 200)"
#: Focused, within the window, and drawn otherwise than without the focus.
FOCUS_IS_SEEN = """(() => {
    const e = document.activeElement, b = e.getBoundingClientRect();
    const s = getComputedStyle(e);
    const drawn = s.outlineStyle !== 'none' || s.boxShadow !== 'none';
    return e === document.body || (drawn && b.bottom > 0 && b.top < innerHeight);
})()"""


class BrowserCommon(PortalHttpCommon):
    """A test that opens the browser once."""

    @contextmanager
    def browser(self, login=None):
        """A browser, logged in or not."""
        self.env.flush_all()
        chrome = ChromeBrowser(self)
        try:
            with self.allow_requests(browser=chrome):
                self.authenticate(login, login, browser=chrome)
                try:
                    yield Browser(chrome, self.base_url())
                finally:
                    chrome.navigate_to("about:blank")
                    self._wait_remaining_requests()
        finally:
            chrome.stop()

    def link(self, partner=None):
        """The address of a link to an account."""
        [token] = self.env["o2c.portal.link"]._issue(
            [
                {
                    "debtor_id": self.account(partner).id,
                    "partner_id": (partner or self.customer).id,
                    "purpose": "shared",
                }
            ]
        )
        self.env.flush_all()
        return f"/o2c/r/{token}"
