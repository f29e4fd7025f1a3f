from contextlib import contextmanager

from odoo import Command, api, fields, models
from odoo.tools import SQL

from .o2c_credit_hold import OPEN

#: Ids of those who wanted what a hold confirms just now. It is kept on the cursor,
#: where no caller can put anything.
ASKED_BY = "o2c_credit_asked_by"


class O2cCreditHold(models.Model):
    """Putting orders on hold, telling people, and ending holds that need nobody."""

    _inherit = "o2c.credit.hold"

    @api.model
    def _hold(self, results, checks):
        """Put the orders of these results on hold, in superuser mode.

        An order that waits already goes on waiting, with the new figures.

        :param checks: dict of order to its check
        :return: the open holds of the orders
        """
        orders = self.env["sale.order"].union(*(r["order"] for r in results))
        waiting = {hold.sale_order_id: hold for hold in self._open_of(orders)}
        opened = self.browse()
        for result in results:
            order = result["order"]
            values = self._prepare_hold(result, checks[order])
            hold = waiting.get(order.sudo())
            if hold:
                hold.write(values)
            else:
                hold = self.create(
                    {**values, "sale_order_id": order.id, "user_id": self.env.uid}
                )
                hold._tell_opened()
            opened |= hold
        return opened

    @api.model
    def _open_of(self, orders):
        """The holds by which orders wait, in superuser mode."""
        self.flush_model(["priority", "sale_order_id", "state"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM o2c_credit_hold WHERE sale_order_id = ANY(%s)"
                " AND state IN %s ORDER BY priority DESC, id",
                orders.ids,
                OPEN,
            )
        )
        return self.browse(number for (number,) in rows)

    @api.model
    def _prepare_hold(self, result, check):
        return {
            "debtor_id": result["debtor"].id,
            "kind": result["kind"],
            "check_id": check.id,
            "amount_over": result["over"],
            "asked_by_ids": [Command.link(number) for number in self._askers()],
            "send_confirmation": bool(self.env.context.get("send_email")),
            "confirm_problem": False,
            "is_ahead": False,
        }

    @api.model
    def _askers(self):
        """Ids of those for whom an order is confirmed now.

        Where a hold confirms its order, it is not who decided, nor the job.
        """
        asked = self.env.cr.cache.get(ASKED_BY)
        if asked is not None:
            return asked
        user = self.env.user
        return [] if user._is_superuser() else user.ids

    @contextmanager
    def _for_askers(self):
        """While it lasts, orders are confirmed for those who wanted this one."""
        cache = self.env.cr.cache
        before = cache.get(ASKED_BY)
        cache[ASKED_BY] = self._asked_by().ids
        try:
            yield
        finally:
            cache[ASKED_BY] = before

    def _asked_by(self):
        """Everybody who wanted this order to be confirmed.

        Holds of before this was kept know only who tried it first.
        """
        first = self.user_id.filtered(lambda user: not user._is_superuser())
        return (self.asked_by_ids or first) | self.requested_by_id

    # ------------------------------------------------------------------
    # Telling people
    # ------------------------------------------------------------------

    def _tell_opened(self):
        """A task for who may decide, a word to who sold."""
        self.ensure_one()
        why = self._why_told()
        approver = self._approvers()[:1]
        if approver:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=approver.id,
                summary=self.env._("Order on credit hold"),
                note=why,
            )
        self._tell_salesperson(
            self.env._("This order waits for credit. %(reason)s", reason=why)
        )

    def _why_told(self):
        """Why it waits, and that a person's order waits for a person."""
        if not self.is_natural_person:
            return self.reason
        return self.env._(
            "%(reason)s The customer is a natural person: a human must decide.",
            reason=self.reason,
        )

    def _tell_salesperson(self, text):
        """A note on the order, which its salesperson is notified of."""
        self.ensure_one()
        order = self.sale_order_id
        order.message_post(
            body=text,
            subtype_xmlid="mail.mt_note",
            author_id=self.env.ref("base.partner_root").id,
            partner_ids=order.user_id.partner_id.ids,
        )

    def _approvers(self, amount=None):
        """The users who may release this hold, whoever asked for it.

        :param amount: what is decided about, unless it is the figure of the hold
        """
        self.ensure_one()
        if amount is None:
            amount = self._decided_amount()
        policy = self.env["o2c.credit.policy"].sudo()._for_debtors(self.debtor_id)
        return policy[self.debtor_id]._approvers(self.company_id, amount)

    def _decided_amount(self):
        """What is decided about: by how much the credit is exceeded, or the need."""
        return self.amount_over or self.amount_need

    def _amount_released(self, cap):
        """What a release grants as things stand now, never less than when it was held.

        :param cap: up to which total; what it leaves above the order counts too
        """
        self.ensure_one()
        [result] = self._evaluate_now()
        amount = self._decided_amount()
        if result["rules"]:
            amount = max(amount, result["over"] or result["need"])
        total = self._release_need()
        if self.is_ahead:
            total += self.amount_need
        return amount + max(0.0, (cap or self.amount_cap) - total)

    # ------------------------------------------------------------------
    # Ending
    # ------------------------------------------------------------------

    @api.model
    def _end_for_free(self, orders):
        """Close the holds of orders that fit by now, in superuser mode."""
        for hold in self._open_of(orders):
            hold._set_released("credit", consumed=True)
            if hold.kind == "growth":
                hold._growth_released()
            hold._tell_salesperson(
                self.env._("There is credit for this order: it was freed.")
            )

    @api.model
    def _end_let_through(self, orders):
        """Close the holds of orders that need no decision: they are confirmed."""
        if not orders:
            return
        waiting = self._open_of(orders).filtered(lambda hold: hold.kind == "order")
        waiting._expire()

    def _expire(self):
        """Close open holds that nobody has to decide any more."""
        self.write({"state": "expired", "decided_at": fields.Datetime.now()})
        self.activity_unlink(["mail.mail_activity_data_todo"])

    def _set_released(self, released_by, consumed=False, **values):
        self.write(
            {
                "state": "released",
                "released_by": released_by,
                "decided_at": fields.Datetime.now(),
                "date_consumed": consumed and fields.Datetime.now(),
                **values,
            }
        )
        self.activity_unlink(["mail.mail_activity_data_todo"])
        self.env["o2c.event"]._record(
            "credit_released",
            self,
            {
                hold.id: {
                    "order": hold.sale_order_id.name,
                    "by": released_by,
                    "over": hold.amount_over,
                    "cap": hold.amount_cap,
                    "comment": hold.decision_comment or "",
                }
                for hold in self
            },
        )

    @api.model
    def _end_cancelled(self, orders):
        """Cancelled orders wait no longer; what had released them is given back."""
        holds = self.search([("sale_order_id", "in", orders.ids)])
        waiting = holds.filtered(lambda hold: hold.state in OPEN)
        waiting._expire()
        (holds - waiting).filtered("date_consumed").write({"date_consumed": False})

    @api.model
    def _cron_expire(self):
        """End the releases whose last day has passed without being used."""
        for root in self.env["res.company"]._o2c_roots():
            self.search(
                [
                    ("company_id", "=", root.id),
                    ("state", "=", "released"),
                    ("date_consumed", "=", False),
                    ("date_expiry", "<", root._o2c_today()),
                ]
            ).write({"state": "expired"})
