"""Load a CSV of open items as posted invoices, then run the chase on them.

The invoices are ordinary ones, made and posted by Odoo in batches. Two things
make it quick: each carries the number of the file (so that no number has to be
searched for), and its two journal items are given in full (so that core has
none to work out). Each batch is committed; a second call goes on with what is
missing, because a number that is there is not loaded again.
"""

import gc
import os
import re
import time
from collections import Counter
from datetime import date

from .booking import QUIET, no_garbage_collection
from .companies import prepare_company
from .first_run import PhaseClock, first_run
from .ledger_file import UnreadableFile, read_ledger
from .money import set_ledger_rates

BATCH = 200
PROGRESS_SECONDS = 5
SHOWN_BAD_ROWS = 20
JOURNAL_CODE = "OPEN"
# The numbers are the seller's own: no year, no month, only the last digits count.
NUMBER_PATTERN = r"^(?P<prefix1>.*?)(?P<seq>\d{0,9})(?P<suffix>\D*?)$"
MAIL_DOMAIN = "customers.example"


def load(env, path):
    """Load the file and run the chase once.

    :param env: an environment; committed after each batch.
    :param path: of the CSV. ``LEDGER_TODAY=2020-05-01`` in the process
        environment says which day of the file is today; see
        ``LedgerFile.reference_day`` for what holds without it.
    :return: lines of text: what was loaded, what was not, what the run did.
    """
    clock = PhaseClock()
    try:
        ledger = read_ledger(path)
        today = env.company._o2c_today()
        reference = _reference_day(ledger, today)
    except UnreadableFile as error:
        return [f"Nothing was loaded: {error}."]
    clock.phase("reading the file")
    lines = _describe(ledger)
    if not ledger.items:
        return [*lines, "Nothing was loaded: the file has no usable row."]
    company = prepare_company(env, _main_currency(ledger))
    items = _known_currencies(env, company, ledger, reference)
    partners = _customers(env, ledger)
    env.cr.commit()
    clock.phase("customers")
    count = _post(env, company, partners, items, today - reference)
    company.o2c_chase_from = min(item.due for item in items) + (today - reference)
    env.cr.commit()
    clock.phase("invoices")
    before = len(items) - count
    lines += [
        f"{count} invoices posted, {before} were there before",
        f"  {reference} in the file is {today} here",
        *_totals(items, reference),
    ]
    lines += _describe_bad_rows(ledger)
    return lines + first_run(env, company, clock)


def _reference_day(ledger, today):
    given = os.environ.get("LEDGER_TODAY")
    if not given:
        return ledger.reference_day(today)
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise UnreadableFile(f"LEDGER_TODAY={given} is not a date") from error


def _main_currency(ledger):
    return Counter(item.currency for item in ledger.items).most_common(1)[0][0]


def _known_currencies(env, company, ledger, reference):
    """Set the rates; items in a currency that nobody can convert become bad rows."""
    codes = {item.currency for item in ledger.items}
    first_day = min(item.day for item in ledger.items)
    shift = company._o2c_today() - reference
    known = set_ledger_rates(env, company, codes, first_day + shift)
    items = []
    for item in ledger.items:
        if item.currency in known:
            items.append(item)
        else:
            reason = f"no exchange rate is known for {item.currency}"
            ledger.bad_rows.append((item.line, reason))
    return sorted(items, key=lambda item: (item.day, item.number))


# ------------------------------------------------------------------ customers


def _customers(env, ledger):
    """One partner per customer number, found again by its reference.

    :return: {customer number: partner id}
    """
    partners_model = env["res.partner"].with_context(**QUIET)
    numbers = list(ledger.names)
    found = partners_model.search([("ref", "in", numbers), ("parent_id", "=", False)])
    partners = {partner.ref: partner.id for partner in found}
    missing = [number for number in numbers if number not in partners]
    created = partners_model.create(
        [
            {
                "name": ledger.names[number],
                "ref": number,
                "email": _email(number),
                "is_company": True,
                "customer_rank": 1,
            }
            for number in missing
        ]
    )
    partners.update(zip(missing, created.ids, strict=True))
    return partners


def _email(number):
    """An address in a domain that exists nowhere.

    >>> _email("0200 749/225")
    'ap+0200-749-225@customers.example'
    """
    local = re.sub("[^A-Za-z0-9]+", "-", number).strip("-") or "unknown"
    return f"ap+{local.lower()[:50]}@{MAIL_DOMAIN}"


# ------------------------------------------------------------------- invoices


