"""What the buttons of a case do: one act each, then back to its page with what was done.

A refusal shows the page again with everything that was typed: nothing that somebody wrote is lost.
"""

from collections.abc import Callable
from datetime import datetime

from starlette.responses import Response

from bot.console.case_pages import case_page
from bot.console.guard import Visit, back, refusal
from bot.domain.cases import CaseStatus, EventKind, Outcome
from bot.domain.errors import MoveNotAllowed, NotFound, Refused
from bot.domain.money import sum_in_fen
from bot.domain.ports import Unit
from bot.domain.signals import case_of
from bot.services import case_work


async def claim(visit: Visit) -> Response:
    """Take the case."""
    return await _act(visit, "claim", "claimed", lambda unit, case, now, desk: case_work.claim(
        unit, visit.actor, case, now, desk))  # fmt: skip


async def assign(visit: Visit) -> Response:
    """Give the case to somebody."""
    return await _act(visit, "assign", "assigned", lambda unit, case, now, desk: case_work.assign(
        unit, visit.actor, case, visit.field("staff"), now, desk))  # fmt: skip


async def note(visit: Visit) -> Response:
    """Keep an internal note."""
    return await _act(visit, "note", "noted", lambda unit, case, now, desk: case_work.add_note(
        unit, visit.actor, case, visit.field("text"), now, desk))  # fmt: skip


async def draft(visit: Visit) -> Response:
    """Keep a draft and show it as she will read it."""
    kind = EventKind.ASK_MORE if visit.field("kind") == "ask_more" else EventKind.REPLY
    return await _act(visit, "draft", "drafted", lambda unit, case, now, desk: case_work.write_draft(
        unit, visit.actor, case, visit.field("text"), now, desk, kind,
        seen=_seen(visit), replaces=visit.field("replaces") or None), anchor="#drafts")  # fmt: skip


async def send(visit: Visit) -> Response:
    """Send a draft to her."""
    return await _act(visit, "send", "sent", lambda unit, case, now, desk: case_work.send_draft(
        unit, visit.actor, case, visit.path("draft_id"), now, desk, seen=_seen(visit)))  # fmt: skip


async def drop(visit: Visit) -> Response:
    """Throw a draft away."""
    return await _act(visit, "drop", "dropped", lambda unit, case, now, desk: case_work.drop_draft(
        unit, visit.actor, case, visit.path("draft_id"), now, desk))  # fmt: skip


async def move(visit: Visit) -> Response:
    """Bring the case into another state, or open it again."""
    to = next((status for status in CaseStatus if status.value == visit.field("to")), None)
    if to is None:
        raise NotFound("status")
    done = "reopened" if visit.field("reopen") else "moved"
    return await _act(visit, "move", done, lambda unit, case, now, desk: case_work.move(
        unit, visit.actor, case, to, now, desk, visit.field("text"), seen=_seen(visit)))  # fmt: skip


async def close(visit: Visit) -> Response:
    """Close the case with its outcome."""
    outcome = next((one for one in Outcome if one.value == visit.field("outcome")), None)

    def work(unit: Unit, case: str, now: datetime, desk: case_work.Desk) -> object:
        if outcome is None:
            raise Refused("outcome")
        return case_work.close(
            unit, visit.actor, case, outcome, now, desk,
            sum_in_fen(visit.field("amount")), people_in(visit.field("people")), visit.field("text"),
            seen=_seen(visit),
        )  # fmt: skip

    return await _act(visit, "close", "closed", work)


def people_in(written: str) -> int:
    """How many people it helped, as written; empty is one."""
    plain = written.strip().removesuffix("人").strip()
    if not plain:
        return 1
    if not (plain.isdecimal() and len(plain) <= 9):
        raise Refused("people")
    return int(plain)


Work = Callable[[Unit, str, datetime, case_work.Desk], object]


async def _act(visit: Visit, form: str, done: str, work: Work, anchor: str = "") -> Response:
    case_id, now, deps = visit.path("case_id"), visit.deps.clock.now(), visit.deps
    try:
        await deps.store.write(lambda unit: work(unit, case_id, now, deps.desk))
    except Refused as refused:
        return await case_page(
            visit, 409 if refused.reason == "changed" else 422,
            error=refusal(deps, refused), form=form, typed=visit.form,
        )  # fmt: skip
    except MoveNotAllowed:
        said = deps.wording.desk.refused["move"]
        return await case_page(visit, 409, error=said, form=form, typed=visit.form)
    if form in ("draft", "send"):
        deps.presence.stop(case_id, visit.actor.id)
        deps.signals.notify([case_of(case_id)])
    response = back(f"/cases/{case_id}", done)
    if anchor:
        response.headers["location"] += anchor
    return response


def _seen(visit: Visit) -> int | None:
    """The version on the member's screen; a form without it is not checked."""
    seen = visit.field("seen")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else None
