"""What the other tests of this folder rest on: a fork is a real process."""

import os
import signal
import subprocess

import psutil
import pytest

from dev import paths, testing

WHO = """
import os
env.cr.execute("SELECT current_database(), pg_backend_pid()")
print(os.getpid(), os.getsid(0), *env.cr.fetchone())
"""
SLEEP = "import time; print('asleep', flush=True); time.sleep(600)"
#: Who begins ends without a word to the nursery.
BEGIN = """
from dev import forks
nursery = forks.Nursery({})
nursery._begin()
print("begun")
"""


@pytest.fixture
def database():
    name = testing.new_database("fault_forks")
    yield name
    testing.drop_database(name)


def test_each_is_a_process_with_a_session_and_a_connection_of_its_own(database):
    forks = [testing.start_script(database, WHO) for _number in range(2)]
    outputs = [fork.communicate()[0].split() for fork in forks]
    assert [fork.returncode for fork in forks] == [0, 0]
    for fork, (pid, session, name, _backend) in zip(forks, outputs, strict=True):
        assert (int(pid), int(session), name) == (fork.pid, fork.pid, database)
    assert len({fork.pid for fork in forks} | {os.getpid()}) == 3
    assert len({backend for *_others, backend in outputs}) == 2


def test_one_can_be_killed_and_the_others_go_on(database):
    fork, other = (testing.start_script(database, SLEEP) for _number in range(2))
    try:
        assert fork.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            fork.wait(0.1)
        os.killpg(fork.pid, signal.SIGKILL)
        assert fork.wait(10) == -signal.SIGKILL
        assert other.poll() is None
    finally:
        testing.end(fork)
        testing.end(other, signal.SIGKILL)
    assert other.returncode == -signal.SIGKILL


def test_a_script_that_fails_says_why(database):
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        testing.run_script(database, "1 / 0")


def test_the_nursery_ends_with_who_began_it():
    # It writes to the same pipe: there is an end of that once both have ended.
    command = [str(paths.PYTHON), "-c", BEGIN]
    output = subprocess.check_output(command, cwd=paths.ROOT, timeout=20)
    assert output == b"begun\n"


def test_the_nursery_is_no_child_of_the_tests(database):
    testing.run_script(database, "print()")
    assert not psutil.Process().children()
