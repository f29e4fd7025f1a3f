from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

from odoo.addons.o2c_base.tools.transaction import with_room

#: What takes longer than this is stuck.
STUCK = timedelta(hours=1)
#: And a letter that nobody has printed for longer than this.
LETTER = timedelta(days=3)
#: And what nobody has read or decided on for longer than this, where one is to.
REVIEW = timedelta(days=3)
NAMED_MAX = 10

ACTIONS = "o2c_collections.o2c_chase_action_action"
MESSAGES = "o2c_collections.o2c_chase_message_action"


class O2cSelfCheck(models.Model):
    """The checks themselves, and the lists of what they find.

    Each ``_check_<kind>`` gives how many were found and says it in words.
    """

    _inherit = "o2c.self.check"

    # ------------------------------------------------------------------
    # Invariant 1: ledger truth
    # ------------------------------------------------------------------

    @api.model
    def _check_ledger(self, root):
        family = self.env["res.company"].with_context(active_test=False)
        family = family.search([("id", "child_of", root.id)])
        differences = self.env["o2c.ledger.difference"].with_context(
            allowed_company_ids=[root.id, *(family - root).ids]
        )
        off = sum(abs(row["difference"]) for row in differences._tie())
        lines = differences.search([], limit=NAMED_MAX)
        if root.currency_id.is_zero(off) and not lines:
            return 0, ""
        words = self.env._(
            "The difference is %(amount)s %(currency)s. %(names)s",
            amount=formatLang(self.env, off),
            currency=root.currency_id.name,
            names=", ".join(filter(None, lines.mapped("name"))),
        )
        return len(lines) or 1, words

    # ------------------------------------------------------------------
    # Invariant 2: once
    # ------------------------------------------------------------------

    @api.model
    def _check_once(self, root):
        self.env["o2c.chase.action"].flush_model()
        self.env["o2c.chase.message"].flush_model()
        with_room(self.env.cr)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT 'level', action.debtor_id, action.level::text
                  FROM o2c_chase_action action
                  JOIN o2c_debtor debtor ON debtor.id = action.debtor_id
                 WHERE debtor.company_id = %(company)s
                   AND action.state NOT IN ('skipped', 'cancelled')
              GROUP BY action.debtor_id, action.cycle, action.level,
                       COALESCE(action.item_id, 0)
                HAVING count(*) > 1
             UNION ALL
                SELECT 'message', debtor_id, recipient
                  FROM o2c_chase_message
                 WHERE company_id = %(company)s AND state <> 'cancelled'
                   AND is_merged IS NOT TRUE
              GROUP BY debtor_id, date, channel, recipient
                HAVING count(*) > 1
                """,
                company=root.id,
            )
        )
        debtors = self.env["o2c.debtor"].browse([row[1] for row in rows[:NAMED_MAX]])
        return len(rows), ", ".join(debtors.mapped("display_name"))

    # ------------------------------------------------------------------
    # Invariant 4: no silence
    # ------------------------------------------------------------------

    @api.model
    def _check_silence(self, root):
        debtors = self.env["o2c.debtor"]
        domain = debtors._silent_domain(root)
        names = debtors.search(domain, limit=NAMED_MAX).mapped("display_name")
        return debtors.search_count(domain), ", ".join(names)

    # ------------------------------------------------------------------
    # What waits for somebody
    # ------------------------------------------------------------------

    @api.model
    def _check_stuck_steps(self, root):
        return self._count_found(root, "stuck_steps")

    @api.model
    def _check_stuck_messages(self, root):
        return self._count_found(root, "stuck_messages")

    @api.model
    def _check_to_review(self, root):
        return self._count_found(root, "to_review")

    @api.model
    def _check_failed(self, root):
        return self._count_found(root, "failed")

    @api.model
    def _check_unknown(self, root):
        return self._count_found(root, "unknown")

    @api.model
    def _check_unmatched(self, root):
        return self._count_found(root, "unmatched")

    @api.model
    def _check_excluded(self, root):
        """Collectors are asked on the day of review; nobody acted some days later."""
        self.env["o2c.debtor"]._ask_about_excluded(root)
        return self._count_found(root, "excluded")

    @api.model
    def _count_found(self, root, kind):
        model, domain, _action, label = self._found(root, kind)
        found = self.env[model].search(domain, limit=NAMED_MAX)
        if not found:
            return 0, ""
        names = ", ".join(name or "" for name in found.mapped("display_name"))
        return self.env[model].search_count(domain), f"{label}: {names}"

    @api.model
    def _found_link(self, root, kind):
        """The list of what a check finds, as a link of the overview."""
        _model, domain, action, label = self._found(root, kind)
        if kind == "excluded":  # counted on journal items, which takes no time
            domain = self._excluded_items(root)
        return self.env["o2c.overview"]._link(action, label, list(domain))

    @api.model
    def _excluded_items(self, root):
        """The open items behind the journal items that are counted."""
        return Domain(
            [
                ("company_id", "child_of", root.id),
                ("no_followup", "=", True),
                ("amount_residual", ">", 0),
                ("move_line_id.o2c_review_date", "<", root._o2c_today() - REVIEW),
            ]
        )

    @api.model
    def _found(self, root, kind):
        """(model, domain, action, label) of the list behind a check."""
        ours = Domain("company_id", "=", root.id)
        lists = self._found_invariants(root, ours) | self._found_waiting(root, ours)
        return lists[kind]

    @api.model
    def _found_invariants(self, root, ours):
        """The lists behind the daily checks.

        :param ours: domain of what belongs to the root company
        """
        return {
            "ledger": (
                "o2c.ledger.difference",
                Domain("company_id", "child_of", root.id),
                "o2c_base.o2c_ledger_difference_action",
                self.env._("Differences to the ledger"),
            ),
            "once": ("o2c.chase.action", ours, ACTIONS, self.env._("Steps")),
            "silence": (
                "o2c.debtor",
                ours & Domain("lacks_next_step", "=", True),
                "o2c_base.o2c_debtor_action",
                self.env._("Without next step"),
            ),
            "chain": (
                "o2c.event",
                Domain("sequence", "!=", False),
                "o2c_base.o2c_event_action",
                self.env._("History"),
            ),
        }

    @api.model
    def _found_waiting(self, root, ours):
        """The lists of what waits for somebody; see ``_found_invariants``."""
        return {
            "stuck_steps": (
                "o2c.chase.action",
                ours & self._stuck_steps(root),
                ACTIONS,
                self.env._("Stuck steps"),
            ),
            "stuck_messages": (
                "o2c.chase.message",
                ours & self._stuck_messages(root),
                MESSAGES,
                self.env._("Stuck messages"),
            ),
            "to_review": (
                "o2c.chase.action",
                ours & self._unread_steps(root),
                ACTIONS,
                self.env._("Not read yet"),
            ),
            "failed": (
                "o2c.chase.action",
                ours & Domain("state", "=", "failed"),
                ACTIONS,
                self.env._("Failed"),
            ),
            "unknown": (
                "o2c.chase.action",
                ours & Domain("state", "=", "unknown"),
                ACTIONS,
                self.env._("Unclear whether it arrived"),
            ),
            "unmatched": (
                "o2c.reply",
                ours
                & Domain("state", "=", "unmatched")
                & Domain("is_automatic", "=", False),
                "o2c_collections.o2c_reply_action",
                self.env._("Replies of nobody"),
            ),
            "excluded": (
                "account.move.line",
                self.env["o2c.debtor"]._excluded_domain(
                    root, root._o2c_today() - REVIEW - timedelta(days=1)
                ),
                "o2c_collections.o2c_open_item_action_excluded",
                self.env._("Excluded, look due"),
            ),
        }

    @api.model
    def _stuck_steps(self, root):
        """Claimed for an hour, or planned for a day that has passed."""
        claimed = Domain("state", "=", "claimed") & Domain(
            "write_date", "<", fields.Datetime.now() - STUCK
        )
        if not root.sudo().o2c_sending:  # sudo: a setting of the root company
            return claimed
        late = Domain("state", "=", "planned") & Domain(
            "date_due", "<", root._o2c_today()
        )
        return claimed | late

    @api.model
    def _unread_steps(self, root):
        """Messages to read before they are sent, which nobody did for some days."""
        return Domain("state", "=", "to_review") & Domain(
            "date_due", "<", root._o2c_today() - REVIEW
        )

    @api.model
    def _stuck_messages(self, root):
        """Being sent for an hour, or due for as long and not tried.

        A letter waits for a person, who has some days to print it.
        """
        limit = fields.Datetime.now() - STUCK
        sending = Domain("state", "=", "sending") & Domain("write_date", "<", limit)
        if not root.sudo().o2c_sending:  # sudo: a setting of the root company
            return sending
        waits = Domain("state", "in", ("outgoing", "deferred")) & (
            Domain("next_try_at", "<", limit)
            | Domain("next_try_at", "=", False) & Domain("write_date", "<", limit)
        )
        is_letter = Domain("channel", "=", "letter")
        since = root._o2c_today() - LETTER
        unprinted = Domain("state", "=", "outgoing") & Domain("date", "<", since)
        return sending | (waits & ~is_letter) | (unprinted & is_letter)
