"""Legal dates of cases are kept exactly, found when they are due, and go when the case is erased."""

from datetime import date, timedelta

import pytest

from bot.domain.case_deadlines import CaseDeadline, DaySure, DeadlineState, DropReason
from bot.domain.cases import CaseStatus
from storage.verify import verify

TODAY = date(2026, 11, 22)


@pytest.fixture
def keeps(store, clock):
    async def keep(deadline_id, case_id="case1", last_on=None, **changes):
        values = {
            "id": deadline_id, "case_id": case_id, "rule": "lawsuit",
            "event_on": last_on and last_on - timedelta(days=15), "last_on": last_on,
            "sure": DaySure.FIXED, "set_by": "s1", "set_at": clock.now(),
        }  # fmt: skip
        deadline = CaseDeadline(**(values | changes))
        await store.write(lambda unit: unit.deadlines.keep(deadline))
        return deadline

    return keep


async def due(store, day, limit=10):
    return [one.id for one in await store.read(lambda unit: unit.deadlines.due(day, limit))]


async def test_what_is_kept_comes_back_the_same(store, clock, keeps, opens_case):
    await opens_case()
    full = await keeps(
        "d1", last_on=TODAY, state=DeadlineState.DROPPED, reason=DropReason.SETTLED, ended_at=clock.now(),
        interruptions=(date(2026, 1, 2), date(2026, 3, 4)), warned=7, told=14, sure=DaySure.ROUGH,
    )  # fmt: skip
    empty = await keeps("d2", event_on=None, sure=DaySure.UNKNOWN, set_by="system")
    assert await store.read(lambda unit: unit.deadlines.of_case("case1")) == [empty, full]
    assert await store.read(lambda unit: unit.deadlines.get("case1", "d1")) == full
    assert await store.read(lambda unit: unit.deadlines.get("case2", "d1")) is None


async def test_only_what_may_be_due_is_looked_at_and_the_longest_overdue_first(
    store, clock, keeps, opens_case, bela
):
    await opens_case()
    await opens_case(case_id="gone", number="A26-9", sender=bela)
    await keeps("far", last_on=TODAY + timedelta(days=31))
    await keeps("month", last_on=TODAY + timedelta(days=30))
    await keeps("late", last_on=TODAY - timedelta(days=1))
    await keeps("done", last_on=TODAY, state=DeadlineState.DONE)
    await keeps("warned", last_on=TODAY + timedelta(days=5), warned=7, told=14)
    await keeps("of gone", "gone", last_on=TODAY)
    assert await due(store, TODAY) == ["late", "of gone", "month"]
    assert await due(store, TODAY, 1) == ["late"]
    assert "warned" in await due(store, TODAY + timedelta(days=2))

    def withdraw(unit):
        from dataclasses import replace

        unit.cases.save_card(replace(unit.cases.card("gone"), status=CaseStatus.WITHDRAWN))

    await store.write(withdraw)
    assert await due(store, TODAY) == ["late", "month"]


async def test_the_nearest_of_each_case_is_found_for_lists(store, keeps, opens_case, bela):
    await opens_case()
    await opens_case(case_id="case2", number="A26-9", sender=bela)
    await keeps("later", last_on=TODAY + timedelta(days=20))
    near = await keeps("near", last_on=TODAY + timedelta(days=9))
    await keeps("over", last_on=TODAY, state=DeadlineState.LAPSED)
    await keeps("far", "case2", last_on=TODAY + timedelta(days=40))
    many = ["case1", "case2", *(f"none{at}" for at in range(1200))]
    until = TODAY + timedelta(days=30)
    assert await store.read(lambda unit: unit.deadlines.nearest(many, until)) == {"case1": near}
    assert await store.read(lambda unit: unit.deadlines.nearest([], until)) == {}


async def test_an_id_of_another_case_changes_nothing_there(store, keeps, opens_case, bela):
    await opens_case()
    await opens_case(case_id="case2", number="A26-9", sender=bela)
    mine = await keeps("d1", last_on=TODAY)
    await keeps("d1", "case2", last_on=TODAY + timedelta(days=9))
    assert await store.read(lambda unit: unit.deadlines.of_case("case1")) == [mine]


async def test_an_erased_case_leaves_none(store, keeps, opens_case):
    await opens_case()
    await keeps("d1", last_on=TODAY)
    await store.write(lambda unit: unit.cases.erase("case1"))
    assert await store.read(lambda unit: unit.context.db.all("select * from deadlines")) == []
    assert await verify(store) == []
