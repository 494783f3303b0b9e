"""The weekly tip: on its day, at decent hours, one a week, each once before any comes again."""

import asyncio
import itertools
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.actions import read_tap
from bot.conversation.turn import Organisation
from bot.domain.errors import StoreBusy, StoreFull
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_talk import Outgoing
from bot.domain.reply import Lane
from bot.domain.signals import Signals
from bot.domain.weekly_tips import may_send, next_place, tip_week
from bot.services.weekly_tips import TipsToSend, subscribe
from bot.workers.send_tips import SendTips
from knowledge.loader import DEFAULT_FOLDER, Knowledge, load_knowledge
from knowledge.wording import Wording, load_wording
from storage.sqlite import SqliteStore, open_store
from tests.fakes import FrozenClock
from tests.taught import TIPS, taught

ROOT = Path(__file__).parents[2]
SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # 11:00 in Yinchuan
WEEK = timedelta(days=7)
HOUSE = Organisation("银川市总工会", "安全屋", "12351")


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return taught(load_knowledge())


@pytest.fixture(scope="session")
def wording() -> Wording:
    return load_wording(DEFAULT_FOLDER)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(SUNDAY)


Opens = Callable[[], AbstractAsyncContextManager[SqliteStore]]


@pytest.fixture
def opens(tmp_path: Path, clock: FrozenClock) -> Opens:
    return lambda: open_store(f"sqlite:///{tmp_path}/var/db", tmp_path / "key", clock, Signals())


@pytest.fixture
async def store(opens: Opens) -> AsyncIterator[SqliteStore]:
    async with opens() as opened:
        yield opened


@pytest.fixture
def content(knowledge: Knowledge, wording: Wording) -> TipsToSend:
    return TipsToSend(knowledge, wording, HOUSE)


@pytest.fixture
def worker(store: SqliteStore, content: TipsToSend, clock: FrozenClock) -> SendTips:
    return SendTips(store, content, clock)


async def people(store: SqliteStore, clock: FrozenClock, count: int, channel: str = "telegram") -> list[str]:
    """So many who want the weekly tip."""

    def add(unit: Unit) -> list[str]:
        found = []
        for number in range(count):
            person = unit.people.get_or_add(Address(channel, f"{1000 + number}"), clock.now())
            subscribe(unit, person.id, clock.now(), lasting=channel == "telegram")
            found.append(person.id)
        return found

    return await store.write(add)


async def arrived(store: SqliteStore, clock: FrozenClock, channel: str = "telegram") -> list[Outgoing]:
    """What the channel delivers now."""

    def deliver(unit: Unit) -> list[Outgoing]:
        taken: list[Outgoing] = []
        while rows := unit.outbox.claim(channel, clock.now(), 500):
            for row in rows:
                unit.outbox.sent(row.seq, f"m{row.seq}", clock.now())
            taken += rows
        return taken

    return await store.write(deliver)


def is_at(clock: FrozenClock, moment: datetime) -> None:
    clock.passes(seconds=(moment - clock.now()).total_seconds())


# ── when, and which ──────────────────────────────────────────────────────────────────────────────────


def test_tips_go_out_on_tuesday_from_ten_to_eight_in_yinchuan() -> None:
    monday = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)  # midnight in Yinchuan
    hours = [monday + timedelta(hours=hour) for hour in range(7 * 24)]
    assert [hour - monday for hour in hours if may_send(hour)] == [
        timedelta(days=1, hours=hour) for hour in range(10, 20)
    ]
    assert not may_send(TUESDAY.replace(hour=12)) and may_send(TUESDAY.replace(hour=11, minute=59, second=59))


def test_a_week_goes_from_tuesday_to_tuesday_in_yinchuan() -> None:
    midnight = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert tip_week(midnight - timedelta(seconds=1)) == date(2026, 11, 17)
    assert tip_week(midnight) == tip_week(midnight + WEEK - timedelta(seconds=1)) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("last", "place", "following"),
    [(None, 0, 0), ("a", 0, 1), ("b", 0, 2), ("c", 2, 0), ("gone", 1, 1), ("gone", 9, 0), ("a", 2, 1)],
)
def test_the_next_tip_follows_the_last_one_wherever_that_stands_now(
    last: str | None, place: int, following: int
) -> None:
    assert next_place(("a", "b", "c"), last, place) == following


# ── what she gets ────────────────────────────────────────────────────────────────────────────────────


async def test_nothing_goes_out_before_its_hour_and_one_goes_out_in_it(
    store: SqliteStore, clock: FrozenClock, worker: SendTips
) -> None:
    [person] = await people(store, clock, 1)
    for too_early in (SUNDAY, TUESDAY - timedelta(days=1), TUESDAY.replace(hour=1, minute=59)):
        is_at(clock, too_early)
        assert await worker.send_due() == 0
    is_at(clock, TUESDAY)
    assert await worker.send_due() == 1
    assert [out.person_id for out in await arrived(store, clock)] == [person]
    is_at(clock, TUESDAY.replace(hour=12, minute=0))
    await people(store, clock, 2)
    assert await worker.send_due() == 0


