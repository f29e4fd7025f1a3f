from pathlib import Path

from odoo.tests import TransactionCase, tagged

from odoo.addons.o2c_base.tests.public_methods import PublicMethods

PUBLIC_METHODS = Path(__file__).with_name("public_methods.txt")
OURS = "odoo.addons.o2c_credit_risk."


@tagged("post_install", "-at_install", "o2c_boundary")
class TestCreditRpcSurface(PublicMethods, TransactionCase):
    def test_the_public_methods_are_those_on_the_list(self):
        """A public method is an RPC endpoint: each was thought about."""
        self.assert_public_methods(OURS, PUBLIC_METHODS)
