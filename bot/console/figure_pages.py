"""The desk's pages of figures: a period at a glance, the cases behind a number, the report."""

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from bot.console import charts, export_pages
from bot.console.guard import Entry, Visit, refusal
from bot.console.period_picker import chosen, offers
from bot.domain.civil_time import civil_day
from bot.domain.errors import NotAllowed, NotFound, Refused
from bot.domain.periods import Period
from bot.domain.ports import Unit
from bot.domain.ports_figures import CountedCase
from bot.domain.staff import Power
from bot.services.case_gate import on_duty, see_card
from bot.services.figure_definitions import By, Figure, in_team
from bot.services.figure_tables import Cell, Headline, Table, Viewer, chart_of, headlines, tables
from bot.services.figures import behind, charted, period_figures
from bot.services.first_answers import first_answers
from bot.services.report_document import report_docx
from bot.services.reports import Report, make_report

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MOST_NUMBERS = 500
_STANDING = frozenset({By.MONTH})


async def show_figures(visit: Visit) -> Response:
    """Main figures and breakdowns of a period, each with its definition."""
    period, error = _period(visit)
    viewer = await _viewer(visit)
    shown, broken = await visit.deps.store.read(lambda unit: _figures(unit, visit, period, viewer))
    return visit.show(
        "figures.html", 422 if error else 200, error=error, period=period, offers=offers(_today(visit)),
        headlines=shown, tables=broken, exact=viewer.exact, may_list=_may_list(visit),
    )  # fmt: skip


async def chart(visit: Visit) -> Response:
    """One breakdown of a period as a picture; `masked` as it stands in a report."""
    period = chosen(visit)
    by = _one_of(By, visit.request.query_params.get("by", By.KIND))
    masked = bool(visit.request.query_params.get("masked"))
    viewer = Viewer(False, {}) if masked else await _viewer(visit)
    if by is None or (by is By.OFFICER and not viewer.exact):
        raise NotFound("chart")
    lines = await visit.deps.store.read(lambda unit: charted(unit, period.since, period.until, by))
    names, numbers = chart_of(lines, by, viewer, visit.deps.wording)
    draw = charts.columns if by in _STANDING else charts.lying_bars
    return charts.picture(await asyncio.to_thread(draw, names, numbers))


async def show_cases(visit: Visit) -> Response:
    """The numbers of the cases behind a figure: with a link to those that the member may open.

    Outside the team the numbers alone are shown, and only to whoever reads the audit.
    """
    if not _may_list(visit):
        raise NotAllowed("figure cases")
    period, query, now = chosen(visit), visit.request.query_params, visit.deps.clock.now()
    figure, by = _one_of(Figure, query.get("figure", Figure.OPENED)), _one_of(By, query.get("by", ""))
    value = query.get("value", "")
    if figure is None:
        raise NotFound("figure")
    viewer = await _viewer(visit)

    def read(unit: Unit) -> dict[str, Any]:
        shown, broken = _figures(unit, visit, period, viewer)
        cell, name = _asked(shown, broken, figure, by, value)
        facts = {"figure": figure.value, "period": period.key, **({"by": by.value} if by else {})}
        unit.audit.append(visit.actor.id, "figure_cases", "cases", now, facts)
        cases = behind(unit, period.since, period.until, figure, by, value)
        return {"cell": cell, "line": name, **_numbers(unit, visit, cases)}

    found = await visit.deps.store.write(read)
    words = visit.deps.wording.figures
    return visit.show(
        "figure_cases.html", period=period, name=words.names[figure], means=words.means[figure],
        unit=words.units.get(figure, ""), **found,
    )  # fmt: skip


async def show_report(visit: Visit) -> Response:
    """The report as a page to print."""
    report = await _report(visit)
    return visit.show("report.html", report=report, said=visit.deps.wording.figures.report)


async def report_file(visit: Visit) -> Response:
    """The report as a Word document."""
    report, now = await _report(visit), visit.deps.clock.now()
    made = await asyncio.to_thread(report_docx, report, visit.deps.wording.figures, now)
    name = f"report-{report.period.key}.docx"
    return Response(made, media_type=_DOCX, headers={"content-disposition": f'attachment; filename="{name}"'})


