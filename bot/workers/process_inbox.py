"""Handles the inbox: in order for each person, many people at once, and again after a crash."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from weakref import WeakValueDictionary

from bot.domain.clock import Clock
from bot.domain.errors import Refused, StoreBusy, StoreFull
from bot.domain.incoming import Address, FileNote, GroupIncoming, Incoming, KeptFile
from bot.domain.ports import Channel, Received, Store, Unit
from bot.domain.reply import Lane, Reply
from bot.domain.signals import INBOX, Signals
from bot.workers.faults import what_and_where
from knowledge.wording_group import GroupWords

log = logging.getLogger("safehouse.inbox")

TRIES = 3
LOOK_EVERY_S = 3.0  # a lost wake-up, and rows from before a crash, wait no longer
PEOPLE_AT_ONCE = 64
DOWNLOADS_AT_ONCE = 8
_MOST_TASKS = 4096
_FIRST_PAGE = 256
_ROWS_AT_ONCE = 50
_AGAIN_S = 0.2  # between two tries of a row that fails
_STORE_AGAIN_S = 1.0
_FETCH_WAITS_S = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)

TakeFile = Callable[[bytes, FileNote, str], Awaitable[KeptFile]]


class Converses(Protocol):
    """What this worker needs of services/converse.py."""

    async def handle(self, received: Received, incoming: Incoming | None) -> object: ...


class HandlesGroup(Protocol):
    """What this worker needs of services/group_desk.py."""

    async def handle(self, received: Received, incoming: GroupIncoming) -> object: ...


@dataclass(frozen=True, slots=True)
class _Sender:
    address: Address
    blocked: bool


class ProcessInbox:
    """`run()` until cancelled; `process_person()` handles one person's rows now (web chat awaits it)."""

    def __init__(
        self,
        store: Store,
        converse: Converses,
        group_desk: HandlesGroup | None,
        channels: Mapping[str, Channel],
        take_file: TakeFile,
        clock: Clock,
        signals: Signals,
        *,
        words: GroupWords,
    ) -> None:
        self._store = store
        self._converse = converse
        self._group_desk = group_desk
        self._channels = channels
        self._take_file = take_file
        self._clock = clock
        self._signals = signals
        self._words = words
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(PEOPLE_AT_ONCE)
        self._downloads = asyncio.Semaphore(DOWNLOADS_AT_ONCE)

    async def run(self) -> None:
        """Handle whatever is pending, and then whatever comes."""
        async with self._signals.listen(INBOX) as wake:
            try:
                while True:
                    wake.clear()
                    await self._start_waiting(wake)
                    await _wait(wake, LOOK_EVERY_S)
            finally:
                tasks = list(self._busy.values())
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _start_waiting(self, wake: asyncio.Event) -> None:
        """Start a task for everybody who has rows waiting and none running."""
        page = _FIRST_PAGE
        while True:
            try:
                rows = await self._pending(page)
            except StoreBusy:
                return
            people = dict.fromkeys(row.person_id for row in rows if row.person_id not in self._busy)
            for person_id in people:
                if len(self._busy) >= _MOST_TASKS:
                    return
                self._start(person_id, wake)
            if len(rows) < page or people:
                return
            page *= 4  # one person's flood fills the page: look behind it

    def _start(self, person_id: str, wake: asyncio.Event) -> None:
        task = asyncio.create_task(self._quietly(person_id))
        self._busy[person_id] = task

        def ended(_: asyncio.Task[None]) -> None:
            del self._busy[person_id]
            wake.set()  # rows that came in meanwhile were left to this task

        task.add_done_callback(ended)

    async def _quietly(self, person_id: str) -> None:
        try:
            await self.process_person(person_id)
        except (StoreFull, StoreBusy) as error:
            log.error("the inbox waits for the store: %s", type(error).__name__)
            await asyncio.sleep(_STORE_AGAIN_S)
        except Exception as error:
            log.error("a person's rows could not be handled: %s", what_and_where(error))
            await asyncio.sleep(_STORE_AGAIN_S)

    async def process_person(self, person_id: str) -> None:
        """Handle all rows of one person that are pending now, oldest first; StoreFull goes through."""
        lock = self._locks.setdefault(person_id, asyncio.Lock())
        async with lock:
            while rows := await self._pending(_ROWS_AT_ONCE, person_id):
                sender = await self._store.read(lambda unit: _sender(unit, person_id))
                for row in rows:
                    if sender is None:
                        return  # erased meanwhile
                    await self._process(row, sender)

    async def _pending(self, limit: int, person_id: str | None = None) -> Sequence[Received]:
        return await self._store.read(lambda unit: unit.inbox.pending(limit, person_id))

    async def _process(self, row: Received, sender: _Sender) -> None:
        """Handle one row, or put it aside after a few tries; afterwards it is pending no more."""
        channel = self._channels.get(row.channel)
        if channel is None:
            return await self._set_aside(row, "no_channel", None)
        try:
            incoming = channel.translate(row, sender.address)
        except Exception as error:  # it will be as unreadable the next time
            log.error("inbox row %d is unreadable: %s", row.seq, what_and_where(error))
            return await self._set_aside(row, "unreadable", None)
        while True:
            try:
                return await self._handle(row, incoming, sender, channel)
            except (StoreFull, StoreBusy):
                raise
            except Exception as error:
                log.error("inbox row %d failed: %s", row.seq, what_and_where(error))
            if not await self._still_pending(row):
                return None  # another handler was faster, and its unit is the one that counts
            if await self._store.write(lambda unit: unit.inbox.failed(row.seq)) >= TRIES:
                return await self._set_aside(row, "failed", incoming)
            await asyncio.sleep(_AGAIN_S)

    async def _handle(
        self, row: Received, incoming: Incoming | GroupIncoming | None, sender: _Sender, channel: Channel
    ) -> None:
        if isinstance(incoming, GroupIncoming):
            if self._group_desk is None:
                return await self._set_aside(row, "no_group_desk", None)
            async with self._turns:
                await self._group_desk.handle(row, incoming)
            return None
        if incoming is not None:
            if sender.blocked:  # she writes, so she can be reached again
                await self._store.write(lambda unit: unit.people.set_blocked(row.person_id, False))
            if incoming.announced:  # outside the turns: a slow download holds up nobody else
                incoming = replace(incoming, files=await self._files(incoming, row.person_id, channel))
        async with self._turns:
            await self._converse.handle(row, incoming)
        return None

    async def _still_pending(self, row: Received) -> bool:
        rows = await self._pending(1, row.person_id)
        return any(other.seq == row.seq for other in rows)

    async def _set_aside(self, row: Received, why: str, incoming: Incoming | GroupIncoming | None) -> None:
        """People will look at the row; whoever sent it is told honestly, in the same unit."""
        now = self._clock.now()

        def put_aside(unit: Unit) -> None:
            match incoming:
                case Incoming():
                    unit.outbox.add(row.person_id, [Reply(self._words.set_aside)], lane=Lane.REPLY, now=now)
                case GroupIncoming():
                    reply = Reply(self._words.row_set_aside)
                    unit.outbox.add(None, [reply], lane=Lane.REPLY, now=now, channel=row.channel)
            unit.inbox.set_aside(row.seq, why)

        await self._store.write(put_aside)

    # ── files ──

    async def _files(self, incoming: Incoming, person_id: str, channel: Channel) -> tuple[KeptFile, ...]:
        return tuple([await self._file(note, person_id, channel) for note in incoming.announced])

    async def _file(self, note: FileNote, person_id: str, channel: Channel) -> KeptFile:
        try:
            async with self._downloads:
                data = await self._fetch(note, channel)
                return await self._take_file(data, note, person_id)
        except Refused as refused:
            return KeptFile("", note.kind, note.size or 0, note.name, refused=refused.reason)

    async def _fetch(self, note: FileNote, channel: Channel) -> bytes:
        """Bytes of a file; a channel that cannot be reached gets about a minute."""
        for wait_s in _FETCH_WAITS_S:
            try:
                return await channel.fetch(note)
            except ConnectionError:
                await asyncio.sleep(wait_s)
        try:
            return await channel.fetch(note)
        except ConnectionError:
            raise Refused("file_unavailable") from None


def _sender(unit: Unit, person_id: str) -> _Sender | None:
    person = unit.people.get(person_id)
    return None if person is None else _Sender(unit.people.address(person_id), person.blocked)


async def _wait(wake: asyncio.Event, at_most_s: float) -> None:
    try:
        async with asyncio.timeout(at_most_s):
            await wake.wait()
    except TimeoutError:
        return