async def test_the_message_is_neutral_silent_and_carries_its_own_stop(
    store: SqliteStore, clock: FrozenClock, worker: SendTips
) -> None:
    await people(store, clock, 1)
    is_at(clock, TUESDAY)
    await worker.send_due()
    [out] = await arrived(store, clock)
    assert out.lane is Lane.BROADCAST and out.reply.quiet and out.case_id is None
    assert out.reply.text.startswith("【小工说法】工资拖着不发")
    assert "打 12351" in out.reply.text and "依据：《劳动法》第五十条" in out.reply.text
    labels = [button.label for button in out.reply.buttons()]
    assert labels == ["拖欠工资怎么要", "不再收", "学一学"]
    assert all(read_tap(button.action) for button in out.reply.buttons())


async def test_at_most_one_a_week_however_often_the_worker_looks(
    store: SqliteStore, clock: FrozenClock, worker: SendTips
) -> None:
    await people(store, clock, 3)
    is_at(clock, TUESDAY)
    assert [await worker.send_due() for _ in range(4)] == [3, 0, 0, 0]
    clock.passes(hours=8)
    assert await worker.send_due() == 0
    is_at(clock, TUESDAY + WEEK)
    assert [await worker.send_due() for _ in range(2)] == [0, 0], "the last ones still wait to be sent"
    assert len(await arrived(store, clock)) == 3
    assert await worker.send_due() == 3


async def test_who_begins_on_a_tuesday_gets_her_first_one_the_week_after(
    store: SqliteStore, clock: FrozenClock, worker: SendTips
) -> None:
    is_at(clock, TUESDAY)
    [person] = await people(store, clock, 1)
    assert await worker.send_due() == 0
    await store.write(lambda unit: unit.subscriptions.stop(person))
    await people(store, clock, 1)
    assert await worker.send_due() == 0
    is_at(clock, TUESDAY + WEEK)
    assert await worker.send_due() == 1


async def test_no_tip_comes_twice_before_all_have_come(
    store: SqliteStore, clock: FrozenClock, worker: SendTips
) -> None:
    await people(store, clock, 1)
    seen = []
    for week in range(7):
        is_at(clock, TUESDAY + week * WEEK)
        await worker.send_due()
        [out] = await arrived(store, clock)
        seen.append(next(tip.id for tip in TIPS if tip.text[:6] in out.reply.text))
    names = [tip.id for tip in TIPS]
    assert seen == [*names, *names, names[0]]


async def test_stopping_and_beginning_again_repeats_nothing(
    store: SqliteStore, clock: FrozenClock, worker: SendTips
) -> None:
    [person] = await people(store, clock, 1)
    seen = []
    for week in range(3):
        is_at(clock, TUESDAY + week * WEEK)
        await worker.send_due()
        seen += [out.reply.text for out in await arrived(store, clock)]
        await store.write(lambda unit: unit.subscriptions.stop(person))
        clock.passes(days=2)
        await people(store, clock, 1)
    assert len(set(seen)) == 3


async def test_tips_written_in_between_and_taken_out_repeat_nothing(
    store: SqliteStore, clock: FrozenClock, content: TipsToSend
) -> None:
    first, second, third = TIPS
    new = first.model_copy(update={"id": "tip-new", "text": "新写的一条。"})
    lists = ((first, second, third), (new, first, second, third), (new, first, third), (new, first, third))
    await people(store, clock, 1)
    seen = []
    for week, tips in enumerate(lists):
        changed = replace(content, knowledge=replace(content.knowledge, tips=tips))
        is_at(clock, TUESDAY + week * WEEK)
        await SendTips(store, changed, clock).send_due()
        [out] = await arrived(store, clock)
        seen.append(next(tip.id for tip in tips if tip.text[:6] in out.reply.text))
    assert seen == ["tip-001", "tip-002", "tip-003", "tip-new"]


async def test_without_tips_nothing_happens_and_no_week_is_lost(
    store: SqliteStore, clock: FrozenClock, content: TipsToSend
) -> None:
    await people(store, clock, 1)
    is_at(clock, TUESDAY)
    bare = replace(content, knowledge=replace(content.knowledge, tips=()))
    assert await SendTips(store, bare, clock).send_due() == 0
    assert await SendTips(store, content, clock).send_due() == 1


async def test_who_stopped_is_quiet_blocked_or_gone_gets_nothing(
    store: SqliteStore, clock: FrozenClock, worker: SendTips
) -> None:
    stopped, quiet, blocked, cleared, erased, still = await people(store, clock, 6)

    def leave(unit: Unit) -> None:
        unit.subscriptions.stop(stopped)
        unit.people.set_quiet(quiet, True)
        unit.people.set_blocked(blocked, True)
        unit.people.forget_talk(cleared)
        unit.people.erase(erased)

    await store.write(leave)
    is_at(clock, TUESDAY)
    assert await worker.send_due() == 1
    assert [out.person_id for out in await arrived(store, clock)] == [still]
    assert (await store.read(lambda unit: unit.outbox.counts()))["dead"] == 0


