"""A short form of the campaign, and proof that its count can fail."""

import random

import pytest

from tests.faults.house import CUSTOMERS
from tests.faults.scenarios import SCENARIOS

NOTHING = {"doubled": 0, "lost": 0, "wrong": 0}


@pytest.fixture
def fresh(house):
    """A house whose customers have not been looked at yet."""
    house.query("DELETE FROM o2c_chase_message")
    house.query("DELETE FROM o2c_chase_action")
    house.query("DELETE FROM o2c_chase_run")
    return house


@pytest.mark.parametrize("name", ["run_job_and_button", "collisions"])
def test_nothing_is_doubled_lost_or_wrong(fresh, name):
    for case in SCENARIOS[name](random.Random(1)):  # noqa: S311
        paid = case(fresh) or ()
        assert fresh.audit(paid) == NOTHING
    assert sum(fresh.sink.recipients.values()) == CUSTOMERS


def test_the_count_sees_what_goes_wrong(house):
    assert house.audit() == NOTHING | {"lost": CUSTOMERS}
    for number in (0, 1, 1):
        letter = f"Message-Id: <{number}@test>\r\n\r\n".encode()
        house.sink.take(letter, f"c{number}@customer.example")
    counted = {"doubled": 1, "lost": CUSTOMERS - 2, "wrong": 1}
    assert house.audit(["c1@customer.example"]) == counted


def test_a_step_with_a_person_is_not_lost(house):
    house.query("UPDATE o2c_chase_action SET state = 'unknown'")
    assert house.audit() == NOTHING
