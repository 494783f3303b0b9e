"""The staff group without Telegram: members tap and write, and read what the house puts into the group."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar

from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, EventKind, NameLevel
from bot.domain.incoming import Address, GroupIncoming
from bot.domain.ports import Unit
from bot.domain.ports_talk import STAFF_GROUP
from bot.domain.promises import Promises
from bot.domain.reply import Lane, Reply
from bot.domain.signals import Signals
from bot.domain.staff import Role, StaffMember
from bot.services.bell import Bell, ring
from bot.services.case_work import Desk
from bot.services.group_desk import GroupDesk
from knowledge.loader import DEFAULT_FOLDER
from knowledge.wording import Wording, load_wording
from storage.sqlite import SqliteStore, open_store
from tests.fakes import FrozenClock

T = TypeVar("T")
CHAT = "-1001234567890"
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 10:00 in Yinchuan
LI = StaffMember("li", "李干部", frozenset({Role.OFFICER}), True, MONDAY, telegram_id="501")
WANG = StaffMember("wang", "王干部", frozenset({Role.OFFICER}), True, MONDAY, telegram_id="504")
ZHAO = StaffMember("zhao", "赵律师", frozenset({Role.LAWYER}), True, MONDAY, telegram_id="502")
SUN = StaffMember("sun", "孙主任", frozenset({Role.LEADER}), True, MONDAY, telegram_id="505")
MEMBERS = (LI, WANG, ZHAO, SUN)
_numbers = itertools.count(1)


@dataclass(slots=True)
class Room:
    """A real store and desk. `shown` is what stands in the group now, by topic; `heard` what came last."""

    store: SqliteStore
    desk: Desk
    clock: FrozenClock
    group: GroupDesk
    threads: dict[str | None, str] = field(default_factory=dict)
    shown: list[tuple[str | None, Reply]] = field(default_factory=list)
    heard: list[Reply] = field(default_factory=list)
    hers: dict[str, list[str]] = field(default_factory=dict)
    private: list[str] = field(default_factory=list)

    async def opens(self, number: int = 1, **changes: object) -> CaseCard:
        """A case of a woman of its own on the web, with its topic in the group."""
        now, case_id = self.clock.now(), f"case{number}"
        card = CaseCard(
            case_id, f"A26-{number:04d}", CaseKind.WAGES, CaseStatus.NEW, False, "兴庆区",
            NameLevel.ANONYMOUS, None, "webchat", now, now, now + timedelta(hours=4), None,
        )  # fmt: skip
        card = replace(card, **changes)  # type: ignore[arg-type]

        def work(unit: Unit) -> CaseCard:
            person = unit.people.get_or_add(Address("webchat", f"her-{case_id}"), now)
            unit.cases.add(card, Answers(happened=f"她的话{number}"), person.id, f"{number:025d}", None)
            unit.cases.keep_topic(card.id, f"{CHAT}:{100 + number}")
            ring(unit, card, now, self.desk.bell)
            return card

        self.threads[case_id] = str(100 + number)
        await self.store.write(work)
        await self.delivered()
        return card

    async def taps(self, who: StaffMember, label: str, case_id: str = "case1") -> None:
        """Tap the newest button of this label in the case's topic."""
        for shown_in, reply in reversed(self.shown):
            for button in reply.buttons():
                if shown_in == case_id and button.label == label:
                    await self.acts(who, button.action, case_id)
                    return
        raise AssertionError(f"no button {label!r} in the topic: {self.labels(case_id)}")

    async def acts(self, who: StaffMember, action: str, case_id: str | None = "case1") -> None:
        assert len(action.encode()) <= 64, "what Telegram lets a button carry"
        await self._does(who, case_id, action=action)

    async def writes(self, who: StaffMember, text: str, case_id: str | None = "case1") -> None:
        await self._does(who, case_id, text=text)

    async def claims(self, who: StaffMember, case_id: str = "case1") -> None:
        await self.taps(who, self.desk.wording.bell.claim, case_id)
        await self.taps(who, self.desk.wording.group.buttons.not_mine, case_id)

    async def _does(
        self, who: StaffMember, case_id: str | None, text: str = "", action: str | None = None
    ) -> None:
        key, now = f"telegram:1:{next(_numbers)}", self.clock.now()
        sender = Address("telegram", STAFF_GROUP)
        received = await self.store.write(lambda unit: unit.inbox.receive(key, sender, b"raw", now))
        assert received is not None
        thread = self.threads.get(case_id, case_id)
        incoming = GroupIncoming(key, CHAT, thread, who.telegram_id or "", now, text, action)
        await self.group.handle(received, incoming)
        await self.delivered()

    async def delivered(self) -> None:
        """Bring everything that is due to where it goes."""
        self.heard, self.private = [], []
        for channel in ("telegram", "webchat"):
            await self.store.write(lambda unit, name=channel: self._take(unit, name))  # type: ignore[misc]

    def _take(self, unit: Unit, channel: str) -> None:
        while rows := unit.outbox.claim(channel, self.clock.now(), 100):
            for row in rows:
                unit.outbox.sent(row.seq, f"{CHAT}/{row.seq}", self.clock.now())
                if row.person_id is None:
                    self.heard.append(row.reply)
                    if row.reply.card is not None:
                        self.shown = [one for one in self.shown if one[1].card != row.reply.card]
                    self.shown.append((row.case_id, row.reply))
                elif channel == "webchat":
                    assert row.to is not None
                    self.hers.setdefault(row.to.id, []).append(row.reply.text)
                else:
                    self.private.append(row.reply.text)

    def hears(self, *parts: str) -> None:
        """Each part is in what the group has just been told."""
        said = "\n".join(reply.text for reply in self.heard)
        for part in parts:
            assert part in said, f"{part!r} was not said:\n{said}"

    def labels(self, case_id: str = "case1") -> list[str]:
        """Every button that stands in the topic now."""
        return [button.label for at, reply in self.shown if at == case_id for button in reply.buttons()]

    def last(self) -> list[str]:
        """Labels of what was said last."""
        return [button.label for button in self.heard[-1].buttons()]

    def her(self, case_id: str = "case1") -> list[str]:
        return self.hers.get(f"her-{case_id}", [])

    async def does(self, work: Callable[[Unit], T]) -> T:
        """Something outside the group; what it sends is brought at once."""
        done = await self.store.write(work)
        await self.delivered()
        return done

    async def card(self, case_id: str = "case1") -> CaseCard:
        card = await self.store.read(lambda unit: unit.cases.card(case_id))
        assert card is not None
        return card

    async def events(self, case_id: str = "case1") -> list[EventKind]:
        kinds = list(EventKind)
        return [one.kind for one in await self.store.read(lambda unit: unit.cases.outline(case_id, kinds))]

    async def queue(self) -> list[tuple[Lane, Reply]]:
        """What waits for the group, in the order in which it would go; it is taken."""

        def work(unit: Unit) -> list[tuple[Lane, Reply]]:
            rows = []
            while claimed := unit.outbox.claim("telegram", self.clock.now(), 1):
                unit.outbox.sent(claimed[0].seq, f"{CHAT}/{claimed[0].seq}", self.clock.now())
                rows.append((claimed[0].lane, claimed[0].reply))
            return rows

        return await self.store.write(work)


@cache
def _wording() -> Wording:
    return load_wording(DEFAULT_FOLDER)


@asynccontextmanager
async def open_room(folder: Path, clock: FrozenClock | None = None) -> AsyncIterator[Room]:
    """A room with four members and no case yet."""
    clock = clock or FrozenClock(MONDAY)
    wording = _wording()
    url, key = f"sqlite:///{folder}/data/house.db", folder / "master.key"
    async with open_store(url, key, clock, Signals()) as store:
        desk = Desk(wording, Bell(wording, "telegram", "https://desk.example.org"), Promises())

        def add(unit: Unit) -> None:
            for member in MEMBERS:
                unit.staff.add(replace(member, telegram_id=None))
                unit.staff.save(member)

        await store.write(add)
        yield Room(store, desk, clock, GroupDesk(store, desk, clock))
