from lxml import etree

from odoo import models


class IrQweb(models.AbstractModel):
    """Templates kept in fields are compiled once for all messages that they fill in.

    Core compiles those of views once, but these anew for each record, twice: to see
    whether their expressions are harmless, and to fill them in.
    """

    _inherit = "ir.qweb"

    def _generate_code(self, template):
        """Override of `base`: once where the context has room to keep it."""
        return self._o2c_once("code", template, super()._generate_code)

    def _generate_code_uncached(self, template):
        """Override of `base`: once where the context has room to keep it."""
        return self._o2c_once("functions", template, super()._generate_code_uncached)

    def _o2c_once(self, kind, template, compile_template):
        """Compile, or give what came of it the last time."""
        compiled = self.env.context.get("o2c_together")
        if compiled is None or not isinstance(template, etree._Element):
            return compile_template(template)
        names = [
            *self._get_template_cache_keys(),
            "raise_on_forbidden_code_for_model",
        ]
        options = tuple(self.env.context.get(name) for name in names)
        key = (kind, etree.tostring(template), options)
        if key not in compiled:
            try:
                compiled[key] = compile_template(template), None
            except PermissionError as error:
                compiled[key] = None, str(error)
        result, error = compiled[key]
        if error is not None:
            raise PermissionError(error)
        return result