async def _report(visit: Visit) -> Report:
    period, deps, now = chosen(visit), visit.deps, visit.deps.clock.now()

    def read(unit: Unit) -> Report:
        unit.audit.append(visit.actor.id, "report", "figures", now, {"period": period.key})
        return make_report(unit, period, now, deps.desk.promises, deps.organisation, deps.wording)

    return await deps.store.write(read)


def _period(visit: Visit) -> tuple[Period, str]:
    """The period that is asked for; the present month where it cannot be, with the reason."""
    try:
        return chosen(visit), ""
    except Refused as refused:
        return chosen(visit, usual=True), refusal(visit.deps, refused)


def _figures(
    unit: Unit, visit: Visit, period: Period, viewer: Viewer
) -> tuple[tuple[Headline, ...], tuple[Table, ...]]:
    deps, now = visit.deps, visit.deps.clock.now()
    found = period_figures(unit, period.since, period.until)
    prompt = first_answers(unit, period.since, period.until, now, deps.desk.promises)
    wanted = [by for by in By if viewer.exact or by is not By.OFFICER]
    return headlines(found, prompt, viewer, deps.wording), tables(found, viewer, deps.wording, wanted)


def _asked(
    shown: Sequence[Headline], broken: Sequence[Table], figure: Figure, by: By | None, value: str
) -> tuple[Cell, str]:
    """The cell whose cases are asked for, and the name of its line; NotFound where it leads nowhere."""
    if by is None:
        cells = [(one.cell, "") for one in shown if one.figure is figure]
    else:
        cells = [
            (row.cells[table.figures.index(figure)], row.name)
            for table in broken if table.by is by and figure in table.figures
            for row in table.rows if row.value == value
        ]  # fmt: skip
    if len(cells) != 1 or (cells[0][0].number is None and not cells[0][0].leads):
        raise NotFound("figure")
    return cells[0]


def _numbers(unit: Unit, visit: Visit, cases: Sequence[CountedCase]) -> dict[str, Any]:
    """Numbers with the id of those that may be opened; of the others the team sees only how many."""
    member = on_duty(unit, visit.actor)
    if not in_team(member):
        return {"cases": [(case.number, "") for case in cases[:_MOST_NUMBERS]], "hidden": 0, "more": max(
            0, len(cases) - _MOST_NUMBERS)}  # fmt: skip
    mine = [case for case in cases if member.may(Power.OPEN_ALL) or case.assignee in (None, member.id)]
    shown = []
    for case in mine[:_MOST_NUMBERS]:
        try:
            shown.append((see_card(unit, member, case.id).number, case.id))
        except NotFound:  # closed to this member by a conflict of interest
            continue
    more = max(0, len(mine) - _MOST_NUMBERS)
    return {"cases": shown, "hidden": len(cases) - len(shown) - more, "more": more}


async def _viewer(visit: Visit) -> Viewer:
    if not in_team(visit.actor):
        return Viewer(False, {})
    return Viewer(
        True, await visit.deps.store.read(lambda unit: {one.id: one.name for one in unit.staff.all()})
    )


def _may_list(visit: Visit) -> bool:
    return in_team(visit.actor) or visit.actor.may(Power.SEE_AUDIT)


def _today(visit: Visit) -> Any:
    return civil_day(visit.deps.clock.now())


def _one_of(kind: Any, value: str) -> Any:
    return next((one for one in kind if one.value == value), None)


_SEE = frozenset({Power.SEE_FIGURES})
ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/figures", _SEE, show_figures),
    Entry("GET", "/figures/chart.svg", _SEE, chart),
    Entry("GET", "/figures/cases", _SEE, show_cases),
    Entry("GET", "/figures/report", _SEE, show_report),
    Entry("GET", "/figures/report.docx", _SEE, report_file),
    *export_pages.ENTRIES,
)
