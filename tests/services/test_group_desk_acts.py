"""Acts in a case's topic: claiming with the question first, second looks, reminding, doubles, leavers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.cases import CaseStatus, EventKind, ReviewState
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.services import case_work, doubles, drafts
from tests.group_room import LI, SUN, WANG, ZHAO, Room, open_room

ADVICE = "根据《劳动合同法》第三十八条，您可以要求补发工资。"


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as opened:
        await opened.opens()
        yield opened


async def test_claiming_asks_about_the_employer_first(room):
    await room.taps(LI, "认领")
    room.hears("李干部，您或家人与这件事里的单位有关系吗")
    assert room.last() == ["没有，认领", "有，回避"]
    assert (await room.card()).assignee is None
    await room.taps(LI, "没有，认领")
    room.hears("李干部 已认领")
    assert "有，回避" not in room.labels(), "the question gave way to its answer"
    assert "认领" not in room.labels()
    assert (await room.card()).assignee == "li"
    assert len(room.her()) == 1


async def test_who_has_to_do_with_the_employer_does_not_get_the_case_and_cannot_come_back(room):
    await room.taps(LI, "认领")
    await room.taps(LI, "有，回避")
    room.hears("已登记回避")
    for label in ("认领", "起草回复"):
        await room.taps(LI, label)
        room.hears(room.desk.wording.group.not_yours)
    assert (await room.card()).assignee is None
    await room.claims(WANG)
    assert (await room.card()).assignee == "wang"
    assert "李干部" not in "".join(room.her())


async def test_of_two_officers_at_once_the_second_is_told(room):
    await room.taps(LI, "认领")
    await room.taps(WANG, "认领")
    await room.acts(LI, "g:mine:case1")
    await room.acts(WANG, "g:mine:case1")
    room.hears(room.desk.wording.desk.refused["already_claimed"])
    assert (await room.card()).assignee == "li"
    assert (await room.events()).count(EventKind.CLAIMED) == 1
    await room.acts(WANG, "g:claim:case1")
    assert "没有，认领" not in room.last()


async def test_plain_words_may_go_out_without_a_second_look(room):
    await room.claims(LI)
    await room.writes(LI, "草稿：您好，请把工资条拍给我。")
    assert room.last() == ["发送给她", "请律师看", "作废"]
    await room.taps(LI, "发送给她")
    assert "请把工资条拍给我。" in room.her()[-1]


async def test_legal_advice_waits_for_somebody_else_who_approves(room):
    await room.claims(LI)
    await room.writes(LI, f"草稿：{ADVICE}")
    assert room.last() == ["请律师看", "作废", "通过", "退回"]
    draft_id = room.heard[-1].buttons()[0].action.split(":")[-1]
    await room.acts(LI, f"g:send:case1:{draft_id}")
    room.hears("草稿还在，请点“请律师看”")
    assert room.last() == ["请律师看"]
    assert len(room.her()) == 1
    await room.taps(LI, "请律师看")
    room.hears("已经请人复核")
    notices = await room.does(lambda unit: [one.text for one in unit.duty.notices("zhao", 10)])
    assert len(notices) == 1
    assert "工资" in notices[0]
    await room.taps(LI, "通过")
    room.hears(room.desk.wording.group.not_allowed)
    await room.taps(ZHAO, "通过")
    assert room.last() == ["发送给她", "作废"]
    await room.acts(ZHAO, f"g:send:case1:{draft_id}")
    assert len(room.her()) == 1, "who only looked at it does not send it"
    await room.taps(LI, "发送给她")
    assert ADVICE in room.her()[-1]
    await room.acts(WANG, f"g:send:case1:{draft_id}")
    await room.acts(LI, f"g:send:case1:{draft_id}")
    room.hears(room.desk.wording.desk.refused["draft_gone"])
    assert len(room.her()) == 2


async def test_a_draft_that_is_given_back_shows_what_to_change_and_only_to_staff(room):
    await room.claims(LI)
    await room.writes(LI, f"草稿：{ADVICE}")
    await room.taps(LI, "请律师看")
    await room.taps(SUN, "退回")
    room.hears("30 分钟内有效")
    await room.writes(LI, "这句是备注")
    await room.writes(SUN, "条款引错了，应当写第三十条")
    room.hears("复核意见：条款引错了", "已退回")
    assert room.last() == ["起草回复", "作废"]
    assert (await room.events()).count(EventKind.NOTE) == 1
    assert "条款引错了" not in "".join(room.her())
    [draft] = await room.does(lambda unit: drafts.open_case(unit, LI, "case1", room.clock.now()).drafts)
    assert (draft.review, draft.reviewer) == (ReviewState.RETURNED, "sun")


async def test_a_leader_does_not_approve_her_own_words(room):
    await room.claims(SUN)
    await room.writes(SUN, f"草稿：{ADVICE}")
    await room.taps(SUN, "通过")
    room.hears(room.desk.wording.team.refused["own_draft"])


async def test_a_lawyer_who_is_not_asked_sees_and_approves_nothing(room):
    await room.claims(LI)
    await room.writes(LI, f"草稿：{ADVICE}")
    for label in ("通过", "退回", "作废"):
        await room.taps(ZHAO, label)
        room.hears(room.desk.wording.group.not_yours)
    [draft] = await room.does(lambda unit: drafts.open_case(unit, LI, "case1", room.clock.now()).drafts)
    assert draft.review is ReviewState.NEEDED


async def test_words_are_waited_for_half_an_hour_and_in_their_topic_only(room):
    await room.opens(2)
    await room.claims(LI)
    await room.taps(LI, "起草回复")
    await room.writes(LI, "写到别处去了", "case2")
    assert (await room.events("case2")).count(EventKind.DRAFT) == 0
    room.clock.passes(minutes=31)
    await room.writes(LI, "太晚了")
    assert (await room.events()).count(EventKind.DRAFT) == 0
    assert (await room.events()).count(EventKind.NOTE) == 1


async def test_the_handler_is_reminded_in_private_and_at_most_once_an_hour(room):
    await room.does(lambda unit: unit.people.get_or_add(Address("telegram", "501"), room.clock.now()))
    await room.acts(WANG, "g:urge:case1")
    room.hears("现在没有人能收到提醒")
    await room.claims(LI)
    await room.taps(SUN, "提醒办理人")
    room.hears("已提醒办理人")
    assert room.private == ["A26-0001（工资）：孙主任 在工作群里提醒您看一下这件事。"]
    await room.taps(SUN, "提醒办理人")
    room.hears("一小时内已经提醒过")
    assert room.private == []
    room.clock.passes(minutes=61)
    await room.taps(SUN, "提醒办理人")
    assert len(room.private) == 1
    await room.taps(LI, "提醒办理人")
    room.hears("就是您在办")


async def test_nobody_is_reminded_whose_account_is_closed(room):
    await room.claims(LI)
    await room.does(lambda unit: unit.staff.save(replace(LI, active=False)))
    await room.taps(SUN, "提醒办理人")
    room.hears("请负责人改派")


async def test_the_draft_of_an_officer_who_was_removed_stays_and_her_taps_do_nothing(room):
    await room.claims(LI)
    await room.writes(LI, "草稿：您好")
    await room.does(lambda unit: unit.staff.save(replace(LI, active=False)))
    await room.taps(LI, "发送给她")
    room.hears("账号已经停用", "草稿都在案件里")
    await room.taps(LI, "发送给她")
    assert room.heard == [], "told once an hour"
    assert len(room.her()) == 1
    await room.does(lambda unit: case_work.assign(unit, SUN, "case1", "wang", room.clock.now(), room.desk))
    await room.taps(WANG, "发送给她")
    assert "您好" in room.her()[-1]


async def test_the_topic_of_a_double_says_where_work_goes_on_and_loses_no_word(room):
    await room.opens(2)
    await room.claims(SUN)
    await room.claims(SUN, "case2")
    await room.writes(SUN, "草稿：旧草稿", "case2")
    now = room.clock.now()
    await room.does(
        lambda unit: doubles.merge(unit, SUN, "case1", "case2", doubles.Checked.SAME_PLACE, now, room.desk)
    )
    assert any("已并入 A26-0001" in reply.text for reply in room.heard)
    before = len(room.her("case2"))
    await room.taps(SUN, "发送给她", "case2")
    room.hears("请到 A26-0001 的话题或工作台里办")
    await room.writes(SUN, "草稿：新草稿", "case2")
    room.hears("请到 A26-0001 的话题或工作台里办")
    assert len(room.her("case2")) == before
    await room.writes(SUN, "单位来电话了", "case2")
    room.hears("已记为 A26-0002 的内部备注", "并入 A26-0001")
    assert EventKind.NOTE in await room.events("case2")


async def test_buttons_of_another_case_act_on_that_case_and_only_for_who_may_see_it(room):
    await room.opens(2)
    await room.claims(LI, "case2")
    await room.writes(LI, "草稿：第二件的答复", "case2")
    draft_id = room.heard[-1].buttons()[0].action.split(":")[-1]
    await room.acts(LI, f"g:send:case1:{draft_id}")
    assert room.her() == []
    await room.acts(WANG, f"g:send:case2:{draft_id}")
    room.hears(room.desk.wording.group.not_yours)
    assert len(room.her("case2")) == 1


@pytest.mark.parametrize(
    "data",
    ["g:out:case1:burnt", "g:out:case1", "g:many:case1:-1", "g:many:case1:1e9", "g:claim:case1:x",
     "g:send:case1", "g:kind:case1:gold", "g:done:case1", "g:nosum:case1:0", "g:OUT:case1:advised"],
)  # fmt: skip
async def test_forged_buttons_do_nothing(room, data):
    await room.claims(LI)
    before = await room.card()
    await room.acts(LI, data)
    room.hears(room.desk.wording.group.old_button)
    assert await room.card() == before


async def test_a_closed_case_offers_nothing_but_the_desk(room):
    def withdraw(unit: Unit) -> None:
        card = unit.cases.card("case1")
        assert card is not None
        ended = replace(card, status=CaseStatus.WITHDRAWN, closed_at=room.clock.now())
        case_work.show_change(unit, unit.cases.save_card(ended), room.clock.now(), room.desk)

    await room.does(withdraw)
    assert room.labels() == ["打开工作台"]
    for act in ("claim", "draft", "urge", "close"):
        await room.acts(SUN, f"g:{act}:case1")
        room.hears(room.desk.wording.desk.refused["ended"])


async def test_the_wording_knows_every_state_and_every_line(room):
    words = room.desk.wording.group
    assert set(words.draft_state) == set(ReviewState)
    assert set(words.closing.left) == {"tasks", "handovers", "deadlines"}
    assert set(words.digest.names) == {"overdue", "today", "unclaimed", "legal", "reviews", "silent"}
