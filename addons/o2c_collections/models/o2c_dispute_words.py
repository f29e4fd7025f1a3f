from odoo import fields, models
from odoo.tools import format_amount, format_date


class O2cDispute(models.Model):
    """A dispute in a few words, for "Why?" and the timeline."""

    _inherit = "o2c.dispute"

    def _why(self):
        """The dispute in a sentence: what, who answers, until when."""
        return self.env._(
            "%(dispute)s (%(amount)s): %(owner)s answers by %(date)s.",
            dispute=self.display_name,
            amount=format_amount(self.env, self.amount_resting, self.currency_id),
            owner=self.owner_id.name or self.env._("nobody"),
            date=format_date(self.env, self._deadline_day()),
        )

    def _timeline_row(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        day = fields.Datetime.context_timestamp(self, self.date_raised)
        return {
            "key": f"dispute-{self.id:012}",
            "kind": "disputes",
            "date": fields.Date.to_string(day),
            "icon": "fa-gavel",
            "title": self.env._(
                "Disputed: %(amount)s (%(state)s)",
                amount=format_amount(self.env, self.amount, self.currency_id),
                state=states[self.state],
            ),
            "text": self.display_name,
            "in_all": True,
            "res_model": self._name,
            "res_id": self.id,
        }
