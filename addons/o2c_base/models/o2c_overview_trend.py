from datetime import timedelta

from odoo import api, fields, models

TREND_DAYS = 365
#: Beyond so many points a line is thinned out to one a week.
POINTS_MAX = 120
#: A goal's line is drawn so many days into the future at most.
AHEAD_DAYS = 183
GOALS_SHOWN = 6


class O2cOverview(models.AbstractModel):
    """What was kept day by day: trends, goals, and the small lines on the tiles.

    All of it reads ``o2c.kpi.snapshot``; nothing here works a figure out.
    """

    _inherit = "o2c.overview"

    @api.model
    def _trend_metrics(self):
        """Hook: which metrics are drawn, each with one to compare, or None."""
        return {"dso": "best_possible_dso", "overdue_share": None}

    @api.model
    def _panel_trend(self, root_sudo):
        metrics = self._trend_metrics()
        wanted = [code for pair in metrics.items() for code in pair if code]
        rows = self._snapshots(root_sudo, wanted, TREND_DAYS)
        goals = self._goals(root_sudo)
        return {
            "charts": [
                self._trend_chart(root_sudo, code, other, rows, goals)
                for code, other in metrics.items()
            ],
            "goals": [self._goal_card(goal) for goal in goals[:GOALS_SHOWN]],
            "goals_link": self._link(
                "o2c_base.o2c_kpi_goal_action",
                self.env._("Goals"),
                [("company_id", "=", root_sudo.id)],
            ),
        }

    # ------------------------------------------------------------------
    # Snapshots
    # ------------------------------------------------------------------

    @api.model
    def _snapshots(self, root_sudo, metrics, days):
        """The company's own rows, metric -> rows in the order of their days."""
        rows = self.env["o2c.kpi.snapshot"].search(
            [
                ("company_id", "=", root_sudo.id),
                ("scope", "=", "company"),
                ("metric", "in", metrics),
                ("date", ">=", root_sudo._o2c_today() - timedelta(days=days)),
            ],
            order="date, id",
        )
        return rows.grouped("metric")

    @api.model
    def _points(self, rows):
        """[day, value] of the rows that have a value, thinned out where many."""
        known = [(row.date, row.value) for row in rows or () if row.has_value]
        if len(known) > POINTS_MAX:
            weeks = {day.isocalendar()[:2]: (day, value) for day, value in known}
            known = list(weeks.values())
        return [[fields.Date.to_string(day), value] for day, value in known]

    @api.model
    def _tile_history(self, root_sudo, metrics):
        rows = self._snapshots(root_sudo, metrics, self._sparkline_days())
        return {metric: self._points(rows.get(metric)) for metric in metrics}

    # ------------------------------------------------------------------
    # Charts
    # ------------------------------------------------------------------

    @api.model
    def _trend_chart(self, root_sudo, code, other, rows, goals):
        labels = dict(
            self.env["o2c.kpi.snapshot"]
            ._fields["metric"]
            ._description_selection(self.env)
        )
        mine = rows.get(code)
        points = self._points(mine)
        last = mine[-1] if mine else None
        return {
            "code": code,
            "label": labels[code],
            "unit": last.unit if last else None,
            "text": last.text if last else self.env._("n/a"),
            "reason": self._reason(last),
            "change": self._change(root_sudo, points),
            "points": points,
            "other": {"label": labels[other], "points": self._points(rows.get(other))}
            if other
            else None,
            "goal": self._goal_line(root_sudo, code, goals),
            "link": self._link(
                "o2c_base.o2c_kpi_snapshot_action",
                labels[code],
                [
                    ("company_id", "=", root_sudo.id),
                    ("scope", "=", "company"),
                    ("metric", "=", code),
                ],
            ),
        }

    @api.model
    def _reason(self, row):
        """Why there is no figure, or what it does not say."""
        if not row:
            return self.env._("No figure was taken yet; a job does it each hour.")
        return row._label("reason", row.reason) if row.reason else None

    # ------------------------------------------------------------------
    # Goals
    # ------------------------------------------------------------------

    @api.model
    def _goals(self, root_sudo):
        """Running goals of the company, its segments and collectors, next first."""
        return self.env["o2c.kpi.goal"].search(
            [("company_id", "=", root_sudo.id), ("state", "=", "open")],
            order="date, id",
        )

    @api.model
    def _goal_line(self, root_sudo, code, goals):
        """From where the company's goal began to where it is to end."""
        goal = goals.filtered(
            lambda g: g.metric == code and not g.segment_id and not g.collector_id
        )[:1]
        if not goal:
            return None
        ahead = root_sudo._o2c_today() + timedelta(days=AHEAD_DAYS)
        start = goal.baseline if goal.has_baseline else goal.target
        return {
            "label": self.env._("Goal: %s", goal.target_text),
            "points": [
                [fields.Date.to_string(goal.date_start), start],
                [fields.Date.to_string(goal.date), goal.target],
            ],
            "until": fields.Date.to_string(min(ahead, goal.date)),
        }

    @api.model
    def _goal_card(self, goal):
        return {
            "id": goal.id,
            "name": goal.display_name,
            "now": goal.value_text,
            "target": goal.target_text,
            "date": fields.Date.to_string(goal.date),
            "progress": goal.progress,
            "owner": goal.owner_id.sudo().name or "",  # sudo: only who sees to it
            "warning": goal.warning or "",
            "link": {
                **self._link("o2c_base.o2c_kpi_goal_action", goal.display_name, []),
                "res_id": goal.id,
            },
        }
