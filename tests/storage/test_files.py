"""Files: rows in the database, sealed bytes on disk."""

from datetime import timedelta

import pytest

from bot.domain.errors import NotFound, SealBroken
from bot.domain.ports_cases import StoredFile

PHOTO = StoredFile("file1", "photo", 5, "aa" * 32, "伤情 证据.jpg", "image/jpeg")


@pytest.fixture
def keep(store, clock, anna):
    async def keep_file(file, data=b"bytes"):
        key = await store.vault.put(file.id, data)

        def work(unit):
            person = unit.people.get_or_add(anna, clock.now())
            unit.files.keep(file, person.id, key, clock.now())
            return person.id

        return await store.write(work)

    return keep_file


async def test_a_file_comes_back_with_its_name_and_bytes(store, keep):
    person = await keep(PHOTO, b"\x00\xff" * 70_000)
    stored, key = await store.read(lambda unit: unit.files.get("file1"))
    assert stored == PHOTO
    assert await store.vault.read("file1", key) == b"\x00\xff" * 70_000
    assert await store.read(lambda unit: unit.files.owner("file1")) == person
    assert await store.read(lambda unit: unit.files.get("file2")) is None
    assert await store.read(lambda unit: unit.files.owner("file2")) is None


async def test_the_disk_holds_neither_name_nor_bytes(store, keep, house):
    marker = "伤情-MARKER-7731"
    await keep(StoredFile("file1", "photo", 5, "cc" * 32, marker, "image/jpeg"), marker.encode() * 50)
    for name, data in house.files().items():
        assert marker.encode() not in data, name
        assert b"MARKER-7731" not in data, name
        assert (b"cc" * 32) not in data, name


async def test_a_damaged_or_exchanged_file_does_not_open(store, keep):
    await keep(PHOTO, b"one")
    await keep(StoredFile("file2", "photo", 3, "bb" * 32, "b.jpg", "image/jpeg"), b"two")
    (_, key), (_, other) = [
        await store.read(lambda unit, name=name: unit.files.get(name)) for name in ("file1", "file2")
    ]
    with pytest.raises(SealBroken):
        await store.vault.read("file1", other)
    path, second = store.vault.path("file1"), store.vault.path("file2")
    whole = path.read_bytes()
    for place in (0, 5, len(whole) - 1):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(SealBroken):
            await store.vault.read("file1", key)
    path.write_bytes(second.read_bytes())
    with pytest.raises(SealBroken):
        await store.vault.read("file1", key)
    path.write_bytes(whole[:10])
    with pytest.raises(SealBroken):
        await store.vault.read("file1", key)
    path.unlink()
    with pytest.raises(NotFound):
        await store.vault.read("file1", key)
    await store.vault.remove("file1")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "", ".", "..", "名字", "x" * 65, "a\0b"])
async def test_a_file_id_is_never_a_path(store, name):
    with pytest.raises(NotFound):
        await store.vault.put(name, b"x")


async def test_a_clean_copy_is_found_by_its_original(store, keep):
    await keep(PHOTO)
    assert await store.read(lambda unit: unit.files.clean_copy("file1")) is None
    await keep(StoredFile("file2", "photo", 4, "dd" * 32, "a.jpg", "image/jpeg", "file1"))
    assert await store.read(lambda unit: unit.files.clean_copy("file1")) == "file2"
    with pytest.raises(NotFound):
        await keep(StoredFile("file3", "photo", 4, "dd" * 32, "a.jpg", "image/jpeg", "nothing"))


async def test_files_of_today_are_counted_by_the_civil_day(store, keep, clock):
    clock.at = clock.at.replace(hour=15, minute=0)  # 23:00 in Shanghai
    person = await keep(PHOTO)
    await keep(StoredFile("file2", "photo", 4, "dd" * 32, "a.jpg", "image/jpeg", "file1"))

    async def today():
        return await store.read(lambda unit: unit.files.kept_today(person, clock.now()))

    assert await today() == 1
    clock.forward(hours=1)
    assert await today() == 0
    await keep(StoredFile("file3", "photo", 4, "dd" * 32, "a.jpg", "image/jpeg"))
    assert await today() == 1


async def test_files_bound_to_no_case_are_orphans_after_a_while(store, keep, clock, opens_case):
    await keep(PHOTO)
    await keep(StoredFile("file2", "photo", 4, "dd" * 32, "a.jpg", "image/jpeg"))
    await opens_case()
    await store.write(lambda unit: unit.cases.add_file("case1", "file2"))
    now = clock.now()
    assert await store.read(lambda unit: unit.files.orphans(now)) == []
    assert await store.read(lambda unit: unit.files.orphans(now + timedelta(days=7))) == ["file1"]
    await store.write(lambda unit: unit.files.drop("file1"))
    assert await store.read(lambda unit: unit.files.get("file1")) is None
    assert await store.read(lambda unit: unit.files.orphans(now + timedelta(days=7))) == []
