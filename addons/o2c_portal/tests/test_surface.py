from pathlib import Path

from odoo.tests import TransactionCase, tagged

from odoo.addons.o2c_base.tests.public_methods import PublicMethods

HERE = Path(__file__).parent


@tagged("post_install", "-at_install", "o2c_boundary")
class TestSurface(PublicMethods, TransactionCase):
    """What can be reached from outside is on a list, so that new things show."""

    def test_the_public_methods_are_those_on_the_list(self):
        self.assert_public_methods(
            "odoo.addons.o2c_portal", HERE / "public_methods.txt"
        )

    def test_the_routes_of_all_add_ons_are_those_on_the_list(self):
        found = set()
        for rule in self.env["ir.http"].routing_map().iter_rules():
            endpoint = rule.endpoint
            function = getattr(endpoint, "func", endpoint)
            function = getattr(function, "__func__", function)
            if not function.__module__.startswith("odoo.addons.o2c_"):
                continue
            routing = endpoint.routing
            methods = ",".join(sorted(routing.get("methods") or ["any"]))
            found.add(f"{rule.rule} {routing['type']} {routing['auth']} {methods}")
        listed = (HERE / "routes.txt").read_text(encoding="utf-8").splitlines()
        self.assertEqual(sorted(found), listed)
