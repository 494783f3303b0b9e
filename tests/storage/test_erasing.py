"""People who can be forgotten, and are."""

import asyncio
import threading

import pytest

from bot.domain.errors import NotFound
from bot.domain.reply import Lane, Reply
from storage.operations import erase_person
from storage.verify import verify


async def test_forgetting_her_talk_leaves_her_case_and_what_waits_for_it(
    store, lives, clock, anna, house, story
):
    person = await lives(anna, "MARKA", "case1")
    await store.write(lambda unit: unit.inbox.receive("telegram:now", anna, b"clear", clock.now()))
    await store.write(
        lambda unit: unit.outbox.add(person, [Reply("old question")], lane=Lane.REPLY, now=clock.now())
    )
    remotes = await store.write(lambda unit: unit.people.forget_talk(person))
    assert remotes == ["MARKA-remote"]
    assert await store.read(lambda unit: unit.sessions.get(person)) is None
    lines = await store.read(lambda unit: unit.outbox.talk(person, (0, 0, 0), 10))
    assert [line.reply.text for line in lines] == ["MARKA-queued"]
    assert len(await store.read(lambda unit: unit.inbox.pending(5))) == 1
    assert (await story(store, "case1")).answers.happened == "MARKA-story"
    repeated = await store.write(lambda unit: unit.inbox.receive("telegram:1", anna, b"again", clock.now()))
    assert repeated is None  # the same update does not come in again
    assert await verify(store) == []


async def test_an_erased_person_is_gone_from_every_table_and_file(
    store, lives, clock, anna, bela, house, story
):
    person, other = await lives(anna, "MARKA", "case1"), await lives(bela, "MARKB", "case2")
    sealed = {
        column: await store.read(
            lambda unit, c=column, t=table, w=where: unit.context.db.one(
                f"select {c} as v from {t} where {w}"
            )["v"]
        )
        for column, table, where in (
            ("wrapped", "keys", f"id = '{person}'"),
            ("raw", "inbox", f"person_id = '{person}'"),
            ("identity", "people", f"id = '{person}'"),
            ("address", "people", f"id = '{person}'"),
            ("answers", "cases", "id = 'case1'"),
        )
    }
    report = await erase_person(store, person, clock.now(), "staff1")
    assert (report.case_ids, report.files) == (("case1",), 2)
    assert (report.remote_ids, report.topics) == (("MARKA-remote",), ("group:MARKA",))
    assert await store.read(lambda unit: unit.people.get(person)) is None
    assert await store.read(lambda unit: unit.people.find(anna)) is None
    assert await store.read(lambda unit: unit.contest.best(unit.contest.player(anna), "c")) is None
    with pytest.raises(NotFound):
        await story(store, "case1")
    for name, data in house.files().items():
        for column, value in sealed.items():
            assert value not in data, (name, column)  # not even the sealed bytes, in no free page or log
    assert not store.vault.path("case1-file").exists()
    tables = ("inbox", "outbox", "sessions", "consents", "holders", "files", "people", "chats")
    for table in tables:
        rows = await store.read(lambda unit, t=table: unit.context.db.all(f"select * from {t}"))
        assert all(person not in map(str, tuple(row)) for row in rows), table
    assert await verify(store) == []
    assert (await story(store, "case2")).answers.happened == "MARKB-story"
    assert (await store.read(lambda unit: unit.sessions.get(other))) == "MARKB-session"
    (line,) = await store.read(lambda unit: unit.audit.lines(person))
    assert (line.actor, line.act) == ("staff1", "erase_person")
    with pytest.raises(NotFound):
        await erase_person(store, person, clock.now(), "staff1")


async def test_a_case_that_somebody_else_holds_too_survives_her(store, lives, clock, anna, bela, story):
    person, other = await lives(anna, "MARKA", "case1"), await lives(bela, "MARKB", "case2")
    await store.write(lambda unit: unit.cases.link("case1", other, clock.now()))
    report = await erase_person(store, person, clock.now(), "staff1")
    assert report.case_ids == ()
    assert await store.read(lambda unit: unit.cases.people_of("case1")) == [other]
    opened = await story(store, "case1")
    assert opened.answers.happened == "MARKA-story"
    assert [file.id for file in opened.files] == ["case1-file"]
    assert await verify(store) == []


async def test_writing_to_an_erased_person_in_the_same_breath_is_refused_whole(store, lives, clock, anna):
    person = await lives(anna, "MARKA", "case1")
    row = await store.write(lambda unit: unit.inbox.receive("telegram:last", anna, b"erase me", clock.now()))

    def erase(unit):
        unit.people.erase(person)
        unit.inbox.done(row.seq, "erase me")  # quietly: there is nothing left to mark

    await store.write(erase)
    with pytest.raises(NotFound):
        await store.write(
            lambda unit: unit.outbox.add(person, [Reply("x")], lane=Lane.REPLY, now=clock.now())
        )
    again = await store.write(lambda unit: unit.people.get_or_add(anna, clock.now()))
    assert again.id != person


async def test_a_long_reader_puts_emptying_the_log_off_but_not_away(store, lives, clock, anna, house):
    person = await lives(anna, "MARKA", "case1")
    wrapped = await store.read(lambda unit: unit.context.seal.wrapped("person", person))
    reading, go_on = threading.Event(), threading.Event()

    def look(unit):
        unit.people.get(person)
        reading.set()
        go_on.wait(10)

    reader = asyncio.create_task(store.read(look))
    await asyncio.to_thread(reading.wait, 5)
    await store.write(lambda unit: unit.people.erase(person))
    assert any(wrapped in data for data in house.files().values())
    go_on.set()
    await reader
    await store.write(lambda unit: unit.facts.put("any", "later write"))
    assert not any(wrapped in data for data in house.files().values())
