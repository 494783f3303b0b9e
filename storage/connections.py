"""SQLite connections: how they are set up, and one thread for each by aiosqlite."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import aiosqlite

from bot.domain.errors import SafeHouseError, StoreBusy, StoreFull

T = TypeVar("T")

BUSY_MS = 200  # one wait of SQLite itself; longer waits are counted tries around it
_CHECKPOINT_PAGES = 1000
_WAL_BYTES = 64 * 1024 * 1024
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def connect(path: Path, *, reading: bool = False) -> sqlite3.Connection:
    """A connection with the house's settings; transactions are begun and ended by hand."""
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    for pragma in (
        f"busy_timeout = {BUSY_MS}",
        "trusted_schema = off",
        "foreign_keys = on",
        "secure_delete = on",
        "temp_store = memory",
        f"cache_size = {-4000 if reading else -16000}",
    ):
        connection.execute(f"pragma {pragma}")
    if reading:
        connection.execute("pragma query_only = on")
        return connection
    for pragma in (
        "journal_mode = wal",
        "synchronous = full",
        f"wal_autocheckpoint = {_CHECKPOINT_PAGES}",
        f"journal_size_limit = {_WAL_BYTES}",
    ):
        connection.execute(f"pragma {pragma}").fetchall()
    return connection


def is_busy(error: sqlite3.Error) -> bool:
    return _code(error) in _BUSY


def is_full(error: sqlite3.Error) -> bool:
    return _code(error) in _FULL


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_broken(error: sqlite3.Error) -> bool:
    """The file is no database, or a damaged one."""
    return _code(error) in _BROKEN


def translated(error: sqlite3.Error) -> SafeHouseError | sqlite3.Error:
    """The failure in the core's words, where it has some for it."""
    if is_full(error):
        return StoreFull("磁盘写不下了：这次没有存下。请清理磁盘空间，程序会自己继续。")
    if is_busy(error):
        return StoreBusy("数据库被别的程序锁着，等了很久也没有放开：这次没有存下。")
    return error


class _Call:
    """A call without a face: aiosqlite's debug log prints what it runs and what that raises."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self.result: object = None
        self.error: BaseException | None = None

    def __call__(self) -> None:
        try:
            self.result = self._work()
        except BaseException as error:  # handed over to whoever waits, on the loop's thread
            self.error = error


class OneThread:
    """An aiosqlite connection, used the one way the store uses it: a whole function on its thread.

    aiosqlite's public calls send one statement at a time; a unit of statements in one go is four times
    faster and cannot be cut in two by a cancelled caller.
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        self._aio = aiosqlite.Connection(connector, iter_chunk_size=64)

    async def open(self) -> None:
        await self._aio

    @property
    def connection(self) -> sqlite3.Connection:
        """For functions that run on the thread."""
        return self._aio._conn

    async def run(self, work: Callable[[], T]) -> T:
        """Call on the connection's thread; goes on to its end even if the caller is cancelled."""
        call = _Call(work)
        try:
            await self._aio._execute(call)  # type: ignore[no-untyped-call]
        except ValueError as error:  # not the work's: that one is kept in the call
            raise StoreBusy("数据库已经关闭。") from error
        if call.error is not None:
            raise call.error
        return cast(T, call.result)

    async def close(self) -> None:
        await self._aio.close()
