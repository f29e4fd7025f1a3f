"""Who looks after whom in the demo: segments, collector rules, an absence.

Everything is decided by the same methods as the daily jobs; only the past of the
segments is told, as a database of one minute has none.
"""

from datetime import timedelta

SHARE_BATCHES_MAX = 100
#: Every third customer of today's segment came from another one on this day.
MOVED_DAYS_AGO = 140
KNOWN_DAYS_AGO = 365
AWAY_DAYS_BEFORE = 3
AWAY_DAYS_AFTER = 9
GOAL_OVERDUE_PERCENT = 25
GOAL_DAYS = 180


def give_owners(env, companies, users):
    """Put customers into segments, share them out, and send one collector away.

    Their figures must be up to date.

    :param users: the story's users, in the order of the cast.
    """
    people = {user.login: user for user in users}
    for key in ("main", "us"):
        _tell_segments(env, companies[key])
    _write_rules(env, companies, people)
    for key in ("main", "us"):
        _share_out(env, companies[key])
    _send_away(env, companies["main"], people)
    _set_goal(env, companies["main"], people)


def _tell_segments(env, company):
    """Today's segments by the rules, and some customers who were in another once."""
    segments = env["o2c.segment"].sudo()
    memberships = env["o2c.segment.membership"].sudo()
    found = [(debtor, after) for debtor, _before, after in segments._decide(company)]
    last = segments._segments_of(company)[-1:]
    today = company._o2c_today()
    memberships._move(
        [
            (debtor, segment if number % 3 else last.id)
            for number, (debtor, segment) in enumerate(found)
        ],
        today - timedelta(days=KNOWN_DAYS_AGO),
    )
    moved = [
        (debtor, segment)
        for number, (debtor, segment) in enumerate(found)
        if not number % 3 and segment != last.id
    ]
    memberships._move(moved, today - timedelta(days=MOVED_DAYS_AGO))


def _write_rules(env, companies, people):
    """Key accounts to one, the rest shared by two; America has its own."""
    clara, jonas, dana = (people[login] for login in ("collector", "jonas", "dana"))
    key_accounts = env.ref("o2c_base.segment_key_accounts")
    told = (
        ("Key accounts", "main", clara, key_accounts),
        ("All others", "main", clara + jonas, None),
        ("America", "us", dana, None),
    )
    env["o2c.collector.rule"].create(
        [
            {
                "name": name,
                "sequence": 10 * place,
                "company_id": companies[key].id,
                "collector_ids": [(6, 0, collectors.ids)],
                "segment_ids": [(6, 0, segment.ids if segment else [])],
            }
            for place, (name, key, collectors, segment) in enumerate(told, start=1)
        ]
    )


def _share_out(env, company):
    """As the daily job, in this transaction."""
    rules = env["o2c.collector.rule"].sudo()
    for _batch in range(SHARE_BATCHES_MAX):
        if not rules._assign_batch(company):
            return


def _send_away(env, company, people):
    """One collector is on holiday, another one acts for him."""
    today = company._o2c_today()
    env["o2c.collector.absence"].create(
        {
            "user_id": people["jonas"].id,
            "substitute_id": people["collector"].id,
            "company_id": company.id,
            "date_from": today - timedelta(days=AWAY_DAYS_BEFORE),
            "date_to": today + timedelta(days=AWAY_DAYS_AFTER),
            "note": "Holiday",
        }
    )


def _set_goal(env, company, people):
    """What the credit manager wants to reach within half a year."""
    today = company._o2c_today()
    env["o2c.kpi.goal"].create(
        {
            "metric": "overdue_share",
            "company_id": company.id,
            "target": GOAL_OVERDUE_PERCENT,
            "owner_id": people["credit"].id,
            "date_start": today,
            "date": today + timedelta(days=GOAL_DAYS),
        }
    )
