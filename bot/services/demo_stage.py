"""What everybody in the demo city acts with: its clock, its people and its cases."""

import random
from collections.abc import Sequence
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
from knowledge.demo import DemoCity, DemoVoice
from knowledge.loader import Knowledge

CHANNELS = {CaseSource.WEBCHAT: "webchat", CaseSource.TELEGRAM: "telegram"}


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
    lives: dict[str, Life] = field(default_factory=dict)  # by the id of the case
    said: dict[tuple[str, int], int] = field(default_factory=dict)  # how many of such words are used up
    drafts: dict[int, str] = field(default_factory=dict)

    def person(self, unit: Unit, life: Life) -> Person:
        """The woman of this life on her channel."""
        address = Address(CHANNELS[life.source], f"demo-{life.key}")
        return unit.people.get_or_add(address, self.clock.at)

    def opened(self, life: Life, case_id: str) -> None:
        """The case of this life is there."""
        self.cases[life.key], self.lives[case_id] = case_id, life

    def voice(self, life: Life) -> DemoVoice:
        """How its kind of trouble is spoken of."""
        return self.city.voice(life.kind.value, life.topic)

    def next_of(self, sort: str, life: Life, words: Sequence[str]) -> str | None:
        """The next of these words that this case has not had yet."""
        place = self.said.get((sort, life.key), 0)
        self.said[sort, life.key] = place + 1
        return words[place] if place < len(words) else None

    def card(self, unit: Unit, life: Life) -> CaseCard:
        """The case of this life as it stands."""
        card = unit.cases.card(self.cases[life.key])
        assert card is not None
        return card

    def handler(self, unit: Unit, card: CaseCard) -> StaffMember:
        """Who has it now: silence may have given it to somebody else. A leader where nobody has."""
        member = unit.staff.get(card.assignee) if card.assignee else None
        return member or self.one(Role.LEADER)

    def least_busy(self, unit: Unit, role: Role = Role.OFFICER) -> StaffMember:
        """A member with this role who has the fewest open cases."""
        busy = unit.duty.open_counts()
        members = [one for one in self.staff if role in one.roles]
        fewest = min(busy.get(one.id, 0) for one in members)
        return self.chance.choice([one for one in members if busy.get(one.id, 0) == fewest])

    def one(self, role: Role) -> StaffMember:
        """Any member of staff with this role."""
        return self.chance.choice([one for one in self.staff if role in one.roles])
