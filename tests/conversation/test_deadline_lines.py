"""She reads the days that matter on her receipt and in her case, and never what is not sure."""

import re

from bot.domain.case_deadlines import CaseDeadline, DaySure, DeadlineState
from tests.conversation.steps import at_level, open_case
from tests.talk import House, Talk

WORDS = "怀孕被辞退怎么办"


async def hands_in(talk: Talk, since: str) -> None:
    await at_level(talk)
    await talk.taps("匿名")
    await talk.says(WORDS)
    await talk.taps("说完了")
    await talk.says(since)
    await talk.taps("金凤区")
    await talk.says("万家超市")
    await talk.taps("有书面的")
    await talk.says("想继续上班")
    await talk.taps("提交")


async def test_the_receipt_names_the_nearest_days_with_their_law_and_says_that_they_are_trials(
    talk: Talk,
) -> None:
    await hands_in(talk, "上周三")
    talk.hears(
        "申请劳动仲裁：最晚2027年11月11日", "还有 354 天", "《劳动争议调解仲裁法》第二十七条第一款",
        "向劳动监察投诉：最晚2028年11月11日", "按您说的时间试算", "请把最后四位打回来",
    )  # fmt: skip
    [receipt] = [reply.text for reply in talk.new if "回执码" in reply.text]
    assert receipt.index("要记的日子") < receipt.index("您的回执码")
    assert "仲裁" not in receipt.splitlines()[0]
    assert re.search(r"(?:\d{5} ){4}\d{5}", receipt)


async def test_without_a_clear_day_she_is_told_that_it_will_be_asked(talk: Talk, house: House) -> None:
    await hands_in(talk, "很久了")
    talk.hears("申请劳动仲裁：日期还要核对")
    talk.does_not_hear("最晚", "试算")
    await talk.says("我的事")
    talk.hears("申请劳动仲裁：日期还要核对")
    [card] = await house.cases()
    kept = await house.read(lambda unit: unit.deadlines.of_case(card.id))
    assert [(one.rule, one.last_on, one.sure) for one in kept] == [("arbitration", None, DaySure.UNKNOWN)]


async def test_what_the_receipt_says_is_what_the_house_keeps(talk: Talk, house: House) -> None:
    await hands_in(talk, "9月底")
    [card] = await house.cases()
    kept = await house.read(lambda unit: unit.deadlines.of_case(card.id))
    assert [(one.rule, one.last_on.isoformat(), one.set_by) for one in kept] == [
        ("arbitration", "2027-09-20", "system"), ("labor_inspection", "2028-09-20", "system"),
    ]  # fmt: skip
    await talk.says("我的事")
    talk.hears("最晚2027年9月20日", "还有 302 天", "您交了上来")
    assert "仲裁" not in talk.new[0].text.splitlines()[0]
    house.clock.passes(days=302)
    await talk.says("我的事")
    talk.hears("最晚今天")


async def test_what_lapsed_is_said_with_what_can_still_be_done(talk: Talk, house: House) -> None:
    await open_case(talk)
    [card] = await house.cases()
    now = house.clock.now()
    day = now.date().replace(month=10, day=1)

    def lapse(unit) -> None:
        for one in unit.deadlines.of_case(card.id):
            unit.deadlines.keep(CaseDeadline(
                one.id, one.case_id, one.rule, day, day, DaySure.FIXED, "s1", now,
                DeadlineState.LAPSED, ended_at=now,
            ))  # fmt: skip

    await house.write(lapse)
    await talk.says("我的事")
    talk.hears("10月1日", "已经过了", "欠工资而人还在职的不受一年限制")
    talk.does_not_hear("试算")


async def test_many_dates_are_cut_to_two_and_counted(talk: Talk, house: House) -> None:
    await hands_in(talk, "上周三")
    [card] = await house.cases()
    now = house.clock.now()
    day = now.date()

    def add(unit) -> None:
        for at, rule in enumerate(("lawsuit", "legal_aid_decision", "appeal")):
            unit.deadlines.keep(
                CaseDeadline(f"d{at}", card.id, rule, day, day.replace(day=25 + at), DaySure.FIXED, "s1", now)
            )

    await house.write(add)
    await talk.says("我的事")
    talk.hears("不服仲裁裁决去法院起诉：最晚11月25日", "法律援助机构给答复：应在11月26日", "另有 3 个日子")
    talk.does_not_hear("上诉", "试算")


async def test_unpaid_wages_have_no_last_day_while_she_works_there(talk: Talk) -> None:
    await at_level(talk)
    await talk.taps("匿名")
    await talk.says("还在上班，三个月没发工资")
    await talk.taps("说完了")
    await talk.says("9月底")
    for _ in range(4):
        await talk.taps("跳过")
    await talk.taps("提交")
    talk.hears(
        "为欠薪申请劳动仲裁：还在上班，不受一年限制", "第二十七条第四款", "向劳动监察投诉：最晚2028年9月20日"
    )
    talk.does_not_hear("申请劳动仲裁：最晚", "第二十七条第一款")


async def test_a_case_that_ended_names_in_one_line_what_still_runs_and_asks_nothing(talk: Talk) -> None:
    await hands_in(talk, "上周三")
    await talk.says("我的事")
    await talk.taps("撤回")
    await talk.taps("是，撤回")
    talk.hears("再留 180 天", "打 12351")
    talk.does_not_hear("按规定")
    await talk.says("我的事")
    talk.hears("还有日子没到：申请劳动仲裁最晚2027年11月11日")
    talk.does_not_hear("要记的日子", "请告诉我们", "还要核对")
    talk.sees_buttons("补充", "重新办理")
