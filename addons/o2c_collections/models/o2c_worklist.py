from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.o2c_base.tools.transaction import without_jit

from ..domain import worklist

#: What waits for a person, the most urgent first.
WAITS = [
    ("decide", "Decide"),
    ("review", "Review"),
    ("call", "Call"),
    ("task", "Task"),
]
STATUSES = [
    ("open", "To do"),
    ("later", "Agreed for later"),
    ("recent", "In touch lately"),
    ("resting", "Nothing to ask for"),
    ("paused", "Paused"),
    ("snoozed", "Snoozed"),
]
#: Last decisions under which there is nothing to ask for.
RESTING = (
    "before_chase_from",
    "below_tolerance",
    "covered_by_credit",
    "disputed",
    "in_transit",
    "no_followup",
    "not_worth_it",
    "promised",
)
#: Last decision under which the contact budget is used up.
ENOUGH = "contact_cap"


class O2cWorklist(models.Model):
    """The collector's day: customers ranked by what acting today is worth.

    One row per customer who owes something overdue, or with whom something is to be
    done. Read-only: it is made from what is stored on customer accounts, open steps
    and activities, so that its cost does not grow with the ledger.
    """

    _name = "o2c.worklist"
    _description = "Worklist"
    _auto = False
    _order = "worth DESC, id"
    _rec_name = "partner_id"
    _depends = {
        "mail.activity": ["active", "activity_type_id", "date_deadline", "res_id"],
        "o2c.chase.action": ["activity_id", "date_due", "debtor_id", "state"],
        "o2c.debtor": [
            "amount_collectable",
            "amount_outstanding",
            "amount_overdue",
            "amount_unapplied",
            "chase_reason",
            "collector_id",
            "contact_date",
            "date_oldest_due",
            "days_late_average",
            "days_late_trend",
            "level_date",
            "paused_until",
            "payment_count",
            "segment_id",
            "snoozed_until",
        ],
    }

    debtor_id = fields.Many2one("o2c.debtor", "Customer account", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    collector_id = fields.Many2one(
        "res.users", readonly=True, falsy_value_label="Nobody"
    )
    segment_id = fields.Many2one("o2c.segment", readonly=True)
    is_mine = fields.Boolean(
        "My customer",
        compute="_compute_is_mine",
        search="_search_is_mine",
        help="As on the customer account: yours, those you act for, and nobody's.",
    )
    status = fields.Selection(
        STATUSES,
        readonly=True,
        help="To do, or why nobody needs to act today.",
    )
    waits = fields.Selection(
        WAITS,
        readonly=True,
        help="The most urgent thing that waits for a person today: a failed step to "
        "decide on, a message to review, a call, another task.",
    )
    worth = fields.Monetary(
        readonly=True,
        help="The amount that may be asked for, times the points out of 100. Points: "
        "10 for everybody, up to 40 for lateness, up to 20 for behaviour, up to 20 for "
        "silence, 10 if something waits.",
    )
    points = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="Out of 100: how much speaks for acting today rather than later.",
    )
    points_lateness = fields.Integer(
        "Points for lateness", readonly=True, aggregator="avg"
    )
    points_behaviour = fields.Integer(
        "Points for behaviour", readonly=True, aggregator="avg"
    )
    points_silence = fields.Integer(
        "Points for silence", readonly=True, aggregator="avg"
    )
    points_waiting = fields.Integer(
        "Points for work that waits", readonly=True, aggregator="avg"
    )
    amount = fields.Monetary(
        "To ask for",
        readonly=True,
        help="What is overdue and may be asked for, after credits.",
    )
    amount_overdue = fields.Monetary("Overdue", readonly=True)
    amount_outstanding = fields.Monetary("Outstanding", readonly=True)
    days_late = fields.Integer(readonly=True, aggregator="max")
    days_usual = fields.Float(
        "Usually late by",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Average days late of what was paid within a year.",
    )
    days_trend = fields.Float("Trend", digits=(16, 1), readonly=True, aggregator="avg")
    has_paid = fields.Boolean("Paid within a year", readonly=True)
    contact_date = fields.Date("Last contact", readonly=True)
    days_silent = fields.Integer(
        "Days without contact", readonly=True, aggregator="max"
    )
    date_next = fields.Date(
        "Planned for", readonly=True, help="When the next task or call is planned."
    )
    snoozed_until = fields.Date(readonly=True)
    paused_until = fields.Date(readonly=True)
    worked_today = fields.Integer(
        readonly=True, help="Customers called or written to by a person today."
    )
    open_count = fields.Integer(
        "On the worklist", readonly=True, help="Customers to act on today."
    )

    # ------------------------------------------------------------------
    # The query
    # ------------------------------------------------------------------

    def _search(self, *args, **kwargs):
        """EXTENDS base: read with a plan, not with a compiler."""
        without_jit(self.env.cr)
        return super()._search(*args, **kwargs)

    @property
    def _table_query(self):
        return SQL(
            """
            WITH calendar(company_id, today, currency_id, decimals) AS (
                VALUES %(calendar)s),
            work AS (%(work)s),
            fact AS (%(fact)s),
            weighed AS (%(weighed)s)
            SELECT weighed.*,
                   %(base)s + points_lateness + points_behaviour + points_silence
                       + points_waiting AS points,
                   round(amount * (%(base)s + points_lateness + points_behaviour
                       + points_silence + points_waiting) / 100, decimals) AS worth,
                   CASE WHEN status = 'open' THEN 1 ELSE 0 END AS open_count
              FROM weighed
            """,
            calendar=self._calendar_values(),
            work=self._work_sql(),
            fact=self._fact_sql(),
            weighed=self._weighed_sql(),
            base=worklist.BASE,
        )

    @api.model
    def _calendar_values(self):
        return SQL(", ").join(
            SQL(
                "(%s, %s::date, %s, %s)",
                root.id,
                root._o2c_today(),
                root.currency_id.id,
                root.currency_id.decimal_places,
            )
            for root in self.env["res.company"]._o2c_roots()
        )

    def _work_sql(self):
        """What waits for a person: steps that need him, and planned activities.

        What the plan asked for waits only while there is something to ask for: the
        next run takes it back.
        """
        return SQL(
            """
            SELECT debtor_id,
                   min(place) FILTER (WHERE is_chase AND is_due) AS place_chase,
                   min(place) FILTER (WHERE NOT is_chase AND is_due) AS place_other,
                   min(day) FILTER (WHERE is_chase) AS day_chase,
                   min(day) FILTER (WHERE NOT is_chase) AS day_other
              FROM (SELECT debtor_id, TRUE AS is_chase, TRUE AS is_due,
                           CASE state WHEN 'to_review' THEN 2 ELSE 1 END AS place,
                           NULL::date AS day
                      FROM o2c_chase_action
                     WHERE state IN ('failed', 'unknown', 'to_review')
                 UNION ALL
                    SELECT debtor.id, step.id IS NOT NULL,
                           activity.date_deadline <= calendar.today,
                           CASE WHEN kind.category = 'phonecall' THEN 3 ELSE 4 END,
                           activity.date_deadline
                      FROM mail_activity activity
                      JOIN o2c_debtor debtor ON debtor.id = activity.res_id
                      JOIN calendar ON calendar.company_id = debtor.company_id
                 LEFT JOIN mail_activity_type kind
                        ON kind.id = activity.activity_type_id
                 LEFT JOIN o2c_chase_action step ON step.activity_id = activity.id
                     WHERE activity.res_model = 'o2c.debtor' AND activity.active
                   ) task
          GROUP BY debtor_id
            """
        )

    def _amount_sql(self):
        """``askable`` of ``domain/worklist.py``."""
        return SQL(
            "GREATEST(0, LEAST(debtor.amount_overdue - debtor.amount_unapplied,"
            " debtor.amount_collectable))"
        )

    def _fact_sql(self):
        """What is known of each customer with whom there may be something to do."""
        return SQL(
            """
            SELECT debtor.id, debtor.id AS debtor_id, debtor.partner_id,
                   debtor.company_id, calendar.currency_id, calendar.decimals,
                   calendar.today, debtor.collector_id, debtor.segment_id,
                   asked.amount,
                   debtor.amount_overdue, debtor.amount_outstanding,
                   GREATEST(0, calendar.today - debtor.date_oldest_due) AS days_late,
                   CASE WHEN debtor.payment_count > 0
                        THEN debtor.days_late_average END AS days_usual,
                   debtor.payment_count > 0 AS has_paid,
                   debtor.days_late_trend AS days_trend,
                   contact.day AS contact_date,
                   CASE WHEN contact.day IS NOT NULL
                        THEN GREATEST(0, calendar.today - contact.day)
                        END AS days_silent,
                   LEAST(work.place_other, CASE WHEN asked.amount > 0
                        THEN work.place_chase END) AS place,
                   LEAST(work.day_other, CASE WHEN asked.amount > 0
                        THEN work.day_chase END) AS work_day,
                   debtor.snoozed_until, debtor.paused_until, debtor.chase_reason,
                   CASE WHEN debtor.contact_date = calendar.today
                        THEN 1 ELSE 0 END AS worked_today
              FROM o2c_debtor debtor
              JOIN calendar ON calendar.company_id = debtor.company_id
         LEFT JOIN work ON work.debtor_id = debtor.id
        CROSS JOIN LATERAL (SELECT GREATEST(debtor.contact_date, debtor.level_date)
                                AS day) contact
        CROSS JOIN LATERAL (SELECT %(amount)s AS amount) asked
             WHERE debtor.amount_overdue > 0 OR work.place_other IS NOT NULL
                OR work.day_other IS NOT NULL
                OR debtor.contact_date = calendar.today
            """,
            amount=self._amount_sql(),
        )

    def _weighed_sql(self):
        """The points of ``domain/worklist.py``, and whether to act today at all.

        Snoozed are calls and tasks; what failed or is to be read shows all the same.
        """
        return SQL(
            """
            SELECT fact.*,
                   (ARRAY['decide', 'review', 'call', 'task'])[place] AS waits,
                   work_day AS date_next,
                   LEAST(%(lateness_max)s, COALESCE(days_late, 0) / %(per_point)s)
                       / CASE WHEN days_late <= days_usual THEN 2 ELSE 1 END
                       AS points_lateness,
                   CASE WHEN days_usual IS NULL
                             OR days_late > days_usual + %(habit_days)s
                        THEN %(habit)s ELSE 0 END
                   + CASE WHEN days_trend > %(trend_days)s
                        THEN %(trend)s ELSE 0 END AS points_behaviour,
                   LEAST(%(silence_max)s, COALESCE(days_silent, %(silence_max)s))
                       AS points_silence,
                   CASE WHEN place IS NOT NULL
                        THEN %(waiting)s ELSE 0 END AS points_waiting,
                   CASE WHEN snoozed_until > today AND COALESCE(place, 9) > 2
                        THEN 'snoozed'
                        WHEN paused_until >= today THEN 'paused'
                        WHEN place IS NOT NULL THEN 'open'
                        WHEN amount <= 0 OR chase_reason = ANY(%(resting)s)
                        THEN 'resting'
                        WHEN work_day > today THEN 'later'
                        WHEN contact_date > today - %(rest_days)s
                             OR chase_reason = %(enough)s THEN 'recent'
                        ELSE 'open' END AS status
              FROM fact
            """,
            lateness_max=worklist.LATENESS_MAX,
            per_point=worklist.DAYS_PER_POINT,
            habit_days=worklist.HABIT_DAYS,
            habit=worklist.HABIT,
            trend_days=worklist.TREND_DAYS,
            trend=worklist.TREND,
            silence_max=worklist.SILENCE_MAX,
            waiting=worklist.WAITING,
            rest_days=worklist.REST_DAYS,
            resting=list(RESTING),
            enough=ENOUGH,
        )

    # ------------------------------------------------------------------
    # Mine
    # ------------------------------------------------------------------

    @api.depends("debtor_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_mine(self):
        for row in self:
            row.is_mine = row.debtor_id.is_mine

    def _search_is_mine(self, operator, value):
        """The same customers; a row has the collector and the company itself."""
        if operator != "in" or True not in value:
            return NotImplemented
        return self.env["o2c.debtor"]._mine_domain()
