import logging
from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.o2c_base.models.o2c_kpi_source import MONEY_JOURNALS
from odoo.addons.o2c_base.tools.transaction import (
    in_new_transaction,
    try_in_new_transaction,
)

from ..domain.promise import Money

_logger = logging.getLogger(__name__)

#: Customers whose promises are judged in one transaction.
JUDGE_SIZE = 200


class O2cPromise(models.Model):
    """Which money is for which promise, and the job that judges them.

    What came in is read from the ledger for many customers at once; which promise it
    is for is told in ``domain/promise.py``.
    """

    _inherit = "o2c.promise"

    # ------------------------------------------------------------------
    # What is paid
    # ------------------------------------------------------------------

    def _refresh_paid(self):
        """Note what has been paid of the open instalments of these customers."""
        return self._refresh_paid_of(self.debtor_id)

    @api.model
    def _refresh_paid_of(self, debtors):
        """The same of all open promises of some customers; few queries for any number.

        Judged ones of theirs take part with what they were given, so that money
        counts once.

        :return: ids of the instalments for which money came too late
        """
        lines = self.env["o2c.promise.line"].search(
            [("debtor_id", "in", debtors.ids), ("state", "=", "open")]
        )
        late = set()
        if not lines:
            return late
        since = min(lines.promise_id.mapped("date"))
        judged = Domain("state", "!=", "open") & Domain("date_deadline", ">=", since)
        judged &= Domain("amount_paid", ">", 0)
        others = lines.search(judged & Domain("debtor_id", "in", lines.debtor_id.ids))
        moneys = self._money_since(lines.debtor_id, since, lines.promise_id)
        for debtor, own in (lines + others).grouped("debtor_id").items():
            late |= own._share_out(moneys[debtor.id])
        return late

    @api.model
    def _money_since(self, debtors, since, promises):
        """What came in from customers, by item where it was matched with one.

        :param since: date from which on; older money too that was entered or matched
            after the first of the promises was
        :return: dict of account id to a list of ``Money``
        """
        self.env["o2c.debtor"]._flush_ledger()
        self.env["account.partial.reconcile"].flush_model()
        rows = self.env.execute_query(
            self._money_sql(debtors, since, min(promises.mapped("create_date")))
        )
        currencies = promises.currency_id
        found = defaultdict(list)
        worth = _Worth()
        companies = {debtor.id: debtor.company_id for debtor in debtors}
        for debtor_id, item_id, day, entered, matched, *amounts in rows:
            company = companies[debtor_id]
            found[debtor_id].append(
                Money(
                    day,
                    {
                        currency.id: worth.of(company, day, currency, *amounts)
                        for currency in currencies
                    },
                    item_id,
                    (entered, matched),
                )
            )
        return found

    @api.model
    def _money_sql(self, debtors, since, recorded):
        """One row per match of incoming money, and one for what is not matched."""
        return SQL(
            """
            WITH money AS MATERIALIZED (
                SELECT debtor.id AS debtor_id, line.id, line.date, line.create_date,
                       line.currency_id, line.amount_residual,
                       line.amount_residual_currency
                  FROM o2c_debtor debtor
                  JOIN res_partner partner
                    ON partner.commercial_partner_id = debtor.partner_id
                  JOIN account_move_line line ON line.partner_id = partner.id
                  JOIN account_journal journal ON journal.id = line.journal_id
                  JOIN res_company company ON company.id = line.company_id
                 WHERE debtor.id = ANY(%(debtors)s) AND line.account_id IN %(accounts)s
                   AND line.parent_state = 'posted' AND line.balance < 0
                   AND (journal.type IN %(journals)s OR line.payment_id IS NOT NULL)
                   AND split_part(company.parent_path, '/', 1) = debtor.company_id::text
                   AND (line.date >= %(since)s OR line.create_date >= %(recorded)s
                        OR EXISTS (SELECT FROM account_partial_reconcile partial
                                    WHERE partial.credit_move_id = line.id
                                      AND partial.create_date >= %(recorded)s)))
            SELECT money.debtor_id, owed.id, money.date, money.create_date,
                   partial.create_date, partial.amount, partial.debit_amount_currency,
                   owed.currency_id
              FROM money
              JOIN account_partial_reconcile partial
                ON partial.credit_move_id = money.id
              JOIN account_move_line owed ON owed.id = partial.debit_move_id
               AND owed.parent_state = 'posted'
              JOIN account_journal journal ON journal.id = owed.journal_id
             WHERE journal.type NOT IN %(journals)s
         UNION ALL
            SELECT debtor_id, NULL, date, create_date, create_date, -amount_residual,
                   -amount_residual_currency, currency_id
              FROM money WHERE amount_residual < 0
            """,
            debtors=debtors.ids,
            accounts=self.env["o2c.open.item"]._trade_accounts(),
            journals=MONEY_JOURNALS,
            since=since,
            recorded=recorded,
        )

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    @api.model
    def _cron_judge(self):
        """Judge what is over or paid, in batches of customers.

        What is judged is not found again, so it may be cut off anywhere.
        """
        commit = self.env["ir.cron"]._commit_progress
        ids = in_new_transaction(self.env, _debtors_to_judge)
        commit(remaining=len(ids))
        for start in range(0, len(ids), JUDGE_SIZE):
            batch = ids[start : start + JUDGE_SIZE]
            self._judge_safely(batch)
            if not commit(len(batch)):
                return

    @api.model
    def _judge_safely(self, ids):
        """Judge together, or, where that fails, one by one: a bad one is named."""
        try:
            in_new_transaction(self.env, _judge_batch(ids))
        except Exception:
            _logger.info("Promises are judged one by one", exc_info=True)
            for one in ids:
                what = f"Judging the promises of customer account {one}"
                try_in_new_transaction(self.env, _judge_batch([one]), what)

    @api.model
    def _judge_batch(self, ids):
        """Judge the promises of these customer accounts."""
        lines = self.env["o2c.promise.line"].search(
            self._judge_domain() & Domain("debtor_id", "in", ids),
            order="debtor_id, date_due, id",
        )
        lines = lines.try_lock_for_update(allow_referencing=True)
        if lines:
            self._judge(lines, self._refresh_paid_of(lines.debtor_id))

    @api.model
    def _debtors_to_judge(self):
        """Ids of the customer accounts with something to judge."""
        groups = self.env["o2c.promise.line"]._read_group(
            self._judge_domain(), ["debtor_id"], order="debtor_id"
        )
        return [debtor.id for (debtor,) in groups]

    @api.model
    def _judge_domain(self):
        """Open instalments that are over or paid."""
        days = [
            Domain("company_id", "=", root.id)
            & Domain("date_deadline", "<", root._o2c_today())
            for root in self.env["res.company"]._o2c_roots()
        ]
        is_paid = Domain.custom(
            to_sql=lambda model, alias, _query: SQL(
                "%s.amount_paid >= %s.amount",
                SQL.identifier(alias),
                SQL.identifier(alias),
            )
        )
        return Domain("state", "=", "open") & (Domain.OR(days) | is_paid)

    @api.model
    def _judge(self, lines, late):
        """Judge instalments whose ``amount_paid`` is of now.

        :param late: ids of those for which money came too late
        """
        owed = self._what_is_owed(lines.promise_id)
        for line in lines:
            promise = line.promise_id
            is_over = line.date_deadline < line.company_id._o2c_today()
            line._set_judged(is_over, promise.id in owed or line.id in late)
        missed = lines.promise_id._set_outcome()
        missed._tell_missed()
        lines._ask_to_match()

    @api.model
    def _what_is_owed(self, promises):
        """Ids of the promises of which anything is still open."""
        self.env["o2c.debtor"]._flush_ledger()
        items = self.env["o2c.open.item"]._items_sql(
            partner_ids=promises.debtor_id.partner_id.ids
        )
        rows = self.env.execute_query(
            SQL(
                """
                WITH item AS MATERIALIZED (
                    SELECT id, debtor_id FROM (%s) item WHERE amount_residual > 0)
                SELECT promise.id
                  FROM o2c_promise promise
                 WHERE promise.id = ANY(%s) AND EXISTS (
                       SELECT FROM item
                        WHERE item.debtor_id = promise.debtor_id
                          AND (promise.is_account OR EXISTS (
                               SELECT FROM o2c_promise_item_rel named
                                WHERE named.promise_id = promise.id
                                  AND named.line_id = item.id)))
                """,
                items,
                promises.ids,
            )
        )
        return {promise_id for (promise_id,) in rows}

    def _tell_missed(self):
        """A promise was not kept: the plan goes on, and the collector knows."""
        for promise in self:
            debtor = promise.debtor_id
            person = debtor._responsible() or debtor.company_id._o2c_owner()
            debtor.activity_schedule(
                "o2c_collections.mail_activity_type_promise",
                date_deadline=debtor.company_id._o2c_today(),
                summary=self.env._("Promise missed: %s", promise.display_name),
                user_id=person.id,
            )
        self.debtor_id._note_decision()


class _Worth:
    """What money is worth in the currency of a promise, each rate asked for once."""

    def __init__(self):
        self._rates = {}

    def of(self, company, day, currency, amount, amount_currency, currency_id):
        """Money of a day in ``currency``: as it was paid, else at the day's rate."""
        if currency.id == currency_id:
            return float(amount_currency)
        own = company.currency_id
        if currency == own:
            return float(amount)
        key = (company.id, day, currency.id)
        if key not in self._rates:
            self._rates[key] = currency._get_conversion_rate(
                own, currency, company, day
            )
        return float(amount) * self._rates[key]


def _judge_batch(ids):
    return lambda env: env["o2c.promise"]._judge_batch(ids)


def _debtors_to_judge(env):
    return env["o2c.promise"]._debtors_to_judge()
