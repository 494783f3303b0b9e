"""The staff group's morning: on working days, what waits – numbers of cases and no words."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from bot.domain.case_deadlines import URGENT_DAYS
from bot.domain.cases import CaseCard
from bot.domain.civil_time import at_clock, civil_day, day_in_words, start_of_day
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.reply import Lane, Reply
from bot.services import group_queue
from bot.services.case_messages import fill
from bot.services.case_work import Desk

_FROM, _UNTIL = (8, 30), (18, 0)  # in Asia/Shanghai; a house that was down in the morning still tells
_TOLD = "group-digest-day"  # fact: the civil day that was told last
_PAGE = 1000
_SHOWN = 30  # numbers of one line


def sweep(unit: Unit, now: datetime, desk: Desk) -> int:
    """Tell the group once on a working day; 1 where it did."""
    day = civil_day(now)
    if desk.bell.channel is None or not desk.promises.is_open(day):
        return 0
    if not at_clock(day, *_FROM) <= now < at_clock(day, *_UNTIL):
        return 0
    if unit.facts.get(_TOLD) == day.isoformat():
        return 0
    unit.facts.put(_TOLD, day.isoformat())
    link = group_queue.desk_row(desk.bell.public_url, desk.wording.bell.open, "/cases")
    reply = Reply(_text(unit, now, day, desk), (link,) if link else ())
    group_queue.put(unit, desk.bell.channel, reply, now, None, Lane.NOTICE)
    return 1


def _text(unit: Unit, now: datetime, day: date, desk: Desk) -> str:
    words = desk.wording.group.digest
    said = day_in_words(day, day)
    lines = [_line(words.names[name], numbers, desk) for name, numbers in _waiting(unit, now, day) if numbers]
    if not lines:
        return fill(words.nothing, day=said)
    return "\n".join([fill(words.title, day=said), *lines])


def _line(name: str, numbers: Sequence[str], desk: Desk) -> str:
    words = desk.wording.group.digest
    shown = words.number_joint.join(numbers[:_SHOWN]) + (words.more if len(numbers) > _SHOWN else "")
    return fill(words.line, name=name, count=str(len(numbers)), numbers=shown)


def _waiting(unit: Unit, now: datetime, day: date) -> Iterable[tuple[str, Sequence[str]]]:
    """What waits, worst first. A clock that stands still makes nothing due."""
    cards = list(_open_cards(unit))
    running = sorted((card for card in cards if card.paused_at is None), key=lambda card: card.promised_at)
    tonight = start_of_day(day + timedelta(days=1))
    near = unit.deadlines.nearest([card.id for card in cards], day + timedelta(days=URGENT_DAYS))
    by_day = {case_id: one.last_on or day for case_id, one in near.items()}
    legal = sorted((card for card in cards if card.id in by_day), key=lambda card: by_day[card.id])
    yield "overdue", _numbers(card for card in running if card.promised_at < now)
    yield "today", _numbers(card for card in running if now <= card.promised_at < tonight)
    yield "unclaimed", _numbers(card for card in cards if card.assignee is None)
    yield "legal", _numbers(legal)
    known = {card.id: card for card in cards}
    yield "reviews", _numbers(known[case] for case in unit.team.waiting_reviews() if case in known)
    yield "silent", _numbers(known[case] for case in unit.partners.silent() if case in known)


def _open_cards(unit: Unit) -> Iterator[CaseCard]:
    """All of them, a page at a time."""
    offset = 0
    while page := unit.cases.cards(CaseFilter(open_only=True, limit=_PAGE, offset=offset)):
        yield from page
        offset += len(page)


def _numbers(cards: Iterable[CaseCard]) -> list[str]:
    return [card.number for card in cards]
