from odoo import models


class Base(models.AbstractModel):
    """How we deal with customers is not theirs to read."""

    _inherit = "base"

    def _has_field_access(self, field, operation):
        """EXTENDS core: what we add to others' models is for colleagues.

        Customers may read their companies, contacts and documents by RPC; among the
        fields of ours there are limits that they would make use of.
        """
        if field.name.startswith("o2c_") and not (
            self.env.su or self.env.user._is_internal()
        ):
            return False
        return super()._has_field_access(field, operation)
