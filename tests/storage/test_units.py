"""Units of work: joined, whole, durable, and never in each other's way."""

import asyncio
import logging
import sqlite3
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from bot.domain.errors import KeyMissing, NotFound, SafeHouseError, StoreBusy, StoreFull
from bot.domain.ports import Unit
from storage.connections import connect

HOLD = """
import asyncio, sys
from pathlib import Path
from bot.domain.clock import RealClock
from bot.domain.errors import StoreBusy
from bot.domain.signals import Signals
from storage.sqlite import open_store

async def main():
    async with open_store(sys.argv[1], Path(sys.argv[2]), RealClock(), Signals()):
        print("opened", flush=True)
        sys.stdin.readline()

try:
    asyncio.run(main())
except StoreBusy as busy:
    print("busy", busy, flush=True)
"""


async def put(store, name, value="x"):
    await store.write(lambda unit: unit.facts.put(name, value))


async def get(store, name):
    return await store.read(lambda unit: unit.facts.get(name))


async def test_one_failing_unit_among_many_takes_back_itself_alone(store):
    def good(number):
        return lambda unit: unit.facts.put(f"good-{number}", "kept")

    def bad(unit: Unit) -> None:
        unit.facts.put("bad", "half done")
        unit.announce("never")
        raise NotFound("no such case")

    work = [good(0), good(1), bad, good(2), bad, good(3)]
    results = await asyncio.gather(*(store.write(unit) for unit in work), return_exceptions=True)
    assert [type(result) for result in results] == [type(None)] * 2 + [
        NotFound,
        type(None),
        NotFound,
        type(None),
    ]
    assert [await get(store, f"good-{number}") for number in range(4)] == ["kept"] * 4
    assert await get(store, "bad") is None


async def test_a_broken_sql_statement_in_one_unit_leaves_the_others_alone(store):
    def broken(unit):
        unit.context.db.run("insert into sessions (person_id, body, at) values ('nobody', x'00', 1)")

    results = await asyncio.gather(
        put(store, "a"), store.write(broken), put(store, "b"), return_exceptions=True
    )
    assert isinstance(results[1], sqlite3.IntegrityError)
    assert (await get(store, "a"), await get(store, "b")) == ("x", "x")


async def test_waiting_units_share_a_commit(store):
    groups = []
    run = store._writer._run
    store._writer._run = lambda group: (groups.append(len(group)), run(group))[1]
    await asyncio.gather(*(put(store, f"fact-{number}") for number in range(600)))
    assert sum(groups) == 600
    assert max(groups) <= 256
    assert len(groups) <= 5


async def test_a_cancelled_caller_does_not_cut_her_unit(store):
    started, go_on = threading.Event(), threading.Event()

    def slow(unit: Unit) -> None:
        unit.facts.put("slow", "first half")
        started.set()
        go_on.wait(5)
        unit.facts.put("slow", "whole")

    caller = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(started.wait, 5)
    queued = asyncio.create_task(put(store, "queued"))
    await asyncio.sleep(0)
    caller.cancel()
    queued.cancel()
    go_on.set()
    assert isinstance((await asyncio.gather(caller, return_exceptions=True))[0], asyncio.CancelledError)
    await put(store, "later")
    assert [await get(store, name) for name in ("slow", "queued", "later")] == ["whole", "x", "x"]


async def test_signals_come_after_the_commit_and_only_from_units_that_were_kept(store, house):
    def announce(unit: Unit) -> None:
        unit.facts.put("seen", "yes")
        unit.announce("kept")

    def fail(unit: Unit) -> None:
        unit.announce("lost")
        raise NotFound("x")

    async with house.signals.listen("kept") as kept, house.signals.listen("lost") as lost:
        await asyncio.gather(store.write(announce), store.write(fail), return_exceptions=True)
        assert kept.is_set()
        assert not lost.is_set()
        assert await get(store, "seen") == "yes"


async def test_a_reader_sees_one_moment_however_long_it_looks(store):
    await put(store, "fact", "old")
    looking, changed = threading.Event(), threading.Event()

    def look(unit: Unit) -> tuple[str | None, str | None]:
        first = unit.facts.get("fact")
        looking.set()
        changed.wait(5)
        return first, unit.facts.get("fact")

    reading = asyncio.create_task(store.read(look))
    await asyncio.to_thread(looking.wait, 5)
    await put(store, "fact", "new")
    changed.set()
    assert await reading == ("old", "old")
    assert await get(store, "fact") == "new"


async def test_a_reading_unit_cannot_write(store):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await store.read(lambda unit: unit.facts.put("sneaked", "in"))
    assert await get(store, "sneaked") is None


async def test_what_was_written_is_there_after_opening_again(house):
    async with house.open() as store:
        await put(store, "fact", "kept")
    async with house.open() as store:
        assert await get(store, "fact") == "kept"
        assert store.notes == ()


async def test_closing_finishes_what_waits_and_takes_nothing_more(house):
    async with house.open() as store:
        waiting = [asyncio.create_task(put(store, f"fact-{number}")) for number in range(300)]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    for late in (put, get):
        with pytest.raises(StoreBusy):
            await late(store, "late")
    async with house.open() as store:
        assert await get(store, "fact-299") == "x"


async def test_a_full_disk_is_told_to_everybody_in_the_group_and_the_store_recovers(store, house):
    await put(store, "before")

    def fill(unit):
        pages = unit.context.db.one("pragma page_count")["page_count"]
        unit.context.db.run(f"pragma max_page_count = {pages}")

    await store.write(fill)
    big = "很大" * 50_000
    units = [put(store, "small"), put(store, "big", big), put(store, "other")]
    results = await asyncio.gather(*units, return_exceptions=True)
    assert [type(result) for result in results] == [StoreFull] * 3
    assert [await get(store, name) for name in ("before", "small", "big", "other")] == ["x", None, None, None]
    await store.write(lambda unit: unit.context.db.run("pragma max_page_count = 1000000"))
    await put(store, "big", big)
    assert await get(store, "big") == big


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 8 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a small disk; the page limit test covers the rest")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


