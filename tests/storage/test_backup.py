"""Backups that can be restored, and tell nobody anything."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.errors import KeyMissing, NotFound, SafeHouseError, SealBroken
from storage.backup import backup, newest_backup, restore
from storage.master_key import make_key_file
from storage.operations import erase_person, remove_erased_files
from storage.verify import verify


async def test_a_restored_backup_is_the_whole_store(store, lives, clock, anna, bela, house, story, restored):
    await lives(anna, "MARKA", "case1")
    await lives(bela, "MARKB", "case2")
    seen = []
    report = await asyncio.to_thread(
        backup, house.url, house.folder / "backup", clock, lambda done, of: seen.append((done, of))
    )
    assert (report.files, report.copied, seen[-1]) == (4, 4, (4, 4))
    assert newest_backup(house.folder / "backup") == clock.now()
    place = restored()
    told = await asyncio.to_thread(restore, house.folder / "backup", place.url, place.key_file, clock)
    assert (told.people, told.cases, told.files, told.missing_files, told.erased_again) == (2, 2, 4, (), 0)
    async with place.open() as copy:
        assert await verify(copy) == []
        for case_id in ("case1", "case2"):
            assert await story(copy, case_id) == await story(store, case_id)
        _, key = await copy.read(lambda unit: unit.files.get("case1-file"))
        assert await copy.vault.read("case1-file", key) == b"MARKA-bytes" * 20
        assert await copy.read(lambda unit: unit.contest.standings("c")) == await store.read(
            lambda unit: unit.contest.standings("c")
        )
        (out, _) = await copy.write(lambda unit: unit.outbox.claim("telegram", clock.now(), 5))
        assert out.repeated  # it may have gone out since the backup was made


async def test_a_backup_while_messages_pour_in_is_one_consistent_moment(store, house, clock, says, restored):
    stop = asyncio.Event()
    acknowledged = 0

    async def pour():
        nonlocal acknowledged
        while not stop.is_set():
            await says(f"第{acknowledged}句")
            acknowledged += 1

    pouring = asyncio.create_task(pour())
    counts = []
    for _ in range(3):
        clock.forward(minutes=15)
        before = acknowledged
        await asyncio.to_thread(backup, house.url, house.folder / "backup", clock)
        counts.append(before)
    stop.set()
    await pouring
    place = restored()
    await asyncio.to_thread(restore, house.folder / "backup", place.url, place.key_file, clock)
    async with place.open() as copy:
        assert await verify(copy) == []
        lines = await copy.read(
            lambda unit: unit.context.db.all("select seq from inbox where state = 'done'")
        )
        assert counts[-1] <= len(lines) <= acknowledged


async def test_content_and_key_table_lie_apart_and_neither_tells_anything(store, lives, clock, anna, house):
    await lives(anna, "MARKA", "case1")
    wrapped = await store.read(
        lambda unit: [row["wrapped"] for row in unit.context.db.all("select wrapped from keys")]
    )
    await asyncio.to_thread(backup, house.url, house.folder / "backup", clock)
    for path in (house.folder / "backup").rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        assert b"MARKA" not in data, path
        assert path.stat().st_mode & 0o077 == 0, path
        if "content" in path.parts:
            assert not any(key in data for key in wrapped), path
    assert house.key_file.read_bytes().split()[2] not in b"".join(
        path.read_bytes() for path in (house.folder / "backup").rglob("*") if path.is_file()
    )


async def test_without_the_key_or_with_another_nothing_is_restored(store, lives, clock, anna, house):
    await lives(anna, "MARKA", "case1")
    await asyncio.to_thread(backup, house.url, house.folder / "backup", clock)
    place = replace(house, folder=house.folder / "elsewhere")
    with pytest.raises(KeyMissing):
        restore(house.folder / "backup", place.url, place.key_file, clock)
    make_key_file(place.key_file)
    with pytest.raises(KeyMissing):
        restore(house.folder / "backup", place.url, place.key_file, clock)
    assert not place.path.exists()
    assert not list(place.path.parent.glob("*"))


async def test_nothing_that_is_there_is_overwritten(store, lives, clock, anna, house, story, restored):
    await lives(anna, "MARKA", "case1")
    await asyncio.to_thread(backup, house.url, house.folder / "backup", clock)
    with pytest.raises(SafeHouseError, match="不会覆盖"):
        restore(house.folder / "backup", house.url, house.key_file, clock)
    assert (await story(store, "case1")).answers.happened == "MARKA-story"
    with pytest.raises(NotFound):
        restore(house.folder / "nowhere", restored().url, house.key_file, clock)


async def test_a_damaged_backup_is_refused(store, lives, clock, anna, house, restored):
    await lives(anna, "MARKA", "case1")
    report = await asyncio.to_thread(backup, house.url, house.folder / "backup", clock)
    file = house.folder / "backup" / "content" / report.stamp / "safehouse.db"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))
    place = restored()
    with pytest.raises(SealBroken):
        restore(house.folder / "backup", place.url, place.key_file, clock)
    assert not place.path.exists()


async def test_an_erased_person_does_not_come_back_from_any_older_backup(
    store, lives, clock, anna, bela, house, story, restored
):
    person = await lives(anna, "MARKA", "case1")
    await lives(bela, "MARKB", "case2")
    folder = house.folder / "backup"
    first = await asyncio.to_thread(backup, house.url, folder, clock)
    clock.forward(minutes=15)
    await erase_person(store, person, clock.now(), "staff1")
    clock.forward(minutes=15)
    await asyncio.to_thread(backup, house.url, folder, clock)
    place = restored()
    told = await asyncio.to_thread(
        restore, folder, place.url, place.key_file, clock, first.stamp
    )  # the older content, with the newest keys
    assert told.content == first.stamp
    assert told.erased_again >= 3
    async with place.open() as copy:
        assert await copy.read(lambda unit: unit.people.get(person)) is None
        assert await copy.read(lambda unit: unit.people.find(anna)) is None
        assert await copy.read(lambda unit: unit.contest.best(unit.contest.player(anna), "c")) is None
        with pytest.raises(NotFound):
            await story(copy, "case1")
        assert (await story(copy, "case2")).answers.happened == "MARKB-story"
        await remove_erased_files(copy)
        assert await verify(copy) == []


async def test_after_two_days_old_contents_are_noise_for_her(store, lives, clock, anna, house):
    person = await lives(anna, "MARKA", "case1")
    folder = house.folder / "backup"
    await asyncio.to_thread(backup, house.url, folder, clock)
    wrapped = await store.read(lambda unit: unit.context.seal.wrapped("person", person))
    await erase_person(store, person, clock.now(), "staff1")
    for _ in range(2):
        clock.forward(hours=25)
        await asyncio.to_thread(backup, house.url, folder, clock)
    for path in folder.rglob("*"):
        assert not path.is_file() or wrapped not in path.read_bytes(), path
    assert len(list((folder / "content").iterdir())) == 3
    clock.forward(days=31)
    await asyncio.to_thread(backup, house.url, folder, clock)
    assert len(list((folder / "content").iterdir())) == 1
    assert len(list((folder / "keys").iterdir())) == 1


async def test_what_a_killed_backup_left_is_cleared_by_the_next(store, house, clock, says):
    await says("x")
    folder = house.folder / "backup"
    (folder / "content" / "20260101T000000000000Z.part").mkdir(parents=True)
    (folder / "content" / "20260101T000000000000Z.part" / "safehouse.db").write_bytes(b"half")
    (folder / "keys").mkdir()
    (folder / "keys" / "20260101T000000000000Z.db.part").write_bytes(b"half")
    report = await asyncio.to_thread(backup, house.url, folder, clock)
    assert [path.name for path in (folder / "content").iterdir()] == [report.stamp]
    assert [path.name for path in (folder / "keys").iterdir()] == [f"{report.stamp}.db"]


async def test_an_old_file_is_copied_once_and_an_erased_one_leaves_the_backup(
    store, lives, clock, anna, house
):
    person = await lives(anna, "MARKA", "case1")
    folder = house.folder / "backup"
    await asyncio.to_thread(backup, house.url, folder, clock)
    clock.forward(minutes=15)
    assert (await asyncio.to_thread(backup, house.url, folder, clock)).copied == 0
    await erase_person(store, person, clock.now(), "staff1")
    clock.forward(minutes=15)
    await asyncio.to_thread(backup, house.url, folder, clock)
    assert [path for path in (folder / "files").rglob("*") if path.is_file()] == []


async def test_there_is_no_backup_of_nothing(house, clock):
    with pytest.raises(SafeHouseError, match=r"safehouse\.db"):
        backup(house.url, house.folder / "backup", clock)