async def test_a_web_chat_subscriber_finds_it_in_her_talk(
    store: SqliteStore, clock: FrozenClock, worker: SendTips
) -> None:
    [person] = await people(store, clock, 1, "webchat")
    is_at(clock, TUESDAY)
    await worker.send_due()
    [line] = await store.read(lambda unit: unit.outbox.talk(person, (0, 0, 0), 10))
    assert line.reply is not None and line.reply.text.startswith("【小工说法】")


# ── many, and in trouble ─────────────────────────────────────────────────────────────────────────────


@dataclass
class Troubled:
    """The store behind a world that fails or moves on: `before` runs ahead of each write."""

    store: SqliteStore
    before: Callable[[], None]
    writes: int = 0

    async def write(self, work: Callable[[Unit], Any]) -> Any:
        self.before()
        self.writes += 1
        return await self.store.write(work)


async def test_many_are_sent_in_batches_each_one_once(
    store: SqliteStore, clock: FrozenClock, content: TipsToSend
) -> None:
    everybody = await people(store, clock, 450)
    is_at(clock, TUESDAY)
    troubled = Troubled(store, lambda: None)
    assert await SendTips(troubled, content, clock).send_due() == 450  # type: ignore[arg-type]
    assert troubled.writes == 4, "200, 200, 50, and one that found nobody"
    assert sorted(out.person_id or "" for out in await arrived(store, clock)) == sorted(everybody)


@pytest.mark.parametrize("trouble", [StoreFull("full"), StoreBusy("busy")])
async def test_a_store_that_takes_nothing_is_waited_for(
    store: SqliteStore, clock: FrozenClock, content: TipsToSend, trouble: Exception
) -> None:
    everybody = await people(store, clock, 25)
    is_at(clock, TUESDAY)
    writes = itertools.count(1)

    def fails_at_third() -> None:
        if next(writes) == 3:
            raise trouble

    worker = SendTips(Troubled(store, fails_at_third), content, clock, at_once=10)  # type: ignore[arg-type]
    assert await worker.send_due() == 20
    assert await worker.send_due() == 5
    assert sorted(out.person_id or "" for out in await arrived(store, clock)) == sorted(everybody)


async def test_it_stops_when_the_hours_are_over_and_goes_on_next_week(
    store: SqliteStore, clock: FrozenClock, content: TipsToSend
) -> None:
    await people(store, clock, 30)
    is_at(clock, TUESDAY.replace(hour=11, minute=30))
    slow = Troubled(store, lambda: clock.passes(minutes=20))
    assert await SendTips(slow, content, clock, at_once=10).send_due() == 20  # type: ignore[arg-type]
    await arrived(store, clock)
    is_at(clock, TUESDAY + WEEK)
    assert await SendTips(store, content, clock).send_due() == 30
    got = Counter(out.reply.text[:12] for out in await arrived(store, clock))
    assert sorted(got.values()) == [10, 20], "who had none last week is one tip behind, not a tip short"


async def test_one_damaged_key_keeps_nobody_else_waiting(
    opens: Opens, clock: FrozenClock, content: TipsToSend
) -> None:
    async with opens() as store:
        damaged, whole = await people(store, clock, 2)
        await store.write(
            lambda unit: unit.context.db.run(  # type: ignore[attr-defined]
                "update keys set wrapped = zeroblob(60) where kind = 'person' and id = :id", id=damaged
            )
        )
    is_at(clock, TUESDAY)
    async with opens() as store:
        worker = SendTips(store, content, clock)
        async with asyncio.timeout(10):
            await worker.send_due()
        assert [out.person_id for out in await arrived(store, clock)] == [whole]
        is_at(clock, TUESDAY + WEEK)
        assert await worker.send_due() == 1, "who cannot be written to is not tried again"


@pytest.mark.parametrize(
    ("kill_at", "left"),
    [("before_commit:1", 25), ("after_commit:1", 15), ("before_commit:2", 15), ("after_commit:2", 5)],
)
async def test_killed_in_the_middle_it_goes_on_and_sends_nothing_twice(
    tmp_path: Path, opens: Opens, clock: FrozenClock, content: TipsToSend, kill_at: str, left: int
) -> None:
    async with opens() as store:
        everybody = await people(store, clock, 25)
    killed = await _run_worker(tmp_path, SAFEHOUSE_KILL_AT=kill_at)
    assert killed == -signal.SIGKILL
    is_at(clock, TUESDAY)
    async with opens() as store:
        assert await SendTips(store, content, clock).send_due() == left
        assert sorted(out.person_id or "" for out in await arrived(store, clock)) == sorted(everybody)


async def _run_worker(folder: Path, **environment: str) -> int:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.workers.tips_to_kill", str(folder), "10",
        cwd=ROOT, env=os.environ | environment,
    )  # fmt: skip
    async with asyncio.timeout(60):
        return await child.wait()
