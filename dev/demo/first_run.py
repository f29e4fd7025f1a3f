"""The first run of the chase: facts, preview, switching on, run, mails.

It does what a manager does after the installation, with the same methods that
the buttons call.
"""

import resource
import time
from collections import Counter

PROGRESS_SECONDS = 5
#: Several calls of the sending job; each sends one batch.
SEND_CALLS_MAX = 1000
FAILED = ("deferred", "failed", "unknown", "bounced")


class PhaseClock:
    """How long each phase took."""

    def __init__(self):
        self.phases = []
        self._since = time.monotonic()

    def phase(self, name):
        """End a phase under this name; the next one starts now."""
        now = time.monotonic()
        self.phases.append((name, now - self._since))
        self._since = now

    def lines(self):
        """One line per phase, and the most memory that this process had."""
        lines = [f"  {seconds:6.1f} s  {name}" for name, seconds in self.phases]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return ["Time:", *lines, f"Peak memory: {peak:.0f} MB"]


def first_run(env, companies, clock=None):
    """Look at the preview, switch chasing on, run once and send.

    :param env: an environment with nothing uncommitted that matters.
    :param companies: root companies.
    :param clock: PhaseClock that goes on; a new one where none is given.
    :return: lines of text about what happened.
    """
    clock = clock or PhaseClock()
    env["o2c.debtor"]._refresh_now()
    env.cr.commit()
    clock.phase("facts of the customer accounts")
    for company in companies:
        _look_and_switch_on(env, company)
    env.cr.commit()
    clock.phase("preview")
    runs = env["o2c.chase.run"]
    for company in companies:
        runs |= env["o2c.chase.run"]._execute(company)
        env.cr.commit()
    clock.phase("the run: decide, plan, write")
    _send_all(env)
    clock.phase("sending")
    lines = []
    for run in runs:
        lines += _describe_run(run)
    return lines + clock.lines()


def _look_and_switch_on(env, company):
    """As the administrator: open the preview, then press the button."""
    admin = env.ref("base.user_admin")
    runs = env["o2c.chase.run"].with_user(admin).with_company(company)
    runs.action_preview()
    runs.action_switch_on()


def _send_all(env):
    """Call the sending job until nothing is left or nothing moves any more."""
    messages = env["o2c.chase.message"]
    total = left = messages.search_count(messages._due_domain())
    shown = time.monotonic()
    for _call in range(SEND_CALLS_MAX):
        if not left:
            return
        messages._cron_send()
        env.cr.commit()  # the job worked in other transactions: read anew
        env.invalidate_all()
        before, left = left, messages.search_count(messages._due_domain())
        if left == before:
            return
        if time.monotonic() - shown > PROGRESS_SECONDS:
            shown = time.monotonic()
            print(f"  {total - left} of {total} mails sent", flush=True)


def _describe_run(run):
    """Evaluated, sent, skipped by reason, calls planned, as text."""
    reasons = dict(
        run.env["o2c.chase.decision"]._fields["reason"]._description_selection(run.env)
    )
    counts = sorted((run.counts or {}).items(), key=lambda pair: -pair[1]["count"])
    due = sum(values["count"] for _, values in counts if values["outcome"] == "due")
    messages = Counter(run.action_ids.message_id.mapped("state"))
    others = Counter(
        action.channel for action in run.action_ids if not action.message_id
    )
    failed = "".join(f", {messages[key]} {key}" for key in FAILED if messages[key])
    lines = [
        f"{run.company_id.name}:",
        f"  {run.evaluated_count} customer accounts evaluated, {due} to be contacted",
        f"  {messages['sent']} mails sent{failed}",
        f"  {others['call']} calls and {others['todo']} tasks planned",
    ]
    asked = [(code, values) for code, values in counts if _is_due(values, code)]
    if asked:
        lines.append("  contacted in another way than planned:")
        lines += [_reason_line(reasons, *pair) for pair in asked]
    resting = [(code, v) for code, v in counts if v["outcome"] != "due"]
    if resting:
        lines.append("  not contacted:")
        lines += [_reason_line(reasons, *pair) for pair in resting]
    if run.problems:
        lines += ["  problems:"]
        lines += [f"    {text}" for text in run.problems.splitlines()]
    return lines


def _is_due(values, code):
    return values["outcome"] == "due" and code != "due"


def _reason_line(reasons, code, values):
    return f"    {values['count']:5} {code}: {reasons.get(code, code)}"
