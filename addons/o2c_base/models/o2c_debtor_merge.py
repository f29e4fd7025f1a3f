from odoo import models


class O2cDebtor(models.Model):
    """Merging customer accounts when their partners are merged."""

    _inherit = "o2c.debtor"

    def _merge_into(self, target):
        """Make ``target`` the account of these accounts' partners' history.

        Runs before core re-points foreign keys, which would abort or delete on the
        key (partner, company). Later add-ons extend it: call super first, then move
        what is theirs.

        :param target: the account that stays, same company
        """
        self._merge_links(target)
        for source in self:
            name = source.partner_id.display_name
            target.message_post(
                body=self.env._("Merged with the customer account of %s.", name)
            )
        self.env["o2c.event"]._record(
            "debtor_merged", target, {"merged": self.mapped("partner_id.display_name")}
        )

    def _merge_links(self, target):
        """Re-point messages, activities, followers, files and the collector."""
        for model, id_field, model_field in (
            ("mail.message", "res_id", "model"),
            ("mail.activity", "res_id", "res_model"),
            ("ir.attachment", "res_id", "res_model"),
        ):
            domain = [(model_field, "=", self._name), (id_field, "in", self.ids)]
            records = self.env[model].with_context(active_test=False).search(domain)
            records.write({id_field: target.id})
        target.message_subscribe(self.message_partner_ids.ids)
        if not target.collector_id:
            target.collector_id = self.collector_id[:1]
        self._merge_fixed_links(target)

    def _merge_fixed_links(self, target):
        """Re-point what cannot be written through the ORM.

        Of events the link alone moves; what their hash covers stays as it was. A
        scheduled message refuses a new target, here it would be lost without one.
        """
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE o2c_event SET debtor_id = %s WHERE debtor_id = ANY(%s)",
            [target.id, self.ids],
        )
        self.env["o2c.event"].invalidate_model(["debtor_id"], flush=False)
        self.env.cr.execute(
            "UPDATE mail_scheduled_message SET res_id = %s"
            " WHERE model = %s AND res_id = ANY(%s)",
            [target.id, self._name, self.ids],
        )
        self.env["mail.scheduled.message"].invalidate_model(["res_id"], flush=False)
