"""What staff and a partner agency do about a hand-over, on any house of the tests."""

import io
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from bot.domain.cases import CaseCard, CaseStatus
from bot.domain.handovers import Agency, Content, Field, HandOver, Purpose
from bot.domain.ports import Unit
from bot.domain.ports_cases import StoredFile
from bot.domain.promises import Promises
from bot.domain.staff import Role, StaffMember
from bot.services import case_work, hand_over
from bot.services.bell import Bell
from bot.services.case_work import Desk
from bot.services.hand_over import Link, Proposal

INSPECTION = Agency(
    "inspection-1", "labor_inspection", "市劳动监察支队", "查处欠薪", (), (Purpose.INSPECTION,)
)
ARBITRATION = Agency("arbitration-1", "arbitration", "市仲裁院", "仲裁")


@dataclass
class PartnerDesk:
    """One officer and one leader at the desk of a house (anything with store, clock and wording)."""

    house: Any
    staff: dict[str, StaffMember] = field(default_factory=dict)

    @property
    def desk(self) -> Desk:
        return Desk(self.house.wording, Bell(self.house.wording, None, "https://example.test"), Promises())

    async def hires(self, name: str, role: Role) -> StaffMember:
        member = StaffMember(f"id-{name}", name, frozenset({role}), True, self.house.clock.now())
        await self.house.store.write(lambda unit: unit.staff.add(member))
        self.staff[name] = member
        return member

    async def opens(self) -> "PartnerDesk":
        await self.hires("officer", Role.OFFICER)
        await self.hires("leader", Role.LEADER)
        return self

    async def does(self, work: Any) -> Any:
        """One unit, with the time and the desk."""
        now, desk = self.house.clock.now(), self.desk
        return await self.house.store.write(lambda unit: work(unit, now, desk))

    async def claims(self, case_id: str) -> CaseCard:
        return await self.does(
            lambda unit, now, desk: case_work.claim(unit, self.staff["officer"], case_id, now, desk)
        )

    async def proposes(
        self,
        case_id: str,
        *fields: Field,
        agency: Agency = INSPECTION,
        who: str = "officer",
        days: int = 30,
        purpose: Purpose = Purpose.INSPECTION,
    ) -> HandOver:
        wanted = Proposal(agency, purpose, frozenset(fields or Field), days)
        return await self.does(
            lambda unit, now, desk: hand_over.propose(unit, self.staff[who], case_id, wanted, now, desk)
        )

    async def links(self, one: HandOver) -> Link:
        return await self.does(
            lambda unit, now, desk: hand_over.make_link(
                unit, self.staff["officer"], one.case_id, one.id, now, desk
            )
        )

    async def found(self, one: HandOver) -> HandOver:
        return await self.house.store.read(lambda unit: unit.partners.get(one.id))

    async def content(self, one: HandOver) -> Content:
        def read(unit: Unit) -> Content:
            seq = unit.audit.append("test", "look", one.case_id, self.house.clock.now())
            return unit.partners.content(one.id, seq)

        return await self.house.store.write(read)

    async def notices(self, name: str) -> list[str]:
        """What a member was told, oldest first."""
        rows = await self.house.store.read(lambda unit: unit.duty.notices(self.staff[name].id, 100))
        return [row.text for row in reversed(rows)]

    async def states(self, case_id: str) -> list[str]:
        """States told by the events about hand-overs, partners and sessions, oldest first."""
        from bot.domain.cases import EventKind

        kinds = (EventKind.HANDOVER, EventKind.PARTNER, EventKind.SESSION)
        events = await self.house.store.read(lambda unit: unit.cases.outline(case_id, kinds))
        return [event.facts["state"] for event in events]

    async def status(self, case_id: str) -> CaseStatus:
        return (await self.house.store.read(lambda unit: unit.cases.card(case_id))).status


def picture(colour: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), colour).save(out, "PNG")
    return out.getvalue()


async def keeps_picture(house: Any, case_id: str, *, clean: bool = True, mark: str = "f") -> str:
    """A photo of hers in the case, with the copy that betrays nothing (or without); id of the original."""
    now, names = house.clock.now(), [f"{mark}-original", *([f"{mark}-copy"] if clean else [])]
    keys = {name: await house.store.vault.put(name, picture()) for name in names}

    def keep(unit: Unit) -> None:
        person = unit.cases.people_of(case_id)[-1]
        for name in names:
            of = None if name == names[0] else names[0]
            row = StoredFile(name, "photo", 9, "0" * 64, "李某某身份证.png", "image/png", of)
            unit.files.keep(row, person, keys[name], now)
        unit.cases.add_file(case_id, names[0])

    await house.store.write(keep)
    return names[0]
