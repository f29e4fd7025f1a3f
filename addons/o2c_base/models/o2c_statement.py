from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

from ..domain.statement import difference

#: A statement that was prepared but not sent is forgotten after so many days.
DRAFT_DAYS = 7


class O2cStatement(models.Model):
    """A statement that was sent: what it said, and what the customer answered.

    The figures are those of the moment; the file is what the customer got. Users
    change it by the actions below alone.
    """

    _name = "o2c.statement"
    _description = "Statement"
    _order = "as_of DESC, id DESC"
    _rec_name = "as_of"

    debtor_id = fields.Many2one(
        "o2c.debtor",
        "Customer account",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="debtor_id.company_id", store=True, index=True, readonly=True
    )
    collector_id = fields.Many2one(related="debtor_id.collector_id")
    as_of = fields.Date("As of", required=True, readonly=True)
    date_from = fields.Date("From", readonly=True)
    form = fields.Selection(
        [("open_item", "Open items"), ("activity", "Activity")],
        required=True,
        readonly=True,
        default="open_item",
        help="Open items: what is open on the day. Activity: opening balance, all "
        "that was booked since the first day, closing balance.",
    )
    kind = fields.Selection(
        [("manual", "By hand"), ("scheduled", "Scheduled")],
        required=True,
        readonly=True,
        default="manual",
    )
    period = fields.Char(
        readonly=True, help="What a scheduled statement is for: 2026-05, or 2026-Q2."
    )
    state = fields.Selection(
        [("draft", "Not sent yet"), ("sent", "Sent")],
        required=True,
        readonly=True,
        default="draft",
    )
    date_sent = fields.Date("Sent on", readonly=True)
    recipient = fields.Char("Sent to", readonly=True)
    figures = fields.Json(
        readonly=True, help="Per currency: balance, overdue, credit, ageing."
    )
    balance_text = fields.Char("Balance", compute="_compute_texts")
    attachment_id = fields.Many2one(
        "ir.attachment",
        "File",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="What the customer got.",
    )
    is_merged = fields.Boolean(
        readonly=True,
        help="It came here by a merge of customers, and no longer counts as the one "
        "of its period.",
    )

    # Balance confirmation
    asks_confirmation = fields.Boolean(
        "Asks for confirmation",
        readonly=True,
        help="The customer was asked to say whether the balance agrees with his books.",
    )
    answer = fields.Selection(
        [("pending", "Pending"), ("agreed", "Agreed"), ("disagreed", "Disagreed")],
        readonly=True,
        index="btree_not_null",
    )
    answer_figures = fields.Json(
        readonly=True, help="What the customer's books show, per currency number."
    )
    difference_text = fields.Char(
        "Difference",
        compute="_compute_texts",
        help="Our balance less the customer's, per currency.",
    )
    answer_note = fields.Text("Note", readonly=True)
    answered_by = fields.Char(readonly=True)
    answered_on = fields.Date(readonly=True)
    evidence_ids = fields.Many2many("ir.attachment", readonly=True)

    _scheduled_once = models.UniqueIndex(
        "(debtor_id, period) WHERE kind = 'scheduled' AND is_merged IS NOT TRUE",
        "A customer gets one scheduled statement per period.",
    )
    _pending_idx = models.Index("(company_id, date_sent) WHERE answer = 'pending'")

    @api.depends("figures", "answer_figures")
    @api.depends_context("lang")
    def _compute_texts(self):
        for statement in self:
            sections = (statement.figures or {}).get("currencies", [])
            stated = statement.answer_figures or {}
            statement.balance_text = statement._join(
                (section["currency_id"], section["closing"]) for section in sections
            )
            statement.difference_text = statement._join(
                (section["currency_id"], difference(section["closing"], amount))
                for section in sections
                if (amount := stated.get(str(section["currency_id"]))) is not None
            )

    def _join(self, amounts):
        """Amounts of several currencies as one text."""
        texts = []
        for currency_id, amount in amounts:
            currency = self.env["res.currency"].browse(currency_id)
            number = formatLang(self.env, amount, digits=currency.decimal_places)
            texts.append(f"{number} {currency.name}")
        return ", ".join(texts)

    @api.depends("debtor_id", "as_of")
    def _compute_display_name(self):
        for statement in self:
            name = statement.debtor_id.display_name or ""
            statement.display_name = f"{name} {statement.as_of or ''}".strip()

    # ------------------------------------------------------------------
    # Keeping
    # ------------------------------------------------------------------

    @api.model
    def _keep(self, statements, **values):
        """Keep what statements say.

        :param statements: see ``o2c.debtor._statement``
        :param values: further values for each of them
        :return: the records, in superuser mode: nobody writes them by hand
        """
        asks = bool(values.get("asks_confirmation"))
        # sudo: kept for everybody, written by nobody
        return self.sudo().create(
            [
                {
                    "debtor_id": debtor_id,
                    "as_of": statement["as_of"],
                    "date_from": statement["date_from"],
                    "form": statement["form"],
                    "figures": self._freeze(statement),
                    "answer": "pending" if asks else False,
                    **values,
                }
                for debtor_id, statement in statements.items()
            ]
        )

    @api.model
    def _not_asked_yet(self, statements):
        """Those of statements that no printed page asks to confirm already.

        Who prints a page again, or clicks twice, asks no second question.
        """
        waiting = self.search(
            [
                ("debtor_id", "in", list(statements)),
                ("answer", "=", "pending"),
                ("attachment_id", "=", False),
            ]
        )
        asked = [(r.debtor_id.id, r.as_of, r.form, r.figures) for r in waiting]
        return {
            debtor_id: said
            for debtor_id, said in statements.items()
            if (debtor_id, said["as_of"], said["form"], self._freeze(said)) not in asked
        }

    @api.model
    def _freeze(self, statement):
        """The figures of a statement without its lines, as JSON can hold them."""
        names = (
            "currency_id",
            "currency",
            "opening",
            "closing",
            "overdue",
            "credit",
            "ageing",
            "company",
        )
        return {
            "currencies": [
                {name: section[name] for name in names if name in section}
                for section in statement["currencies"]
            ]
        }

    def _set_sent(self, recipient=""):
        """The statement left the house; a second time changes nothing."""
        for statement in self.filtered(lambda s: s.state == "draft"):
            statement.write(
                {
                    "state": "sent",
                    "date_sent": statement.company_id._o2c_today(),
                    "recipient": recipient or statement.recipient,
                }
            )
            self.env["o2c.event"]._record(
                "statement_sent", statement, statement._event_payload()
            )

    def _event_payload(self):
        return {
            "as_of": str(self.as_of),
            "form": self.form,
            "recipient": self.recipient or "",
            "balance": self.balance_text,
            "asks_confirmation": self.asks_confirmation,
        }

    @api.autovacuum
    def _gc_drafts(self):
        """Forget what was prepared by hand and never sent."""
        limit = fields.Datetime.now() - timedelta(days=DRAFT_DAYS)
        self.search(
            [
                ("state", "=", "draft"),
                ("kind", "=", "manual"),
                ("create_date", "<", limit),
            ]
        ).unlink()

    # ------------------------------------------------------------------
    # The customer's answer
    # ------------------------------------------------------------------

    def action_agree(self):
        """The customer confirms the balance: one click."""
        self._check_may_answer()
        self._set_answered("agreed")
        return True

    def action_answer(self):
        """Open the form for an answer."""
        self.ensure_one()
        self._check_may_answer()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("The customer's answer"),
            "res_model": "o2c.statement.answer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_statement_id": self.id},
        }

    def action_open_debtor(self):
        """Open the customer account."""
        self.ensure_one()
        return self.debtor_id._get_records_action()

    def _check_may_answer(self):
        """Collectors write down what customers answer, as often as they change it.

        :raise AccessError: for anybody else
        :raise UserError: where nothing was asked
        """
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group("o2c_base.group_collector")):
            raise AccessError(self.env._("Only collectors record a customer's answer."))
        if self.filtered(lambda s: not s.asks_confirmation or s.state != "sent"):
            raise UserError(
                self.env._("This statement did not ask the customer for an answer.")
            )

    def _set_answered(self, answer, evidence=None, **values):
        """Write the answer down, on the customer's timeline too.

        :param answer: ``agreed`` or ``disagreed``
        :param evidence: attachments that prove it, the user's own
        :param values: ``answer_figures, answer_note, answered_by, answered_on``
        """
        evidence = evidence or self.env["ir.attachment"]
        # sudo: a file belongs to who uploaded it, also before it is bound to anything
        if evidence.sudo().create_uid - self.env.user:
            raise AccessError(self.env._("Only files of your own can be evidence."))
        # sudo: written by this gate alone; its callers checked who may
        for statement_sudo in self.sudo():
            statement_sudo.write(
                {
                    "answer": answer,
                    "answered_on": statement_sudo.company_id._o2c_today(),
                    "answer_figures": False,
                    "evidence_ids": [fields.Command.set(evidence.ids)],
                    **values,
                }
            )
            # sudo: the file is the user's; from now on it is read with the statement
            evidence.sudo().write(
                {"res_model": self._name, "res_id": statement_sudo.id}
            )
            self.env["o2c.event"]._record(
                "statement_answered",
                statement_sudo,
                {
                    "answer": answer,
                    "difference": statement_sudo.difference_text,
                    "by": statement_sudo.answered_by or "",
                },
            )
            statement_sudo._post_answer(evidence)

    def _post_answer(self, evidence):
        if self.answer == "agreed":
            body = self.env._(
                "The customer confirmed the balance of %(amount)s as of %(day)s.",
                amount=self.balance_text,
                day=self.as_of,
            )
        else:
            body = self.env._(
                "The customer did not confirm the balance of %(amount)s as of "
                "%(day)s. Difference: %(difference)s.",
                amount=self.balance_text,
                day=self.as_of,
                difference=self.difference_text,
            )
        self.debtor_id.message_post(body=body, attachment_ids=evidence.ids)
