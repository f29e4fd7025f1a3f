import logging
import time

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.o2c_base.tools.transaction import in_new_transaction

_logger = logging.getLogger(__name__)

#: Messages that are looked at together.
LOOK_SIZE = 100
#: Seconds after which a look is repeated, whatever it saw.
LOOK_SECONDS = 30
#: What of a message, and around it, must be as it was.
VERSIONED = ("message", "debtor", "customer", "company", "person", "mail", "post")


class O2cChaseMessage(models.Model):
    """The last look before messages leave: one decision for the next few.

    A message leaves alone, and nothing that happened before may be missed. So a look
    comes with a stamp of what it rests on, the versions of the rows themselves; the
    claim of each message takes the stamp again and, where it differs, looks anew.
    """

    _inherit = "o2c.chase.message"

    def _look(self):
        """Decide about messages now.

        :return: dict of message id to (stamp, facts), see ``_facts_now``
        """
        due = self.filtered_domain(self._due_domain())
        stamps = due._stamps()
        return {
            message_id: (stamps[message_id], facts)
            for message_id, facts in due._facts_now().items()
        }

    def _facts_of_look(self, look):
        """What a look saw of this message, if that is all as it was then.

        :param look: (stamp, facts), or None
        :return: see ``_facts_now``; None where it has to be looked at anew
        """
        if not look or self._stamps()[self.id] != look[0]:
            return None
        return {self.id: look[1]}

    def _stamps(self):
        """Versions of the rows that decisions about messages rest on, and their day.

        :return: dict of message id to (text, date)
        """
        # sudo: which customers, nothing of them is shown
        partner_ids = self.sudo().debtor_id.partner_id.ids
        taken = self.env["o2c.open.item"]._taken_sql(partner_ids)
        texts = dict(self.env.execute_query(self._stamps_sql(self.ids, taken)))
        return {
            message.id: (texts[message.id], message.company_id._o2c_today())
            for message in self
        }

    @api.model
    def _stamps_sql(self, ids, taken=None):
        """The query of id and stamp.

        :param taken: what rests on items of their customers, see ``_taken_sql``
        """
        return SQL(
            """
            SELECT message.id, concat_ws('/', %s) AS stamp
              FROM o2c_chase_message message
              JOIN o2c_debtor debtor ON debtor.id = message.debtor_id
              JOIN res_partner customer ON customer.id = debtor.partner_id
              JOIN res_company company ON company.id = message.company_id
         LEFT JOIN res_partner person ON person.id = message.partner_id
         LEFT JOIN mail_mail mail ON mail.id = message.mail_id
         LEFT JOIN mail_message post ON post.id = message.mail_message_id
             WHERE message.id = ANY(%s)
            """,
            SQL(", ").join(self._stamp_parts(taken)),
            ids,
        )

    @api.model
    def _stamp_parts(self, taken):
        """Expressions on ``message``, ``debtor``, ``customer`` and others."""
        return [
            *(_version(name) for name in VERSIONED),
            SQL(
                """
                (SELECT string_agg(concat_ws(' ', %s, %s, %s), ' ' ORDER BY action.id)
                   FROM o2c_chase_action action
              LEFT JOIN o2c_chase_step step ON step.id = action.step_id
              LEFT JOIN o2c_chase_plan plan ON plan.id = step.plan_id
                  WHERE action.message_id = message.id)
                """,
                *(_version(name) for name in ("action", "step", "plan")),
            ),
            self._lines_stamp(taken),
        ]

    @api.model
    def _lines_stamp(self, taken):
        """Every open item, so that a new one, a match and a payment show.

        Drafts too: what is matched with one is open until that is posted. And what
        rests on items, where an add-on takes note of that.
        """
        return SQL(
            """
            (SELECT md5(string_agg(concat_ws(' ', line.id, %s, %s), ' '
                                   ORDER BY line.id))
               FROM res_partner member
               JOIN account_move_line line ON line.partner_id = member.id
               %s
              WHERE member.commercial_partner_id = debtor.partner_id
                AND line.account_id IN %s
                AND (line.parent_state = 'draft'
                     OR line.parent_state = 'posted' AND NOT line.reconciled))
            """,
            _version("line"),
            SQL("taken::text") if taken else SQL("NULL"),
            SQL("LEFT JOIN (%s) taken ON taken.move_line_id = line.id", taken)
            if taken
            else SQL(),
            self.env["o2c.open.item"]._trade_accounts(),
        )


def _version(table):
    """The transaction that wrote a row, and its place: each update changes them."""
    row = SQL.identifier(table)
    return SQL("(%s.xmin::text || %s.ctid::text)", row, row)


class Looks:
    """The looks of one sending process: taken ahead for some, kept for a while."""

    def __init__(self, messages, ids, postman):
        self._messages = messages
        self._ids = ids
        self._postman = postman
        self._looks = {}
        self._ready = {}
        self._end = 0.0

    def at(self, message_id):
        """Return what was seen of a message, looking at the next few if need be."""
        if message_id not in self._looks or time.monotonic() > self._end:
            start = self._ids.index(message_id)
            batch = self._ids[start : start + LOOK_SIZE]
            self._end = time.monotonic() + LOOK_SECONDS
            looks, ready = self._take(batch)
            self._looks = dict.fromkeys(batch) | looks
            self._ready = {each.message_id: each for each in ready}
            self._postman.make_ready([each.mail_id for each in ready])
        return self._looks[message_id]

    def ready(self, message_id):
        """Return what is needed to claim a message that is clear to go, else None."""
        self.at(message_id)
        return self._ready.pop(message_id, None)

    def _take(self, ids):
        """Look at some.

        :return: see ``_look`` and ``_clear_to_go``
        """
        name = self._messages._name

        def look(env):
            messages = env[name].browse(ids).exists()
            looks = messages._look()
            return looks, messages.browse(looks)._clear_to_go(looks)

        try:
            return in_new_transaction(self._messages.env, look)
        except Exception as error:
            # Whichever it was fails again, and alone, where it is claimed.
            _logger.info("Messages %s are looked at one by one: %s", ids, error)
            _logger.debug("Where it failed", exc_info=True)
            return {}, []
