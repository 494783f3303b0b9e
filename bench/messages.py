"""One message over its whole path, without network, beside the library doing nothing but parse and reply."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update

from bench.measure import Goal, Row, against, interleave
from bench.product import Product, telegram_product
from bench.search import questions, sized
from bench.stub_telegram import TOKEN, StubRequest, stub_bot, tap_update, text_update
from bot.channels.telegram_api import TelegramApi, TelegramSettings

PEOPLE = 256
BATCH = 100  # updates Telegram hands out at once
PHRASINGS = 3_000
LONGEST_S = 60
QUESTION = Goal(4, 2.5, "×")
ANSWER = Goal(2, 1.3, "×")
LONGEST_TRY = 10  # questions


class StubApi(TelegramApi):
    """The channel's API over the stub: updates come from a queue of bodies, as Telegram would send them."""

    def __init__(self, request: StubRequest) -> None:
        super().__init__(TelegramSettings(TOKEN))
        self.bot = stub_bot(request)
        self.bodies: asyncio.Queue[bytes] = asyncio.Queue()

    async def get_updates(self, offset: int | None, allowed: Sequence[str]) -> list[Any]:
        return list(json.loads(await self.bodies.get())["result"])


@dataclass(slots=True)
class Driver:
    """Sends updates of many people at once and waits until everything they caused went out."""

    product: Product
    request: StubRequest
    api: StubApi
    number: int = field(default=1)
    cpu_s: float = field(default=0.0)  # processor time of the last send, all threads

    def texts(self, texts: Sequence[str]) -> list[bytes]:
        """One message each of as many people."""
        return [text_update(self._next(), 1_000 + at, text) for at, text in enumerate(texts)]

    def taps(self, actions: dict[int, str]) -> list[bytes]:
        """One tap each."""
        return [tap_update(self._next(), user, action) for user, action in actions.items()]

    async def send(self, updates: Sequence[bytes]) -> float:
        """Seconds until all is answered, delivered and marked so in the store."""
        delivered = self.request.announce_at(self.request.messages + len(updates))
        began, cpu_began = perf_counter(), process_time()
        for at in range(0, len(updates), BATCH):
            body = b'{"ok":true,"result":[' + b",".join(updates[at : at + BATCH]) + b"]}"
            self.api.bodies.put_nowait(body)
        async with asyncio.timeout(LONGEST_S):
            await delivered.wait()
            while not await self._idle():  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        self.cpu_s = process_time() - cpu_began
        return perf_counter() - began

    async def _idle(self) -> bool:
        inbox, outbox = await self.product.store.read(
            lambda unit: (unit.inbox.counts(), unit.outbox.counts())
        )
        return not (inbox["pending"] or outbox["queued"] or outbox["sending"])

    def _next(self) -> int:
        self.number += 1
        return self.number


@asynccontextmanager
async def driven(folder: Path, phrasings: int) -> AsyncIterator[Driver]:
    """The product over the stub, receiving."""
    request = StubRequest()
    api = StubApi(request)
    opened = telegram_product(
        folder, TelegramSettings(TOKEN), api, lambda knowledge: sized(knowledge, phrasings)
    )
    async with opened as product:
        receiving = asyncio.create_task(product.channel.run())
        try:
            yield Driver(product, request, api)
        finally:
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)


async def rows(rounds: int, folder: Path) -> list[Row]:
    """A question and an answer of the contest."""
    async with driven(folder / "messages", PHRASINGS) as driver:
        return [await _question(driver, rounds), await _answer(driver, min(rounds, LONGEST_TRY - 1))]


async def _question(driver: Driver, rounds: int) -> Row:
    asked = questions()[:PEOPLE]
    await driver.send(driver.texts(asked))  # everybody is known from now on
    turn = iter(range(1, 1_000))
    cpu: list[float] = []

    async def ours() -> float:
        first = next(turn)
        texts = asked[first:] + asked[:first]
        seconds = await driver.send(driver.texts(texts))
        cpu.append(driver.cpu_s / len(texts))
        return seconds / len(texts)

    async def echo() -> float:
        request = StubRequest()
        bot, updates = stub_bot(request), driver.texts(asked)
        began = perf_counter()
        for raw in updates:
            await _echo(bot, raw)
        return (perf_counter() - began) / len(updates)

    here, there, ratio = await interleave(f"a question, {PHRASINGS:,} phrasings", rounds, ours, echo)
    return against(
        QUESTION,
        f"one question, whole path with sealed inbox and outbox, {PHRASINGS:,} phrasings",
        f"{here * 1e6:.0f} µs ({median(cpu) * 1e6:.0f} of CPU)",
        f"bare echo {there * 1e6:.0f} µs",
        ratio,
    )


async def _echo(bot: Bot, raw: bytes) -> None:
    update = Update.de_json(json.loads(raw), bot)
    assert update is not None and update.message is not None
    await update.message.reply_text(update.message.text or "")


async def _answer(driver: Driver, rounds: int) -> Row:
    people = range(1_000, 1_000 + PEOPLE)
    await driver.send(driver.taps(dict.fromkeys(people, "k:go")))
    cpu: list[float] = []

    async def ours() -> float:
        answers = {user: _right_away(driver.request.actions(user)) for user in people}
        seconds = await driver.send(driver.taps(answers))
        cpu.append(driver.cpu_s / PEOPLE)
        following = {user: _following(driver.request.actions(user)) for user in people}
        await driver.send(driver.taps(following))
        return seconds / PEOPLE

    async def echo() -> float:
        request = StubRequest()
        bot, updates = stub_bot(request), driver.taps(dict.fromkeys(people, "k:a:0123456789abcdef:3:1:7"))
        began = perf_counter()
        for raw in updates:
            await _quiz_echo(bot, raw)
        return (perf_counter() - began) / len(updates)

    here, there, ratio = await interleave("an answer of the contest", rounds, ours, echo)
    return against(
        ANSWER,
        "one quiz answer, likewise",
        f"{here * 1e6:.0f} µs ({median(cpu) * 1e6:.0f} of CPU)",
        f"bare answer and edit with keyboard {there * 1e6:.0f} µs",
        ratio,
    )


async def _quiz_echo(bot: Bot, raw: bytes) -> None:
    update = Update.de_json(json.loads(raw), bot)
    assert update is not None and update.callback_query is not None
    await update.callback_query.answer()
    rows = [[InlineKeyboardButton(label, callback_data=label)] for label in ("下一题", "这事发生在我身上")]
    await update.callback_query.edit_message_text("答对了。", reply_markup=InlineKeyboardMarkup(rows))


def _right_away(actions: Sequence[str]) -> str:
    """An answer to the question on the card; of a multiple choice, its first option alone."""
    answer = next(action for action in actions if action.startswith(("k:a:", "k:x:")))
    return answer.replace("k:x:", "k:a:", 1)


def _following(actions: Sequence[str]) -> str:
    return next(action for action in actions if action.startswith("k:next:"))
