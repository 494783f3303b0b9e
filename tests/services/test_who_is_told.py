"""What random walks found: notices in spite of a conflict, a hand-over to which nobody can agree."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, NameLevel
from bot.domain.errors import Refused
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_links import Merge
from bot.domain.reply import Lane, Reply
from bot.domain.signals import Signals
from bot.domain.staff import Role
from bot.services import conflicts, group_cases, hand_over, tell_desk
from knowledge.wording import Wording
from storage.sqlite import open_store
from tests.fakes import FrozenClock
from tests.partner_desk import PartnerDesk


class Place:
    """A store with one case that the officer has in hand."""

    def __init__(self, store, clock: FrozenClock, wording: Wording) -> None:
        self.store, self.clock, self.wording = store, clock, wording
        self.desk = PartnerDesk(self)

    async def case(self) -> CaseCard:
        now = self.clock.now()

        def add(unit: Unit) -> None:
            card = CaseCard(
                "case1", unit.cases.next_number(now), CaseKind.WAGES, CaseStatus.NEW, False, None,
                NameLevel.ANONYMOUS, None, "hotline", now, now, now + timedelta(hours=9), None,
            )  # fmt: skip
            unit.cases.add(card, Answers("三个月没发工资"), None, "7" * 25, None)

        await self.store.write(add)
        return await self.desk.claims("case1")


@pytest.fixture
async def place(tmp_path: Path, wording: Wording):
    clock = FrozenClock()
    url = f"sqlite:///{tmp_path / 'data' / 'desk.db'}"
    async with open_store(url, tmp_path / "keys" / "master.key", clock, Signals()) as store:
        made = Place(store, clock, wording)
        await made.desk.opens()
        yield made


async def test_who_has_a_conflict_of_interest_is_told_nothing_more_of_the_case(place: Place) -> None:
    card, desk = await place.case(), place.desk
    await desk.hires("other", Role.LEADER)
    for name in ("other", "officer"):
        await desk.does(
            lambda unit, now, at, name=name: conflicts.declare_conflict(
                unit, desk.staff[name], card.id, now, at
            )
        )
    assert await desk.notices("other") == []
    assert len(await desk.notices("leader")) == 1


async def test_a_handler_with_a_conflict_gives_way_to_the_leaders(place: Place) -> None:
    card, desk = await place.case(), place.desk
    await desk.does(
        lambda unit, now, _: unit.team.keep_conflict(card.id, desk.staff["officer"].id, None, now)
    )
    before = len(await desk.notices("officer"))
    await desk.does(lambda unit, now, at: hand_over.tell_staff(unit, card, "{number} {kind}", now, at))
    await desk.does(
        lambda unit, now, at: tell_desk.tell_handler(unit, card, "{number} {kind}", now, at.wording)
    )
    assert len(await desk.notices("officer")) == before
    assert [text.partition(" ")[0] for text in await desk.notices("leader")] == ["A26-0001"] * 2


async def test_the_parent_of_a_group_is_not_handed_over_as_nobody_could_agree(place: Place) -> None:
    card, desk = await place.case(), place.desk
    parent = await desk.does(
        lambda unit, now, at: group_cases.start(unit, desk.staff["officer"], card.id, "停发工资", now, at)
    )
    with pytest.raises(Refused, match="handover_group"):
        await desk.proposes(parent.id)
    assert (await desk.proposes(card.id)).case_id == card.id


async def test_what_waits_for_somebody_who_holds_the_case_no_more_is_not_sent(place: Place) -> None:
    now = place.clock.now()
    wanted = {"older": "w0", "younger": "w1", "third": "w1"}

    def joined(unit: Unit) -> tuple[str, list[str], list[str]]:
        people = {name: unit.people.get_or_add(Address("webchat", name), now).id for name in ("w0", "w1")}
        for case_id, name in wanted.items():
            card = CaseCard(
                case_id, unit.cases.next_number(now), CaseKind.WAGES, CaseStatus.NEW, False, None,
                NameLevel.ANONYMOUS, None, "webchat", now, now, now, None,
            )  # fmt: skip
            unit.cases.add(card, Answers("三个月没发工资"), people[name], f"{case_id:7>25}", None)
        for double in ("younger", "third"):
            unit.links.merge(Merge(double, "older", now, "li", {}, {}))
        for person in unit.links.hearers("older"):
            unit.outbox.add(person, [Reply("回复")], lane=Lane.REPLY, now=now, case_id="older")
        unit.links.unmerge("younger")
        still = list(unit.cases.people_of("older"))
        unit.links.unmerge("third")
        return people["w0"], still, list(unit.cases.people_of("older"))

    first, still, at_last = await place.store.write(joined)
    assert len(still) == 2, "through the other double she holds it as before"
    assert at_last == [first]
    rows = await place.store.write(lambda unit: unit.outbox.claim("webchat", now, 10))
    assert [row.person_id for row in rows] == [first]
