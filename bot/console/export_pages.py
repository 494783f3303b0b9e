"""The desk's page of exports: ask, agree, take out once."""

import shutil
import tempfile
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response, StreamingResponse

from bot.console.guard import Entry, Visit, back, refusal
from bot.console.period_picker import chosen, offers
from bot.domain.civil_time import civil_day
from bot.domain.errors import Refused
from bot.domain.periods import Period
from bot.domain.ports import Unit
from bot.domain.ports_figures import ExportRequest, Layout
from bot.domain.staff import Power
from bot.services import two_people
from bot.services.export_sheet import write_sheet
from bot.services.exports import MOST_ALONE, as_csv, ask, file_name, tell_asker, tell_others, writer
from bot.services.two_people import Cleared

_SHOWN = 50
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EXPORTS = "/figures/exports"


async def show_exports(visit: Visit, status: int = 200, error: str = "") -> Response:
    """What was asked for, how far it has come, and the form to ask."""
    now = visit.deps.clock.now()

    def read(unit: Unit) -> tuple[list[ExportRequest], dict[str, str]]:
        return list(unit.figures.exports(_SHOWN)), {one.id: one.name for one in unit.staff.all()}

    requests, names = await visit.deps.store.read(read)
    return visit.show(
        "figures_exports.html", status, error=error, offers=offers(civil_day(now)), names=names,
        most_alone=MOST_ALONE, typed=visit.form, layouts=list(Layout),
        requests=[(one, Period(one.first, one.last), two_people.stage(one, now)) for one in requests],
    )  # fmt: skip


async def ask_export(visit: Visit) -> Response:
    """Few cases come at once; for more the request waits for a second person."""
    now, wording = visit.deps.clock.now(), visit.deps.wording
    layout = next((one for one in Layout if one.value == visit.field("layout")), Layout.XLSX)
    try:
        period = chosen(visit)

        def keep(unit: Unit) -> Cleared | ExportRequest:
            asked = ask(unit, visit.actor, period, layout, now)
            if isinstance(asked, ExportRequest):
                tell_others(unit, asked, now, wording)
            return asked

        asked = await visit.deps.store.write(keep)
    except Refused as refused:
        return await show_exports(visit, 422, refusal(visit.deps, refused))
    if isinstance(asked, Cleared):
        return await _file(visit, asked)
    return back("/figures/exports", "export_asked")


async def agree(visit: Visit) -> Response:
    """The second person says yes."""
    return await _decide(visit, True)


async def decline(visit: Visit) -> Response:
    """The second person says no."""
    return await _decide(visit, False)


async def _decide(visit: Visit, agreed: bool) -> Response:
    now, export_id = visit.deps.clock.now(), visit.field("export")

    def keep(unit: Unit) -> None:
        two_people.decide(unit, visit.actor, export_id, agreed, now)
        tell_asker(unit, export_id, now, visit.deps.wording)

    try:
        await visit.deps.store.write(keep)
    except Refused as refused:
        return await show_exports(visit, 422, refusal(visit.deps, refused))
    if agreed:
        return back("/figures/exports", "export_agreed")
    return back("/figures/exports", "export_declined")


async def take(visit: Visit) -> Response:
    """The file, once, to the one who asked."""
    now, export_id = visit.deps.clock.now(), visit.field("export")
    try:
        cleared = await visit.deps.store.write(lambda unit: two_people.use(unit, visit.actor, export_id, now))
    except Refused as refused:
        return await show_exports(visit, 422, refusal(visit.deps, refused))
    return await _file(visit, cleared)


async def _file(visit: Visit, cleared: Cleared) -> Response:
    """The audit line is kept already; from here on nothing but writing."""
    store = visit.deps.store
    made = await writer(store, cleared, visit.deps.clock.now(), visit.deps.wording)
    name = file_name(cleared.request)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    if cleared.request.layout is Layout.CSV:
        return StreamingResponse(as_csv(store, made), media_type="text/csv", headers=headers)
    folder = Path(tempfile.mkdtemp(prefix="export-"))
    try:
        await write_sheet(store, made, folder / name)
    except BaseException:
        shutil.rmtree(folder)
        raise
    gone = BackgroundTask(shutil.rmtree, folder)
    return FileResponse(folder / name, media_type=_XLSX, headers=headers, background=gone)


_NEEDS = frozenset({Power.EXPORT})
ENTRIES: tuple[Entry, ...] = (
    Entry("GET", _EXPORTS, _NEEDS, show_exports),
    Entry("POST", _EXPORTS, _NEEDS, ask_export),
    Entry("POST", f"{_EXPORTS}/agree", _NEEDS, agree),
    Entry("POST", f"{_EXPORTS}/decline", _NEEDS, decline),
    Entry("POST", f"{_EXPORTS}/file", _NEEDS, take),
)
