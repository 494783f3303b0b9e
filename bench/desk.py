"""The desk with many cases: list, search by word, case page and figures, and how they grow.

Every request goes through the real pages of a house in its own folder; the cases are written straight into
its store, as no desk could type twenty thousand of them.
"""

import random
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time

import httpx

from bench.measure import ROOT, Goal, Row, percentile, rounds_of
from bot.app import House, load_content, open_house
from bot.config import Settings, load_settings
from bot.domain.cases import (
    Answers,
    CaseCard,
    CaseKind,
    CaseSource,
    CaseStatus,
    EventKind,
    NameLevel,
    Outcome,
)
from bot.domain.civil_time import local
from bot.domain.clock import RealClock
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.receipt_codes import make_code
from bot.domain.staff import Role, StaffMember
from bot.services import employers

SIZES, QUICK_SIZES = (1_000, 20_000), (200, 1_000)
BATCH = 250
EMPLOYERS = 400
OFFICERS = 12
DISTRICTS = ("兴庆区", "金凤区", "西夏区", "永宁县", "贺兰县", "灵武市")
# In one story of a thousand: whoever looks for a word looks for few.
SELDOM, ORDINARY = "蒸笼", "老板说再等等，已经三个月没有发工资，问了几次都说没有钱。"
_SIGNS = random.Random(6)
# Names that hardly look alike, as those of a city.
NAMES = ["演示" + "".join(chr(0x4E00 + _SIGNS.randrange(6_000)) for _ in range(5)) for _ in range(EMPLOYERS)]


@dataclass(frozen=True, slots=True)
class Page:
    """One page that is looked at: its address for a case id, and p95 in ms that it must keep."""

    what: str
    address: Callable[[str], str]
    goal: Goal
    looks: int = 8  # in a round


def pages(now: datetime) -> tuple[Page, ...]:
    """What staff open all day, and the report of the month before."""
    month = f"{local(now).date().replace(day=1) - timedelta(days=1):%Y-%m}"
    return (
        Page("list of all cases", lambda case: "/cases?tab=all", Goal(400, 150, "ms")),
        Page("search by a word", lambda case: f"/cases?q={SELDOM}", Goal(3_000, 1_000, "ms"), 2),
        Page("a case", lambda case: f"/cases/{case}", Goal(300, 100, "ms")),
        Page("figures of a month", lambda case: f"/figures?period={month}", Goal(1_000, 400, "ms"), 4),
        Page("report of a month", lambda case: f"/figures/report?period={month}", Goal(2_000, 800, "ms"), 4),
    )


async def rows(rounds: int, quick: bool, folder: Path) -> list[Row]:
    """p95 of each page at the largest size, against the smallest."""
    sizes = QUICK_SIZES if quick else SIZES
    taken: dict[int, dict[str, Took]] = {}
    async with desk(folder) as opened:
        filled = 0
        for size in sizes:
            await opened.fill(filled, size)
            filled = size
            taken[size] = await opened.look(rounds, size)
        shown = pages(opened.house.clock.now())
    return [_row(page, {size: times[page.what] for size, times in taken.items()}) for page in shown]


@dataclass(frozen=True, slots=True)
class Took:
    """p95 of one page in ms: as somebody waits for it, and of processor time.

    Sizes cannot take turns in a round, so that growth is told by processor time: it does not count what else
    the machine does.
    """

    waited: float
    worked: float


def _row(page: Page, times: Mapping[int, Took]) -> Row:
    smallest, largest = min(times), max(times)
    return Row(
        f"desk: {page.what}, p95 at {largest:,} cases",
        ", ".join(f"{size:,}: {took.waited:.0f} ms" for size, took in times.items()),
        f"itself at {smallest:,} cases, by CPU time",
        times[largest].worked / times[smallest].worked,
        times[largest].waited,
        page.goal,
    )


