"""The store: durable answers a second, and whether ranking and queue stay flat as players grow."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time

import aiosqlite

from bench.measure import Goal, Row, against, interleave, rounds_of
from bot.domain.clock import RealClock
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_contest import Attempt
from bot.domain.reply import Lane, Reply
from bot.domain.signals import Signals
from storage.sqlite import SqliteStore, open_store

WAITING = 256
ANSWERS_EACH = 20
BARE_ANSWERS = 1_000
SIZES = (1_000, 10_000, 100_000)
MILLION = 1_000_000
BATCH = 500
QUESTIONS = 10
LOOKS = 200
CAMPAIGN = "bench"
DISTRICTS = ("一区", "二区", "三区", "四区", "五区", "六区")
ANSWERS = Goal(10, 25, "×", low=False)
FLAT = Goal(2, 1.2, "×")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)

_BARE_SCHEMA = """
create table answers (attempt integer, number integer, choice text, correct integer, at integer, ms integer,
                      primary key (attempt, number));
create table attempts (id integer primary key, answered integer not null, correct integer not null);
"""


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[SqliteStore]:
    """An empty store of its own."""
    key_file = folder / "key" / "master.key"
    async with open_store(f"sqlite:///{folder}/data/bench.db", key_file, RealClock(), Signals()) as store:
        yield store


async def rows(rounds: int, million: bool, folder: Path) -> list[Row]:
    """Answers a second first, then growth."""
    answers = await _answers(rounds, folder / "answers")
    sizes = (*SIZES, MILLION) if million else SIZES
    return [answers, *await _growth(rounds, sizes, folder / "growth")]


# ── durable answers ──


async def _answers(rounds: int, folder: Path) -> Row:
    async with opened(folder) as store, _bare(folder / "data" / "bare.db") as bare:
        taken = iter(range(10**9))

        async def ours() -> float:
            names = await _start_attempts(store, taken)
            began = perf_counter()
            await asyncio.gather(*(_keep_answers(store, name) for name in names))
            return WAITING * ANSWERS_EACH / (perf_counter() - began)

        async def yardstick() -> float:
            began = perf_counter()
            for _ in range(BARE_ANSWERS):
                await _keep_bare(bare, next(taken))
            return BARE_ANSWERS / (perf_counter() - began)

        here, there, ratio = await interleave(f"durable answers, {WAITING} waiting", rounds, ours, yardstick)
    return against(
        ANSWERS,
        f"durable answers a second, synchronous=FULL, {WAITING} waiting",
        f"{here:,.0f}/s",
        f"one aiosqlite transaction each {there:,.0f}/s",
        ratio,
    )


async def _start_attempts(store: SqliteStore, taken: Iterator[int]) -> list[str]:
    names = [f"answers-{next(taken)}" for _ in range(WAITING)]

    def start(unit: Unit) -> None:
        for name in names:
            unit.contest.start(_attempt(name, name, ANSWERS_EACH))

    await store.write(start)
    return names


async def _keep_answers(store: SqliteStore, attempt: str) -> None:
    for number in range(ANSWERS_EACH):
        kept = await store.write(_answer(attempt, number))
        if not kept:
            raise AssertionError("an answer was not kept")


def _answer(attempt: str, number: int) -> Callable[[Unit], bool]:
    return lambda unit: unit.contest.keep_answer(attempt, number, (number % 4,), number % 2 == 0, NOW, 4_200)


def _attempt(name: str, player: str, questions: int, number: int = 0) -> Attempt:
    district = DISTRICTS[number % len(DISTRICTS)]
    asked = tuple(f"q{number:03}" for number in range(questions))
    orders = tuple((2, 0, 3, 1) for _ in asked)
    return Attempt(name, CAMPAIGN, player, NOW.date(), asked, orders, 0, 0, NOW, NOW, None, district)


@asynccontextmanager
async def _bare(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    async with aiosqlite.connect(path, isolation_level=None) as bare:
        await bare.execute("pragma journal_mode=wal")
        await bare.execute("pragma synchronous=full")
        await bare.executescript(_BARE_SCHEMA)
        yield bare


async def _keep_bare(bare: aiosqlite.Connection, name: int) -> None:
    await bare.execute("begin immediate")
    await bare.execute("insert or ignore into answers values (?, 1, '[2]', 1, ?, 4200)", (name, name))
    await bare.execute(
        "insert into attempts values (?, 1, 1) on conflict (id) do update set "
        "answered = answered + 1, correct = correct + 1",
        (name,),
    )
    await bare.execute("commit")


# ── growth ──


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of processor time for one look at each thing, medians: sizes cannot take turns in a round,
    and processor time does not count what else the machine does."""

    standings: float
    own_place: float
    next_batch: float


