"""What everybody in the demo city acts with: its clock, its people and its cases."""

import random
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.cases import CaseCard, CaseSource
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_talk import Person
from bot.domain.staff import Role, StaffMember
from bot.services.case_work import Desk
from bot.services.demo_plan import Life
from bot.services.worker_cases import WorkersDesk
from knowledge.demo import DemoCity
from knowledge.loader import Knowledge

CHANNELS = {CaseSource.WEBCHAT: "webchat", CaseSource.TELEGRAM: "telegram", CaseSource.WECHAT: "wechat"}


class DemoClock:
    """A clock that is set by hand; fulfils Clock."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


@dataclass(slots=True)
class Stage:
    """`clock` is the store's own clock; `cases` and `drafts` are those of each life, by its key."""

    clock: DemoClock
    desk: Desk
    workers_desk: WorkersDesk
    knowledge: Knowledge
    city: DemoCity
    chance: random.Random
    staff: list[StaffMember] = field(default_factory=list)
    cases: dict[int, str] = field(default_factory=dict)
    drafts: dict[int, str] = field(default_factory=dict)

    def person(self, unit: Unit, life: Life) -> Person:
        """The woman of this life on her channel."""
        address = Address(CHANNELS[life.source], f"demo-{life.key}")
        return unit.people.get_or_add(address, self.clock.at)

    def card(self, unit: Unit, life: Life) -> CaseCard:
        """The case of this life as it stands."""
        card = unit.cases.card(self.cases[life.key])
        assert card is not None
        return card

    def handler(self, unit: Unit, card: CaseCard) -> StaffMember:
        """Who has it now: silence may have given it to somebody else. A leader where nobody has."""
        member = unit.staff.get(card.assignee) if card.assignee else None
        return member or self.one(Role.LEADER)

    def one(self, role: Role) -> StaffMember:
        """Any member of staff with this role."""
        return self.chance.choice([one for one in self.staff if role in one.roles])
