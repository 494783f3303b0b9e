"""A house of its own for every test: real SQLite, real key file, a clock that stands still."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, Draft, EventKind, NameLevel
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_cases import StoredFile
from bot.domain.ports_contest import Attempt
from bot.domain.ports_team import SavedView, Task
from bot.domain.reply import Lane, Reply
from bot.domain.signals import Signals
from storage.sqlite import SqliteStore, database_path, open_store


class FrozenClock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def forward(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at


@dataclass
class House:
    folder: Path
    clock: FrozenClock
    signals: Signals

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder}/var/safehouse.db"

    @property
    def path(self) -> Path:
        return database_path(self.url)

    @property
    def key_file(self) -> Path:
        return self.folder / "keys" / "master.key"

    def open(self, **options: object) -> AbstractAsyncContextManager[SqliteStore]:
        return open_store(self.url, self.key_file, self.clock, self.signals, **options)  # type: ignore[arg-type]

    def files(self) -> dict[str, bytes]:
        """Every byte that lies on disk beside the key."""
        return {str(path): path.read_bytes() for path in (self.folder / "var").rglob("*") if path.is_file()}


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def house(tmp_path: Path, clock: FrozenClock) -> House:
    return House(tmp_path, clock, Signals())


@pytest.fixture
async def store(house: House) -> AsyncIterator[SqliteStore]:
    async with house.open() as opened:
        yield opened


ANNA = Address("telegram", "70012345")
BELA = Address("telegram", "70099999")


@pytest.fixture
def anna() -> Address:
    return ANNA


@pytest.fixture
def bela() -> Address:
    return BELA


@pytest.fixture
def card(clock: FrozenClock) -> Callable[..., CaseCard]:
    def make(case_id: str = "case1", number: str = "A26-0001", **changes: object) -> CaseCard:
        values: dict[str, object] = {
            "id": case_id, "number": number, "kind": CaseKind.WAGES, "status": CaseStatus.NEW,
            "urgent": False, "district": "兴庆区", "level": NameLevel.ANONYMOUS, "topic": "wage-arrears",
            "source": "telegram", "opened_at": clock.now(), "changed_at": clock.now(),
            "promised_at": clock.now() + timedelta(days=1), "assignee": None,
        }  # fmt: skip
        return CaseCard(**(values | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def says(store: SqliteStore, clock: FrozenClock) -> Callable[..., object]:
    """She writes, we answer and it is handled: the whole of one message, in two units."""
    counter = iter(range(1, 1_000_000))

    async def say(words: str, answer: str | None = "好的", sender: Address = ANNA) -> str:
        key = f"{sender.channel}:{next(counter)}"
        received = await store.write(
            lambda unit: unit.inbox.receive(key, sender, words.encode(), clock.now())
        )
        assert received is not None

        def handle(unit: Unit) -> None:
            if answer is not None:
                unit.outbox.add(received.person_id, [Reply(answer)], lane=Lane.REPLY, now=clock.now())
            unit.inbox.done(received.seq, words)

        await store.write(handle)
        return received.person_id

    return say


@pytest.fixture
def opens_case(
    store: SqliteStore, clock: FrozenClock, card: Callable[..., CaseCard]
) -> Callable[..., object]:
    """She opens a case with words of hers."""

    async def open_case(
        words: str = "三个月没发工资", sender: Address = ANNA, phrase: str | None = None, **changes: object
    ) -> str:
        opened = card(**changes)

        def keep(unit: Unit) -> None:
            person = unit.people.get_or_add(sender, clock.now())
            code = f"code-{opened.id}"
            unit.cases.add(opened, Answers(happened=words, employer="某厂"), person.id, code, phrase)

        await store.write(keep)
        return opened.id

    return open_case


@pytest.fixture
def lives(store, clock, says, opens_case):
    """Somebody with talk, a session, a case, files and a contest entry, all marked."""

    async def live(address, mark, case_id):
        person = await says(f"{mark}-words", answer=f"{mark}-answer", sender=address)
        await opens_case(
            words=f"{mark}-story",
            sender=address,
            case_id=case_id,
            number=f"A26-{case_id}",
            phrase=f"{mark}-phrase",
        )
        keys = {
            name: await store.vault.put(name, f"{mark}-bytes".encode() * 20)
            for name in (f"{case_id}-file", f"{case_id}-draft-file")
        }

        def fill(unit):
            now = clock.now()
            for out in unit.outbox.claim("telegram", now, 9):
                if out.person_id == person:
                    unit.outbox.sent(out.seq, f"{mark}-remote", now)
                else:
                    unit.outbox.retry(out.seq, now, "not hers")
            unit.outbox.add(person, [Reply(f"{mark}-queued")], lane=Lane.REPLY, now=now, case_id=case_id)
            unit.sessions.save(person, f"{mark}-session", now)
            unit.people.add_consent(person, "processing", "v1", now, case_id)
            unit.cases.add_event(case_id, EventKind.HER_WORDS, by="worker", at=now, body=f"{mark}-more")
            unit.cases.keep_draft(Draft(f"{case_id}-draft", case_id, "s", f"{mark}-draft", now))
            unit.cases.keep_topic(case_id, f"group:{mark}")
            unit.team.keep_task(Task(f"{case_id}-task", case_id, "s", now, words=f"{mark}-task"))
            view = SavedView(f"{case_id}-view", "s", False, f"{mark}-view", {"district": mark})
            unit.team.keep_view(view, now)
            for name, key in keys.items():
                file = StoredFile(name, "photo", 5, "aa" * 32, f"{mark}-name.jpg", "image/jpeg")
                unit.files.keep(file, person, key, now)
            unit.cases.add_file(case_id, f"{case_id}-file")
            player = unit.contest.player(address)
            unit.contest.start(
                Attempt(
                    f"{case_id}-try", "c", player, now.date(), ("q1", "q2"), ((0, 1), (1, 0)), 0, 0, now, now,
                    None, None,
                )
            )  # fmt: skip
            unit.contest.keep_answer(f"{case_id}-try", 0, (0,), True, now, 5)
            unit.contest.set_district(player, "c", "甲")
            unit.contest.finish(f"{case_id}-try", now)

        await store.write(fill)
        return person

    return live


@pytest.fixture
def story(clock):
    """Open a case as the gate does."""

    def reveal(store, case_id):
        return store.write(
            lambda unit: unit.cases.reveal(case_id, unit.audit.append("s", "case.open", case_id, clock.now()))
        )

    return reveal


@pytest.fixture
def restored(house):
    """The same house in another place, with the same key."""

    def elsewhere():
        place = replace(house, folder=house.folder / "restored")
        (place.folder / "keys").mkdir(parents=True, exist_ok=True)
        place.key_file.write_bytes(house.key_file.read_bytes())
        return place

    return elsewhere
