"""Planned documents and payments become posted, reconciled journal entries.

Everything goes through the ORM, in batches: one ``create`` and one post per
company, one ``_reconcile_plan`` for all payments of a company.
"""

import gc
from contextlib import contextmanager

QUIET = {
    # The history is written at once; its chatter would say so 400 times.
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}


@contextmanager
def no_garbage_collection():
    """Do not look for garbage while thousands of records are being made."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def book(env, companies, partners, terms, documents, payments):
    """Post the whole history.

    :return: {id of the planned document: posted move}, posted payments
    """
    env = env(context=dict(env.context, **QUIET))
    moves, booked = {}, env["account.payment"]
    for key, company in companies.items():
        here = env(context=dict(env.context, allowed_company_ids=[company.id]))
        own = [doc for doc in documents if doc.customer.company == key]
        moves.update(_post_documents(here, partners, terms, own))
        _apply_credit_notes(here, own, moves)
        money = [pay for pay in payments if pay.customer.company == key]
        booked |= _post_payments(here, partners, money, moves)
    return moves, booked


def _post_documents(env, partners, terms, documents):
    """Create and post, in the order of the dates so that numbers follow them."""
    moves = env["account.move"].create(
        [_document_values(env, partners, terms, document) for document in documents]
    )
    moves._post(soft=False)
    env.flush_all()
    return {id(document): move for document, move in zip(documents, moves, strict=True)}


def _document_values(env, partners, terms, document):
    customer = document.customer
    return {
        "move_type": "out_refund" if document.is_credit else "out_invoice",
        "partner_id": partners[customer.key].id,
        "invoice_date": document.day,
        "currency_id": env.ref(f"base.{customer.currency}").id,
        "invoice_payment_term_id": False
        if document.is_credit
        else terms[customer.terms].id,
        "invoice_date_due": document.due,
        "ref": document.reference or False,
        "is_move_sent": True,
        "invoice_line_ids": [
            (
                0,
                0,
                {
                    "name": text,
                    "quantity": quantity,
                    "price_unit": price,
                    "tax_ids": [(5, 0, 0)],
                },
            )
            for text, quantity, price in document.lines
        ],
    }


def _post_payments(env, partners, planned, moves):
    """Create and post the payments, then match them with their documents."""
    journal = env["account.journal"].search(
        [
            ("type", "=", "bank"),
            ("company_id", "parent_of", env.company.id),
        ],
        limit=1,
    )
    payments = env["account.payment"].create(
        [_payment_values(env, partners, journal, payment, moves) for payment in planned]
    )
    payments.action_post()
    env.flush_all()
    env["account.move.line"]._reconcile_plan(
        [
            _receivables(payment.move_id + _moves(env, plan.documents, moves))
            for payment, plan in zip(payments, planned, strict=True)
            if plan.documents
        ]
    )
    return payments


def _apply_credit_notes(env, documents, moves):
    """Match the credit notes that were given for one invoice with it."""
    plan = [
        _receivables(_moves(env, [document, document.applied_to], moves))
        for document in documents
        if document.applied_to
    ]
    if plan:
        env["account.move.line"]._reconcile_plan(plan)


def _moves(env, documents, moves):
    return env["account.move"].union(*(moves[id(document)] for document in documents))


def _receivables(moves):
    return moves.line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable"
    )


def _payment_values(env, partners, journal, payment, moves):
    numbers = ", ".join(moves[id(document)].name for document in payment.documents)
    return {
        "payment_type": "inbound",
        "partner_type": "customer",
        "partner_id": partners[payment.customer.key].id,
        "journal_id": journal.id,
        "date": payment.day,
        "amount": payment.amount,
        "currency_id": env.ref(f"base.{payment.customer.currency}").id,
        "memo": payment.memo or numbers,
        "company_id": env.company.id,
    }
