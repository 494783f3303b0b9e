"""Who writes, what came in, where she is in the conversation."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.errors import NotAllowed, NotFound
from bot.domain.incoming import Address
from bot.domain.reply import Lane, Reply
from bot.domain.signals import INBOX, talk_of


async def receive(store, clock, key, sender, raw=b"raw"):
    return await store.write(lambda unit: unit.inbox.receive(key, sender, raw, clock.now()))


async def test_the_same_address_is_the_same_person_and_another_is_not(store, clock, anna, bela):
    first = await store.write(lambda unit: unit.people.get_or_add(anna, clock.now()))
    clock.forward(days=1)
    again = await store.write(lambda unit: unit.people.get_or_add(anna, clock.now()))
    other = await store.write(lambda unit: unit.people.get_or_add(bela, clock.now()))
    assert first == again
    assert first.id != other.id
    assert (first.channel, first.quiet, first.blocked) == ("telegram", False, False)
    assert await store.read(lambda unit: unit.people.get(first.id)) == first
    assert await store.read(lambda unit: unit.people.find(bela)) == other
    assert await store.read(lambda unit: unit.people.find(Address("webchat", anna.id))) is None
    assert await store.read(lambda unit: unit.people.address(first.id)) == anna
    assert await store.read(lambda unit: unit.people.get("nobody")) is None


async def test_the_address_of_nobody_is_not_found(store):
    with pytest.raises(NotFound):
        await store.read(lambda unit: unit.people.address("nobody"))


async def test_a_moved_chat_stays_the_same_person_and_takes_nobody_elses_place(store, clock, anna, bela):
    first = await store.write(lambda unit: unit.people.get_or_add(anna, clock.now()))
    await store.write(lambda unit: unit.people.get_or_add(bela, clock.now()))
    moved = Address("telegram", "-100777")
    await store.write(lambda unit: unit.people.move(first.id, moved))
    assert (await store.read(lambda unit: unit.people.find(moved))).id == first.id
    assert await store.read(lambda unit: unit.people.find(anna)) is None
    assert await store.read(lambda unit: unit.people.address(first.id)) == moved
    with pytest.raises(NotAllowed):
        await store.write(lambda unit: unit.people.move(first.id, bela))


async def test_consents_are_kept_in_order_with_their_text_and_time(store, clock, anna):
    person = await store.write(lambda unit: unit.people.get_or_add(anna, clock.now()))
    at = clock.now()
    later = clock.forward(minutes=1)
    await store.write(lambda unit: unit.people.add_consent(person.id, "processing", "v1", at, None))
    await store.write(lambda unit: unit.people.add_consent(person.id, "handover", "v2", later, "case1"))
    assert list(await store.read(lambda unit: unit.people.consents(person.id))) == [
        ("processing", "v1", at),
        ("handover", "v2", later),
    ]


async def test_an_update_comes_in_once_however_often_it_is_delivered(store, clock, anna, bela):
    results = await asyncio.gather(
        *(receive(store, clock, "telegram:8841", anna, "我被辞退了".encode()) for _ in range(20)),
        receive(store, clock, "telegram:8842", bela),
    )
    assert sum(result is not None for result in results[:-1]) == 1
    pending = await store.read(lambda unit: unit.inbox.pending(10))
    assert [(row.key, row.raw, row.attempts) for row in pending] == [
        ("telegram:8841", "我被辞退了".encode(), 0),
        ("telegram:8842", b"raw", 0),
    ]
    assert pending[0].at == clock.now()


async def test_pending_rows_are_oldest_first_and_can_be_asked_for_one_person(store, clock, anna, bela):
    for number in range(6):
        await receive(store, clock, f"telegram:{number}", (anna, bela)[number % 2])
    rows = await store.read(lambda unit: unit.inbox.pending(10))
    assert [row.key for row in rows] == [f"telegram:{number}" for number in range(6)]
    hers = await store.read(lambda unit: unit.inbox.pending(2, rows[0].person_id))
    assert [row.key for row in hers] == ["telegram:0", "telegram:2"]


async def test_a_handled_row_is_handled_once_and_a_second_handler_leaves_no_trace(store, clock, anna):
    row = await receive(store, clock, "telegram:1", anna)

    def handle(unit):
        unit.outbox.add(row.person_id, [Reply("一次")], lane=Lane.REPLY, now=clock.now())
        unit.inbox.done(row.seq, "原话", ["file1"])

    await store.write(handle)
    with pytest.raises(NotAllowed):
        await store.write(handle)
    lines = await store.read(lambda unit: unit.outbox.talk(row.person_id, (0, 0, 0), 10))
    assert [(line.hers, line.reply and line.reply.text, line.files) for line in lines] == [
        ("原话", None, ("file1",)),
        (None, "一次", ()),
    ]
    assert await store.read(lambda unit: unit.inbox.pending(10)) == []
    assert await receive(store, clock, "telegram:1", anna) is None


async def test_attempts_are_counted_and_a_row_set_aside_is_pending_no_more(store, clock, anna):
    row = await receive(store, clock, "telegram:1", anna)
    assert [await store.write(lambda unit: unit.inbox.failed(row.seq)) for _ in range(3)] == [1, 2, 3]
    assert (await store.read(lambda unit: unit.inbox.pending(10)))[0].attempts == 3
    clock.forward(seconds=90)
    assert await store.read(lambda unit: unit.inbox.counts()) == {
        "pending": 1,
        "set_aside": 0,
        "oldest_s": 90,
    }
    await store.write(lambda unit: unit.inbox.set_aside(row.seq, "poison"))
    assert await store.read(lambda unit: unit.inbox.pending(10)) == []
    assert await store.read(lambda unit: unit.inbox.counts()) == {"pending": 0, "set_aside": 1, "oldest_s": 0}


async def test_unknown_rows_are_not_found(store):
    with pytest.raises(NotFound):
        await store.write(lambda unit: unit.inbox.done(99, "x"))
    with pytest.raises(NotFound):
        await store.write(lambda unit: unit.inbox.failed(99))


async def test_receiving_wakes_the_handlers_and_handling_wakes_her_page(store, clock, anna, house):
    person = await store.write(lambda unit: unit.people.get_or_add(anna, clock.now()))
    async with house.signals.listen(INBOX) as inbox, house.signals.listen(talk_of(person.id)) as talk:
        row = await receive(store, clock, "telegram:1", anna)
        assert inbox.is_set()
        assert not talk.is_set()
        await store.write(lambda unit: unit.inbox.done(row.seq, "x"))
        assert talk.is_set()


async def test_her_session_is_the_one_saved_last(store, clock, anna):
    person = await store.write(lambda unit: unit.people.get_or_add(anna, clock.now()))
    assert await store.read(lambda unit: unit.sessions.get(person.id)) is None
    for text in ('{"step":1}', '{"step":2,"draft":"三个月没发工资"}'):
        await store.write(lambda unit, text=text: unit.sessions.save(person.id, text, clock.now()))
        assert await store.read(lambda unit: unit.sessions.get(person.id)) == text


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(raw=st.binary(max_size=3000), words=st.text(st.characters(), max_size=400))
async def test_whatever_she_sends_comes_back_byte_for_byte(store, clock, raw, words):
    sender = Address("webchat", words or "x")
    key = f"webchat:{words}:{raw.hex()[:32]}"
    row = await receive(store, clock, key, sender, raw)
    if row is None:
        return  # the same example again: kept once
    pending = await store.read(lambda unit: unit.inbox.pending(5, row.person_id))
    assert (pending[-1].raw, pending[-1].key) == (raw, key)
    assert await store.read(lambda unit: unit.people.address(row.person_id)) == sender

    def handle(unit):
        unit.sessions.save(row.person_id, words, clock.now())
        unit.outbox.add(row.person_id, [Reply(words)], lane=Lane.REPLY, now=clock.now())
        unit.inbox.done(row.seq, words)

    await store.write(handle)
    lines = await store.read(lambda unit: unit.outbox.talk(row.person_id, (row.seq - 1, 1, 10**9), 2))
    assert [lines[0].hers, lines[1].reply.text] == [words, words]
    assert await store.read(lambda unit: unit.sessions.get(row.person_id)) == words


async def test_silent_people_are_found_and_forgotten_but_a_case_keeps_its_holder(
    store, clock, says, opens_case, bela, anna
):
    quiet, holder = await says("很久以前", sender=anna), await says("有案件", sender=bela)
    await opens_case(sender=bela)
    out = await store.write(lambda unit: unit.outbox.claim("telegram", clock.now(), 10))
    for row in out:
        await store.write(lambda unit, row=row: unit.outbox.sent(row.seq, "m", clock.now()))
    before = clock.forward(days=31) - timedelta(days=30)
    recent = await says("昨天", sender=Address("telegram", "7"))
    found = await store.read(lambda unit: unit.retention.silent_people(before, 10))
    assert sorted(found) == sorted([quiet, holder])
    for person_id in found:
        await store.write(lambda unit, person_id=person_id: unit.retention.forget_person(person_id))
    assert await store.read(lambda unit: unit.retention.silent_people(before, 10)) == []
    assert await store.read(lambda unit: unit.people.get(quiet)) is None
    assert await store.read(lambda unit: unit.people.get(holder)) is not None
    assert await store.read(lambda unit: unit.outbox.talk(holder, (0, 0, 0), 10)) == []
    assert len(await store.read(lambda unit: unit.outbox.talk(recent, (0, 0, 0), 10))) == 2


async def test_old_sessions_closed_cases_and_traces_are_found_in_time(store, clock, says, opens_case, card):
    person = await says("x")
    await store.write(lambda unit: unit.sessions.save(person, "{}", clock.now()))
    await opens_case()
    closed = card(status="closed", version=1)
    await store.write(lambda unit: unit.cases.save_card(closed))
    await store.write(lambda unit: unit.people.forget_talk(person))
    await store.write(lambda unit: unit.sessions.save(person, "{}", clock.now()))
    now = clock.now()
    assert await store.write(lambda unit: unit.retention.drop_sessions(now)) == 0
    assert await store.read(lambda unit: unit.retention.closed_cases(now, 5)) == []
    later = clock.forward(days=200)
    assert await store.write(lambda unit: unit.retention.drop_sessions(later)) == 1
    assert await store.read(lambda unit: unit.retention.closed_cases(later, 5)) == ["case1"]
    assert await store.write(lambda unit: unit.retention.drop_traces(later)) >= 1
    assert await store.write(lambda unit: unit.retention.drop_traces(later)) == 0
