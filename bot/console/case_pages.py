"""The page of one case, its stream, and the files she sent."""

import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sse_starlette import EventSourceResponse
from starlette.responses import Response

from bot.console.case_panels import PANELS
from bot.console.deps import ConsoleDeps
from bot.console.event_words import about
from bot.console.guard import Visit
from bot.console.waking import looks
from bot.domain.cases import (
    ENDED_STATUSES,
    MOVES,
    CaseEvent,
    EventKind,
    OpenedCase,
    Outcome,
)
from bot.domain.errors import NotFound
from bot.domain.ports import Unit
from bot.domain.ports_staff import AuditLine
from bot.domain.signals import case_of
from bot.domain.staff import Power, StaffMember
from bot.services.case_gate import on_duty, open_case, see_card
from bot.services.case_work import LONGEST_TEXT
from bot.services.drafts import preview
from bot.services.take_files import staff_copy

_TALK = frozenset({EventKind.HER_WORDS, EventKind.HER_FILE, EventKind.REPLY, EventKind.ASK_MORE})
_AUDIT_SHOWN = 100
_TALK_SHOWN = 6
_SAFE_TYPES = frozenset(
    {"image/jpeg", "image/png", "image/webp", "application/pdf", "audio/mpeg", "video/mp4"}
)


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as one member sees it; `states` maps an event to how its message is doing."""

    opened: OpenedCase
    names: Mapping[str, str]
    takers: tuple[StaffMember, ...]
    states: Mapping[int, str]
    undelivered: int
    reachable: bool
    audit: tuple[AuditLine, ...]
    panels: Mapping[str, object]  # what each area of the desk shows in the case

    @property
    def key(self) -> str:
        """Changes with everything that the page shows."""
        return page_key(self.opened.card.version, self.opened.events)


def page_key(version: int, events: tuple[CaseEvent, ...]) -> str:
    """The state of a page in few characters."""
    return f"{version}.{events[-1].seq if events else 0}"


async def show_case(visit: Visit) -> Response:
    """The page."""
    return await case_page(visit)


async def case_page(
    visit: Visit,
    status: int = 200,
    *,
    error: str = "",
    form: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    """The page, with what somebody typed put back into the form (`form`) that was refused."""
    actor, now, case_id = visit.actor, visit.deps.clock.now(), visit.path("case_id")
    deps = visit.deps
    view = await deps.store.write(lambda unit: _read(unit, actor, case_id, now, deps))
    card, writing = view.opened.card, await writing_names(visit, case_id, view.names)
    in_hand = card.assignee == actor.id or actor.may(Power.OPEN_ALL)
    is_open = card.is_open
    talk = [event for event in view.opened.events if event.kind in _TALK]
    before = _old_talk(talk)
    return visit.show(
        "case.html",
        status,
        view=view,
        panels=view.panels,
        about=lambda event: about(event, deps),
        card=card,
        is_open=is_open,
        in_hand=in_hand,
        talk=talk[before:],
        talk_before=talk[:before],
        notes=[event for event in view.opened.events if event.kind is EventKind.NOTE],
        files={file.id: file for file in view.opened.files},
        moves=sorted(MOVES[card.status] - ENDED_STATUSES) if is_open else [],
        outcomes=list(Outcome),
        previews={draft.id: preview(card, draft, now, visit.deps.desk) for draft in view.opened.drafts},
        writing=writing,
        error=error,
        form=form,
        typed=dict(typed or {}),
        longest=LONGEST_TEXT,
    )


def _old_talk(talk: Sequence[CaseEvent]) -> int:
    """How many of the first messages fold away: never one of hers that nobody has answered yet."""
    answered = max((at for at, event in enumerate(talk, 1) if event.by != "worker"), default=0)
    return max(0, min(answered - 1, len(talk) - _TALK_SHOWN))


async def writing_names(visit: Visit, case_id: str, names: Mapping[str, str]) -> list[str]:
    """Names of the others who are writing in this case now."""
    others = visit.deps.presence.others(case_id, visit.actor.id, visit.deps.clock.monotonic())
    return [names[one] for one in others if one in names]


async def stream(visit: Visit) -> Response:
    """Tells an open page what state the case is in and who is writing; no words of anybody."""
    case_id, actor = visit.path("case_id"), visit.actor
    await visit.deps.store.read(lambda unit: see_card(unit, on_duty(unit, actor), case_id))

    async def events() -> AsyncIterator[dict[str, Any]]:
        told = ""
        async for member, _ in looks(visit, case_of(case_id)):
            state = await _state(visit, member, case_id) if member else None
            if state is None:
                yield {"event": "gone", "data": ""}
                return
            if state != told:
                told = state
                yield {"event": "case", "data": state}

    return EventSourceResponse(events(), ping=15, headers={"x-accel-buffering": "no"})


async def writing(visit: Visit) -> Response:
    """A heartbeat: somebody has words in the reply box."""
    case_id, actor = visit.path("case_id"), visit.actor
    await visit.deps.store.read(lambda unit: see_card(unit, on_duty(unit, actor), case_id))
    if visit.field("stopped"):
        visit.deps.presence.stop(case_id, actor.id)
        visit.deps.signals.notify([case_of(case_id)])
    elif visit.deps.presence.beat(case_id, actor.id, visit.deps.clock.monotonic()):
        visit.deps.signals.notify([case_of(case_id)])
    return Response(status_code=204)


async def download(visit: Visit) -> Response:
    """A file of the case: always as an attachment, under a name of our own, never shown in the page."""
    actor, now, case_id = visit.actor, visit.deps.clock.now(), visit.path("case_id")
    file_id = visit.path("file_id")

    def permit(unit: Unit) -> str:
        opened = open_case(unit, actor, case_id, now)
        if file_id not in {file.id for file in opened.files}:
            raise NotFound("file")
        unit.audit.append(actor.id, "download", case_id, now, {"file": file_id})
        return opened.card.number

    number = await visit.deps.store.write(permit)
    row, data, _ = await staff_copy(visit.deps.store, file_id)
    mime = row.mime if row.mime in _SAFE_TYPES else "application/octet-stream"
    ending = _ENDINGS.get(row.mime, "bin")
    return Response(
        data,
        media_type=mime,
        headers={
            "content-disposition": f'attachment; filename="{number}-{secrets.token_hex(4)}.{ending}"',
            "content-security-policy": "default-src 'none'; sandbox",
        },
    )


_ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif", "image/heic": "heic",
    "application/pdf": "pdf", "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/ogg": "ogg", "audio/amr": "amr",
    "audio/wav": "wav", "audio/x-wav": "wav", "video/mp4": "mp4", "video/quicktime": "mov",
    "application/msword": "doc", "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}  # fmt: skip


async def _state(visit: Visit, member: StaffMember, case_id: str) -> str | None:
    def read(unit: Unit) -> tuple[str, dict[str, str]]:
        card = see_card(unit, member, case_id)
        events = tuple(unit.cases.outline(case_id, EventKind))
        return page_key(card.version, events), {one.id: one.name for one in unit.staff.all()}

    try:
        key, names = await visit.deps.store.read(read)
    except NotFound:
        return None
    return json.dumps({"key": key, "writing": await writing_names(visit, case_id, names)}, ensure_ascii=False)


def _read(unit: Unit, actor: StaffMember, case_id: str, now: datetime, deps: ConsoleDeps) -> CaseView:
    opened = open_case(unit, actor, case_id, now)
    members = unit.staff.all()
    takers = (one for one in members if one.may(Power.REPLY) and one.may(Power.OPEN_ASSIGNED))
    return CaseView(
        opened,
        {one.id: one.name for one in members},
        tuple(takers) if actor.may(Power.ASSIGN) else (),
        _states(unit, opened.events),
        unit.outbox.undelivered(case_id),
        bool(unit.cases.people_of(case_id)),
        tuple(unit.audit.lines(case_id, _AUDIT_SHOWN)) if actor.may(Power.SEE_AUDIT) else (),
        {name: panel(unit, actor, opened, now, deps) for name, panel in PANELS.items()},
    )


def _states(unit: Unit, events: tuple[CaseEvent, ...]) -> dict[int, str]:
    """How the message of each reply is doing: queued, sending, sent or dead."""
    rows: dict[int, int] = {}
    for event in events:
        first = (event.facts or {}).get("outbox", "").partition(",")[0]
        if first.isdigit():
            rows[event.seq] = int(first)
    known = unit.outbox.states(list(rows.values()))
    return {event: known.get(row, "sent") for event, row in rows.items()}
