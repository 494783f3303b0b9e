"""A store with staff and one case, for tests of what staff do, without pages or talk."""

from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, NameLevel
from bot.domain.incoming import Address
from bot.domain.promises import Promises
from bot.domain.signals import Signals
from bot.domain.staff import Role, StaffMember
from bot.services.bell import Bell
from bot.services.case_work import Desk
from knowledge.wording import load_wording
from storage.sqlite import open_store
from tests.fakes import FrozenClock

KNOWLEDGE = Path(__file__).resolve().parents[2] / "knowledge"
PEOPLE = {
    "li": Role.OFFICER, "zhou": Role.OFFICER, "zhao": Role.LAWYER, "qian": Role.LAWYER, "wang": Role.LEADER,
}  # fmt: skip


@dataclass
class DeskStore:
    """Short ways to act as somebody. Members are named by their id."""

    store: Any
    clock: FrozenClock
    desk: Desk
    staff: dict[str, StaffMember]

    async def does(self, act: Callable[..., Any], who: str, *given: Any, **named: Any) -> Any:
        """act(unit, member, *given, now, desk, **named) in a unit of its own."""
        now = self.clock.now()
        return await self.store.write(
            lambda unit: act(unit, self.staff[who], *given, now, self.desk, **named)
        )

    async def case(self, case_id: str = "c1", **changes: Any) -> CaseCard:
        """A case that somebody holds, with Li where nothing else is said."""
        now = self.clock.now()
        values: dict[str, Any] = {
            "id": case_id, "number": f"A26-{case_id}", "kind": CaseKind.WAGES, "status": CaseStatus.ACCEPTED,
            "urgent": False, "district": None, "level": NameLevel.ANONYMOUS, "topic": None,
            "source": "webchat", "opened_at": now, "changed_at": now,
            "promised_at": now + timedelta(hours=20), "assignee": "li",
        }  # fmt: skip
        card = CaseCard(**(values | changes))

        def add(unit: Any) -> None:
            person = unit.people.get_or_add(Address("webchat", f"her-{case_id}"), now)
            unit.cases.add(card, Answers(happened="没发工资"), person.id, f"code-{case_id}", None)

        await self.store.write(add)
        return card

    async def heard(self, case_id: str = "c1") -> list[str]:
        """What was queued for her."""

        def read(unit: Any) -> list[str]:
            person = unit.cases.people_of(case_id)[-1]
            return [line.reply.text for line in unit.outbox.talk(person, (0, 0, 0), 50) if line.reply]

        return await self.store.read(read)

    async def changes(self, staff_id: str, **changes: Any) -> None:
        """An account is changed behind everybody's back."""
        member = replace(self.staff[staff_id], **changes)
        await self.store.write(lambda unit: unit.staff.save(member))


@asynccontextmanager
async def desk_store(folder: Path):
    """A fresh one in `folder`."""
    clock, wording = FrozenClock(), load_wording(KNOWLEDGE)
    staff = {
        name: StaffMember(name, f"{name}某", frozenset({role}), True, clock.now())
        for name, role in PEOPLE.items()
    }
    url = f"sqlite:///{folder / 'data' / 'desk.db'}"
    async with open_store(url, folder / "keys" / "master.key", clock, Signals()) as store:
        await store.write(lambda unit: [unit.staff.add(member) for member in staff.values()])
        yield DeskStore(store, clock, Desk(wording, Bell(wording, None, ""), Promises()), staff)
