from odoo import api, models
from odoo.exceptions import AccessError


class O2cChaseRun(models.Model):
    """What people may ask of runs: preview, run now, switch on and off, pilot."""

    _inherit = "o2c.chase.run"

    def action_preview(self):
        """Show who would be contacted today, and note that a person looked."""
        self.env["o2c.chase.decision"].check_access("read")
        root = self.env.company._o2c_root()
        may_decide = root in self.env.user.company_ids
        if may_decide and self.env.user.has_group("o2c_base.group_collector"):
            root._o2c_note_preview()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_collections.o2c_chase_decision_action"
        )
        # the view's context, in which its button looks whether it is wanted
        action["context"] = {
            "search_default_overdue": 1,
            "search_default_group_reason": 1,
            "o2c_is_chasing": root.o2c_sending,
            "o2c_is_pilot": root.o2c_pilot,
        }
        return action

    def action_run_now(self):
        """Ask for a run now; the job carries it out and the form shows progress."""
        self._check_group("o2c_base.group_collector")
        root = self._root_of_user()
        # sudo: runs are written by the engine alone
        run_sudo = self.sudo()._find_or_create(root, "manual")
        if run_sudo.state != "running":
            run_sudo.state = "requested"
        # sudo: the job is the engine's
        self.env.ref("o2c_collections.ir_cron_chase_run").sudo()._trigger()
        return run_sudo.get_formview_action()

    def action_switch_on(self):
        """Begin to contact customers; the preview must have been seen."""
        self._check_group("o2c_base.group_manager")
        self._root_of_user()._o2c_set_sending(True)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_switch_off(self):
        """Contact nobody any more; what is under way is still re-checked."""
        self._check_group("o2c_base.group_manager")
        self._root_of_user()._o2c_set_sending(False)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_pilot_on(self):
        """Contact invited customers only, from now on."""
        return self._set_pilot(True)

    def action_pilot_off(self):
        """Contact everybody who is due, from the next run on."""
        return self._set_pilot(False)

    def _set_pilot(self, is_pilot):
        self._check_group("o2c_base.group_manager")
        # sudo: settings of a company, which its receivables manager decides on
        self._root_of_user().sudo().o2c_pilot = is_pilot
        # the preview's button looks into the context whether it is wanted
        return self.action_preview()

    def action_open_shadow(self):
        """What would be sent now to customers who are not invited to the pilot."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_collections.o2c_chase_decision_action"
        )
        self.env["o2c.chase.decision"].check_access("read")
        return {**action, "context": {"search_default_shadow": 1}}

    def _root_of_user(self):
        """The root company, for people who work there and not only in a branch."""
        root = self.env.company._o2c_root()
        if root not in self.env.user.company_ids:
            raise AccessError(
                self.env._(
                    "Runs are for %s and all its branches: ask somebody who works "
                    "for it.",
                    root.name,
                )
            )
        return root

    @api.model
    def _check_group(self, group):
        if not self.env.user.has_group(group):
            raise AccessError(
                self.env._("Your role in Receivables does not allow this.")
            )
