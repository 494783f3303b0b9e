"""SIGKILL under fifty conversations: nothing confirmed is lost, no receipt is a lie, doubles say so.

SAFEHOUSE_KILLS sets how often (8 by default; 50 or more for acceptance). Half of the kills come at named
places of the program, half at random moments.
"""

import asyncio
import json
import os
import random
import re
import signal
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from bot.domain.cases import EventKind
from bot.domain.clock import RealClock
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.ports_talk import Person, TalkLine
from bot.domain.signals import Signals
from storage.sqlite import SqliteStore, open_store
from tests.fake_telegram.server import FakeTelegram
from tests.fake_telegram.world import BOT_ID, Message, User

KILLS = int(os.environ.get("SAFEHOUSE_KILLS", "8"))
GROUP = -1001234567890
WRITERS, ASKERS, TAPPERS = 8, 32, 10
PLACES = ("inbox_committed", "before_commit", "after_commit", "before_send", "after_send", "offset_moved")
MARK = re.compile(r"\n（可能重复，编号 (\w+)）")
QUESTIONS = ("怀孕被辞退", "没发工资怎么办", "产假多少天", "试用期多久", "老板骂人", "加班没有加班费")
STEPS = ("提交", "补充", "说完了", "匿名", "同意", "跳过", "找工会帮我")  # on her way to a case and into it
PATIENCE_S = 30  # how long a writer waits before she tries again
LAYERS = ("依据", "我该怎么做", "要准备什么", "细说")


@dataclass(slots=True)
class Trial:
    """One run: the server, the house that is killed again and again, and what was said to whom."""

    server: FakeTelegram
    folder: Path
    dice: random.Random = field(default_factory=lambda: random.Random(20261122))
    over: bool = False
    numbers: Counter[int] = field(default_factory=Counter)  # how many marked lines each user wrote
    added: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))  # those for her case
    child: asyncio.subprocess.Process | None = None

    @property
    def database(self) -> Path:
        return self.folder / "data" / "house.db"

    async def start(self, kill_at: str = "") -> None:
        own = {
            "SAFEHOUSE__STORAGE__URL": f"sqlite:///{self.database}",
            "SAFEHOUSE__STORAGE__KEY_FILE": str(self.folder / "keys" / "master.key"),
            "SAFEHOUSE__CHANNELS__TELEGRAM__ENABLED": "true",
            "SAFEHOUSE__CHANNELS__TELEGRAM__MODE": "polling",
            "SAFEHOUSE__CHANNELS__TELEGRAM__BASE_URL": self.server.base_url,
            "SAFEHOUSE__CHANNELS__TELEGRAM__BASE_FILE_URL": self.server.base_file_url,
            "SAFEHOUSE__CHANNELS__TELEGRAM__STAFF_GROUP": str(GROUP),
            "SAFEHOUSE_TELEGRAM_TOKEN": self.server.token,
            "SAFEHOUSE_KILL_AT": kill_at,
        }
        polls = self.polls()
        self.child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.journeys.house_to_kill",
            cwd=Path(__file__).resolve().parents[2], env={**os.environ, **own},
        )  # fmt: skip
        await self.server.until(lambda: self.polls() > polls or self.ended(), 60)
        # A place passed on the way up may have been the one; anything else that ends it is a fault.
        assert not self.ended() or self.child.returncode == -signal.SIGKILL

    def polls(self) -> int:
        return sum(call.method == "getUpdates" for call in self.server.calls)

    def ended(self) -> bool:
        return self.child is not None and self.child.returncode is not None

    async def kill(self, after_s: float) -> None:
        """Wait until it has ended itself at its place, or end it hard."""
        assert self.child is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(after_s):
                await self.child.wait()
        if not self.ended():
            self.child.kill()
        assert await self.child.wait() == -signal.SIGKILL

    def check_database(self) -> None:
        """What a crash left is sound. Looks as the next start would: with the log of the last commits."""
        if not self.database.exists():
            return
        with sqlite3.connect(self.database, timeout=10) as connection:
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
            assert connection.execute("pragma foreign_key_check").fetchall() == []
        connection.close()

    # ── people ──

    async def answered(self, user: User, before: int, at_most_s: float) -> None:
        with suppress(TimeoutError):
            await self.server.until(lambda: self.over or user.chat.news != before, at_most_s)

    async def adding(self, writers: list[User]) -> None:
        """Wait until each of them has her case and wrote a line into it."""
        await self.server.until(lambda: all(len(self.added[user.id]) >= 2 for user in writers), 120)

    def next_line(self, user: User) -> str:
        self.numbers[user.id] += 1
        return marker(user.id, self.numbers[user.id])

    async def ask(self, user: User) -> None:
        while not self.over:
            before = user.chat.news
            user.sends(f"{self.dice.choice(QUESTIONS)} {self.next_line(user)}")
            await self.answered(user, before, 10)
            await asyncio.sleep(self.dice.uniform(0, 0.8))

    async def tap(self, user: User) -> None:
        while not self.over:
            before = user.chat.news
            message = newest(user)
            labels = [label for label in message.labels() if label in LAYERS] if message else []
            if message is not None and labels:
                user.taps_data(data_of(message, self.dice.choice(labels)), message.id)
            else:
                user.sends(self.dice.choice(QUESTIONS))
            await self.answered(user, before, 10)
            await asyncio.sleep(self.dice.uniform(0, 0.8))

    async def write_to_case(self, user: User) -> None:
        """Open a case, whatever happens in between, and then add line after line."""
        user.sends("/start")
        await self.answered(user, 0, PATIENCE_S)
        while not self.over:
            before, message = user.chat.news, newest(user)
            if message is None:
                continue
            label = next((label for label in STEPS if label in message.labels()), None)
            if "都会交给管" in message.text or message.text.startswith("已收到（"):
                self.added[user.id].append(self.next_line(user))
                user.sends(self.added[user.id][-1])
            elif label is not None:
                user.taps_data(data_of(message, label), message.id)
            else:
                user.sends(f"老板说我怀孕了让我走人 {self.next_line(user)}")
            await self.answered(user, before, PATIENCE_S)
            await asyncio.sleep(self.dice.uniform(0, 0.2))


