"""Changing the master key, while people write."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.errors import KeyMissing
from bot.domain.ports_cases import StoredFile
from storage.master_key import MasterKeys
from storage.operations import drop_old_keys, rotate_keys
from storage.verify import verify


async def test_a_new_master_key_while_messages_flow_fails_nobody(
    store, lives, clock, anna, bela, says, house
):
    await lives(anna, "MARKA", "case1")
    stop = asyncio.Event()
    done = 0

    async def flow():
        nonlocal done
        while not stop.is_set():
            await says(f"第{done}句", sender=bela)
            newcomer = replace(bela, id=f"{done}")
            await store.write(lambda unit, who=newcomer: unit.people.get_or_add(who, clock.now()))
            done += 1

    flowing = asyncio.create_task(flow())
    reports = []
    for _ in range(2):
        reports.append(await asyncio.to_thread(rotate_keys, house.url, house.key_file))
    stop.set()
    await flowing
    assert done > 0
    first, second = reports
    assert (second.former, first.rewrapped > 6) == (first.new, True)
    assert await verify(store) == []
    rows = await store.read(lambda unit: unit.context.db.all("select distinct wrapped_by from keys"))
    assert [row["wrapped_by"] for row in rows] == [second.new]
    _, key = await store.read(lambda unit: unit.files.get("case1-file"))
    assert await store.vault.read("case1-file", key) == b"MARKA-bytes" * 20
    assert MasterKeys(house.key_file).ids == (second.new, first.new)


async def test_after_a_rotation_the_old_key_opens_nothing_live(house, clock, anna):
    async with house.open() as store:
        await store.write(lambda unit: unit.people.get_or_add(anna, clock.now()))
    old = house.key_file.read_bytes()
    report = rotate_keys(house.url, house.key_file)
    dropped = drop_old_keys(house.url, house.key_file)
    assert dropped == (report.former,)
    async with house.open() as store:
        assert await store.read(lambda unit: unit.people.find(anna)) is not None
        assert await verify(store) == []
    house.key_file.write_bytes(old)
    with pytest.raises(KeyMissing):
        async with house.open():
            pass


async def test_a_rotation_cut_short_after_the_new_key_loses_nothing(house, clock, anna):
    async with house.open() as store:
        await store.write(lambda unit: unit.people.get_or_add(anna, clock.now()))
    MasterKeys(house.key_file).add_new()  # killed here: new key in the file, nothing wrapped with it
    for _ in range(2):
        rotate_keys(house.url, house.key_file)
        async with house.open() as store:
            assert await store.read(lambda unit: unit.people.find(anna)) is not None
            assert await verify(store) == []


async def test_a_file_that_was_being_taken_during_a_rotation_opens_after_it(store, house, clock, anna):
    key = await store.vault.put("file1", b"taken before")
    rotate_keys(house.url, house.key_file)

    def keep(unit):
        person = unit.people.get_or_add(anna, clock.now())
        file = StoredFile("file1", "photo", 5, "aa" * 32, "a.jpg", "image/jpeg")
        unit.files.keep(file, person.id, key, clock.now())

    await store.write(keep)
    drop_old_keys(house.url, house.key_file)
    _, kept = await store.read(lambda unit: unit.files.get("file1"))
    assert await store.vault.read("file1", kept) == b"taken before"


async def test_a_running_store_survives_the_key_file_being_away_for_a_while(store, house, clock, anna, says):
    await says("x")
    away = house.key_file.with_name("away")
    house.key_file.rename(away)
    await says("y")
    person = await store.write(lambda unit: unit.people.get_or_add(replace(anna, id="newcomer"), clock.now()))
    away.rename(house.key_file)
    assert (await store.read(lambda unit: unit.people.address(person.id))).id == "newcomer"
