"""A small house on Telegram: the fake Bot API, the real store, channel and workers, and a plain converser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.channels.telegram import TelegramChannel, open_telegram
from bot.channels.telegram_api import TelegramSettings
from bot.domain.clock import RealClock
from bot.domain.incoming import Address, FileNote, GroupIncoming, Incoming, KeptFile
from bot.domain.ports import Unit
from bot.domain.ports_talk import Received
from bot.domain.reply import Button, Lane, Reply
from bot.domain.signals import INBOX, Signals
from bot.workers.deliver_outbox import DeliverOutbox
from bot.workers.pacing import Pacing
from bot.workers.process_inbox import ProcessInbox
from knowledge.wording import Wording, load_wording
from storage.sqlite import SqliteStore, open_store
from tests.fake_telegram.server import FakeTelegram

ROOT = Path(__file__).resolve().parents[1]
FAST = Pacing(per_s=5000, burst=500, chat_per_s=5000, chat_burst=500, group_per_s=5000, group_burst=500)
SECRET = "s" * 40


class Answers:
    """Keeps updates as the real converser does and answers each with what it heard."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.heard: list[Incoming | None] = []
        self.answer: Callable[[Incoming], Sequence[Reply]] = lambda incoming: [
            Reply(f"听到：{incoming.text or incoming.action or incoming.start}")
        ]
        self.before: Callable[[Incoming | None], None] = lambda incoming: None  # may raise, as a fault would
        self.full: Exception | None = None  # what receive() raises

    async def receive(self, channel: str, updates: Sequence[tuple[str, Address, bytes]]) -> list[Received]:
        if self.full is not None:
            raise self.full
        now = RealClock().now()

        def keep(unit: Unit) -> list[Received]:
            unit.announce(INBOX)
            return [row for key, at, raw in updates if (row := unit.inbox.receive(key, at, raw, now))]

        return await self.store.write(keep)

    async def handle(self, received: Received, incoming: Incoming | None) -> None:
        self.before(incoming)
        replies = self.answer(incoming) if incoming is not None else []

        def work(unit: Unit) -> None:
            unit.outbox.add(received.person_id, replies, lane=Lane.REPLY, now=received.at)
            unit.inbox.done(received.seq, incoming.text if incoming else "")

        await self.store.write(work)
        self.heard.append(incoming)


class GroupEar:
    """Remembers what happened in the staff group."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.heard: list[GroupIncoming] = []

    async def handle(self, received: Received, incoming: GroupIncoming) -> None:
        self.heard.append(incoming)
        await self.store.write(lambda unit: unit.inbox.done(received.seq, ""))


@dataclass(slots=True)
class House:
    server: FakeTelegram
    store: SqliteStore
    signals: Signals
    wording: Wording
    answers: Answers
    channel: TelegramChannel
    process: ProcessInbox
    deliver: DeliverOutbox
    ear: GroupEar
    files: list[bytes] = field(default_factory=list)
    tasks: dict[str, asyncio.Task[Any]] = field(default_factory=dict)

    def start(self, *names: str) -> None:
        """Run channel, process and deliver (or those named) in the background."""
        for name in names or ("channel", "process", "deliver"):
            self.tasks[name] = asyncio.create_task(getattr(self, name).run())

    async def stop(self, *names: str) -> None:
        for name in names or tuple(self.tasks):
            task = self.tasks.pop(name)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def until(self, met: Callable[[], Any], timeout_s: float = 10.0) -> None:
        """Wait for the world outside; a task that died is told at once."""

        def met_or_broken() -> bool:
            for task in self.tasks.values():
                if task.done():
                    task.result()
            return bool(met())

        await self.server.until(met_or_broken, timeout_s)

    async def until_stored(self, met: Callable[[Unit], Any], timeout_s: float = 10.0) -> None:
        """Wait for something in the store."""
        async with asyncio.timeout(timeout_s):
            while not await self.store.read(lambda unit: bool(met(unit))):
                await asyncio.sleep(0.01)

    async def say(
        self, user_id: int, *replies: Reply, lane: Lane = Lane.REPLY, case_id: str | None = None
    ) -> str:
        """Queue messages to a person as the core would; returns her person id."""
        now = RealClock().now()

        def add(unit: Unit) -> str:
            person = unit.people.get_or_add(Address("telegram", str(user_id)), now)
            unit.outbox.add(person.id, replies, lane=lane, now=now, case_id=case_id)
            return person.id

        return await self.store.write(add)

    async def ring(self, *replies: Reply, case_id: str | None = None, lane: Lane = Lane.REPLY) -> None:
        """Queue messages to the staff group."""
        now = RealClock().now()
        await self.store.write(
            lambda unit: unit.outbox.add(
                None, replies, lane=lane, now=now, case_id=case_id, channel="telegram"
            )
        )

    async def counts(self) -> dict[str, int]:
        return await self.store.read(
            lambda unit: {
                **{f"inbox_{name}": number for name, number in unit.inbox.counts().items()},
                **unit.outbox.counts(),
            }
        )

    async def dead(self) -> int:
        return (await self.counts())["dead"]


def settings_for(server: FakeTelegram, **changes: Any) -> TelegramSettings:
    given = {"base_url": server.base_url, "base_file_url": server.base_file_url, "poll_s": 1}
    return TelegramSettings(server.token, **(given | changes))


@asynccontextmanager
async def open_house(
    folder: Path, *, server: FakeTelegram | None = None, pacing: Pacing = FAST, **settings: Any
) -> AsyncIterator[House]:
    """Everything open, nothing running yet."""
    signals, clock, wording = Signals(), RealClock(), load_wording(ROOT / "knowledge")
    async with AsyncExitStack() as opened:
        if server is None:
            server = await opened.enter_async_context(FakeTelegram())
        store = await opened.enter_async_context(
            open_store(f"sqlite:///{folder}/data/house.db", folder / "keys" / "master.key", clock, signals)
        )
        answers, ear = Answers(store), GroupEar(store)
        channel = await opened.enter_async_context(
            open_telegram(settings_for(server, **settings), store, answers, wording, clock)
        )
        files: list[bytes] = []

        async def take_file(data: bytes, note: FileNote, person_id: str) -> KeptFile:
            files.append(data)
            return KeptFile(f"file{len(files)}", note.kind, len(data), note.name)

        process = ProcessInbox(
            store, answers, ear, {"telegram": channel}, take_file, clock, signals, words=wording.group
        )
        deliver = DeliverOutbox(store, channel, clock, signals, pacing)
        house = House(server, store, signals, wording, answers, channel, process, deliver, ear, files)
        try:
            yield house
        finally:
            await house.stop()


def choices(*labels: str) -> tuple[tuple[Button, ...], ...]:
    """One row of buttons whose actions are t:0, t:1 …"""
    return (tuple(Button(label, f"t:{place}") for place, label in enumerate(labels)),)
