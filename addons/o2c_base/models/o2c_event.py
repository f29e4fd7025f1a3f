from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..domain.hash_chain import link
from ..tools.transaction import in_new_transaction, try_lock

EVENTS_PER_BATCH = 2000
LOCK = "o2c.event.seal"


class O2cEvent(models.Model):
    """Append-only history of what the suite did, to whom, and why.

    Rows are inserted without a place in the chain, so that workers never wait for
    each other. One sealer gives committed rows their sequence and hash each
    minute; from then on a change to any row, or a missing one, can be detected.
    """

    _name = "o2c.event"
    _description = "Receivables event"
    _order = "id DESC"
    _rec_name = "kind"
    _log_access = False

    kind = fields.Char(required=True, readonly=True, index=True)
    date = fields.Datetime(required=True, readonly=True)
    user_number = fields.Integer("User number", readonly=True)
    user_name = fields.Char("By", readonly=True)
    company_id = fields.Many2one(
        "res.company", readonly=True, index=True, ondelete="set null"
    )
    company_number = fields.Integer(
        readonly=True, help="What the hash covers: the company may be deleted."
    )
    debtor_id = fields.Many2one(
        "o2c.debtor",
        "Customer account",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="For finding one's way; a merge of customers re-points it. The hash "
        "covers the customer's number at the time, which is part of the payload.",
    )
    res_model = fields.Char("Model", readonly=True)
    res_id = fields.Many2oneReference(
        "Record number", model_field="res_model", readonly=True
    )
    payload = fields.Json(readonly=True)
    payload_text = fields.Char("Details", compute="_compute_payload_text")
    sequence = fields.Integer(readonly=True, help="Place in the chain, once sealed.")
    hash = fields.Char(readonly=True, help="Ties this event to the one before it.")

    _sequence_unique = models.UniqueIndex(
        "(sequence) WHERE sequence IS NOT NULL", "Each event has its own place."
    )
    _unsealed_idx = models.Index("(id) WHERE sequence IS NULL")
    _res_idx = models.Index("(res_model, res_id)")

    @api.depends("payload")
    def _compute_payload_text(self):
        for event in self:
            pairs = [
                f"{key}: {value}"
                for key, value in (event.payload or {}).items()
                if key != "debtor" and not isinstance(value, dict | list)
            ]
            event.payload_text = ", ".join(pairs)

    # ------------------------------------------------------------------
    # Writing: only by inserting
    # ------------------------------------------------------------------

    @api.model
    def _record(self, kind, records, payload=None):
        """Add one event per record.

        :param kind: short code of what happened, such as ``message_sent``
        :param records: recordset the events speak of
        :param payload: JSON-able dict for all of them, or a dict per record id
        """
        per_record = bool(payload) and all(isinstance(key, int) for key in payload)
        values = [
            self._prepare_event(
                kind, record, payload.get(record.id) if per_record else payload
            )
            for record in records
        ]
        # sudo: everybody's acts are recorded, nobody has the right to write here
        self.sudo().create(values)

    @api.model
    def _prepare_event(self, kind, record, payload):
        debtor = self._debtor_of(record)
        company = self._company_of(record) or debtor.company_id
        return {
            "kind": kind,
            "date": fields.Datetime.now(),
            "user_number": self.env.uid,
            "user_name": self.env.user.sudo().name,  # sudo: one's own name
            "company_id": company.id,
            "company_number": company.id,
            "debtor_id": debtor.id,
            "res_model": record._name,
            "res_id": record.id,
            "payload": dict(payload or {}, **({"debtor": debtor.id} if debtor else {})),
        }

    @api.model
    def _company_of(self, record):
        if record._name == "res.company":
            return record
        if "company_id" in record._fields:
            return record["company_id"]
        return self.env["res.company"]

    @api.model
    def _debtor_of(self, record):
        if record._name == "o2c.debtor":
            return record
        if "debtor_id" in record._fields:
            return record["debtor_id"]
        return self.env["o2c.debtor"]

    def write(self, vals):
        """Refuse: history is not rewritten."""
        if vals:
            raise UserError(self.env._("Events are history: they cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """Refuse: history is not removed."""
        raise UserError(self.env._("Events are history: they cannot be deleted."))

    # ------------------------------------------------------------------
    # Sealing
    # ------------------------------------------------------------------

    @api.model
    def _cron_seal(self):
        """Give committed events their place in the chain."""
        while done := in_new_transaction(self.env, _seal_batch):
            if not self.env["ir.cron"]._commit_progress(done):
                return

    @api.model
    def _seal_batch(self):
        """Seal a batch, under a lock so that there is one sealer.

        :return: number of events sealed
        """
        if not try_lock(self.env.cr, LOCK):
            return 0
        self.flush_model()
        last = self.search([("sequence", "!=", False)], order="sequence DESC", limit=1)
        events = self.search(
            [("sequence", "=", False)], order="id", limit=EVENTS_PER_BATCH
        )
        if events:
            seals = events._chain(last.sequence, last.hash or "")
            self._store_seals(seals)
            events.invalidate_recordset(["sequence", "hash"], flush=False)
        return len(events)

    def _chain(self, sequence, previous):
        """(id, sequence, hash) of these events, in order, after a given one."""
        seals = []
        for event in self:
            sequence += 1
            previous = link(previous, event._content(sequence))
            seals.append((event.id, sequence, previous))
        return seals

    @api.model
    def _store_seals(self, seals):
        self.env.cr.execute(
            SQL(
                "UPDATE o2c_event SET sequence = seal.sequence, hash = seal.hash"
                " FROM (VALUES %s) seal(id, sequence, hash)"
                " WHERE seal.id = o2c_event.id",
                SQL(", ").join(SQL("(%s, %s, %s)", *seal) for seal in seals),
            )
        )
        _event_id, sequence, last_hash = seals[-1]
        self.env["o2c.event.seal"].create({"sequence": sequence, "hash": last_hash})

    def _content(self, sequence):
        """What the hash covers: everything but the re-pointable link."""
        self.ensure_one()
        return {
            "sequence": sequence,
            "kind": self.kind,
            "date": fields.Datetime.to_string(self.date),
            "user": [self.user_number, self.user_name],
            "company": self.company_number,
            "record": [self.res_model, self.res_id],
            "payload": self.payload,
        }

    @api.model
    def _find_tampering(self):
        """Check the whole chain, its end against the seals kept apart from it.

        :return: place in the chain of the first event that does not fit or is
            missing, 0 if the chain is whole
        """
        place, previous, broken, is_end = 0, "", 0, False
        while not (broken or is_end):
            place, previous, broken, is_end = self._check_chain(place, previous)
        return broken

    @api.model
    def _check_chain(self, place, previous, witnesses=None):
        """Check the next batch of the chain, against the seals of its time as well.

        :param int place: the last one checked, 0 at the beginning
        :param str previous: the hash there
        :param dict witnesses: hashes noted elsewhere, by their place
        :return: (place, hash, first place that does not fit or 0, whether it ended)
        """
        events = self.search(
            [("sequence", ">", place)], order="sequence", limit=EVENTS_PER_BATCH
        )
        if not events:
            broken = self._missing_end(place, previous)
            return place, previous, broken, True
        known = {**self._seals_between(place, events[-1].sequence), **(witnesses or {})}
        for event in events:
            place += 1
            previous = link(previous, event._content(event.sequence))
            is_right = event.sequence == place and event.hash == previous
            if not is_right or known.get(place, previous) != previous:
                return place, previous, place, False
        events.invalidate_recordset(flush=False)
        return place, previous, 0, False

    @api.model
    def _seals_between(self, first, last):
        """Hashes by place, as they were noted apart when the chain ended there."""
        seals = self.env["o2c.event.seal"].search(
            [("sequence", ">", first), ("sequence", "<=", last)], order="id DESC"
        )
        return {seal.sequence: seal.hash for seal in seals}

    @api.model
    def _missing_end(self, sequence, last_hash):
        """Whether the last seal speaks of a later, or another, last event."""
        seal = self.env["o2c.event.seal"].search([], order="id DESC", limit=1)
        if (seal.sequence, seal.hash or "") == (sequence, last_hash):
            return 0
        return min(sequence, seal.sequence) + 1


def _seal_batch(env):
    return env["o2c.event"].sudo()._seal_batch()
