import secrets

from werkzeug.exceptions import TooManyRequests

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from .account_page import account_page
from .fields import ids_of
from .headers import careful
from .scope import SESSION_KEY, resolve

ITEMS_PER_PAGE = 80
#: Nobody chooses more at once.
CHOSEN_MAX = 500


class ReceivablesPortal(CustomerPortal):
    """What all pages of a customer's account share, and the first of them."""

    # ------------------------------------------------------------------
    # Shared
    # ------------------------------------------------------------------

    def _scope(self, account=None):
        """See ``resolve``."""
        return resolve(request, account)

    def _to_login(self):
        """To the login and back; who is logged in has no account."""
        if not request.env.user._is_public():
            return careful(request.render("o2c_portal.no_account", {}))
        back = {"redirect": "/my/receivables"}
        return careful(request.redirect_query("/web/login", back))

    def _page(self, template, scope, **values):
        """Render a page of this account, in the contact's language."""
        lang = scope.actor.lang
        if scope.kind == "link" and lang:
            request.update_context(lang=lang)
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "receivables",
            "scope": scope,
            "account": scope.account,
            "amount_text": lambda item: self._amount_text(
                self._proposed(item), item.currency_id
            ),
            "amount_text_of": self._amount_text,
            "chosen_account": scope.account.id if len(scope.accounts) > 1 else None,
            "today": scope.account.company_id._o2c_today(),
            **values,
        }
        leads_away = bool(values.get("providers_sudo"))
        return careful(request.render(template, values), leads_away=leads_away)

    def _amount_text(self, amount, currency):
        """An amount as it is typed, without the currency."""
        lang = request.env["res.lang"]._get_data(code=request.env.lang or "en_US")
        text = f"{amount:.{currency.decimal_places}f}"
        return text.replace(".", lang.decimal_point or ".")

    def _proposed(self, item):
        """What to pay of an item: what is neither disputed nor being paid already,
        less its early discount.
        """
        resting = item.amount_disputed + item.amount_in_transit
        if not resting:
            today = item.company_id._o2c_today()
            discount = item._early_discount(today)
            return item.currency_id.round(item.amount_residual_currency - discount)
        share = resting / item.amount_residual  # something rests: not zero
        return item.currency_id.round(item.amount_residual_currency * (1 - share))

    def _limit(self, what, scope, most, minutes=24 * 60):
        """Refuse what one account does too often.

        :raise TooManyRequests: beyond the bound
        """
        attempts = request.env["o2c.portal.attempt"].sudo()  # sudo: counted for all
        if not attempts._allows(what, scope.account.id, most, minutes):
            raise TooManyRequests(
                request.env._("That was too often. Try again later, or write to us.")
            )

    def _form_key(self):
        """Names a form, so that sending it twice does one thing."""
        return secrets.token_hex(16)

    def _chosen_lines(self):
        """Journal item ids of the boxes that were ticked."""
        values = request.httprequest.values.getlist("line")[:CHOSEN_MAX]
        return ids_of(values)

    def _url(self, scope, path="", **query):
        """Address of a page of this account."""
        query = query | self._account_query(scope)
        base = f"/my/receivables{path}"
        return f"{base}?{self._query(query)}" if query else base

    def _account_query(self, scope):
        """What of an address names the account, where there are several."""
        return {"account": scope.account.id} if len(scope.accounts) > 1 else {}

    def _query(self, query):
        return "&".join(f"{key}={value}" for key, value in query.items())

    @route(
        "/my/receivables/leave",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def receivables_leave(self, **_unused):
        """End the session of a link, on a computer that others use."""
        request.session.pop(SESSION_KEY, None)
        return request.redirect("/web/login", code=303)

    # ------------------------------------------------------------------
    # Overview
    # ------------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        """EXTENDS portal: the card on the customer's first page."""
        values = super()._prepare_home_portal_values(counters)
        if "receivables_count" in counters:
            scope = self._scope()
            values["receivables_count"] = (
                sum(row["items"] for row in scope.account._portal_totals())
                if scope
                else 0
            )
        return values

    @account_page("/my/receivables", "GET")
    def receivables(self, scope, page=1, **_unused):
        """What is owed, and what can be done about it."""
        totals = scope.account._portal_totals()
        pages = pager(
            url="/my/receivables",
            url_args=self._account_query(scope),
            total=sum(row["items"] for row in totals),
            page=next(iter(ids_of([page])), 1),
            step=ITEMS_PER_PAGE,
        )
        items = scope.account._portal_items(
            offset=pages["offset"], limit=ITEMS_PER_PAGE
        )
        return self._page(
            "o2c_portal.overview",
            scope,
            totals=totals,
            items=items,
            instalments=scope.account._portal_instalments(items),
            pager=pages,
            **self._overview_values(scope),
        )

    def _overview_values(self, scope):
        """Hook: what the first page shows beside the items."""
        return {
            "promises": scope.account._portal_promises(),
            "disputes": scope.account._portal_disputes(),
            "settled": scope.account._portal_settled(),
            "under_way": scope.account._portal_under_way(),
        }

    def _explain(self, error):
        """What a customer is told of an error that names what he can do."""
        if isinstance(error, UserError):
            return error.args[0]
        raise error
