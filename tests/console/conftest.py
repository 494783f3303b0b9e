"""A desk with a real store, real pages over ASGI, cheap hashing, and staff that are signed in."""

import re
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from starlette.applications import Starlette

from bot.console.deps import ConsoleDeps
from bot.console.passwords import Argon2Passwords
from bot.console.routes import routes
from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, EventKind, NameLevel
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_cases import StoredFile
from bot.domain.promises import Promises
from bot.domain.signals import Signals
from bot.domain.staff import SYSTEM, Role, StaffMember
from bot.services import accounts
from bot.services.bell import Bell
from bot.services.case_work import Desk
from bot.services.content_library import Library
from knowledge.index import FaqIndex
from knowledge.models import Knowledge
from knowledge.wording import Wording, load_wording
from storage.sqlite import open_store
from tests.console.small_knowledge import small_knowledge
from tests.fakes import FrozenClock

KNOWLEDGE = Path(__file__).resolve().parents[2] / "knowledge"
PASSWORD = "一句只有自己记得住的长话"
ORIGIN = "http://127.0.0.1:8080"


@pytest.fixture(scope="session")
def wording() -> Wording:
    return load_wording(KNOWLEDGE)


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return small_knowledge()


@pytest.fixture(scope="session")
def index(knowledge: Knowledge) -> FaqIndex:
    return FaqIndex.build(knowledge)


class Browser:
    """One member's browser: keeps cookies, brings the form token along, reads what is on the page."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.last: httpx.Response | None = None

    async def opens(self, path: str, **options: Any) -> httpx.Response:
        self.last = await self.client.get(f"/console{path}", **options)
        return self.last

    async def sends(
        self, path: str, *, headers: dict[str, str] | None = None, **fields: Any
    ) -> httpx.Response:
        """Post a form with the token of a page that this browser may open."""
        if "csrf" not in fields:
            fields["csrf"] = await self.form_token()
        self.last = await self.client.post(
            f"/console{path}", data=fields, headers={"origin": ORIGIN, **(headers or {})}
        )
        return self.last

    async def form_token(self) -> str:
        signed_in = "desk" in self.client.cookies or "__Host-desk" in self.client.cookies
        page = await self.client.get("/console/account" if signed_in else "/console/login")
        if page.status_code != 200:
            page = await self.client.get("/console/login")
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
        assert found, page.text
        return found[1]

    async def drafts_in(self, case_id: str) -> list[str]:
        """Ids of the drafts on the case's page."""
        page = await self.opens(f"/cases/{case_id}")
        return re.findall(r"/drafts/(\w+)/drop", page.text)

    async def draft_in(self, case_id: str) -> str:
        """Id of the only draft on the case's page."""
        (draft,) = await self.drafts_in(case_id)
        return draft

    async def writes_and_sends(self, case_id: str, text: str, **fields: Any) -> httpx.Response:
        """Draft and send, as the two buttons do."""
        before = await self.drafts_in(case_id)
        await self.sends(f"/cases/{case_id}/drafts", text=text, **fields)
        (draft,) = set(await self.drafts_in(case_id)) - set(before)
        return await self.sends(f"/cases/{case_id}/drafts/{draft}/send")

    async def follows(self) -> httpx.Response:
        assert self.last is not None
        assert self.last.status_code == 303, (self.last.status_code, self.last.text)
        self.last = await self.client.get(self.last.headers["location"].partition("#")[0])
        return self.last

    def sees(self, words: str) -> bool:
        assert self.last is not None
        return words in self.last.text


