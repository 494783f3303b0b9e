"""The curators' queue in the store: pages, counts, and notes that are done once."""

from datetime import timedelta

from bot.domain.ports_staff import NoteCount
from storage.connections import connect
from storage.migrate import known_migrations, migrate


async def fill(store, clock, *written):
    """Notes of (text, reason, topic), a minute apart."""
    for text, reason, topic in written:
        clock.forward(minutes=1)
        at = clock.now()
        await store.write(lambda unit, note=(text, reason, topic), at=at: unit.feedback.add(*note, at))


async def page(store, **wanted):
    found = await store.read(lambda unit: unit.feedback.page(limit=wanted.pop("limit", 10), **wanted))
    return [note.masked for note in found]


async def test_a_page_holds_what_waits_or_what_is_done_newest_first(store, clock):
    await fill(store, clock, ("甲", "not_found", None), ("乙", "not_clear", "a"), ("丙", "not_clear", "b"))
    first, second, third = sorted(note.seq for note in await store.read(lambda unit: unit.feedback.latest(9)))
    assert await page(store, done=False) == ["丙", "乙", "甲"]
    assert await page(store, done=False, limit=2) == ["丙", "乙"]
    assert await page(store, done=False, before=second) == ["甲"]
    assert await page(store, done=False, reason="not_clear") == ["丙", "乙"]
    assert await page(store, done=False, reason="not_clear", topic="a") == ["乙"]
    assert await page(store, done=False, reason="' or 1=1 --") == []
    at = clock.now()
    assert await store.write(lambda unit: unit.feedback.mark_done([third, first, third], "s1", at)) == [
        third,
        first,
    ]
    assert await page(store, done=False) == ["乙"]
    assert await page(store, done=True) == ["丙", "甲"]
    done = await store.read(lambda unit: unit.feedback.page(done=True, limit=1))
    assert [(note.done_by, note.done_at) for note in done] == [("s1", at)]


async def test_whoever_comes_second_changes_nothing(store, clock):
    await fill(store, clock, ("甲", "not_found", None))
    (note,) = await store.read(lambda unit: unit.feedback.latest(1))
    earlier, later = clock.now(), clock.now() + timedelta(hours=1)
    assert await store.write(lambda unit: unit.feedback.mark_done([note.seq], "s1", earlier)) == [note.seq]
    assert await store.write(lambda unit: unit.feedback.mark_done([note.seq, 99], "s2", later)) == []
    (note,) = await store.read(lambda unit: unit.feedback.latest(1))
    assert (note.done_by, note.done_at) == ("s1", earlier)


async def test_counts_tell_what_waits_and_what_there_is(store, clock):
    await fill(
        store, clock, ("甲", "not_found", None), ("乙", "not_clear", "a"), ("丙", "not_clear", "a"),
    )  # fmt: skip
    (newest,) = await store.read(lambda unit: unit.feedback.latest(1))
    at = clock.now()
    await store.write(lambda unit: unit.feedback.mark_done([newest.seq], "s1", at))
    counts = await store.read(lambda unit: unit.feedback.counts())
    assert sorted(counts, key=lambda one: one.reason) == [
        NoteCount("not_clear", "a", 1, 2), NoteCount("not_found", None, 1, 1),
    ]  # fmt: skip
    for day in (at, at, at + timedelta(days=3)):
        await store.write(lambda unit, day=day: unit.feedback.helped("a", day))
    assert await store.read(lambda unit: unit.feedback.helped_counts()) == {"a": 3}


async def test_a_week_holds_the_notes_from_its_beginning(store, clock):
    await fill(store, clock, ("甲", "not_found", None), ("乙", "not_found", None), ("丙", "not_found", None))
    since = clock.now() - timedelta(minutes=1)
    found = await store.read(lambda unit: unit.feedback.since(since, 10))
    assert [note.masked for note in found] == ["丙", "乙"]
    assert len(await store.read(lambda unit: unit.feedback.since(since, 1))) == 1


def test_notes_from_before_the_queue_all_wait(tmp_path, clock):
    path = tmp_path / "old.db"
    connection = connect(path)
    known = known_migrations()
    migrate(connection, path, clock.now(), known[:6])
    connection.execute("insert into feedback (at, reason, mark, masked) values (1, 'not_found', 'm', x'00')")
    connection.commit()
    assert migrate(connection, path, clock.now(), known) == len(known) - 6
    assert [tuple(row) for row in connection.execute("select done_at, done_by from feedback")] == [
        (None, None)
    ]
    connection.close()
