"""Staff and the clock: who may propose, consent by word of mouth, silence, expiry, joint sessions."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, EventKind, NameLevel, Outcome
from bot.domain.civil_time import at_clock
from bot.domain.closing import WhyFiled
from bot.domain.errors import NotAllowed, NotFound, Refused
from bot.domain.handovers import (
    DeclineReason,
    Field,
    HandOver,
    HandOverState,
    OralConsent,
    PartnerResult,
    PartnerStep,
    Purpose,
    SessionRole,
    SessionState,
)
from bot.domain.incoming import Address
from bot.domain.signals import Signals
from bot.domain.staff import Role
from bot.services import chase_partners, close_case, hand_over, joint_session, partner_guest
from bot.services.file_away import file_away
from bot.services.joint_session import Plan
from bot.services.partner_directory import agencies
from knowledge.models import Office, OfficeKind
from knowledge.wording import Wording
from storage.sqlite import open_store
from tests.fakes import FrozenClock
from tests.partner_desk import ARBITRATION, INSPECTION, PartnerDesk

WEDNESDAY = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)  # 10:00 in Yinchuan
TABLE = (("市仲裁院", SessionRole.HOST), ("市劳动监察支队", SessionRole.MEMBER))


class Place:
    """A store with one case taken down by staff for a caller: nobody writes to us."""

    def __init__(self, store, clock: FrozenClock, wording: Wording) -> None:
        self.store, self.clock, self.wording = store, clock, wording
        self.desk = PartnerDesk(self)

    async def case(self, case_id: str = "case1", *, online: bool = False) -> str:
        now = self.clock.now()
        card = CaseCard(
            case_id, f"A26-{case_id}", CaseKind.WAGES, CaseStatus.NEW, False, "兴庆区", NameLevel.NAMED, None,
            "hotline", now, now, now + timedelta(hours=9), None,
        )  # fmt: skip
        her = Answers("三个月没发工资", "八月起", None, "银光纺织厂", "unknown", "要回工资", "李四", "139")

        def add(unit) -> None:
            person = unit.people.get_or_add(Address("webchat", case_id), now).id if online else None
            unit.cases.add(card, her, person, f"{case_id:0>25}", None)
            unit.cases.add_event(case_id, EventKind.OPENED, by="worker", at=now)

        await self.store.write(add)
        await self.desk.claims(case_id)
        return case_id

    async def agreed(self, case_id: str, *refused: Field, days: int = 30) -> HandOver:
        one = await self.desk.proposes(case_id, days=days)
        return await self.oral(one, OralConsent.BY_PHONE, *refused)

    async def oral(self, one: HandOver, how: OralConsent | None, *refused: Field) -> HandOver:
        return await self.desk.does(
            lambda unit, now, desk: hand_over.record_oral(
                unit, self.desk.staff["officer"], one.case_id, one.id, how, frozenset(refused), now, desk
            )
        )

    async def sweeps(self) -> int:
        return await self.desk.does(lambda unit, now, desk: chase_partners.sweep(unit, now, desk))

    async def plans(self, case_id: str, at: datetime | None, place: str = "三楼", people=TABLE):
        wanted = Plan(at, place, "谈工资", people)
        return await self.desk.does(
            lambda unit, now, desk: joint_session.plan(
                unit, self.desk.staff["officer"], case_id, wanted, now, desk
            )
        )

    async def holds(self, session, agreement: bool | None, day: date | None = None):
        return await self.desk.does(
            lambda unit, now, desk: joint_session.hold(
                unit, self.desk.staff["officer"], session.case_id, session.id, agreement, day, "", now, desk
            )
        )

    async def heard(self, case_id: str) -> list[str]:
        def read(unit):
            person = unit.cases.people_of(case_id)[-1]
            return [line.reply.text for line in unit.outbox.talk(person, (0, 0, 0), 100) if line.reply]

        return await self.store.read(read)


@pytest.fixture
async def place(tmp_path: Path, wording: Wording):
    clock = FrozenClock(WEDNESDAY)
    url = f"sqlite:///{tmp_path / 'data' / 'desk.db'}"
    async with open_store(url, tmp_path / "keys" / "master.key", clock, Signals()) as store:
        made = Place(store, clock, wording)
        await made.desk.opens()
        yield made


async def refused(work) -> str:
    with pytest.raises(Refused) as why:
        await work
    return why.value.reason


async def test_only_who_has_the_case_in_hand_proposes_and_wrong_forms_are_refused(place: Place) -> None:
    case_id, desk = await place.case(), place.desk
    await desk.hires("lawyer", Role.LAWYER)
    await desk.hires("other", Role.OFFICER)
    for who in ("lawyer", "other"):
        with pytest.raises((NotFound, NotAllowed)):
            await desk.proposes(case_id, who=who)
    for days in (0, 91):
        assert await refused(desk.proposes(case_id, days=days)) == "handover_days"
    assert await refused(desk.proposes(case_id, Field.FILES, Field.EVIDENCE)) == "handover_nothing"
    one = await desk.proposes(case_id)
    assert one.offered == tuple(
        field for field in Field if field not in (Field.FILES, Field.EVIDENCE, Field.DEADLINES)
    )
    assert await refused(desk.proposes(case_id)) == "handover_running"
    assert await refused(desk.links(one)) == "handover_state", "without her consent there is no link"
    assert (await desk.proposes(case_id, agency=replace(INSPECTION, id="x"))).state is HandOverState.PROPOSED


async def test_a_caller_consents_by_word_of_mouth_with_who_wrote_it_down_and_when(place: Place) -> None:
    case_id, desk = await place.case(), place.desk
    one = await desk.proposes(case_id)
    assert await refused(place.oral(one, None)) == "handover_oral"
    assert await refused(place.oral(one, OralConsent.BY_PHONE, *Field)) == "handover_nothing"
    kept = await place.oral(one, OralConsent.BY_PHONE, Field.NAME, Field.CONTACT)
    assert (kept.oral, kept.oral_by) == (OralConsent.BY_PHONE, "id-officer")
    assert kept.decided_at == place.clock.now()
    assert set((await desk.content(one)).words) == {
        Field.HAPPENED, Field.SINCE, Field.DISTRICT, Field.EMPLOYER, Field.WISH,
    }  # fmt: skip
    assert await refused(place.oral(one, OralConsent.BY_PHONE)) == "handover_state"
    online = await place.case("case2", online=True)
    asked = await desk.proposes(online)
    assert await refused(place.oral(asked, OralConsent.IN_PERSON)) == "handover_asked_her"


async def test_silence_reminds_the_officer_after_three_working_days_and_the_leader_after_seven(
    place: Place,
) -> None:
    case_id, desk = await place.case(), place.desk
    one = await place.agreed(case_id)
    await desk.links(one)  # on a Wednesday: three working days later is Monday, seven is Friday
    place.clock.passes(days=4, hours=23)
    assert await place.sweeps() == 0
    place.clock.passes(hours=1)
    assert await place.sweeps() == 1
    assert await place.sweeps() == 0, "once each"
    assert ["3 个工作日" in text for text in await desk.notices("officer")] == [True]
    assert await desk.notices("leader") == []
    place.clock.passes(days=4)
    assert await place.sweeps() == 1
    assert await place.sweeps() == 0
    assert ["7 个工作日" in text for text in await desk.notices("leader")] == [True]


async def test_its_received_begins_a_new_silence_and_its_answer_ends_it(place: Place) -> None:
    case_id, desk = await place.case(), place.desk
    link = await desk.links(await place.agreed(case_id))
    secret = await desk.does(
        lambda unit, now, its: partner_guest.enter(unit, link.token, link.code, now, its)
    )

    async def says(step: str) -> None:
        chosen = next(one for one in partner_guest.PartnerStep if one.value == step)
        await desk.does(
            lambda unit, now, its: partner_guest.answer(unit, link.token, secret, chosen, "", "", now, its)
        )

    place.clock.passes(hours=7)
    await says("received")
    place.clock.passes(days=4, hours=20)  # its first silence would have been too long by now
    await place.sweeps()
    assert not any("工作日" in text for text in await desk.notices("officer"))
    place.clock.passes(days=20)  # after a long stop only the highest step acts
    await place.sweeps()
    assert sum("工作日" in text for text in await desk.notices("officer")) == 1
    assert sum("7 个工作日" in text for text in await desk.notices("leader")) == 1


async def test_time_ends_links_and_proposals_and_everybody_hears_of_it_once(place: Place) -> None:
    case_id, desk = await place.case("case1", online=True), place.desk
    one = await desk.proposes(case_id, days=3)
    place.clock.passes(days=3)
    assert await place.sweeps() == 0, "the last day is a whole day"
    place.clock.passes(hours=14)
    assert await place.sweeps() == 1
    assert (await desk.found(one)).state is HandOverState.EXPIRED
    assert not (await desk.content(one)).fields
    caller = await place.case("case2")
    given = await place.agreed(caller, days=2)
    link = await desk.links(given)
    place.clock.passes(days=3)
    opened = await desk.does(
        lambda unit, now, its: partner_guest.enter(unit, link.token, link.code, now, its)
    )
    assert opened is None, "the page is shut before any sweep"
    assert await place.sweeps() == 1
    assert await place.sweeps() == 0
    assert (await desk.found(given)).state is HandOverState.EXPIRED
    assert sum("期限到了" in text for text in await desk.notices("officer")) == 2


@pytest.mark.parametrize("how", ["closed", "filed"])
async def test_with_the_case_every_hand_over_ends_and_no_link_opens_or_is_made(
    place: Place, how: str
) -> None:
    case_id, desk = await place.case(), place.desk
    given, asked = await place.agreed(case_id), await desk.proposes(case_id, agency=ARBITRATION)
    link = await desk.links(given)

    def enters(unit, now, its):
        return partner_guest.enter(unit, link.token, link.code, now, its)

    secret = await desk.does(enters)
    assert await desk.does(lambda unit, now, its: partner_guest.look(unit, link.token, secret, now))
    if how == "closed":
        await desk.does(
            lambda unit, now, its: close_case.close(
                unit, desk.staff["officer"], case_id, Outcome.ADVISED, now, its
            )
        )
    else:  # closed by an earlier version of the program, its link still alive

        def files(unit, now, its):
            card = unit.cases.save_card(replace(unit.cases.card(case_id), status=CaseStatus.CLOSED))
            assert enters(unit, now, its) is None
            file_away(unit, card, WhyFiled.STAFF, "id-officer", now)

        await desk.does(files)
    assert await desk.does(lambda unit, now, its: partner_guest.look(unit, link.token, secret, now)) is None
    assert await desk.does(enters) is None
    for one in (given, asked):
        found = await desk.found(one)
        assert (found.state, found.has_link) == (HandOverState.CANCELLED, False)
        assert not (await desk.content(one)).fields, "the copy of her words is thrown away"
        assert await refused(desk.links(one)) == "handover_state"


async def test_a_joint_session_is_planned_held_and_sets_the_last_day_for_confirmation(place: Place) -> None:
    case_id, desk = await place.case("case1", online=True), place.desk
    now = place.clock.now()
    assert await refused(place.plans(case_id, None)) == "session_when"
    assert await refused(place.plans(case_id, now)) == "session_past"
    assert await refused(place.plans(case_id, now + timedelta(days=400))) == "session_far"
    assert await refused(place.plans(case_id, now + timedelta(days=1), people=())) == "session_nobody"
    assert await refused(place.plans(case_id, now + timedelta(days=1), place=" ")) == "session_place"
    session = await place.plans(case_id, at_clock(date(2026, 11, 20), 14, 30))
    heard = (await place.heard(case_id))[-1]
    assert "后天（11月20日）14:30" in heard
    assert "市仲裁院、市劳动监察支队" in heard
    assert "谈工资" not in heard, "the agenda is for staff"
    assert await refused(place.holds(session, True, date(2026, 11, 18))) == "session_future"
    place.clock.passes(days=3)
    assert await refused(place.holds(session, None)) == "agreement"
    for day in (None, date(2026, 11, 22), date(2026, 11, 17)):  # none, in the future, before the case
        assert await refused(place.holds(session, True, day)) == "agreed_on"
    held = await place.holds(session, True, date(2026, 11, 20))
    assert (held.state, held.confirm_by) == (SessionState.HELD, date(2026, 12, 20))
    assert "2026年12月20日前一起请法院确认" in (await place.heard(case_id))[-1]
    rules = await place.store.read(
        lambda unit: {one.rule: one.last_on for one in unit.deadlines.of_case(case_id)}
    )
    assert rules["judicial_confirmation"] == date(2026, 12, 20)
    assert await refused(place.holds(session, False)) == "session_state"
    assert await desk.states(case_id) == ["planned", "held"]


def test_the_directory_names_real_offices_and_tells_hours_only_when_checked(wording: Wording) -> None:
    today = date(2026, 11, 22)
    office = Office(
        id="a", name="市仲裁院", kind=OfficeKind.ARBITRATION, phone="1", hours="9:00–17:00", verified_on=today
    )
    unchecked = office.model_copy(update={"id": "b", "name": "区仲裁院", "verified_on": None})
    found = {one.id: one for one in agencies((office, unchecked), wording.partners, today)}
    assert found["a"].hours == "9:00–17:00"
    assert found["b"].hours == ""
    assert found["police"].name == "公安机关"
    assert {one.kind for one in found.values()} == {kind.value for kind in wording.partners.agencies}
    assert all(one.needs and one.purposes for one in found.values())


def test_every_closed_set_has_its_words(wording: Wording) -> None:
    words = wording.partners
    for names, values in (
        (words.fields, Field), (words.purposes, Purpose), (words.states, HandOverState),
        (words.her.states, HandOverState), (words.steps, PartnerStep), (words.reasons, DeclineReason),
        (words.results, PartnerResult), (words.oral, OralConsent), (words.roles, SessionRole),
        (words.session_states, SessionState),
    ):  # fmt: skip
        assert set(names) == {one.value for one in values}
    assert {one.value for one in PartnerStep} == set(words.notices.answers)
    assert {one.value for one in PartnerStep} - {"note"} == set(words.her.answers)
    told = {one.value for one in PartnerStep} | {"planned", "held", "cancelled_session", "asked", "agreed"}
    assert told <= set(words.her.timeline)