@dataclass
class House:
    """The desk under test and short ways to fill it."""

    store: Any
    clock: FrozenClock
    signals: Signals
    desk: Desk
    deps: ConsoleDeps
    app: Starlette
    passwords: Argon2Passwords
    secrets_of: dict[str, str] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)

    def browser(self, base: str = ORIGIN, address: str = "127.0.0.1") -> Browser:
        transport = httpx.ASGITransport(app=self.app, client=(address, 5), raise_app_exceptions=False)
        return Browser(httpx.AsyncClient(transport=transport, base_url=base))

    async def write(self, work: Callable[[Unit], Any]) -> Any:
        return await self.store.write(work)

    async def hires(self, name: str, *roles: Role) -> StaffMember:
        """An account with password and second factor, as after setting up."""
        now = self.clock.now()
        _, token = await self.write(lambda unit: accounts.invite(unit, SYSTEM, name, frozenset(roles), now))
        offer = await self.write(lambda unit: accounts.open_setup(unit, token, now))
        hashed = await self.passwords.hash(PASSWORD)
        code = pyotp.TOTP(offer.totp_secret).at(now)
        member = await self.write(lambda unit: accounts.finish_setup(unit, token, "", hashed, code, now))
        self.secrets_of[name] = offer.totp_secret
        return member

    def code(self, name: str) -> str:
        """A code that was not used yet: the clock goes on by a step first."""
        self.clock.passes(seconds=30)
        return pyotp.TOTP(self.secrets_of[name]).at(self.clock.now())

    async def comes_in(self, member: StaffMember) -> Browser:
        """A browser with a running session, without the sign-in form (that has its own tests)."""
        token = secrets.token_urlsafe(32)
        now = self.clock.now()
        await self.write(lambda unit: unit.staff.start_session(token, member.id, now))
        browser = self.browser()
        browser.client.cookies.set("desk", token, domain="127.0.0.1")
        return browser

    async def case(self, happened: str = "怀孕七个月老板让我走", **changes: Any) -> CaseCard:
        """A case of a worker who writes on the web."""
        now = self.clock.now()
        answers = Answers(
            happened=happened,
            since=changes.pop("since", "上周三"),
            district=changes.pop("her_district", "金凤区"),
            employer=changes.pop("employer", "某某商贸公司"),
            evidence=changes.pop("evidence", "微信聊天记录"),
            wish=changes.pop("wish", "继续上班"),
        )
        sender = Address("webchat", secrets.token_hex(8))

        def add(unit: Unit) -> CaseCard:
            person = unit.people.get_or_add(sender, now)
            values: dict[str, Any] = {
                "id": secrets.token_hex(8), "number": unit.cases.next_number(now), "kind": CaseKind.MATERNITY,
                "status": CaseStatus.NEW, "urgent": False, "district": "金凤区", "level": NameLevel.ANONYMOUS,
                "topic": "pregnancy-dismissal", "source": "webchat", "opened_at": now, "changed_at": now,
                "promised_at": now + timedelta(hours=20), "assignee": None,
            }  # fmt: skip
            card = CaseCard(**(values | changes))
            unit.cases.add(card, answers, person.id, secrets.token_hex(12), None)
            unit.cases.add_event(card.id, EventKind.OPENED, by="worker", at=now)
            return card

        return await self.write(add)

    async def card(self, case_id: str) -> CaseCard:
        return await self.store.read(lambda unit: unit.cases.card(case_id))

    async def heard(self, case_id: str) -> list[str]:
        """What was queued for her, in order."""

        def read(unit: Unit) -> list[str]:
            person = unit.cases.people_of(case_id)[-1]
            return [line.reply.text for line in unit.outbox.talk(person, (0, 0, 0), 100) if line.reply]

        return await self.store.read(read)

    async def audited(self, target: str | None = None) -> list[str]:
        """Acts in the audit chain, oldest first."""
        lines = await self.store.read(lambda unit: unit.audit.lines(target, 1000))
        return [line.act for line in reversed(lines)]


@pytest.fixture
def public_url() -> str:
    return ORIGIN


@pytest.fixture
async def house(
    tmp_path: Path, wording: Wording, public_url: str, knowledge: Knowledge, index: FaqIndex
) -> AsyncIterator[House]:
    clock, signals = FrozenClock(), Signals()
    url = f"sqlite:///{tmp_path / 'data' / 'desk.db'}"
    async with open_store(url, tmp_path / "keys" / "master.key", clock, signals) as store:
        passwords = Argon2Passwords(memory_kib=64, rounds=1)
        desk = Desk(wording, Bell(wording, None, public_url), Promises())
        library = Library(replace(knowledge, campaigns=dict(knowledge.campaigns)), index)
        deps = ConsoleDeps(
            store, clock, signals, desk, passwords, public_url, "测试总工会", "安全屋", "0.1.0", library
        )
        yield House(store, clock, signals, desk, deps, Starlette(routes=routes(deps)), passwords)


async def keep_file(house: House, card: CaseCard, data: bytes, name: str, mime: str) -> str:
    """A file in the vault, bound to the case."""
    now = house.clock.now()
    file_id = secrets.token_hex(8)
    sealed = await house.store.vault.put(file_id, data)
    row = StoredFile(file_id, "document", len(data), "0" * 64, name, mime)

    def keep(unit: Unit) -> None:
        unit.files.keep(row, unit.cases.people_of(card.id)[-1], sealed, now)
        unit.cases.add_file(card.id, file_id)

    await house.write(keep)
    return file_id
