"""Tests that start processes of Odoo: all forks of one that has imported it."""

import pytest

from dev import testing


@pytest.fixture(autouse=True, scope="session")
def nursery():
    """A process that scripts are forked from, started when first needed."""
    with testing.nursery():
        yield
