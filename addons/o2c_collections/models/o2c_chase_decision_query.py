from odoo import models
from odoo.tools import SQL, email_normalize

from ..domain.reasons import REVIEW_DAYS

#: Two addresses in one field: "a@x, b@y", "a@x b@y" or "A <a@x>, B <b@y>".
SEVERAL_ADDRESSES = r"@[^@<>]*[,;[:space:]][^@<>]*@|<[^<>]*@[^<>]*>.*<[^<>]*@[^<>]*>"
#: After so many days an address that was refused is tried once more.
REFUSAL_DAYS = 180


class O2cChaseDecision(models.Model):
    """The one statement that decides about every customer account.

    It goes in steps, each a named sub-query: *item* (the open items), *fact* (sums
    per account), *state* (cycle and level as they stand today), *step* (what would
    come next and when), *verdict* (the first reason that speaks against it, or
    none), *contact* (whom to write to).
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
        accounts = [SQL("debtor.company_id = ANY(%s)", roots.ids)]
        if partner_ids is not None:
            accounts.append(SQL("debtor.partner_id = ANY(%s)", list(partner_ids)))
        return SQL(
            """
            WITH company(id, today, plan_id, has_sender, pilot) AS (
                VALUES %(companies)s),
            fact AS (%(fact)s),
            state AS MATERIALIZED (%(state)s),
            step AS (%(step)s),
            verdict AS MATERIALIZED (%(verdict)s),
            contact AS (%(contact)s)
            %(decision)s
            """,
            companies=self._company_values(roots),
            fact=self._fact_sql(items),
            state=self._state_sql(SQL(" AND ").join(accounts)),
            step=self._step_sql(),
            verdict=self._verdict_sql(),
            contact=self._contact_sql(),
            decision=self._outcome_sql(),
        )

    def _company_values(self, roots):
        plans = self.env["o2c.chase.plan"].sudo()  # sudo: which plan, not its content
        return SQL(", ").join(
            SQL(
                "(%s, %s::date, %s::int, %s, %s)",
                root.id,
                root._o2c_today(),
                plans._default_for(root).id or None,
                bool(
                    email_normalize(root.sudo().email)
                ),  # sudo: may be another company's
                bool(root.sudo().o2c_pilot),  # sudo: likewise
            )
            for root in roots
        )

    def _fact_sql(self, items):
        """Sums per account. *Late* is what is overdue, *ours* what may be chased."""
        return SQL(
            """
            SELECT debtor_id,
                   count(*) AS item_count,
                   sum(amount_residual) FILTER (WHERE late) AS amount_overdue,
                   sum(amount_residual) FILTER (WHERE ours) AS amount_ours,
                   sum(amount_collectable) FILTER (WHERE ours) AS amount_due,
                   %(resting)s,
                   max(days_overdue) FILTER (WHERE ours) AS days_oldest,
                   max(days_overdue) FILTER (
                       WHERE ours AND amount_collectable > 0) AS days_collectable,
                   min(date_maturity) FILTER (
                       WHERE NOT late AND amount_residual > 0) AS date_first_due,
                   bool_or(no_followup) FILTER (WHERE late) AS has_no_followup,
                   bool_or(NOT has_rate) FILTER (WHERE ours) AS lacks_rate
              FROM (SELECT item.*,
                           item.days_overdue > 0 AND item.amount_residual > 0 AS late,
                           item.days_overdue > 0 AND item.amount_residual > 0
                               AND NOT item.no_followup
                               AND NOT COALESCE(item.is_before_chase_from, FALSE)
                               AS ours,
                           item.currency_id = item.company_currency_id
                               OR (item.currency_id, item.root_company_id) IN (
                                   SELECT rate.currency_id, company.id
                                     FROM res_currency_rate rate
                                     JOIN company ON company.id = COALESCE(
                                          rate.company_id, company.id))
                               AS has_rate
                      FROM (%(items)s) item
                     WHERE item.debtor_id IS NOT NULL
                    OFFSET 0) item
          GROUP BY debtor_id
            """,
            resting=self._resting_sums(),
            items=items,
        )

    def _resting_sums(self):
        """Sums of what rests; nothing is summed while no add-on makes items rest."""
        names = ("amount_disputed", "amount_promised", "amount_in_transit")
        rests = self.env["o2c.open.item"]._taken_sql() is not None
        term = "sum(%s) FILTER (WHERE ours) AS %s" if rests else "0.0 AS %s"
        return SQL(", ").join(
            SQL(term, *[SQL.identifier(name)] * term.count("%s")) for name in names
        )

    def _state_sql(self, accounts):
        """Cycle and level as of today.

        A cycle opens with an overdue amount above the tolerance and lasts while
        anything overdue remains. When what is left is younger than the level that
        was reached, a new cycle begins at the first level.
        """
        return SQL(
            """
            SELECT debtor.id AS debtor_id, debtor.partner_id, debtor.company_id,
                   debtor.collector_id, debtor.paused_until, debtor.level_date,
                   debtor.cycle_date, debtor.chase_reason, debtor.chase_reason_since,
                   partner.active AS is_active, partner.lang,
                   company.pilot AND debtor.is_pilot IS NOT TRUE AS is_shadow,
                   company.today, company.has_sender,
                   plan.id AS plan_id, plan.gap_days, plan.tolerance,
                   plan.final_action, plan.repeat_days,
                   COALESCE(fact.item_count, 0) AS item_count,
                   COALESCE(fact.amount_overdue, 0) AS amount_overdue,
                   COALESCE(fact.amount_ours, 0) AS amount_ours,
                   COALESCE(fact.amount_due, 0) AS amount_due,
                   COALESCE(fact.amount_disputed, 0) AS amount_disputed,
                   COALESCE(fact.amount_promised, 0) AS amount_promised,
                   COALESCE(fact.amount_in_transit, 0) AS amount_in_transit,
                   COALESCE(fact.amount_ours - fact.amount_disputed
                       - fact.amount_promised - fact.amount_in_transit, 0)
                       AS amount_covered,
                   COALESCE(fact.days_oldest, 0) AS days_oldest,
                   COALESCE(fact.days_collectable, 0) AS days_collectable,
                   fact.date_first_due, fact.has_no_followup, fact.lacks_rate,
                   restart.needed OR debtor.cycle_date IS NULL AS is_new_cycle,
                   debtor.cycle + CASE WHEN restart.needed
                       OR debtor.cycle_date IS NULL THEN 1 ELSE 0 END AS cycle,
                   CASE WHEN restart.needed OR debtor.cycle_date IS NULL
                       THEN 0 ELSE debtor.level END AS level_passed
              FROM o2c_debtor debtor
              JOIN company ON company.id = debtor.company_id
              JOIN res_partner partner ON partner.id = debtor.partner_id
         LEFT JOIN fact ON fact.debtor_id = debtor.id
         LEFT JOIN o2c_chase_plan own ON own.id = debtor.plan_id AND own.active
         LEFT JOIN o2c_chase_plan plan ON plan.id = COALESCE(own.id, company.plan_id)
        CROSS JOIN LATERAL (
                SELECT debtor.cycle_date IS NOT NULL AND debtor.level > 0
                       AND fact.days_oldest IS NOT NULL
                       AND fact.days_oldest < (
                           SELECT reached.days FROM o2c_chase_step reached
                            WHERE reached.plan_id = plan.id
                              AND reached.level <= debtor.level
                         ORDER BY reached.level DESC, reached.days
                            LIMIT 1) AS needed_or_null
                ) younger
        CROSS JOIN LATERAL (
                SELECT COALESCE(younger.needed_or_null, FALSE) AS needed) restart
             WHERE %s
            """,
            accounts,
        )

    def _step_sql(self):
        """What comes next, from which day on.

        The next level is the first one above the passed one with a line for the
        amount; where there is none, the plan's final action follows, which counts
        as the next level each time. What is repeated is the last level with a line
        for the amount; nothing is repeated before a first level was passed.
        """
        return SQL(
            """
            SELECT state.*,
                   next.id AS next_id,
                   levels.plan_id IS NULL AS lacks_levels,
                   next.id IS NULL AND state.level_passed = 0 AS lacks_line,
                   next.id IS NULL AS is_final,
                   COALESCE(next.id, last.id) AS step_id,
                   COALESCE(next.level, state.level_passed + 1) AS level,
                   CASE WHEN next.id IS NOT NULL THEN next.channel
                        WHEN state.final_action = 'repeat' AND last.id IS NOT NULL
                        THEN last.channel
                        ELSE 'todo' END AS channel,
                   CASE WHEN next.id IS NOT NULL THEN next.template_id
                        ELSE last.template_id END AS template_id,
                   CASE WHEN next.id IS NOT NULL
                        THEN state.today + next.days - state.days_collectable
                        ELSE state.today END AS date_level,
                   state.level_date + CASE WHEN next.id IS NOT NULL
                        THEN state.gap_days ELSE state.repeat_days END AS date_gap
              FROM state
         LEFT JOIN (SELECT DISTINCT plan_id FROM o2c_chase_step) levels
                ON levels.plan_id = state.plan_id
         LEFT JOIN LATERAL (
                SELECT id, level, days, channel, template_id FROM o2c_chase_step
                 WHERE plan_id = state.plan_id AND level > state.level_passed
                   AND state.amount_due > 0
                   AND state.amount_due >= COALESCE(amount_min, 0)
                   AND (COALESCE(amount_max, 0) = 0 OR state.amount_due < amount_max)
              ORDER BY level, amount_min DESC LIMIT 1) next ON TRUE
         LEFT JOIN LATERAL (
                SELECT id, level, channel, template_id FROM o2c_chase_step
                 WHERE next.id IS NULL AND plan_id = state.plan_id
                   AND state.amount_due >= COALESCE(amount_min, 0)
                   AND (COALESCE(amount_max, 0) = 0 OR state.amount_due < amount_max)
              ORDER BY level DESC, amount_min DESC LIMIT 1) last ON TRUE
            """
        )

    def _verdict_sql(self):
        """The first reason that speaks against a contact today; NULL if none does."""
        return SQL(
            """
            SELECT step.*, pending.id AS pending_id,
                   CASE
                   WHEN amount_overdue <= 0 AND (item_count = 0
                       OR cycle_date IS NOT NULL OR pending.id IS NOT NULL) THEN 'paid'
                   WHEN amount_overdue <= 0 THEN 'not_due'
                   WHEN paused_until >= today THEN 'paused_until'
                   WHEN NOT is_active THEN 'archived'
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
                   WHEN date_level > today THEN 'waiting_level'
                   WHEN date_gap > today AND is_final THEN 'plan_finished'
                   WHEN date_gap > today THEN 'too_soon'
                   WHEN pending.id IS NOT NULL AND is_shadow THEN 'not_in_pilot'
                   WHEN pending.state IN ('failed', 'unknown') THEN pending.state
                   WHEN pending.id IS NOT NULL THEN 'in_progress'
                   WHEN channel = 'email' AND template_id IS NULL THEN 'no_template'
                   WHEN channel = 'email' AND NOT has_sender THEN 'no_sender'
                   END AS obstacle
              FROM step
         LEFT JOIN LATERAL (
                SELECT id, state FROM o2c_chase_action
                 WHERE debtor_id = step.debtor_id AND cycle = step.cycle
                   AND item_id IS NULL
                   AND state IN ('planned', 'to_review', 'claimed', 'queued',
                                 'failed', 'unknown')
              ORDER BY id DESC LIMIT 1) pending ON TRUE
            """
        )

    def _outcome_sql(self):
        """The decision as its readers see it."""
        return SQL(
            """
            SELECT verdict.debtor_id AS id, verdict.debtor_id, verdict.partner_id,
                   verdict.company_id, verdict.collector_id, verdict.plan_id,
                   verdict.cycle, verdict.level_passed, verdict.is_new_cycle,
                   verdict.amount_overdue, verdict.amount_due, verdict.amount_ours,
                   verdict.amount_disputed, verdict.amount_promised,
                   verdict.amount_in_transit, verdict.days_oldest,
                   verdict.days_collectable, verdict.paused_until,
                   verdict.level_date, verdict.cycle_date, verdict.tolerance,
                   verdict.today, verdict.pending_id,
                   verdict.step_id, verdict.level,
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
                        WHEN verdict.lacks_rate THEN 'no_rate'
                        ELSE 'due' END AS reason,
                   CASE WHEN verdict.obstacle IS NULL AND NOT verdict.is_shadow
                        THEN verdict.today
                        WHEN verdict.obstacle = 'paid' THEN NULL
                        WHEN verdict.obstacle = 'not_due'
                        THEN verdict.date_first_due + 1
                        WHEN verdict.obstacle = 'paused_until'
                        THEN LEAST(verdict.paused_until + 1, review.day)
                        WHEN verdict.obstacle IN ('waiting_level', 'too_soon',
                                                  'plan_finished')
                        THEN GREATEST(verdict.date_level, verdict.date_gap)
                        WHEN verdict.obstacle IN ('archived', 'no_followup',
                             'before_chase_from', 'covered_by_credit',
                             'below_tolerance', 'no_level_for_amount')
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
