"""A ledger of any size, made by SQL from entries that the ORM made.

One customer, one invoice and one payment entry are made through the ORM; all others
are copies of their rows with other numbers, dates and amounts, so that every column
holds what core would have written. :func:`check` compares a sample with the ORM.

A tenth as many customers as invoices; of a customer's ten invoices three are paid
and matched. With a due share of 1 every customer owes something overdue, with 0.1
every tenth.
"""

from odoo import Command, fields
from odoo.tools import SQL

INVOICES_PER_CUSTOMER = 10
PAID_PER_CUSTOMER = 3
SAMPLE_SIZE = 300


def generate(env, invoices, due_share):
    """Fill the database.

    :param invoices: number of invoices
    :param due_share: share of customers who owe something overdue, 0.1 or 1
    """
    company = env.company
    company.write({"email": "billing@seller.example", "o2c_chase_from": "2000-01-01"})
    partner, invoice, payment = _templates(env)
    env.flush_all()
    # The copies refer to rows that exist: checking each of millions of keys would
    # only take long. Needs a database superuser, which the bench's own cluster has.
    env.cr.execute("SET LOCAL session_replication_role = replica")
    customers = invoices // INVOICES_PER_CUSTOMER
    _number_customers(env, customers, partner)
    _number_invoices(env, customers, due_share)
    _copy_moves(env, invoice, "bench_invoice", _invoice_columns())
    _copy_lines(env, invoice, "bench_invoice")
    _copy_moves(env, payment, "bench_payment", _payment_columns())
    _copy_lines(env, payment, "bench_payment")
    analyze(env)
    _match(env)
    analyze(env)
    env.invalidate_all()


def analyze(env):
    """Tell the planner what the tables hold now.

    PostgreSQL does so by itself some time after a mass load; a plan made before
    takes the tables for empty and nests loops over all of them.
    """
    env.cr.execute("ANALYZE")


def _templates(env):
    """One of each, made by the ORM."""
    partner = env["res.partner"].create(
        {
            "name": "Customer",
            "email": "ap@customer.example",
            "lang": "en_US",
            "is_company": True,
        }
    )
    line = {"name": "Goods", "quantity": 1, "price_unit": 100.0, "tax_ids": False}
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": "2026-01-15",
            "invoice_date_due": "2026-02-14",
            "ref": "PO 1",
            "invoice_line_ids": [Command.create(line)],
        }
    )
    invoice.action_post()
    receivable = invoice.line_ids.filtered(lambda x: x.display_type == "payment_term")
    bank = env["account.journal"].search([("type", "=", "bank")], limit=1)
    payment = env["account.move"].create(
        {
            "move_type": "entry",
            "journal_id": bank.id,
            "date": "2026-02-20",
            "line_ids": [
                Command.create(
                    {
                        "account_id": bank.default_account_id.id,
                        "partner_id": partner.id,
                        "debit": 100.0,
                    }
                ),
                Command.create(
                    {
                        "account_id": receivable.account_id.id,
                        "partner_id": partner.id,
                        "credit": 100.0,
                    }
                ),
            ],
        }
    )
    payment.action_post()
    return partner, invoice, payment


def _copy(env, table, source, overrides, numbers):
    """Insert a copy of a row per row of ``numbers``, some columns overridden."""
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
        [table],
    )
    names = [name for (name,) in env.cr.fetchall()]
    unknown = overrides.keys() - set(names)
    if unknown:
        raise ValueError(f"{table} has no columns {sorted(unknown)}")
    columns = SQL(", ").join(SQL.identifier(name) for name in names)
    values = SQL(", ").join(
        SQL(overrides[name])  # pylint: disable=sql-injection  # constants below
        if name in overrides
        else SQL.identifier("source", name)
        for name in names
    )
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s source, %s n WHERE source.id = %s",
            SQL.identifier(table),
            columns,
            values,
            SQL.identifier(table),
            SQL.identifier(numbers),
            source,
        )
    )


