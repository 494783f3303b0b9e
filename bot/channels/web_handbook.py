"""指导手册: every answer as a book, by chapter or whole, to read and to print.

Public and the same for everybody: no cookie is read or set. It is drawn once a civil day (local amounts come
into force and lapse by the day), off the event loop, and kept compressed.
"""

import asyncio
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web_pages import TEMPLATES, Pages, asset
from bot.channels.web_talk import dialled
from bot.channels.webchat import Web
from bot.conversation.entry_words import amount_lines, deadline_lines
from bot.conversation.place_links import offices
from bot.conversation.places import kind_words, office_blocks
from bot.conversation.turn import Organisation
from bot.domain.civil_time import civil_day, plain_day
from knowledge.amounts import fill
from knowledge.base import ReviewStatus
from knowledge.models import Entry, Hotline, Knowledge
from knowledge.reviews import is_overdue
from knowledge.wording import Wording

CONTENTS, WHOLE, PLACES = "contents", "whole", "places"  # pages that are no chapter


@dataclass(frozen=True, slots=True)
class Block:
    """Something said under a heading, as a text or as a list."""

    heading: str
    text: str = ""
    items: tuple[str, ...] = ()
    numbered: bool = False
    runs_on: bool = False  # on paper it stands on the line of its heading


@dataclass(frozen=True, slots=True)
class Topic:
    """One answer as it stands in the book; `related` are (title, chapter, topic)."""

    id: str
    title: str
    short: str
    blocks: tuple[Block, ...]
    related: tuple[tuple[str, str, str], ...]
    checked: str


@dataclass(frozen=True, slots=True)
class Chapter:
    id: str
    name: str
    title: str
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """An office as it stands in the directory."""

    name: str
    kind: str
    blocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that the pages show, in words."""

    chapters: tuple[Chapter, ...]
    places: tuple[Place, ...]
    hotlines: tuple[Hotline, ...]
    region: str
    checked: str
    drawn: str
    reviewed: bool


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The pages of one civil day, gzipped."""

    day: date
    pages: Mapping[str, bytes]


