"""What a case page shows about closing, call-back, archive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.console.deps import ConsoleDeps
from bot.domain.case_deadlines import DeadlineState
from bot.domain.cases import CaseEvent, CaseStatus, EventKind, OpenedCase, RecoveredEvidence, RecoveredKind
from bot.domain.civil_time import civil_day
from bot.domain.closing import (
    MOST_TRIES,
    CallResult,
    Question,
    asked_after,
    closings,
    confirmed_fen,
    question_of,
    since_closing,
)
from bot.domain.handovers import RUNNING
from bot.domain.ports import Unit
from bot.domain.staff import StaffMember
from bot.services.close_case import was_mediated
from bot.services.follow_up import tries
from bot.services.guard_deadlines import of_case
from bot.services.suggest_lesson import LONGEST
from knowledge.wording_closing import ClosingWords

_SHOWN = frozenset({EventKind.CONFIRMED, EventKind.RATED, EventKind.FOLLOWED_UP, EventKind.ARCHIVED})


@dataclass(frozen=True, slots=True)
class ClosingPanel:
    """`unfinished` counts what a closing would leave behind; `after` is what happened since the closing."""

    words: ClosingWords
    unfinished: Mapping[str, int]
    mediated: bool
    closings: int
    confirmed_fen: int
    after: tuple[CaseEvent, ...]
    tries: int
    asks_money: bool
    may_call: bool
    next_day: date | None  # when the clock looks at it again
    lesson_longest: int = LONGEST
    most_tries: int = MOST_TRIES
    kinds: tuple[RecoveredKind, ...] = tuple(RecoveredKind)
    evidence: tuple[RecoveredEvidence, ...] = tuple(RecoveredEvidence)
    calls: tuple[CallResult, ...] = tuple(CallResult)


def panel(unit: Unit, actor: StaffMember, opened: OpenedCase, now: datetime, deps: ConsoleDeps) -> object:
    """The values for _case_closing.html and _case_closing_acts.html, there under `panels.closing`."""
    card, about = opened.card, question_of(opened.card)
    return ClosingPanel(
        words=deps.wording.closing,
        unfinished=_unfinished(unit, opened) if card.is_open else {},
        mediated=was_mediated(unit, card),
        closings=closings(opened.events),
        confirmed_fen=confirmed_fen(card, opened.events) if card.outcome else 0,
        after=tuple(event for event in since_closing(opened.events) if event.kind in _SHOWN),
        tries=tries(unit, card),
        asks_money=about is Question.MONEY,
        may_call=asked_after(card) and card.status is not CaseStatus.ARCHIVED and about is not Question.NONE,
        next_day=civil_day(card.follow_up_at) if card.follow_up_at else None,
    )


def _unfinished(unit: Unit, opened: OpenedCase) -> dict[str, int]:
    case_id = opened.card.id
    counts = {
        "drafts": len(opened.drafts),
        "tasks": sum(task.done_at is None for task in unit.team.tasks_of(case_id)),
        "handovers": sum(one.state in RUNNING for one in unit.partners.of_case(case_id)),
        "deadlines": sum(one.state is DeadlineState.RUNNING for one in of_case(unit, case_id)),
    }
    return {name: count for name, count in counts.items() if count}
