"""By which channel a customer is reached, and what goes along with an e-mail."""

#: In the order in which one takes the place of another; the last is always there.
CHANNELS = {
    "email": "E-mail",
    "sms": "SMS",
    "letter": "Letter",
    "call": "Call",
    "todo": "Task",
}
#: Channels that carry a message of ours; the others are a person's.
WRITTEN = ("email", "sms", "letter")


def next_channel(after, reach):
    """Give the channel that takes the place of one that does not work.

    :param str after: the channel that does not work
    :param reach: channels the customer can be reached by

    >>> next_channel("email", {"letter", "call"}), next_channel("sms", {"email"})
    ('letter', 'todo')
    >>> next_channel("call", {"sms", "letter"}), next_channel("todo", {"call"})
    ('todo', 'todo')
    """
    order = list(CHANNELS)
    later = order[order.index(after) + 1 :]
    return next((channel for channel in later if channel in reach), "todo")


def fit(sizes, limit):
    """Say whether files fit into one e-mail: all, or none of them.

    Encoded for the mail, a file grows by a third.

    :param list sizes: in bytes
    :param limit: of the mail, in bytes

    >>> fit([300, 300], 1000), fit([400, 400], 1000)
    (True, False)
    >>> fit([], 0)
    True
    """
    return sum(sizes) * 4 <= limit * 3


def one_line_address(street, place, country):
    """Write a postal address on one line; nothing where it cannot be delivered to.

    >>> one_line_address("Hauptstr. 1", "10115 Berlin", "Germany")
    'Hauptstr. 1, 10115 Berlin, Germany'
    >>> one_line_address("Hauptstr. 1", "", "Germany")
    ''
    """
    parts = [" ".join((part or "").split()) for part in (street, place, country)]
    return ", ".join(filter(None, parts)) if parts[0] and parts[1] else ""
