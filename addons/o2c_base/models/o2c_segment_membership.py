from odoo import api, fields, models
from odoo.tools import SQL

#: Accounts first: there two workers collide before history is touched.
MOVE_STATEMENTS = (
    """
    UPDATE o2c_debtor SET segment_id = change.segment_id
      FROM change WHERE o2c_debtor.id = change.debtor_id
    """,
    """
    DELETE FROM o2c_segment_membership old USING change
     WHERE old.debtor_id = change.debtor_id AND old.date_to IS NULL
       AND old.date_from >= %(today)s
    """,
    """
    UPDATE o2c_segment_membership old SET date_to = %(today)s::date - 1
      FROM change
     WHERE old.debtor_id = change.debtor_id AND old.date_to IS NULL
    """,
    """
    INSERT INTO o2c_segment_membership
           (debtor_id, company_id, segment_id, date_from)
    SELECT debtor.id, debtor.company_id, change.segment_id, %(today)s
      FROM change JOIN o2c_debtor debtor ON debtor.id = change.debtor_id
     WHERE change.segment_id IS NOT NULL
    """,
)


class O2cSegmentMembership(models.Model):
    """From when to when a customer was in a segment, both days included.

    A day belongs to the segment in which it ended. The keeper is
    :meth:`_move`; it changes the customer account and this history in one
    transaction.
    """

    _name = "o2c.segment.membership"
    _description = "Membership of a customer in a segment"
    _order = "date_from DESC, id DESC"
    _rec_name = "segment_id"
    _log_access = False

    debtor_id = fields.Many2one(
        "o2c.debtor", "Customer", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    segment_id = fields.Many2one(
        "o2c.segment", required=True, readonly=True, index=True, ondelete="restrict"
    )
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("To", readonly=True, help="Last day. Empty: until now.")

    _one_open = models.UniqueIndex(
        "(debtor_id) WHERE date_to IS NULL", "A customer is in one segment at a time."
    )
    _one_start = models.UniqueIndex(
        "(debtor_id, date_from)", "A customer enters one segment a day."
    )
    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "A membership ends on or after its first day."
    )

    @api.model
    def _move(self, changes, today):
        """Put customers into other segments, in their accounts and in history.

        What was entered today is replaced: it did not last a day.

        :param changes: list of (account id, segment id or None)
        :param today: the company's local day
        """
        if not changes:
            return
        self.env["o2c.debtor"].flush_model(["segment_id", "company_id"])
        self.flush_model()
        for statement in MOVE_STATEMENTS:
            self.env.cr.execute(
                SQL(
                    "WITH change(debtor_id, segment_id) AS ("
                    " SELECT * FROM unnest(%s::int[], %s::int[])) %s",
                    [debtor_id for debtor_id, _segment_id in changes],
                    [segment_id for _debtor_id, segment_id in changes],
                    SQL(statement, today=today),
                )
            )
        self.invalidate_model(flush=False)
        accounts = self.env["o2c.debtor"].browse([debtor for debtor, _s in changes])
        accounts.invalidate_recordset(["segment_id", "membership_ids"], flush=False)
