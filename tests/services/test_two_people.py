"""What takes two people is done by two people, once, and in time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import NotAllowed, NotFound, Refused
from bot.domain.periods import of_month
from bot.domain.ports_figures import Layout
from bot.domain.staff import Role
from bot.services import two_people
from bot.services.exports import ask
from bot.services.two_people import LIVES, WAITS, Stage, stage
from tests.services.figures_store import NOW, add_cases, hire, opened_store

OCTOBER = of_month(2026, 10)


@pytest.fixture
async def store(tmp_path):
    async with opened_store(tmp_path) as opened:
        await opened.write(lambda unit: add_cases(unit, 60))
        yield opened


@pytest.fixture
async def people(store):
    def fill(unit):
        return (
            hire(unit, "王"),
            hire(unit, "周"),
            hire(unit, "陈", Role.AUDITOR),
            hire(unit, "李", Role.OFFICER),
        )

    return await store.write(fill)


async def _asked(store, member):
    return await store.write(lambda unit: ask(unit, member, OCTOBER, Layout.CSV, NOW))


def _decide(store, member, request, agreed=True, at=NOW):
    return store.write(lambda unit: two_people.decide(unit, member, request.id, agreed, at))


def _use(store, member, request, at=NOW):
    return store.write(lambda unit: two_people.use(unit, member, request.id, at))


async def test_one_person_alone_never_succeeds_however_often(store, people):
    leader = people[0]
    request = await _asked(store, leader)
    for attempt in range(100):
        with pytest.raises(Refused, match="export_same"):
            await _decide(store, replace(leader), request)
        with pytest.raises(Refused, match="export_waiting"):
            await _use(store, leader, request, NOW + timedelta(minutes=attempt))
    await store.write(lambda unit: unit.figures.decide_export(request.id, leader.id, True, NOW))
    with pytest.raises(Refused, match="export_waiting"):  # not even past the service
        await _use(store, leader, request)


async def test_the_second_person_agrees_then_it_comes_once_with_both_names(store, people):
    leader, other, auditor, officer = people
    request = await _asked(store, leader)
    with pytest.raises(NotAllowed):
        await _decide(store, officer, request)
    await _decide(store, auditor, request)
    with pytest.raises(Refused, match="export_decided"):
        await _decide(store, other, request)
    with pytest.raises(Refused, match="export_not_yours"):
        await _use(store, auditor, request)
    cleared = await _use(store, leader, request)
    assert (cleared.by.name, cleared.second.name) == ("王", "陈")
    with pytest.raises(Refused, match="export_used"):
        await _use(store, leader, request)
    lines = await store.read(lambda unit: unit.audit.lines(f"export:{request.id}", 10))
    assert [(line.actor, line.act) for line in reversed(lines)] == [
        (leader.id, "ask_export"), (auditor.id, "agree_export"), (leader.id, "export")]  # fmt: skip


async def test_no_is_no_and_time_runs_out(store, people):
    leader, other, *_ = people
    request = await _asked(store, leader)
    await _decide(store, other, request, agreed=False)
    with pytest.raises(Refused, match="export_gone"):
        await _use(store, leader, request)
    late = await _asked(store, leader)
    with pytest.raises(Refused, match="export_gone"):
        await _decide(store, other, late, at=NOW + WAITS)
    agreed = await _asked(store, leader)
    await _decide(store, other, agreed)
    with pytest.raises(Refused, match="export_late"):
        await _use(store, leader, agreed, NOW + LIVES)
    kept = await store.read(lambda unit: unit.figures.export(agreed.id))
    assert stage(kept, NOW) is Stage.AGREED
    assert stage(kept, NOW + LIVES) is Stage.LATE
    with pytest.raises(Refused, match="export_gone"):
        await _decide(store, other, replace(request, id="unknown"))


async def test_both_must_still_be_allowed_when_it_is_taken(store, people):
    leader, other, *_ = people
    request = await _asked(store, leader)
    await _decide(store, other, request)
    await store.write(lambda unit: unit.staff.save(replace(other, active=False)))
    with pytest.raises(Refused, match="export_gone"):
        await _use(store, leader, request)
    await store.write(lambda unit: unit.staff.save(replace(other, active=True)))
    await store.write(lambda unit: unit.staff.save(replace(leader, active=False)))
    with pytest.raises(NotFound):
        await _use(store, leader, request)
