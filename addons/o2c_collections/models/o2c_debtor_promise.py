from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_amount, format_date

from ..domain.promise import JUDGED, MISSED

#: What dialogs propose for the first payment.
DAYS_PROPOSED = 7

#: Nobody, whatever his role, agrees to wait longer than this.
YEARS_MAX = 5


class O2cDebtor(models.Model):
    """What a customer promised, and how he keeps it."""

    _inherit = "o2c.debtor"

    promise_ids = fields.One2many("o2c.promise", "debtor_id", "Promises", readonly=True)
    promise_count = fields.Integer("Open promises", compute="_compute_promises")
    promise_reliability = fields.Char(
        "Promises kept",
        compute="_compute_promises",
        help="How many of the instalments that were due came in full and in time, and "
        "how late the money was.",
    )

    @api.depends("promise_ids.state", "promise_ids.line_ids.state")
    @api.depends_context("lang")
    def _compute_promises(self):
        groups = self.env["o2c.promise"]._read_group(
            [("debtor_id", "in", self.ids), ("state", "=", "open")],
            ["debtor_id"],
            ["__count"],
        )
        counts = {debtor.id: count for debtor, count in groups}
        figures = self._promise_figures()
        for debtor in self:
            number = debtor._origin.id
            debtor.promise_count = counts.get(number, 0)
            debtor.promise_reliability = self._reliability_text(figures.get(number))

    # ------------------------------------------------------------------
    # How promises are kept
    # ------------------------------------------------------------------

    def _promise_figures(self):
        """How these customers keep what they promise.

        :return: dict of account id to (kept, judged, median of days late or None)
        """
        self.env["o2c.promise.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT debtor_id, count(*) FILTER (WHERE state = 'kept'), count(*),
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY date_paid - date_due)
                  FROM o2c_promise_line
                 WHERE debtor_id = ANY(%s) AND state = ANY(%s)
              GROUP BY debtor_id
                """,
                self.ids,
                list(JUDGED),
            )
        )
        return {debtor_id: figures for debtor_id, *figures in rows}

    @api.model
    def _reliability_text(self, figures):
        """Such as “kept 8 of 10, median 2 days late”; False where nothing is known."""
        if not figures:
            return False
        kept, judged, days = figures
        text = self.env._("kept %(kept)s of %(judged)s", kept=kept, judged=judged)
        if days is None:
            return text
        if days > 0:
            return self.env._(
                "%(text)s, median %(days)g days late", text=text, days=days
            )
        if days < 0:
            return self.env._(
                "%(text)s, median %(days)g days early", text=text, days=-days
            )
        return self.env._("%(text)s, mostly on the day", text=text)

    # ------------------------------------------------------------------
    # A promise is taken
    # ------------------------------------------------------------------

    def _take_promise(self, lines, items=None, previous=None, **values):
        """Note what this customer promised; what he promised rests from now on.

        :param lines: list of (day, amount); days may be past, they are judged soon
        :param items: journal items it is about; None or empty for the account
        :param previous: promise in whose place it comes
        :param values: further values: ``person_id, channel, date, currency_id, note``
        :return: the promise
        """
        self.ensure_one()
        self.check_access("write")
        previous = previous or self.env["o2c.promise"]
        values.setdefault("date", self.company_id.sudo()._o2c_today())  # sudo: branch
        values.setdefault("currency_id", self.currency_id.id)
        self._check_promise(lines, items, previous, values)
        # sudo: what was promised is written here alone
        previous.sudo()._set_renegotiated()
        promise = (
            self.env["o2c.promise"]
            .sudo()
            .create(
                {
                    **values,
                    "debtor_id": self.id,
                    "user_id": False if self.env.user.share else self.env.uid,
                    "previous_id": previous.id,
                    "is_account": not items,
                    "move_line_ids": [Command.set(items.ids if items else [])],
                    "line_ids": [
                        Command.create({"date_due": day, "amount": amount})
                        for day, amount in sorted(lines)
                    ],
                }
            )
        )
        self._note_promise(promise)
        return promise.sudo(False)

    def _note_promise(self, promise):
        """A promise was taken: history, timeline, and what is decided now."""
        self.env["o2c.event"]._record(
            "promise_taken",
            promise,
            {
                "amount": promise.amount,
                "currency": promise.currency_id.name,
                "lines": [[str(x.date_due), x.amount] for x in promise.line_ids],
            },
        )
        promise._refresh_paid()
        self._post_note(self.env._("Promised: %s", promise._sentence()))
        self.sudo()._note_decision()  # sudo: the engine's field

    def _check_promise(self, lines, items, previous, values):
        """Refuse what makes no sense, and what its taker may not agree to."""
        company_sudo = self.company_id.sudo()  # sudo: a branch's user
        self._check_promise_sense(lines, items, values, company_sudo._o2c_today())
        if previous and (previous.debtor_id != self or previous.state != "open"):
            raise UserError(
                self.env._("The promise that this one replaces is no longer open.")
            )
        if self.env.user.share and self._missed_last():
            raise AccessError(
                self.env._(
                    "The last promise was not kept: please call us about another one."
                )
            )
        obstacles = company_sudo._o2c_promise_obstacles(lines)
        if obstacles and not self.env.user.has_group("o2c_base.group_manager"):
            raise UserError(
                self.env._(
                    "This is beyond what you may agree to: %(obstacles)s. Ask a "
                    "manager to take the promise.",
                    obstacles="; ".join(obstacles),
                )
            )

    def _check_promise_sense(self, lines, items, values, today):
        currency = self.env["res.currency"].browse(values["currency_id"])
        if not lines or any(currency.compare_amounts(a, 0) <= 0 for _d, a in lines):
            raise UserError(self.env._("Say when how much is to be paid."))
        if values["date"] > today:
            raise UserError(self.env._("A promise was given today or earlier."))
        if max(lines)[0] > fields.Date.add(today, years=YEARS_MAX):
            raise UserError(
                self.env._("Choose days within the next %s years.", YEARS_MAX)
            )
        if min(lines)[0] < values["date"]:
            raise UserError(
                self.env._("A payment cannot be due before the day it was promised.")
            )
        person = self.env["res.partner"].browse(values.get("person_id") or [])
        if person and person.commercial_partner_id != self.partner_id:
            raise UserError(
                self.env._("This person is no contact of the customer: choose another.")
            )
        if items and items - self._open_lines():
            raise UserError(
                self.env._("Choose items of this customer that are still open.")
            )

    def _open_lines(self):
        """The journal items that this customer still owes."""
        items = self.env["o2c.open.item"].search(
            [("debtor_id", "=", self.id), ("amount_residual", ">", 0)]
        )
        return items.move_line_id

    def _amount_to_promise(self):
        """What is overdue of this customer and does not rest, in company currency."""
        items = self.env["o2c.open.item"].search(
            [("debtor_id", "in", self.ids), ("days_overdue", ">", 0)]
        )
        return sum(items.mapped("amount_collectable"))

    def _promise_proposal(self):
        """What dialogs propose: amount in company currency, and day."""
        # sudo: a user of a branch may not read its root company
        company_sudo = self.company_id.sudo() or self.env.company._o2c_root()
        return {
            "amount": self._amount_to_promise(),
            "date": company_sudo._o2c_today() + timedelta(days=DAYS_PROPOSED),
        }

    def _missed_last(self):
        """Whether the last promise that was judged was not kept."""
        # sudo: the customer may ask for himself
        last_sudo = self.env["o2c.promise"].sudo()
        last_sudo = last_sudo.search(
            [("debtor_id", "=", self.id), ("state", "in", JUDGED)],
            order="date_due DESC, id DESC",
            limit=1,
        )
        return last_sudo.state in MISSED

    # ------------------------------------------------------------------
    # What follows
    # ------------------------------------------------------------------

    def _refresh_facts(self):
        """EXTENDS o2c_base: what was paid of promises comes before what rests."""
        self.env["o2c.promise"].sudo()._refresh_paid_of(
            self.sudo()  # sudo: the engine's
        )
        return super()._refresh_facts()

    def _merge_into(self, target):
        """EXTENDS o2c_base: promises go along."""
        result = super()._merge_into(target)
        # sudo: their keeper is the engine
        self.sudo().promise_ids.write({"debtor_id": target.id})
        return result

    def _figure_sentence(self, decision, values):
        """EXTENDS o2c_collections: which promise it is that the chase waits for."""
        text = super()._figure_sentence(decision, values)
        if decision["reason"] != "promised":
            return text
        # sudo: whoever may read why also reads the promise, in any branch
        lines_sudo = self.sudo().promise_ids.line_ids
        lines_sudo = lines_sudo.filtered(lambda line: line.state == "open")
        line_sudo = lines_sudo.sorted("date_due")[:1]
        if not line_sudo:
            return text
        return self.env._(
            "%(text)s %(amount)s is promised by %(date)s.",
            text=text,
            amount=format_amount(self.env, line_sudo.amount, line_sudo.currency_id),
            date=format_date(self.env, line_sudo.date_due),
        )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_promise(self):
        """Take a promise of this customer: opens the dialog."""
        self.ensure_one()
        self.check_access("write")
        return self._promise_dialog()

    def _promise_dialog(self, **defaults):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Promise to pay"),
            "res_model": "o2c.promise.taking",
            "view_mode": "form",
            "target": "new",
            "context": {"default_debtor_id": self.id, **defaults},
        }

    def action_open_promises(self):
        """The promises of this customer, from the smart button."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_collections.o2c_promise_action"
        )
        action["domain"] = [("debtor_id", "=", self.id)]
        action["context"] = {}
        return action
