"""Backup and restore. Content and keys are kept apart, so that an erased person fades from old backups.

    DIR/content/<stamp>/safehouse.db   everything but keys: noise by itself (kept 30 days)
    DIR/keys/<stamp>.db                wrapped keys and the list of what was erased (kept 48 hours)
    DIR/files/<2 hex>/<id>             sealed files, mirrored

A restore takes any content with the newest keys and repeats the erasures since. The master key is in none
of it: its file is the operator's to keep elsewhere.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.clock import Clock
from bot.domain.errors import NotFound, SafeHouseError, SealBroken, StoreBusy
from storage.connections import connect
from storage.database import SqliteDatabase, instant
from storage.master_key import MasterKeys, fsync_folder, write_durably
from storage.migrate import known_migrations, migrate
from storage.sealing import KeyCache, load_system_keys
from storage.sqlite import absolute, bare_unit, database_path, vault_folder
from storage.unit_of_work import SqlUnit
from storage.vault import Vault
from storage.verify import check_seals, file_keys

KEYS_KEPT = timedelta(hours=48)
CONTENT_KEPT = timedelta(days=30)
_STAMP = "%Y%m%dT%H%M%S%fZ"
_SAMPLES = 200

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup made: its stamp, files copied anew, files in all, old copies removed."""

    stamp: str
    copied: int
    files: int
    removed: int


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What a restore found: stamps, counts, erasures repeated, files that the backup lacks."""

    content: str
    keys: str
    people: int
    cases: int
    files: int
    erased_again: int
    missing_files: tuple[str, ...]


def _no_progress(_done: int, _all: int) -> None:
    return


# ── backup ───────────────────────────────────────────────────────────────────────────────────────────


def backup(url: str, folder: Path, clock: Clock, progress: Progress = _no_progress) -> BackupReport:
    """Copy a store that may be in use. Blocks: call it in a thread, or from a command."""
    path, folder = database_path(url), absolute(folder)
    if not path.exists():
        raise SafeHouseError(f"没有可备份的数据库：{path}。请检查 storage.url。")
    for place in (folder, folder / "content", folder / "keys", folder / "files"):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        _remove_parts(folder)
        now = clock.now()
        stamp = now.astimezone(UTC).strftime(_STAMP)
        _copy_database(path, folder, stamp)
        copied, files = _mirror_files(Vault.ids_in(vault_folder(path)), folder / "files", progress)
        return BackupReport(stamp, copied, files, _forget_old(folder, now))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreBusy(f"另一个备份正在写 {folder}。请等它结束。") from None
        yield
    finally:
        os.close(descriptor)


def _remove_parts(folder: Path) -> None:
    """What a killed backup left behind."""
    for part in (folder / "content").glob("*.part"):
        shutil.rmtree(part)
    for part in (folder / "keys").glob("*.part*"):
        part.unlink()


def _copy_database(path: Path, folder: Path, stamp: str) -> None:
    part = folder / "content" / f"{stamp}.part"
    part.mkdir(mode=0o700)
    copy, keys = part / "safehouse.db", folder / "keys" / f"{stamp}.db.part"
    source = connect(path)  # a reader's setting forbids `vacuum into` as well
    try:
        source.execute("vacuum into ?", (str(copy),))  # one consistent moment, beside the writer
    finally:
        source.close()
    copy.chmod(0o600)
    os.close(os.open(keys, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    _split_keys(copy, keys)
    manifest = {"stamp": stamp, "sha256": _sha256(copy), "migrations": len(known_migrations())}
    write_durably(part / "manifest.json", json.dumps(manifest, indent=1).encode())
    for file in (copy, keys):
        _fsync(file)
    keys.rename(folder / "keys" / f"{stamp}.db")  # keys first: content without them is no backup
    fsync_folder(folder / "keys")
    part.rename(folder / "content" / stamp)
    fsync_folder(folder / "content")


def _split_keys(copy: Path, keys: Path) -> None:
    connection = sqlite3.connect(copy, isolation_level=None)
    try:
        connection.execute("pragma secure_delete = on")
        connection.execute("attach ? as apart", (str(keys),))
        for table in ("keys", "erased"):
            connection.execute(f"create table apart.{table} as select * from main.{table}")  # noqa: S608
        connection.execute("delete from main.keys")
    finally:
        connection.close()


def _mirror_files(source: dict[str, Path], target: Path, progress: Progress) -> tuple[int, int]:
    """Copy what is new, drop what is gone. Sealed files never change."""
    copied, kept = 0, Vault.ids_in(target)
    for number, (file_id, path) in enumerate(source.items(), 1):
        if file_id not in kept:
            with contextlib.suppress(FileNotFoundError):  # erased meanwhile
                place = target / path.parent.name
                place.mkdir(mode=0o700, exist_ok=True)
                write_durably(place / file_id, path.read_bytes())
                copied += 1
        progress(number, len(source))
    for file_id, path in kept.items():
        if file_id not in source:
            path.unlink()
    return copied, len(source)


def _forget_old(folder: Path, now: datetime) -> int:
    """Old keys and old contents; the newest of each stays whatever its age."""
    removed = 0
    for stamp in _stamps(folder / "keys")[:-1]:
        if now - _moment(stamp) > KEYS_KEPT:
            (folder / "keys" / f"{stamp}.db").unlink()
            removed += 1
    for stamp in _stamps(folder / "content")[:-1]:
        if now - _moment(stamp) > CONTENT_KEPT:
            shutil.rmtree(folder / "content" / stamp)
            removed += 1
    return removed


def _stamps(folder: Path) -> list[str]:
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        name = path.name.removesuffix(".db")
        with contextlib.suppress(ValueError):
            _moment(name)
            found.append(name)
    return sorted(found)


def _moment(stamp: str) -> datetime:
    return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fsync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


# ── restore ──────────────────────────────────────────────────────────────────────────────────────────


def restore(
    folder: Path, url: str, key_file: Path, clock: Clock, content: str | None = None
) -> RestoreReport:
    """Build a store from a backup in an empty place; `content` is a stamp, by default the newest.

    Refuses without the key file (KeyMissing), with keys that do not fit, or where values do not open; then
    nothing is left behind.
    """
    folder, path, key_file = absolute(folder), database_path(url), absolute(key_file)
    files = vault_folder(path)
    if path.exists() or (files.is_dir() and any(files.iterdir())):
        raise SafeHouseError(f"{path.parent} 里已经有数据，不会覆盖。请恢复到一个空的位置。")
    stamp, keys_stamp = _chosen(folder, content)
    master = MasterKeys(key_file)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.restoring")
    try:
        return _restore(folder, path, part, master, clock, stamp, keys_stamp)
    except BaseException:
        shutil.rmtree(files, ignore_errors=True)
        raise
    finally:
        for leftover in path.parent.glob(f"{part.name}*"):
            leftover.unlink()


def _chosen(folder: Path, content: str | None) -> tuple[str, str]:
    contents, keys = _stamps(folder / "content"), _stamps(folder / "keys")
    if not contents or not keys or (content is not None and content not in contents):
        raise NotFound(f"{folder} 里没有完整的备份（content/ 和 keys/ 都要有）。")
    return content or contents[-1], keys[-1]


def _restore(
    folder: Path, path: Path, part: Path, master: MasterKeys, clock: Clock, stamp: str, keys_stamp: str
) -> RestoreReport:
    source = folder / "content" / stamp
    manifest = json.loads((source / "manifest.json").read_text(encoding="utf-8"))
    if _sha256(source / "safehouse.db") != manifest["sha256"]:
        raise SealBroken(f"备份文件损坏：{source / 'safehouse.db'}。请换一份备份。")
    shutil.copyfile(source / "safehouse.db", part)
    part.chmod(0o600)
    connection = connect(part)
    try:
        migrate(connection, part, clock.now(), known_migrations())
        erased = _bring_keys(connection, folder / "keys" / f"{keys_stamp}.db", _moment(stamp))
        unit = _open_unit(connection, master, clock)
        again = _erase_again(connection, unit, erased)
        broken = next(check_seals(unit, _SAMPLES), None)
        if broken is not None:
            raise SealBroken(f"备份里的内容打不开：{broken.where}。请换一份备份，或检查密钥文件。")
        missing, count = _bring_files(folder / "files", vault_folder(path), master, file_keys(unit))
        report = RestoreReport(
            stamp,
            keys_stamp,
            _count(connection, "people"),
            _count(connection, "cases"),
            count,
            again,
            missing,
        )
        connection.execute("pragma wal_checkpoint(truncate)").fetchall()
    finally:
        connection.close()
    _fsync(part)
    part.rename(path)
    fsync_folder(path.parent)
    return report


def _open_unit(connection: sqlite3.Connection, master: MasterKeys, clock: Clock) -> SqlUnit:
    db = SqliteDatabase(connection)
    return bare_unit(db, master, load_system_keys(db, master), KeyCache(), clock)


def _bring_keys(connection: sqlite3.Connection, keys: Path, since: datetime) -> list[tuple[str, str]]:
    """Keys as they were last; returns what was erased after the content was copied."""
    connection.execute("attach ? as apart", (str(keys),))
    try:
        connection.execute("begin immediate")
        for table in ("keys", "erased"):
            connection.execute(f"insert or replace into main.{table} select * from apart.{table}")  # noqa: S608
        # Keys made after the content was copied belong to nobody here.
        for kind, table in (("person", "people"), ("case", "cases"), ("file", "files")):
            connection.execute(
                f"delete from main.keys where kind = ? and id not in (select id from {table})",  # noqa: S608
                (kind,),
            )
        connection.execute("commit")
        rows = connection.execute("select kind, id, at from apart.erased").fetchall()
    finally:
        if connection.in_transaction:
            connection.execute("rollback")
        connection.execute("detach apart")
    return [(row[0], row[1]) for row in rows if instant(row[2]) >= since]


def _erase_again(connection: sqlite3.Connection, unit: SqlUnit, erased: list[tuple[str, str]]) -> int:
    """Who was erased since the content was copied does not come back."""
    connection.execute("begin immediate")
    for kind, key_id in erased:
        match kind:
            case "person":
                unit.people.erase(key_id)
            case "case":
                unit.cases.erase(key_id)
            case "player":
                unit.contest.forget(key_id)
            case _:
                unit.files.erase_one(key_id)
    # What was waiting may have gone out since: it is marked, as after a crash.
    connection.execute("update outbox set repeated = 1 where state in ('queued', 'sending')")
    connection.execute("commit")
    return len(erased)


def _bring_files(
    source: Path, target: Path, master: MasterKeys, keys: dict[str, bytes]
) -> tuple[tuple[str, ...], int]:
    vault, there, missing = Vault(target, master), Vault.ids_in(source), list[str]()
    for number, (file_id, wrapped) in enumerate(keys.items()):
        if file_id not in there:
            missing.append(file_id)
            continue
        place = vault.path(file_id)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(place, there[file_id].read_bytes())
        if number < _SAMPLES:
            vault.check(file_id, wrapped)
    return tuple(missing), len(keys) - len(missing)


def _count(connection: sqlite3.Connection, table: str) -> int:
    number: int = connection.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: S608 – a constant
    return number


def newest_backup(folder: Path) -> datetime | None:
    """When the last backup was made, for the alarm that it is too old."""
    stamps = _stamps(absolute(folder) / "content")
    return _moment(stamps[-1]) if stamps else None
