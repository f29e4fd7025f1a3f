from odoo.exceptions import UserError
from odoo.http import request

from .account_page import account_page
from .fields import ids_of, number_of, text_of
from .say import SayPortal


class PreferencesPortal(SayPortal):
    """Who of the customer gets what, in which language, and what he thought of us."""

    @account_page("/my/receivables/preferences", "GET", "POST")
    def receivables_preferences(self, scope, **form):
        """Language and ways at once; contacts after a person's look."""
        return self._answer(scope, form, self._prefer, self._preferences_page)

    def _prefer(self, scope, form):
        account, env = scope.account, scope.account.env
        account._prefer_language(form.get("lang"), scope.actor)
        if scope.kind == "login" and form.get("invoices_by"):
            account._prefer_invoices(form["invoices_by"])
        if "reminders_by" in form:
            account._prefer_reminders(str(form["reminders_by"]))
        told = [env._("Your choice is noted.")]
        if form.get("person_name") or form.get("person_email"):
            account._request_contact(
                form.get("person_name"),
                form.get("person_email"),
                scope.actor,
                form.get("gets_reminders"),
                form.get("gets_invoices"),
            )
            told.append(env._("A person looks at the new contact before it is used."))
        text = text_of(form.get("text"), env)
        if text:
            account._raise_request("message", scope.actor, text)
            told.append(env._("A person reads your message."))
        return env._("Thank you."), "\n".join(told)

    def _preferences_page(self, scope, form, **values):
        account = scope.account
        return self._page(
            "o2c_portal.preferences",
            scope,
            languages=account.env["res.lang"].get_installed(),
            lang=form.get("lang") or scope.actor.lang,
            invoices_by=form.get("invoices_by")
            or account.partner_id.invoice_sending_method,
            reminders_by=form.get("reminders_by") or account.preferred_channel,
            channels=account._channels_to_choose(),
            requests=account._portal_requests(),
            form=form,
            **values,
        )

    # ------------------------------------------------------------------
    # One question
    # ------------------------------------------------------------------

    @account_page("/my/receivables/question", "POST")
    def receivables_question(self, scope, **form):
        """What the customer thinks of a payment or a dispute that is over."""
        number = number_of(form.get("number"))
        if form.get("about") == "dispute":
            record, path = scope.dispute(number), f"/dispute/{number}"
        else:
            record, path = scope.remittance(number), f"/pay/{number}"
        rate = str(form.get("rate") or "")
        try:
            text = text_of(form.get("text"), scope.account.env)
            rate = next(iter(ids_of([rate])), 0)
            scope.account._take_answer(record, rate, text, scope.actor)
        except UserError as error:
            return self._page(
                "o2c_portal.question_page",
                scope,
                record=record,
                about=form.get("about"),
                form=form,
                error=self._explain(error),
            )
        return request.redirect(self._url(scope, path), code=303)
