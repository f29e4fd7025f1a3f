"""What messages that are written together share."""


class Together(dict):
    """Templates, frames and texts of one lot of messages, made once.

    It travels in the context, as ``o2c_together``. One lot is another one's equal only
    if it is the same, so that fields which depend on it are computed anew for each.
    """

    __eq__ = object.__eq__
    __ne__ = object.__ne__
    __hash__ = object.__hash__