def _post(env, company, partners, items, shift):
    """Create and post what is missing, batch by batch.

    :return: how many documents were posted.
    """
    journal = _journal(env, company)
    present = _numbers_present(env, journal)
    todo = [item for item in items if item.number not in present]
    context = dict(
        env.context,
        **QUIET,
        allowed_company_ids=[company.id],
        skip_invoice_sync=True,  # the journal items below are complete
    )
    env = env(context=context)
    journal = journal.with_env(env)
    with no_garbage_collection():
        progress = Progress(len(todo))
        for start in range(0, len(todo), BATCH):
            batch = todo[start : start + BATCH]
            _post_batch(env, journal, partners, batch, shift)
            env.cr.commit()
            env.invalidate_all()
            gc.collect()
            progress.show(start + len(batch))
    return len(todo)


def _post_batch(env, journal, partners, batch, shift):
    """Create and post one batch.

    :return: the posted moves.
    """
    moves = env["account.move"].create(
        [
            _invoice_values(env, journal, partners[item.customer], item, shift)
            for item in batch
        ]
    )
    moves._post(soft=False)
    env.flush_all()
    return moves


def _journal(env, company):
    journals = env["account.journal"].with_company(company)
    mine = [("company_id", "=", company.id)]
    income = (
        env["account.account"]
        .with_company(company)
        .search(
            [("account_type", "=", "income"), ("company_ids", "in", company.ids)],
            limit=1,
        )
    )
    return journals.search([("code", "=", JOURNAL_CODE), *mine]) or journals.create(
        {
            "name": "Open items taken over",
            "code": JOURNAL_CODE,
            "type": "sale",
            "company_id": company.id,
            "default_account_id": income.id,
            "refund_sequence": False,
            "sequence_override_regex": NUMBER_PATTERN,
        }
    )


def _numbers_present(env, journal):
    moves = env["account.move"].search_fetch(
        [("journal_id", "=", journal.id), ("state", "=", "posted")], ["name"]
    )
    return set(moves.mapped("name"))


def _invoice_values(env, journal, partner_id, item, shift):
    """An invoice of two journal items, or a credit note."""
    company = env.company
    currency = env.ref(f"base.{item.currency}")
    partner = env["res.partner"].browse(partner_id)
    day, due = item.day + shift, item.due + shift
    amount = float(item.amount)
    balance = currency._convert(amount, company.currency_id, company, day)
    revenue = {
        "display_type": "product",
        "name": f"Open item {item.number}",
        "quantity": 1,
        "price_unit": abs(amount),
        "account_id": journal.default_account_id.id,
        "tax_ids": [(5, 0, 0)],
        "amount_currency": -amount,
        "balance": -balance,
    }
    claim = {
        "display_type": "payment_term",
        "name": item.number,
        "account_id": partner.property_account_receivable_id.id,
        "date_maturity": due,
        "amount_currency": amount,
        "balance": balance,
    }
    return {
        "move_type": "out_invoice" if amount > 0 else "out_refund",
        "name": item.number,
        "journal_id": journal.id,
        "partner_id": partner.id,
        "currency_id": currency.id,
        "invoice_date": day,
        "date": day,
        "invoice_date_due": due,
        "payment_reference": item.number,
        "invoice_user_id": False,
        "is_move_sent": True,
        "line_ids": [(0, 0, revenue), (0, 0, claim)],
    }


class Progress:
    """Says every few seconds how far the work is."""

    def __init__(self, total):
        self.total = total
        self.started = self.shown = time.monotonic()

    def show(self, done):
        """Print a line where the last one is some seconds old."""
        now = time.monotonic()
        if now - self.shown < PROGRESS_SECONDS and done < self.total:
            return
        self.shown = now
        left = (now - self.started) / done * (self.total - done)
        print(f"  {done} of {self.total} invoices, {left:.0f} s left", flush=True)


# --------------------------------------------------------------------- report


def _describe(ledger):
    lines = [
        f"{len(ledger.items)} open items of {len(ledger.names)} customers in the file"
    ]
    if ledger.copies:
        lines.append(
            f"  {len(ledger.copies)} rows are exact copies of others and were left out"
        )
    return lines


def _describe_bad_rows(ledger):
    rows = sorted(ledger.bad_rows)
    lines = [f"  {len(rows)} rows could not be read"] if rows else []
    lines += [f"    line {line}: {reason}" for line, reason in rows[:SHOWN_BAD_ROWS]]
    if len(rows) > SHOWN_BAD_ROWS:
        lines.append(f"    and {len(rows) - SHOWN_BAD_ROWS} more")
    return lines


def _totals(items, reference):
    """Count and sum per currency, and how much of it is overdue."""
    lines = []
    for code in sorted({item.currency for item in items}):
        own = [item for item in items if item.currency == code]
        total = sum(item.amount for item in own)
        overdue = sum(1 for item in own if item.due < reference)
        lines.append(
            f"  {code}: {len(own)} items, {total:,.2f} open, {overdue} overdue"
        )
    later = sum(item.day > reference for item in items)
    if later:
        lines.append(f"  {later} of them are dated after that day")
    return lines
