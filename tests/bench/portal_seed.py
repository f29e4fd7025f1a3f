"""What the measurement of the customers' pages needs in its database."""

from odoo import Command, fields
from odoo.tools import SQL

from . import ledger

PASSWORD = "portal-bench"
#: Invoices per paying customer; an account begins no more payments in a day.
INVOICES_EACH = 29


def seed(env, sizes, payers):
    """A customer per size with so many open items, and customers who pay.

    :param sizes: numbers of open items
    :param int payers: how many customers pay
    :return: {"logins": [(login, size)], "links": [address], "provider", "method"}
    """
    open_items = sum(sizes) + payers * INVOICES_EACH
    ledger.generate(env, (open_items * 3 // 2 // 10 + 1) * 10, 1.0)
    partners = env["res.partner"].search([("name", "=like", "Customer %")], order="id")
    owners = partners[: len(sizes) + payers]
    counts = [*sizes, *[INVOICES_EACH] * payers]
    _hand_over(env, owners, counts)
    logins = [
        (_login(env, owner, size), size)
        for owner, size in zip(owners, sizes, strict=False)
    ]
    while env["o2c.debtor"]._build_batch()[1]:
        env.cr.commit()
    env["o2c.debtor"].search([])._refresh_facts()
    links = _links(env, owners[len(sizes) :])
    provider = _provider(env)
    ledger.analyze(env)
    env.cr.commit()
    return {
        "logins": logins,
        "links": links,
        "provider": provider.id,
        "method": provider.payment_method_ids[:1].id,
    }


def _hand_over(env, owners, counts):
    """Give each owner his number of open invoices; all others keep none of them."""
    env.cr.execute(
        "SELECT move_id FROM bench_invoice WHERE NOT is_paid ORDER BY number"
    )
    moves = [move for (move,) in env.cr.fetchall()]
    rest = env["res.partner"].create({"name": "Everybody else", "is_company": True})
    start = 0
    for owner, count in [*zip(owners, counts, strict=True), (rest, len(moves))]:
        part = tuple(moves[start : start + count]) or (0,)
        start += count
        env.cr.execute(
            SQL(
                """
                UPDATE account_move_line SET partner_id = %(owner)s
                 WHERE move_id IN %(part)s;
                UPDATE account_move
                   SET partner_id = %(owner)s, commercial_partner_id = %(owner)s
                 WHERE id IN %(part)s
                """,
                owner=owner.id,
                part=part,
            )
        )
    env.invalidate_all()


def _login(env, owner, size):
    login = f"bench{size}"
    users = env["res.users"].with_context(no_reset_password=True)
    contact = env["res.partner"].create({"name": login, "parent_id": owner.id})
    users.create(
        {
            "name": login,
            "login": login,
            "password": PASSWORD,
            "partner_id": contact.id,
            "group_ids": [Command.set(env.ref("base.group_portal").ids)],
        }
    )
    return login


def _links(env, owners):
    debtors = env["o2c.debtor"].search([("partner_id", "in", owners.ids)])
    values = [
        {"debtor_id": d.id, "partner_id": d.partner_id.id, "purpose": "shared"}
        for d in debtors
    ]
    return [f"/o2c/r/{token}" for token in env["o2c.portal.link"]._issue(values)]


def _provider(env):
    """Odoo's demo provider, which says what it is told."""
    provider = env["payment.provider"].search(
        [("code", "=", "demo"), ("company_id", "=", env.company.id)], limit=1
    )
    provider.write({"state": "test", "is_published": True})
    provider.payment_method_ids.active = True
    return provider


def verdict(env):
    """Whether every payment was recorded once, and settled what it was for.

    :return: figures; those of ``wrong`` are to be zero
    """
    done = env["payment.transaction"].search([("state", "=", "done")])
    payments = env["account.payment"].search(
        [("payment_transaction_id", "in", done.ids)]
    )
    lines = done.o2c_remittance_id.line_ids
    twice = lines.grouped("move_line_id")
    today = fields.Date.today()
    return {
        "done": len(done),
        "payments": len(payments),
        "amount": round(sum(payments.mapped("amount")), 2),
        "day": str(today),
        "wrong": {
            "without a payment": len(done.filtered(lambda t: not t.payment_id)),
            "with several payments": len(payments)
            - len(payments.payment_transaction_id),
            "not post-processed": len(done.filtered(lambda t: not t.is_post_processed)),
            "invoices still open": len(lines.filtered("move_line_id.amount_residual")),
            "invoices paid twice": len([x for x in twice.values() if len(x) > 1]),
            "amount left over": round(
                sum(done.mapped("amount")) - sum(lines.mapped("amount")), 2
            ),
        },
    }
