from odoo import http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request, route

from odoo.addons.account_payment.controllers.payment import PaymentPortal
from odoo.addons.account_payment.controllers.portal import PortalAccount

from ..models.o2c_debtor_pay import ItemError
from .account_page import account_page
from .fields import amount_of, ids_of
from .receivables import ReceivablesPortal

#: Beginnings of payments per account and day.
PAYMENTS_MOST = 60
#: Invoices and credits that one page offers, oldest due first.
ITEMS_MOST, CREDITS_MOST = 80, 40


class PayPortal(ReceivablesPortal, PortalAccount, PaymentPortal):
    """Choose, look once more, pay with Odoo's own payment form."""

    @account_page("/my/receivables/pay", "GET", "POST")
    def receivables_pay(self, scope, **form):
        """How much of what is paid; sent, it leads to the payment itself."""
        error = wrong = None
        if request.httprequest.method == "POST":
            try:
                return self._begin_payment(scope, form)
            except UserError as raised:
                error = self._explain(raised)
                wrong = getattr(raised, "line", None)
        return self._choose(scope, form, error, wrong)

    def _choose(self, scope, form, error=None, wrong=None):
        chosen = self._chosen_lines()
        owed = scope.account._portal_items(
            chosen or None, limit=ITEMS_MOST, domain=[("amount_residual", ">", 0)]
        )
        if not chosen:
            overdue = owed.filtered(lambda item: item.days_overdue > 0)
            owed = overdue or owed
        currency = owed[:1].currency_id
        own = [("amount_residual", "<", 0), ("currency_id", "=", currency.id)]
        credits = scope.account._portal_items(limit=CREDITS_MOST, domain=own)
        return self._page(
            "o2c_portal.pay_choose",
            scope,
            items=owed.filtered(lambda item: item.currency_id == currency),
            instalments=scope.account._portal_instalments(owed),
            others=owed.filtered(lambda item: item.currency_id != currency),
            credits=credits,
            currency=currency,
            form=form,
            form_key=form.get("key") or self._form_key(),
            reasons=self._deduction_reasons(scope),
            ticked=set(request.httprequest.values.getlist("credit")),
            error=error,
            wrong=wrong,
        )

    def _deduction_reasons(self, scope):
        reasons = scope.account.env["o2c.dispute.reason"]
        reasons = reasons.search([("kind", "in", ("any", "deduction"))])
        return reasons.filtered(lambda reason: not reason.child_ids)

    def _begin_payment(self, scope, form):
        self._limit("pay", scope, PAYMENTS_MOST)
        key = str(form.get("key") or "")[:64]
        if not key.isalnum():
            raise UserError(request.env._("The form is incomplete: choose once more."))
        amounts = {
            line: self._amount_typed(line, form, scope.account.env)
            for line in self._chosen_lines()
        }
        # An emptied field leaves the invoice out.
        amounts = {line: amount for line, amount in amounts.items() if amount}
        known = {str(reason.id): reason.id for reason in self._deduction_reasons(scope)}
        reasons = {line: known.get(form.get(f"reason_{line}")) for line in amounts}
        credit = request.httprequest.form.getlist("credit")
        remittance = scope.account._take_payment_choice(
            key,
            amounts,
            ids_of(credit),
            scope.actor,
            reasons,
        )
        return request.redirect(self._url(scope, f"/pay/{remittance.id}"), code=303)

    def _amount_typed(self, line, form, env):
        try:
            return amount_of(form.get(f"amount_{line}"), env)
        except UserError as error:
            raise ItemError(error.args[0], line) from error

    @account_page("/my/receivables/pay/<int:number>", "GET")
    def receivables_pay_form(self, scope, number, **_unused):
        """What is paid, the state of it, and the form of the payment provider."""
        return self._pay_page(scope, scope.remittance(number))

    def _pay_page(self, scope, remittance, error=None):
        if not remittance.payer_id:
            return request.redirect(self._url(scope))
        state = remittance._state_of_payment()
        values = {"remittance": remittance, "payment_state": state, "error": error}
        if state in ("new", "draft", "error", "cancel"):
            values["is_right"] = remittance._is_still_right()
            if remittance.amount_total:
                values |= self._provider_values(scope, remittance)
        return self._page("o2c_portal.pay_form", scope, **values)

    def _provider_values(self, scope, remittance):
        companies = remittance.line_ids.move_line_id.company_id
        # What was announced for several at once is paid to the company above them.
        company = companies if len(companies) == 1 else remittance.company_id
        values = self._get_common_page_view_values(
            {
                "partner": scope.actor,
                "company": company,
                "total_amount": remittance.amount_total,
                "currency": remittance.currency_id,
                "amount_residual": remittance.amount_total,
                "payment_reference": False,
                "landing_route": self._url(scope, f"/pay/{remittance.id}"),
                "transaction_route": f"/my/receivables/pay/{remittance.id}/transaction",
            }
        )
        if scope.kind == "link":
            # Whoever has the link may pay, not use or save the contact's cards.
            values["tokens_sudo"] = values["tokens_sudo"].browse()
            values["show_tokenize_input_mapping"] = dict.fromkeys(
                values["show_tokenize_input_mapping"], False
            )
        return {
            **values,
            "partner_id": scope.actor.id,
            "amount": remittance.amount_total,
            "access_token": False,
        }

    @account_page("/my/receivables/pay/<int:number>/settle", "POST")
    def receivables_pay_settle(self, scope, number, **_unused):
        """Settle what the visitor's own credits cover; there is nothing to pay."""
        remittance = scope.remittance(number)
        self._limit("pay", scope, PAYMENTS_MOST)
        try:
            with request.env.cr.savepoint():
                remittance._settle_by_credits(scope.actor)
        except UserError as raised:
            return self._pay_page(scope, remittance, self._explain(raised))
        return request.redirect(self._url(scope, f"/pay/{number}"), code=303)

    @route(
        "/my/receivables/pay/<int:number>/transaction",
        type="jsonrpc",
        auth="public",
        sitemap=False,
    )
    def receivables_pay_transaction(self, number, **form):
        """Begin the payment of what was chosen; the amount is ours, not the form's."""
        scope = self._scope_of_payment(number)
        remittance = scope.remittance(number)
        self._limit("pay", scope, PAYMENTS_MOST)
        remittance._begin_attempt()
        self._validate_transaction_kwargs(
            form, additional_allowed_keys={"payment_reference"}
        )
        self._check_means(scope, remittance, form)
        form.pop("payment_reference", None)
        form.update(
            amount=remittance.amount_total,
            currency_id=remittance.currency_id.id,
            partner_id=scope.actor.id,
            landing_route=self._url(scope, f"/pay/{remittance.id}"),
            reference_prefix=f"O2C{remittance.id}",
        )
        transaction_sudo = self._create_transaction(
            custom_create_values={"o2c_remittance_id": remittance.id}, **form
        )
        return transaction_sudo._get_processing_values()

    def _check_means(self, scope, remittance, form):
        """Only what the page offered pays: no other provider, no other's card."""
        offered = self._provider_values(scope, remittance)
        is_offered = form.get("provider_id") in offered["providers_sudo"].ids
        token = form.get("token_id")
        if not is_offered or (token and token not in offered["tokens_sudo"].ids):
            raise ValidationError(
                request.env._("This way to pay is not offered here. Reload the page.")
            )
        if scope.kind == "link":
            form["tokenization_requested"] = False

    def _scope_of_payment(self, number):
        """The scope in which a payment lies, where a visitor has several accounts."""
        scope = self._scope()
        if not scope:
            raise http.SessionExpiredException("Session expired")
        owner = scope.accounts.sudo().filtered(
            lambda account: account.env["o2c.remittance"].search_count(
                [("id", "=", number), ("debtor_id", "=", account.id)], limit=1
            )
        )
        return self._scope(owner.id) if owner else scope
