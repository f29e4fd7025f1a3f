from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import NotFound

#: Where a session keeps the link it came by.
SESSION_KEY = "o2c_link"


@dataclass(frozen=True)
class Scope:
    """What one request may see and do: the only door from a page to records.

    ``accounts`` and ``account`` are read with all rights, as their owner is no user;
    whatever a page shows or changes is looked up through them.
    """

    accounts: Any  # o2c.debtor, all that this visitor may see
    account: Any  # the one of them that the page is about
    actor: Any  # res.partner in whose name things are done
    kind: str  # "login" or "link"

    def items(self, line_ids):
        """Open items by journal item; others' are as good as none."""
        return self.account._portal_items(line_ids)

    def remittance(self, number):
        """A payment of this account, or not found."""
        return self._own("o2c.remittance", number)

    def dispute(self, number):
        """A dispute of this account, or not found."""
        return self._own("o2c.dispute", number)

    def mandate(self, number):
        """An autopay mandate of this account, or not found."""
        return self._own("o2c.autopay", number)

    def _own(self, model, number):
        found = self.account.env[model].search(
            [("id", "=", number), ("debtor_id", "=", self.account.id)]
        )
        if not found:
            raise NotFound()
        return found


def resolve(request, account_id=None):
    """The scope of a request, or None when somebody has to log in first.

    A login and a link are never merged: who is logged in is only that, and the link
    he came by before is forgotten.

    :raise NotFound: for an account that is not among the visitor's, whether it
        exists or not
    """
    if request.env.user._is_public():
        accounts, actor, kind = _by_link(request)
    else:
        request.session.pop(SESSION_KEY, None)
        accounts, actor, kind = _by_login(request)
    if not accounts:
        return None
    account = accounts[:1]
    if account_id:
        account = accounts.filtered(lambda debtor: str(debtor.id) == str(account_id))
        if not account:
            raise NotFound()
    company = account.company_id
    # sudo: the visitor has no right to records; this scope says which are his
    account_sudo = account.sudo().with_company(company)
    if kind == "link" and actor.lang:  # who has no login reads his contact's language
        account_sudo = account_sudo.with_context(lang=actor.lang)
    return Scope(accounts, account_sudo, actor, kind)


def _by_login(request):
    """A contact sees the accounts of the commercial entity he belongs to."""
    user = request.env.user
    debtors_sudo = request.env["o2c.debtor"].sudo()  # sudo: as in ``resolve``
    if not user.share:
        return debtors_sudo, user.partner_id, "login"
    owner_sudo = user.sudo().partner_id.commercial_partner_id
    accounts = debtors_sudo.search([("partner_id", "=", owner_sudo.id)], order="id")
    return accounts, user.sudo().partner_id, "login"


def _by_link(request):
    """Who came by a link sees its account, as long as the link is valid."""
    links_sudo = request.env["o2c.portal.link"].sudo()  # sudo: as in ``resolve``
    link = links_sudo.browse(request.session.get(SESSION_KEY)).exists()
    if not link.is_usable:
        return links_sudo.debtor_id, links_sudo.partner_id, "link"
    return link.debtor_id, link.partner_id, "link"
