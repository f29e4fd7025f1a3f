from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_amount

#: Rows of each kind that the timeline shows beside the messages, newest first.
ROWS_MAX = 100


class O2cDebtor(models.Model):
    """What the timeline shows beside messages: facts that are kept elsewhere.

    Payments are read from the ledger each time, so that the timeline cannot tell
    another story than the books. Matches that were undone leave no trace there; of
    them an event tells.
    """

    _inherit = "o2c.debtor"

    @api.model
    def _timeline_domain(self, kind):
        """Which messages a filter of the timeline shows."""
        data = self.env["ir.model.data"]
        call = data._xmlid_to_res_id("o2c_base.mt_call")
        is_call = Domain("subtype_id", "=", call) | Domain(
            "mail_activity_type_id.category", "=", "phonecall"
        )
        if kind == "calls":
            return is_call
        if kind == "messages":
            comment = data._xmlid_to_res_id("mail.mt_comment")
            return Domain("subtype_id", "=", comment) | Domain(
                "message_type", "in", ("email", "email_outgoing")
            )
        return Domain.TRUE

    @api.readonly
    def timeline_rows(self):
        """Rows of the timeline that are no messages, newest first.

        :return: list of dicts with ``key, kind, date, icon, title, text, in_all`` and
            the record to open, ``res_model, res_id``
        """
        self.ensure_one()
        self.check_access("read")
        return sorted(
            self._timeline_rows(),
            key=lambda row: (row["date"], row["key"]),
            reverse=True,
        )

    def _timeline_rows(self):
        """Hook: the rows, in any order."""
        return self._payment_rows() + self._unmatched_rows()

    # ------------------------------------------------------------------
    # Money
    # ------------------------------------------------------------------

    def _payment_lines(self):
        """Posted money of this customer, as the user may see it."""
        return self.env["account.move.line"].search(
            [
                ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                ("company_id", "child_of", self.company_id.id),
                ("parent_state", "=", "posted"),
                ("account_id.account_type", "=", "asset_receivable"),
                ("account_id.non_trade", "=", False),
                ("journal_id.type", "in", ("bank", "cash", "credit")),
            ],
            order="date DESC, id DESC",
            limit=ROWS_MAX,
        )

    def _payment_rows(self):
        # sudo: money may be matched with another branch's invoice; its number is shown
        lines_sudo = self._payment_lines().sudo()
        self._counterparts(lines_sudo).fetch(["move_name"])  # all at once
        return [self._payment_row(line) for line in lines_sudo]

    @api.model
    def _counterparts(self, lines):
        """With what money is matched."""
        return (
            lines.matched_debit_ids.debit_move_id
            | lines.matched_credit_ids.credit_move_id
        )

    def _payment_row(self, line):
        amount = format_amount(self.env, abs(line.amount_currency), line.currency_id)
        if line.balance > 0:
            title = self.env._("Paid back or bounced: %(amount)s", amount=amount)
        else:
            title = self.env._("Payment of %(amount)s", amount=amount)
        return {
            "key": f"payment-{line.id:012}",
            "kind": "payments",
            "date": fields.Date.to_string(line.date),
            "icon": "fa-undo" if line.balance > 0 else "fa-money",
            "title": title,
            "text": self._matched_text(line),
            "in_all": True,
            "res_model": "account.move",
            "res_id": line.move_id.id,
        }

    def _matched_text(self, line):
        """With what the money is matched, and what is left of it."""
        others = self._counterparts(line)
        numbers = ", ".join(sorted({other.move_name or "" for other in others}))
        left = line.amount_residual_currency
        rest = format_amount(self.env, abs(left), line.currency_id)
        if not others:
            return self.env._("%(number)s, not matched yet", number=line.move_name)
        if line.currency_id.is_zero(left):
            return self.env._(
                "%(number)s, for %(others)s", number=line.move_name, others=numbers
            )
        return self.env._(
            "%(number)s, for %(others)s; %(rest)s not matched",
            number=line.move_name,
            others=numbers,
            rest=rest,
        )

    def _unmatched_rows(self):
        events = self.env["o2c.event"].search(
            [("debtor_id", "=", self.id), ("kind", "=", "unmatched")], limit=ROWS_MAX
        )
        return [self._unmatched_row(event) for event in events]

    def _unmatched_row(self, event):
        payload = event.payload
        amount = format_amount(self.env, payload["amount"], self.currency_id)
        return {
            "key": f"unmatched-{event.id:012}",
            "kind": "payments",
            "date": fields.Date.to_string(
                fields.Datetime.context_timestamp(self, event.date)
            ),
            "icon": "fa-chain-broken",
            "title": self.env._("Match undone: %(amount)s", amount=amount),
            "text": self.env._(
                "%(debit)s and %(credit)s, by %(user)s",
                debit=payload["debit"],
                credit=payload["credit"],
                user=event.user_name,
            ),
            "in_all": True,
            "res_model": False,
            "res_id": False,
        }
