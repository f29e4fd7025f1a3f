from odoo import api, fields, models
from odoo.tools import SQL

from ..domain.reasons import DUE_REASONS, NOT_DUE_REASONS

#: What changes when a step of the chase is done.
COUNTED = ("cycle", "item_days", "level", "level_days", "level_number", "level_own")
DATED = ("level_date", "level_step_date")


class O2cDebtor(models.Model):
    """Where a customer stands in the chase, and why."""

    _inherit = "o2c.debtor"

    plan_id = fields.Many2one(
        "o2c.chase.plan",
        "Chase plan",
        tracking=True,
        check_company=True,
        index="btree_not_null",
        domain="[('company_id', 'in', [company_id, False])]",
        help="A plan of the customer's own. Empty: the first plan whose rule fits.",
    )
    paused_until = fields.Date(
        "Paused until",
        readonly=True,
        tracking=True,
        help="The customer is not contacted up to and including this day.",
    )
    cycle = fields.Integer(
        readonly=True,
        default=0,
        help="Counts the times the customer came to owe something overdue.",
    )
    cycle_date = fields.Date(
        "Cycle since", readonly=True, help="Empty while nothing is overdue."
    )
    level = fields.Integer(
        readonly=True,
        default=0,
        help="Last level of the plan that was passed; where the levels count for each "
        "invoice, the highest that an open one has passed.",
    )
    level_own = fields.Integer(
        "Level passed as a whole",
        readonly=True,
        help="Last level that was passed with all that is overdue, not by an invoice.",
    )
    level_date = fields.Date(
        "Level passed on", readonly=True, help="Day of the last contact by the plan."
    )
    level_step_id = fields.Many2one(
        "o2c.chase.step", "Level reached", readonly=True, ondelete="set null"
    )
    level_days = fields.Integer(
        readonly=True,
        help="Days late of the level that was reached, to find the comparable level "
        "of another plan.",
    )
    level_number = fields.Integer(
        readonly=True, help="Number of the level that was reached, in its own plan."
    )
    level_step_date = fields.Date(
        readonly=True, help="Day on which that level was passed."
    )
    item_days = fields.Integer(
        readonly=True, help="Days late of the highest level that an invoice reached."
    )
    chase_reason = fields.Selection(
        list({**DUE_REASONS, **NOT_DUE_REASONS}.items()),
        "Last decision",
        readonly=True,
        help="What the last run decided. The explanation on the form is live.",
    )
    chase_reason_since = fields.Date("Decided so since", readonly=True)
    next_action_date = fields.Date(
        "Next step",
        readonly=True,
        help="When the next step is due or a person looks again, as of the last run.",
    )
    explanation = fields.Text(
        "Why?",
        compute="_compute_explanation",
        help="What happens next with this customer, and the figure that decides it. "
        "Computed now, by the same query as the run.",
    )
    action_ids = fields.One2many("o2c.chase.action", "debtor_id", "Steps")
    message_count = fields.Integer("Reminders", compute="_compute_message_count")

    # The level and cycle count up from zero, never NULL, in rows made by SQL too.
    _cycle_counts = models.Constraint("CHECK(cycle >= 0)", "Cycles count from 0.")

    def init(self):
        """Make rows that are inserted by SQL start at cycle and level 0."""
        self.env.cr.execute(
            "ALTER TABLE o2c_debtor ALTER cycle SET DEFAULT 0,"
            " ALTER level SET DEFAULT 0, ALTER level_own SET DEFAULT 0"
        )
        # Until there were two of them, the level was the customer's own.
        self.env.cr.execute(
            "UPDATE o2c_debtor SET level_own = level WHERE level_own IS NULL"
        )

    def unlink(self):
        """EXTENDS o2c_base: with a customer go the messages to him, unsent."""
        # sudo: whoever may delete the contact takes this along
        messages_sudo = self.env["o2c.chase.message"].sudo()
        messages_sudo = messages_sudo.search([("debtor_id", "in", self.ids)])
        mails = messages_sudo.mail_id.filtered(lambda mail: mail.state == "outgoing")
        mails.write({"state": "cancel"})
        messages_sudo.unlink()
        return super().unlink()

    @api.model
    def _user_fields(self):
        return super()._user_fields() | {"plan_id", "plan_reason", "plan_until"}

    # ------------------------------------------------------------------
    # Why?
    # ------------------------------------------------------------------

    @api.depends(
        "activity_ids.date_deadline",
        "plan_id",
        "plan_until",
        "paused_until",
        "cycle",
        "level_own",
        "level_date",
    )
    @api.depends_context("lang", "uid")
    def _compute_explanation(self):
        decisions = self.env["o2c.chase.decision"]._decide(self._origin)
        self._fetch_rules(decisions.values())
        for debtor in self:
            decision = decisions.get(debtor._origin.id)
            debtor.update(debtor._explained_values(decision))

    def _explained_values(self, decision):
        """Hook: what the form shows of a decision, None if there is none."""
        return {"explanation": self._explain(decision) if decision else False}

    @api.depends("action_ids.message_id")
    def _compute_message_count(self):
        groups = self.env["o2c.chase.message"]._read_group(
            [("debtor_id", "in", self.ids)], ["debtor_id"], ["__count"]
        )
        counts = {debtor.id: count for debtor, count in groups}
        for debtor in self:
            debtor.message_count = counts.get(debtor._origin.id, 0)

    # ------------------------------------------------------------------
    # What a message lists
    # ------------------------------------------------------------------

    def _chase_items(self, actions=None):
        """What a message to these customers lists, read from the ledger now.

        Items that may be chased, oldest due first, then open credits: all that are
        overdue, or those of the steps where each step belongs to an item.

        :param actions: o2c.chase.action of these customers
        :return: dict of account id to a list of dicts; see ``_chase_item``
        """
        self._flush_ledger()
        steps = actions or self.env["o2c.chase.action"]
        by_item = steps.filtered("item_id")
        # sudo: ids of the partners narrow the query, nothing of them is shown
        partner_ids = self.sudo().partner_id.ids
        items = self.env["o2c.open.item"]
        rows = items._rows_about(
            partner_ids,
            SQL(
                """
                SELECT item.*, currency.name AS currency
                  FROM (%s) item
                  JOIN res_currency currency ON currency.id = item.currency_id
                 WHERE item.debtor_id = ANY(%s)
                   AND (item.amount_residual < 0
                        OR (item.id = ANY(%s)
                            OR item.days_overdue > 0 AND item.debtor_id <> ALL(%s))
                           AND NOT item.no_followup AND NOT %s
                           AND NOT COALESCE(item.is_before_chase_from, FALSE)
                           AND item.amount_residual - item.amount_disputed
                               - item.amount_promised - item.amount_in_transit > 0)
              ORDER BY item.amount_residual < 0, item.date_maturity, item.id
                """,
                items._items_sql(partner_ids=partner_ids),
                self.ids,
                by_item.item_id.ids,
                (by_item.debtor_id - (steps - by_item).debtor_id).ids,
                self._unsent_sql(),
            ),
        )
        result = {debtor.id: [] for debtor in self}
        covered = dict.fromkeys(self.ids, 0.0)
        for row in rows:
            share = self._share_to_show(row, covered)
            if share:
                result[row["debtor_id"]].append(self._chase_item(row, share))
        return result

    @api.model
    def _share_to_show(self, row, covered):
        """Which part of an item or a credit belongs into the message.

        Of an item what does not rest; of a credit what covers the items listed, so
        that the total is what may be asked for.

        :param covered: per account, how much credit its listed items have taken; it
            is counted up by items and down by credits, which come last
        """
        residual = float(row["amount_residual"])
        if residual > 0:
            free = float(row["free"])
            covered[row["debtor_id"]] += free - float(row["amount_collectable"])
            return free / residual
        part = min(-residual, covered[row["debtor_id"]])
        covered[row["debtor_id"]] -= part
        return part / -residual if part >= 0.005 else 0.0

    @api.model
    def _chase_item(self, row, share):
        """One line of a message; ``amount_open`` in the item's currency.

        :param share: which part of the open amount is shown, 0 to 1
        """
        currency = self.env["res.currency"].browse(row["currency_id"])
        return {
            "move_line_id": row["move_line_id"],
            "move_id": row["move_id"],
            "kind": "item" if row["amount_residual"] > 0 else "credit",
            "number": row["name"] or "",
            "reference": row["reference"] or "",
            "date": fields.Date.to_string(row["date"]),
            "date_due": fields.Date.to_string(row["date_maturity"]),
            "days_late": row["days_overdue"],
            "currency": row["currency"],
            "currency_id": row["currency_id"],
            "amount_open": currency.round(
                float(row["amount_residual_currency"]) * share
            ),
            "amount_open_company": float(row["amount_residual"]) * share,
        }

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _pass_steps(self, actions):
        """Note that steps of this customer were done.

        Reminders before the due date leave the level as it is. Single invoices pass
        their levels by themselves: the customer shows the highest of them.
        """
        by_item = actions.filtered("item_id")
        late = by_item.filtered("cycle")
        if late:
            days = max(self.item_days, *late.step_id.mapped("days"), 0)
            self.write(
                {
                    "item_days": days,
                    "level": max(self.level, *late.mapped("level")),
                    "level_date": self.company_id._o2c_today(),
                }
            )
        for action in actions - by_item:
            self._pass_level(action.cycle, action.level, action.step_id)

    def _pass_level(self, cycle, level, step=None):
        """Note today's contact, and the level it passed.

        A step of an earlier cycle passes no level, but the next contact keeps its
        distance from this one.
        """
        for debtor in self:
            today = debtor.company_id._o2c_today()
            values = {"level_date": today}
            if debtor.cycle == cycle and debtor.level_own < level:
                values["level_own"] = level
                values["level"] = max(debtor.level, level)
                if step:
                    values |= {
                        "level_step_id": step.id,
                        "level_step_date": today,
                        "level_days": step.days,
                        "level_number": level,
                    }
            debtor.write(values)

    def _chase_standing(self):
        """What steps that are done change: dict of account id to JSON-able values."""
        return {
            debtor.id: {
                **{name: debtor[name] for name in COUNTED},
                **{name: fields.Date.to_string(debtor[name]) for name in DATED},
                "level_step_id": debtor.level_step_id.id,
            }
            for debtor in self
        }

    def _restore_standing(self, standing):
        """Put these values back; the level's step may be gone since.

        :param dict standing: see ``_chase_standing``
        """
        step = self.env["o2c.chase.step"].browse(standing["level_step_id"] or [])
        self.write({**standing, "level_step_id": step.exists().id})

    def _note_decision(self):
        """Keep what is decided now as the last decision, as a run does for all."""
        decisions = self.env["o2c.chase.decision"]._decide(self)
        for debtor in self:
            decision = decisions[debtor.id]
            values = {"next_action_date": decision["date_next"]}
            if decision["reason"] != debtor.chase_reason:
                values["chase_reason"] = decision["reason"]
                values["chase_reason_since"] = decision["today"]
            debtor.write(values)

    def _responsible(self):
        """Who gets the activities and signs: the collector, or who acts for him."""
        return self._acting_collector()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_reviewed(self):
        """Somebody looked at why these customers rest: the next look is set anew."""
        self.check_access("write")
        # sudo: when a customer is looked at again is the engine's to write
        resting_sudo = self.sudo().filtered("chase_reason")
        for company, debtors_sudo in resting_sudo.grouped("company_id").items():
            debtors_sudo.chase_reason_since = company._o2c_today()
        resting_sudo._note_decision()
        self.env["o2c.event"]._record(
            "debtor_reviewed",
            resting_sudo,
            {d.id: {"reason": d.chase_reason} for d in resting_sudo},
        )
        return True

    def action_open_messages(self):
        """The reminders of this customer, from the smart button."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_collections.o2c_chase_message_action"
        )
        action["domain"] = [("debtor_id", "=", self.id)]
        action["context"] = {}
        return action
