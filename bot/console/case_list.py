"""The list of cases: tabs, filters, saved views, tasks, and what a search found."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from sse_starlette import EventSourceResponse
from starlette.responses import Response

from bot.console.case_rows import MOST_COUNTED, rows_of, waiting_in
from bot.console.case_search import Found, search
from bot.console.guard import Visit, back, refusal
from bot.console.list_filters import DUE, PER_PAGE, ListQuery, as_filter, read_query, read_saved, tabs_of
from bot.console.waking import looks
from bot.domain.case_deadlines import CaseDeadline
from bot.domain.cases import CaseCard, CaseKind, CaseSource, CaseStatus
from bot.domain.civil_time import civil_day
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.ports_team import SavedView, Task
from bot.domain.signals import CASES
from bot.domain.staff import Power, StaffMember, handles_cases
from bot.services import saved_views
from bot.services.case_gate import sight

_COUNTED = 10_000  # more are "10,000 or more": nobody reads so far
_TASKS = 200


@dataclass(frozen=True, slots=True)
class ListPage:
    """What a list shows beside its cards."""

    cards: Sequence[CaseCard]
    total: int
    news: frozenset[str] = frozenset()
    deadlines: Mapping[str, CaseDeadline] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    takers: Mapping[str, str] = field(default_factory=dict)  # whose cases one may ask for
    views: Sequence[SavedView] = ()
    districts: Sequence[str] = ()
    tasks: Sequence[Task] = ()
    of_tasks: Mapping[str, CaseCard] = field(default_factory=dict)


async def show_list(visit: Visit) -> Response:
    """A tab of the list, or what a search found."""
    return await _show(visit)


async def save_view(visit: Visit) -> Response:
    """Keep the filters of the list under a name."""
    actor, now, filters = visit.actor, visit.deps.clock.now(), read_saved(visit.field("filters"))
    shared = bool(visit.field("shared"))
    try:
        view = await visit.deps.store.write(
            lambda unit: saved_views.save_view(unit, actor, visit.field("name"), filters, shared, now)
        )
    except Refused as refused:
        return await _show(visit, filters, refusal(visit.deps, refused), visit.form)
    return back("/cases?" + urlencode({**view.filters, "view": view.id, "done": "view_kept"}))


async def drop_view(visit: Visit) -> Response:
    """Throw a saved view away."""
    actor, now = visit.actor, visit.deps.clock.now()
    await visit.deps.store.write(lambda unit: saved_views.drop_view(unit, actor, visit.field("view"), now))
    return back("/cases", "view_dropped")


async def stream(visit: Visit) -> Response:
    """Says that some case changed; the page then asks for the list again."""

    async def events() -> AsyncIterator[dict[str, Any]]:
        async for member, called in looks(visit, CASES):
            if member is None:
                yield {"event": "gone", "data": ""}
            elif called:
                yield {"event": "cases", "data": ""}

    return EventSourceResponse(events(), ping=15, headers={"x-accel-buffering": "no"})


async def _show(
    visit: Visit,
    fields: Mapping[str, str] | None = None,
    error: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    actor, deps = visit.actor, visit.deps
    asked = visit.request.query_params if fields is None else fields
    now = deps.clock.now()
    counts = await deps.store.read(lambda unit: waiting_in(unit, actor, now))
    query = _where_work_waits(read_query(asked, actor), asked, counts)
    found = await search(visit, query) if query.q and query.tab != "tasks" else None

    def read(unit: Unit) -> ListPage:
        if found is not None:
            return _around(unit, visit, ListPage(found.cards, len(found.cards)))
        unit.audit.append(actor.id, "list_cases", "cases", now, {"tab": query.tab})
        if query.tab == "tasks":
            return _around(unit, visit, _tasks(unit, visit))
        wanted = as_filter(query, actor, now)
        cards = unit.cases.cards(wanted)
        whole = query.page == 1 and len(cards) < PER_PAGE
        total = len(cards) if whole else unit.cases.count(replace(wanted, offset=0), _COUNTED)
        return _around(unit, visit, ListPage(cards, total))

    page = await (deps.store.read(read) if found is not None else deps.store.write(read))
    return visit.show(
        "case_list.html", 422 if error else 200, page=page, query=query, found=found or Found(()),
        searched=found is not None, last_page=-(-page.total // PER_PAGE), tabs=tabs_of(actor), dues=DUE,
        chosen_view=asked.get("view", ""), error=error, typed=dict(typed or {}),
        query_fields=urlencode(query.filters()), deadline_labels=deps.knowledge.deadlines,
        statuses=list(CaseStatus), kinds=list(CaseKind), sources=list(CaseSource),
        books=deps.knowledge.playbooks, today=civil_day(now), counts=counts, most_counted=MOST_COUNTED,
    )  # fmt: skip


def _where_work_waits(query: ListQuery, asked: Mapping[str, str], counts: Mapping[str, int]) -> ListQuery:
    """Nobody begins on an empty list while a draft waits for her second look."""
    open_elsewhere = asked.get("tab") or query.narrowed or counts.get(query.tab, 1)
    return query if open_elsewhere or not counts.get("review") else replace(query, tab="review")


def _around(unit: Unit, visit: Visit, page: ListPage) -> ListPage:
    """The page with what its rows and its filters show."""
    actor, now = visit.actor, visit.deps.clock.now()
    rows = rows_of(unit, actor, page.cards, now)
    return replace(
        page,
        news=rows.news,
        deadlines=rows.deadlines,
        names=rows.names,
        takers=_takers(unit, actor),
        views=unit.team.views(actor.id) if actor.may(Power.LIST_CASES) else (),
        districts=unit.cases.districts(),
    )


def _takers(unit: Unit, actor: StaffMember) -> dict[str, str]:
    """Who handles cases, for the filter; who sees only her own has nobody else to ask for."""
    if not actor.may(Power.OPEN_ALL):
        return {}
    return {one.id: one.name for one in unit.staff.all() if handles_cases(one)}


def _tasks(unit: Unit, visit: Visit) -> ListPage:
    """Open tasks of this member in cases that she may open."""
    tasks = unit.team.open_tasks(visit.actor.id, _TASKS)
    ids = tuple({task.case_id for task in tasks})
    cards = unit.cases.cards(CaseFilter(ids=ids, seen_by=sight(visit.actor), limit=len(ids)))
    of_tasks = {card.id: card for card in cards}
    shown = [task for task in tasks if task.case_id in of_tasks]
    return ListPage((), len(shown), tasks=shown, of_tasks=of_tasks)
