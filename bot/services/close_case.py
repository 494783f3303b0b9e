"""Closing a case with what came of it."""

from dataclasses import replace
from datetime import datetime

from bot.domain.cases import CaseCard, CaseStatus, EventKind, Outcome, may_move
from bot.domain.errors import MoveNotAllowed, Refused
from bot.domain.money import LARGEST_SUM_FEN
from bot.domain.ports import Unit
from bot.domain.staff import Power, StaffMember
from bot.services import case_messages
from bot.services.case_gate import in_hand
from bot.services.case_work import Desk, checked_text, show_change, tell_her

MOST_PEOPLE = 100_000


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
    seen: int | None = None,
) -> CaseCard:
    """Close a case with its outcome, the sum won back (fen) and how many people it helped."""
    member, card = in_hand(unit, actor, case_id, Power.CLOSE, seen)
    if not may_move(card.status, CaseStatus.CLOSED):
        raise MoveNotAllowed(card.id, card.status, CaseStatus.CLOSED)
    if not 0 <= recovered_fen <= LARGEST_SUM_FEN:
        raise Refused("amount_range")
    if not 0 <= people_helped <= MOST_PEOPLE:
        raise Refused("people_range")
    said = checked_text(words) if words.strip() else ""
    facts = {
        "from": card.status.value,
        "to": CaseStatus.CLOSED.value,
        "outcome": outcome.value,
        "recovered_fen": str(recovered_fen),
        "people_helped": str(people_helped),
        "promised": card.promised_at.isoformat(),
    }
    unit.audit.append(member.id, "close", card.id, now, facts)
    card = unit.cases.save_card(
        replace(
            card,
            status=CaseStatus.CLOSED,
            outcome=outcome,
            recovered_fen=recovered_fen,
            people_helped=people_helped,
            closed_at=now,
            changed_at=now,
        )
    )
    unit.cases.add_event(card.id, EventKind.CLOSED, by=member.id, at=now, body=said, facts=facts)
    tell_her(unit, card, case_messages.closed(desk.wording, card, outcome, said), now)
    show_change(unit, card, now, desk)
    return card
