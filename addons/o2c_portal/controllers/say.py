from odoo.exceptions import AccessError, UserError
from odoo.http import request
from odoo.tools import plaintext2html

from .account_page import account_page
from .fields import amount_of, date_of, files_of, ids_of, number_of, text_of
from .receivables import ReceivablesPortal

#: What one account may say in a day.
PROMISES_MOST = 10
DISPUTES_MOST = 30
PAID_MOST = 20
WRONG_MOST = 5
PREFERENCES_MOST = 20
AUTOPAY_MOST = 10
MESSAGES_MOST = 50
INSTALMENTS_SHOWN = 6


class SayPortal(ReceivablesPortal):
    """What a customer has to say: when he pays, what is wrong, that he has paid."""

    # ------------------------------------------------------------------
    # Promise
    # ------------------------------------------------------------------

    @account_page("/my/receivables/promise", "GET", "POST")
    def receivables_promise(self, scope, **form):
        """Say when how much is paid, in one or several payments."""
        return self._answer(scope, form, self._promise, self._promise_page)

    def _promise(self, scope, form):
        env = scope.account.env
        lines = []
        for number in range(INSTALMENTS_SHOWN):
            amount = amount_of(form.get(f"amount_{number}"), env)
            if amount:
                lines.append((date_of(form.get(f"date_{number}"), env), amount))
        chosen = self._chosen_lines()
        items = scope.items(chosen).filtered(lambda item: item.amount_residual > 0)
        if chosen and not items:
            raise UserError(request.env._("What you chose is not open any more."))
        note = text_of(form.get("note"), env)
        promise = scope.account._say_promise(lines, items, scope.actor, note)
        if promise:
            return request.env._(
                "Thank you. We have noted your promise."
            ), promise._sentence()
        return (
            request.env._(
                "Thank you. A person looks at your proposal and answers you."
            ),
            request.env._("Until then it is not agreed yet."),
        )

    def _promise_page(self, scope, form, **values):
        items = scope.items(self._chosen_lines())
        items = items.filtered(lambda item: item.amount_residual > 0)
        currency = items[:1].currency_id or scope.account.currency_id
        amount = (
            currency.round(sum(items.mapped("amount_residual_currency")))
            if items
            else scope.account._portal_overdue()
        )
        return self._page(
            "o2c_portal.promise",
            scope,
            items=items,
            amount=amount,
            currency=currency,
            numbers=range(INSTALMENTS_SHOWN),
            form=form,
            **values,
        )

    # ------------------------------------------------------------------
    # Dispute
    # ------------------------------------------------------------------

    @account_page("/my/receivables/dispute", "GET", "POST")
    def receivables_dispute(self, scope, **form):
        """Say what is wrong with an invoice; the rest can be paid at once."""
        return self._answer(scope, form, self._dispute, self._dispute_page)

    def _dispute(self, scope, form):
        env = scope.account.env
        item = self._item_named(scope, form.get("item"))
        reason = self._reasons(scope).filtered(
            lambda reason: reason.id == number_of(form.get("reason"))
        )
        if not reason:
            raise UserError(request.env._("Choose what is wrong."))
        amount = amount_of(form.get("amount"), env)
        dispute = scope.account._say_dispute(
            item,
            item.amount_residual_currency if amount is None else amount,
            reason,
            text_of(form.get("text"), env, request.env._("What is wrong")),
            files_of(request, "files", env),
            scope.actor,
            self._parts(form, env),
        )
        if form.get("pay_rest") and dispute.amount < item.amount_residual_currency:
            line = item.move_line_id.id
            return self._url(scope, "/pay", line=line)
        return self._url(scope, f"/dispute/{dispute.id}")

    def _parts(self, form, env):
        """The ticked lines of the invoice, with what is wrong of each."""
        ticked = ids_of(request.httprequest.form.getlist("part"))
        return {line: amount_of(form.get(f"part_{line}"), env) for line in ticked}

    def _item_named(self, scope, number):
        item = scope.items({number_of(number)})
        item = item.filtered(lambda i: i.amount_residual > 0 and i.move_id.is_invoice())
        if not item:
            raise UserError(request.env._("Choose an invoice that is open."))
        return item[:1]

    def _reasons(self, scope):
        reasons = scope.account.env["o2c.dispute.reason"]
        reasons = reasons.search([("kind", "in", ("any", "dispute"))])
        return reasons.filtered(lambda reason: not reason.child_ids)

    def _dispute_page(self, scope, form, **values):
        lines = self._chosen_lines()
        items = scope.items(lines) if lines else scope.account._portal_items(limit=200)
        items = items.filtered(
            lambda item: item.amount_residual > 0 and item.move_id.is_invoice()
        )
        return self._page(
            "o2c_portal.dispute",
            scope,
            items=items,
            billed=scope.account._portal_billed(items) if len(items) == 1 else (),
            ticked=ids_of(request.httprequest.form.getlist("part")),
            reasons=self._reasons(scope),
            form=form,
            **values,
        )

    @account_page("/my/receivables/dispute/<int:number>", "GET", "POST")
    def receivables_dispute_page(self, scope, number, **form):
        """What became of a dispute, and the conversation about it."""
        dispute = scope.dispute(number)
        error = None
        if request.httprequest.method == "POST":
            try:
                self._limit("message", scope, MESSAGES_MOST)
                self._write_once(scope, dispute, form)
                url = self._url(scope, f"/dispute/{dispute.id}")
                return request.redirect(url, code=303)
            except UserError as raised:
                error = self._explain(raised)
        messages = dispute.message_ids.filtered(
            lambda message: (
                not message.is_internal
                and not message.subtype_id.internal
                and message.message_type in ("comment", "email", "email_outgoing")
            )
        )
        return self._page(
            "o2c_portal.dispute_page",
            scope,
            dispute=dispute,
            messages=messages.sorted("id"),
            form=form,
            form_key=self._form_key(),
            error=error,
        )

    def _write_once(self, scope, dispute, form):
        """A message that is sent twice is noted once; a refused one can be mended."""
        key = str(form.get("key") or "")[:64]
        if not key.isalnum():
            raise UserError(
                request.env._("The form is incomplete: fill it in once more.")
            )
        with request.env.cr.savepoint():
            if self._is_first(scope, key):
                self._write_to(scope, dispute, form)

    def _write_to(self, scope, dispute, form):
        env = scope.account.env
        text = text_of(form.get("text"), env, request.env._("Your message"))
        files = files_of(request, "files", env)
        scope.account._keep_files(dispute, files)
        dispute.message_post(
            body=plaintext2html(text),
            author_id=scope.actor.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    # ------------------------------------------------------------------
    # Paid already, wrong person
    # ------------------------------------------------------------------

    @account_page("/my/receivables/paid", "GET", "POST")
    def receivables_paid(self, scope, **form):
        """Say that something was paid, when and how."""
        return self._answer(scope, form, self._paid, self._paid_page)

    def _paid(self, scope, form):
        env = scope.account.env
        items = scope.items(self._chosen_lines())
        items = items.filtered(lambda item: item.amount_residual > 0)
        if not items:
            raise UserError(request.env._("Tick what you have paid."))
        remittance = scope.account._say_paid(
            items,
            text_of(form.get("reference"), env)[:100],
            date_of(form.get("date"), env),
            files_of(request, "files", env),
            scope.actor,
        )
        names = ", ".join(remittance.line_ids.move_line_id.mapped("move_name"))
        return request.env._("Thank you. We look for your payment."), names

    def _paid_page(self, scope, form, **values):
        items = scope.account._portal_items(limit=200)
        return self._page(
            "o2c_portal.paid",
            scope,
            items=items.filtered(lambda item: item.amount_residual > 0),
            ticked=self._chosen_lines(),
            form=form,
            **values,
        )

    @account_page("/my/receivables/not-mine", "GET", "POST")
    def receivables_not_mine(self, scope, **form):
        """Say who is responsible instead."""
        return self._answer(scope, form, self._not_mine, self._not_mine_page)

    def _not_mine(self, scope, form):
        text = text_of(
            form.get("text"), scope.account.env, request.env._("Who is responsible")
        )
        scope.account._say_wrong_person(text, scope.actor)
        return (
            request.env._(
                "Thank you. A person looks at it before anything is changed."
            ),
            text,
        )

    def _not_mine_page(self, scope, form, **values):
        return self._page("o2c_portal.not_mine", scope, form=form, **values)

    # ------------------------------------------------------------------
    # Shared
    # ------------------------------------------------------------------

    def _answer(self, scope, form, act, page, most=None):
        """Show a form, or do what it says once; errors lose nothing that was typed.

        :param act: does it; tells where to go, or a title and a text
        :param page: renders the form
        :param most: so often in a day, unless it is in LIMITS
        """
        if request.httprequest.method != "POST":  # HEAD has no token against forgery
            return page(scope, form, form_key=self._form_key(), error=None)
        key = str(form.get("key") or "")[:64]
        try:
            if not key.isalnum():
                raise UserError(
                    request.env._("The form is incomplete: fill it in once more.")
                )
            self._limit(act.__name__, scope, most or LIMITS[act.__name__])
            if not self._is_first(scope, key):
                text = request.env._("This was sent before, and is noted once.")
                return self._page(
                    "o2c_portal.told", scope, title=request.env._("Done"), text=text
                )
            with request.env.cr.savepoint():
                found = act(scope, form)
        except (UserError, AccessError) as raised:
            fresh = self._form_key()
            error = self._explain(raised)
            return page(scope, form, form_key=fresh, error=error)
        if isinstance(found, str):
            return request.redirect(found, code=303)
        title, text = found
        return self._page("o2c_portal.told", scope, title=title, text=text)

    def _is_first(self, scope, key):
        """Whether a form was not sent before; the key is unique in the database."""
        attempts = request.env["o2c.portal.attempt"].sudo()  # sudo: nobody's record
        return attempts._allows("form", f"{scope.account.id}|{key}", 1, 24 * 60)


LIMITS = {
    "_promise": PROMISES_MOST,
    "_dispute": DISPUTES_MOST,
    "_paid": PAID_MOST,
    "_not_mine": WRONG_MOST,
    "_prefer": PREFERENCES_MOST,
    "_start_autopay": AUTOPAY_MOST,
    "_stop_autopay": AUTOPAY_MOST,
}
