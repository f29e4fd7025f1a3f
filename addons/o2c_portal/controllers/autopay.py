from odoo.exceptions import UserError
from odoo.http import request

from .account_page import account_page
from .fields import amount_of, ids_of, number_of
from .say import SayPortal


class AutopayPortal(SayPortal):
    """Let a saved card be charged, and stop it. A link stops only."""

    @account_page("/my/receivables/autopay", "GET", "POST")
    def receivables_autopay(self, scope, **form):
        """What is charged when; the form, what it means in words, and the consent."""
        return self._answer(scope, form, self._start_autopay, self._autopay_page)

    @account_page("/my/receivables/autopay/stop", "POST")
    def receivables_autopay_stop(self, scope, **form):
        """Charge nothing any more."""
        return self._answer(scope, form, self._stop_autopay, self._autopay_page)

    def _start_autopay(self, scope, form):
        token, terms = self._autopay_terms(scope, form)
        if not form.get("agreed"):
            raise UserError(request.env._("Tick that you agree."))
        scope.account._start_autopay(
            scope.actor,
            token,
            terms,
            str(form.get("text") or "").replace("\r\n", "\n"),
            request.httprequest.remote_addr,
        )
        return self._url(scope, "/autopay")

    def _stop_autopay(self, scope, form):
        scope.mandate(number_of(form.get("number")))._stop("customer")
        return (
            request.env._("Autopay is off."),
            request.env._("Nothing more is charged, except what is under way already."),
        )

    def _autopay_terms(self, scope, form):
        """What the form asks for.

        :return: token, and dict of schedule, day, cap and currency
        :raise UserError: when it cannot be so, or by a link
        """
        env, account = request.env, scope.account
        if scope.kind != "login":
            raise UserError(env._("Log in to let a saved card be charged."))
        chosen = ids_of([form.get("currency")])
        currency = account._autopay_currencies().filtered(lambda c: c.id in chosen)
        if not currency:
            raise UserError(env._("Autopay is on already: stop it first."))
        tokens = account._autopay_tokens(scope.actor, currency)
        token = tokens.filtered(lambda t: t.id in ids_of([form.get("token")]))
        if not token:
            raise UserError(env._("Choose one of your saved cards."))
        schedule = "monthly" if form.get("schedule") == "monthly" else "due"
        day = next(iter(ids_of([form.get("day")])), 0) if schedule == "monthly" else 0
        if schedule == "monthly" and not 1 <= day <= 31:
            raise UserError(env._("Choose a day of the month from 1 to 31."))
        cap = currency.round(amount_of(form.get("cap"), account.env) or 0.0)
        if not cap > 0:
            raise UserError(env._("Enter how much may be charged at once at most."))
        terms = {"schedule": schedule, "day": day, "cap": cap, "currency": currency}
        return token, terms

    def _autopay_page(self, scope, form, error=None, **values):
        """The page; ``look`` in the address shows what the form means, to agree to."""
        text = None
        if form.get("look"):
            try:
                token, terms = self._autopay_terms(scope, form)
                text = scope.account._autopay_text(token, **terms)
            except UserError as raised:
                error = error or self._explain(raised)
        is_login = scope.kind == "login"
        currencies = scope.account._autopay_currencies() if is_login else ()
        tokens = scope.account.env["payment.token"]
        for currency in currencies:
            tokens |= scope.account._autopay_tokens(scope.actor, currency)
        return self._page(
            "o2c_portal.autopay",
            scope,
            mandates=scope.account._portal_autopay(),
            currencies=currencies,
            tokens=tokens,
            consent=text,
            form=form,
            error=error,
            **values,
        )
