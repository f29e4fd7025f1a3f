from odoo import models

#: Invoices that the first page still shows once they are settled.
SETTLED_SHOWN = 10


class O2cDebtor(models.Model):
    """Documents that a customer may fetch, open or settled, and their instalments."""

    _inherit = "o2c.debtor"

    def _portal_own_lines(self, *domain, **options):
        """Trade items of this account, open or not, as journal items."""
        return self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "child_of", self.company_id.id),
                ("parent_state", "=", "posted"),
                ("account_id.account_type", "=", "asset_receivable"),
                ("account_id.non_trade", "=", False),
                *domain,
            ],
            **options,
        )

    def _portal_documents(self, line_ids):
        """Invoices and credit notes of these journal items; others' are left out."""
        moves = self._portal_own_lines(("id", "in", list(line_ids))).move_id
        return moves.filtered(lambda move: move.is_invoice())

    def _portal_settled(self):
        """One item of each invoice that was settled lately, the latest first."""
        lines = self._portal_own_lines(
            ("full_reconcile_id", "!=", False),
            ("move_id.move_type", "in", ("out_invoice", "out_receipt")),
            ("move_id.amount_residual", "=", 0),
            order="full_reconcile_id DESC, id",
            limit=2 * SETTLED_SHOWN,
        )
        first = {line.move_id: line for line in reversed(lines)}
        known = lines.filtered(lambda line: first[line.move_id] == line)
        return known[:SETTLED_SHOWN]

    def _portal_instalments(self, items):
        """Which of how many an item is, where its invoice is paid in several.

        :param items: o2c.open.item
        :return: dict of journal item id to text
        """
        texts = {}
        for move in items.move_id:
            parts = move.line_ids.filtered(
                lambda line: line.display_type == "payment_term"
            ).sorted(lambda line: (line.date_maturity, line.id))
            if len(parts) < 2:
                continue
            count = len(parts)
            for number, line in enumerate(parts, 1):
                texts[line.id] = self.env._(
                    "Instalment %(number)s of %(count)s", number=number, count=count
                )
        return texts
