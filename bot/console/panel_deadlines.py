"""What a case page shows about legal dates of a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.console.deps import ConsoleDeps
from bot.domain.case_deadlines import (
    ANEW,
    CHIP_DAYS,
    URGENT_DAYS,
    CaseDeadline,
    DeadlineState,
    DropReason,
    Interruption,
    last_day,
)
from bot.domain.cases import OpenedCase
from bot.domain.civil_time import civil_day
from bot.domain.deadlines import RULES
from bot.domain.ports import Unit
from bot.domain.staff import StaffMember
from bot.services import guard_deadlines
from knowledge.wording_deadlines import DeadlineWords

HEAD_DAYS = 14


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """One legal date in words; `would_end` is the last day by her own words where that is over already."""

    id: str
    label: str
    law: str
    counted_from: str
    event_on: date | None
    last_on: date | None
    would_end: date | None
    left: int | None
    look: str  # bad, wait, good, or ""
    sure: str
    state: str
    reason: str
    after: str
    anew_on: tuple[date, ...]
    hers: bool
    running: bool
    ended: bool  # done or dropped: nothing more can be done with it
    can_begin_anew: bool


@dataclass(frozen=True, slots=True)
class DeadlinePanel:
    """What the two templates need."""

    rows: tuple[DeadlineRow, ...]
    ended: tuple[DeadlineRow, ...]
    rules: tuple[tuple[str, str, str], ...]  # name, label, the day it counts from
    reasons: tuple[tuple[str, str], ...]
    interruptions: tuple[tuple[str, str], ...]
    today: date
    to_check: bool
    near: DeadlineRow | None  # the nearest within two weeks, for the head of an open case


def panel(unit: Unit, actor: StaffMember, opened: OpenedCase, now: datetime, deps: ConsoleDeps) -> object:
    """The values for _case_deadlines.html and _case_deadlines_acts.html, there under `panels.deadlines`."""
    words, today = deps.wording.deadlines, civil_day(now)
    rows = [_row(one, today, deps) for one in guard_deadlines.of_case(unit, opened.card.id)]
    shown = sorted((row for row in rows if not row.ended), key=_order)
    labels = deps.knowledge.deadlines
    return DeadlinePanel(
        tuple(shown),
        tuple(row for row in rows if row.ended),
        tuple((name, labels[name].label, words.event[name]) for name in RULES if name in labels),
        _named(words.reason, [reason.value for reason in DropReason]),
        _named(words.interruption, [kind.value for kind in Interruption]),
        today,
        any(row.running and row.last_on is None for row in shown),
        next((row for row in shown if opened.card.is_open and _is_near(row)), None),
    )


def _is_near(row: DeadlineRow) -> bool:
    return row.running and row.left is not None and 0 <= row.left <= HEAD_DAYS


def _order(row: DeadlineRow) -> tuple[bool, bool, date]:
    """What has no day yet first, then what runs, the nearest before others."""
    return not row.running, row.last_on is not None, row.last_on or date.min


def _row(one: CaseDeadline, today: date, deps: ConsoleDeps) -> DeadlineRow:
    words, known = deps.wording.deadlines, deps.knowledge.deadlines.get(one.rule)
    running, left = one.state is DeadlineState.RUNNING, one.days_left(today)
    over = one.event_on is not None and one.last_on is None
    return DeadlineRow(
        id=one.id,
        label=known.label if known else one.rule,
        law=known.law if known else "",
        counted_from=words.event.get(one.rule, ""),
        event_on=one.event_on,
        last_on=one.last_on,
        would_end=last_day(one.rule, one.event_on) if over and one.event_on else None,
        left=left,
        look=_look(one, left),
        sure=words.sure[one.sure.value],
        state=words.state[one.state.value],
        reason=words.reason[one.reason.value] if one.reason else "",
        after=_after(words, one, left),
        anew_on=one.interruptions,
        hers=one.is_hers,
        running=running,
        ended=one.state in (DeadlineState.DONE, DeadlineState.DROPPED),
        can_begin_anew=one.rule in ANEW and one.event_on is not None and one.last_on is not None,
    )


def _look(one: CaseDeadline, left: int | None) -> str:
    if one.state is DeadlineState.LAPSED or (one.state is DeadlineState.RUNNING and (left or 0) < 0):
        return "bad"
    if one.state is not DeadlineState.RUNNING:
        return ""
    if left is None:
        return "wait"
    return "bad" if left <= URGENT_DAYS else "wait" if left <= CHIP_DAYS else "good"


def _after(words: DeadlineWords, one: CaseDeadline, left: int | None) -> str:
    over = left is not None and left < 0 and one.state in (DeadlineState.RUNNING, DeadlineState.LAPSED)
    return words.after.get(one.rule, "") if over else ""


def _named(words: dict[str, str], keys: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((key, words[key]) for key in keys)
