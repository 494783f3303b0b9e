"""The register of employers: sealed names, cases that come and go, pairs and letters."""

from datetime import timedelta

import pytest

from bot.domain.errors import NotFound
from bot.domain.ports_employers import Employer, EmployerSize, Letter, LetterState, Pair
from storage.verify import verify

NAME = "演示百味餐饮有限公司"


def employer(clock, employer_id="e1", name=NAME, **changes):
    values = {
        "id": employer_id, "name": name, "size": EmployerSize.UNKNOWN, "district": "金凤区",
        "confirmed": False, "added_at": clock.now(),
    }  # fmt: skip
    return Employer(**(values | changes))


async def test_a_name_is_found_by_its_key_and_lies_sealed_on_disk(house, clock):
    async with house.open() as store:
        await store.write(lambda unit: unit.employers.add(employer(clock), "百味餐饮", "system"))
        assert await store.read(lambda unit: unit.employers.find("百味餐饮")) == "e1"
        assert await store.read(lambda unit: unit.employers.find("百味")) is None
        assert (await store.read(lambda unit: unit.employers.get("e1"))).name == NAME
        assert await store.read(lambda unit: unit.employers.keys()) == [("e1", "百味餐饮")]
        assert await verify(store) == []
    for path, data in house.files().items():
        assert NAME.encode() not in data and "百味餐饮".encode() not in data, path


async def test_a_changed_seal_is_found_by_verify(house, clock):
    async with house.open() as store:
        await store.write(lambda unit: unit.employers.add(employer(clock), "百味餐饮", "system"))
        await store.write(lambda unit: unit.employers.add(employer(clock, "e2", "乙"), "乙方纺织", "system"))
        await store.write(
            lambda unit: unit.context.db.run(
                "update employers set name = (select name from employers where id = 'e2') where id = 'e1'"
            )
        )
        assert [found.where.partition(" ")[0] for found in await verify(store)] == ["employers.name"]


async def test_joining_moves_names_cases_staff_and_letters_and_parting_brings_the_cases_back(
    store, clock, opens_case
):
    first = await opens_case(case_id="c1", number="A26-0001")
    second = await opens_case(case_id="c2", number="A26-0002")

    def fill(unit):
        unit.employers.add(employer(clock), "百味餐饮", "system")
        unit.employers.add(employer(clock, "e2", "百味食堂"), "百味食堂", "system")
        unit.employers.attach(first, "e1", unit.employers.mark_of("百味餐饮"))
        unit.employers.attach(second, "e2", unit.employers.mark_of("百味食堂"))
        unit.employers.keep_pair(Pair("e2", "e1", 85), clock.now())
        unit.employers.add_letter(Letter("l1", "e2", "kind:wages", LetterState.PROPOSED, clock.now()))

    await store.write(fill)
    assert await store.write(lambda unit: unit.employers.join("e2", "e1")) == 1
    cases = await store.read(lambda unit: unit.employers.cases("e1", clock.now() - timedelta(days=1)))
    assert [one.id for one in cases] == ["c1", "c2"]
    assert await store.read(lambda unit: (unit.employers.pairs(), unit.employers.get("e2"))) == ([], None)
    assert (await store.read(lambda unit: unit.employers.letters("e1")))[0].id == "l1"

    def part(unit):
        return unit.employers.part(unit.employers.mark_of("百味食堂"), employer(clock, "e3", "百味食堂"))

    assert await store.write(part) == 1
    counts = await store.read(lambda unit: unit.employers.counts(clock.now() - timedelta(days=1)))
    assert counts == {"e1": 1, "e3": 1}


async def test_erasing_a_case_takes_a_name_that_only_it_brought(store, clock, opens_case):
    case = await opens_case(case_id="c1", number="A26-0001")
    other = await opens_case(case_id="c2", number="A26-0002")

    def fill(unit):
        unit.employers.add(employer(clock), "百味餐饮", "system")
        for one in (case, other):
            unit.employers.attach(one, "e1", unit.employers.mark_of("百味餐饮"))
        unit.employers.add_letter(Letter("l1", "e1", "kind:wages", LetterState.PROPOSED, clock.now()))

    await store.write(fill)
    await store.write(lambda unit: unit.cases.erase(case))
    card = await store.read(lambda unit: unit.cases.card(case))
    assert card.employer_id is None
    assert await store.read(lambda unit: unit.employers.get("e1")) is not None
    await store.write(lambda unit: unit.cases.erase(other))
    assert await store.read(lambda unit: (unit.employers.all(), unit.employers.letters())) == ([], [])
    assert await verify(store) == []


async def test_a_decided_letter_keeps_its_reason_and_one_that_is_not_there_is_said_so(store, clock):
    letter = Letter("l1", "e1", "kind:wages", LetterState.PROPOSED, clock.now())
    await store.write(lambda unit: unit.employers.add(employer(clock), "百味餐饮", "system"))
    await store.write(lambda unit: unit.employers.add_letter(letter))
    decided = Letter(
        "l1", "e1", "kind:wages", LetterState.DISMISSED, clock.now(), "s1", clock.now(), "已改正"
    )
    await store.write(lambda unit: unit.employers.save_letter(decided))
    assert await store.read(lambda unit: unit.employers.letter("l1")) == decided
    with pytest.raises(NotFound):
        await store.write(
            lambda unit: unit.employers.save_letter(
                Letter("none", "e1", "kind:wages", LetterState.DISMISSED, clock.now())
            )
        )
