"""Rules on disputed amounts, in plain Python."""

#: States in which the disputed part rests.
OPEN_STATES = ("open", "waiting")
#: States that take room on the invoice: what was accepted is disputed no more, but
#: cannot be disputed again.
COUNTED_STATES = (*OPEN_STATES, "accepted")


def resting(amount, accepted=None):
    """What of a dispute rests: all of it until somebody has decided, then that part.

    >>> resting(200.0)
    200.0
    >>> resting(200.0, accepted=50.0)
    50.0
    >>> resting(200.0, accepted=500.0)
    200.0
    """
    return amount if accepted is None else min(amount, accepted)


def shares(amount, parts, rounding=0.01):
    """An amount divided in proportion to parts, to the cent.

    What rounding leaves over goes to the largest part.

    >>> shares(100.0, [1.0, 1.0, 1.0])
    [33.34, 33.33, 33.33]
    >>> shares(50.0, [100.0, -50.0, 50.0])
    [50.0, -25.0, 25.0]
    >>> shares(10.0, [0.0])
    [10.0]
    >>> shares(10, [3.0, 1.0], rounding=1.0)
    [8.0, 2.0]
    """
    if not parts:
        return []
    total = sum(parts)
    steps = [
        round((amount * part / total if total else 0.0) / rounding) for part in parts
    ]
    largest = max(range(len(parts)), key=lambda index: abs(parts[index]))
    steps[largest] += round(amount / rounding) - sum(steps)
    return [round(step * rounding, 10) for step in steps]


def hours_text(hours):
    """Hours as people say them.

    >>> hours_text(1.5), hours_text(16), hours_text(0.0)
    ('1.5', '16', '0')
    """
    return f"{hours:.1f}".removesuffix(".0")
