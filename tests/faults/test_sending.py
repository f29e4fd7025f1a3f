"""Messages under faults: nothing twice, nothing lost, nothing wrong."""

import socket
import threading
from contextlib import closing

import pytest

from dev import testing

CUSTOMERS = 12
WAIT_SECONDS = 120
CORE_QUEUE = 'env["mail.mail"].process_email_queue()'


@pytest.fixture
def worker(house):
    return house.start_worker()


def test_an_undisturbed_worker_sends_everything_once(house, worker):
    # Core's own queue comes first, and leaves all of it to the engine.
    house.work(worker, CORE_QUEUE)
    assert not house.sink.messages
    assert house.states() == {"outgoing": CUSTOMERS}
    house.work(worker)
    assert house.states() == {"sent": CUSTOMERS}
    assert set(house.sink.recipients.values()) == {1}
    stored = house.query("SELECT message_id_header FROM o2c_chase_message")
    assert house.sink.message_ids == {header: 1 for (header,) in stored}
    house.work(worker)
    assert len(house.sink.messages) == CUSTOMERS


def test_two_workers_at_once_share_the_work_without_a_duplicate(house, worker):
    # The sink answers nobody before both workers have a message on the line.
    both = threading.Barrier(2)
    met = threading.Event()

    def meet(_recipient):
        if not met.is_set():
            both.wait(WAIT_SECONDS)
            met.set()

    house.sink.fail_at("RCPT", meet)
    workers = [worker, house.start_worker()]
    for each in workers:
        house.begin(each)
    for each in workers:
        each.wait()
    assert met.is_set()
    assert house.states() == {"sent": CUSTOMERS}
    assert set(house.sink.recipients.values()) == {1}


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_killed_worker_leaves_one_message_for_a_person(house, worker, stage):
    """Kill -9 in the middle of the fifth dialogue; another worker goes on."""
    arrived = stage == "DATA"

    def take_and_hold(address):
        if arrived:
            # The text is here, but nobody will learn of it.
            house.sink.take(b"Message-Id: <cut@test>\r\n\r\n", address)
        house.sink.hold()

    house.sink.fail_at(stage, _at(5, take_and_hold))
    _begin_and_kill(house, worker)
    # The four before it left, and it was noted that they did.
    assert house.states()["outgoing"] == CUSTOMERS - 5
    [[cut]] = house.query(
        "SELECT recipient FROM o2c_chase_message"
        " WHERE state = 'sending' AND sent_at IS NULL"
    )
    other = house.start_worker()
    _work_until_nothing_is_sending(house, other)
    assert house.states() == {"sent": CUSTOMERS - 1, "unknown": 1}
    assert house.state_of(cut) == ("unknown", "unknown")
    # Not once more by itself, and nobody else twice.
    house.make_due()
    house.work(other)
    assert house.sink.recipients[cut] == arrived
    assert max(house.sink.recipients.values()) == 1
    assert len(house.sink.messages) == CUSTOMERS - 1 + arrived
    assert house.query(
        "SELECT count(*) FROM mail_activity WHERE res_model = 'o2c.debtor'"
    ) == [(1,)]


def test_workers_killed_one_after_the_other_send_nothing_twice(house, worker):
    """Each of three workers dies at another place; the fourth finishes."""
    for stage in ("DATA", "RCPT", "MAIL"):
        house.sink.reached.clear()
        house.sink.release.clear()
        house.sink.fail_at(stage, _at(2, lambda _address: house.sink.hold() or "451 -"))
        _begin_and_kill(house, worker)
        worker = house.start_worker()
    _work_until_nothing_is_sending(house, worker)
    assert house.states() == {"sent": CUSTOMERS - 3, "unknown": 3}
    assert set(house.sink.recipients.values()) == {1}
    assert len(house.sink.messages) == CUSTOMERS - 3


def _at(number, misbehave):
    """Misbehave at the n-th message only."""
    seen = []

    def at(address):
        seen.append(address)
        return misbehave(address) if len(seen) == number else None

    return at


def _begin_and_kill(house, worker):
    """Kill a worker at the moment when the sink holds it."""
    house.begin(worker)
    assert house.sink.reached.wait(WAIT_SECONDS)
    worker.kill()
    house.sink.fail_at(None, None)
    house.sink.release.set()


def _work_until_nothing_is_sending(house, worker):
    # The database frees a dead process's locks when it notices its end.
    for _round in range(50):
        house.work(worker)
        if "sending" not in house.states():
            return
    raise AssertionError(house.states())


