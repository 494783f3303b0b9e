"""Topics: the list with its search and filters, and one answer as she reads it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from bot.console.content_frame import choice, her_eyes, page_of
from bot.console.guard import Visit
from bot.domain.civil_time import civil_day
from bot.domain.errors import NotFound
from bot.services.content_library import Library, State, states_of
from bot.services.content_notes import Votes, votes_by_topic
from bot.services.content_search import LONGEST_SEARCH, find_topics
from knowledge.models import Amount, Entry, Topic

_PER_PAGE = 60
_NOBODY = Votes()
STATES = tuple(State)
SORTS: dict[str, Callable[["TopicRow"], tuple[object, ...]]] = {
    "against": lambda row: (-row.votes.against,),
    "helped": lambda row: (-row.votes.helped,),
    "phrasings": lambda row: (len(row.entry.ask) if row.entry else 0,),
    "checked": lambda row: (row.entry is None, row.entry.checked_on if row.entry else date.max),
}


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One line of the list. `phrasing` is what the search found it by, "" for the title."""

    topic: Topic
    entry: Entry | None
    title: str
    states: frozenset[State]
    votes: Votes
    phrasing: str = ""


@dataclass(frozen=True, slots=True)
class _Filter:
    category: str
    state: str
    voted: bool
    law: str

    def lets(self, row: TopicRow, citing: frozenset[str] | None) -> bool:
        """Whether a row is wanted; `citing` are the topics that cite the chosen law."""
        return (
            self.category in ("", row.topic.category)
            and (not self.state or self.state in row.states)
            and (not self.voted or row.votes.against > 0)
            and (citing is None or row.topic.id in citing)
        )


async def show_topics(visit: Visit) -> Response:
    """The list; every filter stands in the address, so that it can be kept and handed on."""
    library, today = visit.deps.library, civil_day(visit.deps.clock.now())
    wanted = visit.request.query_params.get("q", "").strip()[:LONGEST_SEARCH]
    chosen = {
        "q": wanted,
        "category": choice(visit, "category", library.categories),
        "state": choice(visit, "state", STATES),
        "votes": choice(visit, "votes", ("against",)),
        "law": choice(visit, "law", list(library.knowledge.laws)),
        "sort": choice(visit, "sort", tuple(SORTS)),
    }
    votes = await visit.deps.store.read(votes_by_topic)
    rows, laws = await asyncio.to_thread(_rows, library, today, votes, chosen)
    return visit.show(
        "content_topics.html",
        page=page_of(visit, rows, _PER_PAGE, chosen),
        chosen=chosen,
        categories=library.categories,
        states=STATES,
        sorts=tuple(SORTS),
        laws=laws,
    )


def _rows(
    library: Library, today: date, votes: Mapping[str, Votes], chosen: Mapping[str, str]
) -> tuple[list[TopicRow], list[str]]:
    """The rows that are wanted, and the laws that can be chosen."""
    law = library.law(chosen["law"]) if chosen["law"] else None
    citing = library.topics_citing(law) if law else None
    wanted = _Filter(chosen["category"], chosen["state"], bool(chosen["votes"]), chosen["law"])
    rows = [row for row in _found(library, today, votes, chosen["q"]) if wanted.lets(row, citing)]
    if chosen["sort"]:
        rows.sort(key=SORTS[chosen["sort"]])
    return rows, [row.law.name for row in library.laws if row.counts.get("entry")]


def _found(library: Library, today: date, votes: Mapping[str, Votes], wanted: str) -> list[TopicRow]:
    """All topics in their order, or what the search found, best first."""

    def row(topic: Topic, phrasing: str = "") -> TopicRow:
        entry = library.knowledge.entries.get(topic.id)
        states = states_of(entry, today)
        title = library.title(topic.id)
        return TopicRow(topic, entry, title, states, votes.get(topic.id, _NOBODY), phrasing)

    if not wanted:
        return [row(topic) for topic in library.topics]
    return [row(library.knowledge.topics[one.topic], one.phrasing) for one in find_topics(library, wanted)]


async def show_topic(visit: Visit) -> Response:
    """One topic: its answer layer by layer, and everything that hangs on it."""
    library, topic_id = visit.deps.library, visit.path("topic")
    topic = library.knowledge.topics.get(topic_id)
    if topic is None:
        raise NotFound("topic")
    votes = await visit.deps.store.read(votes_by_topic)
    entry = library.knowledge.entries.get(topic.id)
    today = civil_day(visit.deps.clock.now())
    eyes = her_eyes(visit)
    layers = await asyncio.to_thread(eyes.layers, entry) if entry else []
    items = await asyncio.to_thread(library.items_on, topic.id)
    return visit.show(
        "content_topic.html",
        topic=topic,
        entry=entry,
        title=library.title(topic.id),
        states=states_of(entry, today),
        files=library.files_of(topic),
        layers=layers,
        filled=eyes.filled,
        deadlines=_deadlines(library, entry),
        amounts=_amounts(library, entry, today),
        items=items,
        groups=library.siblings_of(topic.id),
        votes=votes.get(topic.id, _NOBODY),
        labels_of=visit.deps.wording.talk.buttons,
        leading_here=[one for one in library.knowledge.entries.values() if topic.id in one.next],
        library=library,
    )


def _deadlines(library: Library, entry: Entry | None) -> list[object]:
    known = library.knowledge.deadlines
    return [known[name] for name in (entry.deadlines if entry else ()) if name in known]


def _amounts(library: Library, entry: Entry | None, today: date) -> list[tuple[str, Amount, bool]]:
    """The local numbers an answer names, and whether each may be stated today."""
    known = library.knowledge.region.amounts
    names = [name for name in (entry.local if entry else ()) if name in known]
    return [(name, known[name], known[name].may_be_stated(today)) for name in names]
