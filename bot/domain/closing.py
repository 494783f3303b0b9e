"""What comes after the work: which sums count as confirmed, when she is called back, when a case is filed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from bot.domain.cases import (
    CaseCard,
    CaseEvent,
    CaseStatus,
    Confirmed,
    EventKind,
    Outcome,
    RecoveredEvidence,
)

FOLLOW_UP_AFTER = timedelta(days=15)  # after closing she is asked again
CALL_AFTER = timedelta(days=5)  # no answer by then: somebody telephones
SILENT_FOR = timedelta(days=15)  # after the second question; then the case is filed away
REOPEN_WITHIN = timedelta(days=180)  # after closing; her words are kept no longer
MOST_TRIES = 3  # calls that reached nobody, on as many days
MOST_STARS = 5

# An agreement or a ruling says what is owed; only these show that it has come.
PROOFS = frozenset({RecoveredEvidence.TRANSFER, RecoveredEvidence.RECEIPT})
_SOLVED = frozenset({Outcome.MEDIATED, Outcome.AWARD, Outcome.JUDGMENT, Outcome.ADVISED})


class Question(StrEnum):
    """What she is asked after closing, besides how well she was helped."""

    MONEY = "money"  # has the sum come?
    SOLVED = "solved"
    NONE = "none"  # nothing was won: it went on elsewhere, or never belonged here


class CallResult(StrEnum):
    """What came of a call back."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    NOT_REACHED = "not_reached"


class WhyFiled(StrEnum):
    """Why a case went into the archive."""

    ANSWERED = "answered"
    SILENCE = "silence"
    TRIES = "tries"
    STAFF = "staff"
    WITHDRAWN = "withdrawn"


def question_of(card: CaseCard) -> Question:
    """What there is to ask about the outcome."""
    if card.recovered_fen:
        return Question.MONEY
    return Question.SOLVED if card.outcome in _SOLVED else Question.NONE


def asked_after(card: CaseCard) -> bool:
    """Whether she may still say how it went: closed, called back or filed, and not taken back by her."""
    return card.closed_at is not None and card.status in (
        CaseStatus.CLOSED, CaseStatus.FOLLOW_UP, CaseStatus.ARCHIVED,
    )  # fmt: skip


def needs_no_call(card: CaseCard) -> bool:
    """Whether nothing is left to ask, so that it can be filed away."""
    return card.confirmed is Confirmed.YES or question_of(card) is Question.NONE


def since_closing(events: Iterable[CaseEvent]) -> list[CaseEvent]:
    """The last closing and what came after it; [] where the case was never closed."""
    found: list[CaseEvent] = []
    for event in events:
        if event.kind is EventKind.CLOSED:
            found = [event]
        elif found:
            found.append(event)
    return found


def closings(events: Iterable[CaseEvent]) -> int:
    """How often the case was closed: a question belongs to one closing, an old button to an earlier one."""
    return sum(event.kind is EventKind.CLOSED for event in events)


def proven_fen(fen: int, evidence: RecoveredEvidence | None) -> int:
    """What counts as confirmed before she has said anything: a sum with a record of its payment."""
    return fen if evidence in PROOFS else 0


def confirmed_fen(card: CaseCard, events: Iterable[CaseEvent]) -> int:
    """Of the sum stated at the last closing, what counts as confirmed: her latest word, else a proof."""
    said = [event for event in since_closing(events) if event.kind is EventKind.CONFIRMED]
    if said:
        return int((said[-1].facts or {}).get("confirmed_fen", "0"))
    return proven_fen(card.recovered_fen, card.recovered_evidence)


def taken_up_again(card: CaseCard) -> CaseCard:
    """The card without what came of it: events keep the earlier closing, figures count only the last."""
    return replace(
        card, outcome=None, recovered_fen=0, people_helped=0, closed_at=None, recovered_kind=None,
        recovered_evidence=None, confirmed=None, satisfaction=None, follow_up_at=None,
    )  # fmt: skip
