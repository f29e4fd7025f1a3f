from odoo import api, models
from odoo.fields import Domain

ACTIVITY = "o2c_collections.mail_activity_type_exclusion"
#: Items asked about in one go; the next hour goes on.
ITEMS_MAX = 2000
NUMBERS_SHOWN = 10


class O2cDebtor(models.Model):
    """Whoever looks after a customer decides again about what was excluded."""

    _inherit = "o2c.debtor"

    @api.model
    def _excluded_domain(self, root, until):
        """Journal items left out of the chase whose day of review has come.

        :param until: the last such day
        """
        return Domain(
            [
                ("o2c_review_date", "<=", until),
                ("no_followup", "=", True),
                ("reconciled", "=", False),
                ("balance", ">", 0),
                ("parent_state", "=", "posted"),
                ("account_id.account_type", "=", "asset_receivable"),
                ("account_id.non_trade", "=", False),
                ("company_id", "child_of", root.id),
            ]
        )

    @api.model
    def _ask_about_excluded(self, root):
        """Give the collectors a task for each customer, once for each day of review.

        The key is on the items: whether somebody was asked on their day of review.
        """
        due = self._excluded_domain(root, root._o2c_today())
        lines = self.env["account.move.line"].search(
            due & Domain("o2c_review_asked", "=", False), limit=ITEMS_MAX
        )
        lines.o2c_review_asked = True
        by_partner = lines.grouped(lambda line: line.partner_id.commercial_partner_id)
        for debtor in self._ensure([(one, root) for one in by_partner if one]):
            debtor._ask_about(by_partner[debtor.partner_id])
        asked = self.search(
            [
                ("company_id", "=", root.id),
                ("activity_ids.activity_type_id", "=", self.env.ref(ACTIVITY).id),
            ]
        )
        asked._close_exclusion_activity()

    def _ask_about(self, lines):
        """One task for the items of a customer whose day of review has come."""
        person = self._responsible() or self.company_id._o2c_owner()
        localized = self.with_context(lang=person.lang or self.env.lang)
        numbers = ", ".join(filter(None, lines[:NUMBERS_SHOWN].mapped("move_name")))
        more = " …" if len(lines) > NUMBERS_SHOWN else ""
        self.with_context(mail_activity_quick_update=True).activity_schedule(
            ACTIVITY,
            summary=localized.env._("Excluded from follow-up: decide again"),
            note=localized.env._(
                "Follow up again, or leave out for 90 more days: %(numbers)s",
                numbers=numbers + more,
            ),
            date_deadline=self.company_id._o2c_today(),
            user_id=person.id,
        )
        self.env["o2c.event"]._record("exclusion_due", self, {"items": numbers})

    def _close_exclusion_activity(self):
        """The tasks are done when no item of the customer waits for a decision."""
        kind = self.env.ref(ACTIVITY)
        for root, debtors in self.grouped("company_id").items():
            due = self._excluded_domain(root, root._o2c_today())
            waiting = self.env["account.move.line"].search(
                due & Domain("partner_id", "child_of", debtors.partner_id.ids)
            )
            partners = waiting.partner_id.commercial_partner_id
            done = debtors.filtered(
                lambda debtor, partners=partners: debtor.partner_id not in partners
            )
            done.activity_ids.filtered(
                lambda activity: activity.activity_type_id == kind
            ).action_feedback()
