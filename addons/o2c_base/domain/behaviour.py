"""What a trend of days late means."""

#: Days by which the average must have moved before it is called a change.
STEADY_WITHIN = 1


def direction(trend):
    """Whether a customer pays worse, better or as before; False if unknown.

    >>> direction(3), direction(-1.5), direction(0.9), direction(None)
    ('worse', 'better', 'steady', False)
    """
    if trend is None:
        return False
    if abs(trend) <= STEADY_WITHIN:
        return "steady"
    return "worse" if trend > 0 else "better"
