"""People who can be forgotten, and are."""

import asyncio
import threading
from dataclasses import replace

import pytest

from bot.domain.cases import CaseStatus
from bot.domain.errors import NotFound
from bot.domain.handovers import Content, HandOverState
from bot.domain.incoming import Address
from bot.domain.ports_duty import Notice
from bot.domain.reply import Lane, Reply
from bot.domain.staff import Role, StaffMember
from storage.operations import erase_person, remove_erased_files
from storage.verify import verify
from tests.storage.case_rows import beside_a_case, employer_with_letter, handed_over

STAYS = {"cases", "events", "audit", "erased", "conflicts"}  # numbers, and who may not come near it


@pytest.fixture
def full_case(store, lives, opens_case, clock):
    """A case with rows in every table that knows of cases; returns who holds it."""

    async def fill(address, number):
        case_id, mark, now = f"case{number}", f"MARK{number}", clock.now()
        person = await lives(address, mark, case_id)
        double = await opens_case(
            sender=Address("telegram", f"7111{number}"), case_id=f"{case_id}-double", number=f"A26-9{number}"
        )

        def keep(unit):
            member = StaffMember(f"staff{number}", f"员工{number}", frozenset({Role.OFFICER}), True, now)
            unit.staff.add(member)
            unit.duty.add_notice(Notice(f"notice{number}", member.id, f"{mark}-notice", now, case_id))
            handed_over(unit, number, mark, case_id, now)
            employer_with_letter(unit, number, mark, now)
            beside_a_case(unit, number, mark, case_id, double, now)
            unit.audit.append("s", "case.open", case_id, now)

        await store.write(keep)
        return person

    return fill


async def naming(store, word):
    """Tables with a row of which one column is, or begins a list of ids with, this very word."""

    def look(unit):
        tables = [
            row["name"]
            for row in unit.context.db.all("select name from sqlite_master where type = 'table'")
            if not row["name"].startswith("sqlite_")
        ]
        return {
            table
            for table in tables
            for row in unit.context.db.all(f"select * from {table}")
            if any(isinstance(value, str) and word in value.split(":") for value in tuple(row))
        }

    return await store.read(look)


async def with_case_column(store):
    def look(unit):
        return {
            row["name"]
            for row in unit.context.db.all(
                "select m.name from sqlite_master m join pragma_table_info(m.name) c"
                " where m.type = 'table' and c.name in ('case_id', 'into_id')"
            )
        }

    return await store.read(look)


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


async def test_an_erased_case_leaves_nothing_but_numbers_in_any_table(store, full_case, anna, bela, story):
    await full_case(anna, 1)
    await full_case(bela, 2)
    filled = await naming(store, "case1") | await naming(store, "case1-double")
    assert await with_case_column(store) | {"clock_marks"} <= filled

    def erase(unit):
        unit.cases.save_card(replace(unit.cases.card("case1"), status=CaseStatus.CLOSED))
        unit.cases.erase("case1")

    await store.write(erase)
    assert await naming(store, "case1") == STAYS
    assert await naming(store, "case1-double") <= STAYS
    words = "answers, code, code_hash, phrase_hash, remote_topic, district, topic, employer_id"
    for case_id in ("case1", "case1-double"):
        row = await store.read(
            lambda unit, one=case_id: unit.context.db.one(f"select {words} from cases where id = '{one}'")
        )
        assert not any(tuple(row))
    events = await store.read(
        lambda unit: unit.context.db.all("select body, facts from events where case_id like 'case1%'")
    )
    assert events and not any(value for row in events for value in tuple(row))
    await remove_erased_files(store)
    assert await verify(store) == []
    assert (await story(store, "case2")).answers.happened == "MARK2-story"
    assert (await store.read(lambda unit: unit.partners.get("hand2"))).has_link


async def test_what_she_agreed_to_ends_with_her_even_where_the_case_stays(
    store, full_case, clock, anna, bela
):
    person, other = await full_case(anna, 1), await full_case(bela, 2)
    await store.write(lambda unit: unit.cases.link("case1", other, clock.now()))
    await erase_person(store, person, clock.now(), "staff1")
    assert await naming(store, person) == {"audit", "erased"}
    one = await store.read(lambda unit: unit.partners.get("hand1"))
    assert (one.state, one.ended_at, one.has_link) == (HandOverState.REVOKED, clock.now(), False)
    assert await store.read(lambda unit: unit.partners.session("MARK1-secret", "hand1")) is None

    def content(unit):
        return unit.partners.content("hand1", unit.audit.append("s", "look", "case1", clock.now()))

    assert await store.write(content) == Content()
    assert (await store.read(lambda unit: unit.links.for_other("case1"))).person_id is None
    assert (await store.read(lambda unit: unit.partners.get("hand2"))).state is HandOverState.AGREED
    assert await verify(store) == []


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
