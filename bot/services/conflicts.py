"""Conflict of interest: who has to do with the employer does not see the case any more."""

from dataclasses import replace
from datetime import datetime

from bot.domain.cases import CaseCard, EventKind
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.staff import Power, StaffMember
from bot.services.case_gate import on_duty, require, see_card
from bot.services.case_work import Desk, show_change
from bot.services.notify_staff import notify

_MOST = 1000  # open cases about one employer in one pair of hands


def declare_conflict(
    unit: Unit, actor: StaffMember, case_id: str, now: datetime, desk: Desk
) -> list[CaseCard]:
    """The member has to do with the employer: this case, and the others about it, are closed to her at once.

    What she had in hand is free again and the leaders are told; drafts stay with the case. Returns the
    cards that changed hands.
    """
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    unit.audit.append(member.id, "declare_conflict", card.id, now)
    unit.team.keep_conflict(card.id, member.id, card.employer_id, now)
    unit.team.drop_asks_of(card.id, member.id)
    freed = [_free(unit, member, one, now, desk) for one in _in_her_hands(unit, member, card)]
    if card.id not in {one.id for one in freed}:
        _keep_event(unit, member, card, now)
    leaders = [one.id for one in unit.staff.all() if one.may(Power.ASSIGN) and one.id != member.id]
    for one in freed:
        kind = desk.wording.labels.kind[one.kind.value]
        text = desk.wording.team.notices.conflict.format(number=one.number, kind=kind)
        notify(unit, leaders, text, now, case_id=one.id, urgent=one.urgent)
    return freed


def lift_conflict(
    unit: Unit, actor: StaffMember, case_id: str, staff_id: str, now: datetime, desk: Desk
) -> None:
    """A leader opens the case to the member again; it was declared by mistake, or is over."""
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, Power.ASSIGN)
    unit.audit.append(member.id, "lift_conflict", card.id, now, {"staff": staff_id})
    unit.team.drop_conflict(card.id, staff_id)
    unit.cases.add_event(
        card.id, EventKind.CONFLICT, by=member.id, at=now, facts={"staff": staff_id, "state": "lifted"}
    )
    show_change(unit, card, now, desk)


def _in_her_hands(unit: Unit, member: StaffMember, card: CaseCard) -> list[CaseCard]:
    """This case and the open ones about the same employer, where they are hers."""
    hers = [card] if card.assignee == member.id else []
    if card.employer_id is not None:
        about = CaseFilter(assignee=member.id, employer_id=card.employer_id, open_only=True, limit=_MOST)
        hers += [one for one in unit.cases.cards(about) if one.id != card.id]
    return hers


def _free(unit: Unit, member: StaffMember, card: CaseCard, now: datetime, desk: Desk) -> CaseCard:
    card = unit.cases.save_card(replace(card, assignee=None, changed_at=now))
    _keep_event(unit, member, card, now)
    show_change(unit, card, now, desk)
    return card


def _keep_event(unit: Unit, member: StaffMember, card: CaseCard, now: datetime) -> None:
    unit.cases.add_event(
        card.id, EventKind.CONFLICT, by=member.id, at=now, facts={"staff": member.id, "state": "declared"}
    )
