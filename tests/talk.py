"""Speaks as a worker: what she types, taps and sends, and what comes back on her screen."""

import itertools
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.conversation.session import Session, from_json
from bot.domain.incoming import Address, FileKind, Incoming, KeptFile
from bot.domain.ports import Store
from bot.domain.ports_cases import CaseFilter, StoredFile
from bot.domain.ports_talk import Outgoing
from bot.domain.promises import Promises
from bot.domain.reply import Button, Reply
from bot.domain.signals import Signals
from bot.services.bell import Bell
from bot.services.converse import Converse, Organisation
from knowledge.loader import Knowledge
from knowledge.wording import Wording
from storage.sqlite import open_store
from tests.fakes import FrozenClock

HOTLINE = "12351"
_numbers = itertools.count(1)


@dataclass(slots=True)
class House:
    """The product without channels: a real store, the conversation, a clock that tests move."""

    store: Store
    converse: Converse
    knowledge: Knowledge
    wording: Wording
    clock: FrozenClock
    group: str = "telegram"
    rung: list[Reply] = field(default_factory=list)

    def worker(self, channel: str = "webchat", name: str | None = None) -> "Talk":
        """Somebody who writes for the first time (or again, with the same name)."""
        return Talk(self, Address(channel, name or f"worker-{next(_numbers)}"))

    async def bell(self) -> list[Reply]:
        """What rang in the staff group since the last look."""
        rows = await self.store.write(lambda unit: _claimed(unit, self.group, self.clock))
        self.rung += [row.reply for row in rows if row.person_id is None]
        rung, self.rung = self.rung, []
        return rung

    async def read(self, look: Any) -> Any:
        return await self.store.read(look)

    async def write(self, work: Any) -> Any:
        return await self.store.write(work)

    async def cases(self) -> list[Any]:
        return list(await self.store.read(lambda unit: unit.cases.cards(CaseFilter())))


@dataclass(slots=True)
class Talk:
    """One worker. `screen` is her chat: cards of the same name replace each other."""

    house: House
    address: Address
    screen: list[Reply] = field(default_factory=list)
    new: list[Reply] = field(default_factory=list)
    rows: list[Outgoing] = field(default_factory=list)

    async def says(self, text: str, *, edited: bool = False) -> None:
        await self._does(text=text, edited=edited)

    async def starts(self, payload: str = "") -> None:
        await self._does(start=payload)

    async def taps(self, label: str) -> None:
        """Tap the newest button of this label that is still on her screen."""
        await self.acts(self.button(label).action)

    async def acts(self, action: str) -> None:
        """Send a button's data, whether it is on the screen or not."""
        await self._does(action=action)

    async def sends(self, kind: FileKind = FileKind.PHOTO, text: str = "", refused: str | None = None) -> str:
        """A file that was received and sealed (or refused); returns its id."""
        file_id = f"file{next(_numbers):04d}"
        if refused is None:
            person_id = await self.person_id()
            stored = StoredFile(file_id, kind.value, 10, "0" * 64, "a.jpg", "image/jpeg")
            key = await self.house.store.vault.put(file_id, b"0123456789")
            now = self.house.clock.now()
            await self.house.write(lambda unit: unit.files.keep(stored, person_id, key, now))
        await self._does(text=text, files=(KeptFile(file_id, kind, 10, "a.jpg", refused),))
        return file_id

    async def _does(self, **what: Any) -> None:
        clock = self.house.clock
        key = f"{self.address.channel}:{next(_numbers)}"
        incoming = Incoming(key, self.address, clock.now(), **what)
        [received] = await self.house.converse.receive(self.address.channel, [(key, self.address, b"raw")])
        await self.house.converse.handle(received, incoming)
        await self._delivered()

    async def _delivered(self) -> None:
        rows = await self.house.store.write(
            lambda unit: _claimed(unit, self.address.channel, self.house.clock)
        )
        person_id = await self.person_id()
        self.rows = [row for row in rows if row.person_id == person_id]
        self.house.rung += [row.reply for row in rows if row.person_id is None]
        self.new = [row.reply for row in self.rows if not row.delete]
        for reply in self.new:
            if reply.card is not None:
                self.screen = [shown for shown in self.screen if shown.card != reply.card]
            self.screen.append(reply)

    async def person_id(self) -> str:
        now, address = self.house.clock.now(), self.address
        return (await self.house.write(lambda unit: unit.people.get_or_add(address, now))).id

    async def session(self) -> Session:
        person_id = await self.person_id()
        return from_json(await self.house.read(lambda unit: unit.sessions.get(person_id)))

    def button(self, label: str) -> Button:
        for reply in reversed(self.screen):
            for button in reply.buttons():
                if button.label == label:
                    return button
        raise AssertionError(f"no button {label!r} on the screen:\n{self}")

    def hears(self, *parts: str) -> None:
        """Each part is in what has just been said."""
        heard = "\n".join(reply.text for reply in self.new)
        for part in parts:
            assert part in heard, f"{part!r} was not said:\n{self}"

    def does_not_hear(self, *parts: str) -> None:
        heard = "\n".join(reply.text for reply in self.new)
        for part in parts:
            assert part not in heard, f"{part!r} was said:\n{self}"

    def sees_buttons(self, *labels: str) -> None:
        shown = [button.label for reply in self.new for button in reply.buttons()]
        for label in labels:
            assert label in shown, f"no button {label!r} among {shown}"

    def __str__(self) -> str:
        return "\n---\n".join(
            reply.text + "\n" + " ".join(f"[{button.label}]" for button in reply.buttons())
            for reply in self.new
        )


def _claimed(unit: Any, channel: str, clock: FrozenClock) -> list[Outgoing]:
    """Everything due, as a channel takes it; one row a chat at a time, so again until nothing is left."""
    taken: list[Outgoing] = []
    while rows := unit.outbox.claim(channel, clock.now(), 50):
        for row in rows:
            unit.outbox.sent(row.seq, f"remote-{row.seq}", clock.now())
        taken += rows
    return taken


@asynccontextmanager
async def open_house(
    folder: Path,
    knowledge: Knowledge,
    wording: Wording,
    index: Any,
    clock: FrozenClock,
    **options: Any,
) -> AsyncIterator[House]:
    """A house in a folder; the same folder opened again is the same house after a restart."""
    url, key = f"sqlite:///{folder}/data/safehouse.db", folder / "master.key"
    async with open_store(url, key, clock, Signals()) as store:
        bell = Bell(wording, "telegram", "https://example.test", options.pop("forward_case_text", False))
        converse = Converse(
            store, knowledge, index, wording, clock, bell, Promises(),
            public_url="https://example.test",
            organisation=Organisation("银川市总工会", "安全屋", HOTLINE),
            source=random.Random(7), **options,
        )  # fmt: skip
        yield House(store, converse, knowledge, wording, clock)
