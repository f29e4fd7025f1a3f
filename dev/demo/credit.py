"""Credit in the demo: limits with a life, a cover, and orders that wait, or waited.

What people do here, they do as themselves, with the same methods as the buttons. Only
the past is told: the limit that ran out yesterday, and the order that waits for days.
"""

from datetime import timedelta
from typing import NamedTuple

from odoo import Command

from .cast import LEADS

ENFORCED = "main"
WAITS_DAYS = 6


class Limit(NamedTuple):
    """A base limit: what is used now, and so much more, in full thousands."""

    key: str
    room: int
    reason: str


LIMITS = (
    Limit("alpen", 30000, "Pays before the due date; ten years of good business."),
    Limit("baltic", 25000, "Pays in one sum per month."),
    Limit("cervenka", 3000, "Slow but sure. No more than this."),
    Limit("dubois", 4000, "Insured up to this amount."),
    Limit("hansa", 20000, "For the whole group."),
    Limit("fenwick", 5000, "For half a year; then we look again."),
    Limit("eder", 8000, "Pays what he agrees with."),
)
#: Without credit at all: what he ordered is paid in advance.
NO_CREDIT = "gerlach"
EXPIRED = "fenwick"
INSURED = "dubois"
GROUP = ("hansa", ("hansa_stade", "hansa_brake"))
TEMPORARY = ("baltic", 15000, 40)
#: A natural person, for whom a human decides.
PERSON = {
    "name": "Ewald Timm",
    "email": "ewald.timm@private.example",
    "city": "Bremen",
    "customer_rank": 1,
}


