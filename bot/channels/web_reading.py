"""What her pages read: the transcript at once, and live while the page is open."""

import asyncio
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.channels.web_pages import HEADERS, Pages
from bot.channels.web_session import Cookies, Visitor
from bot.channels.web_talk import START, Order, read_order, write_order
from bot.channels.webchat import Web
from bot.domain.ports import Unit
from bot.domain.ports_talk import TalkLine
from bot.domain.signals import talk_of

_LINES, _ALL_LINES = 80, 1000
_LOOK_AGAIN_S = 25.0  # a lost wake-up costs this long at most
_PING_S = 15
_NOBODY: tuple[str, list[TalkLine]] = ("", [])


class Reading:
    """The endpoints that only read."""

    def __init__(self, web: Web, pages: Pages, cookies: Cookies) -> None:
        self._web, self._pages, self._cookies = web, pages, cookies

    async def lines(self, visitor: Visitor, limit: int = _LINES) -> list[TalkLine]:
        """The last lines of her talk, oldest first."""
        return (await self._behind(visitor, START, limit))[1]

    async def _behind(self, visitor: Visitor, after: Order, limit: int) -> tuple[str, list[TalkLine]]:
        """Her id and the lines behind a place; nobody where no person has this cookie."""
        if visitor.fresh:
            return _NOBODY

        def read(unit: Unit) -> tuple[str, list[TalkLine]]:
            person = unit.people.find(visitor.address)
            return (person.id, list(unit.outbox.talk(person.id, after, limit))) if person else _NOBODY

        return await self._web.store.read(read)

    async def page(self, request: Request) -> Response:
        """GET /: the chat."""
        visitor = self._cookies.visitor(request) or self._cookies.new_visitor()
        everything = request.query_params.get("all") == "1"
        lines = await self.lines(visitor, _ALL_LINES if everything else _LINES)
        more = not everything and len(lines) == _LINES
        problem = "kept" if request.query_params.get("kept") == "1" else ""
        return self._pages.chat(request, visitor, lines, more=more, problem=problem)

    async def case(self, request: Request) -> Response:
        """GET /case: where a receipt code is typed."""
        visitor = self._cookies.visitor(request) or self._cookies.new_visitor()
        return self._pages.case_form(request, visitor)

    async def away(self, request: Request) -> Response:
        """GET /away: where the quick exit leads."""
        return self._pages.away(request)

    async def talk(self, request: Request) -> Response:
        """GET /talk: the bubbles alone."""
        visitor = self._cookies.visitor(request)
        if visitor is None:
            return self._pages.problem(request, "session", 403)
        return self._pages.talk(request, visitor, await self.lines(visitor))

    async def healthz(self, request: Request) -> Response:
        """GET /healthz: whether the store answers."""
        await self._web.store.read(lambda unit: unit.inbox.counts())
        return self._pages.dressed(PlainTextResponse("ok"))

    async def stream(self, request: Request) -> Response:
        """GET /stream: tells how far her talk has grown; the words themselves are fetched by /talk."""
        visitor = self._cookies.visitor(request)
        person_id = (await self._behind(visitor, START, 1))[0] if visitor else ""
        if visitor is None or not person_id:
            return self._pages.dressed(Response(status_code=204))  # the browser does not come again by itself
        place = request.headers.get("last-event-id") or request.query_params.get("after", "")
        return EventSourceResponse(
            self._news(visitor, person_id, read_order(place)),
            headers=HEADERS | {"X-Accel-Buffering": "no"},
            ping=_PING_S,
            send_timeout=30,
        )

    async def _news(self, visitor: Visitor, person_id: str, after: Order) -> AsyncIterator[ServerSentEvent]:
        async with self._web.signals.listen(talk_of(person_id)) as grown:
            while not self._web.chat.closing.is_set():
                grown.clear()
                who, lines = await self._behind(visitor, after, _ALL_LINES)
                if who != person_id:
                    yield ServerSentEvent(event="gone", data="1")
                    return
                if lines:
                    after = lines[-1].order
                    yield ServerSentEvent(event="talk", id=write_order(after), data="1")
                await self._first_of(grown, self._web.chat.closing)

    async def _first_of(self, *events: asyncio.Event) -> None:
        waits = [asyncio.create_task(event.wait()) for event in events]
        try:
            await asyncio.wait(waits, timeout=_LOOK_AGAIN_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
