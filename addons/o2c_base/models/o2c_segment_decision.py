import logging
from collections import Counter

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.transaction import try_in_new_transaction, try_lock, without_jit

_logger = logging.getLogger(__name__)

LOCK = "o2c.segment"
SALES_MONTHS = 12


class O2cSegment(models.Model):
    """Deciding who belongs to which segment, and making it so."""

    _inherit = "o2c.segment"

    # ------------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------------

    @api.model
    def _cron_apply(self):
        """Bring every customer into the segment that fits, company by company."""
        roots = self.env["res.company"]._o2c_roots()
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(roots))
        for company in roots:
            what = f"Applying the segments of {company.name}"
            try_in_new_transaction(self.env, _apply_company(company.id), what)
            if not progress._commit_progress(1):
                return

    @api.model
    def _apply_now(self, company):
        """Apply the rules in this transaction, on a user's request.

        :raise UserError: when the job is at it
        :return: number of customers who changed
        """
        changed = self.sudo()._apply(company)  # sudo: the keeper writes, not the user
        if changed is None:
            raise UserError(
                self.env._(
                    "The segments are being applied at this moment. Try again in a "
                    "minute."
                )
            )
        return changed

    @api.model
    def _apply(self, company, debtors=None):
        """Bring the customers of a company into the segments that fit them.

        All customers go one worker at a time; a few do not wait for that.

        :param company: root company
        :param debtors: accounts to narrow to
        :return: number of customers who changed; None when another worker is at it
        """
        if debtors is None and not try_lock(self.env.cr, LOCK, company.id):
            return None
        changes = [
            (debtor_id, after)
            for debtor_id, before, after in self._decide(company, debtors)
            if before != after
        ]
        self.env["o2c.segment.membership"]._move(changes, company._o2c_today())
        if changes:
            self._record_changes(company, changes)
        return len(changes)

    @api.model
    def _record_changes(self, company, changes):
        counts = Counter(after for _debtor, after in changes)
        names = {segment.id: segment.code for segment in self.browse(counts).exists()}
        self.env["o2c.event"]._record(
            "segments_applied",
            company,
            {
                "changed": len(changes),
                **{f"to {names.get(s, 'none')}": n for s, n in counts.items()},
            },
        )

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    @api.model
    def _decide(self, company, debtors=None):
        """Which segment each customer of a company is in, and which one fits.

        :return: list of (account id, segment id before, segment id after)
        """
        self.env["o2c.debtor"].flush_model()
        self.env["account.move"].flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        without_jit(self.env.cr)
        segments = self._segments_of(company)
        narrowed = SQL("TRUE")
        if debtors is not None:
            narrowed = SQL("figure.id = ANY(%s)", debtors.ids)
        return self.env.execute_query(
            SQL(
                """
                SELECT figure.id, figure.segment_id, %s AS segment_after
                  FROM (%s) figure
                 WHERE %s
              ORDER BY figure.id
                """,
                segments._choice_sql(company),
                self._figures_sql(company, segments),
                narrowed,
            )
        )

    @api.model
    def _segments_of(self, company):
        return self.search([("company_id", "in", [company.id, False])])

    def _choice_sql(self, company):
        """The first of these segments that fits, else NULL."""
        branches = [
            SQL(
                "WHEN figure.segment_fixed_id = ANY(%s) THEN figure.segment_fixed_id",
                self.ids,
            )
        ]
        branches += [
            SQL("WHEN %s THEN %s", segment._fits_sql(company), segment.id)
            for segment in self
        ]
        return SQL("CASE %s END", SQL(" ").join(branches))

    def _fits_sql(self, company):
        """All conditions of a segment; where its filter is broken, members stay."""
        self.ensure_one()
        parts = [condition._to_sql() for condition in self.condition_ids]
        domain_sql = self._domain_sql(company)
        if domain_sql:
            parts.append(domain_sql)
        return SQL(" AND ").join(SQL("(%s)", part) for part in parts or [SQL("TRUE")])

    def _domain_sql(self, company):
        if (self.domain or "[]").strip() == "[]":
            return None
        partners = (
            # sudo: the filter was checked against the rights of who wrote it
            self.env["res.partner"]
            .sudo()
            .with_company(company)
            .with_context(active_test=False)
        )
        error = self._domain_problem(partners)
        if error != (self.domain_error or ""):
            self.domain_error = error
        if error:
            _logger.info("Segment %s: filter does not work: %s", self.code, error)
            return SQL("figure.segment_id = %s", self.id)
        query = partners._search(self._parsed_domain())
        return SQL("figure.partner_id IN %s", query.subselect())

    @api.model
    def _figures_sql(self, company, segments):
        """The figures of all customers of a company that conditions ask for."""
        measures = set(segments.condition_ids.mapped("measure"))
        sales, sales_join = SQL("NULL::numeric"), SQL()
        if measures & {"sales", "sales_rank"}:
            sales = SQL("COALESCE(sold.amount, 0)")
            sales_join = SQL(
                "LEFT JOIN (%s) sold ON sold.partner_id = debtor.partner_id",
                self._sales_sql(company),
            )
        rank = SQL("NULL::numeric")
        if "sales_rank" in measures:
            rank = self._rank_sql()
        return SQL(
            """
            SELECT customer.*, %(rank)s AS sales_rank
              FROM (SELECT debtor.*, %(sales)s AS sales
                      FROM o2c_debtor debtor %(sales_join)s
                     WHERE debtor.company_id = %(company)s) customer
            """,
            rank=rank,
            sales=sales,
            sales_join=sales_join,
            company=company.id,
        )

    @api.model
    def _rank_sql(self):
        """Percent of all sales made with larger customers; unknown without sales.

        The largest customer is at 0. Customers of equal sales are at the same place.
        """
        return SQL(
            """
            CASE WHEN customer.sales > 0 THEN
                100 * COALESCE(sum(customer.sales) FILTER (WHERE customer.sales > 0)
                    OVER (ORDER BY customer.sales DESC
                          RANGE UNBOUNDED PRECEDING EXCLUDE GROUP), 0)
                / sum(customer.sales) FILTER (WHERE customer.sales > 0) OVER ()
            END
            """
        )

    @api.model
    def _sales_sql(self, company):
        """Invoices less credit notes without tax, per commercial partner."""
        today = company._o2c_today()
        # sudo: all branches count in
        branches_sudo = self.env["res.company"].sudo().with_context(active_test=False)
        branches_sudo = branches_sudo.search([("id", "child_of", company.id)])
        return SQL(
            """
            SELECT partner.commercial_partner_id AS partner_id,
                   sum(move.amount_untaxed_signed) AS amount
              FROM account_move move
              JOIN res_partner partner ON partner.id = move.partner_id
             WHERE move.company_id = ANY(%s) AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
               AND move.invoice_date > %s AND move.invoice_date <= %s
          GROUP BY partner.commercial_partner_id
            """,
            branches_sudo.ids,
            today - relativedelta(months=SALES_MONTHS),
            today,
        )


def _apply_company(company_id):
    """A piece of work for one company, as in_new_transaction wants it."""

    def apply_rules(env):
        company = env["res.company"].sudo().browse(company_id)
        return env["o2c.segment"].sudo()._apply(company)

    return apply_rules
