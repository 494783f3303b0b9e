"""Staff take a case down for a caller; she, or who called for her, goes on with the code anywhere."""

import secrets
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.cases import Answers, CaseKind, CaseSource, CaseStatus, EventKind, NameLevel
from bot.domain.civil_time import civil_day
from bot.domain.errors import NotAllowed, Refused
from bot.domain.ports_links import Alike, SpokenFor
from bot.domain.staff import Role
from bot.services import case_slip, doubles, drafts, take_down_case
from bot.services.take_down_case import Told, read_words
from tests.services.staffed import desk, hires

__all__ = ["desk"]

CALLED = Told(
    CaseSource.HOTLINE,
    Answers(
        happened="怀孕被辞退怎么办", since="上周三", district="金凤区", employer="某某超市", wish="继续上班"
    ),
    agreed=True,
)


@pytest.fixture
async def officer(house):
    return await hires(house, Role.OFFICER)


class Plain:
    """The search of the tests, which needs nothing prepared."""

    def __init__(self, search):
        self.search = search.search

    def prepare(self, text):
        pass


@pytest.fixture
def takes_down(house, desk, officer, search):
    async def take(told=CALLED, once=None, actor=officer):
        reading = read_words(told.answers.happened, house.knowledge, Plain(search))
        form, now = once or secrets.token_hex(8), house.clock.now()
        return await house.write(
            lambda unit: take_down_case.take_down(
                unit, actor, form, told, reading, now, desk, house.knowledge
            )
        )

    return take


async def slip(house, actor, card):
    now = house.clock.now()
    return await house.write(lambda unit: case_slip.print_slip(unit, actor, card.id, now))


async def test_a_call_becomes_the_same_card_with_who_wrote_it_down_and_what_she_agreed_to(
    house, officer, takes_down
):
    card = await takes_down()
    assert (card.source, card.kind, card.status) == ("hotline", CaseKind.MATERNITY, CaseStatus.ACCEPTED)
    assert (card.assignee, card.level, card.district) == (officer.id, NameLevel.ANONYMOUS, "金凤区")
    assert card.promised_at > house.clock.now()
    oral = await house.read(lambda unit: unit.links.oral_consents(card.id))
    assert [(one.kind, one.by) for one in oral] == [("handing_over", officer.id), ("processing", officer.id)]
    [opened] = await house.read(lambda unit: unit.cases.outline(card.id, (EventKind.OPENED,)))
    assert opened.by == officer.id


async def test_a_form_sent_twice_makes_one_case(house, takes_down):
    first, again = await takes_down(once="same"), await takes_down(once="same")
    assert first.id == again.id
    assert len(await house.cases()) == 1


async def test_words_of_danger_make_it_urgent_at_once(house, takes_down):
    told = replace(CALLED, answers=Answers(happened="她老公把她打了，现在还堵在门口"), mine=False)
    card = await takes_down(told)
    assert card.urgent and card.assignee is None
    assert card.promised_at - house.clock.now() <= timedelta(minutes=30)


REFUSED = (
    ("no_source", {"source": None}),
    ("no_source", {"source": CaseSource.TELEGRAM}),
    ("nothing_told", {"answers": Answers(happened="  \r\n ")}),
    ("too_long", {"answers": Answers(happened="长" * 4001)}),
    ("field_long", {"answers": Answers(happened="事", employer="厂" * 301)}),
    ("not_agreed", {"agreed": False}),
    ("not_agreed", {"agreed": False, "source": CaseSource.TRANSFERRED}),
    ("name_not_agreed", {"answers": Answers(happened="事", contact="13912345678")}),
    ("name_missing", {"keep_name": True}),
    ("other_not_agreed", {"for_other": True}),
    ("heard_in_future", {"heard_on": 1}),
    ("heard_long_ago", {"heard_on": -61}),
)


async def test_what_cannot_be_taken_down_is_refused_and_nothing_is_kept(house, takes_down):
    today = civil_day(house.clock.now())
    for reason, changes in REFUSED:
        if "heard_on" in changes:
            changes = {"heard_on": today + timedelta(days=changes["heard_on"])}
        with pytest.raises(Refused) as told:
            await takes_down(replace(CALLED, **changes))
        assert told.value.reason == reason, changes
        assert await house.cases() == []


