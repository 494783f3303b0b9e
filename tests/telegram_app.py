"""The whole product on the fake Bot API, polling or webhook, and the people who write to it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import pyotp

from bot.app import Content, House, load_content, open_house
from bot.config import load_settings
from bot.domain.clock import Clock, RealClock
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.staff import SYSTEM, Role, StaffMember
from bot.services import accounts
from bot.serving import listen, run_house
from bot.workers.deliver_outbox import DeliverOutbox
from bot.workers.pacing import Pacing
from storage.sqlite import SqliteStore
from tests.fake_telegram.server import Call, FakeTelegram
from tests.fake_telegram.world import User

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / "var" / "cache"  # where config.yaml, as it is shipped, lets the index keep what it learned
GROUP = -1001234567890
FAST = Pacing(per_s=5000, burst=500, chat_per_s=5000, chat_burst=500, group_per_s=5000, group_burst=500)
SENDS = ("sendMessage", "editMessageText")
T = TypeVar("T")


def environment(folder: Path, server: FakeTelegram, mode: str, port: int) -> dict[str, str]:
    """What an operator would set for this house; everything else is config.yaml as it is shipped."""
    telegram = "SAFEHOUSE__CHANNELS__TELEGRAM__"
    return {
        "SAFEHOUSE__STORAGE__URL": f"sqlite:///{folder / 'data' / 'safehouse.db'}",
        "SAFEHOUSE__STORAGE__KEY_FILE": str(folder / "keys" / "master.key"),
        "SAFEHOUSE__WEB__PORT": str(port),
        "SAFEHOUSE__WEB__PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SAFEHOUSE__LIMITS__MESSAGES_PER_MINUTE": "1000",
        f"{telegram}ENABLED": "true",
        f"{telegram}MODE": mode,
        f"{telegram}BASE_URL": server.base_url,
        f"{telegram}BASE_FILE_URL": server.base_file_url,
        f"{telegram}STAFF_GROUP": str(GROUP),
        "SAFEHOUSE_TELEGRAM_TOKEN": server.token,
        "SAFEHOUSE_TELEGRAM_WEBHOOK_SECRET": "w" * 40,
    }


@lru_cache
def real_content() -> Content:
    """The content that is shipped, read once for all tests of this process."""
    here = {"SAFEHOUSE__STORAGE__URL": f"sqlite:///{CACHE.parent / 'safehouse.db'}"}
    return load_content(load_settings(ROOT / "config.yaml", here))


@dataclass(slots=True)
class TelegramApp:
    """The running product, the Telegram it talks to, and its store (its own, or opened beside it)."""

    server: FakeTelegram
    store: SqliteStore
    alive: Callable[[], None]  # raises where the product has ended
    own: House | None = None

    @property
    def house(self) -> House:
        """What runs in this very process."""
        assert self.own is not None
        return self.own

    async def read(self, look: Callable[[Unit], T]) -> T:
        return await self.store.read(look)

    async def write(self, work: Callable[[Unit], T]) -> T:
        return await self.store.write(work)

    async def settled(self, timeout_s: float = 20.0) -> None:
        """Everything that came is confirmed and handled, and everything queued is sent."""

        def idle(unit: Unit) -> bool:
            outbox = unit.outbox.counts()
            return unit.inbox.counts()["pending"] == 0 and outbox["queued"] + outbox["sending"] == 0

        async with asyncio.timeout(timeout_s):
            while self.server.pending() or not await self.read(idle):
                self.alive()
                await asyncio.sleep(0.005)

    def worker(self, user_id: int) -> Person:
        return Person(self, self.server.user(user_id))

    async def hires(self, name: str, telegram_id: int, *roles: Role) -> Officer:
        """An account that was set up at the desk and bound by /link CODE in a private chat."""
        now = RealClock().now()
        _, token = await self.write(lambda unit: accounts.invite(unit, SYSTEM, name, frozenset(roles), now))
        offer = await self.write(lambda unit: accounts.open_setup(unit, token, now))
        code = pyotp.TOTP(offer.totp_secret).at(now)
        member = await self.write(lambda unit: accounts.finish_setup(unit, token, "", "x", code, now))
        link, _ = await self.write(lambda unit: accounts.telegram_code(unit, member, now))
        private = self.worker(telegram_id)
        await private.says(f"/link {link}")
        assert "已绑定" in private.last, private.chat()
        return Officer(self, self.server.member(GROUP, telegram_id), member=member)

    async def case_ids(self) -> list[str]:
        return [card.id for card in await self.read(lambda unit: unit.cases.cards(CaseFilter()))]


@dataclass(slots=True)
class Person:
    """Somebody on Telegram: writes, taps, and remembers what she saw in the order she saw it."""

    app: TelegramApp
    user: User
    saw: list[str] = field(default_factory=list)
    _calls: int = 0

    @property
    def last(self) -> str:
        """What the bot last said or changed in this chat."""
        return self.sent()[-1]

    def sent(self) -> list[str]:
        """Texts of all messages and changes in this chat so far."""
        return [call.fields["text"] for call in self.app.server.calls if _came(call, self.user.chat_id)]

    async def says(self, text: str, **extra: Any) -> str:
        self.saw.append(f"她: {text}")
        self.user.sends(text, **extra)
        return await self._reads()

    async def sends_file(self, kind: str, data: bytes, **more: Any) -> str:
        self.saw.append(f"她: ({kind} {more.get('name', '')} {len(data)} B)")
        self.user.sends_file(kind, data, **more)
        return await self._reads()

    async def taps(self, label: str) -> str:
        """Tap the newest button that begins with the label."""
        labels = [one for message in self.user.chat.messages.values() for one in message.labels()]
        whole = next((one for one in reversed(labels) if one.startswith(label)), None)
        assert whole is not None, f"no button {label!r}\n{self.chat()}"
        self.saw.append(f"她: <{whole}>")
        self.user.taps(whole)
        return await self._reads()

    async def _reads(self) -> str:
        await self.app.settled()
        return self.looks()

    def looks(self) -> str:
        """What is new in the chat since she looked last."""
        new: list[str] = []
        for call in self.app.server.calls[self._calls :]:
            if not _came(call, self.user.chat_id):
                continue
            keyboard = call.fields.get("reply_markup", {}).get("inline_keyboard", [])
            rows = "".join(f"\n    [{' | '.join(one['text'] for one in row)}]" for row in keyboard)
            sign = "屋" if call.method == "sendMessage" else "屋(改)"
            new.append(f"{sign}: {call.fields['text']}{rows}")
        self._calls = len(self.app.server.calls)
        self.saw += new
        return "\n".join(new)

    def chat(self) -> str:
        return "\n".join(self.saw)


def _came(call: Call, chat_id: int) -> bool:
    """Whether this call put words into the chat; 0 is a call that acted and whose answer was cut off."""
    return call.method in SENDS and call.code in (200, 0) and call.fields["chat_id"] == chat_id


@dataclass(slots=True)
class Officer(Person):
    """Staff in the group; `member` is the account."""

    member: StaffMember | None = None

    @property
    def actor(self) -> StaffMember:
        assert self.member is not None
        return self.member

    async def writes_in_topic(self, text: str) -> str:
        """Write into the newest topic."""
        thread = max(topic.id for topic in self.user.chat.topics.values() if not topic.deleted)
        return await self.says(text, thread=thread)


@asynccontextmanager
async def telegram_app(
    folder: Path,
    mode: str,
    *,
    pacing: Pacing = FAST,
    server: FakeTelegram | None = None,
    clock: Clock | None = None,
    content: Content | None = None,
) -> AsyncIterator[TelegramApp]:
    """open_house and run_house as `serve` does; only the pace is a test's, and what it asks for."""
    if server is None:
        async with FakeTelegram() as own:
            own.group(GROUP, forum=True)
            async with telegram_app(
                folder, mode, pacing=pacing, server=own, clock=clock, content=content
            ) as app:
                yield app
        return
    listener = listen("127.0.0.1", 0)
    given = environment(folder, server, mode, listener.getsockname()[1])
    settings = load_settings(ROOT / "config.yaml", given)
    stop = asyncio.Event()
    try:
        async with open_house(settings, clock=clock, content=content or real_content()) as house:
            _set_pace(house, pacing)
            running = asyncio.create_task(run_house(house, listener, stop))
            app = TelegramApp(server, house.store, lambda: running.done() and running.result(), house)
            try:
                await reached(app, mode)
                yield app
            finally:
                stop.set()
                await running
    finally:
        listener.close()


def _set_pace(house: House, pacing: Pacing) -> None:
    assert house.telegram is not None
    house.workers.pop().close()  # Telegram's delivery at the pace Telegram allows
    house.workers.append(DeliverOutbox(house.store, house.telegram, house.clock, house.signals, pacing).run())


async def reached(app: TelegramApp, mode: str, calls: int = 0) -> None:
    """Updates come in: a poll after so many calls, or the webhook is set."""
    wanted = "setWebhook" if mode == "webhook" else "getUpdates"

    def there() -> bool:
        app.alive()
        return any(call.method == wanted for call in app.server.calls[calls:])

    await app.server.until(there, 30)


async def plays_a_contest(her: Person, dice: random.Random, district: str = "不选，直接答") -> str:
    """A whole try by buttons, guessing; returns the card with the result."""
    await her.taps("开始答题")
    await her.taps(district)
    for number in range(1, 11):
        question = next(
            message
            for message in reversed(her.user.chat.messages.values())
            if f"第 {number}/10 题" in message.text
        )
        await her.taps(dice.choice([label for label in question.labels() if len(label) == 1]))
        if "多选" in question.text:
            await her.taps("确定")
        await her.taps("下一题" if number < 10 else "看成绩")
    return her.last