def marker(user_id: int, number: int) -> str:
    return f"记{user_id}之{number}号"


def newest(user: User) -> Message | None:
    """The last message she got, a repetition of an earlier one left aside."""
    seen, last = set[str](), None
    for message in user.sees():
        text = MARK.sub("", message.text)
        if message.sender == 0 and not (text in seen and text != message.text):
            last = message
        seen.add(text)
    return last


def data_of(message: Message, label: str) -> str:
    return next(
        button["callback_data"] for row in message.keyboard for button in row if button["text"] == label
    )


@asynccontextmanager
async def a_look_inside(trial: Trial) -> AsyncIterator[SqliteStore]:
    """The store beside the running house."""
    url, key = f"sqlite:///{trial.database}", trial.folder / "keys" / "master.key"
    async with open_store(url, key, RealClock(), Signals(), exclusive=False) as store:
        yield store


async def drained(trial: Trial) -> None:
    """Wait until everything that came is handled and everything queued is sent."""

    def idle(unit: Unit) -> bool:
        outbox = unit.outbox.counts()
        return unit.inbox.counts()["pending"] == 0 and outbox["queued"] + outbox["sending"] == 0

    async with a_look_inside(trial) as store, asyncio.timeout(120):
        while trial.server.pending() or not await store.read(idle):
            assert not trial.ended()
            await asyncio.sleep(0.1)


