from unittest.mock import MagicMock, patch

from odoo.tests import tagged

from ..models.ir_websocket import SUBCHANNEL
from ..models.o2c_debtor_announce import CHANGED, IDS_MAX
from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestDebtorAnnounce(DeskCommon):
    """Open screens hear which customers changed, and nothing else."""

    def _told(self, act):
        """What goes over the bus while something is done."""
        sent = []
        bus = self.env.registry["bus.bus"]
        with patch.object(
            bus, "_sendone", lambda _bus, *arguments: sent.append(arguments)
        ):
            act()
        return [message for message in sent if message[1] == CHANGED]

    def test_the_refresher_tells_the_company_which_customers_changed(self):
        self.refresh()
        self.payment(30)
        [(channel, _kind, payload)] = self._told(self.refresh)
        self.assertEqual((channel[0].id, channel[1]), (self.company.id, SUBCHANNEL))
        self.assertEqual(payload, {"ids": self.account.ids})
        self.assertEqual(self._told(self.refresh), [])

    def test_many_changes_are_told_without_their_ids(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Many {number}"} for number in range(IDS_MAX + 1)]
        )
        debtors = self.debtor_model._ensure([(p, self.company) for p in partners])
        [(_channel, _kind, payload)] = self._told(debtors._announce)
        self.assertEqual(payload, {"ids": []})

    def test_each_company_hears_of_its_own_customers(self):
        theirs = self.debtor_model._ensure([(self.customer, self.other)])
        told = self._told((self.account | theirs)._announce)
        heard = {channel[0].id: payload["ids"] for channel, _kind, payload in told}
        self.assertEqual(
            heard, {self.company.id: self.account.ids, self.other.id: theirs.ids}
        )

    def _channels(self, user):
        """The channels of ours that a user's browser listens to."""
        socket = self.env["ir.websocket"].with_user(user)
        name = "odoo.addons.bus.models.ir_websocket.request"
        with patch(name, MagicMock()):
            channels = socket._build_bus_channel_list([f"forged_{SUBCHANNEL}"])
        return {
            channel[0].id
            for channel in channels
            if isinstance(channel, tuple) and channel[1] == SUBCHANNEL
        }

    def test_who_has_a_role_hears_of_his_companies_only(self):
        branch_user = self.new_user(
            "branch", "o2c_base.group_collector", company=self.branch
        )
        self.assertEqual(self._channels(self.collector), {self.company.id})
        self.assertEqual(self._channels(self.auditor), {self.company.id})
        self.assertEqual(self._channels(branch_user), {self.company.id})
        self.assertEqual(self._channels(self.stranger), {self.other.id})

    def test_who_has_no_role_hears_nothing(self):
        for user in (self.plain, self.portal, self.env.ref("base.public_user")):
            self.assertEqual(self._channels(user), set(), user.login)
