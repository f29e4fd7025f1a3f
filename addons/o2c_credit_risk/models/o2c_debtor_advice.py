from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_amount, formatLang

from ..domain.recommended_limit import YEAR_DAYS, recommended_limit

#: Months that the picture of the limits goes back.
MONTHS_SHOWN = 12


class O2cDebtor(models.Model):
    """What helps to decide on a limit: a recommendation, and the limits so far."""

    _inherit = "o2c.debtor"

    amount_recommended = fields.Monetary(
        "Recommended limit",
        compute="_compute_recommended",
        help="Sales per day times the days from invoice to money, with a buffer, times "
        "the share that the risk class deserves.",
    )
    recommended_text = fields.Char("How it comes about", compute="_compute_recommended")
    limit_picture = fields.Html(
        "Limits over time", compute="_compute_limit_picture", sanitize=False
    )

    # ------------------------------------------------------------------
    # Recommendation
    # ------------------------------------------------------------------

    @api.depends("risk_class", "days_late_average", "segment_id")
    @api.depends_context("lang")
    def _compute_recommended(self):
        debtors = self._origin
        sales = debtors._sales_of_a_year()
        policies = self.env["o2c.credit.policy"]._for_debtors(debtors)
        for debtor in self:
            origin = debtor._origin
            advice = origin._recommend(
                policies.get(origin), *sales.get(origin.id, (0.0, 0.0))
            )
            debtor.amount_recommended = debtor.currency_id.round(advice.amount or 0.0)
            debtor.recommended_text = debtor._recommended_words(
                advice, policies[origin]
            )

    def _recommend(self, policy, sales, payment_days):
        return recommended_limit(
            sales=sales,
            payment_days=payment_days,
            days_late=self.days_late_average or 0.0,
            buffer=policy.formula_buffer if policy else 0.0,
            risk_class=self.risk_class or None,
            most=policy.formula_max if policy else 0.0,
        )

    def _recommended_words(self, advice, policy):
        """The formula with its figures."""
        if advice.amount is None:
            return self.env._("n/a: nothing was invoiced within a year")
        return self.env._(
            "%(sales)s a day × %(days)s days until paid × %(buffer)s buffer × "
            "%(share)s for class %(risk_class)s, rounded up",
            sales=format_amount(self.env, advice.sales_per_day, self.currency_id),
            days=formatLang(self.env, advice.days, digits=0),
            buffer=formatLang(
                self.env, 1 + (policy.formula_buffer if policy else 0) / 100, digits=2
            ),
            share=formatLang(self.env, advice.share, digits=1),
            risk_class=self.risk_class or "C",
        )

    def _sales_of_a_year(self):
        """What was invoiced within a year, with tax and less credit notes.

        :return: dict of account id to (amount, days from invoice to due date)
        """
        self.env["account.move"].flush_model()
        found = {}
        # sudo: sums over all branches
        companies_sudo = self.env["res.company"].sudo().with_context(active_test=False)
        for root, debtors in self.sudo().grouped("company_id").items():
            branches = companies_sudo.search([("id", "child_of", root.id)])
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT debtor.id, sum(move.amount_total_signed)::float,
                           COALESCE(sum(move.amount_total_signed
                               * (move.invoice_date_due - move.invoice_date))
                               FILTER (WHERE move.move_type = 'out_invoice')
                               / NULLIF(sum(move.amount_total_signed) FILTER (
                                   WHERE move.move_type = 'out_invoice'), 0),
                               0)::float
                      FROM o2c_debtor debtor
                      JOIN res_partner partner
                        ON partner.commercial_partner_id = debtor.partner_id
                      JOIN account_move move ON move.partner_id = partner.id
                     WHERE debtor.id = ANY(%(debtors)s)
                       AND move.company_id = ANY(%(branches)s)
                       AND move.state = 'posted'
                       AND move.move_type IN ('out_invoice', 'out_refund')
                       AND move.invoice_date > %(today)s - %(days)s
                  GROUP BY debtor.id
                    """,
                    debtors=debtors.ids,
                    branches=branches.ids,
                    today=root._o2c_today(),
                    days=YEAR_DAYS,
                )
            )
            found.update({number: (sales, days) for number, sales, days in rows})
        return found

    # ------------------------------------------------------------------
    # Limits over time
    # ------------------------------------------------------------------

    @api.depends("credit_limit_ids.state", "credit_limit_ids.amount_company")
    @api.depends_context("lang")
    def _compute_limit_picture(self):
        for debtor in self:
            months = debtor._origin._limits_by_month()
            debtor.limit_picture = debtor._picture(months)

    def _limits_by_month(self):
        """(label, own limit or None) at the end of each month, today the last."""
        today = self.company_id.sudo()._o2c_today()  # sudo: root of a user's branch
        days = [
            fields.Date.start_of(fields.Date.subtract(today, months=back), "month")
            for back in range(MONTHS_SHOWN - 1, -1, -1)
        ]
        ends = [fields.Date.end_of(day, "month") for day in days[:-1]] + [today]
        limits = self.credit_limit_ids.filtered(
            lambda limit: limit.state in ("active", "expired", "superseded")
        )
        return [(end, limits._sum_on(end)) for end in ends]

    def _picture(self, months):
        """One bar a month, as high as the limit; the amounts are in their titles."""
        top = max((amount or 0.0 for _end, amount in months), default=0.0)
        if not top:
            return False
        bars = Markup().join(self._bar(end, amount, top) for end, amount in months)
        return Markup('<div class="d-flex gap-1" style="height: 6rem">%s</div>') % bars

    def _bar(self, end, amount, top):
        known = amount is not None
        text = (
            format_amount(self.env, amount, self.currency_id)
            if known
            else self.env._("no limit of its own")
        )
        return Markup(
            '<div class="flex-fill d-flex flex-column justify-content-end h-100" '
            'title="%(title)s"><div class="bg-primary rounded-top" '
            'style="height: %(height)d%%; min-height: 2px"></div>'
            '<small class="text-muted text-center">%(label)s</small></div>'
        ) % {
            "title": f"{fields.Date.to_string(end)}: {text}",
            "height": round(75 * (amount or 0.0) / top),
            "label": end.strftime("%m"),
        }
