from odoo.exceptions import AccessError
from odoo.service.model import get_public_method
from odoo.tests import TransactionCase, tagged

#: Every method of ours that can be called from outside. A new one is a decision:
#: does it check rights itself, what can a hostile caller hand it?
PUBLIC = {
    "account.account": {"write"},
    "account.move": {"write"},
    "account.move.line": {"create", "unlink", "write"},
    "account.partial.reconcile": {"create", "unlink"},
    "o2c.ageing": {"action_open_items", "fields_get", "items_of", "ledger_tie"},
    "o2c.collector.absence": {"write"},
    "o2c.collector.assign": {"action_assign", "action_preview"},
    "o2c.collector.reassign": {"action_reassign"},
    "o2c.call": {"action_log", "default_get"},
    "o2c.debtor": {
        "action_log_call",
        "action_send_mail",
        "action_open_activities",
        "action_open_invoices",
        "action_open_items",
        "action_open_overdue",
        "action_open_partner",
        "action_open_statements",
        "action_refresh",
        "action_statement",
        "changes_waiting",
        "get_formview_action",
        "timeline_rows",
        "write",
    },
    "o2c.event": {"write"},
    "o2c.expected.receipt": {"action_open_document"},
    "o2c.open.item": {
        "action_include",
        "action_leave_out",
        "action_open_document",
        "action_open_pdf",
        "action_send_mail",
    },
    "o2c.segment": {"action_open_members", "action_open_memberships", "write"},
    "o2c.segment.apply": {"action_apply", "action_preview"},
    "o2c.overview": {
        "action_dismiss_checklist",
        "action_tick",
        "get_frame",
        "get_panel",
    },
    "o2c.kpi": {"explain"},
    "o2c.statement": {"action_agree", "action_answer", "action_open_debtor"},
    "o2c.statement.answer": {"action_record", "default_get"},
    "o2c.statement.wizard": {
        "action_export",
        "action_preview",
        "action_print",
        "action_send",
    },
    "o2c.export": {"action_download", "start", "status"},
    "o2c.ledger.difference": {"action_open_document"},
    "o2c.kpi.goal": {"action_trend", "create", "write"},
    "res.company": {"cache_invalidation_fields"},
    "res.partner": {"action_o2c_open_account", "unlink", "write"},
}


@tagged("post_install", "-at_install", "o2c_boundary")
class TestRpcSurface(TransactionCase):
    """What can be called from outside is on a list that was looked at."""

    def test_only_listed_methods_can_be_called_from_outside(self):
        found = {}
        for name in self.env.registry:
            methods = self._public_methods(self.env[name])
            if methods:
                found[name] = methods
        self.assertEqual(found, PUBLIC)

    def _public_methods(self, model):
        ours = {
            name
            for base in type(model).mro()
            if base.__module__.startswith("odoo.addons.o2c_base.")
            for name, value in vars(base).items()
            if callable(value)
        }
        return {name for name in ours if self._is_public(model, name)}

    def _is_public(self, model, name):
        """What Odoo itself answers to a remote call."""
        try:
            return bool(get_public_method(model, name))
        except AccessError:
            return False
