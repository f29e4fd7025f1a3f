from odoo import api, fields, models
from odoo.fields import Domain


class O2cSelfCheck(models.Model):
    """The alarm when a half-year begins and nobody has entered its rate."""

    _inherit = "o2c.self.check"

    kind = fields.Selection(
        selection_add=[("rates", "Every reference rate is there")],
        ondelete={"rates": "cascade"},
    )

    @api.model
    def _check_rates(self, root):
        rates = self.env["o2c.reference.rate"]
        missing = rates._missing(root)
        return len(missing), rates._missing_words(missing)

    @api.model
    def _found_invariants(self, root, ours):
        """EXTENDS o2c_collections: the list in which the rate is entered."""
        return {
            **super()._found_invariants(root, ours),
            "rates": (
                "o2c.reference.rate",
                Domain.TRUE,
                "o2c_collections.o2c_reference_rate_action",
                self.env._("Reference rates"),
            ),
        }
