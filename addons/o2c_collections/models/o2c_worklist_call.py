from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date, html2plaintext

from ..domain.worklist import call_again

#: Customers in one go, and what of each is shown.
QUEUE_MAX = 500
ITEMS_MAX = 20
PEOPLE_MAX = 8
HISTORY_MAX = 12
WORDS_MAX = 280
#: What the client may say of a call.
CALL_FIELDS = (
    "outcome",
    "note",
    "partner_id",
    "date_next",
    "promise_amount",
    "promise_date",
)


class O2cWorklist(models.Model):
    """Call mode: one customer after the other, with what is needed to call him."""

    _inherit = "o2c.worklist"

    # ------------------------------------------------------------------
    # Whom
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def call_queue(self, debtor_ids=None):
        """Whom to call, the most worthwhile first.

        :param debtor_ids: ids of chosen accounts; none: the user's own that are to do
        :return: list of account ids, which are those of the rows
        """
        self.check_access("read")
        domain = Domain([("is_mine", "=", True), ("status", "=", "open")])
        # Who is snoozed is on the list for what failed, not to be called.
        domain &= Domain("snoozed_until", "=", False) | Domain(
            "snoozed_until", "<=", "today"
        )
        if debtor_ids:
            domain = Domain("debtor_id", "in", [int(number) for number in debtor_ids])
        return self.search(domain, limit=QUEUE_MAX).ids

    @api.model
    def _called(self, debtor_id):
        """The account a client speaks of, if its user may see it."""
        debtor = self.env["o2c.debtor"].browse(int(debtor_id)).exists()
        if not debtor:
            raise UserError(self.env._("This customer account is no longer there."))
        debtor.check_access("read")
        return debtor

    # ------------------------------------------------------------------
    # What is shown
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def call_card(self, debtor_id):
        """All that call mode shows of one customer.

        :return: dict of texts and lists of texts, in the user's language
        """
        debtor = self._called(debtor_id)
        row = self.search([("debtor_id", "=", debtor.id)])
        people = self._call_people(debtor)
        card = {
            "id": debtor.id,
            "name": debtor.display_name,
            "figures": self._call_figures(debtor),
            "is_owing": debtor.amount_overdue_live > 0,
            "status": row.status or "resting",
            "why": row.why or "",
            "explanation": debtor.explanation or "",
            "people": people,
            "partner_id": people[0]["id"] if people else False,
            "script": self._call_script(debtor),
            "planned": self._call_planned(debtor),
            "items": self._call_items(debtor),
            "item_count": debtor.open_item_count,
            "history": self._call_history(debtor),
            "outcomes": self._call_outcomes(debtor),
            "promise": self._call_promise(debtor),
            "may_write": debtor.has_access("write"),
        }
        return {**card, **self._call_more(debtor)}

    @api.model
    def _call_more(self, debtor):
        """Hook: what later add-ons show; their components are in the JS registry
        ``o2c_call_mode_actions``."""
        return {}

    @api.model
    def _call_promise(self, debtor):
        """What is proposed when the customer promises."""
        proposal = debtor._promise_proposal()
        return {
            "amount": debtor.currency_id.round(proposal["amount"]),
            "date": fields.Date.to_string(proposal["date"]),
            "currency": debtor.currency_id.name,
            "reliability": debtor.promise_reliability or "",
        }

    @api.model
    def _call_figures(self, debtor):
        def money(amount):
            return format_amount(self.env, amount, debtor.currency_id)

        return [
            {
                "label": self.env._("Overdue"),
                "value": money(debtor.amount_overdue_live),
                "note": debtor.oldest_due_note or "",
            },
            {
                "label": self.env._("Collectable"),
                "value": money(debtor.amount_collectable_live),
                "note": "",
            },
            {
                "label": self.env._("Outstanding"),
                "value": money(debtor.amount_outstanding_live),
                "note": "",
            },
            {
                "label": self.env._("Pays late by"),
                "value": debtor.days_late_live or "",
                "note": debtor.days_late_note or "",
            },
        ]

    @api.model
    def _call_people(self, debtor):
        """Whom to ask for: accounts payable first, those with a number first."""
        roles = dict(
            self.env["res.partner"]
            ._fields["o2c_contact_role"]
            ._description_selection(self.env)
        )
        people = debtor.contact_ids.sorted(
            lambda person: (
                not person.phone,
                person.o2c_contact_role != "accounts_payable",
            )
        )
        return [
            {
                "id": person.id,
                "name": person.name or person.display_name,
                "role": roles.get(person.o2c_contact_role, ""),
                "phone": person.phone or "",
                "email": person.email or "",
            }
            for person in people[:PEOPLE_MAX]
        ]

    @api.model
    def _call_script(self, debtor):
        """What to say: of the call that the plan asks for, else of its next call."""
        waiting = self.env["o2c.chase.action"].search(
            [
                ("debtor_id", "=", debtor.id),
                ("channel", "=", "call"),
                ("state", "in", ("planned", "queued")),
            ],
            limit=1,
        )
        return waiting.step_id.script or ""

    @api.model
    def _call_planned(self, debtor):
        activity = debtor._planned_calls()[:1]
        if not activity:
            return ""
        return self.env._(
            "%(date)s: %(what)s",
            date=format_date(self.env, activity.date_deadline),
            what=activity.summary or activity.activity_type_id.name,
        )

    @api.model
    def _call_items(self, debtor):
        items = self.env["o2c.open.item"].search_fetch(
            debtor._items_domain(), limit=ITEMS_MAX
        )
        return [
            {
                "id": item.id,
                "number": item.name or "",
                "reference": item.reference or "",
                "due": format_date(self.env, item.date_maturity),
                "days_late": item.days_overdue,
                "amount": format_amount(
                    self.env, item.amount_residual_currency, item.currency_id
                ),
                "is_credit": item.amount_residual < 0,
            }
            for item in items
        ]

    @api.model
    def _call_history(self, debtor):
        """The latest of the timeline, as plain text."""
        messages = self.env["mail.message"].search(
            [("model", "=", "o2c.debtor"), ("res_id", "=", debtor.id)],
            limit=HISTORY_MAX * 2,
        )
        rows = [
            {
                "key": f"message-{message.id:012}",
                "date": str(fields.Datetime.context_timestamp(message, message.date)),
                "title": message.author_id.name or message.email_from or "",
                "text": text[:WORDS_MAX],
            }
            for message in messages
            if (text := self._call_words(message))
        ]
        rows += [
            {name: row[name] or "" for name in ("key", "date", "title", "text")}
            for row in debtor.timeline_rows()
            if row["in_all"]
        ]
        rows.sort(key=lambda row: (row["date"], row["key"]), reverse=True)
        for row in rows:
            row["date"] = format_date(self.env, row["date"][:10])
        return rows[:HISTORY_MAX]

    @api.model
    def _call_words(self, message):
        """A message in a few lines: of a letter the subject says enough."""
        if message.subject:
            return message.subject
        lines = html2plaintext(message.body or "", False).splitlines()
        return "\n".join(line.strip() for line in lines if line.strip())

    @api.model
    def _call_outcomes(self, debtor):
        """Hook: what may come of a call, in the order of the number keys.

        ``date_next`` is the day proposed for the next call.
        """
        today = debtor.company_id.sudo()._o2c_today()  # sudo: a branch's user
        labels = {
            "reached": self.env._("Reached"),
            "voicemail": self.env._("Left a message"),
            "not_reached": self.env._("No answer"),
            "wrong_number": self.env._("Wrong number"),
            "promised": self.env._("Promises to pay"),
            "paid": self.env._("Has paid already"),
            "disputed": self.env._("Disputes something"),
            "wrong_person": self.env._("Wrong person"),
            "wrong_address": self.env._("Wrong address"),
        }
        return [
            {
                "code": code,
                "label": label,
                "date_next": fields.Date.to_string(call_again(code, today)) or "",
            }
            for code, label in labels.items()
        ]

    # ------------------------------------------------------------------
    # What came of it
    # ------------------------------------------------------------------

    @api.model
    def log_call(self, debtor_id, values):
        """Note a call, as the dialog on the customer account does.

        :param values: dict of ``outcome, note, partner_id, date_next``, of a promise
            ``promise_amount, promise_date`` as well
        :return: True, or an action that tells more of what was answered
        """
        debtor = self._called(debtor_id)
        debtor.check_access("write")
        known = {outcome["code"] for outcome in self._call_outcomes(debtor)}
        if values.get("outcome") not in known:
            raise UserError(self.env._("Say what came of the call: keys 1 to 9."))
        call = self.env["o2c.call"].create(
            {
                "debtor_id": debtor.id,
                "activity_id": debtor._planned_calls()[:1].id,
                **self._given(values),
            }
        )
        action = call.action_log()
        debtor._announce()
        return action if action.get("res_model") else True

    @api.model
    def _given(self, values):
        """What the client says of a call, as values of the dialog."""
        given = {name: values[name] for name in CALL_FIELDS if values.get(name)}
        try:
            given["date_next"] = fields.Date.to_date(given.get("date_next"))
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("The next call needs a valid date.")) from error
        if values.get("outcome") == "promised":
            given |= self._given_promise(values)
        return given

    @api.model
    def _given_promise(self, values):
        """The amount and the day of a promise; they are proposed, so none is a zero."""
        try:
            amount = float(values.get("promise_amount") or 0)
            day = fields.Date.to_date(values.get("promise_date"))
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("Say when how much is to be paid.")) from error
        if not (day and 0 < amount < float("inf")):
            raise UserError(self.env._("Say when how much is to be paid."))
        return {"promise_amount": amount, "promise_date": day}

    @api.model
    def snooze(self, debtor_id, date, note=None):
        """Take a customer off the worklist until a day, from call mode."""
        try:
            until = fields.Date.to_date(date)
        except (TypeError, ValueError):
            until = None
        if not until:
            raise UserError(self.env._("Choose a day."))
        self._called(debtor_id)._snooze(until, note)
        return True
