"""Who wants the weekly tip: kept while she wants it, gone with her, never twice in a week."""

import asyncio
from datetime import date, timedelta

import pytest

from bot.domain.ports_teaching import Subscriber
from bot.domain.reply import Lane, Reply
from storage.operations import erase_person
from storage.verify import verify

LAST, THIS, NEXT = date(2026, 11, 17), date(2026, 11, 24), date(2026, 12, 1)  # Tuesdays


@pytest.fixture
def wants(store, clock, says, anna):
    """Somebody who wrote and wants tips from this week on."""

    async def want(address=anna, *, lasting=True, week=LAST):
        person = await says("你好", sender=address)
        await answered(store, clock)
        await store.write(lambda unit: unit.subscriptions.add(person, week, clock.now(), lasting=lasting))
        return person

    return want


@pytest.fixture
def gets(store, clock):
    """One tip queued for her, as the worker does it; returns its row."""

    def get(person, week=THIS, tip="tip-001", place=0):
        def send(unit):
            [seq] = unit.outbox.add(person, [Reply("一条")], lane=Lane.BROADCAST, now=clock.now())
            unit.subscriptions.sent(person, week, tip, place, seq)
            return seq

        return store.write(send)

    return get


async def answered(store, clock, channel="telegram"):
    """Everything that may go now is sent."""

    def send(unit):
        while rows := unit.outbox.claim(channel, clock.now(), 50):
            for row in rows:
                unit.outbox.sent(row.seq, "m", clock.now())

    await store.write(send)


async def due(store, week=THIS, limit=10):
    found = await store.read(lambda unit: unit.subscriptions.due(week, limit))
    return [one.person_id for one in found]


async def is_active(store, person):
    return await store.read(lambda unit: unit.subscriptions.active(person))


async def rows(store):
    return await store.read(lambda unit: unit.context.db.all("select * from subscriptions"))


async def test_who_wants_tips_is_due_once_a_week_and_the_last_one_is_remembered(store, clock, wants, gets):
    person = await wants()
    assert await is_active(store, person) and not await is_active(store, "nobody")
    assert await store.read(lambda unit: unit.subscriptions.due(THIS, 10)) == [Subscriber(person, None, 0)]
    await gets(person, tip="tip-007", place=6)
    await answered(store, clock)
    assert await due(store) == []
    assert await store.read(lambda unit: unit.subscriptions.due(NEXT, 10)) == [
        Subscriber(person, "tip-007", 6)
    ]


async def test_the_week_in_which_she_began_is_over_for_her(store, wants):
    await wants(week=THIS)
    assert await due(store, THIS) == []
    assert len(await due(store, NEXT)) == 1


async def test_few_are_handed_out_at_a_time_and_whoever_waited_longest_is_first(
    store, clock, says, wants, gets, bela
):
    first = await wants()
    await gets(first)
    await answered(store, clock)
    second = await wants(bela)
    assert await due(store, NEXT, 1) == [second]
    assert await due(store, NEXT) == [second, first]


async def test_wanting_twice_is_wanting_once_and_changes_nothing(store, clock, wants, gets):
    person = await wants()
    await gets(person)
    await answered(store, clock)
    await asyncio.gather(
        *(
            store.write(lambda unit: unit.subscriptions.add(person, LAST, clock.now(), lasting=False))
            for _ in range(5)
        )
    )
    assert await due(store, THIS) == []
    assert await store.read(lambda unit: unit.subscriptions.lasting(person))
    assert len(await rows(store)) == 1


async def test_stopping_keeps_her_place_and_her_week_for_when_she_comes_back(store, clock, wants, gets):
    person = await wants()
    await gets(person, tip="tip-003", place=2)
    await answered(store, clock)
    await store.write(lambda unit: unit.subscriptions.stop(person))
    assert not await is_active(store, person) and await due(store, NEXT) == []
    await store.write(lambda unit: unit.subscriptions.add(person, LAST, clock.now(), lasting=True))
    assert await due(store, THIS) == [], "not a second one in this week"
    assert await store.read(lambda unit: unit.subscriptions.due(NEXT, 10)) == [
        Subscriber(person, "tip-003", 2)
    ]


async def test_stopping_takes_back_the_tip_that_still_waits_and_nothing_else(store, clock, wants, gets):
    person = await wants()
    seq = await gets(person)
    await store.write(lambda unit: unit.outbox.add(person, [Reply("回复")], lane=Lane.REPLY, now=clock.now()))
    await store.write(lambda unit: unit.subscriptions.stop(person))
    assert await store.read(lambda unit: unit.outbox.states([seq])) == {}
    sent = await store.write(lambda unit: unit.outbox.claim("telegram", clock.now(), 10))
    assert [out.reply.text for out in sent] == ["回复"]
    await store.write(lambda unit: unit.outbox.sent(sent[0].seq, "m", clock.now()))
    assert await store.write(lambda unit: unit.outbox.claim("telegram", clock.now(), 10)) == []
    assert (await store.read(lambda unit: unit.outbox.counts()))["dead"] == 0


async def test_a_tip_on_its_way_is_left_to_arrive(store, clock, wants, gets):
    person = await wants()
    seq = await gets(person)
    [out] = await store.write(lambda unit: unit.outbox.claim("telegram", clock.now(), 10))
    await store.write(lambda unit: unit.subscriptions.stop(person))
    await store.write(lambda unit: unit.outbox.sent(out.seq, "m", clock.now()))
    assert await store.read(lambda unit: unit.outbox.states([seq])) == {seq: "sent"}


