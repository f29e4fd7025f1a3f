from odoo import fields, models
from odoo.tools import SQL

#: In this order what names equally many items takes its part; see domain/resting.py.
KIND_ORDER = ["disputed", "in_transit", "promised"]

#: Whose rows are claims; what waits to be written of them is written first.
CLAIM_MODELS = (
    "o2c.dispute",
    "o2c.promise",
    "o2c.promise.line",
    "o2c.remittance",
    "o2c.remittance.line",
)


class O2cOpenItem(models.Model):
    """What rests on open items, gathered from those who know of it.

    Each claim takes from the items it names, oldest due first, what is still free of
    them; claims that name none take from the whole account, and last. The rule is
    told in ``domain/resting.py``; here it is one statement for any number of
    customers, of those alone who have a claim.
    """

    _inherit = "o2c.open.item"

    def _taken_sources(self):
        """Hook: queries of the claims that count today.

        Each query may join ``calendar(company_id, root_id, today, chase_from)`` and
        has these columns: ``root_id`` (root company), ``partner_id`` (commercial
        partner), ``kind`` (disputed, promised or in_transit), ``line_ids`` (array of
        journal items, NULL for the whole account), ``currency_id``, ``amount`` (what
        of it is not settled yet), ``date`` (which of several goes first) and ``id``.

        :return: list of SQL
        """
        return [
            self.env["o2c.promise.line"]._claims_sql(),
            self.env["o2c.remittance.line"]._claims_sql(),
        ]

    def _claim_tests(self):
        """Hook: conditions without which no source has a claim, each looked up fast.

        :return: list of SQL
        """
        return [
            SQL("EXISTS (SELECT FROM o2c_promise_line WHERE state = 'open')"),
            # a day earlier than anywhere: which day it is there, the source knows
            SQL(
                "EXISTS (SELECT FROM o2c_remittance WHERE date_until >= %s)",
                fields.Date.subtract(fields.Date.today(), days=1),
            ),
        ]

    def _rests_anything(self):
        """Whether anybody has a claim that may count today."""
        for model in CLAIM_MODELS:
            self.env[model].flush_model()
        is_any = SQL("SELECT %s", SQL(" OR ").join(self._claim_tests()))
        return bool(self.env.execute_query(is_any)[0][0])

    def _taken_sql(self, partner_ids=None):
        """EXTENDS o2c_base: nothing at all while nobody has a claim."""
        if not self._rests_anything():
            return None
        partner_ids = self._partners_with_claims(partner_ids)
        return self._taken_query(partner_ids) if partner_ids else None

    def _claims_sql(self, partner_ids=None):
        """All claims as ``claim``, after the calendar that they go by."""
        condition = SQL("TRUE")
        if partner_ids is not None:
            condition = SQL("partner_id = ANY(%s)", list(partner_ids))
        return SQL(
            """
            calendar(company_id, root_id, today, chase_from) AS (VALUES %(calendar)s),
            claim AS (
                SELECT * FROM (%(sources)s) source
                 WHERE amount > 0 AND %(condition)s)
            """,
            calendar=self._calendar_values(None),
            sources=SQL(" UNION ALL ").join(self._taken_sources()),
            condition=condition,
        )

    def _has_claims_sql(self, partner):
        """Condition that a customer has a claim, in a query that asks about many.

        :param partner: SQL of the commercial partner's id
        """
        return SQL(
            """
            EXISTS (WITH calendar(company_id, root_id, today, chase_from)
                        AS (VALUES %s)
                    SELECT FROM (%s) source WHERE amount > 0 AND partner_id = %s)
            """,
            self._calendar_values(None),
            SQL(" UNION ALL ").join(self._taken_sources()),
            partner,
        )

    def _partners_with_claims(self, partner_ids):
        """Ids of the commercial partners who have a claim, of some or of all."""
        query = SQL(
            "WITH %s SELECT DISTINCT partner_id FROM claim",
            self._claims_sql(partner_ids),
        )
        return [partner_id for (partner_id,) in self.env.execute_query(query)]

    def _taken_query(self, partner_ids):
        """What rests on each item of these customers.

        Claims are taken one after the other, each in one turn of a recursion that
        carries what is free of each item.
        """
        return SQL(
            """
            WITH RECURSIVE %(claims)s,
            %(source)s,
            item AS MATERIALIZED (%(items)s),
            stock AS (
                SELECT root_id, partner_id, array_agg(id ORDER BY place) AS ids,
                       array_agg(residual ORDER BY place) AS free
                  FROM item GROUP BY root_id, partner_id),
            queue AS MATERIALIZED (%(queue)s),
            taking AS (
                SELECT root_id, partner_id, 0::bigint AS turn, NULL AS kind, ids, free,
                       NULL::numeric[] AS part
                  FROM stock
             UNION ALL
                SELECT taking.root_id, taking.partner_id, queue.turn, queue.kind,
                       taking.ids, after.free, after.part
                  FROM taking
                  JOIN queue ON queue.root_id = taking.root_id
                   AND queue.partner_id = taking.partner_id
                   AND queue.turn = taking.turn + 1
            CROSS JOIN LATERAL (%(turn)s) after)
            SELECT spot.id AS move_line_id,
                   COALESCE(sum(spot.part) FILTER (WHERE kind = 'disputed'), 0.0)
                       AS disputed,
                   COALESCE(sum(spot.part) FILTER (WHERE kind = 'promised'), 0.0)
                       AS promised,
                   COALESCE(sum(spot.part) FILTER (WHERE kind = 'in_transit'), 0.0)
                       AS in_transit
              FROM taking
        CROSS JOIN LATERAL unnest(taking.ids, taking.part) spot(id, part)
             WHERE spot.part > 0
          GROUP BY spot.id
            """,
            claims=self._claims_sql(partner_ids),
            source=self._source_live(partner_ids),
            items=self._claimable_items_sql(),
            queue=self._claim_queue_sql(),
            turn=self._claim_turn_sql(),
        )

    def _claimable_items_sql(self):
        """Positive items of ``source`` with their place in the waterfall."""
        return SQL(
            """
            SELECT line.id, calendar.root_id,
                   partner.commercial_partner_id AS partner_id,
                   line.residual, line.residual_currency, line.currency_id,
                   COALESCE(line.date_maturity, line.date) AS place_date,
                   row_number() OVER (
                       PARTITION BY calendar.root_id, partner.commercial_partner_id
                       ORDER BY COALESCE(line.date_maturity, line.date), line.id)
                       AS place
              FROM source line
              JOIN calendar ON calendar.company_id = line.company_id
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE line.residual > 0
            """
        )

    def _claim_queue_sql(self):
        """Claims in company currency, in the order in which they take.

        A claim in another currency is worth what its items of that currency stand at
        in the books, so that a promise of the whole invoice takes all of it; without
        such an item, today's rate.
        """
        return SQL(
            """
            SELECT claim.root_id, claim.partner_id, claim.kind, claim.line_ids,
                   round((claim.amount * CASE
                       WHEN claim.currency_id = company.currency_id THEN 1.0
                       ELSE COALESCE(booked.rate, %(own)s / %(other)s) END)::numeric,
                       currency.decimal_places) AS amount,
                   row_number() OVER (
                       PARTITION BY claim.root_id, claim.partner_id
                       ORDER BY cardinality(claim.line_ids),
                                array_position(%(kinds)s, claim.kind), claim.date,
                                claim.id) AS turn
              FROM claim
              JOIN calendar ON calendar.company_id = claim.root_id
              JOIN res_company company ON company.id = claim.root_id
              JOIN res_currency currency ON currency.id = company.currency_id
         LEFT JOIN LATERAL (
                SELECT sum(item.residual) / NULLIF(sum(item.residual_currency), 0)
                       AS rate
                  FROM item
                 WHERE claim.currency_id <> company.currency_id
                   AND item.root_id = claim.root_id
                   AND item.partner_id = claim.partner_id
                   AND item.currency_id = claim.currency_id
                   AND (claim.line_ids IS NULL OR item.id = ANY(claim.line_ids))
                ) booked ON TRUE
            """,
            own=self._rate_sql(SQL("company.currency_id")),
            other=self._rate_sql(SQL("claim.currency_id")),
            kinds=KIND_ORDER,
        )

    def _rate_sql(self, currency):
        """Today's rate of a currency for the root company, as core finds it."""
        return SQL(
            """
            COALESCE((
                SELECT rate FROM res_currency_rate
                 WHERE currency_id = %(currency)s
                   AND (company_id = claim.root_id OR company_id IS NULL)
              ORDER BY name > calendar.today, company_id,
                       abs(name - calendar.today)
                 LIMIT 1), 1.0)
            """,
            currency=currency,
        )

    def _claim_turn_sql(self):
        """One claim of ``queue`` takes from what is free; ``part`` is what it takes."""
        return SQL(
            """
            SELECT array_agg(spot.free - spot.part ORDER BY spot.place) AS free,
                   array_agg(spot.part ORDER BY spot.place) AS part
              FROM (SELECT named.place, named.free,
                           GREATEST(0.0, LEAST(named.mine, queue.amount
                               - (sum(named.mine) OVER (ORDER BY named.place)
                                  - named.mine))) AS part
                      FROM (SELECT spot.place, spot.free,
                                   CASE WHEN queue.line_ids IS NULL
                                             OR spot.id = ANY(queue.line_ids)
                                        THEN spot.free ELSE 0.0 END AS mine
                              FROM unnest(taking.ids, taking.free)
                                   WITH ORDINALITY spot(id, free, place)) named
                   ) spot
            """
        )
