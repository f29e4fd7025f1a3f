"""Goals: how far a figure has come from where it stood to where it should be.

>>> progress(baseline=60, value=50, target=40, better="lower")
50
>>> progress(baseline=60, value=70, target=40, better="lower")
0
>>> progress(baseline=None, value=None, target=40, better="lower")
0
"""


def is_reached(value, target, better):
    """Whether a figure is where it should be; one that is n/a is not.

    >>> is_reached(40, 40, "lower"), is_reached(79, 80, "higher")
    (True, False)
    """
    if value is None:
        return False
    return value <= target if better == "lower" else value >= target


def progress(baseline, value, target, better):
    """Whole percent of the way, from 0 to 100; 100 only when it is reached.

    >>> progress(baseline=60, value=40.01, target=40, better="lower")
    99
    """
    if is_reached(value, target, better):
        return 100
    if value is None or baseline is None or is_reached(baseline, target, better):
        return 0
    share = (value - baseline) / (target - baseline)
    return max(0, min(99, int(share * 100)))


def state(value, target, better, is_over):
    """open while it runs; then reached or missed.

    >>> state(50, 40, "lower", is_over=False), state(50, 40, "lower", is_over=True)
    ('open', 'missed')
    """
    if not is_over:
        return "open"
    return "reached" if is_reached(value, target, better) else "missed"
