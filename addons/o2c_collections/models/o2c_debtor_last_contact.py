from odoo import api, fields, models
from odoo.tools import SQL


class O2cDebtor(models.Model):
    """Text messages and letters are contacts too."""

    _inherit = "o2c.debtor"

    last_contact_channel = fields.Selection(
        selection_add=[("sms", "SMS"), ("letter", "Letter")]
    )

    @api.model
    def _further_contacts_sql(self, condition):
        """EXTENDS o2c_base: a text that left counts, and a letter that was printed."""
        self.env["o2c.chase.message"].flush_model(
            ["channel", "debtor_id", "mail_message_id", "sent_at", "state"]
        )
        self.env["mail.notification"].flush_model(["notification_type"])
        return [
            *super()._further_contacts_sql(condition),
            SQL(
                """
                SELECT debtor.id, message.id, message.date, message.author_id, 'sms'
                  FROM o2c_debtor debtor
                  JOIN mail_message message
                    ON message.model = 'o2c.debtor' AND message.res_id = debtor.id
                 WHERE message.message_type = 'sms' AND EXISTS (
                       SELECT FROM mail_notification notice
                         JOIN res_partner reader ON reader.id = notice.res_partner_id
                        WHERE notice.mail_message_id = message.id
                          AND notice.notification_type = 'sms'
                          AND notice.notification_status IN ('sent', 'pending')
                          AND reader.commercial_partner_id = debtor.partner_id)
                   AND %s
                """,
                condition,
            ),
            SQL(
                """
                SELECT debtor.id, message.posted_id, message.date, posted.author_id,
                       'letter'
                  FROM o2c_debtor debtor
                  JOIN (SELECT debtor_id, mail_message_id AS posted_id,
                               sent_at AS date
                          FROM o2c_chase_message
                         WHERE channel = 'letter' AND state = 'sent') message
                    ON message.debtor_id = debtor.id
             LEFT JOIN mail_message posted ON posted.id = message.posted_id
                 WHERE %s
                """,
                condition,
            ),
        ]
