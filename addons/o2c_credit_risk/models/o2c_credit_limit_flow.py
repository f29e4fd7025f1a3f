from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..domain.credit_limit import may_go, starts_now


class O2cCreditLimit(models.Model):
    """Asking, deciding, beginning and ending."""

    _inherit = "o2c.credit.limit"

    # ------------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------------

    def action_request(self):
        """Ask for the limit: whoever may decide finds it among his activities."""
        self.check_access("write")
        for limit in self:
            policy = self.env["o2c.credit.policy"]._demand_for(limit.debtor_id)
            limit._set_state(
                "requested",
                requested_by_id=self.env.uid,
                requested_at=fields.Datetime.now(),
            )
            limit._ask(policy)

    def action_approve(self):
        """Approve; it counts from its first day."""
        self._check_decides()
        self._lock_accounts()
        for limit in self:
            limit._approve()

    def action_refuse(self):
        """Refuse, with a note that says why."""
        self._check_decides()
        for limit in self:
            if not (limit.decision_note or "").strip():
                raise UserError(
                    self.env._("Say in “Note on the decision” why it is refused.")
                )
            limit._set_state("refused", **self._decided())
            limit._close_activities()
            limit._tell_requester(self.env._("This limit was refused."))

    def action_draft(self):
        """Take a request back, or begin again with a refused one."""
        self.check_access("read")
        for limit in self:
            is_own = limit.requested_by_id == self.env.user
            if not is_own:
                limit._check_decides()
            limit._set_state("draft", requested_by_id=False, requested_at=False)
            limit._close_activities()

    def action_end(self):
        """End an active limit now: it does not count any more from today."""
        self._check_decides()
        self._lock_accounts()
        for limit in self:
            limit._check_reach()
            limit._check_reach_without()
            limit._end("expired")
        self._after_change()

    def action_renew(self):
        """Ask for the same again: a draft that begins when this one ends."""
        self.ensure_one()
        self.check_access("create")
        today = self._today()
        begin = max(today, self.date_to + timedelta(days=1)) if self.date_to else today
        draft = self.create(
            {
                "debtor_id": self.debtor_id.id,
                "kind": self.kind,
                "amount": self.amount_proposed or self.amount,
                "currency_id": self.currency_id.id,
                "date_from": begin,
                "date_to": self._next_end(begin),
                "reason": self.reason,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "view_mode": "form",
        }

    def action_ask_proposed(self):
        """Ask for the next amounts of active limits, at once."""
        self._check_decides()
        limits = self.filtered(
            lambda limit: limit.state == "active" and limit.amount_proposed
        )
        if not limits:
            raise UserError(
                self.env._("Enter a next amount on active limits first, in the list.")
            )
        drafts = self.create([limit._proposal() for limit in limits])
        drafts.action_request()
        limits.write({"amount_proposed": 0})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Asked for"),
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": [("id", "in", drafts.ids)],
        }

    def _proposal(self):
        """A request for the next amount; the rest stays as it is."""
        return {
            "debtor_id": self.debtor_id.id,
            "kind": self.kind,
            "amount": self.amount_proposed,
            "currency_id": self.currency_id.id,
            "date_from": self._today(),
            "date_to": self.date_to,
            "reason": self.env._("Review of %s", self.display_name),
        }

    def _next_end(self, begin):
        """The last day of a renewed limit: it runs as long as this one did."""
        if not self.date_to:
            return False
        return begin + (self.date_to - self.date_from)

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def _check_decides(self):
        """Refuse who is no credit manager, or has left."""
        self.check_access("write")
        user = self.env.user
        if user._is_superuser():
            return
        if not user.active:
            raise AccessError(
                self.env._(
                    "%(person)s has left and cannot decide any more.",
                    person=user.sudo().name,  # sudo: an archived user
                )
            )
        if not user.has_group("o2c_base.group_credit_manager"):
            raise AccessError(self.env._("Credit managers decide on credit limits."))

    def _approve(self):
        """Approve one limit, and let it begin if its first day has come."""
        self.ensure_one()
        policy = self._check_reach()
        self._check_reach_after(policy)
        today = self._today()
        if self.date_to and self.date_to < today:
            raise UserError(
                self.env._(
                    "%(limit)s: its last day is over. Change it first.",
                    limit=self.display_name,
                )
            )
        is_self = self._check_four_eyes(policy)
        state = "active" if starts_now(self.date_from, today) else "approved"
        values = dict(self._decided(), is_self_approved=is_self)
        if self.state == "draft":
            values.update(
                requested_by_id=self.env.uid, requested_at=fields.Datetime.now()
            )
        if state == "active":
            self._make_room()
        self._set_state(state, **values)
        self._after_change()
        self._close_activities()
        self._tell_requester(self.env._("This limit was approved."))

    def _check_four_eyes(self, policy):
        """Refuse approval of one's own request while somebody else can decide.

        :return: whether the request is one's own, and a note says why it is right
        """
        asked = self.requested_by_id or self.create_uid
        if asked != self.env.user or self.env.user._is_superuser():
            return False
        root = self.company_id._o2c_root()
        others = policy._approvers(root, self._amount_decided()) - self.env.user
        if others:
            raise UserError(
                self.env._(
                    "Nobody approves what he asked for. %(person)s can decide.",
                    person=others[0].name,
                )
            )
        if not (self.decision_note or "").strip():
            raise UserError(
                self.env._(
                    "Nobody else can decide. Say in “Note on the decision” why you "
                    "approve your own request; it stays marked."
                )
            )
        return True

    def _decided(self):
        return {"decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}

    # ------------------------------------------------------------------
    # The gate
    # ------------------------------------------------------------------

    def _set_state(self, state, **values):
        """The only way from one state to another.

        :raise UserError: where it cannot be gone from here
        """
        for limit in self:
            if not may_go(limit.state, state):
                names = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "%(limit)s is “%(before)s” and cannot become “%(after)s”.",
                        limit=limit.display_name,
                        before=names[limit.state],
                        after=names[state],
                    )
                )
        # sudo: the gate writes what people may not
        self.sudo().write({"state": state, **values})
        self.env["o2c.event"]._record(
            f"limit_{state}",
            self,
            {limit.id: limit._event_payload() for limit in self},
        )

    def _event_payload(self):
        return {
            "kind": self.kind,
            "amount": self.amount_company,
            "date_from": fields.Date.to_string(self.date_from),
            "date_to": fields.Date.to_string(self.date_to) or "",
            "note": self.decision_note or "",
        }

    def _lock_accounts(self):
        """Let one decision at a time change the limits of a customer.

        Who waited fails to serialize and is tried again on the new facts.
        """
        # sudo: nobody else writes the gate, and who decides need not see the group
        self.env["o2c.credit.gate"].sudo()._pass(self.sudo().debtor_id)

    def _make_room(self):
        """Supersede the active limit whose place this one takes."""
        active = self.sudo().search(
            [
                ("debtor_id", "in", self.debtor_id.ids),
                ("kind", "=", "base"),
                ("state", "=", "active"),
            ]
        )
        bases = self.filtered(lambda limit: limit.kind == "base")
        active.filtered(lambda old: old.debtor_id in bases.debtor_id)._end("superseded")

    def _end(self, state):
        """End limits: yesterday was the last day on which they counted."""
        for limit in self:
            last = limit._today() - timedelta(days=1)
            end = min(last, limit.date_to) if limit.date_to else last
            limit._set_state(state, date_ended=end)
            limit._close_activities()
        self.flush_recordset()  # one is active at a time, also while this goes on

    def _after_change(self):
        """Have the account and Odoo's own field follow what is active."""
        self.flush_model()
        debtors_sudo = self.sudo().debtor_id  # sudo: the keeper writes
        debtors_sudo._refresh_credit_limit()
        debtors_sudo._store_core_limit()

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------

    def _today(self):
        return self.company_id._o2c_root()._o2c_today()

    def _ask(self, policy):
        """Give the request to somebody who can decide, as an activity."""
        person = self._decider(policy)
        # sudo: whoever asks may not plan for others
        self.sudo().activity_schedule(
            "o2c_credit_risk.activity_credit_limit",
            summary=self.env._("Decide on a credit limit"),
            user_id=person.id,
        )

    def _decider(self, policy):
        """Hook: whom a request is given to; who asks, where nobody else can decide."""
        root = self.company_id._o2c_root()
        others = policy._approvers(root, self._amount_decided()) - self.env.user
        return others[:1] or self.env.user

    def _close_activities(self):
        self.sudo().activity_unlink(["o2c_credit_risk.activity_credit_limit"])

    def _tell_requester(self, text):
        """Answer who asked, in the limit's own thread."""
        partner = self.requested_by_id.sudo().partner_id  # sudo: any user's contact
        if self.requested_by_id != self.env.user and partner:
            self.sudo().message_post(
                body=text, partner_ids=partner.ids, subtype_xmlid="mail.mt_comment"
            )
