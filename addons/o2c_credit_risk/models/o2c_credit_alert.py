from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date
from odoo.tools.misc import format_amount, formatLang

KINDS = [
    ("utilisation", "Limit used up"),
    ("class_drop", "Risk class fell"),
    ("pattern", "Pays later than he is used to"),
    ("first_overdue", "New customer overdue for the first time"),
    ("order_spike", "Orders much more than usual"),
    ("bank_changed", "Bank account changed"),
    ("limit_ends", "Limit ends soon"),
    ("cover_ends", "Cover ends soon"),
    ("hold_old", "Order on hold for long"),
    ("invoice_over", "Invoice without order beyond the limit"),
]

USER_FIELDS = {"user_id", "note"}


class O2cCreditAlert(models.Model):
    """Something about a customer that somebody should look at: once per case.

    While a case lasts it has one alert, resolved or not; when it is over and comes
    again, there is a new one. Alerts are found in ``o2c_credit_alert_find.py``.
    """

    _name = "o2c.credit.alert"
    _description = "Credit alert"
    _inherit = ["mail.thread"]
    _order = "date DESC, id DESC"
    _rec_name = "kind"
    _rec_names_search = ["partner_id"]

    debtor_id = fields.Many2one(
        "o2c.debtor",
        "Customer account",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    case_key = fields.Char(
        "Case", required=True, readonly=True, help="Tells cases of one kind apart."
    )
    figures = fields.Json(readonly=True)
    text = fields.Char("What", compute="_compute_text")
    date = fields.Date("Since", required=True, readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("resolved", "Resolved")],
        required=True,
        readonly=True,
        default="open",
        tracking=True,
        index=True,
    )
    user_id = fields.Many2one(
        "res.users", "Owner", tracking=True, domain=[("share", "=", False)]
    )
    note = fields.Char(tracking=True, help="What was found out, and done.")
    resolved_by_id = fields.Many2one("res.users", "Resolved by", readonly=True)
    resolved_at = fields.Datetime(readonly=True)
    over_on = fields.Date(
        "Over on", readonly=True, help="From this day the case was no more."
    )

    _one_per_case = models.UniqueIndex(
        "(debtor_id, kind, case_key) WHERE over_on IS NULL", "One alert per case."
    )

    @api.depends("kind", "figures")
    @api.depends_context("lang")
    def _compute_text(self):
        for alert in self:
            words = alert._words().get(alert.kind)
            alert.text = words or ""

    def _words(self):
        """What each kind says, with the figures of the day it was found."""
        figures = self.figures or {}
        number = formatLang(self.env, figures.get("number") or 0, digits=0)
        currency = self.company_id.currency_id
        amount = format_amount(self.env, figures.get("amount") or 0, currency)
        limit = format_amount(self.env, figures.get("limit") or 0, currency)
        day = format_date(self.env, figures.get("day") or self.date)
        name = figures.get("name") or ""
        return {
            "utilisation": self.env._(
                "%(number)s %% of the limit of %(limit)s are used",
                number=number,
                limit=limit,
            ),
            "class_drop": self.env._(
                "from %(before)s to %(after)s",
                before=figures.get("before"),
                after=figures.get("after"),
            ),
            "pattern": self.env._(
                "the oldest item is %(number)s days late, usual are %(usual)s",
                number=number,
                usual=formatLang(self.env, figures.get("usual") or 0, digits=0),
            ),
            "first_overdue": self.env._("%(amount)s overdue", amount=amount),
            "order_spike": self.env._(
                "%(number)s times the usual within 30 days", number=number
            ),
            "bank_changed": self.env._(
                "account ending in %(name)s: ask on a known number before you pay",
                name=name,
            ),
            "limit_ends": self.env._(
                "%(amount)s until %(day)s", amount=amount, day=day
            ),
            "cover_ends": self.env._(
                "%(amount)s until %(day)s", amount=amount, day=day
            ),
            "hold_old": self.env._("%(name)s since %(day)s", name=name, day=day),
            "invoice_over": self.env._(
                "%(name)s, limit %(limit)s", name=name, limit=limit
            ),
        }

    # ------------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------------

    def write(self, vals):
        """Let users write owner and note; the rest is found or resolved."""
        if not self.env.su:
            kept = {
                name
                for name in vals.keys() - USER_FIELDS
                if not name.startswith(("message_", "activity_"))
            }
            if kept:
                raise AccessError(
                    self.env._(
                        "Alerts are found by the system: %(names)s cannot be written.",
                        names=", ".join(sorted(kept)),
                    )
                )
        return super().write(vals)

    def action_resolve(self):
        """Somebody has looked at it: it does not come again while the case lasts."""
        self.check_access("write")
        # sudo: the gate writes what people may not
        self.sudo().filtered(lambda alert: alert.state == "open").write(
            {
                "state": "resolved",
                "resolved_by_id": self.env.uid,
                "resolved_at": fields.Datetime.now(),
            }
        )

    @api.readonly
    def action_open_debtor(self):
        """The customer account the alert is about."""
        self.ensure_one()
        self.check_access("read")
        return self.debtor_id.get_formview_action()
