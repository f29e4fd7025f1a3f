from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..domain.credit_check import may_release
from .o2c_credit_hold import OPEN

#: How long a release can be used, unless its approver says otherwise.
RELEASE_DAYS = 14


class O2cCreditHold(models.Model):
    """Release by approval: asked for, decided by somebody else, used by the order."""

    _inherit = "o2c.credit.hold"

    may_decide = fields.Boolean(
        compute="_compute_may_decide", help="Whether you may decide on this hold."
    )

    @api.depends_context("uid")
    @api.depends("state", "amount_over", "asked_by_ids", "requested_by_id")
    def _compute_may_decide(self):
        for hold in self:
            hold.may_decide = hold.state in OPEN and hold.sudo()._answer() in (
                "yes",
                "alone",
            )

    # ------------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------------

    def action_request(self, comment=None):
        """Ask for release; whoever may decide finds the comment with the hold."""
        for hold in self:
            hold._check_may_ask()
            hold.sudo()._request(comment)  # sudo: salespeople only read holds

    def _check_may_ask(self):
        """Refuse who can neither see the hold nor change its order."""
        self.check_access("read")
        if not self.env.user.has_group("o2c_base.group_credit_manager"):
            self.sale_order_id.check_access("write")

    def _request(self, comment):
        self.ensure_one()
        self._check_open()
        self.write(
            {
                "state": "requested",
                "requested_by_id": self.env.uid,
                "asked_by_ids": [Command.link(number) for number in self._askers()],
                "request_comment": (comment or "").strip() or False,
            }
        )
        self.message_post(
            body=self.env._(
                "Release asked for by %(person)s. %(comment)s",
                person=self.env.user.name,
                comment=self.request_comment or "",
            ),
            subtype_xmlid="mail.mt_note",
            partner_ids=self._approvers().partner_id.ids,
        )

    def action_release(self, cap=None, expiry=None, comment=None):
        """Release these orders, which confirms those that wait.

        :param cap: highest total the release covers, in company currency; the
            order's present need unless told otherwise
        :param expiry: last day on which it can be used
        :param comment: why; needed where nobody else could decide
        """
        self.check_access("read")
        if len(self) == 1 and comment is None and self.sudo()._answer() == "alone":
            return self.action_decide()  # where the reason is asked for
        for hold in self:
            hold_sudo = hold.sudo()  # sudo: the keeper of the state writes
            hold_sudo._check_releasable(one_click=cap is None)
            amount = hold_sudo._amount_released(cap)
            alone = hold_sudo._check_may_decide(comment, amount)
            hold_sudo._release(cap, expiry, comment, alone)

    def action_refuse(self, comment=None):
        """Refuse to release these orders: they stay unconfirmed."""
        self.check_access("read")
        for hold in self:
            hold_sudo = hold.sudo()  # sudo: the keeper of the state writes
            hold_sudo._check_open()
            hold_sudo._check_approver()
            hold_sudo._check_refused_by_human()
            hold_sudo._refuse(comment)

    @api.readonly
    def action_decide(self):
        """Open the window in which one hold is decided with bounds and a comment."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decide on %(order)s", order=self.display_name),
            "res_model": "o2c.credit.decision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_hold_id": self.id},
        }

    # ------------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------------

    def _answer(self, amount=None):
        """Whether the user may decide: ``yes``, ``no`` or ``alone``."""
        self.ensure_one()
        approvers = self._approvers(amount)
        user = self.env.user
        if not (user._is_superuser() or user in approvers):
            return "no"
        asked = self._asked_by()
        return may_release(user.id, set(asked.ids), set(approvers.ids))

    def _check_open(self):
        self.ensure_one()
        if self.state not in OPEN:
            raise UserError(self.env._("This hold is decided already."))

    def _check_approver(self, amount=None):
        """Refuse who may not decide on this customer, or about this amount."""
        approvers, user = self._approvers(amount), self.env.user
        if not (user._is_superuser() or user in approvers):
            raise AccessError(
                self.env._(
                    "You may not decide on the credit of %(customer)s, or not about "
                    "this amount.",
                    customer=self.debtor_id.display_name,
                )
            )

    def _check_refused_by_human(self):
        """Refuse jobs and rules that would refuse a natural person."""
        if self.is_natural_person and self.env.user._is_superuser():
            raise UserError(
                self.env._(
                    "%(customer)s is a natural person: a human must decide on "
                    "%(order)s.",
                    customer=self.debtor_id.display_name,
                    order=self.sale_order_id.name,
                )
            )

    def _check_may_decide(self, comment, amount):
        """Refuse who may not release this hold.

        :param amount: how much credit is given with it
        :return: whether the user decides on what he asked for himself
        """
        self._check_approver(amount)
        answer = self._answer(amount)
        if answer == "no":
            raise AccessError(
                self.env._(
                    "Nobody releases what he asked for: somebody else decides on "
                    "%(order)s.",
                    order=self.sale_order_id.name,
                )
            )
        if answer == "alone" and not (comment or "").strip():
            raise UserError(
                self.env._(
                    "You asked for this yourself and nobody else can decide: write "
                    "down why it is right to release %(order)s.",
                    order=self.sale_order_id.name,
                )
            )
        return answer == "alone"

    def _check_releasable(self, one_click):
        """Refuse what is decided, and an order that is not the one that was held.

        :param one_click: whether nobody said up to which total it is released
        :raise UserError: what to do instead
        """
        self._check_open()
        if not self._is_same_customer():
            raise UserError(
                self.env._(
                    "%(order)s is invoiced to another customer since it was checked "
                    "for %(customer)s: confirm it again.",
                    order=self.sale_order_id.name,
                    customer=self.debtor_id.display_name,
                )
            )
        if one_click and not self._is_unchanged():
            raise UserError(
                self.env._(
                    "%(order)s was changed since it was checked: confirm it again.",
                    order=self.sale_order_id.name,
                )
            )

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def _release(self, cap, expiry, comment, alone):
        today = self.company_id._o2c_today()
        if cap is None:
            cap = self.amount_cap or self._release_need()
        expiry = fields.Date.to_date(expiry) or today + timedelta(days=RELEASE_DAYS)
        if expiry < today:
            raise UserError(self.env._("A release cannot end before today."))
        if self.currency_id.compare_amounts(cap, 0) <= 0:
            raise UserError(self.env._("A release needs an amount above zero."))
        self._set_released(
            "approval",
            consumed=self.kind == "growth" and not self.is_ahead,
            amount_cap=cap,
            date_expiry=expiry,
            decided_by_id=self.env.uid,
            decision_comment=(comment or "").strip() or False,
            is_self_released=alone,
        )
        self._tell_salesperson(
            self.env._(
                "%(person)s released this order. %(comment)s",
                person=self.env.user.name,
                comment=self.decision_comment or "",
            )
        )
        if self.kind == "order":
            self._confirm_order()
        else:
            self._growth_released()

    def _growth_released(self):
        """Hook: what was added to these confirmed orders may go its way."""

    def _refuse(self, comment):
        self.write(
            {
                "state": "refused",
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
                "decision_comment": (comment or "").strip() or False,
            }
        )
        self.activity_unlink(["mail.mail_activity_data_todo"])
        self.env["o2c.event"]._record(
            "credit_refused", self, {"order": self.sale_order_id.name}
        )
        self._tell_salesperson(
            self.env._(
                "%(person)s refused credit for this order. %(comment)s",
                person=self.env.user.name,
                comment=self.decision_comment or "",
            )
        )

    def _confirm_order(self):
        """Confirm the order that was freed; say so where something else is wrong.

        The release stays, for whoever mends it and confirms by hand.
        """
        self.ensure_one()
        order = self.sale_order_id.with_company(self.sale_order_id.company_id)
        if self.send_confirmation:
            order = order.with_context(send_email=True)
        try:
            with self._for_askers(), self.env.cr.savepoint():
                order.action_confirm()
        except UserError as error:
            self.confirm_problem = str(error)
            self._tell_salesperson(
                self.env._("Freed, but not confirmed: %(problem)s", problem=str(error))
            )

    def _release_need(self):
        """What a release has to reach up to, unless another total was asked for."""
        return self.sale_order_id._o2c_release_need()

    # ------------------------------------------------------------------
    # Use
    # ------------------------------------------------------------------

    @api.model
    def _releases_of(self, orders):
        """Releases that can be used, in superuser mode.

        :return: dict of (order, customer account it was released for) to the hold
        """
        today = {company: company._o2c_today() for company in orders.sudo().company_id}
        releases = self.search(
            [
                ("sale_order_id", "in", orders.ids),
                ("state", "=", "released"),
                ("released_by", "=", "approval"),
            ],
            order="id",
        )
        return {
            (hold.sale_order_id, hold.debtor_id): hold
            for hold in releases
            if hold.date_expiry >= today[hold.sale_order_id.company_id]
        }

    def _covers(self, amount):
        """Whether the release reaches up to an order's total need."""
        return self.currency_id.compare_amounts(amount, self.amount_cap) <= 0
