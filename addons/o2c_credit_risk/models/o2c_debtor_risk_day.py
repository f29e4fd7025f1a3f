import json
from dataclasses import fields as dataclass_fields

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.o2c_base.tools.transaction import (
    in_new_transaction,
    try_in_new_transaction,
)

from ..domain.risk_class import TRUST
from ..domain.scorecard import Facts, score

#: Accounts whose class is stored in one transaction.
ACCOUNTS_PER_BATCH = 5000

FACT_NAMES = [field.name for field in dataclass_fields(Facts)]


class O2cDebtor(models.Model):
    """The keeper of the risk classes: each day for everybody, and after a decision."""

    _inherit = "o2c.debtor"

    # ------------------------------------------------------------------
    # Job
    # ------------------------------------------------------------------

    @api.model
    def _cron_risk(self):
        """Judge all customers of each company once in its local day, and look for
        what somebody should see."""
        progress = self.env["ir.cron"]
        roots = self.env["res.company"]._o2c_roots()
        for root in roots:
            if root.o2c_risk_day == root._o2c_today():
                continue
            what = f"The risk classes of {root.name}"
            try_in_new_transaction(self.env, _judge_company(root.id), what)
            what = f"The credit alerts of {root.name}"
            try_in_new_transaction(self.env, _find_alerts(root.id), what)
            if not progress._commit_progress(1):
                return

    @api.model
    def _judge_all(self, root):
        """Judge all customers of a company and store what has changed, in batches."""
        changes = [
            change
            for row in self._risk_rows(root)
            if (change := self._judge(row)) is not None
        ]
        for start in range(0, len(changes), ACCOUNTS_PER_BATCH):
            batch = changes[start : start + ACCOUNTS_PER_BATCH]
            in_new_transaction(self.env, _store_risk(root.id, batch))
        return len(changes)

    def _judge_now(self):
        """Judge these customers in this transaction."""
        for root, debtors in self.grouped("company_id").items():
            rows = self._risk_rows(root, debtors.ids)
            changes = [c for row in rows if (c := self._judge(row)) is not None]
            self._store_risk(root, changes)

    def _apply_override(self):
        """Have a person's decision hold, or end."""
        self._judge_now()

    # ------------------------------------------------------------------
    # Judging and storing
    # ------------------------------------------------------------------

    @api.model
    def _judge(self, row):
        """What is to be stored about a customer; None if nothing has changed."""
        result = score(Facts(**{name: row[name] for name in FACT_NAMES}))
        facts = [list(reason) for reason in result.reasons]
        after = row["risk_override"] or result.risk_class
        stored = (
            row["risk_class"],
            row["risk_computed"],
            row["risk_points"],
            row["risk_confident"],
            row["risk_facts"] or [],
        )
        found = (
            after,
            result.risk_class,
            result.points,
            result.is_confident,
            json.loads(json.dumps(facts, default=float)),
        )
        if stored == found:
            return None
        return {
            "id": row["id"],
            "before": row["risk_class"],
            "after": after,
            "is_override": bool(row["risk_override"]),
            "reason": row["risk_override"] and row["risk_override_reason"] or None,
            "computed": result.risk_class,
            "points": result.points,
            "is_confident": result.is_confident,
            "facts": json.dumps(facts, default=float),
        }

    @api.model
    def _store_risk(self, root, changes):
        """Store judgements; a class that changed goes into the history."""
        if not changes:
            return
        rows = SQL(", ").join(
            SQL(
                "(%s, %s, %s, %s, %s, %s::jsonb)",
                change["id"],
                change["after"],
                change["computed"],
                change["points"],
                change["is_confident"],
                change["facts"],
            )
            for change in changes
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE o2c_debtor debtor
                   SET risk_class = judged.risk_class,
                       risk_computed = judged.risk_computed,
                       risk_points = judged.risk_points,
                       risk_confident = judged.risk_confident,
                       risk_facts = judged.risk_facts
                  FROM (VALUES %s) judged(id, risk_class, risk_computed, risk_points,
                                          risk_confident, risk_facts)
                 WHERE judged.id = debtor.id
                """,
                rows,
            )
        )
        self.invalidate_model(
            ["risk_class", "risk_computed", "risk_points", "risk_confident"],
            flush=False,
        )
        self.invalidate_model(["risk_facts", "risk_text"], flush=False)
        moved = [c for c in changes if c["before"] != c["after"]]
        if moved:
            self._store_moves(root, moved)

    @api.model
    def _store_moves(self, root, moved):
        """What follows from a new class: history, limits by policy, Odoo's trust."""
        today = root._o2c_today()
        rows = SQL(", ").join(
            SQL(
                "(%s, %s, %s, %s, %s, %s, %s, %s)",
                change["id"],
                root.id,
                today,
                change["before"],
                change["after"],
                change["points"],
                change["is_override"],
                change["reason"],
            )
            for change in moved
        )
        self.env.cr.execute(
            SQL(
                "INSERT INTO o2c_risk_score (debtor_id, company_id, date, class_before,"
                " risk_class, points, is_override, reason) VALUES %s",
                rows,
            )
        )
        self.env["o2c.risk.score"].invalidate_model(flush=False)
        self.invalidate_model(["risk_score_ids"], flush=False)
        self._store_limits(root, [change["id"] for change in moved])
        if root.o2c_credit_enforce:
            self._store_trust(
                root,
                [c for c in moved if c["is_confident"] or c["is_override"]],
            )

    @api.model
    def _store_trust(self, root, moved):
        """Have Odoo's own degree of trust follow the class, once credit is enforced."""
        # sudo: all branches, for a job
        companies_sudo = self.env["res.company"].sudo().with_context(active_test=False)
        branches = companies_sudo.search([("id", "child_of", root.id)])
        for trust in sorted(set(TRUST.values())):
            ids = [c["id"] for c in moved if TRUST[c["after"]] == trust]
            partners_sudo = self.sudo().browse(ids).partner_id
            for branch in branches:
                partners_sudo.with_company(branch).write({"trust": trust})


def _judge_company(root_id):
    def judge(env):
        root = env["res.company"].sudo().browse(root_id)
        env["o2c.debtor"].sudo()._judge_all(root)

    return judge


def _find_alerts(root_id):
    def find(env):
        root = env["res.company"].sudo().browse(root_id)
        env["o2c.credit.alert"].sudo()._evaluate(root)
        root.o2c_risk_day = root._o2c_today()

    return find


def _store_risk(root_id, changes):
    def store(env):
        root = env["res.company"].sudo().browse(root_id)
        env["o2c.debtor"].sudo()._store_risk(root, changes)

    return store