class CreditStory:
    """The credit of one company, told by its seller and its credit manager."""

    def __init__(self, env, companies, users):
        people = {user.login: user for user in users}
        self.env = env
        self.company = companies[ENFORCED]
        self.seller, self.manager = people["sales"], people["credit"]
        self.partners = {who.key: self._partner(who.name) for who in LEADS}
        self.today = self.company._o2c_today()
        self.product = self._product()

    def tell(self):
        """Give limits, observe, enforce, and let orders come.

        :return: lines of text about what waits.
        """
        accounts = self._accounts()
        self._give_limits(accounts)
        self._order("eder", self._over("eder", 1200))  # observed: it is confirmed
        self._enforce()
        self._order("alpen", 4800)
        waiting = self._order("cervenka", self._over("cervenka", 2600))
        waiting.with_user(self.seller)._o2c_ask_release(
            "They pay on Friday, and the pump is for a hospital."
        )
        self._wait_for_days(waiting)
        self._order(NO_CREDIT, 2900)
        self._order_of_person()
        released = self._order(INSURED, self._over(INSURED, 1500))
        released.o2c_hold_id.with_user(self.manager).action_release(
            comment="The insurer agreed by telephone."
        )
        self._as_seller("o2c.credit.limit").create(
            {
                "partner_id": self.partners["cervenka"].id,
                "amount": accounts["cervenka"].amount_credit_limit + 6000,
                "reason": "Wants to order for the whole season.",
            }
        ).action_request()
        return self._lines()

    def _partner(self, name):
        return self.env["res.partner"].search([("name", "=", name)], limit=1)

    # ------------------------------------------------------------- limits

    def _accounts(self):
        """{key: account} of those who are given credit."""
        keys = {limit.key for limit in LIMITS} | {NO_CREDIT, *GROUP[1]}
        return {key: self._account(self.partners[key]) for key in keys}

    def _account(self, partner):
        return self.env["o2c.debtor"].sudo()._ensure([(partner, self.company)])

    def _give_limits(self, accounts):
        cover = self._cover(accounts[INSURED])
        for told in LIMITS:
            account = accounts[told.key]
            used = self._used(account)
            values = {"amount": used + told.room, "reason": told.reason}
            if told.key == INSURED:
                values["cover_id"] = cover.id
            if told.key == EXPIRED:
                values["date_to"] = self.today + timedelta(days=1)
            self._approved(account, **values)
        self._approved(accounts[NO_CREDIT], amount=0, reason="Stopped paying.")
        head, members = GROUP
        for key in members:
            accounts[key].with_user(self.manager).group_id = accounts[head]
        key, amount, days = TEMPORARY
        self._approved(
            accounts[key],
            kind="temporary",
            amount=amount,
            date_to=self.today + timedelta(days=days),
            reason="The season begins.",
        )
        self._let_expire(accounts[EXPIRED])

    def _used(self, account):
        """What the customer, or the group, owes now, in full thousands."""
        head, members = GROUP
        group = account
        if account.partner_id == self.partners[head]:
            for key in members:
                group |= self._account(self.partners[key])
        used = sum(group.mapped("amount_exposure"))
        return 1000 * (int(max(used, 0)) // 1000 + 1)

    def _approved(self, account, **values):
        limit = self._as_seller("o2c.credit.limit").create(
            {"partner_id": account.partner_id.id, "date_from": self.today, **values}
        )
        limit.action_request()
        limit.with_user(self.manager).with_company(self.company).action_approve()
        return limit

    def _cover(self, account):
        insurer = self.env["res.partner"].create(
            {"name": "Hanse Kreditversicherung AG", "is_company": True}
        )
        covers = self.env["o2c.credit.cover"].with_user(self.manager)
        return covers.with_company(self.company).create(
            {
                "debtor_id": account.id,
                "provider_id": insurer.id,
                "reference": "HKV 4711-08",
                "amount": self._used(account) + 4000,
                "date_from": self.today - timedelta(days=340),
                "date_to": self.today + timedelta(days=25),
            }
        )

    def _let_expire(self, account):
        """Its last day was yesterday; the daily job finds it."""
        limit = account.credit_limit_ids.filtered(lambda own: own.state == "active")
        limit.sudo().write(
            {
                "date_from": self.today - timedelta(days=182),
                "date_to": self.today - timedelta(days=1),
            }
        )
        limits = self.env["o2c.credit.limit"].sudo()
        limits._end_due(self.company)

    # ------------------------------------------------------------- orders

    def _product(self):
        return self.env["product.product"].create(
            {
                "name": "Circulation pump NP 40",
                "type": "consu",
                "list_price": 640.0,
                "invoice_policy": "delivery",
                "taxes_id": [Command.clear()],
            }
        )

    def _over(self, key, amount):
        """The total of an order that is so much over the free credit."""
        account = self._account(self.partners[key])
        return account.amount_credit_limit - account.amount_exposure + amount

    def _order(self, key, total):
        return self._confirm(self.partners[key], total)

    def _order_of_person(self):
        person = self.env["res.partner"].create(PERSON)
        self._approved(self._account(person), amount=500, reason="First order.")
        return self._confirm(person, 1280)

    def _confirm(self, partner, total):
        """What the seller sells and tries to confirm."""
        pieces = max(1, round(total / 640))
        line = {
            "product_id": self.product.id,
            "product_uom_qty": pieces,
            "price_unit": round(total / pieces, 2),
        }
        order = self._as_seller("sale.order").create(
            {
                "partner_id": partner.id,
                "user_id": self.seller.id,
                "pricelist_id": False,  # in the company's currency
                "order_line": [Command.create(line)],
            }
        )
        order.action_confirm()
        return order

    def _enforce(self):
        """As the administrator: look at the list, tick, and hold from now on."""
        admin = self.env.ref("base.user_admin")
        wizards = self.env["o2c.credit.enforce"].with_user(admin)
        wizard = wizards.with_company(self.company).create({"has_seen": True})
        wizard.action_enforce()

    def _wait_for_days(self, order):
        """It was tried some days ago: so an alert comes up."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE o2c_credit_hold SET create_date = create_date - %s * interval"
            " '1 day' WHERE sale_order_id = %s",
            [WAITS_DAYS, order.id],
        )
        self.env.invalidate_all()

    def _as_seller(self, model):
        return self.env[model].with_user(self.seller).with_company(self.company)

    def _lines(self):
        holds = self.env["o2c.credit.hold"].sudo().search([])
        waiting = holds.filtered(lambda hold: hold.state in ("held", "requested"))
        released = holds.filtered(lambda hold: hold.state == "released")
        limits = self.env["o2c.credit.limit"].sudo().search_count([])
        return [
            f"Credit of {self.company.name}:",
            f"  {limits} limits, {len(waiting)} orders wait, {len(released)} released",
        ]


def give_credit(env, companies, users):
    """Tell the story of the main company's credit.

    :param users: the story's users.
    :return: lines of text about what waits.
    """
    lines = CreditStory(env, companies, users).tell()
    env.cr.commit()
    env["o2c.debtor"]._cron_risk()
    env.cr.commit()
    return lines
