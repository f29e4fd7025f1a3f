from odoo.http import request

from odoo.addons.o2c_portal.controllers.account_page import account_page
from odoo.addons.o2c_portal.controllers.fields import amount_of, files_of, text_of
from odoo.addons.o2c_portal.controllers.say import SayPortal

#: Applications that one account may send in a day.
APPLICATIONS_MOST = 20


class CreditPortal(SayPortal):
    """What a customer sees of his credit, and the form to apply for more."""

    @account_page("/my/receivables/credit", "GET", "POST")
    def receivables_credit(self, scope, **form):
        """Limit, waiting orders, and an application for credit."""
        return self._answer(
            scope, form, self._apply, self._credit_page, APPLICATIONS_MOST
        )

    def _apply(self, scope, form):
        env = scope.account.env
        scope.account._apply_for_credit(
            amount_of(form.get("amount"), env),
            text_of(form.get("text"), env, request.env._("Why you need it")),
            files_of(request, "files", env),
            scope.actor,
        )
        return (
            request.env._("Thank you for your application."),
            request.env._("A person looks at it and answers you."),
        )

    def _credit_page(self, scope, form, **values):
        return self._page(
            "o2c_portal_credit.credit",
            scope,
            applications=scope.account._portal_applications(),
            form=form,
            **self._credit_values(scope),
            **values,
        )

    def _overview_values(self, scope):
        """EXTENDS o2c_portal: limit and waiting orders."""
        return {**super()._overview_values(scope), **self._credit_values(scope)}

    def _credit_values(self, scope):
        account = scope.account
        return {
            "credit": account._portal_credit(),
            "held_orders": account._portal_held_orders(),
        }
