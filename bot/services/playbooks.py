"""Playbooks at work: the steps of a case's kind become tasks, and what she may still have is asked of her."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.domain.cases import CaseCard, Draft, EventKind
from bot.domain.civil_time import civil_day
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.ports_team import Task
from bot.domain.promises import Promises, is_workday
from bot.domain.staff import Power, StaffMember
from bot.services.case_gate import in_hand, on_duty, require, see_card
from bot.services.case_work import Desk, announce, refuse_ended
from bot.services.drafts import write_draft
from bot.services.team_work import keep_step
from knowledge.playbooks import Playbook, PlaybookStep

Books = Mapping[str, Playbook]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the playbook with its task, where it was begun or ticked."""

    step: PlaybookStep
    task: Task | None

    @property
    def is_done(self) -> bool:
        """Whether it is ticked."""
        return self.task is not None and self.task.done_at is not None


def steps_of(book: Playbook, tasks: Sequence[Task]) -> list[Step]:
    """The steps in the order of the book, each with its task."""
    by_step = {task.step: task for task in tasks if task.step is not None}
    return [Step(step, by_step.get(step.id)) for step in book.steps]


def begin(unit: Unit, actor: StaffMember, case_id: str, books: Books, now: datetime, desk: Desk) -> int:
    """Put every step that has no day yet among the tasks, with its due day; how many.

    What was ticked before stays ticked; a tick that was taken away again has left a task without a day.
    """
    member, card = in_hand(unit, actor, case_id, Power.NOTE)
    refuse_ended(card)
    steps = steps_of(_book(books, card), unit.team.tasks_of(card.id))
    fresh = [one for one in steps if one.task is None or (one.task.due is None and not one.is_done)]
    for one in fresh:
        due = working_day_after(civil_day(now), one.step.due_days, desk.promises)
        task = one.task or Task(secrets.token_hex(8), card.id, member.id, now, step=one.step.id)
        unit.team.keep_task(replace(task, due=due))
    if fresh:  # one line in the timeline, not one a step
        facts = {"state": "begun", "steps": str(len(fresh))}
        unit.audit.append(member.id, "playbook_begun", card.id, now, facts)
        unit.cases.add_event(card.id, EventKind.TASK, by=member.id, at=now, facts=facts)
        announce(unit, card)
    return len(fresh)


def tick(
    unit: Unit, actor: StaffMember, case_id: str, step_id: str, done: bool, books: Books, now: datetime
) -> None:
    """Tick a step or take the tick away; Refused("task_gone") for a step that the book does not have."""
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, Power.NOTE)
    if _book(books, card).step(step_id) is None:
        raise Refused("task_gone")
    task = next((one for one in unit.team.tasks_of(card.id) if one.step == step_id), None)
    if task is None:
        task = Task(secrets.token_hex(8), card.id, member.id, now, step=step_id)
    elif (task.done_at is not None) == done:
        return
    task = replace(task, done_by=member.id if done else None, done_at=now if done else None)
    keep_step(unit, member, card, task, "done" if done else "open", now)


def ask_for(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    items: Sequence[str],
    books: Books,
    now: datetime,
    desk: Desk,
    *,
    seen: int | None = None,
) -> Draft:
    """Write what is ticked of the checklist into a draft that asks her for it. Refused: nothing_ticked."""
    card = see_card(unit, on_duty(unit, actor), case_id)
    asked = [item.text for item in _book(books, card).ask if item.id in items]
    if not asked:
        raise Refused("nothing_ticked")
    words = desk.wording.team
    lines = "\n".join(words.ask_more_item.format(item=item) for item in asked)
    text = words.ask_more.format(items=lines)
    return write_draft(unit, actor, case_id, text, now, desk, EventKind.ASK_MORE, seen=seen)


def working_day_after(day: date, count: int, promises: Promises) -> date:
    """The civil day that is `count` working days later (0: this day, or the next working one)."""
    while True:
        works = day in promises.extra_workdays or (day not in promises.extra_days_off and is_workday(day))
        if works and count <= 0:
            return day
        count -= works
        day += timedelta(days=1)


def _book(books: Books, card: CaseCard) -> Playbook:
    book = books.get(card.kind.value)
    if book is None:
        raise Refused("no_playbook")
    return book
