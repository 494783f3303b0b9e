"""The store on SQLite: one writer that commits in groups, readers beside it, a vault for files."""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.domain.clock import Clock
from bot.domain.errors import KeyMissing, SafeHouseError, StoreBusy
from bot.domain.ports import Unit
from bot.domain.signals import Signals
from storage.audit import start_chain
from storage.connections import OneThread, connect, is_broken, is_busy, translated
from storage.context import UnitContext
from storage.database import SqliteDatabase
from storage.group_commit import BUSY_LIMIT_S, GroupCommit
from storage.master_key import MasterKeys, is_readable_by_others, make_key_file
from storage.migrate import forget_copies, known_migrations, migrate, pending_migrations
from storage.sealing import KeyCache, Sealer, SystemKeys, load_system_keys, make_system_keys
from storage.unit_of_work import SqlUnit
from storage.vault import Vault

T = TypeVar("T")
_READERS = 3
_LOCK_WAIT_S = 3.0
_PREFIX = "sqlite:///"


def database_path(url: str) -> Path:
    """The file behind "sqlite:///var/safehouse.db" (relative to the working directory) or "sqlite:////…"."""
    if not url.startswith(_PREFIX) or url == _PREFIX:
        raise SafeHouseError(f"storage.url: {url!r} 不是 SQLite 地址 → 请写成 sqlite:///var/safehouse.db")
    return absolute(Path(url.removeprefix(_PREFIX)))


def absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def vault_folder(path: Path) -> Path:
    return path.parent / "files"


class _Reader:
    """A connection that only reads, and how many wait for it."""

    def __init__(self, thread: OneThread, unit: SqlUnit) -> None:
        self.thread, self.unit, self.waiting = thread, unit, 0

    async def run(self, work: Callable[[Unit], T]) -> T:
        self.waiting += 1
        try:
            return await self.thread.run(partial(self._run, work))
        finally:
            self.waiting -= 1

    def _run(self, work: Callable[[Unit], T]) -> T:
        connection, context = self.thread.connection, self.unit.context
        context.begin_unit()
        context.seal.begin()
        connection.execute("begin")
        try:
            return work(self.unit)
        except sqlite3.Error as error:
            raise translated(error) from error
        finally:
            if connection.in_transaction:
                connection.execute("rollback")


class SqliteStore:
    """Fulfils ports.Store. Made by `open_store`.

    `notes` are what whoever starts the program must be told: "key_made" (back the key file up),
    "key_beside_data" (it protects nothing there), "key_readable" (others may read it).
    """

    def __init__(
        self,
        path: Path,
        master: MasterKeys,
        writer: GroupCommit,
        readers: list[_Reader],
        notes: tuple[str, ...],
    ) -> None:
        self.path, self.master, self.notes = path, master, notes
        self._writer, self._readers = writer, readers
        self._vault = Vault(vault_folder(path), master)

    async def write(self, work: Callable[[Unit], T]) -> T:
        return await self._writer.write(work)

    async def read(self, work: Callable[[Unit], T]) -> T:
        reader = min(self._readers, key=lambda reader: reader.waiting)
        return await reader.run(work)

    @property
    def vault(self) -> Vault:
        return self._vault

    async def inspect(self, look: Callable[[sqlite3.Connection, SqlUnit], T]) -> T:
        """For `verify`: a look with a reader's bare connection beside its unit."""
        reader = self._readers[-1]
        return await reader.run(lambda _: look(reader.thread.connection, reader.unit))


@asynccontextmanager
async def open_store(
    url: str,
    key_file: Path,
    clock: Clock,
    signals: Signals,
    *,
    exclusive: bool = True,
    busy_limit_s: float = BUSY_LIMIT_S,
) -> AsyncIterator[SqliteStore]:
    """Open the store, making folder, key file and tables where there are none yet.

    One process serves a store: another one that asks for it exclusively gets StoreBusy. Commands that may run
    beside it open with `exclusive=False`. KeyMissing, StoreTooNew and MigrationEdited say why it stays shut.
    """
    path, key_file = database_path(url), absolute(key_file)
    async with AsyncExitStack() as opened:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if exclusive:
            opened.callback(os.close, await _lock(path))
        with _told(path):
            notes = await asyncio.to_thread(_prepare_key, path, key_file)
            if not exclusive and await asyncio.to_thread(_needs_migration, path):
                opened.callback(os.close, await _lock(path))  # nobody may work on tables that change
            master, system = await asyncio.to_thread(_prepare_database, path, key_file, clock)
        cache = KeyCache()

        async def open_thread(*, reading: bool) -> tuple[OneThread, SqlUnit]:
            thread = OneThread(partial(connect, path, reading=reading))
            await thread.open()
            opened.push_async_callback(thread.close)
            return thread, await thread.run(
                lambda: bare_unit(
                    SqliteDatabase(thread.connection), master, system, cache, clock, writing=not reading
                )
            )

        writer_thread, writer_unit = await open_thread(reading=False)
        readers = [_Reader(*await open_thread(reading=True)) for _ in range(_READERS)]
        writer = GroupCommit(writer_thread, writer_unit, signals, busy_limit_s)
        opened.push_async_callback(writer.close)
        yield SqliteStore(path, master, writer, readers, notes)


