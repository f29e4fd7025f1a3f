from datetime import timedelta

from odoo import api, fields, models

from .o2c_self_check import DAILY, HOURLY

#: A daily check that is older than this is missing.
CHECK_LATE = timedelta(hours=36)


class O2cOverview(models.AbstractModel):
    """The card that says whether the suite's own checks passed, green or red."""

    _inherit = "o2c.overview"

    @api.model
    def _panels(self):
        return {
            **super()._panels(),
            "control": {
                "title": self.env._("Self-check"),
                "help": self.env._(
                    "What is checked each day, and what waits for somebody."
                ),
                "size": "narrow",
            },
        }

    @api.model
    def _panel_control(self, root_sudo):
        checks = [self._check_row(root_sudo, kind) for kind in DAILY]
        states = {check["state"] for check in checks}
        bad = states & {"bad", "error", "late"}
        return {
            "state": "bad" if bad else "none" if "none" in states else "good",
            "checks": checks,
            "lists": [self._waiting_row(root_sudo, kind) for kind in HOURLY],
            "owner": root_sudo._o2c_owner().name or "",
            "may_check": self.env.user.has_group("o2c_base.group_manager"),
            "link": self._link(
                "o2c_collections.o2c_self_check_action",
                self.env._("Self-checks"),
                [("company_id", "in", (root_sudo.id, False))],
            ),
        }

    @api.model
    def _check_row(self, root_sudo, kind):
        """The last result of a daily check."""
        checks = self.env["o2c.self.check"]
        company = False if kind == "chain" else root_sudo.id
        row = checks.search(
            [
                ("kind", "=", kind),
                ("company_id", "=", company),
                ("finished_at", "!=", False),
            ],
            limit=1,
        )
        label = dict(checks._fields["kind"]._description_selection(self.env))[kind]
        at = row.finished_at
        return {
            "code": kind,
            "label": label,
            "state": self._check_state(row),
            "at": at and fields.Datetime.to_string(at),
            "words": (row.words or "").split("\n")[0][:200],
            "link": checks._found_link(root_sudo, kind),
        }

    @api.model
    def _check_state(self, row):
        if not row:
            return "none"
        if row.finished_at < fields.Datetime.now() - CHECK_LATE:
            return "late"
        if row.state == "running":  # asked for anew; the card keeps what it knew
            return "bad" if row.count else "good"
        return row.state

    @api.model
    def _waiting_row(self, root_sudo, kind):
        checks = self.env["o2c.self.check"]
        model, domain, _action, label = checks._found(root_sudo, kind)
        return {
            "code": kind,
            "label": label,
            "count": self.env[model].search_count(domain),
            "link": checks._found_link(root_sudo, kind),
        }
