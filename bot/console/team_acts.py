"""The desk's acts for second pair of eyes, conflict, tasks, playbook, calls and visits, canned answers."""

from datetime import UTC, date, datetime

from starlette.responses import Response

from bot.console.case_acts import act, seen_version
from bot.console.case_list import drop_view, save_view
from bot.console.case_pages import case_page
from bot.console.guard import Entry, Visit, back
from bot.domain.cases import EventKind
from bot.domain.civil_time import SHANGHAI
from bot.domain.errors import Refused
from bot.domain.ports_team import ContactWith
from bot.domain.staff import Power
from bot.services import conflicts, drafts, playbooks, snippets, team_work


async def ask_review(visit: Visit) -> Response:
    """Ask somebody to look at a draft."""
    return await act(visit, "review", "review_asked", lambda unit, case, now, desk: drafts.ask_review(
        unit, visit.actor, case, visit.path("draft_id"), visit.field("reviewer") or None, now, desk,
        visit.field("text")), anchor="#drafts")  # fmt: skip


async def ask_lawyer(visit: Visit) -> Response:
    """Ask somebody to write a draft, or to say what she thinks."""
    return await act(visit, "lawyer", "opinion_asked", lambda unit, case, now, desk: drafts.ask_review(
        unit, visit.actor, case, None, visit.field("reviewer") or None, now, desk,
        visit.field("text")))  # fmt: skip


async def approve(visit: Visit) -> Response:
    """These words may go out."""
    return await act(visit, "approve", "approved", lambda unit, case, now, desk: drafts.approve(
        unit, visit.actor, case, visit.path("draft_id"), now, desk), anchor="#drafts")  # fmt: skip


async def return_draft(visit: Visit) -> Response:
    """The author is to change them."""
    return await act(visit, "return", "returned", lambda unit, case, now, desk: drafts.return_draft(
        unit, visit.actor, case, visit.path("draft_id"), visit.field("text"), now, desk),
        anchor="#drafts")  # fmt: skip


async def declare_conflict(visit: Visit) -> Response:
    """The case is hidden from who declares it; there is no page of it to go back to."""
    actor, deps, case_id = visit.actor, visit.deps, visit.path("case_id")
    now = deps.clock.now()
    await deps.store.write(lambda unit: conflicts.declare_conflict(unit, actor, case_id, now, deps.desk))
    return back("/cases", "conflict_declared")


async def lift_conflict(visit: Visit) -> Response:
    """Open the case to the member again."""
    return await act(visit, "lift", "conflict_lifted", lambda unit, case, now, desk: conflicts.lift_conflict(
        unit, visit.actor, case, visit.field("staff"), now, desk))  # fmt: skip


async def add_task(visit: Visit) -> Response:
    """Something to do, in own words."""
    return await act(visit, "task", "task_added", lambda unit, case, now, desk: team_work.add_task(
        unit, visit.actor, case, visit.field("text"), _day(visit.field("due")),
        visit.field("taker") or None, now, desk), anchor="#tasks")  # fmt: skip


async def finish_task(visit: Visit) -> Response:
    """Tick a task, or take the tick away."""
    if visit.field("open"):
        return await act(visit, "tick", "task_again", lambda unit, case, now, desk: team_work.finish_task(
            unit, visit.actor, case, visit.field("task"), now, desk, done=False),
            anchor="#tasks")  # fmt: skip
    return await act(visit, "tick", "task_done", lambda unit, case, now, desk: team_work.finish_task(
        unit, visit.actor, case, visit.field("task"), now, desk), anchor="#tasks")  # fmt: skip


async def drop_task(visit: Visit) -> Response:
    """Throw a task away."""
    return await act(visit, "tick", "task_dropped", lambda unit, case, now, desk: team_work.drop_task(
        unit, visit.actor, case, visit.field("task"), now, desk), anchor="#tasks")  # fmt: skip


async def begin_playbook(visit: Visit) -> Response:
    """Put the steps of the kind among the tasks."""
    books = visit.deps.knowledge.playbooks
    return await act(visit, "playbook", "playbook_begun", lambda unit, case, now, desk: playbooks.begin(
        unit, visit.actor, case, books, now, desk), anchor="#playbook")  # fmt: skip


