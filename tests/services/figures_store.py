"""A store of its own with staff, for tests of what goes out of the house."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, EventKind, NameLevel
from bot.domain.signals import Signals
from bot.domain.staff import Role, StaffMember
from storage.sqlite import open_store
from tests.fakes import FrozenClock

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@asynccontextmanager
async def opened_store(folder):
    url = f"sqlite:///{folder / 'data' / 'figures.db'}"
    async with open_store(url, folder / "keys" / "master.key", FrozenClock(NOW), Signals()) as store:
        yield store


def hire(unit, name, *roles, active=True):
    member = StaffMember(f"id-{name}", name, frozenset(roles or {Role.LEADER}), active, NOW, True)
    if unit.staff.get(member.id) is None:
        unit.staff.add(member)
    unit.staff.save(member)
    return member


def add_cases(unit, count, *, at=NOW - timedelta(days=30), first=1, **changes):
    """Accepted cases of one kind and district, one an hour."""
    for number in range(first, first + count):
        opened = at + timedelta(minutes=number)
        values = {
            "id": f"case{number}", "number": f"A26-{number:04d}", "kind": CaseKind.WAGES, "urgent": False,
            "status": CaseStatus.NEW, "district": "金凤区", "level": NameLevel.ANONYMOUS, "topic": None,
            "source": "webchat", "opened_at": opened, "changed_at": opened, "promised_at": opened,
            "assignee": None,
        } | changes  # fmt: skip
        unit.cases.add(
            CaseCard(**values), Answers(happened="独角兽", employer="某厂"), None, f"c{number}", None
        )
        unit.cases.add_event(
            values["id"], EventKind.CLAIMED, by="s", at=opened, facts={"to": "accepted", "staff": "s"}
        )
