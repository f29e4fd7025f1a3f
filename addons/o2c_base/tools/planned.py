"""Statements that PostgreSQL plans once for a connection, not each time.

Where a statement of many parts looks one customer up, planning it takes many times as
long as running it (measured: 9 ms and 0.5 ms for the exposure of one customer).
"""

import hashlib
import re
from datetime import date, datetime
from functools import lru_cache
from itertools import count

#: What the connection is known to have planned already, in this transaction: with a
#: pooler in between, the next one may have another connection.
PLANNED = "o2c_planned"
PREFIX = "o2c_"
#: Statements that a connection keeps: the decision takes 10 MB of PostgreSQL's memory,
#: most take 1 to 5. Their texts differ by which companies and claims there are: there
#: are a few of each; more mean that a text holds what belongs in parameters.
PLANS_MAX = 10
#: Looking one customer up takes a millisecond; starting parallel workers for it took
#: twenty, as the plan is made for more of them.
SETTINGS = (
    "SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0;"
    " SET LOCAL plan_cache_mode = force_generic_plan;"
)
#: Types of parameters; a truth is an integer too, a moment is a day: they come first.
TYPES = {
    bool: "boolean",
    int: "integer",
    float: "numeric",
    str: "text",
    datetime: "timestamp",
    date: "date",
    type(None): "text",
}


def execute_planned(cr, query):
    """Run a query by the plan that is kept for it.

    The plan is made without knowing the parameters, so it serves statements that
    start from an index. It is named after the statement's text: who changes the text
    has another plan.

    :param query: SQL object; its parameters are of one of the TYPES, lists of them, or
        None where the text casts it
    :return: list of dicts
    """
    types = ", ".join(map(_type, query.params))
    name, text = _statement(query.code, types)
    if not _plan(cr, name, text):
        cr.execute(query)
        return cr.dictfetchall()
    values = ", ".join(["%s"] * len(query.params))
    # pylint: disable-next=sql-injection  # names and text of our own
    cr.execute(
        f"{SETTINGS} EXECUTE {name}" + (f" ({values})" if values else ""),
        query.params,
    )
    return cr.dictfetchall()


def remember_plans(cr, names):
    """Spare asking, in this transaction, which statements the connection has planned.

    :param set names: of a caller whose connection stays the same over transactions,
        kept by him from one to the next
    """
    cr.precommit.data[PLANNED] = names


@lru_cache(maxsize=256)
def _statement(code, types):
    """Name and text of a statement; of the same ones again and again, so kept."""
    numbers = count(1)
    code = re.sub(
        "%([%s])",
        lambda found: "%" if found[1] == "%" else f"${next(numbers)}",
        code,
    )
    text = f"({types}) AS {code}" if types else f"AS {code}"
    return PREFIX + hashlib.sha256(text.encode()).hexdigest()[:40], text


def _plan(cr, name, text):
    """Have the connection know the statement.

    :return: whether it does; not where it knows too many already, as each takes memory
    """
    planned = cr.precommit.data.setdefault(PLANNED, set())
    if name in planned:
        return True
    cr.execute("SELECT name FROM pg_prepared_statements")
    planned.update(found for (found,) in cr.fetchall())
    if name not in planned:
        if len(planned) >= PLANS_MAX:
            return False
        # pylint: disable-next=sql-injection  # text of our own, see SQL objects
        cr.execute(f"PREPARE {name} {text}")
        planned.add(name)
    return True


def _type(value):
    """The PostgreSQL type of a parameter."""
    if isinstance(value, list):
        return f"{_type(value[0])}[]" if value else "integer[]"
    return next(name for kind, name in TYPES.items() if isinstance(value, kind))