async def test_what_an_inspection_found_needs_nobodys_consent(house, takes_down):
    card = await takes_down(replace(CALLED, source=CaseSource.INSPECTION, agreed=False))
    assert card.source == "inspection"
    assert await house.read(lambda unit: unit.links.oral_consents(card.id)) == []


async def test_lawyers_and_curators_take_nothing_down(house, takes_down):
    for role in (Role.LAWYER, Role.CURATOR, Role.ADMIN, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            await takes_down(actor=await hires(house, role))


async def test_the_slip_is_for_who_handles_it_and_every_look_is_audited(house, officer, takes_down):
    card = await takes_down()
    leader = await hires(house, Role.LEADER)
    first = await slip(house, officer, card)
    again = await slip(house, leader, card)
    assert first.first and not again.first
    assert first.code == again.code and len(first.code.replace(" ", "")) == 25
    acts = [line.act for line in await house.read(lambda unit: unit.audit.lines(card.id, 50))]
    assert acts.count("print_slip") == 2
    free = await takes_down(replace(CALLED, mine=False))
    other = await hires(house, Role.OFFICER)
    with pytest.raises(NotAllowed):
        await slip(house, other, free)
    assert (await slip(house, officer, free)).first, "who took it down gives it to her"


@pytest.mark.parametrize("channel", ["webchat", "telegram"])
async def test_whoever_brings_the_code_takes_it_up_and_is_answered_there(
    house, desk, officer, takes_down, channel
):
    card = await takes_down()
    code = (await slip(house, officer, card)).code
    now = house.clock.now()
    draft = await house.write(lambda u: drafts.write_draft(u, officer, card.id, "请带合同", now, desk))
    with pytest.raises(Refused) as told:
        await house.write(lambda u: drafts.send_draft(u, officer, card.id, draft.id, now, desk))
    assert told.value.reason == "nobody_there"
    her = house.worker(channel)
    await her.says(code)
    her.hears(card.number)
    her.does_not_hear("替您登记")
    await her.taps("补充")
    await her.says("我带了合同")
    await house.write(lambda u: drafts.send_draft(u, officer, card.id, draft.id, now, desk))
    await her._delivered()
    her.hears("请带合同")


async def test_who_called_twice_with_the_same_number_is_noticed(house, officer, takes_down):
    named = replace(
        CALLED,
        keep_name=True,
        answers=replace(CALLED.answers, contact="139-1234-5678"),
        level=NameLevel.NAMED,
    )
    first = await takes_down(named)
    house.clock.passes(days=3)
    again = await takes_down(replace(named, answers=replace(named.answers, contact="13912345678")))
    assert again.level is NameLevel.NAMED
    now = house.clock.now()
    [double] = await house.read(lambda unit: doubles.likely(unit, officer, again, now))
    assert (double.card.id, double.why) == (first.id, Alike.CONTACT)
    stranger = await hires(house, Role.OFFICER)
    assert await house.read(lambda unit: doubles.likely(unit, stranger, again, now)) == [], "not hers to see"
    house.clock.passes(days=31)
    late = await takes_down(named)
    assert await house.read(lambda unit: doubles.likely(unit, officer, late, house.clock.now())) == []


async def test_a_case_told_by_another_is_marked_until_she_speaks_herself(house, desk, officer, takes_down):
    card = await takes_down(replace(CALLED, for_other=True, other_agreed=True))
    code = (await slip(house, officer, card)).code
    brother = house.worker()
    await brother.says(code)
    brother.hears("您就是本人吗")
    await brother.taps("我是替本人来看的")
    state = await house.read(lambda unit: unit.links.for_other(card.id))
    assert state.state is SpokenFor.STATED
    now = house.clock.now()
    await house.write(lambda u: take_down_case.she_spoke(u, officer, card.id, now, desk))
    state = await house.read(lambda unit: unit.links.for_other(card.id))
    assert (state.state, state.by) == (SpokenFor.CONFIRMED, officer.id)
    with pytest.raises(Refused) as told:
        await house.write(lambda u: take_down_case.she_spoke(u, officer, card.id, now, desk))
    assert told.value.reason == "not_for_other"
