"""The home page: what waits for this member, then the day's figures and a chart with its table."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from starlette.responses import Response

from bot.console import charts
from bot.console.case_rows import Rows, first_in, waiting_in
from bot.console.guard import Visit
from bot.domain.civil_time import civil_day
from bot.domain.ports import Unit
from bot.domain.staff import Power, StaffMember
from bot.services import day_figures
from bot.services.figure_definitions import SMALL_CELL, in_team
from bot.services.figure_tables import Viewer, headlines
from bot.services.small_cells import Mask, masks

_FIRST = 5  # rows: what fits a telephone before she has to look for it


@dataclass(frozen=True, slots=True)
class Waiting:
    """What this member should do next: drafts for a second look, and the first of her own cases."""

    counts: Mapping[str, int]
    review: Rows
    mine: Rows


async def home(visit: Visit) -> Response:
    """Her next cases first; figures for those who may see them."""
    now, deps, actor = visit.deps.clock.now(), visit.deps, visit.actor
    work = None
    if actor.may(Power.LIST_CASES):
        work = await deps.store.write(lambda unit: _waiting(unit, actor, now))
    values: dict[str, Any] = {
        "work": work,
        "today": civil_day(now),
        "deadline_labels": deps.knowledge.deadlines,
    }
    if not actor.may(Power.SEE_FIGURES):
        return visit.show("home.html", figures=None, **values)
    exact = in_team(actor)
    found = await deps.store.read(lambda unit: day_figures.day_figures(unit, now))
    shown = headlines(found.month, found.prompt, Viewer(exact, {}), deps.wording)
    return visit.show(
        "home.html", figures=found, month={one.figure.value: one.cell.text for one in shown}, exact=exact,
        small=SMALL_CELL, **values,
    )  # fmt: skip


def _waiting(unit: Unit, actor: StaffMember, now: datetime) -> Waiting:
    unit.audit.append(actor.id, "list_cases", "cases", now, {"tab": "home"})
    return Waiting(
        waiting_in(unit, actor, now),
        first_in(unit, actor, "review", now, _FIRST),
        first_in(unit, actor, "mine", now, _FIRST),
    )


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
