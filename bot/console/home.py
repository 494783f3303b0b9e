"""The home page: the day's figures and a chart with its table."""

import asyncio
from collections.abc import Mapping
from datetime import date

from starlette.responses import Response

from bot.console import charts
from bot.console.guard import Visit
from bot.domain.civil_time import civil_day
from bot.domain.staff import Power
from bot.services import day_figures
from bot.services.figure_definitions import SMALL_CELL, in_team
from bot.services.figure_tables import Viewer, headlines
from bot.services.small_cells import Mask, masks


async def home(visit: Visit) -> Response:
    """Figures for those who may see them, otherwise only the way on."""
    now, deps = visit.deps.clock.now(), visit.deps
    if not visit.actor.may(Power.SEE_FIGURES):
        return visit.show("home.html", figures=None)
    exact = in_team(visit.actor)
    found = await deps.store.read(lambda unit: day_figures.day_figures(unit, now))
    shown = headlines(found.month, found.prompt, Viewer(exact, {}), deps.wording)
    return visit.show(
        "home.html", figures=found, month={one.figure.value: one.cell.text for one in shown}, exact=exact,
        small=SMALL_CELL, today=civil_day(now),
    )  # fmt: skip


async def chart(visit: Visit) -> Response:
    """Cases opened per day over 14 days as SVG."""
    today = civil_day(visit.deps.clock.now())
    per_day = await visit.deps.store.read(lambda unit: day_figures.opened_per_day(unit, today))
    numbers = list(_shown(per_day, in_team(visit.actor)).values())
    return charts.picture(await asyncio.to_thread(charts.columns, charts.day_names(list(per_day)), numbers))


def _shown(per_day: Mapping[date, int], exact: bool) -> dict[date, int | None]:
    """The days with their numbers; outside the team None where a number is small."""
    made = masks(list(per_day.values()))
    return {
        day: count if exact or mask is Mask.EXACT else None
        for (day, count), mask in zip(per_day.items(), made, strict=True)
    }
