from odoo import fields, models
from odoo.tools.misc import format_amount, format_date

#: Rows of each kind that the timeline shows, newest first.
ROWS_MAX = 50


class O2cDebtor(models.Model):
    """Limits and risk classes on the customer's one timeline."""

    _inherit = "o2c.debtor"

    def _timeline_rows(self):
        """EXTENDS o2c_base: what was decided about credit, and by whom."""
        return super()._timeline_rows() + self._limit_rows() + self._class_rows()

    def _limit_rows(self):
        limits = self.env["o2c.credit.limit"].search(
            [("debtor_id", "=", self.id), ("state", "!=", "draft")],
            order="id DESC",
            limit=ROWS_MAX,
        )
        return [self._limit_row(limit) for limit in limits]

    def _limit_row(self, limit):
        def label(name):
            choices = limit._fields[name]._description_selection(self.env)
            return dict(choices).get(limit[name], "")

        end = limit.date_ended or limit.date_to
        person_sudo = (limit.decided_by_id or limit.requested_by_id).sudo()  # a name
        period = format_date(self.env, limit.date_from)
        if end:
            period = f"{period} – {format_date(self.env, end)}"
        parts = [period, person_sudo.name, limit.decision_note]
        since = limit.decided_at or limit.requested_at or limit.create_date
        return {
            "key": f"limit-{limit.id:012}",
            "kind": "credit",
            "date": fields.Date.to_string(
                fields.Datetime.context_timestamp(self, since)
            ),
            "icon": "fa-balance-scale",
            "title": self.env._(
                "%(kind)s %(amount)s: %(state)s",
                kind=label("kind"),
                amount=format_amount(self.env, limit.amount, limit.currency_id),
                state=label("state"),
            ),
            "text": ", ".join(part for part in parts if part),
            "in_all": True,
            "res_model": limit._name,
            "res_id": limit.id,
        }

    def _class_rows(self):
        scores = self.env["o2c.risk.score"].search(
            [("debtor_id", "=", self.id)], order="id DESC", limit=ROWS_MAX
        )
        return [self._class_row(score) for score in scores]

    def _class_row(self, score):
        return {
            "key": f"class-{score.id:012}",
            "kind": "credit",
            "date": fields.Date.to_string(score.date),
            "icon": "fa-tachometer",
            "title": self.env._(
                "Risk class %(before)s to %(after)s",
                before=score.class_before or "–",
                after=score.risk_class,
            ),
            "text": score.reason
            or self.env._("%(points)s points on the scorecard", points=score.points),
            "in_all": True,
            "res_model": False,
            "res_id": False,
        }
