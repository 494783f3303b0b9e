"""Random walks of women, staff and partner agencies through the real services over a real store.

Every text carries a marker of its own. After each step everything that came into the outbox, the notices and
the partners' pages is held against the oracle. A walk is its seed: the same seed is the same walk.
"""

import random
import re
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.domain.cases import CaseCard
from bot.domain.errors import SafeHouseError
from bot.domain.handovers import HandOverState
from bot.domain.incoming import Address, Incoming
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.promises import Promises
from bot.domain.reply import Reply
from bot.domain.signals import Signals
from bot.domain.staff import Role, StaffMember
from bot.services.bell import Bell
from bot.services.case_work import Desk
from bot.services.converse import Converse, Organisation
from bot.services.group_desk import GroupDesk
from bot.services.worker_cases import WorkersDesk
from knowledge.loader import Knowledge
from knowledge.wording import Wording
from storage.packing import unpack_reply
from storage.sqlite import SqliteStore, open_store
from tests.fakes import FrozenClock, PlainSearch
from tests.journeys.walk_oracle import Drafted, Oracle

MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)  # 09:30 in Yinchuan
GROUP = "-100700"
ADVICE = "《劳动合同法》第四十二条"
_OF_DRAFT = re.compile(r"g:(?:send|drop|ask|okay|back):([^:]+):([^:]+)")
STEPS = 45
_SCREEN = 30  # buttons that are still on a screen
WOMEN = (
    Address("webchat", "w0"), Address("webchat", "w1"), Address("webchat", "w2"),
    Address("telegram", "9001"), Address("telegram", "9002"), Address("telegram", "9100"),
)  # fmt: skip
_ROLES = {
    "li": Role.OFFICER, "wang": Role.OFFICER, "sun": Role.OFFICER, "zhao": Role.LAWYER, "qian": Role.LAWYER,
    "zhou": Role.LEADER, "wu": Role.LEADER, "zheng": Role.CURATOR,
}  # fmt: skip
STAFF = tuple(
    StaffMember(name, name, frozenset({role}), True, MONDAY, telegram_id=str(500 + place))
    for place, (name, role) in enumerate(_ROLES.items())
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A button somewhere on a screen; `card` is the case of a message to the group."""

    label: str
    action: str
    case_id: str | None


Act = Callable[["Walk"], Awaitable[None]]


class Broken(AssertionError):
    """A walk found something; its text is the walk."""


@dataclass(slots=True)
class SeamStore:
    """The store with a seam: tests that plant a fault change the unit that the product gets."""

    store: SqliteStore
    seam: Callable[[Unit], Any]

    async def write(self, work: Callable[[Unit], Any]) -> Any:
        return await self.store.write(lambda unit: work(self.seam(unit)))

    async def read(self, work: Callable[[Unit], Any]) -> Any:
        return await self.store.read(lambda unit: work(self.seam(unit)))

    @property
    def vault(self) -> Any:
        return self.store.vault


@dataclass(slots=True)
class Words:
    """What every walk shares: slow to load, never changed."""

    knowledge: Knowledge
    wording: Wording
    search: PlainSearch

    @property
    def desk(self) -> Desk:
        return Desk(self.wording, Bell(self.wording, "telegram", "https://example.test"), Promises())


async def build_house(folder: Path) -> None:
    """The empty house with its staff that every walk begins with."""
    clock = FrozenClock(MONDAY)
    async with open_store(_url(folder), _key(folder), clock, Signals()) as store:

        def hire(unit: Unit) -> None:
            for member in STAFF:
                unit.staff.add(member)
                assert member.telegram_id is not None
                unit.people.get_or_add(Address("telegram", member.telegram_id), MONDAY)

        await store.write(hire)


def _url(folder: Path) -> str:
    return f"sqlite:///{folder}/data/walk.db"


def _key(folder: Path) -> Path:
    return folder / "master.key"


@dataclass(slots=True)
class Walk:
    """One walk in its own house."""

    seed: int
    store: SeamStore
    clock: FrozenClock
    words: Words
    oracle: Oracle
    source: random.Random
    acts: Sequence[tuple[Act, int]]
    log: list[str] = field(default_factory=list)
    cards: dict[str, CaseCard] = field(default_factory=dict)
    screens: dict[str, list[Shown]] = field(default_factory=dict)
    group: list[Shown] = field(default_factory=list)
    topics: dict[str, str] = field(default_factory=dict)  # thread -> case
    pages: list[tuple[str, str]] = field(default_factory=list)  # (token, secret) of partners
    acting: str | None = None  # the woman whose turn it is
    tapped: str = ""  # what she tapped
    counts: dict[str, int] = field(default_factory=dict)
    _seen: dict[int, bytes | None] = field(default_factory=dict)
    _notices: set[str] = field(default_factory=set)
    _inbox: int = 0
    _staff: list[StaffMember] = field(default_factory=lambda: list(STAFF))
    _people: dict[Address, str] = field(default_factory=dict)
    converse: Converse = field(init=False)
    group_desk: GroupDesk = field(init=False)

    def __post_init__(self) -> None:
        words, desk = self.words, self.words.desk
        store: Any = self.store
        self.converse = Converse(
            store, words.knowledge, words.search, words.wording, self.clock, desk.bell, desk.promises,  # type: ignore[arg-type]
            public_url="https://example.test", organisation=Organisation("市总工会", "安全屋", "12351"),
            source=random.Random(self.seed),
        )  # fmt: skip
        self.group_desk = GroupDesk(store, desk, self.clock)

    # ── doing ──

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def desk(self) -> Desk:
        return self.words.desk

    @property
    def her_desk(self) -> WorkersDesk:
        return WorkersDesk(self.desk.bell, self.desk.promises)

    async def write(self, work: Callable[[Unit], Any]) -> Any:
        """One unit of work of the product."""
        return await self.store.write(work)

    def says(self, line: str) -> None:
        """Add a line to the log of this walk."""
        self.log.append(line)

    async def person(self, address: Address) -> str:
        """Her id; a new one where everything of hers was forgotten."""
        if address in self._people:
            return self._people[address]
        now = self.now
        return (await self.store.store.write(lambda unit: unit.people.get_or_add(address, now))).id

    async def received(self, address: Address) -> Any:
        """A row of the inbox."""
        self._inbox += 1
        key = f"{address.channel}:{self.seed}:{self._inbox}"
        [row] = await self.converse.receive(address.channel, [(key, address, b"raw")])
        return row

    async def talks(self, address: Address, *, text: str = "", action: str | None = None) -> None:
        """She writes or taps; her answer comes with the next look."""
        row = await self.received(address)
        self.acting, self.tapped = row.person_id, action or ""
        await self.converse.handle(row, Incoming(row.key, address, self.now, text=text, action=action))

    async def staff(self) -> list[StaffMember]:
        """The accounts as they are now."""
        return list(self._staff)

    def any_case(self, *, fit: Callable[[CaseCard], bool] = lambda card: True) -> str:
        """A case at random, better one that fits."""
        fitting = [one for one, card in self.cards.items() if fit(card)]
        pool = fitting if fitting and self.source.random() < 0.85 else list(self.cards)
        return self.source.choice(pool)

    async def any_staff(self, case_id: str | None = None) -> StaffMember:
        """Anybody; mostly whoever has the case, or a leader where nobody has."""
        known = await self.staff()
        card = self.cards.get(case_id or "")
        luck = self.source.random()
        if card is not None and luck < 0.7:
            hers = [one for one in known if one.id == card.assignee]
            if hers:
                return hers[0]
        if luck < 0.85:
            leads = [one for one in known if Role.LEADER in one.roles]
            return self.source.choice(leads)
        return self.source.choice(known)

    def handles(self, member: StaffMember, case_id: str) -> bool:
        """Whether her words may reach the women of this case, by the oracle."""
        card = self.cards.get(case_id)
        return card is not None and self.oracle.handles(member, case_id, card.assignee)

    # ── looking ──

    async def run(self, steps: int = STEPS) -> None:
        """Walk; raises Broken with the whole walk where something is wrong."""
        acts, weights = [one for one, _ in self.acts], [weight for _, weight in self.acts]
        for _ in range(steps):
            await self.step(self.source.choices(acts, weights)[0])

    async def step(self, act: Act) -> None:
        """One act. What is refused is part of the walk; any other error breaks it."""
        self.acting, self.tapped = None, ""
        self.says(f"{act.__name__}")
        try:
            await act(self)
        except SafeHouseError as error:
            self.log[-1] += f" … {type(error).__name__}({error})"
        except Exception as error:
            raise Broken(self.told([f"{type(error).__name__}: {error}"])) from error
        else:
            self.counts[act.__name__] = self.counts.get(act.__name__, 0) + 1
        await self.looks()

    async def looks(self) -> None:
        """Hold everything that was written since the last look against the oracle."""
        await self.store.store.inspect(self._look)
        if self.oracle.faults:
            raise Broken(self.told(self.oracle.faults))

    def told(self, faults: Sequence[str]) -> str:
        """The walk as text."""
        lines = "\n".join(self.log)
        return f"walk {self.seed}\n{lines}\nfound: " + "\nfound: ".join(faults)

    def _know_cases(self, unit: Any) -> None:
        """New cases, and cards as they are now."""
        for card in unit.cases.cards(CaseFilter(limit=1000)):
            if card.id not in self.cards:
                self._new(card)
            self.cards[card.id] = card
            self.oracle.employers[card.id] = card.employer_id

    def _new(self, card: CaseCard) -> None:
        """A case that this step brought: hers who acted, else nobody's until its code is brought."""
        oracle = self.oracle
        oracle.numbers[card.number] = card.id
        if card.id in oracle.own:
            return
        oracle.own[card.id] = {self.acting} if self.acting else set()
        for mark in oracle.marks.values():
            if self.acting and mark.by == self.acting and not mark.cases:
                mark.cases.add(card.id)

    def _look(self, connection: Any, unit: Any) -> None:
        """Everything that was written since the last look."""
        self._know_cases(unit)
        self._staff = list(unit.staff.all())
        found = {address: unit.people.find(address) for address in WOMEN}
        self._people = {address: person.id for address, person in found.items() if person is not None}
        self._look_at_rows(unit)
        self._look_at_notices(unit)
        for case_id in self.oracle.own:
            self.oracle.check_holders(case_id, unit.cases.people_of(case_id))
        for one, given in self.oracle.given.items():
            self._look_at_consent(unit, one, given)

    def _look_at_rows(self, unit: Any) -> None:
        rows = unit.context.db.all(
            "select * from outbox where deletion = 0 and body is not null order by seq"
        )
        for row in rows:
            if row["state"] == "queued" and row["person_id"] is not None and row["case_id"] is not None:
                self.oracle.check_waiting(row["person_id"], row["case_id"])
        if all(self._seen.get(row["seq"]) == row["body"] for row in rows):
            return
        staff = self._staff_people(unit)
        for row in rows:
            if self._seen.get(row["seq"]) == row["body"]:
                continue
            self._seen[row["seq"]] = row["body"]
            reply = unpack_reply(unit.outbox.opened(row, "body"))
            self._check(row["person_id"], reply, row["case_id"], staff)

    def _check(
        self, person_id: str | None, reply: Reply, case_id: str | None, staff: dict[str, StaffMember]
    ) -> None:
        shown = [Shown(button.label, button.action, case_id) for button in reply.buttons() if button.action]
        if person_id is None:
            self._know_drafts(reply)
            self.group = (self.group + shown)[-_SCREEN:]
            self.oracle.check_group(reply, case_id)
        elif person_id in staff:
            self.oracle.check_staff(reply.text, staff[person_id], case_id)
        else:
            self.screens[person_id] = (self.screens.get(person_id, []) + shown)[-_SCREEN:]
            self.oracle.check_hers(person_id, reply, case_id)

    def _know_drafts(self, reply: Reply) -> None:
        """Drafts that were written in the group: the buttons of their cards name them."""
        for button in reply.buttons():
            found = _OF_DRAFT.fullmatch(button.action)
            mark = next(self.oracle.found(reply.text), None)
            if found and mark is not None and found[2] not in self.oracle.drafts:
                self.oracle.drafts[found[2]] = Drafted(mark, found[1], mark.by, ADVICE in reply.text)

    def _staff_people(self, unit: Any) -> dict[str, StaffMember]:
        found = {}
        for member in self._staff:
            person = unit.people.find(Address("telegram", member.telegram_id)) if member.telegram_id else None
            if person is not None:
                found[person.id] = member
        return found

    def _look_at_notices(self, unit: Any) -> None:
        kept = {row["id"] for row in unit.context.db.all("select id from notices")}
        if kept <= self._notices:
            return
        for member in self._staff:
            for notice in unit.duty.notices(member.id, 500):
                if notice.id not in self._notices:
                    self.oracle.check_staff(notice.text, member, notice.case_id)
        self._notices |= kept

    def _look_at_consent(self, unit: Any, one: str, given: Any) -> None:
        """What the product takes for agreed must have been agreed, by who may."""
        kept = unit.partners.get(one)
        if kept is None:
            given.dead = True
        elif kept.state is HandOverState.AGREED and given.agreed is None:
            self.oracle.fault(f"hand-over {one} is agreed, and nobody who may has agreed")


async def walk(
    seed: int,
    folder: Path,
    template: Path,
    words: Words,
    acts: Sequence[tuple[Act, int]],
    start: Act,
    *,
    kind: type[Walk] = Walk,
    seam: Callable[[Unit], Any] = lambda unit: unit,
    steps: int = STEPS,
) -> Walk:
    """One walk from its seed, in a copy of the house; Broken where something reached the wrong one."""
    shutil.copytree(template, folder)
    clock = FrozenClock(MONDAY)
    try:
        async with open_store(_url(folder), _key(folder), clock, Signals()) as store:
            source = random.Random(seed)
            made = kind(seed, SeamStore(store, seam), clock, words, Oracle(), source, acts)
            await start(made)
            await made.run(steps)
            return made
    finally:
        shutil.rmtree(folder)
