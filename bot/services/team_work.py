"""Tasks, telephone calls and visits of a case: what staff do beside the words to her; only staff read it."""

import secrets
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.domain.cases import CaseCard, EventKind
from bot.domain.civil_time import civil_day
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.ports_team import ContactWith, Task
from bot.domain.staff import Power, StaffMember
from bot.services.case_gate import on_duty, require, see_card, sees
from bot.services.case_work import (
    Desk,
    announce,
    checked_text,
    next_word_by,
    refuse_ended,
    show_change,
)

_LONGEST_CALL = 1440  # minutes
_OLDEST_CALL = timedelta(days=366)


def add_task(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    words: str,
    due: date | None,
    assignee: str | None,
    now: datetime,
    desk: Desk,
) -> Task:
    """Something to do, in own words; `assignee` None: whoever handles the case.

    Refused: empty, too_long, due_past, task_taker.
    """
    member, card = _noting(unit, actor, case_id)
    refuse_ended(card)
    body = checked_text(words)
    if due is not None and due < civil_day(now):
        raise Refused("due_past")
    taker = None if assignee is None else unit.staff.get(assignee)
    if assignee is not None and (taker is None or not taker.active or not sees(unit, taker, card)):
        raise Refused("task_taker")
    task = Task(secrets.token_hex(8), card.id, member.id, now, words=body, assignee=assignee, due=due)
    unit.team.keep_task(task)
    _keep_event(unit, member, card, task, "added", now)
    return task


def finish_task(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    task_id: str,
    now: datetime,
    desk: Desk,
    *,
    done: bool = True,
) -> Task:
    """Tick a task, or take the tick away (`done` False). Refused: task_gone."""
    member, card = _noting(unit, actor, case_id)
    task = _task(unit, card, task_id)
    if (task.done_at is not None) == done:
        return task
    task = replace(task, done_by=member.id if done else None, done_at=now if done else None)
    unit.team.keep_task(task)
    _keep_event(unit, member, card, task, "done" if done else "open", now)
    return task


def drop_task(unit: Unit, actor: StaffMember, case_id: str, task_id: str, now: datetime, desk: Desk) -> None:
    """Throw a task away. Refused: task_gone."""
    member, card = _noting(unit, actor, case_id)
    task = _task(unit, card, task_id)
    unit.team.drop_task(task.id)
    _keep_event(unit, member, card, task, "dropped", now)


def log_contact(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    kind: EventKind,
    whom: ContactWith,
    when: datetime,
    minutes: int,
    words: str,
    now: datetime,
    desk: Desk,
) -> None:
    """Keep that somebody was called or visited (`kind` CALL or VISIT) and what came of it.

    Talking to her is an answer: the promise is kept, and the next one runs from here.
    Refused: in_future, long_ago, minutes, empty, too_long.
    """
    if kind not in (EventKind.CALL, EventKind.VISIT):
        raise ValueError(kind)
    member, card = _noting(unit, actor, case_id)
    if when > now:
        raise Refused("in_future")
    if when < now - _OLDEST_CALL:
        raise Refused("long_ago")
    if not 0 <= minutes <= _LONGEST_CALL:
        raise Refused("minutes")
    body = checked_text(words)
    facts = {"with": whom.value, "when": when.isoformat(), "minutes": str(minutes)}
    unit.audit.append(member.id, f"log_{kind.value}", card.id, now)
    if whom is ContactWith.HER and card.is_open and card.paused_at is None:
        facts["promised"] = card.promised_at.isoformat()
        card = card.promising(next_word_by(card, now, desk), now)
        card = unit.cases.save_card(replace(card, changed_at=now))
    unit.cases.add_event(card.id, kind, by=member.id, at=now, body=body, facts=facts)
    show_change(unit, card, now, desk)


def keep_step(unit: Unit, member: StaffMember, card: CaseCard, task: Task, state: str, now: datetime) -> None:
    """Keep a task that is a step of a playbook; see playbooks.py."""
    unit.team.keep_task(task)
    _keep_event(unit, member, card, task, state, now)


def _noting(unit: Unit, actor: StaffMember, case_id: str) -> tuple[StaffMember, CaseCard]:
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, Power.NOTE)
    return member, card


def _task(unit: Unit, card: CaseCard, task_id: str) -> Task:
    task = unit.team.task(task_id)
    if task is None or task.case_id != card.id:
        raise Refused("task_gone")
    return task


def _keep_event(
    unit: Unit, member: StaffMember, card: CaseCard, task: Task, state: str, now: datetime
) -> None:
    facts = {"task": task.id, "state": state} | ({"step": task.step} if task.step else {})
    unit.audit.append(member.id, f"task_{state}", card.id, now, facts)
    unit.cases.add_event(card.id, EventKind.TASK, by=member.id, at=now, facts=facts)
    announce(unit, card)
