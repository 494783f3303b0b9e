"""By the clock: urge where staff are silent: half, all, one and a half of the promised time.

Each thing happens once: what was done is kept in the same unit. After a long stop only the highest step of a
case acts.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain import silence
from bot.domain.cases import CaseCard, CaseStatus, EventKind
from bot.domain.civil_time import civil_day, plain_day
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.silence import Step, Watch
from bot.domain.staff import SYSTEM, StaffMember
from bot.services import clock_messages, duty
from bot.services.case_work import Desk, show_change, tell_her
from bot.services.clock_messages import Given
from bot.services.notify_staff import KEPT, notify

UNCLAIMED_AFTER = timedelta(minutes=30)  # of working time; every minute where it is urgent
LONGEST_PAUSE = 15  # working days, then whoever has the case is asked
CLOSE_SOON = 7  # days before the case shall be closed
_OLD_ONES = 2_000  # looked at once a day
_AT_ONCE = 400  # cases looked at in a sweep: the next one comes in a minute
_URGENT_WITH_LEADERS = timedelta(hours=2)  # of working time
_NAMED = 5  # cases named in a notice about many
_GIVEN_ON = 2  # times that silence hands a case to somebody else
_STAFF_ACTS = frozenset(EventKind) - {
    EventKind.URGED, EventKind.OPENED, EventKind.HER_WORDS, EventKind.HER_FILE, EventKind.CONTINUED,
    EventKind.DEADLINE, EventKind.CONFIRMED, EventKind.RATED, EventKind.HANDOVER, EventKind.PARTNER,
}  # fmt: skip
MOST_ACTS = 60  # after a long stop many are due; women who write now are not kept waiting for all of them


def sweep(unit: Unit, now: datetime, desk: Desk, *, most: int = MOST_ACTS) -> int:
    """Do what is due at `now`, on `most` cases of the ladder at most; how many it touched."""
    touched = 0
    for case_id, kept in unit.duty.to_look_at(now, _AT_ONCE):
        card = unit.cases.card(case_id)
        if card is not None:
            touched += _look(unit, card, kept, now, desk)
        if touched >= most:
            break
    unit.duty.drop_notices(now - KEPT)
    return touched + sum(
        remind(unit, now, desk) for remind in (_unclaimed, _long_pauses, _closing, _stranded)
    )


# ── the ladder ───────────────────────────────────────────────────────────────────────────────────────


def _look(unit: Unit, card: CaseCard, kept: Watch | None, now: datetime, desk: Desk) -> bool:
    """One case: take the highest step that is due, and note when to look again."""
    watch = silence.watching(card, kept)
    come = silence.due(card, watch, desk.promises, now)
    if Step.FULL in come:
        card, watch = _broken(unit, card, now, desk, leaders=Step.OVER in come)
    elif Step.OVER in come:
        card, watch = _to_leaders(unit, card, watch, now, desk, half=Step.HALF in come)
    elif Step.HALF in come:
        card, watch = _remind(unit, card, watch, now, desk)
    unit.duty.keep_watch(silence.looking_again(card, watch, desk.promises))
    return bool(come)


def _remind(unit: Unit, card: CaseCard, watch: Watch, now: datetime, desk: Desk) -> tuple[CaseCard, Watch]:
    """Half of the time: whoever has it is reminded; a case of somebody who is away goes to her substitute."""
    words, promised = desk.wording.clock.notices, card.promised_at
    standing_in = duty.substitute(unit, card, now)
    told = [standing_in] if standing_in else duty.watchers(unit, card, now)
    frame = words.stands_in if standing_in else words.half
    card = replace(card, urged=max(card.urged, int(Step.HALF)))
    _urge(unit, card, Step.HALF, promised, now)
    if standing_in is not None:
        card = _give(unit, card, standing_in, promised, now)
    card = unit.cases.save_card(card)
    _tell(unit, told, frame, card, now, desk)
    show_change(unit, card, now, desk)
    return card, replace(silence.watching(card, watch), reminded=True)


def _broken(
    unit: Unit, card: CaseCard, now: datetime, desk: Desk, *, leaders: bool
) -> tuple[CaseCard, Watch]:
    """All of the time: another member gets it, she gets a new promise and is told both.

    After two that were broken the leaders have it, and it stays where it is: handing it on every half hour
    of a night would help nobody. From then on office hours count, and each broken promise urges again.
    """
    broken, before = silence.began(card), card
    with_leaders = _broken_so_far(unit, card) >= _GIVEN_ON
    leaders = leaders or with_leaders
    taker = None if with_leaders else duty.next_taker(unit, card, now)
    if card.urgent and with_leaders:
        by = desk.promises.after(now, _URGENT_WITH_LEADERS)
    else:
        by = desk.promises.first_answer_by(now, card.kind, card.urgent)
    step = Step.OVER if leaders else Step.FULL
    card = replace(card.promising(by, now), urged=int(step), changed_at=now)
    _urge(unit, card, step, before.promised_at, now)
    if taker is not None:
        card = _give(unit, card, taker, before.promised_at, now)
    card = unit.cases.save_card(card)
    if not with_leaders:
        _tell_of_broken(unit, before, card, taker, now, desk)
    if leaders:
        _tell_leaders(unit, card, now, desk)
    given = Given.NOT if taker is None else Given.FIRST if before.assignee is None else Given.ON
    tell_her(unit, card, clock_messages.urged(card, now, desk, given, leaders=leaders), now)
    show_change(unit, card, now, desk)
    watch = silence.watching(card, None)
    if not leaders:
        watch = replace(watch, broken_began=broken, broken_by=before.promised_at)
    return card, replace(watch, reminded=False)


def _broken_so_far(unit: Unit, card: CaseCard) -> int:
    """Promises that were broken one after the other since somebody of staff did something."""
    broken: set[str] = set()
    for event in unit.cases.outline(card.id, [EventKind.URGED, *_STAFF_ACTS]):
        if event.kind is not EventKind.URGED:
            broken = set() if event.by != SYSTEM.id else broken
        elif event.facts and event.facts["step"] != str(int(Step.HALF)):
            broken.add(event.facts["promised"])
    return len(broken)


def _to_leaders(
    unit: Unit, card: CaseCard, watch: Watch, now: datetime, desk: Desk, *, half: bool
) -> tuple[CaseCard, Watch]:
    """One and a half of the promise that was broken: the leaders hear, and she is told so."""
    card = unit.cases.save_card(replace(card, urged=int(Step.OVER), changed_at=now))
    _urge(unit, card, Step.OVER, watch.broken_by or card.promised_at, now)
    if half:  # the new promise is half over as well: one look, one act, both are told
        _tell(unit, duty.watchers(unit, card, now), desk.wording.clock.notices.half, card, now, desk)
    _tell_leaders(unit, card, now, desk)
    tell_her(unit, card, clock_messages.urged(card, now, desk, Given.NOT, leaders=True), now)
    show_change(unit, card, now, desk)
    return card, replace(silence.watching(card, None), reminded=watch.reminded or half)


def _urge(unit: Unit, card: CaseCard, step: Step, promised: datetime, now: datetime) -> None:
    facts = {"step": str(int(step)), "promised": promised.isoformat()}
    unit.audit.append(SYSTEM.id, "urge", card.id, now, facts)
    unit.cases.add_event(card.id, EventKind.URGED, by=SYSTEM.id, at=now, facts=facts)


def _give(unit: Unit, card: CaseCard, taker: StaffMember, promised: datetime, now: datetime) -> CaseCard:
    """The card in other hands; a new case counts as accepted, as when a leader assigns it."""
    facts = {"staff": taker.id, "promised": promised.isoformat()}
    unit.audit.append(SYSTEM.id, "assign", card.id, now, {"staff": taker.id})
    status = card.status
    if status is CaseStatus.NEW:
        status = CaseStatus.ACCEPTED
        facts |= {"from": CaseStatus.NEW.value, "to": status.value}
    unit.cases.add_event(card.id, EventKind.ASSIGNED, by=SYSTEM.id, at=now, facts=facts)
    return replace(card, assignee=taker.id, status=status, changed_at=now)


def _tell_of_broken(
    unit: Unit, before: CaseCard, card: CaseCard, taker: StaffMember | None, now: datetime, desk: Desk
) -> None:
    words = desk.wording.clock.notices
    if taker is None:
        told = duty.watchers(unit, card, now)  # the leaders have words of their own where they hear anyway
        told += [] if card.urged == Step.OVER else duty.leaders(unit, card)
        _tell(unit, told, words.nobody, card, now, desk)
        return
    _tell(unit, [taker], words.given, card, now, desk)
    _tell(unit, duty.responsible(unit, before, now), words.taken, card, now, desk, but=taker)


def _tell_leaders(unit: Unit, card: CaseCard, now: datetime, desk: Desk) -> None:
    words = desk.wording.clock.notices
    member = unit.staff.get(card.assignee) if card.assignee else None
    text = duty.notice_text(
        desk.wording, words.leaders, card, now, name=member.name if member else words.nobody_has_it
    )
    told = duty.ids(duty.leaders(unit, card))
    notify(unit, told, text, now, case_id=card.id, urgent=card.urgent)


def _tell(
    unit: Unit,
    members: list[StaffMember],
    frame: str,
    card: CaseCard,
    now: datetime,
    desk: Desk,
    *,
    but: StaffMember | None = None,
    **values: str,
) -> None:
    text = duty.notice_text(desk.wording, frame, card, now, **values)
    told = [one for one in duty.ids(members) if but is None or one != but.id]
    notify(unit, told, text, now, case_id=card.id, urgent=card.urgent)


# ── reminders beside the ladder ──────────────────────────────────────────────────────────────────────


def _unclaimed(unit: Unit, now: datetime, desk: Desk) -> int:
    """Nobody has claimed it for half an hour of working time: whoever is on duty hears."""
    words = desk.wording.clock.notices

    def remind(card: CaseCard) -> bool:
        if desk.promises.elapsed(card.opened_at, now, card.urgent) < UNCLAIMED_AFTER:
            return False
        _tell(unit, duty.on_duty_or_all(unit, card, now), words.unclaimed, card, now, desk)
        return unit.duty.mark(card.id, "unclaimed", now)

    return _each(unit, unit.duty.unclaimed(now - UNCLAIMED_AFTER, _AT_ONCE), remind)


def _long_pauses(unit: Unit, now: datetime, desk: Desk) -> int:
    """The clock has stood still for long: whoever has the case is asked, once a pause."""
    words = desk.wording.clock.notices

    def remind(card: CaseCard) -> bool:
        if card.paused_at is None or desk.promises.workdays(card.paused_at, now) <= LONGEST_PAUSE:
            return False
        if not unit.duty.mark(card.id, f"pause:{card.paused_at.isoformat()}", now):
            return False
        _tell(unit, duty.watchers(unit, card, now), words.long_pause, card, now, desk,
              days=str(LONGEST_PAUSE))  # fmt: skip
        return True

    return _each(unit, unit.duty.paused(now - timedelta(days=LONGEST_PAUSE)), remind)


def _closing(unit: Unit, now: datetime, desk: Desk) -> int:
    """The case shall be closed soon, or should have been: its holder hears, then the leaders too.

    These are days, so one look a day will do.
    """
    if not unit.duty.mark("clock", f"closing {civil_day(now)}", now):
        return 0
    words, promises = desk.wording.clock.notices, desk.promises
    shortest = min(promises.close_days, promises.urgent_close_days, *promises.close_days_by_kind.values())
    since = now - timedelta(days=max(shortest - CLOSE_SOON - 10, 0))  # a holiday may lie before the last day

    def remind(what: str, frame: str, *, ahead: timedelta) -> Callable[[CaseCard], bool]:
        def work(card: CaseCard) -> bool:
            by = promises.close_by(running_since(unit, card), card.kind, card.urgent)
            if by - ahead > now:
                return False
            told = duty.watchers(unit, card, now) + ([] if ahead else duty.leaders(unit, card))
            _tell(unit, told, frame, card, now, desk, day=plain_day(civil_day(by)))
            unit.duty.mark(
                card.id, "close_soon", now
            )  # who hears that it is over need not hear that it nears
            unit.duty.mark(card.id, what, now)
            return True

        return work

    over = remind("close_over", words.close_over, ahead=timedelta())
    soon = remind("close_soon", words.close_soon, ahead=timedelta(days=CLOSE_SOON))
    done = _each(unit, unit.duty.old_ones(since, "close_over", _OLD_ONES), over)
    return done + _each(unit, unit.duty.old_ones(since, "close_soon", _OLD_ONES), soon)


def running_since(unit: Unit, card: CaseCard) -> datetime:
    """Since when the time for closing runs: from opening, or from being opened again."""
    reopened = unit.cases.outline(card.id, [EventKind.REOPENED])
    return reopened[-1].at if reopened else card.opened_at


def _stranded(unit: Unit, now: datetime, desk: Desk) -> int:
    """Cases of an account that was switched off: the leaders hear every day until somebody has them."""
    done, today = 0, civil_day(now)
    for staff_id, count in unit.duty.stranded().items():
        member = unit.staff.get(staff_id)
        if member is None or not unit.duty.mark(staff_id, f"stranded {today}", now):
            continue
        text = desk.wording.clock.notices.stranded.format(
            name=member.name, count=count, numbers=_numbers_of(unit, staff_id)
        )
        notify(unit, duty.ids(duty.leaders(unit)), text, now, case_id=None)
        done += 1
    return done


def _numbers_of(unit: Unit, staff_id: str) -> str:
    """The first open cases of a member, by number."""
    wanted = CaseFilter(assignee=staff_id, open_only=True, without_doubles=True, limit=_NAMED + 1)
    numbers = [card.number for card in unit.cases.cards(wanted)]
    return " ".join(numbers[:_NAMED]) + (" …" if len(numbers) > _NAMED else "")


def _each(unit: Unit, case_ids: Sequence[str], remind: Callable[[CaseCard], bool]) -> int:
    cards = (unit.cases.card(case_id) for case_id in case_ids)
    return sum(remind(card) for card in cards if card is not None)
