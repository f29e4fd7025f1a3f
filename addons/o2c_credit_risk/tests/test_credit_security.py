import contextlib
import inspect
from pathlib import Path

from odoo.exceptions import AccessError
from odoo.service.model import get_public_method
from odoo.tests import TransactionCase, tagged

PUBLIC_METHODS = Path(__file__).with_name("public_methods.txt")
OURS = "odoo.addons.o2c_credit_risk."


@tagged("post_install", "-at_install", "o2c_boundary")
class TestCreditRpcSurface(TransactionCase):
    def test_the_public_methods_are_those_on_the_list(self):
        """A public method is an RPC endpoint: each was thought about."""
        found = set()
        for name, model in self.env.registry.items():
            for base in model.__mro__:
                if base.__module__.startswith(OURS) and self._is_about(base, name):
                    found |= {f"{name} {m}" for m in self._public(base, name)}
        self.assertEqual(
            sorted(found), PUBLIC_METHODS.read_text(encoding="utf-8").splitlines()
        )

    def _is_about(self, base, name):
        """Whether a class is the definition or an extension of a model."""
        attributes = vars(base)
        return name in (attributes.get("_name"), attributes.get("_inherit"))

    def _public(self, base, model):
        """Names of the methods of a class that RPC may call."""
        for name, function in vars(base).items():
            if inspect.isfunction(function):
                with contextlib.suppress(AccessError):
                    get_public_method(self.env[model], name)
                    yield name
