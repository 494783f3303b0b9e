"""A case that staff close and she answers to: the real services over a house without channels."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.cases import (
    Answers,
    CaseCard,
    CaseEvent,
    CaseKind,
    CaseStatus,
    EventKind,
    NameLevel,
    OpenedCase,
    Outcome,
    RecoveredEvidence,
    RecoveredKind,
)
from bot.domain.civil_time import civil_day
from bot.domain.closing import CallResult
from bot.domain.promises import Promises
from bot.domain.staff import Role, StaffMember
from bot.services import case_work, close_case, follow_up
from bot.services.bell import Bell
from bot.services.case_gate import open_case
from bot.services.case_work import Desk
from tests.talk import House, Talk

STORY = "三个月没发工资"


@dataclass(slots=True)
class Office:
    """An officer who has the only case in hand, and her leader."""

    house: House
    desk: Desk
    officer: StaffMember
    leader: StaffMember
    case_id: str = ""

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    async def does(self, work: Any, actor: StaffMember, *more: Any, **named: Any) -> Any:
        """One act at the desk: work(unit, actor, case, …)."""
        return await self.house.write(lambda unit: work(unit, actor, self.case_id, *more, **named))

    async def closes(self, fen: int = 840_000, outcome: Outcome = Outcome.MEDIATED, **named: Any) -> CaseCard:
        money = (
            {"recovered_kind": RecoveredKind.WAGES, "evidence": RecoveredEvidence.AGREEMENT} if fen else {}
        )
        given: dict[str, Any] = {"how": "电话里谈成的"} | money | named
        return await self.does(
            close_case.close, self.officer, outcome, self.now, self.desk, fen, 2, "单位答应补发。", **given
        )

    async def calls(self, result: CallResult, **named: Any) -> CaseCard:
        return await self.does(follow_up.record_call, self.officer, result, self.now, self.desk, **named)

    async def sweeps(self) -> int:
        """The clock looks after the cases once."""
        return await self.house.write(lambda unit: follow_up.sweep(unit, self.now, self.desk))

    async def waits(self, days: int) -> int:
        """So many days, and on to the same hour of the next working day; what the clock then did."""
        self.house.clock.passes(days=days)
        while not self.desk.promises.is_open(civil_day(self.now)):
            self.house.clock.passes(days=1)
        return await self.sweeps()

    async def card(self) -> CaseCard:
        return await self.house.read(lambda unit: unit.cases.card(self.case_id))

    async def events(self, *kinds: EventKind) -> list[CaseEvent]:
        return list(await self.house.read(lambda unit: unit.cases.outline(self.case_id, kinds)))

    async def facts(self, kind: EventKind) -> list[dict[str, str]]:
        return [event.facts or {} for event in await self.events(kind)]

    async def opened(self) -> OpenedCase:
        return await self.house.write(lambda unit: open_case(unit, self.officer, self.case_id, self.now))

    async def notices(self, member: StaffMember) -> list[str]:
        """What the desk told a member, oldest first."""
        rows = await self.house.read(lambda unit: unit.duty.notices(member.id, 50))
        return [row.text for row in reversed(rows)]


async def office_of(house: House, talk: Talk | None) -> Office:
    """She has handed in a case (or telephoned: nobody holds it), an officer has it in hand."""
    house.clock.passes(hours=14)  # Monday, 10:00
    now = house.clock.now()
    officer = StaffMember("li", "李干事", frozenset({Role.OFFICER}), True, now)
    leader = StaffMember("wang", "王主任", frozenset({Role.LEADER}), True, now)
    person = await talk.person_id() if talk else None
    answers = Answers(happened=STORY, employer="某某商贸公司", name="张三", wish="补发工资")

    def begin(unit: Any) -> None:
        unit.staff.add(officer)
        unit.staff.add(leader)
        card = CaseCard(
            id="c1", number=unit.cases.next_number(now), kind=CaseKind.WAGES, status=CaseStatus.NEW,
            urgent=False, district="金凤区", level=NameLevel.NAMED, topic="wage-arrears",
            source="webchat" if talk else "hotline", opened_at=now, changed_at=now,
            promised_at=now + timedelta(hours=20), assignee=None,
        )  # fmt: skip
        unit.cases.add(card, answers, person, "1234567890123456789012345", None)
        unit.cases.add_event(card.id, EventKind.OPENED, by="worker", at=now)

    await house.write(begin)
    desk = Desk(house.wording, Bell(house.wording, None, "https://example.test"), Promises())
    office = Office(house, desk, officer, leader, "c1")
    await office.does(case_work.claim, officer, now, desk)
    if talk:
        await talk._delivered()
    return office
