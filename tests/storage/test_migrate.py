"""Migrations: forward, once, whole, with a copy from before."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.errors import StoreTooNew
from storage.connections import connect
from storage.migrate import (
    Migration,
    MigrationEdited,
    copy_path,
    known_migrations,
    migrate,
    pending_migrations,
    statements,
)

ROOT = Path(__file__).parents[2]
UPGRADE = """
import asyncio, sys
from pathlib import Path
from bot.domain.clock import RealClock
from bot.domain.signals import Signals
from storage.sqlite import open_store

async def main():
    async with open_store(sys.argv[1], Path(sys.argv[2]), RealClock(), Signals()):
        pass

asyncio.run(main())
"""


def tables(path):
    connection = sqlite3.connect(path)
    try:
        return {
            (row[0], row[1]) for row in connection.execute("select type, name from sqlite_master order by 2")
        }
    finally:
        connection.close()


@pytest.fixture
def old(house):
    """A database as an earlier version left it, with something in it."""
    house.path.parent.mkdir(mode=0o700)
    connection = connect(house.path)
    migrate(connection, house.path, house.clock.now(), known_migrations()[:2])
    connection.execute(
        "insert into chats (channel, chat, lane) values ('telegram', 'from an earlier version', 1)"
    )
    connection.close()
    return house


def test_migrations_are_numbered_without_gaps_and_end_with_whole_statements():
    known = known_migrations()
    assert [migration.number for migration in known] == list(range(1, len(known) + 1))
    for migration in known:
        assert statements(migration.sql), migration.name
        assert all(sqlite3.complete_statement(statement) for statement in statements(migration.sql))


def test_gaps_and_unfinished_scripts_are_refused(tmp_path):
    (tmp_path / "0001_a.sql").write_text("create table a (x text);")
    (tmp_path / "0003_c.sql").write_text("create table c (x text);")
    with pytest.raises(MigrationEdited):
        known_migrations(tmp_path)
    with pytest.raises(MigrationEdited):
        statements("create table a (x text)")


def test_a_comment_or_a_string_with_a_semicolon_does_not_split_a_statement():
    sql = "-- first; second\ncreate table a (x text default ';');\n\n-- end; of it\n"
    assert statements(sql) == ["-- first; second\ncreate table a (x text default ';');\n"]


async def test_an_older_database_is_brought_up_to_date_and_copied_before(old):
    before = tables(old.path)
    async with old.open():
        pass
    copy = copy_path(old.path, 2)
    assert tables(copy) == before
    assert copy.stat().st_mode & 0o077 == 0
    connection = sqlite3.connect(copy)
    assert connection.execute("select chat from chats").fetchall() == [("from an earlier version",)]
    connection.close()
    connection = sqlite3.connect(old.path)
    numbers = [row[0] for row in connection.execute("select number from schema_migrations order by 1")]
    assert numbers == [migration.number for migration in known_migrations()]
    assert connection.execute("select chat from chats").fetchall() == [("from an earlier version",)]
    connection.close()


async def test_opening_again_migrates_and_copies_nothing(house):
    for _ in range(2):
        async with house.open():
            pass
    assert list(house.path.parent.glob("*.before-*")) == []


async def test_copies_from_before_are_gone_after_two_days(old):
    async with old.open():
        pass
    copy = copy_path(old.path, 2)
    stale = (old.clock.now() - timedelta(hours=49)).timestamp()
    fresh = (old.clock.now() - timedelta(hours=47)).timestamp()
    os.utime(copy, (fresh, fresh))
    async with old.open():
        assert copy.exists()
    os.utime(copy, (stale, stale))
    async with old.open():
        assert not copy.exists()


async def test_a_database_of_a_newer_program_is_refused_and_left_alone(house):
    async with house.open():
        pass
    connection = connect(house.path)
    newer = (
        *known_migrations(),
        Migration(len(known_migrations()) + 1, "later", "create table later (x text);"),
    )
    migrate(connection, house.path, house.clock.now(), newer)
    connection.close()
    before = tables(house.path)
    for exclusive in (True, False):
        with pytest.raises(StoreTooNew):
            async with house.open(exclusive=exclusive):
                pass
    assert tables(house.path) == before


def test_an_edited_old_migration_is_refused(house):
    house.path.parent.mkdir()
    connection = connect(house.path)
    known = known_migrations()
    migrate(connection, house.path, house.clock.now(), known)
    edited = (replace(known[0], sql=known[0].sql + "-- one more thought\n"), *known[1:])
    with pytest.raises(MigrationEdited, match="0001_"):
        pending_migrations(connection, edited)
    assert pending_migrations(connection, known) == ()
    connection.close()


def test_a_migration_that_fails_in_the_middle_leaves_no_half_of_itself(house):
    house.path.parent.mkdir()
    connection = connect(house.path)
    known = known_migrations()
    migrate(connection, house.path, house.clock.now(), known)
    before = tables(house.path)
    bad = Migration(len(known) + 1, "bad", "create table half (x text);\ncreate table half (x text);")
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, house.path, house.clock.now(), (*known, bad))
    assert tables(house.path) == before
    good = replace(bad, sql="create table half (x text);")
    assert migrate(connection, house.path, house.clock.now(), (*known, good)) == 1
    connection.close()


STEPS = sum(len(statements(migration.sql)) for migration in known_migrations()[2:])


@pytest.mark.parametrize("place", [1, 4, STEPS // 3, STEPS // 2, STEPS])
async def test_a_migration_killed_anywhere_goes_on_at_the_next_start(old, place):
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", UPGRADE, old.url, str(old.key_file), cwd=ROOT,
        env={**os.environ, "SAFEHOUSE_KILL_AT": f"in_migration:{place}"}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert await asyncio.wait_for(killed.wait(), 60) == -9
    connection = sqlite3.connect(old.path)
    assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    done = connection.execute("select count(*) from schema_migrations").fetchone()[0]
    assert 2 <= done < len(known_migrations())
    connection.close()
    async with old.open() as store:
        assert await store.read(lambda unit: unit.audit.first_broken()) is None
        chats = await store.read(lambda unit: unit.context.db.all("select chat from chats"))
    assert [row["chat"] for row in chats] == ["from an earlier version"]
    assert not list(old.path.parent.glob("*.part"))


@pytest.mark.parametrize("place", ["before_commit:1", "after_commit:1", "before_commit:4", "after_commit:7"])
async def test_a_kill_around_a_commit_keeps_what_was_acknowledged(house, place):
    script = UPGRADE.replace(
        "        pass\n",
        "        store = _\n"
        "        for number in range(20):\n"
        "            await store.write(lambda unit, n=number: unit.facts.put(f'fact-{n}', 'x'))\n"
        "            print(number, flush=True)\n",
    ).replace("Signals()):", "Signals()) as _:")
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, house.url, str(house.key_file), cwd=ROOT,
        env={**os.environ, "SAFEHOUSE_KILL_AT": place}, stdout=subprocess.PIPE,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(killed.communicate(), 60)
    acknowledged = [int(line) for line in said.split()]
    assert killed.returncode == -9
    count = int(place.partition(":")[2])
    assert acknowledged == list(range(count - 1))
    async with house.open() as store:
        kept = [
            number
            for number in range(20)
            if await store.read(lambda unit, n=number: unit.facts.get(f"fact-{n}")) == "x"
        ]
    assert kept == list(range(count - 1 if place.startswith("before") else count))
