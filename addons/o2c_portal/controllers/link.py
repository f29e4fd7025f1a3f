import logging
import re

from odoo.http import Controller, request, route

from .headers import careful
from .scope import SESSION_KEY

#: Within ten minutes, from one address and with one token.
ADDRESS_MOST, TOKEN_MOST, MINUTES = 30, 20, 10
TOKEN = re.compile(r"(/o2c/r/)[^\s?\"']+")


class MaskTokens(logging.Filter):
    """Takes the tokens of customers' links out of the access log."""

    def filter(self, record):
        if "/o2c/r/" in str(record.msg) or "/o2c/r/" in str(record.args):
            record.msg = TOKEN.sub(r"\1***", record.getMessage())
            record.args = ()
        return True


for _name in ("werkzeug", "odoo.http"):
    logging.getLogger(_name).addFilter(MaskTokens())


class PortalLink(Controller):
    """The link in a message. Scanners open links: only its button does something."""

    @route(
        "/o2c/r/<string:token>",
        type="http",
        auth="public",
        website=True,
        multilang=False,
        sitemap=False,
        methods=["GET"],
    )
    def link_page(self, token, **_unused):
        """The same page for every token, valid or not; nothing is looked up."""
        return self._neutral("o2c_portal.link_page", token=token)

    @route(
        "/o2c/r/<string:token>",
        type="http",
        auth="public",
        website=True,
        multilang=False,
        sitemap=False,
        methods=["POST"],
    )
    def link_open(self, token, **_unused):
        """Exchange the token for a session that is bound to one account."""
        # sudo: attempts are counted for everybody
        attempts = request.env["o2c.portal.attempt"].sudo()
        address = request.httprequest.remote_addr
        within = attempts._allows("link", address, ADDRESS_MOST, MINUTES)
        within &= attempts._allows("token", token, TOKEN_MOST, MINUTES)
        if not within:
            return self._neutral("o2c_portal.link_too_often", status=429)
        link = request.env["o2c.portal.link"]._find(token)
        if not link:
            return self._neutral("o2c_portal.link_gone", status=404)
        if request.env.user._is_public():
            link._note_opened()
            request.session[SESSION_KEY] = link.id
            request.session.should_rotate = True
        return request.redirect("/my/receivables", code=303)

    def _neutral(self, template, status=200, **values):
        response = careful(request.render(template, values), "no-referrer")
        response.status_code = status
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response
