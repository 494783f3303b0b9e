"""Laws and what rests on them; stories, lessons, tips and contest questions."""

import asyncio

from starlette.responses import Response

from bot.console.content_frame import choice, her_eyes, page_of
from bot.console.guard import Visit
from bot.domain.errors import NotFound
from bot.services.content_library import Item, Kind, Library, questions_by_difficulty
from knowledge.teaching import Difficulty

KINDS = ("entry", "question", "story", "lesson", "tip", "deadline")
_PER_PAGE = 40


async def show_laws(visit: Visit) -> Response:
    """Every law with how much cites it."""
    rows = await asyncio.to_thread(lambda: visit.deps.library.laws)
    return visit.show("content_laws.html", rows=rows, kinds=KINDS)


async def show_law(visit: Visit) -> Response:
    """One law, article by article."""
    library = visit.deps.library
    law = library.law(visit.path("law"))
    if law is None:
        raise NotFound("law")
    places = await asyncio.to_thread(library.resting_on, law)
    things = {(one.kind, one.id) for _, found in places for one in found}
    return visit.show(
        "content_law.html", law=law, places=places, things=len(things), filled=her_eyes(visit).filled
    )


async def show_teaching(visit: Visit) -> Response:
    """A list of one kind, by category and difficulty."""
    library = visit.deps.library
    chosen = {
        "kind": choice(visit, "kind", tuple(Kind)) or Kind.STORY.value,
        "category": choice(visit, "category", library.categories),
        "difficulty": choice(visit, "difficulty", tuple(Difficulty)),
    }
    if chosen["kind"] != Kind.QUESTION:
        chosen["difficulty"] = ""
    everything = await asyncio.to_thread(lambda: list(library.items.values()))
    of_kind = [item for item in everything if item.kind == chosen["kind"]]
    wanted = [item for item in of_kind if _wanted(library, item, chosen["category"], chosen["difficulty"])]
    return visit.show(
        "content_teaching.html",
        page=page_of(visit, wanted, _PER_PAGE, chosen),
        chosen=chosen,
        counts={kind: sum(item.kind is kind for item in everything) for kind in Kind},
        by_difficulty=questions_by_difficulty(of_kind),
        categories=library.categories,
        difficulties=tuple(Difficulty),
        library=library,
        filled=her_eyes(visit).filled,
    )


def _wanted(library: Library, item: Item, category: str, difficulty: str) -> bool:
    return (not category or category in library.category_of(item)) and difficulty in ("", item.difficulty)


async def show_item(visit: Visit) -> Response:
    """One story, lesson, tip or question, whole."""
    library = visit.deps.library
    kind = visit.path("kind")
    items = await asyncio.to_thread(lambda: library.items)
    item = items.get((Kind(kind), visit.path("item"))) if kind in tuple(Kind) else None
    if item is None:
        raise NotFound("item")
    asked_in = [
        campaign
        for campaign in library.knowledge.campaigns.values()
        if item.kind is Kind.QUESTION and any(one.id == item.id for one in campaign.questions)
    ]
    return visit.show(
        "content_item.html", item=item, campaigns=asked_in, library=library, filled=her_eyes(visit).filled
    )
