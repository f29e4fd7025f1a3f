import contextlib
import inspect

from odoo.exceptions import AccessError
from odoo.service.model import get_public_method


class PublicMethods:
    """For a test case: which methods of an add-on RPC can call."""

    def assert_public_methods(self, add_on, path):
        """A public method is an RPC endpoint: each was thought about.

        :param add_on: the start of its modules' names
        :param path: the list, a line each
        """
        found = set()
        for name, model in self.env.registry.items():
            for base in model.__mro__:
                if base.__module__.startswith(add_on) and _is_about(base, name):
                    found |= {f"{name} {m}" for m in self._public(base, name)}
        self.assertEqual(sorted(found), path.read_text(encoding="utf-8").splitlines())

    def _public(self, base, model):
        """Names of the methods of a class that RPC may call."""
        for name, function in vars(base).items():
            if inspect.isfunction(function):
                with contextlib.suppress(AccessError):
                    get_public_method(self.env[model], name)
                    yield name


def _is_about(base, name):
    """Whether a class is the definition or an extension of a model."""
    attributes = vars(base)
    return name in (attributes.get("_name"), attributes.get("_inherit"))
