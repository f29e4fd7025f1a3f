from odoo import models
from odoo.tools import SQL

from ..domain.reasons import REVIEW_DAYS

#: Two addresses in one field: "a@x, b@y", "a@x b@y" or "A <a@x>, B <b@y>".
SEVERAL_ADDRESSES = r"@[^@<>]*[,;[:space:]][^@<>]*@|<[^<>]*@[^<>]*>.*<[^<>]*@[^<>]*>"
#: After so many days an address that was refused is tried once more.
REFUSAL_DAYS = 180


class O2cChaseDecision(models.Model):
    """The one statement that decides about every customer account.

    It goes in steps, each a named sub-query: *item* (the open items), *account* (the
    customer and his plan), *fact* (sums per account), *state* (cycle and level as
    they stand today), *turn* (what is due of single items), *step* (what would come
    next and when), *verdict* (the first reason that speaks against it, or none),
    *contact* (whom to write to). Up to *step* they are in
    :file:`o2c_chase_decision_step.py` and :file:`o2c_chase_decision_item.py`.
    """

    _inherit = "o2c.chase.decision"

    @property
    def _table_query(self):
        roots = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        return self._decision_sql(roots=roots)

    def _decision_sql(self, roots, partner_ids=None):
        """The query.

        :param roots: root companies to decide for
        :param partner_ids: ids of commercial partners to narrow to
        :return: SQL with one row per customer account
        """
        root = roots if len(roots) == 1 else None
        items = self.env["o2c.open.item"]._items_sql(root=root, partner_ids=partner_ids)
        wanted = self._wanted_parts(roots)
        accounts = [SQL("debtor.company_id = ANY(%s)", roots.ids)]
        if partner_ids is not None:
            accounts.append(SQL("debtor.partner_id = ANY(%s)", list(partner_ids)))
        return SQL(
            """
            WITH company(id, today, has_sender, pilot) AS (VALUES %(companies)s),
            account AS (%(account)s),
            fact AS (%(fact)s),
            state AS MATERIALIZED (%(state)s),
            %(turn)s
            step AS (%(step)s),
            verdict AS MATERIALIZED (%(verdict)s),
            contact AS (%(contact)s)
            %(decision)s
            """,
            companies=self._company_values(roots),
            account=self._account_sql(roots, SQL(" AND ").join(accounts)),
            fact=self._fact_sql(items, wanted),
            state=self._state_sql(wanted),
            turn=self._turn_sql(wanted),
            step=self._step_sql(wanted),
            verdict=self._verdict_sql(),
            contact=self._contact_sql(),
            decision=self._one_per_account(self._outcome_sql(wanted), wanted),
        )

    def _verdict_sql(self):
        """The first reason that speaks against a contact today; NULL if none does."""
        return SQL(
            """
            SELECT step.*, pending.id AS pending_id,
                   CASE
                   WHEN is_soon THEN %(soon)s
                   WHEN amount_overdue <= 0 AND (item_count = 0
                       OR cycle_date IS NOT NULL OR pending.id IS NOT NULL) THEN 'paid'
                   WHEN amount_overdue <= 0 THEN 'not_due'
                   WHEN paused_until >= today THEN 'paused_until'
                   WHEN NOT is_active THEN 'archived'
                   WHEN amount_ours <= 0 AND has_unsent THEN 'invoice_not_sent'
                   WHEN amount_ours <= 0 AND has_no_followup THEN 'no_followup'
                   WHEN amount_ours <= 0 THEN 'before_chase_from'
                   WHEN amount_due <= 0 AND amount_disputed > 0
                       AND amount_disputed >= GREATEST(amount_promised,
                           amount_in_transit, amount_covered) THEN 'disputed'
                   WHEN amount_due <= 0 AND amount_promised > 0
                       AND amount_promised >= GREATEST(amount_in_transit,
                           amount_covered) THEN 'promised'
                   WHEN amount_due <= 0 AND amount_in_transit > 0
                       AND amount_in_transit >= amount_covered THEN 'in_transit'
                   WHEN amount_due <= 0 THEN 'covered_by_credit'
                   WHEN plan_id IS NULL THEN 'no_plan'
                   WHEN amount_due <= tolerance THEN 'below_tolerance'
                   WHEN lacks_levels THEN 'no_levels'
                   WHEN lacks_line THEN 'no_level_for_amount'
                   WHEN is_by_item AND fresh_count = 0 AND pending.id IS NOT NULL
                   THEN CASE WHEN is_shadow THEN 'not_in_pilot'
                        WHEN pending.state IN ('failed', 'unknown')
                        THEN pending.state ELSE 'in_progress' END
                   WHEN date_level > today THEN 'waiting_level'
                   WHEN date_gap > today AND is_final THEN 'plan_finished'
                   WHEN date_gap > today THEN 'too_soon'
                   WHEN pending.id IS NOT NULL AND is_shadow THEN 'not_in_pilot'
                   WHEN NOT is_by_item AND pending.state IN ('failed', 'unknown')
                   THEN pending.state
                   WHEN NOT is_by_item AND pending.id IS NOT NULL THEN 'in_progress'
                   WHEN channel = 'email' AND template_id IS NULL THEN 'no_template'
                   WHEN channel = 'email' AND NOT has_sender THEN 'no_sender'
                   END AS obstacle
              FROM step
         LEFT JOIN LATERAL (
                SELECT id, state FROM o2c_chase_action
                 WHERE debtor_id = step.debtor_id AND cycle = step.cycle
                   AND (item_id IS NULL OR step.is_by_item)
                   AND state IN ('planned', 'to_review', 'claimed', 'queued',
                                 'failed', 'unknown')
              ORDER BY id DESC LIMIT 1) pending ON TRUE
            """,
            soon=self._soon_obstacle_sql(),
        )

    def _outcome_sql(self, wanted):
        """The decision as its readers see it."""
        return SQL(
            """
            SELECT verdict.debtor_id AS id, verdict.debtor_id, verdict.partner_id,
                   verdict.company_id, verdict.collector_id, verdict.plan_id,
                   verdict.cycle, verdict.level_passed, verdict.is_new_cycle,
                   verdict.is_restart,
                   verdict.amount_overdue, verdict.amount_ours,
                   COALESCE(verdict.turn_amount, verdict.amount_due) AS amount_due,
                   verdict.amount_disputed, verdict.amount_promised,
                   verdict.amount_in_transit, verdict.days_oldest,
                   verdict.days_collectable, verdict.paused_until,
                   verdict.level_date, verdict.cycle_date, verdict.tolerance,
                   verdict.today, verdict.pending_id,
                   verdict.step_id, verdict.level, verdict.is_soon, verdict.item_ids,
                   verdict.item_step_ids, verdict.item_levels, verdict.item_amounts,
                   CASE WHEN verdict.obstacle IS NULL AND verdict.channel = 'email'
                             AND COALESCE(contact.status, 'no_address') <> 'ok'
                        THEN 'call' ELSE verdict.channel END AS channel,
                   CASE WHEN verdict.is_shadow AND COALESCE(
                             verdict.obstacle, 'not_in_pilot') = 'not_in_pilot'
                        THEN 'shadow'
                        WHEN verdict.obstacle IS NULL
                        THEN 'due' ELSE 'none' END AS outcome,
                   CASE WHEN verdict.obstacle IS NOT NULL THEN verdict.obstacle
                        WHEN verdict.is_shadow THEN 'not_in_pilot'
                        WHEN verdict.channel = 'email'
                             AND COALESCE(contact.status, 'no_address') <> 'ok'
                        THEN COALESCE(contact.status, 'no_address')
                        WHEN verdict.channel = 'email'
                             AND COALESCE(contact.lang, '') = '' THEN 'no_language'
                        WHEN verdict.is_soon THEN 'due_soon'
                        WHEN verdict.lacks_rate THEN 'no_rate'
                        ELSE 'due' END AS reason,
                   CASE WHEN verdict.obstacle IS NULL AND NOT verdict.is_shadow
                        THEN verdict.today
                        WHEN verdict.obstacle = 'paid' THEN NULL
                        WHEN verdict.obstacle = 'not_due'
                        THEN COALESCE(%(date_soon)s, verdict.date_first_due + 1)
                        WHEN verdict.obstacle = 'paused_until'
                        THEN LEAST(verdict.paused_until + 1, review.day)
                        WHEN verdict.obstacle IN ('waiting_level', 'too_soon',
                                                  'plan_finished')
                        THEN GREATEST(verdict.date_level, verdict.date_gap)
                        WHEN verdict.obstacle IN ('archived', 'no_followup',
                             'invoice_not_sent', 'before_chase_from',
                             'covered_by_credit', 'below_tolerance',
                             'no_level_for_amount')
                        THEN review.day
                        ELSE verdict.today + 1 END AS date_next,
                   CASE WHEN contact.status = 'ok'
                        THEN contact.id END AS recipient_id,
                   CASE WHEN contact.status = 'ok'
                        THEN contact.email_normalized END AS recipient_email
              FROM verdict
        CROSS JOIN LATERAL (
                SELECT CASE WHEN verdict.chase_reason = verdict.obstacle
                            THEN verdict.chase_reason_since
                            ELSE verdict.today END + %(review_days)s AS day) review
         LEFT JOIN contact ON contact.debtor_id = verdict.debtor_id
            """,
            review_days=REVIEW_DAYS,
            date_soon=self._date_soon_sql(wanted),
        )

    def _contact_sql(self):
        """The best contact: accounts payable, invoice address, the company itself.

        One with a usable address comes before one without; an address that was
        refused is not used again until it is changed.
        """
        return SQL(
            """
            SELECT DISTINCT ON (candidate.debtor_id) candidate.* FROM (
                SELECT verdict.debtor_id,
                       person.id, person.email_normalized, person.lang,
                       CASE WHEN person.o2c_contact_role = 'accounts_payable' THEN 1
                            WHEN person.type = 'invoice' THEN 2 ELSE 3 END AS place,
                       CASE WHEN COALESCE(trim(person.email), '') = ''
                            THEN 'no_address'
                            WHEN person.email IS DISTINCT FROM
                                     person.email_normalized
                                 AND person.email ~ %(several)s
                            THEN 'several_addresses'
                            WHEN COALESCE(person.email_normalized, '')
                                 NOT LIKE '_%%@_%%' THEN 'bad_address'
                            WHEN EXISTS (
                                SELECT FROM o2c_chase_message refused
                                 WHERE refused.debtor_id = verdict.debtor_id
                                   AND refused.recipient = person.email_normalized
                                   AND refused.state IN ('failed', 'bounced')
                                   AND refused.reason = 'smtp_rejected'
                                   AND refused.date > verdict.today
                                       - %(refusal_days)s)
                            THEN 'address_failed'
                            ELSE 'ok' END AS status
                  FROM verdict
                  JOIN res_partner person
                    ON person.commercial_partner_id = verdict.partner_id
                 WHERE (verdict.obstacle IS NULL
                        OR verdict.obstacle = 'in_progress')
                   AND verdict.channel = 'email'
                   AND person.active
                   AND (person.id = verdict.partner_id OR person.type = 'invoice'
                        OR person.o2c_contact_role = 'accounts_payable')
                OFFSET 0) candidate
          ORDER BY candidate.debtor_id, candidate.status <> 'ok',
                   candidate.status = 'no_address', candidate.place, candidate.id
            """,
            several=SEVERAL_ADDRESSES,
            refusal_days=REFUSAL_DAYS,
        )
