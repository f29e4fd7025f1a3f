"""Who acts while somebody is away."""


def acting(owner, substitutes):
    """Follow the substitutes until one of them is present.

    Where the line comes back to somebody in it, all are away and the owner stays in
    charge.

    :param owner: whose customers they are
    :param substitutes: {who is away: his substitute}
    :return: who acts

    >>> acting("ann", {})
    'ann'
    >>> acting("ann", {"ann": "ben"})
    'ben'
    >>> acting("ann", {"ann": "ben", "ben": "cleo"})
    'cleo'
    >>> acting("ann", {"ann": "ben", "ben": "ann"})
    'ann'
    >>> acting("ann", {"ann": "ben", "ben": "cleo", "cleo": "ben"})
    'ann'
    """
    seen = {owner}
    person = owner
    while person in substitutes:
        person = substitutes[person]
        if person in seen:
            return owner
        seen.add(person)
    return person
