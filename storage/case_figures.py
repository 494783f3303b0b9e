"""Figures over cases: counts and sums, no words."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from storage.database import Database, micros

# Civil days of Asia/Shanghai; no daylight saving there since 1991.
_SHIFT = 8 * 3600 * 1_000_000
_DAY = 24 * 3600 * 1_000_000
_EPOCH = date(1970, 1, 1)


def totals(db: Database, since: datetime, until: datetime) -> Mapping[str, int]:
    """What was opened, accepted and closed from `since` (inclusive) to `until` (exclusive).

    `accepted` counts cases that first became accepted in that time; the closing figures are those of the
    cases that were closed in it and are closed still; a withdrawn case is none of them.
    """
    span = {"since": micros(since), "until": micros(until)}
    opened = db.one(
        "select count(*) as opened, coalesce(sum(urgent), 0) as urgent from cases"
        " where opened_at >= :since and opened_at < :until",
        **span,
    )
    accepted = db.one(
        "select count(*) as accepted from (select case_id, min(at) as first from events"
        " where to_status = 'accepted' group by case_id) as t where first >= :since and first < :until",
        **span,
    )
    closed = db.one(
        "select count(*) as closed,"
        " coalesce(sum(case when outcome = 'mediated' then 1 else 0 end), 0) as mediated,"
        " coalesce(sum(people_helped), 0) as people_helped, coalesce(sum(recovered_fen), 0) as recovered_fen"
        " from cases where closed_at >= :since and closed_at < :until and status <> 'withdrawn'",
        **span,
    )
    assert opened is not None
    assert accepted is not None
    assert closed is not None
    return {
        "opened": opened["opened"], "urgent": opened["urgent"], "accepted": accepted["accepted"],
        "closed": closed["closed"], "mediated": closed["mediated"],
        "people_helped": closed["people_helped"], "recovered_fen": closed["recovered_fen"],
    }  # fmt: skip


def opened_per_day(db: Database, since: date, until: date) -> Mapping[date, int]:
    """Cases opened on each civil day from `since` to `until`, both included; days without any are 0."""
    rows = db.all(
        f"select (opened_at + {_SHIFT}) / {_DAY} as day, count(*) as number from cases"  # noqa: S608 – numbers
        f" where (opened_at + {_SHIFT}) / {_DAY} between :first and :last group by 1",
        first=(since - _EPOCH).days, last=(until - _EPOCH).days,
    )  # fmt: skip
    counted = {_EPOCH + timedelta(days=row["day"]): row["number"] for row in rows}
    days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
    return {day: counted.get(day, 0) for day in days}
