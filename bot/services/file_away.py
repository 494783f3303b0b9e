"""Files a case away: the last state; a leader, or she herself, can still take it up again."""

from dataclasses import replace
from datetime import datetime

from bot.domain.cases import CaseCard, CaseStatus, EventKind, may_move
from bot.domain.closing import WhyFiled
from bot.domain.errors import MoveNotAllowed
from bot.domain.handovers import HandOverState
from bot.domain.ports import Unit
from bot.services import hand_over


def file_away(unit: Unit, card: CaseCard, why: WhyFiled, by: str, now: datetime) -> CaseCard:
    """`changed_at` stays: her words are kept for so long after the closing, not after the filing."""
    if not may_move(card.status, CaseStatus.ARCHIVED):
        raise MoveNotAllowed(card.id, card.status, CaseStatus.ARCHIVED)
    facts = {"from": card.status.value, "to": CaseStatus.ARCHIVED.value, "why": why.value}
    unit.audit.append(by, "file_away", card.id, now, facts)
    card = unit.cases.save_card(replace(card, status=CaseStatus.ARCHIVED, follow_up_at=None))
    unit.cases.add_event(card.id, EventKind.ARCHIVED, by=by, at=now, facts=facts)
    hand_over.end_all(unit, card.id, by, now, HandOverState.CANCELLED)
    return card
