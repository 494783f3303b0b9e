"""After closing: asked again, called, filed away – each once, by a clock that tests move."""

from dataclasses import replace

import pytest

from bot.domain.cases import CaseStatus, Confirmed, EventKind, Outcome
from bot.domain.closing import CallResult
from bot.domain.errors import Refused
from bot.services import follow_up
from tests.closing import Office, office_of
from tests.talk import House, Talk


@pytest.fixture
async def office(house: House, talk: Talk) -> Office:
    return await office_of(house, talk)


async def test_she_is_asked_again_then_somebody_calls_then_it_is_filed(office, talk):
    await office.closes()
    await talk._delivered()
    assert await office.waits(14) == 0
    assert await office.waits(2) == 1
    await talk._delivered()
    talk.hears("您关心的事，我们来问一声。\n\n8,400 元到账了吗？")
    talk.sees_buttons("全部到了", "到了一部分", "还没有", "重新办理")
    assert (await office.card()).status is CaseStatus.FOLLOW_UP
    assert await office.sweeps() == 0
    assert await office.waits(7) == 1
    card = await office.card()
    assert await office.notices(office.officer) == [
        f"{card.number}（工资）：该电话回访了，结果记在案件页的“电话回访”。"
    ]
    assert await office.waits(15) == 1
    assert (await office.card()).status is CaseStatus.ARCHIVED
    assert (await office.facts(EventKind.ARCHIVED))[0]["why"] == "silence"
    assert await office.waits(100) == 0
    await talk._delivered()
    assert talk.new == []


async def test_who_said_that_all_has_come_is_left_in_peace(office, talk):
    await office.closes()
    await talk._delivered()
    await talk.taps("全部到了")
    await office.waits(17)
    await talk._delivered()
    assert talk.new == []
    assert (await office.card()).status is CaseStatus.ARCHIVED
    assert (await office.facts(EventKind.ARCHIVED))[0]["why"] == "answered"


async def test_the_clock_never_files_away_what_has_not_come(office, talk):
    await office.closes()
    await talk._delivered()
    await talk.taps("还没有")
    await office.waits(17)
    await talk._delivered()
    assert (await office.card()).status is CaseStatus.FOLLOW_UP
    for _ in range(4):
        assert await office.waits(16) == 1
    assert (await office.card()).status is CaseStatus.FOLLOW_UP
    told = await office.notices(office.officer)
    assert sum("上次她说没有全部落实" in line for line in told) == 4


async def test_yes_to_the_second_question_files_it_at_once_and_no_still_calls_staff(office, talk):
    await office.closes()
    await office.waits(17)
    await talk._delivered()
    await talk.taps("全部到了")
    card = await office.card()
    assert (card.status, card.confirmed) == (CaseStatus.ARCHIVED, Confirmed.YES)
    await talk.taps("还没有")
    card = await office.card()
    assert (card.status, card.confirmed) == (CaseStatus.ARCHIVED, Confirmed.NO)
    assert "还没有落实" in (await office.notices(office.officer))[-1]
    await talk.taps("重新办理")
    assert (await office.card()).status is CaseStatus.ACCEPTED


async def test_nobody_is_asked_at_night_or_on_a_day_off(office, talk):
    await office.closes()
    await talk._delivered()
    for days, hours in ((16, 12), (3, 0)):  # Wednesday 22:00; Saturday 22:00
        office.house.clock.passes(days=days, hours=hours)
        assert await office.sweeps() == 0
    office.house.clock.passes(hours=12)  # Sunday 10:00
    assert await office.sweeps() == 0
    office.house.clock.passes(days=1)
    assert await office.sweeps() == 1
    await talk._delivered()
    talk.hears("到账了吗")


async def test_who_wants_quiet_is_not_written_to_and_staff_call_at_once(office, talk):
    await office.closes()
    await talk._delivered()
    await talk.says("别回")
    await office.waits(17)
    await talk._delivered()
    assert talk.new == []
    assert "该电话回访了" in (await office.notices(office.officer))[-1]


async def test_who_only_telephoned_is_called_and_by_a_leader_where_the_officer_has_left(house):
    office = await office_of(house, None)
    await office.closes()
    gone = replace(office.officer, active=False)
    await house.write(lambda unit: unit.staff.save(gone))
    await office.waits(17)
    assert "该电话回访了" in (await office.notices(office.leader))[-1]
    assert await office.notices(gone) == []