async def test_a_disk_that_somebody_else_filled_loses_nothing_acknowledged(small_disk, house):
    house.folder = small_disk
    key_file = small_disk.parent / "outside" / "master.key"
    type(house).key_file, kept_property = property(lambda _: key_file), type(house).key_file
    try:
        async with house.open() as store:
            await put(store, "before")
            filler = small_disk / "filler"
            with pytest.raises(OSError, match="No space"), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(65536))
            acknowledged, refused = [], 0
            for number in range(50):
                try:
                    await put(store, f"fact-{number}", "内容" * 5000)
                    acknowledged.append(number)
                except StoreFull:
                    refused += 1
            assert refused > 0
            assert await get(store, "before") == "x"
            filler.unlink()
            await put(store, "after")
        async with house.open() as store:
            for number in acknowledged:
                assert await get(store, f"fact-{number}") == "内容" * 5000
            assert await get(store, "after") == "x"
    finally:
        type(house).key_file = kept_property


async def test_a_locked_database_makes_writers_wait_without_blocking_the_loop(store, house):
    other = sqlite3.connect(house.path, isolation_level=None)
    other.execute("begin exclusive")
    waiting = [asyncio.create_task(put(store, f"fact-{number}")) for number in range(20)]
    longest, last = 0.0, time.monotonic()
    for _ in range(60):
        await asyncio.sleep(0.01)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
        assert await get(store, "nothing") is None
    assert longest < 0.4
    assert not any(task.done() for task in waiting)
    other.execute("commit")
    other.close()
    await asyncio.wait_for(asyncio.gather(*waiting), 10)
    assert await get(store, "fact-19") == "x"


async def test_a_lock_that_is_never_released_ends_in_store_busy(house):
    async with house.open(busy_limit_s=0.4) as store:
        other = sqlite3.connect(house.path, isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(StoreBusy):
            await put(store, "fact")
        other.execute("rollback")
        other.close()
        await put(store, "fact", "now")
        assert await get(store, "fact") == "now"


async def test_a_second_process_is_refused_within_five_seconds(store, house):
    began = time.monotonic()
    second = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD, house.url, str(house.key_file),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    said, _ = await asyncio.wait_for(second.communicate(b"\n"), 20)
    assert said.decode().startswith("busy"), said
    assert house.path.name in said.decode()
    assert time.monotonic() - began < 15  # the process itself has to start first; the waiting is 3 s
    async with house.open(exclusive=False) as beside:
        await put(beside, "from-beside")
    assert await get(store, "from-beside") == "x"


async def test_a_house_busy_writing_keeps_no_reader_out(store, house):
    await put(store, "fact", "now")
    other = connect(house.path)
    other.execute("begin immediate")
    try:
        async with house.open(exclusive=False) as beside:
            assert await get(beside, "fact") == "now"
    finally:
        other.close()


async def test_a_killed_process_leaves_no_lock_behind(house):
    first = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD, house.url, str(house.key_file),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert first.stdout is not None
    assert (await asyncio.wait_for(first.stdout.readline(), 20)) == b"opened\n"
    first.kill()
    await first.wait()
    async with house.open() as store:
        await put(store, "fact")


async def test_data_folder_database_and_key_are_private(store, house):
    assert house.path.parent.stat().st_mode & 0o077 == 0
    assert house.path.stat().st_mode & 0o077 == 0
    assert house.key_file.stat().st_mode & 0o077 == 0
    assert store.notes == ("key_made",)


async def test_an_address_that_is_no_sqlite_database_is_refused(house):
    from storage.sqlite import open_store

    with pytest.raises(SafeHouseError, match="sqlite:///"):
        async with open_store("mysql://x", house.key_file, house.clock, house.signals):
            pass


async def test_a_command_beside_the_server_needs_the_same_key(store, house, tmp_path):
    from storage.sqlite import open_store

    with pytest.raises(KeyMissing):
        async with open_store(house.url, tmp_path / "other.key", house.clock, house.signals, exclusive=False):
            pass
    assert not (tmp_path / "other.key").exists()


async def test_a_damaged_or_foreign_file_is_refused_in_words(house):
    async with house.open():
        pass
    data = house.path.read_bytes()
    for spoilt in (b"this is a letter, not a database" * 200, data[:4096] + b"\xff" * (len(data) - 4096)):
        for leftover in house.path.parent.glob(house.path.name + "-*"):
            leftover.unlink()
        house.path.write_bytes(spoilt)
        with pytest.raises(SafeHouseError, match=r"safehouse\.db"):
            async with house.open():
                pass


async def test_the_most_talkative_log_holds_no_word_of_hers(store, clock, anna, caplog):
    """Also not by the representation of calls, results and errors in a library's debug log."""
    caplog.set_level(logging.DEBUG)

    def say(words: str, unit: Unit) -> object:
        return unit.inbox.receive(f"telegram:{words}", anna, words.encode(), clock.now())

    def fail(words: str, _: Unit) -> None:
        raise ValueError(words)

    await store.write(partial(say, "MARKONE"))
    (row,) = await store.read(lambda unit: unit.inbox.pending(5))
    assert row.raw == b"MARKONE"
    for run in (store.write, store.read):
        with pytest.raises(ValueError, match="MARKTWO"):
            await run(partial(fail, "MARKTWO"))
    assert "aiosqlite" in caplog.text
    assert "MARK" not in caplog.text
    assert anna.id not in caplog.text
