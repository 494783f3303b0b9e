"""The one writer: units that wait are joined into one transaction and share its fsync.

Each unit runs under a savepoint of its own: an exception takes back that unit and no other. Nobody hears
of success before the commit is on disk.
"""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from bot.domain.errors import StoreBusy
from bot.domain.kill_points import pass_kill_point
from bot.domain.ports import Unit
from bot.domain.signals import Signals
from storage.connections import BUSY_MS, OneThread, is_busy, is_full, translated
from storage.unit_of_work import SqlUnit

T = TypeVar("T")
_log = logging.getLogger(__name__)
GROUP = 256
BUSY_LIMIT_S = 60.0


@dataclass(slots=True, eq=False, repr=False)
class _Job:
    """A unit that waits, and what came of it."""

    work: Callable[[Unit], Any]
    future: "asyncio.Future[Any]"
    result: Any = None
    error: BaseException | None = None
    announced: frozenset[str] = frozenset()

    def settle(self) -> None:
        if self.future.done():  # its caller was cancelled; what it asked for is kept all the same
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class GroupCommit:
    """Runs units on the writer's thread."""

    def __init__(
        self, thread: OneThread, unit: SqlUnit, signals: Signals, busy_limit_s: float = BUSY_LIMIT_S
    ) -> None:
        self._thread, self._unit, self._signals = thread, unit, signals
        self._waiting: deque[_Job] = deque()
        self._drain: asyncio.Task[None] | None = None
        self._busy_tries = max(1, round(busy_limit_s * 1000 / BUSY_MS))
        self._closing = False
        self._empty_log = False

    async def write(self, work: Callable[[Unit], T]) -> T:
        """Run a unit; returns after it is durable."""
        if self._closing:
            raise StoreBusy("数据库正在关闭。")
        job = _Job(work, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        if self._drain is None:
            self._drain = asyncio.create_task(self._run_waiting())
        result: T = await job.future
        return result

    async def _run_waiting(self) -> None:
        try:
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
                try:
                    await self._thread.run(partial(self._run, group))
                except StoreBusy as error:  # closed under us: nobody may wait for ever
                    for job in group:
                        job.error = job.error or error
                self._signals.notify({name for job in group if job.error is None for name in job.announced})
                for job in group:
                    job.settle()
        finally:
            self._drain = None

    async def close(self) -> None:
        """Finish what waits; take nothing more."""
        self._closing = True
        while self._drain is not None:
            await asyncio.wait((self._drain,))

    # ── on the writer's thread ──────────────────────────────────────────────────────────────────────

    def _run(self, group: Sequence[_Job]) -> None:
        try:
            self._begin()
            for job in group:
                self._run_one(job)
            pass_kill_point("before_commit")
            self._connection.execute("commit")
        except BaseException as error:
            self._roll_back()
            failure = translated(error) if isinstance(error, sqlite3.Error) else error
            for job in group:
                job.error = job.error or failure
            return
        pass_kill_point("after_commit")
        self._unit.context.seal.committed()
        self._empty_write_ahead_log()

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._thread.connection

    def _begin(self) -> None:
        """Wait for other programs; on this thread, so that the loop goes on."""
        for tries_left in range(self._busy_tries - 1, -1, -1):
            try:
                self._connection.execute("begin immediate")
                break
            except sqlite3.OperationalError as error:
                if not is_busy(error) or not tries_left:
                    raise
        self._unit.context.seal.begin()

    def _run_one(self, job: _Job) -> None:
        connection, context = self._connection, self._unit.context
        context.begin_unit()
        connection.execute("savepoint unit")
        try:
            job.result = job.work(self._unit)
        except BaseException as error:
            if isinstance(error, sqlite3.Error) and (is_full(error) or not connection.in_transaction):
                raise  # the whole transaction is lost
            connection.execute("rollback to unit")
            job.error = translated(error) if isinstance(error, sqlite3.Error) else error
        else:
            job.announced = frozenset(context.announced)
            self._empty_log = self._empty_log or context.erased
        connection.execute("release unit")

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
        except sqlite3.Error as error:
            _log.error("rollback failed: %s", type(error).__name__)

    def _empty_write_ahead_log(self) -> None:
        """After an erasure: what was there must leave the log too. A long reader puts it off a little."""
        if not self._empty_log:
            return
        try:
            row = self._connection.execute("pragma wal_checkpoint(truncate)").fetchone()
            self._empty_log = bool(row[0])
        except sqlite3.Error as error:
            _log.warning("checkpoint put off: %s", type(error).__name__)