def _number_customers(env, customers, partner):
    env.cr.execute(
        SQL(
            "CREATE TABLE bench_customer AS SELECT number,"
            " nextval('res_partner_id_seq')::int AS partner_id"
            " FROM generate_series(1, %s) number",
            customers,
        )
    )
    overrides = {
        "id": "n.partner_id",
        "commercial_partner_id": "n.partner_id",
        "name": "'Customer ' || n.number",
        "complete_name": "'Customer ' || n.number",
        "email": "'ap' || n.number || '@customer.example'",
        "email_normalized": "'ap' || n.number || '@customer.example'",
    }
    _copy(env, "res_partner", partner.id, overrides, "bench_customer")


def _number_invoices(env, customers, due_share):
    """Amount, dates and ids of each invoice, and of the payment of the paid ones.

    A customer's invoices fall due 5 to 95 days ago, ten days apart, if he is among
    the late ones, else 5 to 95 days from now.
    """
    today = fields.Date.today()
    env.cr.execute(
        SQL(
            """
            CREATE TABLE bench_invoice AS
            SELECT customer.number * %(each)s + place AS number, customer.partner_id,
                   (50 + (customer.number * 7919 + place * 104729) %% 200000 / 100.0
                       )::numeric(12, 2) AS amount,
                   %(today)s::date + CASE
                       WHEN (customer.number - 1) %% 10 < %(tenths)s THEN -1 ELSE 1 END
                       * (5 + 10 * place) AS due,
                   place < %(paid)s AS is_paid,
                   nextval('account_move_id_seq')::int AS move_id
              FROM bench_customer customer,
                   generate_series(0, %(each)s - 1) place
             WHERE customer.number <= %(customers)s
            """,
            each=INVOICES_PER_CUSTOMER,
            paid=PAID_PER_CUSTOMER,
            tenths=round(due_share * 10),
            today=today,
            customers=customers,
        )
    )
    env.cr.execute(
        "CREATE TABLE bench_payment AS SELECT number, partner_id, amount, due, is_paid,"
        " nextval('account_move_id_seq')::int AS move_id FROM bench_invoice"
        " WHERE is_paid"
    )


def _invoice_columns():
    open_amount = "CASE WHEN n.is_paid THEN 0 ELSE n.amount END"
    amounts = [
        "amount_untaxed",
        "amount_total",
        "amount_untaxed_signed",
        "amount_untaxed_in_currency_signed",
        "amount_total_signed",
        "amount_total_in_currency_signed",
    ]
    return {
        "name": "'BENCH/' || n.number",
        "sequence_prefix": "'BENCH/'",
        "sequence_number": "n.number",
        "payment_reference": "'BENCH/' || n.number",
        "ref": "'PO ' || n.number",
        "date": "n.due - 30",
        "invoice_date": "n.due - 30",
        "invoice_date_due": "n.due",
        "amount_residual": open_amount,
        "amount_residual_signed": open_amount,
        "payment_state": "CASE WHEN n.is_paid THEN 'paid' ELSE 'not_paid' END",
        **dict.fromkeys(amounts, "n.amount"),
    }


def _payment_columns():
    return {
        "name": "'BENCHPAY/' || n.number",
        "sequence_prefix": "'BENCHPAY/'",
        "sequence_number": "n.number",
        "date": "n.due",
        **{
            name: f"source.{name} / 100 * n.amount"
            for name in ("amount_total", "amount_residual", "amount_total_signed")
        },
    }


def _copy_moves(env, move, numbers, overrides):
    ids = {
        "id": "n.move_id",
        "partner_id": "n.partner_id",
        "commercial_partner_id": "n.partner_id",
        "access_token": "NULL",
    }
    if move.move_type == "entry":
        del ids["partner_id"], ids["commercial_partner_id"]
    else:
        ids["partner_shipping_id"] = "n.partner_id"
        ids["invoice_partner_display_name"] = "'Customer ' || n.partner_id"
    _copy(env, "account_move", move.id, {**ids, **overrides}, numbers)


