from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.o2c_base.models.o2c_open_item import O2cOpenItem
from odoo.addons.o2c_base.tools.transaction import with_room

from ..domain.risk_class import CLASSES
from .o2c_debtor_exposure_query import DEPENDS


def _amount(label, **options):
    return fields.Monetary(label, readonly=True, **options)


class O2cCreditExposure(models.Model):
    """What every customer may cost, live, in parts and beside his limit.

    One row per customer account; the id is the account's.
    """

    _name = "o2c.credit.exposure"
    _description = "Credit exposure"
    _auto = False
    _order = "amount_exposure DESC, id"
    _rec_name = "partner_id"
    _depends = {
        **O2cOpenItem._depends,
        **{
            name: [*O2cOpenItem._depends.get(name, []), *field_names]
            for name, field_names in DEPENDS.items()
        },
        "o2c.debtor": [
            *O2cOpenItem._depends["o2c.debtor"],
            "amount_credit_limit",
            "group_id",
            "has_credit_limit",
            "risk_class",
        ],
    }

    debtor_id = fields.Many2one("o2c.debtor", "Customer account", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    collector_id = fields.Many2one("res.users", readonly=True)
    segment_id = fields.Many2one("o2c.segment", readonly=True)
    group_id = fields.Many2one("o2c.debtor", "Credit group of", readonly=True)
    risk_class = fields.Selection(CLASSES, readonly=True)
    amount_exposure = _amount("Exposure")
    amount_open_items = _amount("Open items")
    amount_delivered = _amount("Delivered, not invoiced")
    amount_not_delivered = _amount("Ordered, not delivered")
    amount_draft_invoices = _amount("Draft invoices")
    amount_unapplied = _amount("Unapplied credit")
    has_limit = fields.Boolean("Limited", readonly=True)
    amount_limit = _amount("Limit")
    amount_free = _amount(
        "Free credit", help="The limit less the exposure; below zero it is exceeded."
    )
    utilisation = fields.Float(
        "In use (%)",
        readonly=True,
        aggregator="avg",
        help="The exposure as a share of the limit.",
    )
    share = fields.Float(
        "Of all (%)",
        readonly=True,
        digits=(16, 1),
        help="The customer's share of the exposure of all customers.",
    )
    share_with_larger = fields.Float(
        "With larger ones (%)",
        readonly=True,
        digits=(16, 1),
        aggregator="max",
        help="The share of this customer and of all with a larger exposure: how much "
        "depends on how few.",
    )

    def _search(self, *args, **kwargs):
        """EXTENDS base: sum a whole ledger in memory."""
        with_room(self.env.cr)
        return super()._search(*args, **kwargs)

    @property
    def _table_query(self):
        """Accounts with an exposure or a limit; limits as they are stored."""
        return SQL(
            """
            SELECT debtor.id, debtor.id AS debtor_id, debtor.partner_id,
                   debtor.company_id, company.currency_id, debtor.collector_id,
                   debtor.segment_id, debtor.group_id, debtor.risk_class,
                   debtor.has_credit_limit AS has_limit,
                   debtor.amount_credit_limit AS amount_limit,
                   COALESCE(part.exposure, 0) AS amount_exposure,
                   COALESCE(part.open_items, 0) AS amount_open_items,
                   COALESCE(part.delivered_not_invoiced, 0) AS amount_delivered,
                   COALESCE(part.not_delivered_not_invoiced, 0)
                       AS amount_not_delivered,
                   COALESCE(part.draft_invoices, 0) AS amount_draft_invoices,
                   COALESCE(part.unapplied, 0) AS amount_unapplied,
                   CASE WHEN debtor.has_credit_limit
                        THEN debtor.amount_credit_limit - COALESCE(part.exposure, 0)
                        END AS amount_free,
                   CASE WHEN debtor.amount_credit_limit > 0
                        THEN round(100 * COALESCE(part.exposure, 0)
                                   / debtor.amount_credit_limit, 1)
                        END AS utilisation,
                   round(100 * GREATEST(part.exposure, 0) / NULLIF(
                       sum(GREATEST(part.exposure, 0)) OVER each, 0), 1) AS share,
                   round(100 * sum(GREATEST(part.exposure, 0)) OVER (
                       each ORDER BY GREATEST(part.exposure, 0) DESC, debtor.id)
                       / NULLIF(sum(GREATEST(part.exposure, 0)) OVER each, 0), 1)
                       AS share_with_larger
              FROM o2c_debtor debtor
              JOIN res_company company ON company.id = debtor.company_id
         LEFT JOIN (%s) part ON part.partner_id = debtor.partner_id
                            AND part.root_id = debtor.company_id
             WHERE part.partner_id IS NOT NULL OR debtor.has_credit_limit
            WINDOW each AS (PARTITION BY debtor.company_id)
            """,
            self.env["o2c.debtor"]._exposure_sql(),
        )

    @api.readonly
    def action_open_debtor(self):
        """Open the customer account."""
        self.ensure_one()
        return self.debtor_id.get_formview_action()

    @api.readonly
    def action_open_items(self):
        """Open the items behind the first part."""
        return self.debtor_id.action_open_items()

    @api.readonly
    def action_open_delivered(self):
        """Open the orders behind what is delivered and not invoiced."""
        return self.debtor_id.action_open_delivered()

    @api.readonly
    def action_open_not_delivered(self):
        """Open the orders behind what is ordered and not delivered."""
        return self.debtor_id.action_open_not_delivered()

    @api.readonly
    def action_open_draft_invoices(self):
        """Open the invoices that are not posted yet."""
        return self.debtor_id.action_open_draft_invoices()
