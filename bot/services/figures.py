"""The figures of the desk's home page: counts over cards and events, no words of anybody.

Days and months are civil ones of Asia/Shanghai.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.cases import CaseCard, CaseEvent, EventKind
from bot.domain.civil_time import civil_day, start_of_day
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter

SMALL_CELL = 5  # a published number below it could point at a person
CHART_DAYS = 14
_ALL = 100_000
_ANSWERS = frozenset({EventKind.REPLY, EventKind.ASK_MORE, EventKind.CLOSED})
_WITH_PROMISE = _ANSWERS | {EventKind.CLAIMED, EventKind.ASSIGNED, EventKind.STATUS}


@dataclass(frozen=True, slots=True)
class Kept:
    """First answers of a period: in time, late or still missing past their time, and not due yet."""

    in_time: int
    late: int
    waiting: int

    @property
    def percent(self) -> int | None:
        """In time among those that were due; None where none was."""
        due = self.in_time + self.late
        return round(100 * self.in_time / due) if due else None


@dataclass(frozen=True, slots=True)
class Figures:
    """What the home page shows."""

    opened_today: int
    closed_today: int
    unclaimed: int
    due_today: int
    overdue: int
    urgent: int
    kept: Kept
    month: Mapping[str, int]  # opened, closed, mediated, people_helped, recovered_fen
    per_day: Mapping[date, int]  # the last 14 days, today last


def day_figures(unit: Unit, now: datetime) -> Figures:
    """The day's and the month's figures at `now`."""
    today = civil_day(now)
    midnight, tomorrow = start_of_day(today), start_of_day(today + timedelta(days=1))
    month = start_of_day(today.replace(day=1))
    so_far = unit.cases.totals(midnight, tomorrow)
    cards = unit.cases.cards(CaseFilter(open_only=True, limit=_ALL))
    return Figures(
        opened_today=so_far.get("opened", 0),
        closed_today=so_far.get("closed", 0),
        unclaimed=sum(card.assignee is None for card in cards),
        due_today=sum(now <= card.promised_at < tomorrow for card in cards),
        overdue=sum(card.promised_at < now for card in cards),
        urgent=sum(card.urgent for card in cards),
        kept=promises_kept(unit, month, now),
        month=unit.cases.totals(month, tomorrow),
        per_day=opened_per_day(unit, today),
    )


def opened_per_day(unit: Unit, today: date, days: int = CHART_DAYS) -> Mapping[date, int]:
    """Cases opened on each of the last days, with zeros, today last."""
    first = today - timedelta(days=days - 1)
    counted = unit.cases.opened_per_day(first, today)
    wanted = [first + timedelta(days=ahead) for ahead in range(days)]
    return {day: counted.get(day, 0) for day in wanted}


def promises_kept(unit: Unit, since: datetime, now: datetime) -> Kept:
    """First answers in cases opened since then; withdrawn ones without an answer do not count."""
    in_time = late = waiting = 0
    for card in unit.cases.cards(CaseFilter(limit=_ALL)):
        if card.opened_at < since:
            continue
        match _first_answer(card, unit.cases.outline(card.id, _WITH_PROMISE), now):
            case True:
                in_time += 1
            case False:
                late += 1
            case None:
                waiting += 1
    return Kept(in_time, late, waiting)


def _first_answer(card: CaseCard, events: Sequence[CaseEvent], now: datetime) -> bool | None:
    """Whether the first promise was kept; None where it is not due, or she withdrew before.

    Acts that may put the promise off remember what it was ("promised"), so the first one counts.
    """
    facts = [event.facts["promised"] for event in events if event.facts and "promised" in event.facts]
    promised = datetime.fromisoformat(facts[0]) if facts else card.promised_at
    answered = next((event.at for event in events if event.kind in _ANSWERS), None)
    if answered is not None:
        return answered <= promised
    ended = card.closed_at is not None or card.status == "withdrawn"
    return False if promised < now and not ended else None