async def _growth(rounds: int, sizes: tuple[int, ...], folder: Path) -> list[Row]:
    measured: dict[int, Times] = {}
    source = random.Random(3)
    async with opened(folder) as store:
        filled = 0
        for size in sizes:
            for first in rounds_of(f"growth: players {filled:,} to {size:,}", -(-(size - filled) // BATCH)):
                begin = filled + first * BATCH
                await store.write(_players(range(begin, min(begin + BATCH, size)), source.random()))
            filled = size
            measured[size] = await _look(store, size, rounds)
    return [
        _flat("standings of the districts", {size: times.standings for size, times in measured.items()}),
        _flat("own place", {size: times.own_place for size, times in measured.items()}),
        _flat(
            "next 100 of a broadcast, claimed", {size: times.next_batch for size, times in measured.items()}
        ),
    ]


def _flat(what: str, times: dict[int, float]) -> Row:
    smallest, largest = min(times), max(times)
    ours = ", ".join(f"{size:,}: {ms:.3f}" for size, ms in times.items())
    ratio = times[largest] / times[smallest]
    return against(FLAT, f"{what} (ms of CPU by players)", ours, f"itself at {smallest:,} players", ratio)


def _players(numbers: range, seed: float) -> Callable[[Unit], None]:
    """Players who finished one try each with a random score, and a broadcast waiting for each of them."""

    def work(unit: Unit) -> None:
        source = random.Random(seed)
        for number in numbers:
            address = Address("telegram", str(number))
            player = unit.contest.player(address)
            name = f"growth-{number}"
            unit.contest.start(_attempt(name, player, QUESTIONS, number))
            for question in range(source.randrange(QUESTIONS + 1)):
                unit.contest.keep_answer(name, question, (1,), True, NOW, 4_200)
            unit.contest.finish(name, NOW)
            person = unit.people.get_or_add(address, NOW)
            unit.outbox.add(person.id, [Reply("竞答开始了")], lane=Lane.BROADCAST, now=NOW)

    return work


async def _look(store: SqliteStore, size: int, rounds: int) -> Times:
    source = random.Random(4)
    standings: list[float] = []
    own: list[float] = []
    batch: list[float] = []
    for _ in rounds_of(f"growth: {size:,} players", rounds):
        numbers = [source.randrange(size) for _ in range(LOOKS)]
        standings.append(
            await store.read(lambda unit: _time(lambda: unit.contest.standings(CAMPAIGN), LOOKS))
        )
        own.append(await store.read(_own_places(numbers)))
        batch.append(await store.write(_claim_and_put_back))
    return Times(median(standings), median(own), median(batch))


def _own_places(numbers: list[int]) -> Callable[[Unit], float]:
    def work(unit: Unit) -> float:
        players = [unit.contest.player(Address("telegram", str(number))) for number in numbers]
        began = thread_time()
        for player in players:
            unit.contest.own_place(player, CAMPAIGN)
        return (thread_time() - began) * 1e3 / len(players)

    return work


def _claim_and_put_back(unit: Unit) -> float:
    later = NOW + timedelta(days=1)
    began = thread_time()
    claimed = unit.outbox.claim("telegram", later, 100)
    took = (thread_time() - began) * 1e3
    if len(claimed) != 100:
        raise AssertionError(f"claimed {len(claimed)} of 100")
    for out in claimed:
        unit.outbox.retry(out.seq, NOW, "bench")
    return took


def _time(act: Callable[[], object], times: int) -> float:
    began = thread_time()
    for _ in range(times):
        act()
    return (thread_time() - began) * 1e3 / times
