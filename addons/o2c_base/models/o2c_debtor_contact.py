from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

CHANNELS = [
    ("email", "E-mail"),
    ("call", "Call"),
    ("reply", "Reply"),
]


class O2cDebtor(models.Model):
    """When somebody last was in touch with a customer, read from the timeline.

    A contact is a message that reached one of the customer's contacts by e-mail, a
    call, or a message from the customer; add-ons add their own. Notes among
    colleagues, mails that are still queued and those that failed are none. Nothing is
    stored, so it cannot differ from what the timeline shows.
    """

    _inherit = "o2c.debtor"

    last_contact_date = fields.Datetime(
        "Last contact",
        compute="_compute_last_contact",
        search="_search_last_contact_date",
        help="When a message or a call last went between you and the customer.",
    )
    last_contact_channel = fields.Selection(
        CHANNELS, "Contact by", compute="_compute_last_contact"
    )
    last_contact_by = fields.Char("In touch", compute="_compute_last_contact")

    @api.depends("message_ids")
    def _compute_last_contact(self):
        contacts = self._last_contacts()
        for debtor in self:
            date, channel, author = contacts.get(debtor._origin.id, (False,) * 3)
            debtor.last_contact_date = date
            debtor.last_contact_channel = channel
            debtor.last_contact_by = author

    def _last_contacts(self):
        """Dict of account id to (date, channel, who) of its last contact."""
        if not self._origin.ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (contact.debtor_id) contact.debtor_id,
                       contact.date, contact.channel, author.name
                  FROM (%s) contact
             LEFT JOIN res_partner author ON author.id = contact.author_id
              ORDER BY contact.debtor_id, contact.date DESC, contact.id DESC
                """,
                self._contacts_sql(SQL("debtor.id = ANY(%s)", self._origin.ids)),
            )
        )
        return {debtor_id: tuple(rest) for debtor_id, *rest in rows}

    @api.model
    def _contacts_sql(self, condition):
        """Every contact of the accounts, or in the time, that a condition names.

        :param condition: SQL on ``debtor`` and ``message``
        :return: SQL with the columns ``debtor_id, id, date, author_id, channel``
        """
        for name, field_names in {
            "mail.message": ["model", "res_id", "date", "subtype_id", "message_type"],
            "mail.notification": ["notification_status", "res_partner_id"],
            "res.partner": ["commercial_partner_id"],
        }.items():
            self.env[name].flush_model(field_names)
        parts = [self._timeline_sql(condition), *self._further_contacts_sql(condition)]
        return SQL(" UNION ALL ").join(parts)

    @api.model
    def _further_contacts_sql(self, condition):
        """Hook: contacts that the timeline does not show as such.

        :param condition: SQL on ``debtor`` and ``message``, as below
        :return: list of SQL with the columns of ``_contacts_sql``, in its order
        """
        return []

    @api.model
    def _timeline_sql(self, condition):
        """Contacts by e-mail and call, and what the customer wrote."""
        return SQL(
            """
            SELECT debtor.id AS debtor_id, message.id, message.date,
                   message.author_id, kind.channel
              FROM o2c_debtor debtor
              JOIN mail_message message
                ON message.model = 'o2c.debtor' AND message.res_id = debtor.id
         LEFT JOIN mail_activity_type activity
                ON activity.id = message.mail_activity_type_id
        CROSS JOIN LATERAL (SELECT CASE
                   WHEN message.subtype_id = %(call)s
                        OR activity.category = 'phonecall' THEN 'call'
                   WHEN message.message_type = 'email' AND EXISTS (
                        SELECT FROM res_partner author
                         WHERE author.id = message.author_id
                           AND author.commercial_partner_id = debtor.partner_id)
                        THEN 'reply'
                   WHEN message.message_type IN ('comment', 'email_outgoing')
                        AND EXISTS (
                        SELECT FROM mail_notification notice
                          JOIN res_partner reader ON reader.id = notice.res_partner_id
                         WHERE notice.mail_message_id = message.id
                           AND notice.notification_type = 'email'
                           AND notice.notification_status IN ('sent', 'pending')
                           AND reader.commercial_partner_id = debtor.partner_id)
                        THEN 'email'
                   END AS channel) kind
             WHERE kind.channel IS NOT NULL AND %(condition)s
            """,
            call=self.env["ir.model.data"]._xmlid_to_res_id("o2c_base.mt_call"),
            condition=condition,
        )

    @api.model
    def _search_last_contact_date(self, operator, value):
        """Accounts by the time of their last contact, decided for all at once.

        The last contact is before a time if there is one, but none since.
        """
        if operator in ("in", "not in"):
            if set(value) - {False, None}:
                return NotImplemented
            ever = self._contacted(SQL("TRUE"))
            return ~ever if operator == "in" else ever
        since = {">=": SQL(">="), ">": SQL(">"), "<": SQL(">="), "<=": SQL(">")}
        if operator not in since or not value:
            return NotImplemented
        later = self._contacted(SQL("message.date %s %s", since[operator], value))
        if operator in (">", ">="):
            return later
        return self._contacted(SQL("TRUE")) & ~later

    @api.model
    def _contacted(self, condition):
        contacts = self._contacts_sql(condition)
        return Domain(
            "id", "in", SQL("(SELECT contact.debtor_id FROM (%s) contact)", contacts)
        )
