"""A bad minute: sixty cases and sixty additions at once; the group gets what Telegram lets through."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest_asyncio

from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, NameLevel
from bot.domain.clock import RealClock
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.services.bell import Bell, ring, tell_news
from bot.workers.deliver_outbox import DeliverOutbox
from tests.fakes import FrozenClock
from tests.telegram_house import House, open_house

GROUP = -1001234567890
MOST = 20  # calls a minute that Telegram takes for one group
COUNTED = ("sendMessage", "editMessageText", "createForumTopic")
CASES = 60


@dataclass(slots=True)
class Flood:
    """The outbox's worker turned by hand: time passes only where it would wait."""

    house: House
    clock: FrozenClock
    bell: Bell
    deliver: DeliverOutbox
    begun: float
    at: list[float] = field(default_factory=list)  # seconds since the beginning, one a call
    told_at: dict[str, float] = field(default_factory=dict)  # what stands in the group, and since when

    @property
    def now(self) -> float:
        return self.clock.now().timestamp() - self.begun

    def calls(self) -> list[str]:
        return [call.method for call in self.house.server.calls if call.method in COUNTED]

    async def goes_on(self, until: float | None = None) -> None:
        """Deliver until this second, or until nothing is left."""
        wake = asyncio.Event()
        while until is None or self.now < until:
            wait_s = await self.deliver._turn(wake)
            if self.deliver._sends:
                await asyncio.wait(self.deliver._sends)
                self.at += [self.now] * (len(self.calls()) - len(self.at))
                for text in told(self.house):
                    self.told_at.setdefault(text, self.now)
                continue
            counts = await self.house.store.read(lambda unit: unit.outbox.counts())
            if until is None and not counts["queued"]:
                return
            self.clock.passes(seconds=min(max(wait_s, 0.01), 10_000 if until is None else until - self.now))

    def busiest_minute(self) -> int:
        return max(sum(start <= at < start + 60 for at in self.at) for start in self.at)


@pytest_asyncio.fixture
async def flood(tmp_path: Path) -> AsyncIterator[Flood]:
    async with open_house(tmp_path, staff_group=GROUP) as house:
        house.server.group(GROUP, forum=True)
        clock = FrozenClock(RealClock().now())
        deliver = DeliverOutbox(house.store, house.channel, clock, house.signals)
        bell = Bell(house.wording, "telegram", "https://desk.example.org")
        yield Flood(house, clock, bell, deliver, clock.now().timestamp())


def case(flood: Flood, number: int) -> CaseCard:
    now = flood.clock.now()
    return CaseCard(
        f"case{number}", f"A26-{number:04d}", CaseKind.WAGES, CaseStatus.NEW, number % 20 == 0, "兴庆区",
        NameLevel.ANONYMOUS, None, "telegram", now, now, now + timedelta(hours=4), None,
    )  # fmt: skip


async def opens(flood: Flood, card: CaseCard) -> None:
    def work(unit: Unit) -> None:
        person = unit.people.get_or_add(Address("webchat", f"her-{card.id}"), card.opened_at)
        unit.cases.add(card, Answers(happened="她的话"), person.id, f"{card.id:0>25}", None)
        ring(unit, card, flood.clock.now(), flood.bell)

    await flood.house.store.write(work)


async def adds(flood: Flood, card: CaseCard) -> None:
    now = flood.clock.now()
    await flood.house.store.write(lambda unit: tell_news(unit, card, now, flood.bell, urgent=card.urgent))


def told(house: House) -> list[str]:
    chat = house.server.world.chats[GROUP]
    return [message.text for message in chat.messages.values() if message.text]


async def test_sixty_cases_and_sixty_additions_in_a_minute_stay_within_twenty_messages(flood: Flood) -> None:
    opened_at: dict[str, float] = {}
    cards: list[CaseCard] = []
    for number in range(1, CASES + 1):
        card = case(flood, number)
        cards.append(card)
        opened_at[card.number] = flood.now
        await opens(flood, card)
        await adds(flood, card)
        await flood.goes_on(until=float(number))
    await flood.goes_on()

    assert flood.busiest_minute() <= MOST
    said = told(flood.house)
    heads = Counter(text.split(" ", 1)[0] for text in said if "答复期限" in text)
    assert heads == {card.number: 1 for card in cards}, "a card for each case, once"
    news = "\n".join(text for text in said if "补充" in text or "新内容" in text)
    assert all(card.number in news for card in cards), "every addition was told"
    assert len(flood.calls()) <= 2 * CASES + 30, "and in few lines"
    assert (await flood.house.store.read(lambda unit: unit.outbox.counts()))["dead"] == 0
    urgent = {card.number for card in cards if card.urgent}
    of_urgent = [text for text in said if text.split(" ", 1)[0].split("（")[0] in urgent]
    waited = [flood.told_at[text] - opened_at[text[:8]] for text in of_urgent]
    assert len(waited) == 2 * len(urgent), "card and addition of each, by themselves"
    assert max(waited) < 30, "what is urgent overtakes what waits"
