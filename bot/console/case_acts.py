"""What the buttons of a case do: one act each, then back to its page with what was done.

A refusal shows the page again with everything that was typed: nothing that somebody wrote is lost.
"""

from collections.abc import Callable
from datetime import datetime

from starlette.responses import Response

from bot.console.case_pages import case_page
from bot.console.guard import Visit, back, refusal
from bot.domain.cases import CaseStatus, EventKind
from bot.domain.errors import MoveNotAllowed, NotFound, Refused
from bot.domain.ports import Unit
from bot.domain.signals import case_of
from bot.services import case_work, conflicts, drafts
from bot.services.case_gate import sees


async def claim(visit: Visit) -> Response:
    """Take the case; who has to do with the employer says so and does not see it any more."""
    if visit.field("related"):
        actor, deps, case_id, now = visit.actor, visit.deps, visit.path("case_id"), visit.deps.clock.now()
        await deps.store.write(lambda unit: conflicts.declare_conflict(unit, actor, case_id, now, deps.desk))
        return back("/cases", "conflict_declared")
    return await act(visit, "claim", "claimed", lambda unit, case, now, desk: case_work.claim(
        unit, visit.actor, case, now, desk))  # fmt: skip


async def assign(visit: Visit) -> Response:
    """Give the case to somebody."""
    return await act(visit, "assign", "assigned", lambda unit, case, now, desk: case_work.assign(
        unit, visit.actor, case, visit.field("staff"), now, desk))  # fmt: skip


async def note(visit: Visit) -> Response:
    """Keep an internal note."""
    return await act(visit, "note", "noted", lambda unit, case, now, desk: case_work.add_note(
        unit, visit.actor, case, visit.field("text"), now, desk))  # fmt: skip


async def draft(visit: Visit) -> Response:
    """Keep a draft and show it as she will read it."""
    kind = EventKind.ASK_MORE if visit.field("kind") == "ask_more" else EventKind.REPLY
    return await act(visit, "draft", "drafted", lambda unit, case, now, desk: drafts.write_draft(
        unit, visit.actor, case, visit.field("text"), now, desk, kind,
        seen=seen_version(visit), replaces=visit.field("replaces") or None,
        advice=bool(visit.field("advice"))), anchor="#drafts")  # fmt: skip


async def send(visit: Visit) -> Response:
    """Send a draft to her."""
    return await act(visit, "send", "sent", lambda unit, case, now, desk: drafts.send_draft(
        unit, visit.actor, case, visit.path("draft_id"), now, desk, seen=seen_version(visit)))  # fmt: skip


async def drop(visit: Visit) -> Response:
    """Throw a draft away."""
    return await act(visit, "drop", "dropped", lambda unit, case, now, desk: drafts.drop_draft(
        unit, visit.actor, case, visit.path("draft_id"), now, desk))  # fmt: skip


async def move(visit: Visit) -> Response:
    """Bring the case into another state, or open it again."""
    to = next((status for status in CaseStatus if status.value == visit.field("to")), None)
    if to is None:
        raise NotFound("status")
    done = "reopened" if visit.field("reopen") else "moved"
    return await act(visit, "move", done, lambda unit, case, now, desk: case_work.move(
        unit, visit.actor, case, to, now, desk, visit.field("text"), seen=seen_version(visit)))  # fmt: skip


_UNHEARD, _FOR_GROUP = "_unheard", "for_group"  # keys of a `done` in the wording
Work = Callable[[Unit, str, datetime, case_work.Desk], object]


async def act(visit: Visit, form: str, done: str, work: Work, anchor: str = "") -> Response:
    """Do one act in one unit and go back to the case. A refusal shows the page with what was typed.

    `form` names the form on the page, `done` what the page says after it. Who may not open the case any more
    goes to her list: a lawyer who has answered, an officer who has given it away.
    """
    case_id, now, deps = visit.path("case_id"), visit.deps.clock.now(), visit.deps

    def carry_out(unit: Unit) -> bool:
        work(unit, case_id, now, deps.desk)
        card = unit.cases.card(case_id)
        return card is not None and sees(unit, visit.actor, card)

    try:
        still_hers = await deps.store.write(carry_out)
    except Refused as refused:
        return await case_page(
            visit, 409 if refused.reason == "changed" else 422,
            error=refusal(deps, refused), form=form, typed=visit.form,
        )  # fmt: skip
    except MoveNotAllowed:
        said = deps.wording.refused("move")
        return await case_page(visit, 409, error=said, form=form, typed=visit.form)
    if form in ("draft", "send"):
        deps.presence.stop(case_id, visit.actor.id)
        deps.signals.notify([case_of(case_id)])
    if deps.wording.done(f"{done}{_UNHEARD}"):  # it wrote to her, where somebody is there to read it
        done = await deps.store.read(lambda unit: _as_heard(unit, case_id, done))
    if not still_hers:
        return back("/cases", done)
    response = back(f"/cases/{case_id}", done)
    if anchor:
        response.headers["location"] += anchor
    return response


def _as_heard(unit: Unit, case_id: str, done: str) -> str:
    """The key for what the desk says: a notice lies in her talk, she must be called, or it is a group's."""
    if unit.links.is_group(case_id):
        return _FOR_GROUP
    return done if unit.links.hearers(case_id) else done + _UNHEARD


def seen_version(visit: Visit) -> int | None:
    """The version on the member's screen; a form without it is not checked."""
    seen = visit.field("seen")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else None
