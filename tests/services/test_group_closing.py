"""Closing a case in its topic: step by step on one card, and nothing happens before it is confirmed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.cases import (
    CaseStatus,
    EventKind,
    Outcome,
    RecoveredEvidence,
    RecoveredKind,
)
from bot.domain.ports import Unit
from bot.services import case_work, team_work
from tests.group_room import LI, SUN, WANG, Room, open_room


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as opened:
        await opened.opens()
        await opened.claims(LI)
        yield opened


async def mediating(room: Room) -> None:
    now = room.clock.now()
    await room.does(lambda unit: case_work.move(unit, LI, "case1", CaseStatus.MEDIATING, now, room.desk))


async def test_a_case_is_closed_with_outcome_people_and_a_sum_that_is_typed(room):
    await mediating(room)
    await room.taps(LI, "办结")
    assert room.last() == [*room.desk.wording.labels.outcome.values(), "放弃"]
    await room.taps(LI, "调解成功")
    await room.taps(LI, "2")
    room.hears("追回多少钱")
    await room.writes(LI, "八千四百")
    room.hears("追回的 8,400 元是哪一种钱")
    await room.taps(LI, "工资")
    await room.taps(LI, "转账记录")
    room.hears("结果：调解成功", "帮到：2 人", "追回：8,400 元（工资，转账记录）")
    assert room.last() == ["确认办结", "放弃"]
    assert (await room.card()).status is CaseStatus.MEDIATING
    before = len(room.her())
    await room.taps(LI, "确认办结")
    room.hears("李干部 已办结（调解成功）")
    card = await room.card()
    assert (card.status, card.outcome, card.people_helped) == (CaseStatus.CLOSED, Outcome.MEDIATED, 2)
    assert (card.recovered_fen, card.recovered_kind, card.recovered_evidence) == (
        840_000, RecoveredKind.WAGES, RecoveredEvidence.TRANSFER,
    )  # fmt: skip
    assert "8,400 元到账了吗" in room.her()[before]
    assert room.labels() == ["打开工作台"], "the card that asked has lost its buttons"
    assert EventKind.NOTE not in await room.events(), "the sum was no note"


async def test_without_a_sum_neither_kind_nor_evidence_is_asked(room):
    await room.taps(LI, "办结")
    await room.taps(LI, "咨询答复")
    await room.writes(LI, "12人")
    await room.taps(LI, "没有金额")
    room.hears("帮到：12 人", "追回：没有金额")
    await room.taps(LI, "确认办结")
    card = await room.card()
    assert (card.outcome, card.people_helped, card.recovered_fen) == (Outcome.ADVISED, 12, 0)


async def test_mediated_without_a_mediation_on_record_goes_by_the_desk(room):
    await room.taps(LI, "办结")
    await room.taps(LI, "调解成功")
    room.hears(room.desk.wording.group.closing.no_mediation)
    await room.taps(LI, "咨询答复")
    room.hears("帮到了几个人")


async def test_a_sum_that_cannot_be_is_told_and_asked_for_again(room):
    await room.taps(LI, "办结")
    await room.taps(LI, "咨询答复")
    await room.taps(LI, "1")
    wrong = {
        "-500": "amount_negative", "8400.555": "amount", "两百亿": "amount", "五十万万元": "amount",
        "99999999999": "amount_range", "8,4,00": "amount", "元": "amount",
    }  # fmt: skip
    for typed, told in wrong.items():
        await room.writes(LI, typed)
        room.hears("办结单还在，请重新打一次", room.desk.wording.refused(told).split("{")[0])
    await room.writes(LI, "１．２万")
    room.hears("12,000 元是哪一种钱")


async def test_a_number_of_people_that_cannot_be_is_told(room):
    await room.taps(LI, "办结")
    await room.taps(LI, "咨询答复")
    for wrong in ("三五个", "1000000", "999999"):
        await room.writes(LI, wrong)
        room.hears("办结单还在，请重新打一次")
    await room.acts(LI, "g:many:case1:999999")
    room.hears(room.desk.wording.refused("people_range").split("{")[0])


async def test_other_words_and_other_people_are_no_sum(room):
    await room.taps(LI, "办结")
    await room.taps(LI, "咨询答复")
    await room.taps(LI, "1")
    await room.writes(LI, "单位说下周给")
    await room.writes(LI, "她说9月15日要开庭，单位那天也会去，请大家把材料准备好")
    await room.writes(SUN, "8400 是上次的数")
    assert (await room.events()).count(EventKind.NOTE) == 3
    await room.writes(LI, "8400")
    room.hears("哪一种钱")


async def test_the_preview_names_what_is_left_undone(room):
    now = room.clock.now()
    await room.does(lambda unit: team_work.add_task(unit, LI, "case1", "打电话", None, None, now, room.desk))
    await room.taps(LI, "办结")
    await room.taps(LI, "咨询答复")
    await room.taps(LI, "1")
    await room.taps(LI, "没有金额")
    room.hears("还没做完：待办 1 项")


async def test_half_a_closing_lapses_and_changes_nothing(room):
    await room.taps(LI, "办结")
    await room.taps(LI, "咨询答复")
    await room.taps(LI, "1")
    room.clock.passes(minutes=31)
    await room.taps(LI, "没有金额")
    room.hears(room.desk.wording.group.closing.lapsed)
    await room.writes(LI, "8400")
    assert EventKind.NOTE in await room.events()
    assert (await room.card()).is_open


async def test_a_closing_belongs_to_who_began_it_and_can_be_given_up(room):
    await room.taps(LI, "办结")
    await room.taps(LI, "咨询答复")
    await room.taps(LI, "1")
    await room.taps(LI, "没有金额")
    await room.taps(SUN, "确认办结")
    room.hears(room.desk.wording.group.closing.lapsed)
    await room.taps(WANG, "确认办结")
    room.hears(room.desk.wording.group.not_yours)
    token = room.heard and next(
        button.action for _, reply in room.shown for button in reply.buttons() if button.label == "确认办结"
    )
    await room.taps(LI, "放弃")
    room.hears("放弃了这次办结")
    await room.acts(LI, str(token))
    room.hears(room.desk.wording.group.closing.lapsed)
    assert (await room.card()).is_open


async def test_what_came_meanwhile_is_shown_before_it_is_closed(room):
    await room.taps(LI, "办结")
    await room.taps(LI, "咨询答复")
    await room.taps(LI, "1")
    await room.taps(LI, "没有金额")

    def urgent(unit: Unit) -> None:
        card = unit.cases.card("case1")
        assert card is not None
        unit.cases.save_card(replace(card, urgent=True))

    await room.does(urgent)
    await room.taps(LI, "确认办结")
    room.hears("刚刚有变化", "结果：咨询答复")
    assert (await room.card()).is_open
    await room.taps(LI, "确认办结")
    assert (await room.card()).outcome is Outcome.ADVISED


async def test_two_who_close_at_once_close_it_once(room):
    for who in (LI, SUN):
        await room.acts(who, "g:close:case1")
        await room.acts(who, "g:out:case1:advised")
        await room.acts(who, "g:many:case1:1")
        await room.acts(who, "g:nosum:case1")
    tokens = [
        button.action for _, reply in room.shown for button in reply.buttons() if button.label == "确认办结"
    ]
    await room.acts(LI, tokens[0])
    await room.acts(SUN, tokens[1])
    assert (await room.events()).count(EventKind.CLOSED) == 1
    room.hears(room.desk.wording.desk.refused["ended"])
    assert (await room.events()).count(EventKind.CLOSED) == 1


async def test_only_who_handles_the_case_closes_it(room):
    for who in (WANG, LI):
        await room.acts(who, "g:close:case2")
        room.hears(room.desk.wording.group.not_yours)
    await room.opens(2)
    await room.acts(LI, "g:close:case2")
    room.hears(room.desk.wording.desk.refused["claim_first"])
