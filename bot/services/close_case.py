"""Closing a case with what came of it."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.cases import (
    CaseCard,
    CaseStatus,
    EventKind,
    Outcome,
    RecoveredEvidence,
    RecoveredKind,
    may_move,
)
from bot.domain.closing import FOLLOW_UP_AFTER, closings, proven_fen
from bot.domain.errors import MoveNotAllowed, Refused
from bot.domain.handovers import HandOverState
from bot.domain.money import LARGEST_SUM_FEN
from bot.domain.ports import Unit
from bot.domain.staff import Power, StaffMember
from bot.services import closing_messages, hand_over
from bot.services.case_gate import in_hand
from bot.services.case_work import Desk, checked_text, refuse_ended, show_change, tell_her

MOST_PEOPLE = 100_000
_HOW = "mediated"  # the note that says how it was settled without a mediation on record


def close(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    outcome: Outcome,
    now: datetime,
    desk: Desk,
    recovered_fen: int = 0,
    people_helped: int = 1,
    words: str = "",
    *,
    recovered_kind: RecoveredKind | None = None,
    evidence: RecoveredEvidence | None = None,
    how: str = "",
    seen: int | None = None,
) -> CaseCard:
    """Close a case with its outcome, the sum won back (fen) and how many people it helped.

    A sum needs its kind and what shows it, and those need a sum. MEDIATED needs a mediation on record, or
    `how`: an internal note that says how it was settled. She reads the outcome and `words`, and is asked
    whether it has come. Partner agencies see the case no more.
    """
    member, card = in_hand(unit, actor, case_id, Power.CLOSE, seen)
    if not may_move(card.status, CaseStatus.CLOSED):
        raise MoveNotAllowed(card.id, card.status, CaseStatus.CLOSED)
    refuse_ended(card)
    _check(recovered_fen, people_helped, recovered_kind, evidence)
    said = checked_text(words) if words.strip() else ""
    note = checked_text(how) if how.strip() else ""
    if outcome is Outcome.MEDIATED and not note and not was_mediated(unit, card):
        raise Refused("no_mediation")
    facts = {
        "from": card.status.value,
        "to": CaseStatus.CLOSED.value,
        "outcome": outcome.value,
        "recovered_fen": str(recovered_fen),
        "confirmed_fen": str(proven_fen(recovered_fen, evidence)),
        "people_helped": str(people_helped),
        "promised": card.promised_at.isoformat(),
    }
    if recovered_kind and evidence:
        facts |= {"recovered_kind": recovered_kind.value, "evidence": evidence.value}
    unit.audit.append(member.id, "close", card.id, now, facts)
    if note:
        unit.cases.add_event(card.id, EventKind.NOTE, by=member.id, at=now, body=note, facts={"how": _HOW})
    card = unit.cases.save_card(
        replace(
            card,
            status=CaseStatus.CLOSED,
            outcome=outcome,
            recovered_fen=recovered_fen,
            recovered_kind=recovered_kind,
            recovered_evidence=evidence,
            people_helped=people_helped,
            confirmed=None,
            satisfaction=None,
            paused_at=None,
            pause_reason=None,
            closed_at=now,
            changed_at=now,
            follow_up_at=desk.promises.after(now + FOLLOW_UP_AFTER, timedelta()),
        )
    )
    unit.cases.add_event(card.id, EventKind.CLOSED, by=member.id, at=now, body=said, facts=facts)
    hand_over.end_all(unit, card.id, member.id, now, HandOverState.CANCELLED)
    closing = closing_number(unit, card)
    tell_her(unit, card, closing_messages.closed(desk.wording, card, closing, said), now)
    show_change(unit, card, now, desk)
    return card


def closing_number(unit: Unit, card: CaseCard) -> int:
    """Which closing of the case the last one is, from 1."""
    return closings(unit.cases.outline(card.id, [EventKind.CLOSED]))


def was_mediated(unit: Unit, card: CaseCard) -> bool:
    """Whether a mediation is on record: the case was in that state, or a joint session was held."""
    if card.status is CaseStatus.MEDIATING:
        return True
    events = unit.cases.outline(card.id, [EventKind.STATUS, EventKind.SESSION])
    return any(
        event.kind is EventKind.SESSION or (event.facts or {}).get("to") == CaseStatus.MEDIATING
        for event in events
    )


def _check(fen: int, people: int, kind: RecoveredKind | None, evidence: RecoveredEvidence | None) -> None:
    if not 0 <= fen <= LARGEST_SUM_FEN:
        raise Refused("amount_range")
    if not 0 <= people <= MOST_PEOPLE:
        raise Refused("people_range")
    if fen and kind is None:
        raise Refused("recovered_kind")
    if fen and evidence is None:
        raise Refused("recovered_evidence")
    if not fen and (kind is not None or evidence is not None):
        raise Refused("recovered_sum")
