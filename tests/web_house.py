"""A small house on the web: the real store, worker and pages on loopback, and a plain converser."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette

from bot.channels.web_routes import problem_pages, routes
from bot.channels.webchat import Web, WebChat
from bot.conversation.turn import Organisation
from bot.domain.clock import RealClock
from bot.domain.incoming import Address, Incoming
from bot.domain.ports import Unit
from bot.domain.ports_talk import Received
from bot.domain.reply import Lane, Reply
from bot.domain.signals import INBOX, Signals
from bot.services.take_files import TakeFiles
from bot.workers.process_inbox import ProcessInbox
from knowledge.models import Knowledge
from knowledge.wording import Wording, load_wording
from storage.sqlite import SqliteStore, open_store

ROOT = Path(__file__).resolve().parents[1]


class MovableClock(RealClock):
    """The real clock, and a push forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


class Answers:
    """Keeps updates as the real converser does and answers each with what it heard."""

    def __init__(self, store: SqliteStore, clock: MovableClock) -> None:
        self.store, self.clock = store, clock
        self.heard: list[Incoming] = []
        self.answer: Callable[[Incoming], Sequence[Reply]] = lambda incoming: [
            Reply(f"听到：{incoming.text or incoming.action or '没有字'}")
        ]
        self.before: Callable[[Incoming], None] = lambda incoming: None  # may raise, as a fault would
        self.full: Exception | None = None

    async def receive(self, channel: str, updates: Sequence[tuple[str, Address, bytes]]) -> list[Received]:
        if self.full is not None:
            raise self.full
        now = self.clock.now()

        def keep(unit: Unit) -> list[Received]:
            unit.announce(INBOX)
            return [row for key, at, raw in updates if (row := unit.inbox.receive(key, at, raw, now))]

        return await self.store.write(keep)

    async def handle(self, received: Received, incoming: Incoming | None) -> None:
        assert incoming is not None
        self.before(incoming)
        replies = self.answer(incoming)

        def work(unit: Unit) -> None:
            unit.outbox.add(received.person_id, replies, lane=Lane.REPLY, now=self.clock.now())
            files = [file.id for file in incoming.files if not file.refused]
            unit.inbox.done(received.seq, incoming.text or incoming.action or "", files)

        await self.store.write(work)
        self.heard.append(incoming)


@dataclass(slots=True)
class WebHouse:
    """Everything a test of the web chat may look at."""

    url: str
    store: SqliteStore
    answers: Answers
    chat: WebChat
    clock: MovableClock
    signals: Signals
    wording: Wording
    folder: Path

    def browser(self) -> Browser:
        """Somebody new."""
        return Browser(self.url)

    async def person(self, browser: Browser) -> str:
        """Her id in the store."""
        from bot.channels.web_session import Visitor

        address = Visitor(browser.cookie).address
        found = await self.store.read(lambda unit: unit.people.find(address))
        assert found is not None
        return found.id


class Browser:
    """A browser without script: cookies, forms, redirects."""

    def __init__(self, url: str) -> None:
        self.http = httpx.AsyncClient(base_url=url, timeout=30)
        self.page = ""

    async def __aenter__(self) -> Browser:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.http.aclose()

    @property
    def cookie(self) -> str:
        return self.http.cookies["s"]

    async def opens(self, path: str = "/") -> httpx.Response:
        answer = await self.http.get(path)
        self.page = answer.text
        return answer

    def hidden(self, name: str, action: str = "/say") -> str:
        """A hidden field of the form that posts to `action`."""
        forms = re.findall(r"<form[^>]*>.*?</form>", self.page, re.DOTALL)
        form = next(form for form in forms if f'action="{action}"' in form)
        found = re.search(rf'name="{name}" value="([^"]*)"', form)
        assert found is not None
        return found[1]

    async def posts(
        self, path: str, fields: dict[str, str], files: Sequence[tuple[str, bytes]] = (), **headers: str
    ) -> httpx.Response:
        parts = [("file", (name, data)) for name, data in files]
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        if path in ("/say", "/tap"):
            fields = {"token": self.hidden("token"), "key": self.hidden("key")} | fields
        if not parts:
            return await self.http.post(path, data=fields, headers=names)
        return await self.http.post(path, data=fields, files=parts, headers=names)

    async def says(self, text: str, *files: tuple[str, bytes], **fields: str) -> str:
        """Write into the form of the page that is open, send it, read the page that follows."""
        answer = await self.posts("/say", {"text": text} | fields, files)
        assert answer.status_code == 303, (answer.status_code, answer.text)
        await self.opens(answer.headers["location"])
        return self.page


@lru_cache
def _wording() -> Wording:
    return load_wording(ROOT / "knowledge")


@asynccontextmanager
async def web_house(
    folder: Path, *, public_url: str = "", per_minute: int = 1000, knowledge: Knowledge | None = None
) -> AsyncIterator[WebHouse]:
    """The house, open on a free port of loopback until the block ends; with `knowledge` it has a handbook."""
    clock, signals = MovableClock(), Signals()
    wording = _wording()
    url = f"sqlite:///{folder / 'data' / 'test.db'}"
    async with open_store(url, folder / "keys" / "master.key", clock, signals) as store:
        answers, chat = Answers(store, clock), WebChat(signals)
        take_files = TakeFiles(store, clock)
        process = ProcessInbox(
            store, answers, None, {chat.name: chat}, take_files, clock, signals, words=wording.group
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        here = f"http://127.0.0.1:{port}"
        web = Web(
            chat, store, answers.receive, process.process_person, take_files, clock, signals, wording,
            Organisation("测试总工会", "安全屋", "12351"), public_url or here, messages_per_minute=per_minute,
            knowledge=knowledge,
        )  # fmt: skip
        app = Starlette(routes=routes(web), exception_handlers=dict(problem_pages(web)))
        async with serving(app, port):
            yield WebHouse(here, store, answers, chat, clock, signals, wording, folder)
            chat.close()


@asynccontextmanager
async def serving(app: Starlette, port: int) -> AsyncIterator[None]:
    """The app on a port of loopback."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=3
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await task