async def test_who_is_quiet_or_cannot_be_reached_is_left_out(store, wants, anna, bela):
    quiet, blocked = await wants(anna), await wants(bela)
    await store.write(lambda unit: unit.people.set_quiet(quiet, True))
    await store.write(lambda unit: unit.people.set_blocked(blocked, True))
    assert await due(store) == []
    await store.write(lambda unit: unit.people.set_quiet(quiet, False))
    assert await due(store) == [quiet]
    await store.write(lambda unit: unit.people.set_blocked(blocked, False))
    assert sorted(await due(store)) == sorted([quiet, blocked])


async def test_who_has_her_last_tip_still_waiting_gets_no_second_one_on_top(store, clock, wants, gets):
    """Telegram may be out of reach for weeks; then she finds one tip, not a heap."""
    person = await wants()
    await gets(person)
    assert await due(store, NEXT) == []
    await answered(store, clock)
    assert await due(store, NEXT) == [person]


async def test_a_quiet_person_gets_no_tip_and_loses_the_waiting_one(store, clock, wants, gets):
    person = await wants()
    seq = await gets(person)
    await store.write(lambda unit: unit.people.set_quiet(person, True))
    assert await store.write(lambda unit: unit.outbox.claim("telegram", clock.now(), 10)) == []
    await store.write(lambda unit: unit.subscriptions.drop_waiting(person))
    await store.write(lambda unit: unit.people.set_quiet(person, False))
    assert await store.write(lambda unit: unit.outbox.claim("telegram", clock.now(), 10)) == []
    assert await store.read(lambda unit: unit.outbox.states([seq])) == {}
    assert await is_active(store, person)


# ── being forgotten ──────────────────────────────────────────────────────────────────────────────────


async def test_clearing_her_talk_clears_her_wish_and_her_tips(store, clock, wants, gets):
    person = await wants()
    await gets(person)
    await answered(store, clock)
    await gets(person, NEXT)
    await store.write(lambda unit: unit.people.forget_talk(person))
    assert await rows(store) == []
    assert await store.read(lambda unit: unit.outbox.talk(person, (0, 0, 0), 10)) == []


async def test_an_erased_person_leaves_no_row(store, clock, wants, bela):
    person, other = await wants(), await wants(bela)
    await erase_person(store, person, clock.now(), "staff1")
    assert [row["person_id"] for row in await rows(store)] == [other]
    assert await verify(store) == []
    await store.write(lambda unit: unit.people.erase(other))
    assert await rows(store) == []
    assert await verify(store) == []


async def test_a_silent_subscriber_loses_her_talk_but_keeps_her_tips(store, clock, wants, gets):
    person = await wants()
    clock.forward(days=2)
    await gets(person, tip="tip-001")
    await answered(store, clock)
    before = clock.forward(days=29) - timedelta(days=30)
    assert await store.read(lambda unit: unit.retention.silent_people(before, 10)) == [person], (
        "a tip that came lately is no sign of life"
    )
    await store.write(lambda unit: unit.retention.forget_person(person))
    lines = await store.read(lambda unit: unit.outbox.talk(person, (0, 0, 0), 10))
    assert [line.reply.text for line in lines if line.reply] == ["一条"]
    assert await store.read(lambda unit: unit.sessions.get(person)) is None
    assert await due(store, NEXT) == [person]
    assert await store.read(lambda unit: unit.retention.silent_people(before, 10)) == [], "the sweep ends"
    later = clock.forward(days=9) - timedelta(days=30)
    await store.write(lambda unit: unit.retention.drop_traces(later))
    assert await store.read(lambda unit: unit.outbox.talk(person, (0, 0, 0), 10)) == [], "tips grow old too"
    assert await is_active(store, person)
    assert await verify(store) == []


@pytest.mark.parametrize("why", ["not lasting", "stopped", "blocked"])
async def test_a_wish_that_reaches_nobody_keeps_nobody(store, clock, wants, gets, why):
    person = await wants(lasting=why != "not lasting")
    await gets(person)
    await answered(store, clock)
    if why == "stopped":
        await store.write(lambda unit: unit.subscriptions.stop(person))
    if why == "blocked":
        await store.write(lambda unit: unit.people.set_blocked(person, True))
    before = clock.forward(days=31) - timedelta(days=30)
    assert await store.read(lambda unit: unit.retention.silent_people(before, 10)) == [person]
    await store.write(lambda unit: unit.retention.forget_person(person))
    assert await store.read(lambda unit: unit.people.get(person)) is None
    assert await rows(store) == []
    assert await verify(store) == []


async def test_who_holds_a_case_and_wants_tips_keeps_both(store, clock, wants, gets, opens_case, anna):
    person = await wants()
    await opens_case(sender=anna)
    await gets(person)
    await answered(store, clock)
    before = clock.forward(days=31) - timedelta(days=30)
    await store.write(lambda unit: unit.retention.forget_person(person))
    assert await store.read(lambda unit: unit.retention.silent_people(before, 10)) == []
    assert await store.read(lambda unit: unit.cases.ids_of(person)) == ["case1"]
    assert await due(store, NEXT) == [person]


async def test_a_tip_that_waits_is_not_swept_away(store, clock, wants, gets):
    person = await wants()
    clock.forward(days=40)
    seq = await gets(person)
    old = clock.forward(days=31)
    await store.write(lambda unit: unit.retention.drop_traces(old))
    assert await store.read(lambda unit: unit.outbox.states([seq])) == {seq: "queued"}
    assert await store.read(lambda unit: unit.retention.silent_people(old, 10)) == []


async def test_what_is_kept_survives_a_restart(house, clock, anna):
    async with house.open() as first:
        person = await first.write(lambda unit: unit.people.get_or_add(anna, clock.now()))
        await first.write(lambda unit: unit.subscriptions.add(person.id, LAST, clock.now(), lasting=True))
    async with house.open() as again:
        assert await due(again) == [person.id]
