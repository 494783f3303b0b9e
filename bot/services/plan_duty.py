"""The duty roster, substitutes, and handing over all cases of somebody at once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.cases import CaseCard
from bot.domain.civil_time import civil_day, plain_day
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.ports_duty import Absence
from bot.domain.staff import Power, StaffMember
from bot.services import duty
from bot.services.case_gate import is_barred, on_duty, require
from bot.services.case_work import Desk, hand_to
from bot.services.notify_staff import notify

MOST_DAYS = 92
_MOST_CASES = 10_000


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What became of somebody's open cases: `kept` are those that the taker may not have."""

    taker: StaffMember
    given: tuple[CaseCard, ...]
    kept: tuple[CaseCard, ...]


def plan(
    unit: Unit,
    actor: StaffMember,
    span: tuple[date, date],
    staff_ids: Sequence[str],
    now: datetime,
    desk: Desk,
    *,
    only_workdays: bool,
) -> int:
    """These are on duty on the days of the span, instead of whoever was; none empties it. How many days."""
    member = _planner(unit, actor)
    first, last = _checked(span, now)
    chosen = [_who(unit, staff_id) for staff_id in dict.fromkeys(staff_ids)]
    days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    if only_workdays:
        days = [day for day in days if desk.promises.is_open(day)]
    facts = {"first": first.isoformat(), "last": last.isoformat(), "staff": ",".join(duty.ids(chosen))}
    unit.audit.append(member.id, "plan_duty", "duty", now, facts)
    for day in days:
        unit.duty.plan(day, duty.ids(chosen))
    text = desk.wording.clock.notices.on_duty.format(first=plain_day(first), last=plain_day(last))
    notify(unit, [one.id for one in chosen if one.id != member.id], text, now, case_id=None)
    return len(days)


def add_absence(
    unit: Unit,
    actor: StaffMember,
    staff_id: str,
    substitute_id: str,
    span: tuple[date, date],
    now: datetime,
    desk: Desk,
) -> Absence:
    """Somebody is away, and who stands in."""
    member = _planner(unit, actor)
    first, last = _checked(span, now)
    away, substitute = _who(unit, staff_id), _who(unit, substitute_id)
    if away.id == substitute.id:
        raise Refused("duty_same")
    known = [one for one in unit.duty.absences(first) if one.first <= last]
    if any(one.staff == away.id for one in known):
        raise Refused("duty_overlap")
    if any(one.staff == substitute.id for one in known):
        raise Refused("substitute_away")
    absence = Absence(secrets.token_hex(8), away.id, substitute.id, first, last)
    facts = {"substitute": substitute.id, "first": first.isoformat(), "last": last.isoformat()}
    unit.audit.append(member.id, "absence", away.id, now, facts)
    unit.duty.add_absence(absence)
    text = desk.wording.clock.notices.substitute.format(
        name=away.name, first=plain_day(first), last=plain_day(last)
    )
    notify(unit, [substitute.id], text, now, case_id=None)
    return absence


def end_absence(unit: Unit, actor: StaffMember, absence_id: str, now: datetime) -> None:
    """She is back, or does not go."""
    member = _planner(unit, actor)
    ended = unit.duty.end_absence(absence_id)
    if ended is None:
        raise Refused("absence_gone")
    unit.audit.append(member.id, "absence_end", ended.staff, now)


def open_cases_of(unit: Unit, staff_id: str) -> list[CaseCard]:
    """What somebody has in hand."""
    found = unit.cases.cards(CaseFilter(assignee=staff_id, open_only=True, limit=_MOST_CASES))
    return [card for card in found if card.is_open]


def hand_over_all(
    unit: Unit, actor: StaffMember, staff_id: str, taker_id: str, now: datetime, desk: Desk
) -> HandedOver:
    """All open cases of a member, also of one whose account is switched off, go to another.

    Each woman is told once for each case; each case has its audit line, and the whole has one. Cases that a
    conflict of interest closes to the taker stay where they are.
    """
    member = _planner(unit, actor)
    taker, giver = _who(unit, taker_id), unit.staff.get(staff_id)
    if giver is None:
        raise Refused("duty_who")
    if giver.id == taker.id:
        raise Refused("duty_same")
    cards = open_cases_of(unit, giver.id)
    kept = tuple(card for card in cards if is_barred(unit, taker, card) or is_barred(unit, member, card))
    given = [card for card in cards if card not in kept]
    if not cards:
        raise Refused("nothing_to_hand")
    if not given:
        raise Refused("none_handed")
    facts = {"staff": taker.id, "given": str(len(given)), "kept": str(len(kept))}
    unit.audit.append(member.id, "hand_over_all", giver.id, now, facts)
    moved = tuple(hand_to(unit, member, card, taker, now, desk) for card in given)
    text = desk.wording.clock.notices.handed_over.format(name=giver.name, count=len(moved))
    notify(unit, [taker.id], text, now, case_id=None, urgent=any(card.urgent for card in moved))
    return HandedOver(taker, moved, kept)


def _planner(unit: Unit, actor: StaffMember) -> StaffMember:
    member = on_duty(unit, actor)
    require(member, Power.PLAN_DUTY)
    return member


def _who(unit: Unit, staff_id: str) -> StaffMember:
    member = unit.staff.get(staff_id)
    if member is None or not duty.can_take(member):
        raise Refused("duty_who")
    return member


def _checked(span: tuple[date, date], now: datetime) -> tuple[date, date]:
    first, last = span
    if first < civil_day(now):
        raise Refused("duty_past")
    if last < first:
        raise Refused("duty_order")
    if (last - first).days >= MOST_DAYS:
        raise Refused("duty_span", most=MOST_DAYS)
    return first, last
