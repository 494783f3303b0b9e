"""What happens when a legal date comes near or lapses: staff, leaders, she; each step once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from bot.conversation.actions import see_case, write_to_case
from bot.domain.case_deadlines import (
    LAPSED_STEP,
    LEADER_DAYS,
    NOT_YET,
    URGENT_DAYS,
    CaseDeadline,
    DeadlineState,
)
from bot.domain.cases import CaseCard, EventKind
from bot.domain.civil_time import civil_day, day_in_words, local, plain_day
from bot.domain.ports import Unit
from bot.domain.reply import Button, Lane, Reply
from bot.domain.staff import StaffMember
from bot.services import duty, pause_clock
from bot.services.case_work import Desk, announce, numbered, show_change, tell_her
from bot.services.notify_staff import notify
from knowledge.wording import Wording

_STAFF_HOURS = range(8, 21)  # for what is not pressing; Asia/Shanghai
_HER_HOURS = range(9, 20)
_ASKED = 0  # `warned` of a date without a day: staff were asked once to find it out


def warn(unit: Unit, card: CaseCard, deadline: CaseDeadline, now: datetime, desk: Desk) -> bool:
    """Do what is due for one legal date; whether anything was done."""
    if deadline.state is not DeadlineState.RUNNING:
        return False
    after = _ask_for_day(unit, card, deadline, now, desk)
    after = _warn_staff(unit, card, after, now, desk)
    after = _remind_her(unit, card, after, now, desk)
    if after == deadline:
        return False
    unit.deadlines.keep(after)
    return True


def tell_of_change(
    unit: Unit, card: CaseCard, deadline: CaseDeadline, now: datetime, desk: Desk, what: str
) -> None:
    """She learns of a date that is hers to keep: set (with its day), done, dropped. Never what it is for."""
    if not deadline.is_hers or deadline.last_on is None:
        return
    her = desk.wording.deadlines.her
    left = deadline.days_left(civil_day(now))
    assert left is not None
    if what == "set" and left < 0:
        return  # that it is over is told by the warning
    frame = {"set": her.told_set, "done": her.told_done, "dropped": her.told_dropped}[what]
    text = _filled(frame, day=day_in_words(deadline.last_on, civil_day(now)), left=left)
    tell_her(unit, card, _reply(desk.wording, card, text), now)


def _ask_for_day(
    unit: Unit, card: CaseCard, deadline: CaseDeadline, now: datetime, desk: Desk
) -> CaseDeadline:
    """A day after a date was noted without its day, staff are asked once to find it out."""
    if deadline.last_on is not None or deadline.warned != NOT_YET or local(now).hour not in _STAFF_HOURS:
        return deadline
    if deadline.look_on is None or deadline.look_on > civil_day(now):
        return deadline
    words = desk.wording.deadlines.staff
    if card.is_open:
        _tell_staff(unit, card, duty.watchers(unit, card, now), words.to_check, now, desk)
    return replace(deadline, warned=_ASKED)


def _warn_staff(
    unit: Unit, card: CaseCard, deadline: CaseDeadline, now: datetime, desk: Desk
) -> CaseDeadline:
    step = deadline.step(civil_day(now))
    if step is None:
        return deadline
    if step > URGENT_DAYS and local(now).hour not in _STAFF_HOURS:
        return deadline  # a month ahead, nobody is woken
    after = replace(deadline, warned=step)
    if step == LAPSED_STEP:
        after = replace(after, state=DeadlineState.LAPSED, ended_at=now)
    if not card.is_open:
        return after
    assert deadline.last_on is not None
    facts = {"rule": deadline.rule, "step": str(step), "day": deadline.last_on.isoformat()}
    unit.cases.add_event(card.id, EventKind.DEADLINE, by="system", at=now, facts=facts)
    near = deadline.is_hers and LAPSED_STEP < step <= URGENT_DAYS
    told = _told_of(unit, card, step, now, near=near)
    words = desk.wording.deadlines.staff
    frame = words.near if step != LAPSED_STEP else (words.lapsed if deadline.is_hers else words.others_silent)
    _tell_staff(unit, card, told, frame, now, desk, deadline, urgent=near)
    if near:
        hurried = _hurried(unit, card, deadline.last_on, now, desk)
        if hurried != card:
            card = unit.cases.save_card(replace(hurried, changed_at=now))
            show_change(unit, card, now, desk)
    if step == LAPSED_STEP and deadline.is_hers:
        day = day_in_words(deadline.last_on, civil_day(now))
        her = desk.wording.deadlines.her
        text = _filled(her.told_lapsed_trial if deadline.is_trial else her.told_lapsed, day=day)
        tell_her(unit, card, _reply(desk.wording, card, text), now)
    announce(unit, card)
    return after


def _hurried(unit: Unit, card: CaseCard, last_on: date, now: datetime, desk: Desk) -> CaseCard:
    """A legal date that is near makes the case urgent, and she hears while there is time to act on it.

    A clock that stands still runs again: what it waits for may come too late.
    """
    by = desk.promises.before_day(now, last_on, card.kind)
    card = pause_clock.resume_by_her(unit, card, now, desk.promises)
    if by < card.promised_at:
        card = card.promising(by, now)
    return replace(card, urgent=True)


def _remind_her(
    unit: Unit, card: CaseCard, deadline: CaseDeadline, now: datetime, desk: Desk
) -> CaseDeadline:
    """Two weeks and three days ahead, by day, and never where she asked for silence."""
    step = deadline.her_step(civil_day(now))
    if step is None or local(now).hour not in _HER_HOURS:
        return deadline
    assert deadline.last_on is not None
    today = civil_day(now)
    left = (deadline.last_on - today).days
    text = _filled(desk.wording.deadlines.her.reminder, day=day_in_words(deadline.last_on, today), left=left)
    for person_id in unit.links.hearers(card.id):
        person = unit.people.get(person_id)
        if person is not None and not person.quiet:
            reply = numbered(unit, card, person_id, _reply(desk.wording, card, text))
            unit.outbox.add(person_id, [reply], lane=Lane.NOTICE, now=now, case_id=card.id)
    return replace(deadline, told=step)


# ── who is told ──────────────────────────────────────────────────────────────────────────────────────


def _told_of(unit: Unit, card: CaseCard, step: int, now: datetime, *, near: bool) -> list[StaffMember]:
    """Whoever has the case, or who is on duty; both and the leaders where it becomes pressing."""
    told = duty.watchers(unit, card, now)
    if near:
        told += duty.on_duty_or_all(unit, card, now)
    if step <= LEADER_DAYS or (near and not card.urgent):
        told += duty.leaders(unit, card)
    return told


def _tell_staff(
    unit: Unit,
    card: CaseCard,
    members: Iterable[StaffMember],
    frame: str,
    now: datetime,
    desk: Desk,
    deadline: CaseDeadline | None = None,
    *,
    urgent: bool = False,
) -> None:
    """Number, kind and days; what the date is for stands in the case."""
    today, last = civil_day(now), deadline.last_on if deadline else None
    text = _filled(
        frame,
        number=card.number,
        kind=desk.wording.labels.kind[card.kind.value],
        day=plain_day(last) if last else "",  # kept for long: no "tomorrow"
        left=(last - today).days if last else "",
    )
    notify(unit, duty.ids(members), text, now, case_id=card.id, urgent=urgent)


def _reply(wording: Wording, card: CaseCard, text: str) -> Reply:
    buttons = wording.desk.her.buttons
    row = (Button(buttons.progress, see_case(card.id)), Button(buttons.add, write_to_case(card.id)))
    return Reply(text, (row,), private=True)


def _filled(frame: str, **values: str | int) -> str:
    """Texts and values are the house's own: no words of anybody go through here."""
    return frame.format(**values)
