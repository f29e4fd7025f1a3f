"""The plan of the demo's year, before anything is written."""

from collections import defaultdict
from datetime import date, timedelta

import pytest

from dev.demo.cast import CUSTOMERS
from dev.demo.history import CHARACTERS, plan_history

TODAY = date(2026, 3, 31)


@pytest.fixture(scope="module")
def year():
    return plan_history(TODAY)


def test_the_same_day_gives_the_same_year(year):
    assert plan_history(TODAY) == year


def test_the_year_moves_with_the_calendar(year):
    """A demo built on another day tells the same story."""
    days = timedelta(days=77)
    later, _ = plan_history(TODAY + days)
    assert [(d.day - days, d.amount) for d in later] == [
        (d.day, d.amount) for d in year[0]
    ]


def test_nothing_happens_after_today(year):
    documents, payments = year
    assert max(document.day for document in documents) <= TODAY
    assert max(payment.day for payment in payments) <= TODAY


def test_the_story_is_large_enough_to_look_real_and_small_enough_to_be_quick(year):
    assert 250 <= len(year[0]) <= 400


def test_nobody_pays_an_invoice_twice_or_before_it_was_written(year):
    paid = defaultdict(float)
    for payment in year[1]:
        for document in payment.documents:
            assert payment.day >= document.day
            paid[id(document)] += payment.amount
    for document in year[0]:
        if document.applied_to:
            paid[id(document.applied_to)] += document.amount
    for document in year[0]:
        assert paid[id(document)] <= document.amount + 0.005


def test_every_character_has_a_part(year):
    assert {customer.character for customer in CUSTOMERS} == set(CHARACTERS)


def test_no_address_can_reach_anybody():
    for customer in CUSTOMERS:
        for address in (customer.email, *customer.payables[1:]):
            assert not address or address.endswith(".example"), address
