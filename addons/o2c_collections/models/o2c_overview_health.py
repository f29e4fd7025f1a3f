from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

#: A run that has not ended after so long is stuck.
RUN_LATE = timedelta(hours=1)
#: While chasing is on, there is a run each night: after so long one is missing.
NIGHT_LATE = timedelta(hours=30)
REASONS_SHOWN = 5

WAITING = ("planned", "claimed", "queued")


class O2cOverview(models.AbstractModel):
    """The panel that tells whether the machine works."""

    _inherit = "o2c.overview"

    @api.model
    def _panels(self):
        return {
            **super()._panels(),
            "health": {
                "title": self.env._("Chasing"),
                "help": self.env._("What the last run did, and what waits."),
                "size": "narrow",
            },
        }

    @api.model
    def _panel_health(self, root_sudo):
        run = self.env["o2c.chase.run"].search(
            [("company_id", "=", root_sudo.id)],
            order="started_at DESC, id DESC",
            limit=1,
        )
        alarms = self._alarms(root_sudo, run)
        return {
            "is_sending": root_sudo.o2c_sending,
            "alarms": alarms,
            "run": self._run_figures(run),
            "steps": self._step_figures(root_sudo, run),
            "skipped": self._skipped_figures(run),
            "next_run": self._next_run(root_sudo),
            "pilot": self._pilot_figures(root_sudo),
        }

    @api.model
    def _pilot_figures(self, root_sudo):
        """How many take part while a pilot is on; None without one."""
        if not root_sudo.o2c_pilot:
            return None
        invited = [("is_pilot", "=", True)]
        count = self.env["o2c.debtor"].search_count(
            [("company_id", "=", root_sudo.id), *invited]
        )
        return {
            "label": self.env._(
                "Pilot: only invited customers are contacted (%(count)s).", count=count
            ),
            "link": self._account_link(
                root_sudo, self.env._("Invited to the pilot"), invited, count
            ),
        }

    # ------------------------------------------------------------------
    # Is it stuck?
    # ------------------------------------------------------------------

    @api.model
    def _alarms(self, root_sudo, run):
        """Sentences on what does not work."""
        now = fields.Datetime.now()
        alarms = [
            self.env._("The job “%s” is switched off or does not run.", name)
            for name in self._late_jobs()
        ]
        if run.state == "failed":
            alarms.append(self.env._("The last run failed: its page says why."))
        elif run.state == "running" and run.started_at < now - RUN_LATE:
            alarms.append(self.env._("A run has been under way for more than an hour."))
        elif run.state == "requested" and run.write_date < now - RUN_LATE:
            alarms.append(self.env._("A run was asked for more than an hour ago."))
        elif root_sudo.o2c_sending and self._misses_a_night(root_sudo, run, now):
            alarms.append(self.env._("Chasing is on, and there was no run last night."))
        return alarms

    @api.model
    def _misses_a_night(self, root_sudo, run, now):
        """No run although chasing has been on for more than a night."""
        last = run.finished_at or run.started_at or root_sudo.o2c_preview_seen_at
        return bool(last) and last < now - NIGHT_LATE

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    @api.model
    def _run_figures(self, run):
        if not run:
            return None
        kinds = dict(run._fields["kind"]._description_selection(self.env))
        states = dict(run._fields["state"]._description_selection(self.env))
        started = run.started_at
        return {
            "date": format_date(self.env, run.date),
            "kind": kinds[run.kind],
            "state": run.state,
            "state_label": states[run.state],
            "started_at": started and fields.Datetime.to_string(started),
            "is_dry": run.is_dry,
            "evaluated": run.evaluated_count,
            "planned": run.planned_count,
            "problems": len((run.problems or "").splitlines()),
            "link": self._run_link(run),
        }

    @api.model
    def _run_link(self, run):
        return {
            **self._link("o2c_collections.o2c_chase_run_action", run.display_name, []),
            "res_id": run.id,
        }

    @api.model
    def _step_figures(self, root_sudo, run):
        """Reminders sent by the last run, and steps that wait for whom."""
        sent = [("action_ids.run_id", "=", run.id), ("state", "=", "sent")]
        messages = self.env["o2c.chase.message"]
        figures = [
            {
                "code": "sent",
                "label": self.env._("Sent by this run"),
                "count": messages.search_count(sent) if run else 0,
                "link": self._link(
                    "o2c_collections.o2c_chase_message_action", self.env._("Sent"), sent
                ),
            }
        ]
        counts = self._open_step_counts(root_sudo)
        for code, label, states in (
            ("waiting", self.env._("Waiting"), WAITING),
            ("failed", self.env._("Failed"), ("failed",)),
            ("unknown", self.env._("Unclear whether it arrived"), ("unknown",)),
        ):
            domain = self._step_domain(root_sudo, states)
            figures.append(
                {
                    "code": code,
                    "label": label,
                    "count": sum(counts.get(state, 0) for state in states),
                    "link": self._link(
                        "o2c_collections.o2c_chase_action_action", label, domain
                    ),
                }
            )
        return figures

    @api.model
    def _step_domain(self, root_sudo, states):
        return [("company_id", "=", root_sudo.id), ("state", "in", list(states))]

    @api.model
    def _open_step_counts(self, root_sudo):
        groups = self.env["o2c.chase.action"]._read_group(
            self._step_domain(root_sudo, (*WAITING, "failed", "unknown")),
            ["state"],
            ["__count"],
        )
        return dict(groups)

    @api.model
    def _skipped_figures(self, run):
        """For which reasons the last run left most customers alone."""
        labels = dict(
            self.env["o2c.chase.decision"]
            ._fields["reason"]
            ._description_selection(self.env)
        )
        resting = [
            {"code": code, "label": labels.get(code, code), "count": values["count"]}
            for code, values in (run.counts or {}).items()
            if values["outcome"] != "due"
        ]
        return sorted(resting, key=lambda row: -row["count"])[:REASONS_SHOWN]

    @api.model
    def _next_run(self, root_sudo):
        """The next local night without a run, as text; None while chasing is off."""
        if not root_sudo.o2c_sending:
            return None
        runs = self.env["o2c.chase.run"]
        today = root_sudo._o2c_today()
        done = runs.search_count(
            [
                ("company_id", "=", root_sudo.id),
                ("date", "=", today),
                ("kind", "=", "nightly"),
                ("state", "=", "done"),
            ],
            limit=1,
        )
        day = today + timedelta(days=1) if done else today
        return self.env._("%s, from 5:00", format_date(self.env, day))
