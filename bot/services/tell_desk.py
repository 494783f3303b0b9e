"""Tells whoever handles a case, or the leaders, what became of it: number and kind, never a word of hers."""

from datetime import datetime

from bot.domain.cases import CaseCard
from bot.domain.ports import Unit
from bot.domain.staff import Power, StaffMember
from bot.services.case_gate import is_barred
from bot.services.case_messages import fill
from bot.services.notify_staff import notify
from knowledge.wording import Wording


def tell_handler(unit: Unit, card: CaseCard, text: str, now: datetime, wording: Wording) -> None:
    """The one who has the case in hand; where that is nobody any more, the leaders."""
    member = unit.staff.get(card.assignee) if card.assignee else None
    if member is None or not member.active or is_barred(unit, member, card):
        tell_leaders(unit, card, text, now, wording)
        return
    notify(unit, [member.id], _filled(text, card, wording), now, case_id=card.id)


def tell_leaders(unit: Unit, card: CaseCard, text: str, now: datetime, wording: Wording) -> None:
    """Every leader who may see the case."""
    told = [member.id for member in unit.staff.all() if _leads(unit, member, card)]
    notify(unit, told, _filled(text, card, wording), now, case_id=card.id)


def _leads(unit: Unit, member: StaffMember, card: CaseCard) -> bool:
    return member.may(Power.OPEN_ALL) and not is_barred(unit, member, card)


def _filled(text: str, card: CaseCard, wording: Wording) -> str:
    return fill(text, number=card.number, kind=wording.labels.kind[card.kind.value])
