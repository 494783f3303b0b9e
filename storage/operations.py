"""What operators do to a whole store: rotate the master key, erase a person."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.domain.errors import NotFound, SafeHouseError, StoreBusy
from bot.domain.ports import Unit
from storage.connections import BUSY_MS, connect, is_busy
from storage.database import SqliteDatabase, instant
from storage.master_key import MasterKeys
from storage.sealing import rewrap_all
from storage.sqlite import SqliteStore, absolute, database_path

_BUSY_TRIES = 30_000 // BUSY_MS
_ERASED_BEFORE = instant(1)  # erased rows carry the first instant of all


@dataclass(frozen=True, slots=True)
class RotationReport:
    """Ids of the newest and the former master key, and how many keys were wrapped anew."""

    new: str
    former: str
    rewrapped: int


def rotate_keys(url: str, key_file: Path) -> RotationReport:
    """A new master key, beside a running server too; only the key table changes. Blocks.

    The former key stays second in the file, because backups of the last days were wrapped with it;
    `drop_old_keys` ends that. Killed anywhere, the next call goes on where this one stopped.
    """
    path = database_path(url)
    if not path.exists():
        raise SafeHouseError(f"没有数据库：{path}。请检查 storage.url。")
    master = MasterKeys(absolute(key_file))
    connection = connect(path)
    try:
        _rewrap(connection, master)  # an earlier rotation may have been cut short: never lose its old key
        former = master.current_id
        new = master.add_new()
        return RotationReport(new, former, _rewrap(connection, master))
    finally:
        connection.close()


def drop_old_keys(url: str, key_file: Path) -> tuple[str, ...]:
    """Forget former master keys; backups wrapped with them can no longer be opened. Returns their ids."""
    path = database_path(url)
    master = MasterKeys(absolute(key_file))
    connection = connect(path)
    try:
        _rewrap(connection, master)
        return master.drop_old()
    finally:
        connection.close()


def _rewrap(connection: sqlite3.Connection, master: MasterKeys) -> int:
    _begin(connection)
    try:
        number = rewrap_all(SqliteDatabase(connection), master)
        connection.execute("commit")
        return number
    finally:
        if connection.in_transaction:
            connection.execute("rollback")


def _begin(connection: sqlite3.Connection) -> None:
    for tries_left in range(_BUSY_TRIES - 1, -1, -1):
        try:
            connection.execute("begin immediate")
            return
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise
            if not tries_left:
                raise StoreBusy("数据库一直被占用，密钥没有更换。请稍后再试。") from error


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """What was erased, and what only the channel can still delete: messages and topics it holds."""

    person_id: str
    case_ids: tuple[str, ...]
    files: int
    remote_ids: tuple[str, ...]
    topics: tuple[str, ...]


async def erase_person(store: SqliteStore, person_id: str, now: datetime, actor: str) -> ErasureReport:
    """Erase everything of hers, in the store and on disk. NotFound if there is no such person."""

    def erase(unit: Unit) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        if unit.people.get(person_id) is None:
            raise NotFound(f"person {person_id}")
        unit.audit.append(actor, "erase_person", person_id, now)
        case_ids = tuple(
            case_id
            for case_id in unit.cases.ids_of(person_id)
            if tuple(unit.cases.people_of(case_id)) == (person_id,)
        )
        topics = tuple(topic for case_id in case_ids if (topic := unit.cases.topic(case_id)) is not None)
        remote_ids = tuple(unit.people.forget_talk(person_id))
        unit.people.erase(person_id)
        return case_ids, remote_ids, topics

    case_ids, remote_ids, topics = await store.write(erase)
    return ErasureReport(person_id, case_ids, await remove_erased_files(store), remote_ids, topics)


async def remove_erased_files(store: SqliteStore) -> int:
    """Take the bytes of erased files off the disk (they are noise by then); how many."""
    file_ids = await store.read(lambda unit: unit.files.orphans(_ERASED_BEFORE))
    for file_id in file_ids:
        await store.vault.remove(file_id)
    if file_ids:

        def drop(unit: Unit) -> None:
            for file_id in file_ids:
                unit.files.drop(file_id)

        await store.write(drop)
    return len(file_ids)