async def tick_step(visit: Visit) -> Response:
    """Tick a step of the playbook, or take the tick away."""
    books, done = visit.deps.knowledge.playbooks, not visit.field("open")
    return await act(visit, "tick", "task_done" if done else "task_again",
        lambda unit, case, now, desk: playbooks.tick(
            unit, visit.actor, case, visit.field("step"), done, books, now), anchor="#playbook")  # fmt: skip


async def ask_for(visit: Visit) -> Response:
    """What is ticked of the checklist becomes a draft that asks her for it."""
    books, items = visit.deps.knowledge.playbooks, visit.chosen("item")
    return await act(visit, "checklist", "ask_drafted", lambda unit, case, now, desk: playbooks.ask_for(
        unit, visit.actor, case, items, books, now, desk, seen=seen_version(visit)),
        anchor="#drafts")  # fmt: skip


async def log_contact(visit: Visit) -> Response:
    """Keep a telephone call or a visit."""
    kind = EventKind.VISIT if visit.field("contact") == "visit" else EventKind.CALL
    return await act(visit, "contact", "contact_kept", lambda unit, case, now, desk: team_work.log_contact(
        unit, visit.actor, case, kind, _whom(visit.field("whom")), _moment(visit.field("when")),
        _minutes(visit.field("minutes")), visit.field("text"), now, desk), anchor="#contacts")  # fmt: skip


async def canned(visit: Visit) -> Response:
    """Look for a canned answer, or put one into the reply; what was typed stays as it is."""
    typed, deps = dict(visit.form), visit.deps
    if topic := visit.field("insert"):
        text = snippets.text_of(deps.library, topic, deps.wording, deps.clock.now())
        typed |= {"text": snippets.inserted(visit.field("text"), text), "canned": "", "advice": "yes"}
    return await case_page(visit, form="draft", typed=typed)


def _whom(written: str) -> ContactWith:
    try:
        return ContactWith(written)
    except ValueError:
        return ContactWith.OTHER


def _day(written: str) -> date | None:
    """A civil day, or None where the field is empty."""
    if not written.strip():
        return None
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        raise Refused("due") from None


def _moment(written: str) -> datetime:
    """The instant of a clock time in Asia/Shanghai."""
    if not written.strip():
        raise Refused("when_empty")
    try:
        at = datetime.fromisoformat(written.strip())
        return at.replace(tzinfo=SHANGHAI).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused("when") from None


def _minutes(written: str) -> int:
    plain = written.strip() or "0"
    if not (plain.isdecimal() and len(plain) < 6):
        raise Refused("minutes")
    return int(plain)


def _needs(*powers: Power) -> frozenset[Power]:
    return frozenset(powers)


_CASE = "/cases/{case_id}"
_DRAFT = f"{_CASE}/drafts/{{draft_id}}"
ENTRIES: tuple[Entry, ...] = (
    Entry("POST", f"{_DRAFT}/review", _needs(Power.REPLY), ask_review),
    Entry("POST", f"{_DRAFT}/approve", _needs(Power.APPROVE), approve),
    Entry("POST", f"{_DRAFT}/return", _needs(Power.APPROVE), return_draft),
    Entry("POST", f"{_CASE}/opinion", _needs(Power.REPLY), ask_lawyer),
    Entry("POST", f"{_CASE}/conflict", _needs(Power.NOTE), declare_conflict),
    Entry("POST", f"{_CASE}/conflict/lift", _needs(Power.ASSIGN), lift_conflict),
    Entry("POST", f"{_CASE}/tasks", _needs(Power.NOTE), add_task),
    Entry("POST", f"{_CASE}/tasks/tick", _needs(Power.NOTE), finish_task),
    Entry("POST", f"{_CASE}/tasks/drop", _needs(Power.NOTE), drop_task),
    Entry("POST", f"{_CASE}/playbook", _needs(Power.NOTE), begin_playbook),
    Entry("POST", f"{_CASE}/playbook/tick", _needs(Power.NOTE), tick_step),
    Entry("POST", f"{_CASE}/checklist", _needs(Power.REPLY), ask_for),
    Entry("POST", f"{_CASE}/contacts", _needs(Power.NOTE), log_contact),
    Entry("POST", f"{_CASE}/canned", _needs(Power.REPLY), canned),
    Entry("POST", "/views", _needs(Power.LIST_CASES), save_view),
    Entry("POST", "/views/drop", _needs(Power.LIST_CASES), drop_view),
)