def bare_unit(
    db: SqliteDatabase,
    master: MasterKeys,
    system: SystemKeys,
    cache: KeyCache,
    clock: Clock,
    *,
    writing: bool = True,
) -> SqlUnit:
    """The tables over a connection; whoever asks for it begins and ends the transactions."""
    return SqlUnit(UnitContext(db, Sealer(db, master, system, cache), clock, writing))


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What SQLite says while opening, in words for the operator."""
    try:
        yield
    except sqlite3.Error as error:
        if is_busy(error):
            raise StoreBusy(f"{path} 被别的程序锁着。请先停掉它。") from error
        if is_broken(error):
            raise SafeHouseError(f"{path} 不是完好的数据库文件。请把它移开，再从备份恢复。") from error
        raise translated(error) from error


async def _lock(path: Path) -> int:
    """Hold the store for this process; a moment of patience for one that is just ending."""
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + _LOCK_WAIT_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if loop.time() >= give_up_at:
                os.close(descriptor)
                raise StoreBusy(
                    f"{path} 正被另一个安全屋进程使用。请先停掉它，或者为这一个换一个 storage.url。"
                ) from None
        except BaseException:
            os.close(descriptor)
            raise
        await asyncio.sleep(0.1)


def _prepare_key(path: Path, key_file: Path) -> tuple[str, ...]:
    """Make the key file only where there is nothing that an older key could have sealed."""
    notes = []
    if not key_file.exists():
        if _has_data(path):
            raise KeyMissing(
                f"密钥文件不在：{key_file}。{path} 里的数据是用它加密的。"
                "请把备份的密钥文件放回原处（权限 600）；不会新建密钥，新密钥打不开旧数据。"
            )
        make_key_file(key_file)
        notes.append("key_made")
    if path.parent in key_file.parents:
        notes.append("key_beside_data")
    if is_readable_by_others(key_file):
        notes.append("key_readable")
    return tuple(notes)


def _has_data(path: Path) -> bool:
    files = vault_folder(path)
    if files.is_dir() and any(files.iterdir()):
        return True
    if not path.exists() or path.stat().st_size == 0:
        return False
    connection = connect(path, reading=True)
    try:
        if connection.execute("select 1 from sqlite_master where name = 'keys'").fetchone() is None:
            return False
        return connection.execute("select 1 from keys limit 1").fetchone() is not None
    finally:
        connection.close()


def _needs_migration(path: Path) -> bool:
    if not path.exists() or path.stat().st_size == 0:
        return True
    connection = connect(path, reading=True)
    try:
        if pending_migrations(connection, known_migrations()):
            return True
        return connection.execute("select 1 from keys limit 1").fetchone() is None
    finally:
        connection.close()


def _prepare_database(path: Path, key_file: Path, clock: Clock) -> tuple[MasterKeys, SystemKeys]:
    """Tables as this program knows them, and the keys of the house."""
    master = MasterKeys(key_file)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = connect(path)
    try:
        migrate(connection, path, clock.now(), known_migrations())
        forget_copies(path, clock.now())
        db = SqliteDatabase(connection)
        if connection.execute("select 1 from keys limit 1").fetchone() is None:
            connection.execute("begin immediate")
            if make_system_keys(db, master, clock.now()):
                start_chain(db, load_system_keys(db, master))
            connection.execute("commit")
        connection.execute("begin")  # only read: a house that is busy writing keeps nobody out
        return master, load_system_keys(db, master)
    finally:
        if connection.in_transaction:
            connection.execute("rollback")
        connection.close()
