"""Keeps the legal dates of cases: set from her answers, corrected by staff, warned of in time."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.domain.case_deadlines import (
    ANEW,
    CHIP_DAYS,
    URGENT_DAYS,
    CaseDeadline,
    DaySure,
    DeadlineState,
    DropReason,
    Interruption,
    last_day,
    plan,
)
from bot.domain.cases import Answers, CaseCard, EventKind
from bot.domain.civil_time import civil_day
from bot.domain.deadlines import RULES
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.said_dates import read_day
from bot.domain.staff import Power, StaffMember
from bot.services import warn_of_deadlines
from bot.services.case_gate import in_hand
from bot.services.case_work import Desk, refuse_ended, show_change
from bot.services.warn_of_deadlines import tell_of_change

MOST = 30  # legal dates of one case
_OLDEST = timedelta(days=366 * 25)
_AT_ONCE = 500
_ORDER = {state: at for at, state in enumerate(
    (DeadlineState.RUNNING, DeadlineState.LAPSED, DeadlineState.DONE, DeadlineState.DROPPED))}  # fmt: skip
_MAY_SET = Power.MOVE  # who may move a case keeps its dates


def set_from_answers(
    unit: Unit, card: CaseCard, answers: Answers, now: datetime, by: str = "system"
) -> Sequence[CaseDeadline]:
    """Keep the legal dates that her answers bring up; a rule that the case has already is left as it is.

    What is near is acted on by the next sweep, within a minute.
    """
    known = {one.rule for one in unit.deadlines.of_case(card.id)}
    kept = []
    for one in plan(card.kind, card.topic, answers, civil_day(now)):
        if one.rule in known:
            continue
        deadline = CaseDeadline(
            secrets.token_hex(8), card.id, one.rule, one.event_on, one.last_on, one.sure, by, now
        )
        _keep(unit, card, deadline, by, now, "set")
        kept.append(deadline)
    return kept


def add_rule(
    unit: Unit, card: CaseCard, rule: str, event_on: date, by: str, now: datetime
) -> CaseDeadline:  # fmt: skip
    """Keep the date of a rule counted from a day that is certain; one that runs already is counted anew.

    Asks for no power and tells nobody: for other services. Raises KeyError for an unknown rule.
    """
    running = _running(unit, card.id, rule)
    if running is not None:
        deadline = replace(running.counted_from(event_on), set_by=by, set_at=now)
    else:
        last_on = last_day(rule, event_on)
        deadline = CaseDeadline(
            secrets.token_hex(8), card.id, rule, event_on, last_on, DaySure.FIXED, by, now
        )
    _keep(unit, card, deadline, by, now, "set", old=running)
    return deadline


def add(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    rule: str,
    day: str,
    now: datetime,
    desk: Desk,
    *,
    seen: int | None = None,
) -> CaseDeadline:
    """Staff add a legal date, counted from a day in the past (as written in a form)."""
    member, card = in_hand(unit, actor, case_id, _MAY_SET, seen)
    refuse_ended(card)
    if rule not in RULES:
        raise Refused("deadline_rule")
    event_on = day_in(day, civil_day(now))
    if _running(unit, card.id, rule) is None and len(unit.deadlines.of_case(card.id)) >= MOST:
        raise Refused("deadline_most", most=MOST)
    unit.audit.append(member.id, "deadline_set", card.id, now, {"rule": rule})
    deadline = add_rule(unit, card, rule, event_on, member.id, now)
    return _shown(unit, card, deadline, now, desk, "set")


def change_day(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    deadline_id: str,
    day: str,
    now: datetime,
    desk: Desk,
    *,
    seen: int | None = None,
) -> CaseDeadline:
    """Staff checked from which day it counts; what has lapsed or ended runs again if the new day says so."""
    member, card, old = _found(unit, actor, case_id, deadline_id, seen)
    deadline = old.counted_from(day_in(day, civil_day(now)))
    deadline = replace(deadline, reason=None, ended_at=None, set_by=member.id, set_at=now)
    unit.audit.append(member.id, "deadline_day", card.id, now, {"rule": old.rule})
    _keep(unit, card, deadline, member.id, now, "set", old=old)
    return _shown(unit, card, deadline, now, desk, "set")


def interrupt(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    deadline_id: str,
    what: Interruption,
    day: str,
    now: datetime,
    desk: Desk,
    *,
    seen: int | None = None,
) -> CaseDeadline:
    """Note what made the period begin anew. One that came after the last day revives nothing: Refused."""
    member, card, old = _found(unit, actor, case_id, deadline_id, seen)
    if old.event_on is None or old.rule not in ANEW:
        raise Refused("deadline_not_anew")
    on = day_in(day, civil_day(now))
    until = last_day(old.rule, old.event_on, old.interruptions)
    if not old.event_on <= on <= until:
        raise Refused("deadline_too_late")
    deadline = old.counted_from(old.event_on, (*old.interruptions, on))
    deadline = replace(deadline, reason=None, ended_at=None, set_by=member.id, set_at=now)
    unit.audit.append(member.id, "deadline_anew", card.id, now, {"rule": old.rule, "what": what.value})
    facts = {"what": what.value, "on": on.isoformat()}
    _keep(unit, card, deadline, member.id, now, "anew", facts, old=old)
    return _shown(unit, card, deadline, now, desk, "set")


def done(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    deadline_id: str,
    now: datetime,
    desk: Desk,
    *,
    seen: int | None = None,
) -> CaseDeadline:
    """The step was taken: applied, sued, decided."""
    return _end(unit, actor, case_id, deadline_id, None, now, desk, seen)


def drop(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    deadline_id: str,
    reason: DropReason,
    now: datetime,
    desk: Desk,
    *,
    seen: int | None = None,
) -> CaseDeadline:
    """It need not be kept in mind any more, for a reason of the closed set."""
    return _end(unit, actor, case_id, deadline_id, reason, now, desk, seen)


def of_case(unit: Unit, case_id: str) -> Sequence[CaseDeadline]:
    """All dates of a case and of the doubles that were joined with it; running ones first.

    What a double repeats, the same rule from the same day, is there once.
    """
    kept = sorted(_with_repeats(unit, case_id), key=lambda one: _ORDER[one.state])
    first: dict[tuple[str, date | None], CaseDeadline] = {}
    for one in kept:
        first.setdefault((one.rule, one.event_on), one)
    return list(first.values())


def nearest(unit: Unit, case_ids: Sequence[str], now: datetime) -> Mapping[str, CaseDeadline]:
    """For lists: the nearest running legal date of each case within thirty days, where there is one."""
    today = civil_day(now)
    return unit.deadlines.nearest(case_ids, today + timedelta(days=CHIP_DAYS))


def sweep(unit: Unit, now: datetime, desk: Desk) -> int:
    """Warn of what is due at `now`, each step once; how many cases it touched."""
    touched, done_with = set(), set[str]()
    for deadline in unit.deadlines.due(civil_day(now), _AT_ONCE):
        if deadline.id in done_with:
            continue
        card = unit.cases.card(deadline.case_id)
        if card is not None and card.merged_into is not None:  # work goes on in the case it was joined with
            card = unit.cases.card(card.merged_into)
        if card is not None and warn_of_deadlines.warn(unit, card, deadline, now, desk):
            touched.add(card.id)
            done_with.update(_follow(unit, card.id, deadline, deadline.id))
    return len(touched)


def day_in(written: str, today: date) -> date:
    """A day as written in a form; Refused("deadline_day"), ("deadline_future") or ("deadline_old")."""
    text = written.strip()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        said = read_day(text, today) if len(text) <= 40 else None
        if said is None or not said.exact:
            raise Refused("deadline_day") from None
        day = said.earliest
    if day > today:
        raise Refused("deadline_future")
    if day < today - _OLDEST:
        raise Refused("deadline_old")
    return day


def _end(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    deadline_id: str,
    reason: DropReason | None,
    now: datetime,
    desk: Desk,
    seen: int | None,
) -> CaseDeadline:
    member, card, old = _found(unit, actor, case_id, deadline_id, seen)
    if old.state not in (DeadlineState.RUNNING, DeadlineState.LAPSED):
        raise Refused("deadline_ended")
    state = DeadlineState.DONE if reason is None else DeadlineState.DROPPED
    more = {"reason": reason.value} if reason else {}
    unit.audit.append(member.id, f"deadline_{state.value}", card.id, now, {"rule": old.rule, **more})
    deadline = replace(old, state=state, reason=reason, ended_at=now)
    _keep(unit, card, deadline, member.id, now, state.value, more, old=old)
    return _shown(unit, card, deadline, now, desk, state.value)


def _found(
    unit: Unit, actor: StaffMember, case_id: str, deadline_id: str, seen: int | None
) -> tuple[StaffMember, CaseCard, CaseDeadline]:
    member, card = in_hand(unit, actor, case_id, _MAY_SET, seen)
    refuse_ended(card)
    deadline = next((one for one in of_case(unit, card.id) if one.id == deadline_id), None)
    if deadline is None:
        raise Refused("deadline_gone")
    return member, card, deadline


def _with_repeats(unit: Unit, case_id: str) -> list[CaseDeadline]:
    joined = (case_id, *(merge.case_id for merge in unit.links.merged_into(case_id)))
    return [one for each in joined for one in unit.deadlines.of_case(each)]


def _follow(unit: Unit, case_id: str, old: CaseDeadline, changed_id: str) -> list[str]:
    """What repeats `old` becomes what `old` is by now, so that nobody is warned twice; their ids."""
    kept = {one.id: one for one in _with_repeats(unit, case_id)}
    changed = kept.pop(changed_id)
    repeats = [one for one in kept.values() if (one.rule, one.event_on) == (old.rule, old.event_on)]
    for one in repeats:
        unit.deadlines.keep(replace(changed, id=one.id, case_id=one.case_id))
    return [one.id for one in repeats]


def _running(unit: Unit, case_id: str, rule: str) -> CaseDeadline | None:
    return next(
        (one for one in of_case(unit, case_id) if one.rule == rule and one.state is DeadlineState.RUNNING),
        None,
    )


def _keep(
    unit: Unit,
    card: CaseCard,
    deadline: CaseDeadline,
    by: str,
    now: datetime,
    step: str,
    more: Mapping[str, str] | None = None,
    *,
    old: CaseDeadline | None = None,
) -> None:
    """The row and its event; facts are a rule, days and words of closed sets."""
    unit.deadlines.keep(deadline)
    if old is not None:
        _follow(unit, card.id, old, deadline.id)
    facts = {"rule": deadline.rule, "step": step, **(more or {})}
    if deadline.last_on is not None:
        facts["day"] = deadline.last_on.isoformat()
    unit.cases.add_event(card.id, EventKind.DEADLINE, by=by, at=now, facts=facts)


def _shown(
    unit: Unit, card: CaseCard, deadline: CaseDeadline, now: datetime, desk: Desk, what: str
) -> CaseDeadline:
    """After an act of staff: she is told, the case moves on, what is near already is warned of at once."""
    card = unit.cases.save_card(replace(card, changed_at=now))
    tell_of_change(unit, card, deadline, now, desk, what)
    step, hers = deadline.step(civil_day(now)), deadline.her_step(civil_day(now))
    if step is not None and step > URGENT_DAYS:  # whoever set it need not be told of it
        deadline = replace(deadline, warned=step)
    if hers is not None:  # nor she, who just was
        deadline = replace(deadline, told=hers)
    unit.deadlines.keep(deadline)
    warn_of_deadlines.warn(unit, card, deadline, now, desk)
    _follow(unit, card.id, deadline, deadline.id)
    fresh = unit.cases.card(card.id)
    show_change(unit, fresh or card, now, desk)
    return unit.deadlines.get(deadline.case_id, deadline.id) or deadline
