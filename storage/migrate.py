"""Migrations: numbered .sql files, forward only, each in its own transaction, with a copy before the first.

`NNNN_name.sql` serves both databases; `NNNN_name.sqlite.sql` is for SQLite alone.
"""

import hashlib
import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from bot.domain.errors import SafeHouseError, StoreTooNew
from bot.domain.kill_points import pass_kill_point
from storage.database import micros

_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)(?:\.(sqlite|postgres))?\.sql")
KEPT_COPIES_S = 48 * 3600  # an erased person must be unreadable everywhere after that


class MigrationEdited(SafeHouseError):
    """A migration that already ran on this database is not what it was."""


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def known_migrations(folder: Traversable | None = None) -> tuple[Migration, ...]:
    """The migrations of this program, in order."""
    if folder is None:
        folder = resources.files("storage") / "migrations"
    found = []
    for file in folder.iterdir():
        match = _NAME.fullmatch(file.name)
        if match and match[3] != "postgres":
            found.append(Migration(int(match[1]), match[2], file.read_text(encoding="utf-8")))
    found.sort(key=lambda migration: migration.number)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise MigrationEdited("迁移脚本的编号有缺漏或重复：storage/migrations/。请重新安装程序。")
    return tuple(found)


def pending_migrations(connection: sqlite3.Connection, known: tuple[Migration, ...]) -> tuple[Migration, ...]:
    """What has not run here yet. StoreTooNew or MigrationEdited where the database does not fit."""
    table = connection.execute("select 1 from sqlite_master where name = 'schema_migrations'").fetchone()
    applied = (
        connection.execute("select number, checksum from schema_migrations order by number").fetchall()
        if table
        else []
    )
    if len(applied) > len(known):
        raise StoreTooNew(
            f"数据库由更新的版本写成（迁移 {applied[-1][0]}，本程序只到 {len(known)}）。请换用更新的程序。"
        )
    for (number, checksum), migration in zip(applied, known, strict=False):
        if number != migration.number or checksum != migration.checksum:
            raise MigrationEdited(
                f"迁移 {migration.number:04d}_{migration.name} 在这个数据库上执行过之后被改动了。"
                "请用原来的程序文件。"
            )
    return known[len(applied) :]


def migrate(connection: sqlite3.Connection, path: Path, now: datetime, known: tuple[Migration, ...]) -> int:
    """Bring the database up to date; returns how many migrations ran. Killed anywhere, it goes on later."""
    waiting = pending_migrations(connection, known)
    if not waiting:
        return 0
    done = len(known) - len(waiting)
    if done:
        _copy_before(connection, path, done)
    connection.execute(
        "create table if not exists schema_migrations"
        " (number integer primary key, name text not null, checksum text not null,"
        " applied_at bigint not null)"
    )
    for migration in waiting:
        _apply(connection, migration, now)
    return len(waiting)


def _apply(connection: sqlite3.Connection, migration: Migration, now: datetime) -> None:
    connection.execute("begin immediate")
    try:
        for statement in statements(migration.sql):
            connection.execute(statement)
            pass_kill_point("in_migration")
        connection.execute(
            "insert into schema_migrations (number, name, checksum, applied_at) values (?, ?, ?, ?)",
            (migration.number, migration.name, migration.checksum, micros(now)),
        )
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


def statements(sql: str) -> list[str]:
    """The single statements of a script (sqlite3's own executescript would commit between them)."""
    found, current = [], ""
    for line in sql.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            found.append(current)
            current = ""
    rest = [line for line in current.splitlines() if line.strip() and not line.strip().startswith("--")]
    if rest:
        raise MigrationEdited("迁移脚本没有写完（缺少分号）。请重新安装程序。")
    return [statement for statement in found if statement.strip(" \n;")]


def copy_path(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.before-{number + 1:04d}")


def _copy_before(connection: sqlite3.Connection, path: Path, done: int) -> None:
    """A whole copy of the file as it was, sealed as it is."""
    copy = copy_path(path, done)
    part = copy.with_name(copy.name + ".part")
    part.unlink(missing_ok=True)
    connection.execute("vacuum into ?", (str(part),))
    part.chmod(0o600)
    part.replace(copy)


def forget_copies(path: Path, now: datetime) -> int:
    """Remove copies from before a migration once they are two days old; returns how many."""
    gone = 0
    for copy in path.parent.glob(f"{path.name}.before-*"):
        if now.timestamp() - copy.stat().st_mtime > KEPT_COPIES_S:
            copy.unlink()
            gone += 1
    return gone
