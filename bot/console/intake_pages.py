"""Taking a case down for somebody who calls or comes, and the slip that she gets."""

import asyncio
import io
import secrets
from collections.abc import Mapping
from datetime import date

from starlette.responses import Response

from bot.console.guard import Visit, back, refusal
from bot.domain.cases import BY_STAFF, Answers, CaseCard, CaseKind, CaseSource, NameLevel
from bot.domain.civil_time import civil_day
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.urgency import Danger, find_danger
from bot.services import case_slip, doubles, take_down_case
from bot.services.case_gate import open_case
from bot.services.case_slip import Slip
from bot.services.case_work import LONGEST_TEXT
from bot.services.take_down_case import Told

_LONGEST_ONCE = 64
SOURCES = tuple(source for source in CaseSource if source in BY_STAFF)


async def show_form(visit: Visit) -> Response:
    """The empty form; what runs when it is sent twice makes one case."""
    return _form(visit, {"once": secrets.token_hex(12), "source": CaseSource.HOTLINE.value, "mine": "yes"})


async def take_down(visit: Visit) -> Response:
    """Keep what was told; a refusal shows the form again with everything in it."""
    deps, actor, now = visit.deps, visit.actor, visit.deps.clock.now()
    once = visit.field("once")[:_LONGEST_ONCE] or secrets.token_hex(12)
    try:
        told = _told(visit)
        library = deps.library
        reading = await asyncio.to_thread(
            take_down_case.read_words, told.answers.happened, library.knowledge, library.index
        )
        card = await deps.store.write(
            lambda unit: take_down_case.take_down(
                unit, actor, once, told, reading, now, deps.desk, library.knowledge
            )
        )
    except Refused as refused:
        typed = {**visit.form, "once": once}
        return _form(visit, typed, error=refusal(deps, refused), status=422)
    return back(f"/cases/{card.id}/slip", "taken_down")


async def show_slip(visit: Visit) -> Response:
    """The slip to print; what stands around it on the screen is not printed."""
    deps, actor, now, case_id = visit.deps, visit.actor, visit.deps.clock.now(), visit.path("case_id")

    def read(unit: Unit) -> tuple[Slip, Danger | None, list[CaseCard]]:
        slip = case_slip.print_slip(unit, actor, case_id, now)
        danger = None
        if slip.first and slip.card.urgent:
            happened = open_case(unit, actor, case_id, now).answers.happened
            danger = find_danger(happened, deps.knowledge.danger)
        likely = doubles.likely(unit, actor, slip.card, now) if slip.first else []
        return slip, danger, [double.card for double in likely]

    slip, danger, likely = await deps.store.write(read)
    return visit.show(
        "slip.html",
        slip=slip,
        card=slip.card,
        danger="" if danger is None else deps.wording.intake.danger[danger.kind.value],
        likely=likely,
        said=deps.wording.intake.slip,
        address=deps.public_url,
        hotline=deps.knowledge.region.hotline,
    )


async def address_code(visit: Visit) -> Response:
    """The web address as a QR code; the same for every case."""
    import segno  # lazily: needed only where a slip is printed

    out = io.BytesIO()
    segno.make(visit.deps.public_url, error="m").save(
        out, kind="svg", scale=4, border=4, dark="#111", light="#fff"
    )
    return Response(out.getvalue(), media_type="image/svg+xml")


def _form(visit: Visit, typed: Mapping[str, str], *, error: str = "", status: int = 200) -> Response:
    deps = visit.deps
    return visit.show(
        "intake.html",
        status,
        typed=dict(typed),
        error=error,
        sources=SOURCES,
        kinds=tuple(CaseKind),
        districts=deps.knowledge.region.districts,
        read_out=deps.wording.intake.read_out,
        latest=civil_day(deps.clock.now()).isoformat(),
        longest=LONGEST_TEXT,
    )


def _told(visit: Visit) -> Told:
    """The form as the service takes it; Refused("heard_on") for a day that is none."""
    field = visit.field
    return Told(
        source=next((one for one in SOURCES if one.value == field("source")), None),
        answers=Answers(
            happened=field("text"),
            **{
                name: field(name).strip() or None
                for name in ("since", "district", "employer", "evidence", "wish", "name", "contact")
            },
        ),
        kind=next((one for one in CaseKind if one.value == field("kind")), None),
        level=NameLevel.NAMED if field("level") == NameLevel.NAMED else NameLevel.UNION_ONLY,
        urgent=bool(field("urgent")),
        agreed=bool(field("agreed")),
        keep_name=bool(field("keep_name")),
        for_other=bool(field("for_other")),
        other_agreed=bool(field("other_agreed")),
        heard_on=_day(field("heard_on")),
        mine=bool(field("mine")),
    )


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refused("heard_on") from None
