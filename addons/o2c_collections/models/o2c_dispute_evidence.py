from odoo import api, fields, models


class O2cDispute(models.Model):
    """What proves who is right: the order, its deliveries, the files, the messages.

    Orders and deliveries are found where the add-ons that bring them are installed;
    this one needs neither. Names are shown to every reader of the dispute; documents
    open with his own rights.
    """

    _inherit = "o2c.dispute"

    evidence = fields.Char(
        compute="_compute_evidence",
        help="Numbers of the order and of its deliveries.",
    )
    order_count = fields.Integer("Orders", compute="_compute_evidence")
    delivery_count = fields.Integer("Deliveries", compute="_compute_evidence")

    @api.depends("move_id")
    def _compute_evidence(self):
        for dispute in self:
            orders, deliveries = dispute._orders(), dispute._deliveries()
            dispute.order_count = len(orders or ())
            dispute.delivery_count = len(deliveries or ())
            names = [record.name for record in [*(orders or ()), *(deliveries or ())]]
            move_sudo = dispute._known_move_sudo()
            dispute.evidence = ", ".join(names) or move_sudo.invoice_origin

    def _orders(self):
        """Orders behind the disputed lines, else behind the invoice; None: no sales."""
        move_sudo = self._known_move_sudo()
        # sudo: numbers of orders are shown to who may read the dispute
        lines = self._origin.sudo().line_ids.move_line_id or move_sudo.invoice_line_ids
        if "sale_line_ids" not in lines._fields:
            return None
        return lines["sale_line_ids"]["order_id"]

    def _deliveries(self):
        """Deliveries of these orders; None: no stock."""
        orders = self._orders()
        if orders is None or "picking_ids" not in orders._fields:
            return None
        return orders["picking_ids"]

    def action_open_orders(self):
        """The orders behind the invoice, for those who may read them."""
        self.ensure_one()
        self.check_access("read")
        return self._open_documents(self.env._("Orders"), self._orders())

    def action_open_deliveries(self):
        """The deliveries behind the invoice, for those who may read them."""
        self.ensure_one()
        self.check_access("read")
        return self._open_documents(self.env._("Deliveries"), self._deliveries())

    def _open_documents(self, name, records):
        if not records:
            return False
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": records._name,
            "view_mode": "list,form",
            "domain": [("id", "in", records.ids)],
            "context": {"create": False},
        }
