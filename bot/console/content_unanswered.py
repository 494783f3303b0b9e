"""The curators' queue: what nobody could answer, and answers that did not help."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from bot.console.content_frame import choice, whole_number
from bot.console.guard import BASE, Visit
from bot.domain.ports import Unit
from bot.services import content_notes
from bot.services.content_library import Library

TABS = ("waiting", "week", "done")
REASONS = ("not_found", "unsure", "not_clear", "not_mine", "lesson")
_PER_PAGE, _NEAREST, _GISTS = 20, 3, 20
_TOPIC = re.compile(r"[a-z0-9_-]{1,100}")


async def show_unanswered(visit: Visit) -> Response:
    """Notes that wait, the week's commonest, or what is done."""
    tab = choice(visit, "tab", TABS) or "waiting"
    return await (_week(visit) if tab == "week" else _notes(visit, tab))


async def _notes(visit: Visit, tab: str) -> Response:
    """A page of single notes, newest first. Pages go by number, so that nothing slips when some are done."""
    chosen = _chosen(visit.request.query_params)
    before = whole_number(chosen["before"])

    def read(unit: Unit) -> tuple[Any, ...]:
        notes = unit.feedback.page(
            done=tab == "done", limit=_PER_PAGE + 1, before=before,
            reason=chosen["reason"], topic=chosen["topic"],
        )  # fmt: skip
        return notes, unit.feedback.counts(), {one.id: one.name for one in unit.staff.all()}

    notes, counts, names = await visit.deps.store.read(read)
    shown = notes[:_PER_PAGE]
    near = await asyncio.to_thread(_nearest, visit.deps.library, [note.masked for note in shown])
    groups = [(one.reason, one.topic, one.waiting if tab == "waiting" else one.total - one.waiting)
              for one in counts]  # fmt: skip
    return visit.show(
        "content_unanswered.html",
        tab=tab,
        tabs=TABS,
        chosen=chosen,
        notes=list(zip(shown, near, strict=True)),
        older=shown[-1].seq if len(notes) > _PER_PAGE else None,
        groups=[group for group in groups if group[2]],
        reasons=REASONS,
        names=names,
        gists=(),
        library=visit.deps.library,
    )


async def _week(visit: Visit) -> Response:
    """What was asked most in the last seven days, each with all the ways to say it."""
    library, now = visit.deps.library, visit.deps.clock.now()
    week = await visit.deps.store.read(lambda unit: content_notes.of_the_week(unit, now))

    def compare() -> list[tuple[content_notes.Gist, list[str]]]:
        gists = content_notes.by_gist(library, week)[:_GISTS]
        near = _nearest(library, [gist.said for gist in gists])
        return list(zip(gists, near, strict=True))

    return visit.show(
        "content_unanswered.html",
        tab="week",
        tabs=TABS,
        chosen=_chosen({}),
        notes=(),
        older=None,
        groups=(),
        reasons=REASONS,
        names={},
        gists=await asyncio.to_thread(compare),
        library=library,
    )


async def mark_done(visit: Visit) -> Response:
    """Take notes off the queue; somebody else may have been quicker, which is no fault."""
    numbers = [number for one in visit.field("notes").split() if (number := whole_number(one)) is not None]
    actor, now = visit.actor, visit.deps.clock.now()
    marked = await visit.deps.store.write(lambda unit: content_notes.mark_done(unit, actor, numbers, now))
    tab = visit.field("tab") if visit.field("tab") in TABS else "waiting"
    query = {"tab": tab, **_chosen(visit.form), "done": "note_done" if marked else "note_was_done"}
    return RedirectResponse(f"{BASE}/content/unanswered?{_written(query)}", status_code=303)


def _nearest(library: Library, texts: Sequence[str]) -> list[list[str]]:
    """The topics nearest to each text, however unsure. Takes a millisecond or more a text."""
    return [[one.entry_id for one in library.index.rank(text, _NEAREST)] for text in texts]


def _chosen(fields: Mapping[str, str]) -> dict[str, str]:
    """Reason, topic and place in the list, as far as they can be such."""
    reason, topic, before = (fields.get(name, "") for name in ("reason", "topic", "before"))
    return {
        "reason": reason if reason in REASONS else "",
        "topic": topic if _TOPIC.fullmatch(topic) else "",
        "before": before if whole_number(before) is not None else "",
    }


def _written(query: Mapping[str, str]) -> str:
    return urlencode({name: value for name, value in query.items() if value})
