"""What has to be looked at when it is new, for all add-ons: on lists beside this.

Who adds something looks at it, then has the lists written anew:

    O2C_WRITE_LISTS=1 make test ARGS=tests/attacks/test_lists.py
"""

import ast
import inspect
import os
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path

from odoo.exceptions import AccessError
from odoo.service.model import get_public_method
from odoo.tests import TransactionCase, tagged

from odoo.addons.o2c_base.tests.public_methods import _is_about
from odoo.addons.o2c_base.tests.test_rpc_surface import PUBLIC

from dev.paths import ADDONS

LISTS = Path(__file__).parent / "lists"
#: Text that becomes markup, or code, without being looked at.
RAW = re.compile(r"t-raw|innerHTML|\bmarkup\(|\beval\(|_unrestricted_rendering")


def sources(pattern="*.py"):
    """Files of all add-ons but tests: (name, text)."""
    for path in sorted(ADDONS.rglob(pattern)):
        name = path.relative_to(ADDONS)
        if not {"tests", "lib"} & set(name.parts):
            yield str(name), path.read_text(encoding="utf-8")


def calls(text):
    return [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)]


@tagged("post_install", "-at_install")
class TestLists(TransactionCase):
    """A new door is a decision, so it shows."""

    def assert_listed(self, name, lines):
        path = LISTS / name
        if os.environ.get("O2C_WRITE_LISTS"):
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        found = Counter(lines)
        listed = Counter(path.read_text(encoding="utf-8").splitlines())
        new, gone = sorted(found - listed), sorted(listed - found)
        self.assertFalse(new + gone, f"{name}: new {new}, gone {gone}")

    def test_where_rights_are_put_aside(self):
        """Each call of sudo(), per file."""
        found = Counter()
        for name, text in sources():
            found[name] += sum(_is_sudo(call) for call in calls(text))
        for name, text in sources("*.xml"):
            found[name] += text.count(".sudo(")
        lines = [f"{name} {count}" for name, count in sorted(found.items()) if count]
        self.assert_listed("sudo.txt", lines)

    def test_who_may_do_what_with_our_models(self):
        """Access rights and record rules."""
        ours = [("model_id.model", "=like", "o2c.%")]
        lines = []
        for access in self.env["ir.model.access"].search(ours):
            rights = "".join(
                letter if access[f"perm_{name}"] else "-"
                for letter, name in zip(
                    "rwcu", ("read", "write", "create", "unlink"), strict=True
                )
            )
            lines.append(f"{access.model_id.model} {_ids(access.group_id)} {rights}")
        for rule in self.env["ir.rule"].search(ours):
            who = _ids(rule.groups)
            lines.append(f"{rule.model_id.model} rule {who} {rule.domain_force}")
        self.assert_listed("access.txt", sorted(lines))

    def test_public_methods_of_each_add_on_are_on_a_list(self):
        listed = {f"{model} {name}" for model in PUBLIC for name in PUBLIC[model]}
        for path in ADDONS.glob("*/tests/public_methods.txt"):
            listed |= set(path.read_text(encoding="utf-8").splitlines())
        found = {
            f"{model} {name}"
            for model, registered in self.env.registry.items()
            for base in registered.__mro__
            if base.__module__.startswith("odoo.addons.o2c_") and _is_about(base, model)
            for name, value in vars(base).items()
            if inspect.isfunction(value) and self._is_public(model, name)
        }
        self.assertFalse(found - listed)

    def _is_public(self, model, name):
        with suppress(AccessError):
            return bool(get_public_method(self.env[model], name))

    def test_records_of_companies_have_a_rule_of_companies(self):
        rules = self.env["ir.rule"].search([("groups", "=", False)])
        ruled = {
            rule.model_id.model
            for rule in rules
            if "compan" in (rule.domain_force or "")
        }
        ours = [("model_id.model", "=like", "o2c.%"), ("perm_read", "=", True)]
        readable = self.env["ir.model.access"].search(ours).model_id.mapped("model")
        missing = {
            name
            for name, model in self.env.registry.items()
            if name in readable
            and not (model._abstract or model._transient)
            and "company_id" in model._fields
            and model._fields["company_id"].store
        }
        self.assertFalse(missing - ruled)

    def test_no_text_becomes_markup_unseen(self):
        for pattern in ("*.py", "*.xml", "*.js"):
            for name, text in sources(pattern):
                self.assertFalse(RAW.findall(text), name)
        for name, text in sources():
            raw = [c.lineno for c in calls(text) if _is_raw_markup(c, text)]
            self.assertFalse(raw, f"{name}: Markup() of what may be anything")

    def test_no_statement_is_put_together_from_texts(self):
        """SQL() begins with a literal, and so does what a cursor executes."""
        for name, text in sources():
            unsafe = [c.lineno for c in calls(text) if _is_unsafe_sql(c, text)]
            self.assertFalse(unsafe, name)


def _ids(records):
    """External ids, as they are written in files."""
    found = records.sudo().get_external_id()
    return ",".join(sorted(found.values())) or "everybody"


def _is_sudo(call):
    """``sudo()``; but not ``sudo(False)``, which takes rights away."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "sudo":
        return False
    return not (call.args and getattr(call.args[0], "value", None) is False)


def _is_raw_markup(call, text):
    """``Markup(x)`` of anything but a literal, without a reason beside it."""
    if getattr(call.func, "id", None) != "Markup" or not call.args:
        return False
    line = text.splitlines()[call.lineno - 1]
    return not isinstance(call.args[0], ast.Constant) and "noqa: S704" not in line


def _is_unsafe_sql(call, text):
    if "sql-injection" in text.splitlines()[call.lineno - 2]:  # said why, above it
        return False
    name = getattr(call.func, "id", None) or getattr(call.func, "attr", None)
    if name == "SQL":
        return bool(call.args) and isinstance(
            call.args[0], ast.JoinedStr | ast.BinOp | ast.Call
        )
    on_cursor = name == "execute" and isinstance(call.func, ast.Attribute)
    return (
        on_cursor
        and bool(call.args)
        and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    )