async def test_a_call_is_noted_and_she_can_set_it_right(office, talk):
    await office.closes()
    await talk._delivered()
    card = await office.calls(CallResult.PARTLY, fen=300_000, stars=4, words="说下月补齐")
    await talk._delivered()
    talk.hears("工作人员刚才和您通过话，记下的是：落实了一部分，3,000 元")
    talk.does_not_hear("说下月补齐")
    assert (card.status, card.confirmed, card.satisfaction) == (CaseStatus.FOLLOW_UP, Confirmed.PARTLY, 4)
    [said] = await office.facts(EventKind.CONFIRMED)
    assert (said["confirmed_fen"], said["answer"]) == ("300000", "partly")
    await talk.taps("改一下")
    await talk.taps("全部到了")
    card = await office.card()
    assert (card.status, card.confirmed) == (CaseStatus.ARCHIVED, Confirmed.YES)
    assert [facts["confirmed_fen"] for facts in await office.facts(EventKind.CONFIRMED)] == [
        "300000",
        "840000",
    ]
    [called] = [event for event in (await office.opened()).events if event.kind is EventKind.FOLLOWED_UP]
    assert called.body == "说下月补齐"


async def test_three_days_without_reaching_her_file_it_away(office):
    await office.closes()
    for day in (1, 2):
        card = await office.calls(CallResult.NOT_REACHED)
        assert card.status is CaseStatus.FOLLOW_UP
        with pytest.raises(Refused, match="tried_today"):
            await office.calls(CallResult.NOT_REACHED)
        assert await office.house.read(lambda unit, now=card: follow_up.tries(unit, now)) == day
        office.house.clock.passes(days=1)
    card = await office.calls(CallResult.NOT_REACHED)
    assert card.status is CaseStatus.ARCHIVED
    assert (await office.facts(EventKind.ARCHIVED))[0]["why"] == "tries"


async def test_calls_that_make_no_sense_are_refused_with_a_reason(office):
    async def reason(**named):
        with pytest.raises(Refused) as told:
            await office.calls(**named)
        return told.value.reason

    assert await reason(result=CallResult.YES) == "not_closed"
    await office.closes()
    assert await reason(result=CallResult.PARTLY) == "nothing_partly"
    assert await reason(result=CallResult.PARTLY, fen=840_000) == "nothing_partly"
    assert await reason(result=CallResult.YES, stars=6) == "stars"
    await office.does(follow_up.archive, office.officer, office.now, office.desk)
    assert await reason(result=CallResult.YES) == "already_filed"
    with pytest.raises(Refused, match="already_filed"):
        await office.does(follow_up.archive, office.officer, office.now, office.desk)


async def test_an_open_case_is_not_filed_away(office):
    with pytest.raises(Refused, match="not_closed"):
        await office.does(follow_up.archive, office.officer, office.now, office.desk)


async def test_what_she_took_back_is_filed_without_a_question_and_can_be_taken_up_again(office, talk):
    await talk.says("我的事")
    await talk.taps("撤回")
    await talk.taps("是，撤回")
    await office.waits(16)
    await talk._delivered()
    assert talk.new == []
    assert (await office.card()).status is CaseStatus.ARCHIVED
    assert (await office.facts(EventKind.ARCHIVED))[0]["why"] == "withdrawn"
    await talk.says("我的事")
    await talk.taps("重新办理")
    assert (await office.card()).status is CaseStatus.ACCEPTED


async def test_where_nothing_was_won_she_is_not_asked_whether_it_has_come(office, talk):
    await office.closes(0, Outcome.TO_ARBITRATION)
    await talk._delivered()
    talk.hears("这次帮您办得怎么样？")
    talk.does_not_hear("到账", "解决了吗")
    with pytest.raises(Refused, match="call_not_needed"):
        await office.calls(CallResult.YES)
    await office.waits(17)
    assert (await office.card()).status is CaseStatus.ARCHIVED


async def test_an_erased_case_is_left_alone_by_the_clock(office):
    await office.closes()

    def erase(unit):
        unit.audit.append("system", "erase_case", office.case_id, office.now)
        unit.cases.erase(office.case_id)

    await office.house.write(erase)
    assert await office.waits(30) == 0


async def test_a_double_stays_as_it_was_when_it_was_joined(office):
    await office.closes()
    card = await office.card()
    joined = await office.house.write(lambda unit: unit.cases.save_card(replace(card, merged_into="other")))
    assert await office.waits(60) == 0
    assert await office.card() == joined


async def test_filing_away_does_not_lengthen_the_time_her_words_are_kept(office, talk):
    closed = await office.closes()
    await office.waits(17)
    await office.waits(7)
    await office.waits(16)
    card = await office.card()
    assert card.status is CaseStatus.ARCHIVED
    assert card.changed_at == closed.changed_at