class Handbook:
    """The endpoints of the handbook."""

    def __init__(self, web: Web, pages: Pages, knowledge: Knowledge) -> None:
        self._web, self._pages, self._knowledge = web, pages, knowledge
        self._kept: _Drawn | None = None
        self._drawing = asyncio.Lock()

    async def contents(self, request: Request) -> Response:
        """GET /handbook: cover, danger, contents; with ?all=1 the whole book on one page."""
        return await self._page(request, WHOLE if request.query_params.get("all") == "1" else CONTENTS)

    async def chapter(self, request: Request) -> Response:
        """GET /handbook/{category}: a chapter, or the directory."""
        name = str(request.path_params["category"])
        if name in (CONTENTS, WHOLE):
            raise HTTPException(404)
        return await self._page(request, name)

    async def _page(self, request: Request, name: str) -> Response:
        page = (await self._drawn_today()).get(name)
        if page is None:
            raise HTTPException(404)
        headers = {"Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
        else:
            page = gzip.decompress(page)
        response = Response(page, media_type="text/html; charset=utf-8", headers=headers)
        # Anybody may read it, but nobody should find it on her phone: no-store, like all our pages.
        return self._pages.dressed(response)

    async def _drawn_today(self) -> Mapping[str, bytes]:
        day = civil_day(self._web.clock.now())
        if self._kept is None or self._kept.day != day:
            async with self._drawing:
                if self._kept is None or self._kept.day != day:
                    pages = await asyncio.to_thread(self._draw, day)
                    self._kept = _Drawn(day, pages)
        return self._kept.pages

    def _draw(self, day: date) -> dict[str, bytes]:
        web = self._web
        book = write_book(self._knowledge, web.wording, web.organisation, day)
        pages = draw_pages(book, web.wording, web.organisation)
        return {name: gzip.compress(page.encode()) for name, page in pages.items()}


def write_book(knowledge: Knowledge, wording: Wording, house: Organisation, today: date) -> Book:
    """The book in words, as they may be said on the civil day `today` (Asia/Shanghai)."""
    writer = _Writer(knowledge, wording, house, today)
    words = wording.handbook
    entries = list(knowledge.entries.values())
    checked_on = max((entry.checked_on for entry in entries), default=today)
    return Book(
        chapters=writer.chapters(),
        places=writer.places(),
        hotlines=knowledge.region.hotlines,
        region=knowledge.region.name,
        checked=house.put(words.checked, day=plain_day(checked_on)),
        drawn=house.put(words.drawn, day=plain_day(today)),
        reviewed=all(entry.review.status is ReviewStatus.REVIEWED for entry in entries),
    )


def draw_pages(book: Book, wording: Wording, house: Organisation) -> dict[str, str]:
    """Every page of the book as HTML, by name."""
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["dialled"] = dialled
    templates.globals |= {"asset": asset, "put": house.put, "house": house, "words": wording.handbook}
    template = templates.get_template("handbook.html")

    def draw(page: str, chapter: int = -1) -> str:
        return template.render(page=page, book=book, chapter=chapter)

    pages = {one.id: draw("chapter", at) for at, one in enumerate(book.chapters)}
    return pages | {name: draw(name) for name in (CONTENTS, WHOLE, PLACES)}


@dataclass(frozen=True, slots=True)
class _Writer:
    """Puts knowledge into words by the rules of the talk."""

    knowledge: Knowledge
    wording: Wording
    house: Organisation
    today: date

    def chapters(self) -> tuple[Chapter, ...]:
        names = self.wording.handbook.categories
        written = dict.fromkeys(topic.category for topic in self.knowledge.topics.values())
        order = [*names, *(category for category in written if category not in names)]
        chapters: list[Chapter] = []
        for category in order:
            topics = [
                self._topic(entry)
                for topic in self.knowledge.topics.values()
                if topic.category == category and (entry := self.knowledge.entries.get(topic.id))
            ]
            if topics:
                name = names.get(category, category)
                title = self._put(self.wording.handbook.chapter, number=len(chapters) + 1, name=name)
                chapters.append(Chapter(category, name, title, tuple(topics)))
        return tuple(chapters)

    def places(self) -> tuple[Place, ...]:
        words = self.wording.talk.places
        return tuple(
            Place(
                office.name,
                kind_words(words, office.kind).name,
                tuple(office_blocks(office, words, self.house, self.today)),
            )
            for office in offices(self.knowledge)
        )

    def _topic(self, entry: Entry) -> Topic:
        words = self.wording.handbook
        related = ((one.title, one.category, one.id) for one in self.knowledge.related(entry))
        day = plain_day(entry.checked_on)
        checked = self._put(words.topic_checked, day=day, review=entry.review.status.value)
        if is_overdue(entry.checked_on, entry.review, self.today):
            checked += self._put(self.wording.talk.ask.overdue, day=day)
        return Topic(
            entry.id,
            self._filled(entry.title),
            self._filled(entry.short),
            tuple(block for block in self._blocks(entry) if block.text or block.items),
            tuple(related),
            checked,
        )

    def _blocks(self, entry: Entry) -> tuple[Block, ...]:
        heads, ask = self.wording.handbook.headings, self.wording.talk.ask
        region = self.knowledge.region
        deadlines = deadline_lines(entry, self.knowledge.deadlines, ask, self.house)
        amounts = amount_lines(entry, region, ask, self.house, self.today)
        return (
            Block(heads.say, self._filled(entry.say or ""), runs_on=True),
            Block(heads.details, self._filled(entry.details)),
            Block(heads.steps, items=tuple(map(self._filled, entry.steps)), numbered=True),
            Block(heads.evidence, items=tuple(map(self._filled, entry.evidence))),
            Block(heads.deadlines, items=tuple(map(_bare, deadlines))),
            Block(heads.local, items=tuple(map(_bare, amounts))),
            Block(heads.handover, self._filled(entry.handover or ""), runs_on=True),
            Block(heads.audience, self._filled(entry.audience or ""), runs_on=True),
            Block(heads.citations, items=tuple(one.in_words() for one in entry.citations), runs_on=True),
        )

    def _filled(self, text: str) -> str:
        return fill(text, self.knowledge.region, self.today, self.house.hotline)

    def _put(self, text: str, **facts: str | int) -> str:
        return self.house.put(text, **facts)


def _bare(line: str) -> str:
    """A line of the talk without its own dot: the list brings one."""
    return line.removeprefix("·")
