from odoo import models
from odoo.tools import SQL

from ..domain.channels import WRITTEN
from ..domain.reasons import HOLDING, REVIEW_DAYS

#: Two addresses in one field: "a@x, b@y", "a@x b@y" or "A <a@x>, B <b@y>".
SEVERAL_ADDRESSES = r"@[^@<>]*[,;[:space:]][^@<>]*@|<[^<>]*@[^<>]*>.*<[^<>]*@[^<>]*>"
#: A number that text messages can be sent to, as Odoo sanitizes it.
SMS_NUMBER = r"^\+[1-9][0-9]{6,14}$"
#: After so many days an address that was refused is tried once more.
REFUSAL_DAYS = 180
#: So many days after a letter was written that nobody printed, no other is written.
UNPRINTED_DAYS = 30
#: A message leaves at most so many days after it was written.
WAITING_DAYS_MAX = 30
#: Columns of a company's budget and the fields they are read from.
BUDGET = {
    "cap_count": "o2c_contact_cap",
    "cap_days": "o2c_contact_cap_days",
    "falls_to_sms": "o2c_falls_to_sms",
    "falls_to_letter": "o2c_falls_to_letter",
    "cost_email": "o2c_cost_email",
    "cost_sms": "o2c_cost_sms",
    "cost_letter": "o2c_cost_letter",
    "cost_call": "o2c_cost_call",
}
#: Obstacles that leave the step of a customer standing, so that somebody is reached.
STANDING = ("in_progress", *HOLDING)


