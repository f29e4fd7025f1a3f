"""A database with twelve written letters per test, a mail sink, and workers."""

from contextlib import ExitStack
from itertools import count

import pytest

from dev import testing
from tests.faults.house import HERE, RUN, House

NUMBERS = count()


@pytest.fixture(scope="session")
def written():
    """A database in which a run has written twelve letters, none of them sent."""
    database = testing.new_database("fault_written")
    try:
        script = (HERE / "seed.py").read_text() + f"{RUN}\nenv.cr.commit()\n"
        testing.run_script(database, script)
        yield database
    finally:
        testing.drop_database(database)


@pytest.fixture
def house(written, tmp_path):
    """A copy of that database, with the means to work on it."""
    database = testing.new_database(f"fault_{next(NUMBERS)}", template=written)
    with ExitStack() as stack:
        stack.callback(testing.drop_database, database)
        house = House(database, stack, tmp_path)
        yield house
        house.close()
