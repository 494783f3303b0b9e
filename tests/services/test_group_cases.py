"""One employer, many workers: a parent that knows numbers, children that know nothing of each other."""

import pytest

from bot.domain.cases import EventKind
from bot.domain.errors import NotFound, Refused
from bot.domain.staff import Role
from bot.services import case_work, group_cases
from bot.services.case_gate import open_case as unseal
from tests.conversation.steps import open_case
from tests.services.staffed import desk, hires

__all__ = ["desk"]


@pytest.fixture
async def officer(house):
    return await hires(house, Role.OFFICER)


@pytest.fixture
def opens(house, desk):
    async def one(officer=None, channel="webchat"):
        talk = house.worker(channel)
        await open_case(talk)
        person, now = await talk.person_id(), house.clock.now()
        ids = await house.read(lambda unit: unit.cases.ids_of(person))
        if officer is not None:
            await house.write(lambda unit: case_work.claim(unit, officer, ids[0], now, desk))
            await talk._delivered()
        return talk, await house.read(lambda unit: unit.cases.card(ids[0]))

    return one


@pytest.fixture
def does(house, desk):
    async def act(work, *args):
        now = house.clock.now()
        return await house.write(lambda unit: work(unit, *args, now, desk))

    return act


async def reason_of(doing):
    with pytest.raises(Refused) as told:
        await doing
    return told.value.reason


async def test_a_parent_holds_nothing_of_its_children_but_their_numbers(house, officer, opens, does):
    _, one = await opens(officer)
    _, two = await opens(officer)
    other = await hires(house, Role.OFFICER)
    _, hidden = await opens(other)
    parent = await does(group_cases.start, officer, one.id, "同一单位停发工资")
    await does(group_cases.join, officer, two.id, parent.number)
    assert await reason_of(does(group_cases.join, other, hidden.id, parent.number)) == "no_such_number"
    leader = await hires(house, Role.LEADER)
    await does(group_cases.join, leader, hidden.id, parent.id)
    group = await house.read(lambda unit: group_cases.group_of(unit, officer, parent))
    assert {card.id for card in group.children} == {one.id, two.id}
    assert group.hidden == 1
    assert await house.read(lambda unit: list(unit.cases.people_of(parent.id))) == []
    now = house.clock.now()
    opened = await house.write(lambda unit: unseal(unit, officer, parent.id, now))
    assert opened.answers.happened == "同一单位停发工资", "of the child's own words nothing is copied"
    assert (opened.answers.name, opened.answers.contact, opened.answers.since) == (None, None, None)


async def test_one_text_goes_to_every_child_as_its_own_confirmed_draft(house, officer, opens, does):
    first, one = await opens(officer)
    second, two = await opens(officer, "telegram")
    stranger, three = await opens(await hires(house, Role.OFFICER))
    alone, _ = await opens(officer)
    parent = await does(group_cases.start, officer, one.id, "停发工资")
    await does(group_cases.join, officer, two.id, parent.id)
    leader = await hires(house, Role.LEADER)
    await does(group_cases.join, leader, three.id, parent.id)
    kept = await does(group_cases.write_to_all, officer, parent.id, "下周一上午在工会见面")
    assert {draft.case_id for draft in kept} == {one.id, two.id}, "not into a colleague's case"
    for talk in (first, second, stranger, alone):
        await talk._delivered()
        talk.does_not_hear("下周一上午")
    waiting = await house.write(lambda unit: group_cases.waiting(unit, officer, parent, house.clock.now()))
    assert [one.text for one in waiting] == ["下周一上午在工会见面"] * 2
    for draft in kept:
        await does(group_cases.send_to_one, officer, parent.id, draft.draft_id)
    for talk, others in ((first, two), (second, one)):
        await talk._delivered()
        assert len([reply for reply in talk.new if "下周一上午" in reply.text]) == 1
        shown = "\n".join(reply.text for reply in talk.new)
        assert others.number not in shown and parent.number not in shown
    for talk in (stranger, alone):
        await talk._delivered()
        talk.does_not_hear("下周一上午")
    assert await house.read(lambda unit: list(unit.links.group_drafts(parent.id))) == []
    assert await reason_of(
        does(group_cases.send_to_one, officer, parent.id, kept[0].draft_id)
    ) == "draft_gone"  # fmt: skip


async def test_legal_advice_to_a_group_waits_for_a_second_pair_of_eyes(house, officer, opens, does):
    talk, one = await opens(officer)
    parent = await does(group_cases.start, officer, one.id, "停发工资")
    [draft] = await does(
        group_cases.write_to_all, officer, parent.id, "按《劳动合同法》第三十条，可以申请支付令。"
    )
    assert await reason_of(
        does(group_cases.send_to_one, officer, parent.id, draft.draft_id)
    ) == "needs_review"  # fmt: skip
    await talk._delivered()
    talk.does_not_hear("支付令")


async def test_a_child_leaves_and_is_alone_again(house, officer, opens, does):
    _, one = await opens(officer)
    parent = await does(group_cases.start, officer, one.id, "停发工资")
    [draft] = await does(group_cases.write_to_all, officer, parent.id, "大家好")
    child = await does(group_cases.leave, officer, one.id)
    assert child.parent_id is None
    assert await reason_of(
        does(group_cases.send_to_one, officer, parent.id, draft.draft_id)
    ) == "draft_gone"  # fmt: skip
    assert await reason_of(does(group_cases.leave, officer, one.id)) == "in_no_group"
    assert await reason_of(does(group_cases.write_to_all, officer, parent.id, "喂")) == "no_children"
    kinds = [event.kind for event in await house.read(lambda unit: unit.cases.outline(one.id, EventKind))]
    assert kinds.count(EventKind.GROUPED) == 2


async def test_wrong_groups_are_refused_and_closed_doors_look_like_none(house, officer, opens, does):
    _, one = await opens(officer)
    _, two = await opens(officer)
    assert await reason_of(does(group_cases.join, officer, one.id, two.number)) == "no_group"
    assert await reason_of(does(group_cases.join, officer, one.id, "A99-0001")) == "no_such_number"
    assert await reason_of(does(group_cases.start, officer, one.id, "  ")) == "empty"
    parent = await does(group_cases.start, officer, one.id, "停发工资")
    assert await reason_of(does(group_cases.start, officer, one.id, "再来")) == "in_group"
    assert await reason_of(does(group_cases.start, officer, parent.id, "再来")) == "is_group"
    other = await hires(house, Role.OFFICER)
    with pytest.raises(NotFound):
        await does(group_cases.leave, other, one.id)
