"""Handles the inbox: in order for each person, many people at once, and again after a crash."""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from weakref import WeakValueDictionary

from bot.domain.clock import Clock
from bot.domain.errors import Refused, StoreBusy, StoreFull
from bot.domain.incoming import Address, FileNote, GroupIncoming, Incoming, KeptFile
from bot.domain.ports import Store, Unit
from bot.domain.ports_channels import Channel
from bot.domain.ports_talk import Received
from bot.domain.reply import Lane, Reply
from bot.domain.signals import INBOX, Signals
from bot.workers.faults import what_and_where
from knowledge.wording_group import GroupWords

log = logging.getLogger("safehouse.inbox")

TRIES = 3
LOOK_EVERY_S = 3.0  # a lost wake-up, and rows from before a crash, wait no longer
PEOPLE_AT_ONCE = 64
DOWNLOADS_AT_ONCE = 8
_MOST_LINES = 4096
_PAGE = 256
_ROWS_AT_ONCE = 50  # of one person in memory; the rest of a flood waits in the store
_REMEMBERED = 4096
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


@dataclass(slots=True)
class _Line:
    """Rows of one person, read and not handled yet, oldest first. `more`: others wait in the store."""

    last: int = 0  # the newest row it knows of
    rows: deque[tuple[Received, _Sender | None]] = field(default_factory=deque)
    more: bool = False

    def add(self, row: Received, sender: _Sender | None) -> None:
        self.last = row.seq
        if self.more or len(self.rows) >= _ROWS_AT_ONCE:
            self.more = True
        else:
            self.rows.append((row, sender))


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
        self._lines: dict[str, _Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake: asyncio.Event | None = None  # set while `run` runs
        self._seen = 0  # rows up to here are in somebody's line or handled, unless `_anew`
        self._anew = True  # all that is pending is to be read
        self._broken = 0  # lines that were given up so far; their rows are read again
        self._crowded = False  # a look ended early: too many lines
        self._handled: OrderedDict[str, int] = OrderedDict()  # person -> her last row that was handled
        self._turns = asyncio.Semaphore(PEOPLE_AT_ONCE)
        self._downloads = asyncio.Semaphore(DOWNLOADS_AT_ONCE)

    async def run(self) -> None:
        """Handle whatever is pending, and then whatever comes."""
        async with self._signals.listen(INBOX) as wake:
            self._wake = wake
            try:
                while True:
                    await asyncio.sleep(0)  # whoever received rows hands them over first
                    wake.clear()
                    await self._look(wake)
                    if not await _wait(wake, LOOK_EVERY_S):
                        self._anew = True
            finally:
                self._wake = None
                tasks = tuple(self._tasks)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def hand_over(self, fresh: Sequence[tuple[Received, Address]]) -> None:
        """Take rows that were just committed. Where some before them are unknown, all are read in order."""
        for row, address in fresh:
            if self._wake is None or self._anew or row.seq != self._seen + 1:
                return
            if not self._join(row, _Sender(address, blocked=False), self._wake):
                self._crowded = True
                return
            self._seen = row.seq

    async def _look(self, wake: asyncio.Event) -> None:
        """Bring the rows that came since the last look into their senders' lines."""
        self._crowded = False
        after = 0 if self._anew else self._seen
        while True:
            broken = self._broken
            try:
                rows = await self._store.read(lambda unit, after=after: _newer(unit, after))  # type: ignore[misc]
            except StoreBusy:
                return
            if broken != self._broken:
                after = 0  # a line broke meanwhile: older rows come before these
                continue
            for row, sender in rows:
                if not self._join(row, sender, wake):
                    self._crowded = True
                    return
                after = row.seq
                self._seen = max(self._seen, after)
            if len(rows) < _PAGE:
                self._anew = False
                return

    def _join(self, row: Received, sender: _Sender | None, wake: asyncio.Event) -> bool:
        """Put a row into its line, a new one if need be; False where there are too many lines."""
        line = self._lines.get(row.person_id)
        if line is not None:
            if row.seq > line.last:
                line.add(row, sender)
            return True
        if len(self._lines) >= _MOST_LINES:
            return False
        line = self._lines[row.person_id] = _Line()
        line.add(row, sender)
        task = asyncio.create_task(self._quietly(row.person_id, line, wake))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _quietly(self, person_id: str, line: _Line, wake: asyncio.Event) -> None:
        try:
            return await self._handle_line(person_id, line)
        except (StoreFull, StoreBusy) as error:
            log.error("the inbox waits for the store: %s", type(error).__name__)
            await asyncio.sleep(_STORE_AGAIN_S)
        except Exception as error:
            log.error("a person's rows could not be handled: %s", what_and_where(error))
            await asyncio.sleep(_STORE_AGAIN_S)
        finally:
            if self._lines.get(person_id) is line:  # given up: everything is read anew, in order
                del self._lines[person_id]
                self._broken, self._anew = self._broken + 1, True
                wake.set()
            elif self._crowded:
                wake.set()

    async def _handle_line(self, person_id: str, line: _Line) -> None:
        async with self._lock_of(person_id):
            while line.rows or line.more:
                while line.rows:
                    row, sender = line.rows.popleft()
                    if row.seq > self._handled.get(person_id, 0):
                        await self._process(row, sender)
                if line.more:
                    line.more = False
                    await self._process_pending(person_id)
            del self._lines[person_id]  # at once: what comes from now on needs a line of its own

    async def process_person(self, person_id: str) -> None:
        """Handle all rows of one person that are pending now, oldest first; StoreFull goes through."""
        async with self._lock_of(person_id):
            await self._process_pending(person_id)

    def _lock_of(self, person_id: str) -> asyncio.Lock:
        lock = self._locks.get(person_id)
        if lock is None:
            lock = self._locks[person_id] = asyncio.Lock()
        return lock

    async def _process_pending(self, person_id: str) -> None:
        """Whoever calls it holds her lock."""
        while True:
            rows, sender = await self._store.read(lambda unit: _hers(unit, person_id))
            for row in rows:
                await self._process(row, sender)
            if len(rows) < _ROWS_AT_ONCE or sender is None:
                return

    async def _process(self, row: Received, sender: _Sender | None) -> None:
        """Handle one row; afterwards it is pending no more, unless its sender was erased meanwhile."""
        if sender is not None:
            await self._process_from(row, sender)
        self._handled[row.person_id] = row.seq
        self._handled.move_to_end(row.person_id)
        if len(self._handled) > _REMEMBERED:
            self._handled.popitem(last=False)

    async def _process_from(self, row: Received, sender: _Sender) -> None:
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
        rows = await self._store.read(lambda unit: unit.inbox.pending(1, row.person_id))
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


def _newer(unit: Unit, after: int) -> list[tuple[Received, _Sender | None]]:
    """The next rows that wait, each with its sender."""
    rows = unit.inbox.pending(_PAGE, after=after)
    senders = {person_id: _sender(unit, person_id) for person_id in {row.person_id for row in rows}}
    return [(row, senders[row.person_id]) for row in rows]


def _hers(unit: Unit, person_id: str) -> tuple[Sequence[Received], _Sender | None]:
    return unit.inbox.pending(_ROWS_AT_ONCE, person_id), _sender(unit, person_id)


def _sender(unit: Unit, person_id: str) -> _Sender | None:
    person = unit.people.get(person_id)
    return None if person is None else _Sender(unit.people.address(person_id), person.blocked)


async def _wait(wake: asyncio.Event, at_most_s: float) -> bool:
    """Whether somebody woke us."""
    if wake.is_set():
        return True
    try:
        async with asyncio.timeout(at_most_s):
            return await wake.wait()
    except TimeoutError:
        return False
