from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_amount

#: Parts of the exposure that fill the bar, with their colours.
BAR = (
    ("amount_exposure_open_items", "bg-primary"),
    ("amount_delivered_not_invoiced", "bg-info"),
    ("amount_not_delivered", "bg-warning"),
    ("amount_draft_invoices", "bg-secondary"),
)


class O2cDebtor(models.Model):
    """How much of the limit is used, and by what."""

    _inherit = "o2c.debtor"

    credit_utilisation = fields.Float(
        "Used (%)",
        compute="_compute_utilisation",
        digits=(16, 0),
        help="Exposure in percent of the credit limit.",
    )
    amount_credit_free = fields.Monetary(
        "Free credit",
        compute="_compute_utilisation",
        help="Credit limit less exposure; negative when more is used than allowed.",
    )
    exposure_bar = fields.Html(
        "Parts of the exposure", compute="_compute_utilisation", sanitize=False
    )

    @api.depends("amount_exposure", "amount_credit_limit", "has_credit_limit")
    @api.depends_context("lang")
    def _compute_utilisation(self):
        for debtor in self:
            limit = debtor.amount_credit_limit if debtor.has_credit_limit else 0.0
            used = debtor.amount_exposure
            debtor.credit_utilisation = round(100 * used / limit) if limit else 0.0
            debtor.amount_credit_free = debtor.has_credit_limit and limit - used
            debtor.exposure_bar = debtor._bar_of_parts(limit)

    def _bar_of_parts(self, limit):
        """The parts side by side, as wide as they are, against the limit."""
        whole = max(limit, sum(self[name] for name, _colour in BAR))
        if whole <= 0:
            return False
        labels = {
            "amount_exposure_open_items": self.env._("Open items"),
            "amount_delivered_not_invoiced": self.env._("Delivered, not invoiced"),
            "amount_not_delivered": self.env._("Ordered, not delivered"),
            "amount_draft_invoices": self.env._("Draft invoices"),
        }
        bars, words = [], []
        for name, colour in BAR:
            if not self[name]:
                continue
            label = labels[name]
            amount = format_amount(self.env, self[name], self.currency_id)
            width = round(100 * self[name] / whole, 1)
            bars.append(
                Markup('<div class="progress-bar %s" style="width: %s%%"></div>')
                % (colour, width)
            )
            words.append(
                Markup('<span class="me-3"><i class="badge %s">&#160;</i> %s %s</span>')
                % (colour, label, amount)
            )
        return Markup(
            '<div class="progress" style="height: 1rem">%s</div>'
            '<div class="d-flex flex-wrap mt-1">%s</div>'
        ) % (Markup().join(bars), Markup().join(words))

    def _quotation_totals(self):
        """What customers have been offered and not ordered, in company currency.

        :return: dict of account id to a list of amounts with tax
        """
        self.env["sale.order"].flush_model()
        found = {}
        # sudo: all branches, and the orders of all salespeople
        companies_sudo = self.env["res.company"].sudo().with_context(active_test=False)
        for root, debtors in self.sudo().grouped("company_id").items():
            branches = companies_sudo.search([("id", "child_of", root.id)])
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT debtor.id, sale.amount_total
                               / COALESCE(NULLIF(sale.currency_rate, 0), 1)
                      FROM o2c_debtor debtor
                      JOIN res_partner partner
                        ON partner.commercial_partner_id = debtor.partner_id
                      JOIN sale_order sale ON sale.partner_invoice_id = partner.id
                     WHERE debtor.id = ANY(%s) AND sale.company_id = ANY(%s)
                       AND sale.state IN ('draft', 'sent')
                    """,
                    debtors.ids,
                    branches.ids,
                )
            )
            for number, amount in rows:
                found.setdefault(number, []).append(float(amount))
        return found
