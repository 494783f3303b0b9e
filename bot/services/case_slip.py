"""The slip that staff print: how to come back, and not a word on what it is about."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.cases import CaseCard, EventKind
from bot.domain.errors import NotAllowed
from bot.domain.ports import Unit
from bot.domain.receipt_codes import in_groups
from bot.domain.staff import Power, StaffMember
from bot.services.case_gate import on_duty, see_card


@dataclass(frozen=True, slots=True)
class Slip:
    """`code` in groups of five digits; `first`: nobody has printed or taken it up before."""

    card: CaseCard
    code: str
    first: bool


def print_slip(unit: Unit, actor: StaffMember, case_id: str, now: datetime) -> Slip:
    """The slip of a case, for whoever handles it or took it down; NotAllowed for others. Audited."""
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    if not may_print(unit, member, card):
        raise NotAllowed("slip")
    before = any(line.act == "print_slip" for line in unit.audit.lines(card.id, 200))
    seq = unit.audit.append(member.id, "print_slip", card.id, now)
    code = unit.links.receipt_code(card.id, seq)
    return Slip(card, in_groups(code), not before and not unit.cases.people_of(card.id))


def may_print(unit: Unit, member: StaffMember, card: CaseCard) -> bool:
    """A code opens the case elsewhere: only who handles it, a leader, or who took it down sees it."""
    if not member.may(Power.INTAKE):
        return False
    if member.may(Power.OPEN_ALL) or card.assignee == member.id:
        return True
    return any(event.by == member.id for event in unit.cases.outline(card.id, (EventKind.OPENED,)))
