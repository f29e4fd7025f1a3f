from collections import Counter, defaultdict
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..domain.sharing import share_evenly
from ..tools.transaction import try_in_new_transaction, try_lock

LOCK = "o2c.collector.assign"

#: Customers assigned in one transaction; each leaves a note in his timeline.
CUSTOMERS_PER_BATCH = 500


class Row(NamedTuple):
    """A customer with open items: who owns him and which rule fits."""

    debtor_id: int
    owner_id: int | None
    rule_id: int | None
    amount: float


class O2cCollectorRule(models.Model):
    """Giving customers without a collector to somebody."""

    _inherit = "o2c.collector.rule"

    # ------------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------------

    @api.model
    def _cron_assign(self):
        """Give every customer with open items and no owner to a collector."""
        progress = self.env["ir.cron"]
        for company in self.env["res.company"]._o2c_roots():
            work = _assign_batch(company.id)
            what = f"Assigning the customers of {company.name}"
            while done := try_in_new_transaction(self.env, work, what):
                if not progress._commit_progress(done):
                    return

    @api.model
    def _assign_batch(self, company):
        """Assign a batch of customers, one worker at a time.

        :return: number of customers assigned; None when another worker is at it
        """
        if not try_lock(self.env.cr, LOCK, company.id):
            return None
        plan = self._plan(company)
        batch = dict(list(plan.items())[:CUSTOMERS_PER_BATCH])
        self._hand_over(batch)
        return len(batch)

    @api.model
    def _assign_now(self, company):
        """Assign in this transaction; what is left goes on in the background.

        :return: (number assigned, whether some are left)
        """
        done = self.sudo()._assign_batch(company)  # sudo: rules decide, not the user
        if done is None:
            raise UserError(
                self.env._(
                    "Customers are being assigned at this moment. Try again in a "
                    "minute."
                )
            )
        if done == CUSTOMERS_PER_BATCH:
            # sudo: wakes the job, nothing more
            self.env.ref("o2c_base.ir_cron_assign_collectors").sudo()._trigger()
        return done, done == CUSTOMERS_PER_BATCH

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    @api.model
    def _plan(self, company, chosen=None):
        """Who gets which customer.

        Owners keep their customers, unless they can own none any more. Customers
        chosen by a person also leave owners whom the rules would not name.

        :param company: root company
        :param chosen: accounts that a person wants decided anew
        :return: {account id: (collector id or None, rule id or None)}, the largest
            debts first
        """
        able = self._collectors(company)
        rules = self._usable_rules(company, able)
        rows = self._rows(company, rules, chosen)
        takers = self._takers(company, rules, able)
        waiting, loads = self._sort_out(rows, takers, able, chosen)
        totals = sum(loads.values(), Counter())
        plan = {}
        for rule_id, people in takers.items():
            customers = [row.debtor_id for row in waiting[rule_id]]
            shared = share_evenly(customers, people, loads[rule_id], totals)
            for row in waiting[rule_id]:
                collector_id = shared.get(row.debtor_id)
                if collector_id != row.owner_id:
                    plan[row.debtor_id] = (collector_id, rule_id)
        order = [row.debtor_id for row in rows if row.debtor_id in plan]
        return {debtor_id: plan[debtor_id] for debtor_id in order}

    @api.model
    def _sort_out(self, rows, takers, able, chosen):
        """Tell customers who wait for an owner from those who keep theirs.

        :return: ({rule id: rows that wait}, {rule id: {owner id: number he keeps}})
        """
        able_ids = set(able.ids)
        chosen_ids = set(chosen.ids) if chosen else set()
        waiting, loads = defaultdict(list), defaultdict(Counter)
        for row in rows:
            stays = row.owner_id in able_ids and (
                row.debtor_id not in chosen_ids or row.owner_id in takers[row.rule_id]
            )
            if stays:
                loads[row.rule_id][row.owner_id] += 1
            else:
                waiting[row.rule_id].append(row)
        return waiting, loads

    @api.model
    def _usable_rules(self, company, able):
        """Rules with at least one collector who can own customers."""
        rules = self.search([("company_id", "=", company.id)])
        return rules.filtered(lambda rule: rule.collector_ids & able)

    @api.model
    def _takers(self, company, rules, able):
        """{rule id: collectors' ids}; None stands for customers without a rule."""
        takers = {r.id: (r.collector_ids & able).sorted("id").ids for r in rules}
        takers[None] = self._pool(company).ids
        return takers

    @api.model
    def _rows(self, company, rules, chosen=None):
        """Customers with open items, and chosen ones; the largest debts first."""
        self.env["o2c.debtor"].flush_model()
        self.env["res.partner"].flush_model(["country_id", "user_id"])
        branches = [SQL("WHEN %s THEN %s", rule._fits_sql(), rule.id) for rule in rules]
        choice = SQL("NULL::int")
        if branches:
            choice = SQL("CASE %s END", SQL(" ").join(branches))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT debtor.id, debtor.collector_id, %s, debtor.amount_outstanding
                  FROM o2c_debtor debtor
                  JOIN res_partner partner ON partner.id = debtor.partner_id
                 WHERE debtor.company_id = %s
                   AND (debtor.date_oldest_due IS NOT NULL
                        OR debtor.amount_unapplied > 0 OR debtor.id = ANY(%s))
              ORDER BY debtor.amount_outstanding DESC, debtor.id
                """,
                choice,
                company.id,
                chosen.ids if chosen else [],
            )
        )
        return [Row(*row) for row in rows]

    # ------------------------------------------------------------------
    # Making it so
    # ------------------------------------------------------------------

    @api.model
    def _hand_over(self, plan, note=None):
        """Write the owners, with a note in each timeline and in the history.

        :param plan: {account id: (collector id or None, rule id or None)}
        :param note: what to note; else what decided
        """
        groups = defaultdict(list)
        for debtor_id, decided in plan.items():
            groups[decided].append(debtor_id)
        for (collector_id, rule_id), ids in groups.items():
            debtors = self.env["o2c.debtor"].browse(ids)
            rule = self.browse(rule_id or [])
            self._record_handover(debtors, collector_id, rule)
            debtors._track_set_log_message(note or self._note(collector_id, rule))
            debtors.write({"collector_id": collector_id or False})

    def _note(self, collector_id, rule):
        if not collector_id:
            return self.env._("Nobody can take over: shown to all collectors.")
        if rule:
            return self.env._("Assigned by the rule %(rule)s.", rule=rule.name)
        return self.env._("Assigned by even sharing, as no rule fits.")

    @api.model
    def _record_handover(self, debtors, collector_id, rule):
        # sudo: names of users of other companies
        new = self.env["res.users"].sudo().browse(collector_id or [])
        self.env["o2c.event"]._record(
            "collector_assigned",
            debtors,
            {
                debtor.id: {
                    "collector": new.name or "",
                    "before": debtor.sudo().collector_id.name or "",
                    "rule": rule.name or "",
                }
                for debtor in debtors
            },
        )


def _assign_batch(company_id):
    """A piece of work for one company, as in_new_transaction wants it."""

    def assign(env):
        company = env["res.company"].sudo().browse(company_id)
        return env["o2c.collector.rule"].sudo()._assign_batch(company)

    return assign
