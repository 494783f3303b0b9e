"""Who is to be told of a case, and who gets it next: roster, substitutes, and who has room."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from bot.domain.cases import CaseCard
from bot.domain.civil_time import civil_day, plain_moment
from bot.domain.ports import Unit
from bot.domain.staff import Power, StaffMember
from bot.services.bell import Bell
from bot.services.case_gate import is_barred
from bot.services.notify_staff import notify
from knowledge.wording import Wording


class HasBell(Protocol):
    """The desk of staff and that of the women's side both have one."""

    @property
    def bell(self) -> Bell: ...


def alarm(unit: Unit, card: CaseCard, now: datetime, desk: HasBell) -> None:
    """A case is urgent: whoever has it, whoever is on duty and the leaders hear at once, day and night."""
    words = desk.bell.wording.clock.notices
    told = [*responsible(unit, card, now), *on_duty_or_all(unit, card, now), *leaders(unit, card)]
    text = notice_text(desk.bell.wording, words.alarm, card, now)
    notify(unit, ids(told), text, now, case_id=card.id, urgent=True)


def on_duty_now(unit: Unit, now: datetime) -> list[StaffMember]:
    """Who is on duty on this civil day and can take cases."""
    return takers(unit, unit.duty.on_duty(civil_day(now)))


def on_duty_or_all(unit: Unit, card: CaseCard, now: datetime) -> list[StaffMember]:
    """Whoever is on duty; everybody who takes cases where nobody is."""
    return _free_for(unit, on_duty_now(unit, now), card) or _free_for(unit, takers(unit), card)


def responsible(unit: Unit, card: CaseCard, now: datetime) -> list[StaffMember]:
    """Who has the case, and who stands in for her today."""
    if card.assignee is None:
        return []
    absence = unit.duty.absence_of(card.assignee, civil_day(now))
    known = (unit.staff.get(one) for one in (card.assignee, absence.substitute if absence else None) if one)
    return _free_for(unit, [one for one in known if one is not None and one.active], card)


def watchers(unit: Unit, card: CaseCard, now: datetime) -> list[StaffMember]:
    """Whom a reminder goes to: whoever has the case, otherwise whoever is on duty."""
    return responsible(unit, card, now) or on_duty_or_all(unit, card, now)


def leaders(unit: Unit, card: CaseCard | None = None) -> list[StaffMember]:
    """Those who answer for all cases; without those whom a conflict of interest closes this one to."""
    found = [one for one in unit.staff.all() if one.may(Power.OPEN_ALL) and one.may(Power.ASSIGN)]
    return found if card is None else _free_for(unit, found, card)


def takers(unit: Unit, wanted: Iterable[str] | None = None) -> list[StaffMember]:
    """Active members who can be given a case: all, or those of `wanted` in its order."""
    known = {one.id: one for one in unit.staff.all()}
    members = known.values() if wanted is None else (known[one] for one in wanted if one in known)
    return [one for one in members if can_take(one)]


def can_take(member: StaffMember) -> bool:
    """Officers and leaders; a lawyer is asked, not given."""
    return member.may(Power.CLAIM) and member.may(Power.REPLY) and member.may(Power.OPEN_ASSIGNED)


def substitute(unit: Unit, card: CaseCard, now: datetime) -> StaffMember | None:
    """Who stands in today for whoever has the case, where that member can take it."""
    absence = unit.duty.absence_of(card.assignee, civil_day(now)) if card.assignee else None
    if absence is None:
        return None
    return next(iter(_eligible(unit, takers(unit, [absence.substitute]), card, now)), None)


def next_taker(unit: Unit, card: CaseCard, now: datetime) -> StaffMember | None:
    """Who gets a case that stays silent: on duty today, the substitute, whoever has fewest open cases.

    Never the one who has it, nobody who is away, nobody barred. Leaders only where no officer is left.
    """
    room = unit.duty.open_counts()
    on_duty = _eligible(unit, on_duty_now(unit, now), card, now)
    if on_duty:
        return min(on_duty, key=lambda one: room.get(one.id, 0))
    standing_in = substitute(unit, card, now)
    if standing_in is not None:
        return standing_in
    others = _eligible(unit, takers(unit), card, now)
    return min(others, key=lambda one: (one.may(Power.OPEN_ALL), room.get(one.id, 0), one.name), default=None)


def ids(members: Iterable[StaffMember]) -> list[str]:
    """Their ids, each once."""
    return list(dict.fromkeys(one.id for one in members))


def notice_text(wording: Wording, frame: str, card: CaseCard, now: datetime, **values: str) -> str:
    """A notice about a case: its number, its kind, by when. Every value is of our own making."""
    kind = wording.labels.kind[card.kind.value]
    by = plain_moment(card.promised_at)  # kept for long: no "tomorrow"
    return frame.format(number=card.number, kind=kind, by=by, **values)


def _free_for(unit: Unit, members: Iterable[StaffMember], card: CaseCard) -> list[StaffMember]:
    return [one for one in members if not is_barred(unit, one, card)]


def _eligible(unit: Unit, members: Iterable[StaffMember], card: CaseCard, now: datetime) -> list[StaffMember]:
    today = civil_day(now)
    return [
        one
        for one in _free_for(unit, members, card)
        if one.id != card.assignee and unit.duty.absence_of(one.id, today) is None
    ]
