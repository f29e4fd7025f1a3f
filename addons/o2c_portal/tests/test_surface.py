from pathlib import Path

from odoo.http import _generate_routing_rules
from odoo.tests import TransactionCase, tagged

from odoo.addons.o2c_base.tests.public_methods import PublicMethods

HERE = Path(__file__).parent


@tagged("post_install", "-at_install", "o2c_boundary")
class TestSurface(PublicMethods, TransactionCase):
    """What can be reached from outside is on a list, so that new things show.

    A new route also needs its attacks in tests/attacks/test_routes.py.
    """

    def test_the_public_methods_are_those_on_the_list(self):
        self.assert_public_methods(
            "odoo.addons.o2c_portal", HERE / "public_methods.txt"
        )

    def test_the_routes_of_all_add_ons_are_those_on_the_list(self):
        modules = self.env["ir.module.module"].search([("state", "=", "installed")])
        found = set()
        for url, endpoint in _generate_routing_rules(modules.mapped("name"), False):
            if endpoint.__module__.startswith("odoo.addons.o2c_"):
                routing = endpoint.routing
                methods = ",".join(sorted(routing.get("methods") or ["any"]))
                found.add(f"{url} {routing['type']} {routing['auth']} {methods}")
        listed = (HERE / "routes.txt").read_text(encoding="utf-8").splitlines()
        self.assertEqual(sorted(found), listed)

    def test_names_on_phones_can_be_translated(self):
        """Odoo translates no words in an attribute of this name."""
        for path in (HERE.parent / "views").glob("*.xml"):
            self.assertNotIn(' data-label="', path.read_text(encoding="utf-8"), path)