@dataclass(slots=True)
class Desk:
    """A house, a leader who is signed in, and the cases that were put there."""

    house: House
    browser: httpx.AsyncClient
    staff: list[StaffMember]
    cases: list[str]

    async def fill(self, begin: int, end: int) -> None:
        """Cases from `begin` to `end`, a year of them, newest last."""
        now = self.house.clock.now()
        for part in rounds_of(f"desk: cases {begin:,} to {end:,}", -(-(end - begin) // BATCH)):
            first = begin + part * BATCH
            numbers = range(first, min(first + BATCH, end))
            self.cases += await self.house.store.write(_cases(numbers, self.staff, now))

    async def look(self, rounds: int, size: int) -> dict[str, Took]:
        """p95 of each page."""
        source, times = random.Random(5), dict[str, list[tuple[float, float]]]()
        shown = pages(self.house.clock.now())
        for number in rounds_of(f"desk: {size:,} cases", rounds + 1):
            for page in shown:
                for _ in range(page.looks):
                    address = "/console" + page.address(source.choice(self.cases))
                    began, worked = perf_counter(), process_time()
                    answer = await self.browser.get(address)
                    took = (perf_counter() - began) * 1e3, (process_time() - worked) * 1e3
                    if answer.status_code != 200:
                        raise AssertionError(f"{page.what}: {answer.status_code}")
                    if number:  # the first round compiles templates and fills the page cache
                        times.setdefault(page.what, []).append(took)
        return {
            what: Took(*(percentile(side, 0.95) for side in zip(*measured, strict=True)))
            for what, measured in times.items()
        }


@asynccontextmanager
async def desk(folder: Path) -> AsyncIterator[Desk]:
    """An empty house in `folder` with its staff; nothing runs but the pages."""
    settings = _settings(folder)
    async with open_house(settings, clock=RealClock(), content=load_content(settings)) as house:
        now, token = house.clock.now(), secrets.token_urlsafe(32)

        def hire(unit: Unit) -> list[StaffMember]:
            roles = [Role.LEADER, *(Role.OFFICER for _ in range(OFFICERS))]
            staff = [
                StaffMember(
                    secrets.token_hex(8), f"工作人员{at}", frozenset({role}), True, now, has_totp=True
                )
                for at, role in enumerate(roles)
            ]
            for member in staff:
                unit.staff.add(member)
            unit.staff.start_session(token, staff[0].id, now)
            return staff

        staff = await house.store.write(hire)
        transport = httpx.ASGITransport(app=house.app)
        for work in house.workers:
            work.close()
        async with httpx.AsyncClient(
            transport=transport, base_url=house.web.public_url, timeout=120
        ) as browser:
            browser.cookies.set("desk", token)
            yield Desk(house, browser, staff[1:], [])


def _settings(folder: Path) -> Settings:
    folder.mkdir(parents=True, exist_ok=True)
    own = {
        "SAFEHOUSE__STORAGE__URL": f"sqlite:///{folder}/data/desk.db",
        "SAFEHOUSE__STORAGE__KEY_FILE": f"{folder}/key/master.key",
        "SAFEHOUSE__WEB__PUBLIC_URL": "http://127.0.0.1:8080",
        "SAFEHOUSE__CHANNELS__TELEGRAM__ENABLED": "false",
    }
    return load_settings(ROOT / "config.yaml", own)


def _cases(numbers: range, staff: list[StaffMember], now: datetime) -> Callable[[Unit], list[str]]:
    """One unit with cases of all kinds and states, spread over the year before `now`."""

    def work(unit: Unit) -> list[str]:
        source = random.Random(numbers.start)
        return [_case(unit, number, staff, now, source) for number in numbers]

    return work


def _case(unit: Unit, number: int, staff: list[StaffMember], now: datetime, source: random.Random) -> str:
    opened = now - timedelta(days=source.random() * 360 + 1)
    kind = source.choice(list(CaseKind))
    member = source.choice(staff)
    closed = source.random() < 0.9
    card = CaseCard(
        id=f"{source.getrandbits(80):020x}", number=unit.cases.next_number(opened), kind=kind,
        status=CaseStatus.CLOSED if closed else CaseStatus.ADVISING, urgent=source.random() < 0.03,
        district=source.choice(DISTRICTS), level=NameLevel.ANONYMOUS, topic=None,
        source=source.choice(list(CaseSource)), opened_at=opened, changed_at=opened + timedelta(days=9),
        promised_at=opened + timedelta(hours=20), assignee=member.id,
    )  # fmt: skip
    if closed:
        card = replace(
            card, outcome=source.choice(list(Outcome)), closed_at=opened + timedelta(days=9),
            people_helped=1, recovered_fen=source.randrange(2_000_000),
        )  # fmt: skip
    person = unit.people.get_or_add(Address("webchat", f"bench-{number}"), opened)
    employer = NAMES[source.randrange(EMPLOYERS)]
    words = f"{ORDINARY * 3}{SELDOM if number % 1000 == 7 else ''}"
    answers = Answers(happened=words, since="上个月", district=card.district, employer=employer)
    unit.cases.add(card, answers, person.id, make_code(source), None)
    employers.link(unit, card, employer, opened)
    _events(unit, card, member, source)
    return card.id


def _events(unit: Unit, card: CaseCard, member: StaffMember, source: random.Random) -> None:
    """About ten things that happened, as in a case of a week."""
    at, add = card.opened_at, unit.cases.add_event
    add(card.id, EventKind.OPENED, by="worker", at=at)
    promised = {"promised": card.promised_at.isoformat()}
    accepted = {"from": "new", "to": "accepted", "staff": member.id, **promised}
    add(card.id, EventKind.CLAIMED, by=member.id, at=at + timedelta(hours=2), facts=accepted)
    for day in range(1, 4):
        at = card.opened_at + timedelta(days=day * 2, hours=source.random())
        add(
            card.id, EventKind.REPLY, by=member.id, at=at, body="请先保存好工资条和聊天记录。", facts=promised
        )
        add(
            card.id,
            EventKind.HER_WORDS,
            by="worker",
            at=at + timedelta(hours=3),
            body="好的，谢谢，我去找找。",
        )
    moved = {"from": "accepted", "to": "mediating"}
    add(card.id, EventKind.STATUS, by=member.id, at=at + timedelta(hours=5), facts=moved)
    if card.closed_at and card.outcome:
        facts = {
            "from": "mediating", "to": "closed", "outcome": card.outcome.value,
            "recovered_fen": str(card.recovered_fen), "people_helped": str(card.people_helped), **promised,
        }  # fmt: skip
        add(card.id, EventKind.CLOSED, by=member.id, at=card.closed_at, facts=facts)
