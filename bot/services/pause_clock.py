"""The promise clock stands still, with a reason that she is told, and runs again."""

from dataclasses import replace
from datetime import datetime

from bot.domain import silence
from bot.domain.cases import CaseCard, EventKind, PauseReason
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.promises import Promises
from bot.domain.staff import Power, StaffMember
from bot.services import clock_messages
from bot.services.case_gate import in_hand
from bot.services.case_work import Desk, checked_text, refuse_ended, show_change, tell_her


def pause(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    reason: PauseReason | None,
    words: str,
    now: datetime,
    desk: Desk,
    *,
    seen: int | None = None,
) -> CaseCard:
    """Stop the clock. A promise that is over already is not paused away: she is answered first."""
    member, card = in_hand(unit, actor, case_id, Power.MOVE, seen)
    refuse_ended(card)
    if reason is None:
        raise Refused("pause_reason")
    if card.paused_at is not None:
        raise Refused("already_paused")
    if card.promised_at <= now:
        raise Refused("pause_late")
    said = checked_text(words) if words.strip() else ""
    facts = {"reason": reason.value}
    unit.audit.append(member.id, "pause", card.id, now, facts)
    facts |= {"promised": card.promised_at.isoformat()}
    card = unit.cases.save_card(replace(card, paused_at=now, pause_reason=reason, changed_at=now))
    unit.cases.add_event(card.id, EventKind.PAUSED, by=member.id, at=now, body=said, facts=facts)
    tell_her(unit, card, clock_messages.paused(card, reason, said, desk), now)
    show_change(unit, card, now, desk)
    return card


def resume(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    words: str,
    now: datetime,
    desk: Desk,
    *,
    seen: int | None = None,
) -> CaseCard:
    """Let the clock run again: the promise moves on by the working time that it stood still."""
    member, card = in_hand(unit, actor, case_id, Power.MOVE, seen)
    refuse_ended(card)
    if card.paused_at is None:
        raise Refused("not_paused")
    said = checked_text(words) if words.strip() else ""
    unit.audit.append(member.id, "resume", card.id, now)
    card = silence.resumed(card, desk.promises, now)
    card = unit.cases.save_card(replace(card, changed_at=now))
    facts = {"promised": card.promised_at.isoformat()}
    unit.cases.add_event(card.id, EventKind.RESUMED, by=member.id, at=now, body=said, facts=facts)
    tell_her(unit, card, clock_messages.resumed(card, said, now, desk), now)
    show_change(unit, card, now, desk)
    return card


def resume_by_her(unit: Unit, card: CaseCard, now: datetime, promises: Promises) -> CaseCard:
    """She wrote, so an answer is due: the clock runs again, whatever it waited for. Callers keep the card."""
    if card.paused_at is None:
        return card
    card = silence.resumed(card, promises, now)
    facts = {"promised": card.promised_at.isoformat()}
    unit.cases.add_event(card.id, EventKind.RESUMED, by="system", at=now, facts=facts)
    return card
