from unittest.mock import patch

from odoo import api
from odoo.tests import tagged

from .common import ReceivablesCommon

#: Queries that marking adds, at any number of documents.
ADDED = {"post": 1, "pay": 2, "unmatch": 2, "reset": 1}

#: Documents at once. With two, core saves itself an update when paying.
SIZES = (3, 7)


@tagged("post_install", "-at_install")
class TestQueryCount(ReceivablesCommon):
    """Core actions gain a constant number of queries, however many documents.

    Each action runs twice from the same state: with marking, and with the hooks
    taken out. The difference is what we cost.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # measured without the company's own background recomputes
        cls.company.flush_recordset()

    def test_posting_gains_a_constant(self):
        self._assert_constant("post", self._drafts, lambda moves: moves.action_post())

    def test_paying_gains_a_constant(self):
        self._assert_constant("pay", self._posted, self._pay)

    def test_unmatching_gains_a_constant(self):
        self._assert_constant("unmatch", self._paid, self._unmatch)

    def test_resetting_to_draft_gains_a_constant(self):
        self._assert_constant("reset", self._paid, lambda moves: moves.button_draft())

    # ------------------------------------------------------------------
    # States and actions
    # ------------------------------------------------------------------

    def _drafts(self, size):
        moves = [self.invoice(10 + n, post=False) for n in range(size)]
        return self.env["account.move"].union(*moves)

    def _posted(self, size):
        moves = self._drafts(size)
        moves.action_post()
        return moves

    def _paid(self, size):
        moves = self._posted(size)
        self._pay(moves)
        return moves

    def _pay(self, moves):
        self._register_payment(moves)

    def _unmatch(self, moves):
        self.receivable_lines(moves).remove_move_reconcile()

    # ------------------------------------------------------------------
    # Measuring
    # ------------------------------------------------------------------

    def _assert_constant(self, name, prepare, action):
        added = {size: self._added(prepare(size), action) for size in SIZES}
        self.assertEqual(added, dict.fromkeys(SIZES, ADDED[name]))

    def _added(self, records, action):
        """The least with and the least without: caches that fill are not ours."""
        counts = {True: [], False: []}
        self._measure(records, action)  # warms the caches
        for _time in range(2):
            with self._hooks_out():
                counts[False].append(self._measure(records, action))
            counts[True].append(self._measure(records, action))
        return min(counts[True]) - min(counts[False])

    def _measure(self, records, action):
        """Queries of the action, flushed; then it has not happened."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.cr.execute("SAVEPOINT o2c_measure")
        start = self.env.cr.sql_log_count
        action(records)
        self.env.flush_all()
        count = self.env.cr.sql_log_count - start
        self.env.clear()
        self.env.cr.execute("ROLLBACK TO SAVEPOINT o2c_measure")
        return count

    def _hooks_out(self):
        """The core models without our overrides of create, write and unlink."""
        line = type(self.env["account.move.line"])
        partial = type(self.env["account.partial.reconcile"])
        mark = type(self.env["o2c.debtor.mark"])
        event = type(self.env["o2c.event"])
        return _Several(
            patch.object(line, "_o2c_mark_posted", lambda _self: None),
            patch.object(partial, "_o2c_mark", lambda _self: None),
            patch.object(mark, "_mark_moves", api.model(lambda _self, _moves: None)),
            patch.object(event, "_record_unmatched", api.model(lambda *_args: None)),
        )


class _Several:
    """Some patches as one context manager."""

    def __init__(self, *patches):
        self.patches = patches

    def __enter__(self):
        for one in self.patches:
            one.start()

    def __exit__(self, *_error):
        for one in self.patches:
            one.stop()