def _copy_lines(env, move, numbers):
    """Copy each line of the template with its sign, the receivable one with its due."""
    is_invoice = move.move_type == "out_invoice"
    for line in move.line_ids:
        sign = "1" if line.balance > 0 else "-1"
        receivable = line.account_id.account_type == "asset_receivable"
        residual = f"CASE WHEN n.is_paid THEN 0 ELSE {sign} * n.amount END"
        overrides = {
            "id": "nextval('account_move_line_id_seq')",
            "move_id": "n.move_id",
            "move_name": f"'BENCH{'' if is_invoice else 'PAY'}/' || n.number",
            "partner_id": "n.partner_id",
            "ref": "'PO ' || n.number" if is_invoice else "source.ref",
            "date": "n.due - 30" if is_invoice else "n.due",
            "invoice_date": "n.due - 30" if is_invoice else "NULL",
            "date_maturity": "n.due" if receivable else "source.date_maturity",
            "debit": "n.amount" if sign == "1" else "0",
            "credit": "n.amount" if sign == "-1" else "0",
            "balance": f"{sign} * n.amount",
            "amount_currency": f"{sign} * n.amount",
        }
        if receivable:
            overrides["amount_residual"] = residual
            overrides["amount_residual_currency"] = residual
            overrides["reconciled"] = "n.is_paid"
        else:
            for name in ("amount_residual", "amount_residual_currency"):
                overrides[name] = f"source.{name} / 100 * n.amount"
            overrides["price_unit"] = "n.amount" if is_invoice else "source.price_unit"
        if is_invoice:
            price = "n.amount" if line.price_subtotal else "source.price_subtotal"
            overrides["price_subtotal"] = price
            overrides["price_total"] = price
        _copy(env, "account_move_line", line.id, overrides, numbers)


def _match(env):
    """Match the payments in full with their invoices."""
    env.cr.execute(
        """
        CREATE TABLE bench_match AS
        SELECT debit.id AS debit_id, credit.id AS credit_id, invoice.amount,
               GREATEST(debit.date, credit.date) AS max_date,
               debit.currency_id, debit.company_id,
               nextval('account_full_reconcile_id_seq')::int AS full_id
          FROM bench_payment payment
          JOIN bench_invoice invoice USING (number)
          JOIN account_move_line debit
            ON debit.move_id = invoice.move_id AND debit.display_type = 'payment_term'
          JOIN account_move_line credit
            ON credit.move_id = payment.move_id AND credit.balance < 0;
        INSERT INTO account_full_reconcile (id) SELECT full_id FROM bench_match;
        INSERT INTO account_partial_reconcile (
            debit_move_id, credit_move_id, full_reconcile_id, debit_currency_id,
            credit_currency_id, company_id, max_date, amount, debit_amount_currency,
            credit_amount_currency)
        SELECT debit_id, credit_id, full_id, currency_id, currency_id, company_id,
               max_date, amount, amount, amount FROM bench_match;
        UPDATE account_move_line line
           SET full_reconcile_id = full_id, matching_number = full_id::text
          FROM bench_match WHERE line.id IN (debit_id, credit_id);
        """
    )


def check(env):
    """Compare a sample with what the ORM computes.

    :return: number of entries compared
    :raise AssertionError: where they differ
    """
    moves = env["account.move"].search([("name", "=like", "BENCH%")], limit=100000)
    step = max(1, len(moves) // SAMPLE_SIZE)
    sample = moves[::step]
    names = ["amount_total", "amount_residual", "payment_state", "amount_total_signed"]
    lines = sample.line_ids
    line_names = ["amount_residual", "amount_residual_currency", "reconciled"]
    before = sample.read(names), lines.read(line_names)
    for records, field_names in ((sample, names), (lines, line_names)):
        for name in field_names:
            env.add_to_compute(records._fields[name], records)
    env.flush_all()
    env.invalidate_all()
    after = sample.read(names), lines.read(line_names)
    for told, computed in zip(before, after, strict=True):
        for row, expected in zip(told, computed, strict=True):
            if row != expected:
                raise AssertionError(f"Generated {row}, the ORM computes {expected}")
    return len(sample)
