"""Doubles, groups and who speaks for whom: what is kept, and that it goes when the case goes."""

import sqlite3
from datetime import timedelta

import pytest

from bot.domain.errors import NotAllowed
from bot.domain.incoming import Address
from bot.domain.ports_links import Alike, ForOther, GroupDraft, Merge, OralConsent, SpokenFor

SINCE = timedelta(days=30)


async def two(store, clock, card, opens_case, anna, bela):
    """An older case of Anna's and a younger one of Bela's."""
    old = await opens_case(sender=anna, case_id="old", number="A26-0001")
    clock.forward(hours=1)
    young = await opens_case(sender=bela, case_id="young", number="A26-0002")
    return old, young


async def people(store, case_id):
    return list(await store.read(lambda unit: unit.cases.people_of(case_id)))


async def person(store, clock, address):
    return (await store.write(lambda unit: unit.people.get_or_add(address, clock.now()))).id


def joined(clock, young="young", old="old"):
    return Merge(young, old, clock.now(), "s1", {"promised": "a"}, {"promised": "b"})


async def test_a_joined_double_gives_its_holders_the_older_case_and_takes_it_back(
    store, clock, card, opens_case, anna, bela
):
    old, young = await two(store, clock, card, opens_case, anna, bela)
    her, other = await person(store, clock, anna), await person(store, clock, bela)
    await store.write(lambda unit: unit.links.merge(joined(clock)))
    assert await people(store, old) == [other, her], "her own place stays the last: replies go there"
    assert list(await store.read(lambda unit: unit.links.hearers(old))) == [her, other]
    assert await store.read(lambda unit: unit.links.held_through(old, other)) == young
    assert await store.read(lambda unit: unit.links.held_through(old, her)) is None
    [kept] = await store.read(lambda unit: unit.links.merged_into(old))
    assert kept == joined(clock)
    await store.write(lambda unit: unit.links.unmerge(young))
    assert await people(store, old) == [her]
    assert await people(store, young) == [other]
    assert await store.read(lambda unit: unit.links.merge_of(young)) is None


async def test_who_brings_the_code_of_a_double_follows_and_who_proved_the_older_one_stays(
    store, clock, card, opens_case, anna, bela
):
    old, young = await two(store, clock, card, opens_case, anna, bela)
    her, other = await person(store, clock, anna), await person(store, clock, bela)
    late = await person(store, clock, Address("webchat", "late"))

    def act(unit):
        unit.links.merge(joined(clock))
        unit.cases.link(young, late, clock.now())
        unit.links.follow(young, late, clock.now())
        unit.links.proved(old, other)

    await store.write(act)
    assert set(await people(store, old)) == {her, other, late}
    await store.write(lambda unit: unit.links.unmerge(young))
    assert set(await people(store, old)) == {her, other}


async def test_alike_are_cases_of_the_same_person_contact_or_employer_within_the_time(
    store, clock, card, opens_case, anna, bela
):
    await opens_case(sender=bela, case_id="ancient", number="A26-0001")
    clock.forward(days=40)
    await opens_case(sender=anna, case_id="same_person", number="A26-0002", topic=None)
    await opens_case(sender=bela, case_id="same_firm", number="A26-0003", employer_id="e1")
    await opens_case(sender=bela, case_id="other_firm", number="A26-0004", employer_id="e2")
    await opens_case(sender=bela, case_id="called", number="A26-0005", employer_id="e3")
    await opens_case(sender=anna, case_id="here", number="A26-0006", employer_id="e1")

    def contacts(unit):
        unit.links.keep_contact("called", "139 1234-5678")
        unit.links.keep_contact("here", "+86 13912345678")
        unit.links.keep_contact("other_firm", "同上")

    await store.write(contacts)
    found = dict(await store.read(lambda unit: unit.links.alike("here", clock.now() - SINCE)))
    assert found == {
        "same_person": Alike.PERSON, "same_firm": Alike.EMPLOYER, "called": Alike.CONTACT,
    }  # fmt: skip


async def test_the_code_is_told_only_with_an_audit_line_that_names_the_case(
    store, clock, card, opens_case, anna, bela
):
    old, young = await two(store, clock, card, opens_case, anna, bela)

    def right(unit):
        return unit.links.receipt_code(old, unit.audit.append("s1", "print_slip", old, clock.now()))

    def wrong(unit):
        return unit.links.receipt_code(old, unit.audit.append("s1", "print_slip", young, clock.now()))

    assert await store.write(right) == "code-old"
    with pytest.raises(NotAllowed):
        await store.write(wrong)


async def test_erasing_a_case_takes_its_doubles_and_every_trace_of_them(
    house, store, clock, card, opens_case, anna, bela
):
    old, young = await two(store, clock, card, opens_case, anna, bela)
    her = await person(store, clock, anna)

    def fill(unit):
        unit.links.keep_contact(young, "13912345678")
        unit.links.keep_for_other(ForOther(young, her, SpokenFor.STATED, clock.now(), "worker"))
        unit.links.add_oral_consent(old, OralConsent("processing", "v1", "s1", clock.now()))
        unit.links.start_group(old, "s1", clock.now())
        unit.links.keep_group_draft(old, GroupDraft("d1", old), clock.now())
        unit.links.merge(joined(clock))

    await store.write(fill)
    await store.write(lambda unit: unit.cases.erase(old))
    with sqlite3.connect(house.path) as raw:
        for table in ("case_merges", "merge_holders", "case_groups", "group_drafts", "asked_for_others",
                      "oral_consents", "case_contacts", "holders"):  # fmt: skip
            assert raw.execute(f"select count(*) from {table}").fetchone() == (0,), table
        assert raw.execute("select count(*) from cases where answers is not null").fetchone() == (0,)


async def test_no_telephone_number_stands_readable_anywhere(house, store, clock, card, opens_case, anna):
    case_id = await opens_case(sender=anna)
    await store.write(lambda unit: unit.links.keep_contact(case_id, "13912345678"))
    assert not any(b"13912345678" in data for data in house.files().values())