def test_a_server_that_refuses_connections_defers_all(house, worker):
    house.work(worker, port=testing.free_port())
    assert house.states() == {"deferred": CUSTOMERS}
    assert house.query(
        """
        SELECT DISTINCT attempts, failure_code, next_try_at - write_date
               BETWEEN interval '14 min' AND interval '15 min'
          FROM o2c_chase_message
        """
    ) == [(1, "connection", True)]
    # Nothing before its time.
    house.work(worker)
    assert not house.sink.messages
    house.make_due()
    house.work(worker)
    assert house.states() == {"sent": CUSTOMERS}
    assert set(house.sink.recipients.values()) == {1}


def test_a_server_that_defers_gets_the_same_message_later(house, worker):
    house.sink.fail_at("RCPT", lambda address: "451 4.7.1 try again later")
    house.work(worker)
    assert house.states() == {"deferred": CUSTOMERS}
    house.sink.fail_at(None, None)
    house.make_due()
    house.work(worker)
    assert house.states() == {"sent": CUSTOMERS}
    stored = house.query("SELECT message_id_header FROM o2c_chase_message")
    assert house.sink.message_ids == {header: 1 for (header,) in stored}


def test_the_ladder_ends_with_a_person(house, worker):
    house.sink.fail_at("RCPT", lambda address: "451 4.7.1 try again later")
    for _attempt in range(5):
        house.make_due()
        house.work(worker)
    assert house.states() == {"failed": CUSTOMERS}
    assert house.state_of("c3@customer.example") == ("failed", "failed")
    house.make_due()
    house.sink.fail_at(None, None)
    house.work(worker)
    assert not house.sink.messages


def test_a_rejected_address_becomes_a_call_and_stops_nobody(house, worker):
    refused = "c3@customer.example"
    house.sink.fail_at(
        "RCPT", lambda address: "550 5.1.1 unknown" if address == refused else None
    )
    house.work(worker)
    assert house.states() == {"sent": CUSTOMERS - 1, "failed": 1}
    assert house.query(
        """
        SELECT action.channel, action.state, message.failure_code, message.reason
          FROM o2c_chase_message message
          JOIN o2c_chase_action action ON action.message_id = message.id
         WHERE message.recipient = %s
        """,
        refused,
    ) == [("call", "queued", "550", "smtp_rejected")]


def test_a_server_that_hangs_is_left_alone(house, worker):
    reached = []

    def hang(address):
        reached.append(address)
        house.sink.hold()

    house.sink.fail_at("RCPT", hang)
    house.work(worker)
    assert house.states() == {"deferred": CUSTOMERS}
    assert len(reached) == 1
    # One that does not even greet.
    house.make_due()
    with closing(socket.create_server(("127.0.0.1", 0), backlog=5)) as silent:
        house.work(worker, port=silent.getsockname()[1])
    assert house.states() == {"deferred": CUSTOMERS}
    assert not house.sink.messages


def test_a_connection_that_breaks_after_the_text_is_unknown(house, worker):
    cut = "c3@customer.example"
    house.sink.fail_at("DATA", lambda address: "drop" if address == cut else None)
    house.work(worker)
    assert house.states() == {"sent": CUSTOMERS - 1, "unknown": 1}
    assert house.state_of(cut) == ("unknown", "unknown")
    house.sink.fail_at(None, None)
    house.make_due()
    house.work(worker)
    assert house.sink.recipients[cut] == 0


def test_what_is_paid_between_plan_and_sending_is_not_asked_for(house, worker):
    paid = ["c2@customer.example", "c7@customer.example"]
    house.pay(worker, *paid)
    house.work(worker)
    assert house.states() == {"sent": CUSTOMERS - 2, "cancelled": 2}
    assert not set(paid) & set(house.sink.recipients)
    for recipient in paid:
        assert house.state_of(recipient) == ("cancelled", "skipped")
    assert house.query(
        "SELECT DISTINCT reason FROM o2c_chase_message WHERE state = 'cancelled'"
    ) == [("paid",)]


def test_what_is_paid_while_a_batch_is_being_sent_is_not_asked_for(house, worker):
    """The first dialogue waits until customers further back have paid."""
    paid = ["c8@customer.example", "c11@customer.example"]
    clerk = house.start_worker()
    house.sink.fail_at("RCPT", _at(1, house.sink.hold))
    house.begin(worker)
    assert house.sink.reached.wait(WAIT_SECONDS)
    house.pay(clerk, *paid)
    house.sink.release.set()
    worker.wait()
    # The first dialogue may have lasted longer than the worker waits for an answer.
    house.sink.fail_at(None, None)
    house.make_due()
    house.work(worker)
    assert house.states() == {"sent": CUSTOMERS - 2, "cancelled": 2}
    assert not set(paid) & set(house.sink.recipients)
