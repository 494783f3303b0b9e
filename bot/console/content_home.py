"""The curators' first page: what is written, what waits, what people could not find."""

import asyncio
from typing import Any

from starlette.responses import Response

from bot.console.guard import Visit
from bot.domain.civil_time import civil_day
from bot.domain.ports import Unit
from bot.services import content_notes
from bot.services.content_library import Kind, State

_TOP = 5
COLUMNS = (State.WRITTEN, State.REVIEWED, State.WAITING, State.OVERDUE, State.OLD)


async def overview(visit: Visit) -> Response:
    """Figures of the content, each the way to its list."""
    library, now = visit.deps.library, visit.deps.clock.now()

    def read(unit: Unit) -> tuple[Any, ...]:
        return (
            content_notes.votes_by_topic(unit), unit.feedback.counts(), content_notes.of_the_week(unit, now)
        )  # fmt: skip

    votes, counts, week = await visit.deps.store.read(read)
    coverage, gists, totals = await asyncio.to_thread(
        lambda: (
            library.coverage(civil_day(now)),
            content_notes.by_gist(library, week),
            {kind: len(library.items_of(kind)) for kind in Kind},
        )
    )
    return visit.show(
        "content.html",
        coverage=coverage,
        columns=COLUMNS,
        sums={state: sum(line.states.get(state, 0) for line in coverage) for state in State},
        topics=len(library.topics),
        phrasings=sum(len(entry.ask) for entry in visit.deps.knowledge.entries.values()),
        totals=totals,
        waiting=sum(one.waiting for one in counts),
        gists=gists[:_TOP],
        against=_top(votes, "against"),
        helped=_top(votes, "helped"),
        all_helped=sum(one.helped for one in votes.values()),
        library=library,
    )


def _top(votes: dict[str, content_notes.Votes], by: str) -> list[tuple[str, content_notes.Votes]]:
    """The topics with the most votes of a kind."""
    ranked = sorted(votes.items(), key=lambda item: (-getattr(item[1], by), item[0]))
    return [(topic, one) for topic, one in ranked[:_TOP] if getattr(one, by)]
