from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..domain.contact_time import first_day
from ..domain.pause import is_weekday
from ..domain.promise import MONTHLY, TWO_WEEKS, WEEKLY, instalments
from ..models.o2c_debtor_promise import DAYS_PROPOSED

NUMBER_MAX = 60


class O2cPromiseTaking(models.TransientModel):
    """What a customer promises: how much, when, about which items."""

    _name = "o2c.promise.taking"
    _description = "Take a promise"

    debtor_id = fields.Many2one("o2c.debtor", "Customer", required=True)
    commercial_partner_id = fields.Many2one(
        related="debtor_id.partner_id", string="Commercial entity"
    )
    previous_id = fields.Many2one("o2c.promise", "In place of", readonly=True)
    person_id = fields.Many2one(
        "res.partner",
        "Promised by",
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
    )
    channel = fields.Selection(
        [("call", "Call"), ("email", "E-mail"), ("letter", "Letter")],
        "Given by",
        required=True,
        default="call",
    )
    date = fields.Date(
        "Promised on",
        required=True,
        compute="_compute_date",
        store=True,
        precompute=True,
        readonly=False,
    )
    open_line_ids = fields.Many2many(
        "account.move.line", compute="_compute_open_line_ids"
    )
    move_line_ids = fields.Many2many(
        "account.move.line",
        "o2c_promise_taking_item_rel",
        "taking_id",
        "line_id",
        "About",
        domain="[('id', 'in', open_line_ids)]",
        help="The items the promise is about. Empty: what is due, oldest first.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_amount",
        store=True,
        precompute=True,
        readonly=False,
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    date_due = fields.Date(
        "Pays on",
        required=True,
        compute="_compute_date",
        store=True,
        precompute=True,
        readonly=False,
    )
    is_plan = fields.Boolean("In instalments")
    deposit = fields.Monetary(help="Paid first; the instalments share the rest.")
    number = fields.Integer("Instalments", default=3)
    every = fields.Selection(
        [(WEEKLY, "Week"), (TWO_WEEKS, "Two weeks"), (MONTHLY, "Month")],
        default=MONTHLY,
        help="One instalment in each.",
    )
    line_ids = fields.One2many(
        "o2c.promise.taking.line",
        "taking_id",
        "Days",
        compute="_compute_line_ids",
        store=True,
        precompute=True,
        readonly=False,
    )
    obstacle = fields.Char(compute="_compute_obstacle")
    note = fields.Text(help="What was said.")

    def _company(self):
        # sudo: a user of a branch may not read its root company
        return self.debtor_id.company_id.sudo() or self.env.company._o2c_root()

    @api.depends("debtor_id")
    def _compute_date(self):
        for taking in self:
            taking.date = taking._company()._o2c_today()
            taking.date_due = taking.date + timedelta(days=DAYS_PROPOSED)

    @api.depends("debtor_id")
    def _compute_open_line_ids(self):
        for taking in self:
            debtor = taking.debtor_id._origin
            taking.open_line_ids = debtor._open_lines() if debtor else False

    @api.depends("debtor_id", "move_line_ids")
    def _compute_amount(self):
        """The named items, in their currency if it is one; else what is overdue."""
        for taking in self:
            lines = taking.move_line_ids._origin
            own = taking._company().currency_id
            currency = lines.currency_id if len(lines.currency_id) == 1 else own
            taking.currency_id = currency
            if lines:
                name = (
                    "amount_residual" if currency == own else "amount_residual_currency"
                )
                taking.amount = sum(lines.mapped(name))
            else:
                taking.amount = taking.debtor_id._origin._amount_to_promise()

    @api.depends("amount", "date_due", "is_plan", "deposit", "number", "every")
    def _compute_line_ids(self):
        for taking in self:
            taking.line_ids = [Command.clear()] + [
                Command.create({"date_due": day, "amount": amount})
                for day, amount in taking._proposed_lines()
            ]

    def _proposed_lines(self):
        """(day, amount) of what the fields above say."""
        if not self.date_due:
            return []
        if not self.is_plan:
            return [(self.date_due, self.amount)]
        is_open = self._company()._o2c_open_days() or is_weekday
        number = max(1, min(self.number, NUMBER_MAX))
        return [
            (first_day(day, is_open), amount)
            for day, amount in instalments(
                self.amount,
                self.date_due,
                number,
                self.every or MONTHLY,
                self.deposit,
                self.currency_id.decimal_places,
            )
        ]

    @api.depends("line_ids.date_due", "line_ids.amount", "debtor_id")
    def _compute_obstacle(self):
        for taking in self:
            lines = taking._lines()
            found = taking._company()._o2c_promise_obstacles(lines) if lines else []
            taking.obstacle = "; ".join(found)

    def _lines(self):
        return [(line.date_due, line.amount) for line in self.line_ids if line.date_due]

    def action_take(self):
        """Note the promise; what it is about rests from now on."""
        self.ensure_one()
        lines = self._lines()
        if self.is_plan and self.currency_id.compare_amounts(
            sum(amount for _day, amount in lines), self.amount
        ):
            raise UserError(
                self.env._("The instalments do not add up to the amount promised.")
            )
        self.debtor_id._take_promise(
            lines,
            items=self.move_line_ids,
            previous=self.previous_id,
            person_id=self.person_id.id,
            channel=self.channel,
            date=self.date,
            currency_id=self.currency_id.id,
            note=self.note,
        )
        return {"type": "ir.actions.act_window_close"}
