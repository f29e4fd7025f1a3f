import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import plaintext2html

from odoo.addons.o2c_base.tools.transaction import in_new_transaction, try_lock

_logger = logging.getLogger(__name__)

LOCK = "o2c.self.check"
#: From this hour on, local time, the day's checks are made: after the nightly run.
CHECK_HOUR = 6
#: Results older than this make room.
KEPT_DAYS = 400
#: Made once a day; the others count what waits for somebody, each hour.
DAILY = ("ledger", "once", "silence", "rates", "chain")
HOURLY = (
    "stuck_steps",
    "stuck_messages",
    "to_review",
    "failed",
    "unknown",
    "unmatched",
    "excluded",
)


class O2cSelfCheck(models.Model):
    """What the suite checks about itself, one row per check, company and day.

    The checks of the books and of the history run once a day; what is stuck, failed
    or belongs to nobody is counted each hour. A result that turns bad alarms whoever
    watches over receivables, once, by an activity that closes when it is good again.
    """

    _name = "o2c.self.check"
    _description = "Self-check"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date DESC, kind, id DESC"
    _rec_name = "kind"

    kind = fields.Selection(
        [
            ("ledger", "Open items agree with the general ledger"),
            ("once", "Nothing was done twice"),
            ("silence", "Everybody overdue has a next step"),
            ("chain", "The history is unchanged"),
            ("stuck_steps", "No step is stuck"),
            ("stuck_messages", "No message is stuck"),
            ("to_review", "Messages are read in time"),
            ("failed", "No step has failed"),
            ("unknown", "Of every message it is known whether it arrived"),
            ("unmatched", "Every reply has its customer"),
            ("excluded", "Excluded items are looked at in time"),
        ],
        "Check",
        required=True,
        readonly=True,
    )
    company_id = fields.Many2one(
        "res.company",
        readonly=True,
        ondelete="cascade",
        help="Empty for the history, which is one for all companies.",
    )
    date = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [
            ("running", "Under way"),
            ("good", "Right"),
            ("bad", "Not right"),
            ("error", "Could not be checked"),
        ],
        "Result",
        required=True,
        readonly=True,
        default="running",
    )
    count = fields.Integer("Found", readonly=True, aggregator=None)
    words = fields.Text("What was found", readonly=True)
    finished_at = fields.Datetime("Checked", readonly=True)
    position = fields.Integer(
        "Checked up to", readonly=True, aggregator=None, help="Event of the history."
    )
    position_hash = fields.Char(readonly=True)

    _once_a_day = models.UniqueIndex(
        "(kind, date, COALESCE(company_id, 0))", "A check has one result a day."
    )

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    @api.model
    def _cron_check(self):
        """Make the checks that are due; cut off, the next call goes on."""
        progress = self.env["ir.cron"]
        due = self._due()
        progress._commit_progress(remaining=len(due) + 1)
        for company_id, kind in due:
            self._check_safely(company_id, kind)
            if not progress._commit_progress(1):
                return
        while self._chain_step_safely():
            if not progress._commit_progress(1, remaining=1):
                return
        progress._commit_progress(1, remaining=0)

    @api.model
    def _due(self):
        """(company id, kind) of the checks to make now, but that of the history."""
        due = []
        for root in self.env["res.company"]._o2c_roots().filtered("active"):
            due += [(root.id, kind) for kind in HOURLY]
            if self._is_time(root):
                made = self._made_today(root)
                due += [(root.id, k) for k in DAILY if k not in (*made, "chain")]
        return due

    @api.model
    def _is_time(self, root):
        zone = root._o2c_zone().zone
        now = fields.Datetime.context_timestamp(
            self.with_context(tz=zone), fields.Datetime.now()
        )
        return now.hour >= CHECK_HOUR

    @api.model
    def _made_today(self, root):
        rows = self.search(
            [
                ("company_id", "=", root.id),
                ("date", "=", root._o2c_today()),
                ("state", "!=", "running"),
            ]
        )
        return rows.mapped("kind")

    @api.model
    def _check_safely(self, company_id, kind):
        """Make one check in a transaction of its own; its failure is a result."""
        try:
            in_new_transaction(
                self.env, lambda env: _checks(env)._check(company_id, kind)
            )
        except Exception as error:
            _logger.exception("The self-check %s failed", kind)
            words = str(error) or type(error).__name__
            in_new_transaction(
                self.env,
                lambda env: _checks(env)._note_error(company_id, kind, words),
            )

    @api.model
    def _check(self, company_id, kind):
        if not try_lock(self.env.cr, f"{LOCK}.{kind}", company_id):
            return
        root = self.env["res.company"].browse(company_id)
        row = self._row(root, kind)
        row._conclude(*getattr(self, f"_check_{kind}")(root))

    @api.model
    def _row(self, root, kind):
        """Today's row of a check, made if missing."""
        day = (root or self._first_root())._o2c_today()
        values = {"kind": kind, "company_id": root.id, "date": day}
        found = self.search([(name, "=", value) for name, value in values.items()])
        return found or self.with_context(mail_create_nolog=True).create(values)

    @api.model
    def _first_root(self):
        return self.env["res.company"]._o2c_roots()[:1]

    @api.model
    def _note_error(self, company_id, kind, words):
        row = self._row(self.env["res.company"].browse(company_id or []), kind)
        row._conclude(0, words, state="error")

    # ------------------------------------------------------------------
    # The history, in batches
    # ------------------------------------------------------------------

    @api.model
    def _chain_step_safely(self):
        """Check the next batch of the history.

        :return: whether there is more to do today
        """
        try:
            return in_new_transaction(self.env, lambda env: _checks(env)._chain_step())
        except Exception as error:
            _logger.exception("The self-check of the history failed")
            words = str(error) or type(error).__name__
            in_new_transaction(
                self.env, lambda env: _checks(env)._note_error(None, "chain", words)
            )
            return False

    @api.model
    def _chain_step(self):
        if not self._is_time(self._first_root()):
            return False
        if not try_lock(self.env.cr, f"{LOCK}.chain"):
            return False
        row = self._row(self.env["res.company"], "chain")
        if row.state != "running":
            return False
        place, previous, broken, is_end = self.env["o2c.event"]._check_chain(
            row.position, row.position_hash or "", self._chain_witness(row)
        )
        row.write({"position": place, "position_hash": previous})
        if broken:
            words = self.env._("The first event that does not fit is %s.", broken)
            row._conclude(broken, words)
        elif is_end:
            row._conclude(0, "")
        return not broken and not is_end

    @api.model
    def _chain_witness(self, row):
        """Where the chain ended at the last good check: it must still do so."""
        last = self.search(
            [("kind", "=", "chain"), ("state", "=", "good"), ("date", "<", row.date)],
            limit=1,
        )
        return {last.position: last.position_hash} if last.position else {}

    # ------------------------------------------------------------------
    # Results and alarms
    # ------------------------------------------------------------------

    def _conclude(self, count, words, state=None):
        """Keep a result; alarm somebody when it turns bad, once."""
        self.ensure_one()
        state = state or ("bad" if count else "good")
        was_bad = self._open_alarms()
        self.write(
            {
                "state": state,
                "count": count,
                "words": words or False,
                "finished_at": fields.Datetime.now(),
            }
        )
        if state == "good":
            if was_bad:
                self.env["o2c.event"]._record("check_passed", self, {"kind": self.kind})
                was_bad.activity_ids.action_feedback(
                    feedback=self.env._("Right again.")
                )
        elif not was_bad:
            self._alarm()

    def _open_alarms(self):
        return self.search(
            [
                ("kind", "=", self.kind),
                ("company_id", "=", self.company_id.id),
                ("activity_ids", "!=", False),
            ]
        )

    def _alarm(self):
        payload = {"kind": self.kind, "count": self.count, "words": self.words or ""}
        self.env["o2c.event"]._record("check_failed", self, payload)
        label = dict(self._fields["kind"]._description_selection(self.env))[self.kind]
        company = self.company_id or self._first_root()
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Not so: %(check)s", check=label),
            note=plaintext2html(self.words or ""),  # names, subjects of mails
            date_deadline=company._o2c_today(),
            user_id=company._o2c_owner().id,
        )

    @api.autovacuum
    def _gc_results(self):
        """Let old results go; the alarms stay in the history."""
        last = fields.Date.today() - timedelta(days=KEPT_DAYS)
        self.search([("date", "<", last)], limit=10_000).unlink()

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_check_now(self):
        """Make today's checks anew: the button on the list and on the overview."""
        if not self.env.user.has_group("o2c_base.group_manager"):
            raise AccessError(self.env._("Only managers ask for checks."))
        root = self.env.company._o2c_root()
        if root not in self.env.user.company_ids:
            raise AccessError(
                self.env._("Checks are for all of %s: ask its managers.", root.name)
            )
        mine = [("company_id", "in", (root.id, False)), ("kind", "in", DAILY)]
        # sudo: results are the engine's
        today_sudo = self.sudo().search([("date", ">=", root._o2c_today()), *mine])
        today_sudo.write({"state": "running", "position": 0, "position_hash": False})
        # sudo: the job is the engine's
        self.env.ref("o2c_collections.ir_cron_self_check").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("The checks are made in the background."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_open_found(self):
        """What a check found, as the list on which it can be mended."""
        self.ensure_one()
        self.check_access("read")
        link = self._found_link(self.company_id or self._first_root(), self.kind)
        action = self.env["ir.actions.act_window"]._for_xml_id(link["action"])
        action.update(domain=link["domain"], context={}, name=link["name"])
        return action


def _checks(env):
    return env["o2c.self.check"].sudo()