class O2cChaseDecision(models.Model):
    """The second half of the decision: whom to reach, how, and at what cost.

    *budget* (settings of each company), *contacted* (until when a customer has been
    contacted enough), *contact* (whom to write e-mails to), *reach* (how else he can be
    reached, looked up only where that is needed), and the decision as it is read.
    """

    _inherit = "o2c.chase.decision"

    # ------------------------------------------------------------------
    # Contact budget
    # ------------------------------------------------------------------

    def _budget_columns(self):
        names = ("next_day", "zone", *BUDGET)
        return SQL(", ").join(SQL.identifier(name) for name in names)

    def _budget_values(self, roots):
        """Per root company: its next working day, its clock and its settings."""
        return SQL(", ").join(
            SQL(
                "(%s, %s::date, %s, %s)",
                root.id,
                root._o2c_next_working_day(root._o2c_today()),
                root._o2c_zone().zone,
                # sudo: settings of the root company, not shown
                SQL(", ").join(
                    SQL("%s", root.sudo()[name]) for name in BUDGET.values()
                ),
            )
            for root in roots
        )

    def _contacted_sql(self, roots):
        """Until when each customer has been contacted as often as he may be.

        What left by e-mail, text message or letter counts, and calls, over all plans
        and also by hand; statements do not. The cap holds until the oldest contact
        that fills it is so many days past.
        """
        if not any(root.sudo().o2c_contact_cap for root in roots):  # sudo: a setting
            return SQL("SELECT NULL::int AS debtor_id, NULL::date AS held_until")
        return SQL(
            """
            SELECT made.debtor_id, made.cap_days + (array_agg(
                   made.day ORDER BY made.day DESC))[made.cap_count] AS held_until
              FROM (
                SELECT message.debtor_id, capped.*, COALESCE(
                       (message.sent_at AT TIME ZONE 'UTC'
                           AT TIME ZONE capped.zone)::date, message.date) AS day
                  FROM o2c_chase_message message
                  JOIN (%(capped)s) capped ON capped.company_id = message.company_id
                 WHERE message.state IN ('sending', 'sent', 'unknown', 'bounced')
                   AND message.statement_id IS NULL
                   AND message.date > capped.since - %(waiting)s
             UNION ALL (
                SELECT called.debtor_id, capped.*, called.date_done AS day
                  FROM o2c_chase_action called
                  JOIN o2c_debtor debtor ON debtor.id = called.debtor_id
                  JOIN (%(capped)s) capped ON capped.company_id = debtor.company_id
                 WHERE called.channel = 'call' AND called.state = 'done'
                   AND called.date_done > capped.since
             UNION
                SELECT debtor.id, capped.*, (called.date AT TIME ZONE 'UTC'
                       AT TIME ZONE capped.zone)::date AS day
                  FROM mail_message called
                  JOIN o2c_debtor debtor ON debtor.id = called.res_id
                  JOIN (%(capped)s) capped ON capped.company_id = debtor.company_id
                 WHERE called.model = 'o2c.debtor' AND called.subtype_id = %(call)s
                   AND called.date > capped.since - 1)) made
             WHERE made.day > made.since
          GROUP BY made.debtor_id, made.cap_days, made.cap_count
            """,
            waiting=WAITING_DAYS_MAX,
            capped=SQL(
                """
                SELECT budget.company_id, budget.cap_days, budget.cap_count,
                       budget.zone, company.today - budget.cap_days AS since
                  FROM budget JOIN company ON company.id = budget.company_id
                 WHERE budget.cap_count > 0
                """
            ),
            call=self.env["ir.model.data"]._xmlid_to_res_id("o2c_base.mt_call"),
        )

    def _held_sql(self):
        """Why the contact budget puts a step off; NULL if it does not."""
        return SQL(
            """
            CASE WHEN channel <> 'todo' AND held_until > today THEN 'contact_cap'
                 WHEN budget.next_day > today THEN 'no_working_day' END
            """
        )

    # ------------------------------------------------------------------
    # Whom, and how
    # ------------------------------------------------------------------

    def _persons_sql(self):
        """Who may stand for the customer, as a join with *verdict*, and their order."""
        return SQL(
            """
                  JOIN res_partner person
                    ON person.commercial_partner_id = verdict.partner_id
                   AND person.active
                   AND (person.id = verdict.partner_id OR person.type = 'invoice'
                        OR person.o2c_contact_role = 'accounts_payable')
            CROSS JOIN LATERAL (
                SELECT CASE WHEN person.o2c_contact_role = 'accounts_payable' THEN 1
                            WHEN person.type = 'invoice' THEN 2 ELSE 3 END AS place
                  ) role
            """
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
                       person.id, person.email_normalized, person.lang, role.place,
                       CASE WHEN COALESCE(trim(person.email), '') = '' THEN 'no_address'
                            WHEN person.email IS DISTINCT FROM person.email_normalized
                                 AND person.email ~ %(several)s THEN 'several_addresses'
                            WHEN COALESCE(person.email_normalized, '')
                                 NOT LIKE '_%%@_%%' THEN 'bad_address'
                            WHEN %(refused)s THEN 'address_failed'
                            ELSE 'ok' END AS status
                  FROM verdict %(persons)s
                 WHERE COALESCE(verdict.obstacle, 'in_progress') = ANY(%(standing)s)
                   AND 'email' IN (verdict.channel, verdict.preferred)
                OFFSET 0) candidate
          ORDER BY candidate.debtor_id, candidate.status <> 'ok',
                   candidate.status = 'no_address', candidate.place, candidate.id
            """,
            several=SEVERAL_ADDRESSES,
            refused=self._refused_sql(SQL("email_normalized"), "smtp_rejected"),
            persons=self._persons_sql(),
            standing=list(STANDING),
        )

    def _refused_sql(self, address, reason):
        """Whether messages to this address of the person were refused lately."""
        return SQL(
            """
            EXISTS (SELECT FROM o2c_chase_message refused
                     WHERE refused.debtor_id = verdict.debtor_id
                       AND refused.recipient = person.%s
                       AND refused.state IN ('failed', 'bounced')
                       AND refused.reason = %s
                       AND refused.date > verdict.today - %s)
            """,
            address,
            reason,
            REFUSAL_DAYS,
        )

    def _unprinted_sql(self):
        """Whether a letter to the customer was left lying lately.

        The next one would lie there as well, so somebody gets a call or a task.
        """
        return SQL(
            """
            EXISTS (SELECT FROM o2c_chase_message lying
                     WHERE lying.debtor_id = verdict.debtor_id
                       AND lying.channel = 'letter' AND lying.state = 'cancelled'
                       AND lying.reason = 'not_printed'
                       AND lying.date > verdict.today - %s)
            """,
            UNPRINTED_DAYS,
        )

    def _reach_sql(self):
        """How else a customer can be reached, where an e-mail is not the way."""
        return SQL(
            """
            SELECT candidate.debtor_id,
                   min(ARRAY[place, id]) FILTER (WHERE sms = 'ok') AS sms_person,
                   (array_agg(sms ORDER BY sms = 'no_phone', place, id))[1] AS sms,
                   min(ARRAY[place, id]) FILTER (WHERE post = 'ok') AS letter_person,
                   (array_agg(post ORDER BY post = 'no_postal_address'))[1] AS post,
                   min(ARRAY[place, id]) FILTER (WHERE has_phone) AS call_person
              FROM (
                SELECT verdict.debtor_id, person.id, role.place,
                       COALESCE(trim(person.phone), '') <> '' AS has_phone,
                       CASE WHEN COALESCE(trim(person.street), '') = ''
                                 OR COALESCE(trim(person.city), '') = ''
                            THEN 'no_postal_address'
                            WHEN %(unprinted)s THEN 'not_printed'
                            ELSE 'ok' END AS post,
                       CASE WHEN COALESCE(trim(person.phone), '') = '' THEN 'no_phone'
                            WHEN COALESCE(person.phone_sanitized, '') !~ %(number)s
                            THEN 'bad_phone'
                            WHEN %(refused)s OR EXISTS (
                                SELECT FROM phone_blacklist blocked
                                 WHERE blocked.number = person.phone_sanitized
                                   AND blocked.active)
                            THEN 'phone_failed' ELSE 'ok' END AS sms
                  FROM verdict
                  %(persons)s
                 WHERE COALESCE(verdict.obstacle, 'in_progress') = ANY(%(standing)s)
                   -- NOT IN is looked up in a hash; a join compares each with each
                   AND (verdict.channel IN ('sms', 'letter', 'call')
                        OR verdict.preferred IN ('sms', 'letter')
                        OR verdict.channel = 'email' AND verdict.debtor_id NOT IN (
                           SELECT debtor_id FROM contact WHERE status = 'ok'))
                OFFSET 0) candidate
          GROUP BY candidate.debtor_id
            """,
            number=SMS_NUMBER,
            refused=self._refused_sql(SQL("phone_sanitized"), "sms_rejected"),
            unprinted=self._unprinted_sql(),
            persons=self._persons_sql(),
            standing=list(STANDING),
        )

    def _route_sql(self):
        """The channel, the person, why it is not the planned one, and the cost.

        What the customer prefers, then what stands in the plan, each if he has what it
        needs, then the order of :data:`~..domain.channels.CHANNELS`; text messages and
        letters take another's place only where the customer or the company wants that.
        A wish that costs more than is owed is not met: nobody silences us by a wish.
        """
        return SQL(
            """
            SELECT chosen.channel, chosen.problem, liked.is_preferred,
                   CASE chosen.channel
                        WHEN 'email' THEN contact.id
                        WHEN 'sms' THEN reach.sms_person[2]
                        WHEN 'letter' THEN reach.letter_person[2]
                        WHEN 'call' THEN reach.call_person[2] END AS person_id,
                   CASE chosen.channel
                        WHEN 'email' THEN budget.cost_email
                        WHEN 'sms' THEN budget.cost_sms
                        WHEN 'letter' THEN budget.cost_letter
                        WHEN 'call' THEN budget.cost_call ELSE 0 END AS cost
              FROM (
                SELECT COALESCE(CASE verdict.preferred
                       WHEN 'email' THEN contact.status = 'ok'
                            AND owed.amount >= budget.cost_email
                       WHEN 'sms' THEN reach.sms_person IS NOT NULL
                            AND owed.amount >= budget.cost_sms
                       WHEN 'letter' THEN reach.letter_person IS NOT NULL
                            AND owed.amount >= budget.cost_letter
                       END, FALSE) AS is_preferred) liked
        CROSS JOIN LATERAL (
                SELECT CASE
                   WHEN liked.is_preferred THEN verdict.preferred
                   WHEN verdict.channel = 'email' AND contact.status = 'ok'
                   THEN 'email'
                   WHEN reach.sms_person IS NOT NULL AND (verdict.channel = 'sms'
                        OR verdict.channel = 'email' AND budget.falls_to_sms)
                   THEN 'sms'
                   WHEN reach.letter_person IS NOT NULL
                        AND (verdict.channel = 'letter' OR budget.falls_to_letter
                             AND verdict.channel IN ('email', 'sms'))
                   THEN 'letter'
                   WHEN reach.call_person IS NOT NULL AND verdict.channel <> 'todo'
                   THEN 'call'
                   ELSE 'todo' END AS channel,
                CASE
                   WHEN liked.is_preferred THEN NULL
                   WHEN verdict.channel = 'email' AND contact.status IS NOT NULL
                   THEN NULLIF(contact.status, 'ok')
                   WHEN verdict.channel = 'email' THEN 'no_address'
                   WHEN verdict.channel = 'sms' AND reach.sms_person IS NULL
                   THEN COALESCE(reach.sms, 'no_phone')
                   WHEN verdict.channel = 'letter' AND reach.letter_person IS NULL
                   THEN COALESCE(reach.post, 'no_postal_address')
                   WHEN verdict.channel = 'call' AND reach.call_person IS NULL
                   THEN 'no_phone' END AS problem
                ) chosen
            """
        )

    # ------------------------------------------------------------------
    # The decision
    # ------------------------------------------------------------------

    def _outcome_sql(self, wanted):
        """The decision as its readers see it."""
        return SQL(
            """
            SELECT verdict.debtor_id AS id, verdict.debtor_id, verdict.partner_id,
                   verdict.company_id, verdict.collector_id, verdict.plan_id,
                   verdict.cycle, verdict.level_passed, verdict.is_new_cycle,
                   verdict.is_restart,
                   verdict.amount_overdue, verdict.amount_ours,
                   owed.amount AS amount_due,
                   verdict.amount_disputed, verdict.amount_promised,
                   verdict.amount_in_transit, verdict.days_oldest,
                   verdict.days_collectable, verdict.paused_until,
                   verdict.level_date, verdict.cycle_date, verdict.tolerance,
                   verdict.today, verdict.pending_id,
                   verdict.step_id, verdict.level, verdict.is_soon, verdict.item_ids,
                   verdict.item_step_ids, verdict.item_levels, verdict.item_amounts,
                   CASE WHEN COALESCE(final.obstacle, 'in_progress') = ANY(%(standing)s)
                        THEN route.channel ELSE verdict.channel END AS channel,
                   route.cost, route.problem, route.is_preferred,
                   CASE WHEN verdict.is_shadow AND COALESCE(
                             final.obstacle, 'not_in_pilot') = 'not_in_pilot'
                        THEN 'shadow'
                        WHEN final.obstacle IS NULL
                        THEN 'due' ELSE 'none' END AS outcome,
                   CASE WHEN final.obstacle IS NOT NULL THEN final.obstacle
                        WHEN verdict.is_shadow THEN 'not_in_pilot'
                        WHEN route.problem IS NOT NULL THEN route.problem
                        WHEN route.channel = 'email'
                             AND COALESCE(contact.lang, '') = '' THEN 'no_language'
                        WHEN verdict.is_soon THEN 'due_soon'
                        WHEN verdict.lacks_rate THEN 'no_rate'
                        ELSE 'due' END AS reason,
                   %(date_next)s AS date_next,
                   CASE WHEN route.channel = ANY(%(written)s)
                        THEN route.person_id END AS recipient_id,
                   CASE WHEN route.channel = 'email'
                        THEN contact.email_normalized END AS recipient_email
              FROM verdict
         LEFT JOIN budget ON budget.company_id = verdict.company_id
         LEFT JOIN contact ON contact.debtor_id = verdict.debtor_id
         LEFT JOIN reach ON reach.debtor_id = verdict.debtor_id
        CROSS JOIN LATERAL (
                SELECT COALESCE(verdict.turn_amount, verdict.amount_due) AS amount) owed
        CROSS JOIN LATERAL (%(route)s) route
        CROSS JOIN LATERAL (
                SELECT COALESCE(verdict.obstacle, CASE WHEN owed.amount < route.cost
                       THEN 'not_worth_it' END) AS obstacle) final
        CROSS JOIN LATERAL (
                SELECT CASE WHEN verdict.chase_reason = final.obstacle
                            THEN verdict.chase_reason_since
                            ELSE verdict.today END + %(review_days)s AS day) review
            """,
            standing=list(STANDING),
            written=list(WRITTEN),
            date_next=self._date_next_sql(wanted),
            route=self._route_sql(),
            review_days=REVIEW_DAYS,
        )

    def _date_next_sql(self, wanted):
        """When the step comes, or somebody looks again."""
        return SQL(
            """
            CASE WHEN final.obstacle IS NULL AND NOT verdict.is_shadow
                 THEN verdict.today
                 WHEN final.obstacle = 'paid' THEN NULL
                 WHEN final.obstacle = 'not_due'
                 THEN COALESCE(%(date_soon)s, verdict.date_first_due + 1)
                 WHEN final.obstacle = 'paused_until'
                 THEN LEAST(verdict.paused_until + 1, review.day)
                 WHEN final.obstacle IN ('waiting_level', 'too_soon', 'plan_finished')
                 THEN GREATEST(verdict.date_level, verdict.date_gap)
                 WHEN final.obstacle = 'contact_cap' THEN verdict.held_until
                 WHEN final.obstacle = 'no_working_day' THEN budget.next_day
                 WHEN final.obstacle IN ('archived', 'no_followup', 'invoice_not_sent',
                      'before_chase_from', 'covered_by_credit', 'below_tolerance',
                      'no_level_for_amount', 'not_worth_it')
                 THEN review.day
                 ELSE verdict.today + 1 END
            """,
            date_soon=self._date_soon_sql(wanted),
        )
