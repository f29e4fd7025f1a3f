"""The demo: a company with twelve months of history, or a CSV of open items.

``story`` tells the first, ``ledger`` loads the second; both end with the
first run of the chase. The modules below them:

* ``cast``: who the customers are and how they pay (data);
* ``history``: the year, worked out as plain values from the cast and a date;
* ``companies``: companies, currencies and users;
* ``booking``: planned documents become posted journal entries;
* ``credit``: limits, cover, orders on hold;
* ``owners``: segments, who looks after whom, who is away;
* ``ledger_file``: a CSV becomes items and a list of bad rows;
* ``first_run``: refresh, preview, switch on, run, send.
"""
