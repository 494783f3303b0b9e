"""Two cases that are one: joined so that nobody wrong hears, and taken apart exactly as they were."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, EventKind, NameLevel
from bot.domain.errors import NotFound, Refused
from bot.domain.incoming import Address
from bot.domain.ports_links import ForOther, SpokenFor
from bot.domain.staff import Role
from bot.services import case_work, doubles, drafts
from bot.services.doubles import Checked
from tests.conversation.steps import open_case
from tests.services.staffed import desk, hires
from tests.talk import _claimed

__all__ = ["desk"]


@pytest.fixture
async def leader(house):
    return await hires(house, Role.LEADER)


async def only_case(house, talk):
    person = await talk.person_id()
    ids = await house.read(lambda unit: unit.cases.ids_of(person))
    return await house.read(lambda unit: unit.cases.card(ids[0]))


async def opened(house, channel="webchat"):
    talk = house.worker(channel)
    code = await open_case(talk)
    house.clock.passes(minutes=10)
    return talk, await only_case(house, talk), code


async def refused(house, work):
    with pytest.raises(Refused) as told:
        await house.write(work)
    return told.value.reason


async def test_joining_needs_that_somebody_asked_her_where_the_store_cannot_see_it(house, desk, leader):
    _, old, _ = await opened(house)
    _, young, _ = await opened(house, "telegram")
    now = house.clock.now()
    merge = doubles.merge
    assert await refused(house, lambda u: merge(u, leader, old.id, young.number, None, now, desk)) == (
        "merge_unsure"
    )
    untaken = await house.write(lambda u: _random_case(u, random.Random(1), house.clock, [], 99))
    reason = await refused(house, lambda u: merge(u, leader, old.id, untaken.id, None, now, desk))
    assert reason == "merge_unsure", "whoever has the code of a call that was taken down may be another"
    kept = await house.write(lambda u: merge(u, leader, old.id, young.number, Checked.CALLED, now, desk))
    assert kept.id == old.id, "the younger goes into the older, from whichever side it is asked"


async def test_what_the_store_shows_to_be_hers_is_joined_without_asking(house, desk, leader):
    talk, old, _ = await opened(house)
    now = house.clock.now()
    person = await talk.person_id()
    hers = await house.write(lambda u: _random_case(u, random.Random(2), house.clock, [], 98))
    await house.write(lambda u: u.cases.link(hers.id, person, now))
    kept = await house.write(lambda u: doubles.merge(u, leader, old.id, hers.id, None, now, desk))
    assert kept.id == old.id
    third = await house.write(lambda u: _random_case(u, random.Random(3), house.clock, [], 97))
    told = ForOther(third.id, None, SpokenFor.STATED, now, leader.id)
    await house.write(lambda u: (u.cases.link(third.id, person, now), u.links.keep_for_other(told)))
    reason = await refused(house, lambda u: doubles.merge(u, leader, old.id, third.id, None, now, desk))
    assert reason == "merge_unsure", "the helper's code would open her other case"


async def test_bad_numbers_and_second_joins_are_refused_and_change_nothing(house, desk, leader):
    officer = await hires(house, Role.OFFICER)
    _, old, _ = await opened(house)
    _, young, _ = await opened(house)
    now = house.clock.now()

    def merging(other, actor=leader, of=old):
        return lambda u: doubles.merge(u, actor, of.id, other, Checked.MET, now, desk)

    assert await refused(house, merging("A99-9999")) == "no_such_number"
    assert await refused(house, merging("")) == "no_such_number"
    assert await refused(house, merging(old.number)) == "merge_itself"
    await house.write(lambda u: case_work.claim(u, officer, old.id, now, desk))
    await house.write(lambda u: case_work.claim(u, leader, young.id, now, desk))
    assert await refused(house, merging(young.number, officer)) == "no_such_number", "looks like none"
    await house.write(merging(f" {young.number.lower().replace('-', '－')} "))
    with pytest.raises(Refused, match="merge_merged") as told:
        await house.write(merging(young.number))
    assert told.value.facts == {"number": young.number, "into": old.number}, "which of the two, and where to"
    assert await refused(house, lambda u: doubles.unmerge(u, leader, old.id, now, desk)) == "not_merged"
    with pytest.raises(NotFound):
        await house.write(lambda u: doubles.unmerge(u, officer, young.id, now, desk))


async def test_nothing_is_done_in_a_double_and_lists_leave_it_out(house, desk, leader):
    _, old, _ = await opened(house)
    _, young, _ = await opened(house)
    now = house.clock.now()
    await house.write(lambda u: doubles.merge(u, leader, young.id, old.id, Checked.MET, now, desk))
    for work in (
        lambda u: case_work.claim(u, leader, young.id, now, desk),
        lambda u: case_work.move(u, leader, young.id, CaseStatus.ACCEPTED, now, desk),
        lambda u: drafts.write_draft(u, leader, young.id, "您好", now, desk),
    ):
        assert await refused(house, work) == "merged"
    assert [card.id for card in await house.cases() if card.is_open] == [old.id]


async def test_she_goes_on_in_the_older_case_with_both_codes_and_reads_all_of_it(house, desk, leader):
    first, old, _ = await opened(house)
    second, young, code = await opened(house, "telegram")
    now = house.clock.now()
    await second.taps("补充")
    await house.write(lambda u: doubles.merge(u, leader, old.id, young.id, Checked.CALLED, now, desk))
    await second.says("还有一件事忘了说")
    events = await house.read(lambda u: u.cases.outline(old.id, (EventKind.HER_WORDS,)))
    assert len(events) == 1, "what she says in the double goes where the work goes on"
    await second.says("我的事")
    second.hears(old.number)
    second.does_not_hear(young.number)
    await second.taps("看回执码")
    assert code in second.new[0].text.replace(" ", ""), "her own code, not the other's"
    third = house.worker("webchat")
    await third.says(code)
    third.hears(old.number)
    await first.says("我的事")
    first.hears(old.number)


async def test_danger_and_the_earlier_promise_hold_in_both(house, desk, leader):
    _, old, _ = await opened(house)
    _, young, _ = await opened(house)
    now = house.clock.now()
    soon = now + timedelta(minutes=20)
    paused = replace(young, promised_at=soon, urgent=True, changed_at=now)
    await house.write(lambda u: u.cases.save_card(paused))
    kept = await house.write(lambda u: doubles.merge(u, leader, old.id, young.id, Checked.MET, now, desk))
    assert (kept.promised_at, kept.urgent) == (soon, True)


async def test_a_promise_made_after_joining_stays_when_they_are_taken_apart(house, desk, leader):
    _, old, _ = await opened(house)
    _, young, _ = await opened(house)
    now = house.clock.now()
    await house.write(lambda u: doubles.merge(u, leader, old.id, young.id, Checked.MET, now, desk))
    draft = await house.write(lambda u: drafts.write_draft(u, leader, old.id, "请等消息", now, desk))
    await house.write(lambda u: drafts.send_draft(u, leader, old.id, draft.id, now, desk))
    promised = (await house.read(lambda u: u.cases.card(old.id))).promised_at
    await house.write(lambda u: doubles.unmerge(u, leader, young.id, now, desk))
    assert (await house.read(lambda u: u.cases.card(old.id))).promised_at == promised


def _random_case(unit, source, clock, people, number):
    now = clock.now()
    card = CaseCard(
        id=f"{source.getrandbits(60):016x}", number=f"A26-{number:04d}", kind=source.choice(list(CaseKind)),
        status=source.choice([CaseStatus.NEW, CaseStatus.ACCEPTED, CaseStatus.MEDIATING]),
        urgent=source.random() < 0.3, district=None, level=NameLevel.ANONYMOUS, topic=None,
        source="webchat", opened_at=now, changed_at=now,
        promised_at=now + timedelta(hours=source.randint(-20, 50)), assignee=None,
        began_at=source.choice([None, now]), urged=source.choice([0, 50, 100]),
    )  # fmt: skip
    unit.cases.add(card, Answers(happened="事"), None, f"{source.getrandbits(80)}", None)
    for person in source.sample(people, min(len(people), source.randint(0, 3))):
        unit.cases.link(card.id, person, now)
    return card


def _heard(unit, clock, channel="webchat"):
    return [row.person_id for row in _claimed(unit, channel, clock) if row.person_id is not None]


@pytest.mark.parametrize("seed", range(4))
async def test_joining_and_taking_apart_is_as_if_it_had_never_been_and_only_holders_hear(
    house, desk, leader, seed
):
    """Random cases, holders and promises: 25 pairs a seed, some joined twice over."""
    source, clock = random.Random(seed), house.clock

    def walk(unit):
        people = [unit.people.get_or_add(Address("webchat", f"p{n}"), clock.now()).id for n in range(6)]
        cases = []
        for n in range(9):
            cases.append(_random_case(unit, source, clock, people, n + 1))
            clock.passes(minutes=source.randint(1, 90))
        for _ in range(25):
            one, two = source.sample(cases, 2)
            before = [_state(unit, card.id) for card in cases]
            kept = doubles.merge(unit, leader, one.id, two.number, Checked.MET, clock.now(), desk)
            other = two if kept.id == one.id else one
            allowed = {held[-1] for held in (_people(before, cases, c) for c in (one, two)) if held}
            heard = _heard(unit, clock)
            assert sorted(heard) == sorted(allowed), "every side once, and nobody else"
            reply = drafts.write_draft(unit, leader, kept.id, "一句话", clock.now(), desk)
            if allowed:
                drafts.send_draft(unit, leader, kept.id, reply.id, clock.now(), desk)
                assert sorted(_heard(unit, clock)) == sorted(allowed)
                promise = {"promised_at": None, "began_at": None, "urged": None}
            else:
                promise = {}
            doubles.unmerge(unit, leader, other.id, clock.now(), desk)
            assert sorted(_heard(unit, clock)) == sorted(allowed)
            after = [_state(unit, card.id) for card in cases]
            for (card, held), (then, held_then) in zip(before, after, strict=True):
                changes = promise if card.id == kept.id else {}
                assert replace(card, **changes) == replace(then, **changes)
                assert held == held_then

    await house.write(walk)


def _state(unit, case_id):
    card = unit.cases.card(case_id)
    same = card.opened_at  # when a card was changed last, and how often, is no state of the case
    return replace(card, version=1, changed_at=same), tuple(unit.cases.people_of(case_id))


def _people(states, cases, wanted):
    return next(held for (_, held), card in zip(states, cases, strict=True) if card.id == wanted.id)
