"""Statements as an Excel workbook: the lines, and a sheet of balances."""

from io import BytesIO

from ..tools.workbook import Column, Sheet, currency_of, write


def statement_workbook(debtors, statements):
    """Write the statements of some accounts.

    The words are the customer's language for one account, the user's for many.

    :param debtors: the accounts, in the order of the rows
    :param statements: see ``o2c.debtor._statement``; all of one form
    :return: the file's content
    """
    if len(debtors) == 1:
        debtors = debtors.with_context(lang=debtors.statement_language)
    target = BytesIO()
    write(target, [_lines_sheet(debtors, statements), _totals(debtors, statements)])
    return target.getvalue()


def _heading(debtors, statement):
    env = debtors.env
    company = debtors.company_id[:1].sudo()  # sudo: the name of a root company
    rows = [[company.name], [env._("As of"), statement["as_of"]]]
    if statement["date_from"]:
        rows.insert(1, [env._("From"), statement["date_from"]])
    return rows


def _sections(debtors, statements):
    """(account's name, section, its currency) of each section, in order."""
    currencies = debtors.env["res.currency"]
    for debtor in debtors:
        for section in statements[debtor.id]["currencies"]:
            currency = currency_of(currencies.browse(section["currency_id"]))
            yield debtor.display_name, section, currency


def _lines_sheet(debtors, statements):
    env = debtors.env
    any_statement = statements[debtors[:1].id]
    is_activity = any_statement["form"] == "activity"
    kinds = {
        "invoice": env._("Invoice"),
        "credit_note": env._("Credit note"),
        "payment": env._("Payment"),
        "entry": env._("Entry"),
        "transfer": env._("Settled elsewhere"),
        "late_charge": env._("Late charge"),
        "opening": env._("Opening balance"),
    }
    columns = [
        Column(env._("Customer"), width=32),
        Column(env._("Date"), "date"),
        Column(env._("Kind"), width=20),
        Column(env._("Number")),
        Column(env._("Customer's reference")),
        Column(env._("Due date"), "date"),
    ]
    if is_activity:
        columns += [
            Column(env._("Amount"), "amount"),
            Column(env._("Balance"), "amount"),
        ]
    else:
        columns += [
            Column(env._("Days late"), "integer"),
            Column(env._("Amount"), "amount"),
            Column(env._("Open"), "amount", total=True),
        ]
    rows = _activity_rows if is_activity else _item_rows
    return Sheet(
        env._("Statement"),
        columns,
        rows(_sections(debtors, statements), kinds, any_statement["date_from"]),
        heading=_heading(debtors, any_statement),
        total_label=env._("Total"),
    )


def _item_rows(sections, kinds, _date_from):
    for name, section, currency in sections:
        for line in section["lines"]:
            yield [
                *_document(name, line, kinds),
                line["days_overdue"],
                (line["original"], currency),
                (line["amount"], currency),
            ]


def _activity_rows(sections, kinds, date_from):
    for name, section, currency in sections:
        opening = (section["opening"], currency)
        yield [name, date_from, kinds["opening"], None, None, None, None, opening]
        for line in section["lines"]:
            yield [
                *_document(name, line, kinds),
                (line["amount"], currency),
                (line["balance"], currency),
            ]


def _document(name, line, kinds):
    return [
        name,
        line["date"],
        kinds[line["kind"]],
        line["number"],
        line["reference"],
        line["date_due"],
    ]


def _totals(debtors, statements):
    """One row per customer and currency: balance, overdue, credit and ageing."""
    env = debtors.env
    buckets = debtors.with_company(debtors.company_id[:1])._statement_buckets()
    columns = [Column(env._("Customer"), width=32), Column(env._("Currency"), width=10)]
    columns += [
        Column(label, "amount", total=True)
        for label in (
            env._("Balance"),
            env._("Overdue"),
            env._("Credit"),
            *(label for _key, label in buckets),
        )
    ]
    rows = (
        [
            name,
            currency.name,
            *(
                (amount, currency)
                for amount in (
                    section["closing"],
                    section["overdue"],
                    section["credit"],
                    *(section["ageing"].get(key, 0.0) for key, _label in buckets),
                )
            ),
        ]
        for name, section, currency in _sections(debtors, statements)
    )
    heading = _heading(debtors, statements[debtors[:1].id])
    return Sheet(env._("Balances"), columns, rows, heading, env._("Total"))