@pytest.mark.timeout(180 + 15 * KILLS)
async def test_killed_again_and_again_it_loses_nothing_and_marks_what_it_says_twice(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        server.group(GROUP, forum=True)
        trial = Trial(server, tmp_path)
        users = [server.user(1000 + number) for number in range(WRITERS + ASKERS + TAPPERS)]
        early, late = users[: WRITERS // 2], users[WRITERS // 2 : WRITERS]
        lives = [trial.write_to_case] * WRITERS + [trial.ask] * ASKERS + [trial.tap] * TAPPERS
        people = list(zip(lives, users, strict=True))
        talks: list[asyncio.Task[None]] = []
        try:
            # Some have a case and add to it when the kills begin; the others open theirs under them.
            await trial.start()
            talks += [asyncio.create_task(life(user)) for life, user in people[: len(early)]]
            await trial.adding(early)
            talks += [asyncio.create_task(life(user)) for life, user in people[len(early) :]]
            await trial.kill(0)
            trial.check_database()
            for number in range(1, KILLS):
                if number % 2:
                    await trial.start()
                    await trial.kill(trial.dice.uniform(0.05, 3.0))
                else:
                    place = PLACES[number // 2 % len(PLACES)]
                    await trial.start(f"{place}:{trial.dice.randint(1, 40)}")
                    await trial.kill(15)
                trial.check_database()
            await trial.start()
            await trial.adding([*early, *late])
            trial.over = True
            await asyncio.gather(*talks)
            await drained(trial)
        finally:
            trial.over = True
            if not trial.ended():
                await trial.kill(0)
        trial.check_database()
        async with a_look_inside(trial) as store:
            await check_updates(trial, store)
            await check_replies(trial, store, users)
            await check_cases(trial, store, users[:WRITERS])
            check_group(trial)


async def check_updates(trial: Trial, store: SqliteStore) -> None:
    """Every update that Telegram was told to forget is in the store, and was handled."""
    confirmed = trial.server.confirmed
    assert len(confirmed) == len(set(confirmed)) > 100

    def missing(unit: Unit) -> list[int]:
        at, now = Address("telegram", "nobody"), RealClock().now()
        keys = {number: f"telegram:{BOT_ID}:{number}" for number in confirmed}
        return [number for number, key in keys.items() if unit.inbox.receive(key, at, b"{}", now) is not None]

    assert await store.write(missing) == []
    counts = await store.read(lambda unit: {**unit.inbox.counts(), **unit.outbox.counts()})
    assert (counts["pending"], counts["set_aside"], counts["dead"]) == (0, 0, 0)


def person_of(unit: Unit, user: User) -> Person:
    person = unit.people.find(Address("telegram", str(user.id)))
    assert person is not None
    return person


async def check_replies(trial: Trial, store: SqliteStore, users: list[User]) -> None:
    """Every reply arrived; none came twice without saying so; none came that was not hers."""
    doubles = 0
    for user in users:
        talk = partial(talk_of, user=user)
        due = Counter(line.reply.text.strip() for line in await store.read(talk) if line.reply is not None)
        calls = [call for call in trial.server.calls if call.code == 200]
        hers = [call for call in calls if call.fields.get("chat_id") == user.id]
        sent = [call.fields["text"] for call in hers if call.method == "sendMessage"]
        edited = {call.fields["text"] for call in hers if call.method == "editMessageText"}
        first = Counter(text for text in sent if not MARK.search(text))
        again = Counter(MARK.sub("", text) for text in sent if MARK.search(text))
        assert not first - due, f"{user.id} got a message twice without a mark, or one that is not hers"
        assert set(again) <= set(due)
        assert set(due) <= set(first) | set(again) | edited, f"{user.id} lacks a reply"
        doubles += sum(((first + again) - due).values())
    print(f"{len(trial.server.confirmed)} updates, {KILLS} kills, {doubles} replies twice, all marked")


def talk_of(unit: Unit, user: User) -> Sequence[TalkLine]:
    return unit.outbox.talk(person_of(unit, user).id, (0, 0, 0), 100_000)


async def check_cases(trial: Trial, store: SqliteStore, writers: list[User]) -> None:
    """One case a writer; every line she added is in it once; a receipt for each line and none more."""
    cards = await store.read(lambda unit: unit.cases.cards(CaseFilter()))
    assert len(cards) == WRITERS
    for user in writers:
        happened, words = await store.read(partial(case_of, user=user))
        kept = Counter(re.findall(r"记\d+之\d+号", "\n".join((happened, *words))))
        assert max(kept.values()) == 1, f"a line is kept twice: {kept}"
        assert set(trial.added[user.id]) <= set(kept), f"a line is lost: {kept} {user.sees()}"
        receipts = [text for text in user.sees().texts() if text.startswith("已收到（")]
        first = [text for text in receipts if not MARK.search(text)]
        assert len(first) <= len(words) <= len(receipts)
        assert sum("已收到。编号" in text and not MARK.search(text) for text in user.sees().texts()) <= 1


def case_of(unit: Unit, user: User) -> tuple[str, list[str]]:
    """What she told at first, and the lines she added to her one case."""
    person = person_of(unit, user)
    (case_id,) = unit.cases.ids_of(person.id)
    answers, events, _ = unit.cases.her_view(case_id, person.id)
    return answers.happened, [event.body for event in events if event.kind is EventKind.HER_WORDS]


def check_group(trial: Trial) -> None:
    """One topic a case, no message twice without its mark, and not a word of a story."""
    group = trial.server.world.chats[GROUP]
    titles = Counter(topic.name for topic in group.topics.values())
    assert len(titles) == len({title.split()[0] for title in titles})
    assert sum(titles.values()) - len(titles) <= KILLS  # a kill between making a topic and noting it
    cards = Counter(
        json.dumps([call.fields["text"], call.fields.get("message_thread_id")], ensure_ascii=False)
        for call in trial.server.calls
        if call.method == "sendMessage" and call.code == 200 and call.fields["chat_id"] == GROUP
        if not MARK.search(call.fields["text"])
    )
    assert max(cards.values()) == 1
    assert not any("记1" in text or "老板" in text for text in cards)
