"""What has outlived its time is forgotten, and nothing else."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, NameLevel
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.reply import Lane, Reply
from bot.domain.signals import Signals
from bot.services.demo_mark import mark_demo
from bot.services.erase_old_data import KeptFor, erase_old_data
from bot.workers.run_daily import RunDaily
from storage.sqlite import SqliteStore, open_store
from tests.fakes import SUNDAY_EVENING, FrozenClock

KEPT_FOR = KeptFor(timedelta(days=7), timedelta(days=30), timedelta(days=180))
HER = Address("webchat", "her-address")


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FrozenClock):
    async with open_store(f"sqlite:///{tmp_path}/var/db", tmp_path / "key", clock, Signals()) as opened:
        yield opened


def she_writes(unit: Unit, clock: FrozenClock, key: str = "webchat:1") -> str:
    received = unit.inbox.receive(key, HER, b"raw words", clock.now())
    assert received is not None
    unit.sessions.save(received.person_id, '{"draft": "half a story"}', clock.now())
    unit.outbox.add(received.person_id, [Reply("an answer")], lane=Lane.REPLY, now=clock.now())
    unit.inbox.done(received.seq, "shown words")
    for row in unit.outbox.claim("webchat", clock.now(), 10):
        unit.outbox.sent(row.seq, "", clock.now())
    return received.person_id


def case_card(case_id: str, status: CaseStatus, clock: FrozenClock) -> CaseCard:
    now = clock.now()
    closed = now if status is CaseStatus.CLOSED else None
    return CaseCard(
        case_id, f"A-{case_id}", CaseKind.WAGES, status, False, None, NameLevel.ANONYMOUS, None, "webchat",
        now, now, now, None, closed_at=closed,
    )  # fmt: skip


async def talk_lines(store: SqliteStore, person: str) -> int:
    return len(await store.read(lambda unit: unit.outbox.talk(person, (0, 0, 0), 100)))


async def test_a_draft_lives_its_seven_days_and_no_longer(store: SqliteStore, clock: FrozenClock) -> None:
    person = await store.write(lambda unit: she_writes(unit, clock))
    clock.passes(days=6, hours=23)
    await erase_old_data(store, KEPT_FOR, clock.now())
    assert await store.read(lambda unit: unit.sessions.get(person)) is not None
    clock.passes(hours=2)
    assert (await erase_old_data(store, KEPT_FOR, clock.now())).sessions == 1
    assert await store.read(lambda unit: unit.sessions.get(person)) is None
    assert await talk_lines(store, person) == 2


async def test_talk_and_person_are_forgotten_after_thirty_days(
    store: SqliteStore, clock: FrozenClock, tmp_path: Path
) -> None:
    person = await store.write(lambda unit: she_writes(unit, clock))
    clock.passes(days=29)
    await erase_old_data(store, KEPT_FOR, clock.now())
    assert await talk_lines(store, person) == 2
    clock.passes(days=2)
    assert (await erase_old_data(store, KEPT_FOR, clock.now())).people == 1
    assert await store.read(lambda unit: unit.people.get(person)) is None
    assert await store.read(lambda unit: unit.people.find(HER)) is None


async def test_somebody_who_wrote_again_keeps_her_talk(store: SqliteStore, clock: FrozenClock) -> None:
    person = await store.write(lambda unit: she_writes(unit, clock))
    clock.passes(days=25)
    await store.write(lambda unit: she_writes(unit, clock, "webchat:2"))
    clock.passes(days=10)
    assert (await erase_old_data(store, KEPT_FOR, clock.now())).people == 0
    assert await talk_lines(store, person) == 4


async def test_a_closed_case_is_forgotten_in_its_time_and_an_open_one_never(
    store: SqliteStore, clock: FrozenClock
) -> None:
    def open_two(unit: Unit) -> None:
        person = she_writes(unit, clock)
        for case_id, status in (("c1", CaseStatus.CLOSED), ("c2", CaseStatus.ACCEPTED)):
            answers = Answers(happened=f"story of {case_id}")
            unit.cases.add(case_card(case_id, status, clock), answers, person, f"code-{case_id}", None)

    await store.write(open_two)
    clock.passes(days=179)
    assert (await erase_old_data(store, KEPT_FOR, clock.now())).cases == 0
    clock.passes(days=2)
    assert (await erase_old_data(store, KEPT_FOR, clock.now())).cases == 1

    def stories(unit: Unit) -> list[str]:
        seqs = {one: unit.audit.append("test", "open_case", one, clock.now()) for one in ("c1", "c2")}
        return [unit.cases.reveal("c2", seqs["c2"]).answers.happened]

    assert await store.write(stories) == ["story of c2"]
    lines = await store.read(lambda unit: unit.audit.lines("c1"))
    assert "erase_old_case" in [line.act for line in lines]


async def test_in_a_demo_the_invented_cases_stay_and_what_came_later_goes(
    store: SqliteStore, clock: FrozenClock
) -> None:
    def add(unit: Unit, case_id: str) -> None:
        person = she_writes(unit, clock, f"webchat:{case_id}")
        answers = Answers(happened="story")
        unit.cases.add(case_card(case_id, CaseStatus.CLOSED, clock), answers, person, f"code-{case_id}", None)

    await store.write(lambda unit: add(unit, "made-up"))
    await store.write(lambda unit: mark_demo(unit, clock.now()))
    clock.passes(minutes=1)
    await store.write(lambda unit: add(unit, "typed"))
    clock.passes(days=181)
    assert (await erase_old_data(store, KEPT_FOR, clock.now())).cases == 1
    later = clock.now()
    assert await store.read(lambda unit: unit.retention.closed_cases(later, 9)) == ["made-up"]


async def test_a_clock_that_leaps_a_year_forgets_nothing(store: SqliteStore, clock: FrozenClock) -> None:
    daily = RunDaily(store, KEPT_FOR, clock)
    person = await store.write(lambda unit: she_writes(unit, clock))
    assert await daily.sweep()
    clock._now += timedelta(days=400)  # the wall clock alone
    assert not await daily.sweep()
    assert await store.read(lambda unit: unit.sessions.get(person)) is not None


async def test_the_same_time_really_passing_does(store: SqliteStore, clock: FrozenClock) -> None:
    daily = RunDaily(store, KEPT_FOR, clock)
    person = await store.write(lambda unit: she_writes(unit, clock))
    assert await daily.sweep()
    clock.passes(days=400)
    assert await daily.sweep()
    assert await store.read(lambda unit: unit.people.get(person)) is None
    assert clock.now() > SUNDAY_EVENING
