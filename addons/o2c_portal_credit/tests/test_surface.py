from pathlib import Path

from odoo.tests import TransactionCase, tagged

from odoo.addons.o2c_base.tests.public_methods import PublicMethods

HERE = Path(__file__).parent


@tagged("post_install", "-at_install", "o2c_boundary")
class TestSurface(PublicMethods, TransactionCase):
    """What can be reached from outside is on a list, so that new things show."""

    def test_the_public_methods_are_those_on_the_list(self):
        self.assert_public_methods(
            "odoo.addons.o2c_portal_credit", HERE / "public_methods.txt"
        )
