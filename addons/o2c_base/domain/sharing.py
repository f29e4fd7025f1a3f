"""Sharing customers evenly among collectors."""

import heapq


def share_evenly(customers, collectors, loads, totals):
    """Give each customer to the collector who has fewest of his kind.

    Among equals to who has fewest customers at all, then to who stands first. What
    somebody has he keeps, so a second call with nobody new changes nothing.

    :param customers: who is to be given away, in order
    :param collectors: who takes part
    :param loads: {collector: customers he has of this kind}
    :param totals: {collector: customers he has}; counted up here
    :return: {customer: collector}

    >>> share_evenly(["x", "y", "z"], ["ann", "ben"], {"ann": 1}, {"ann": 1})
    {'x': 'ben', 'y': 'ann', 'z': 'ben'}
    >>> share_evenly(["x", "y"], ["ann", "ben"], {}, {"ann": 5})
    {'x': 'ben', 'y': 'ann'}
    >>> share_evenly(["x"], [], {}, {})
    {}
    """
    heap = [
        (loads.get(collector, 0), totals.get(collector, 0), place, collector)
        for place, collector in enumerate(collectors)
    ]
    heapq.heapify(heap)
    shared = {}
    for customer in customers if heap else ():
        load, total, place, collector = heap[0]
        shared[customer] = collector
        totals[collector] = totals.get(collector, 0) + 1
        heapq.heapreplace(heap, (load + 1, total + 1, place, collector))
    return shared
