"""Words under a message of staff: they reach the case that she means, after one tap, and no other."""

from datetime import timedelta

import pytest

from bot.conversation.actions import Do, act
from bot.conversation.session import Place
from bot.domain.cases import CaseCard, EventKind
from tests.conversation.steps import open_case
from tests.talk import House, Talk

ANSWER = "星期三下午可以"
DANGER = "他今天又动手打了我"


async def two_cases(talk: Talk) -> None:
    """A26-0001 and the newer A26-0002; she is at home."""
    await open_case(talk)
    await talk.says("菜单")
    await talk.says("找工会帮我")
    await talk.taps("这是另一件事")
    await open_case(talk, started=True)
    await talk.says("菜单")


async def card(house: House, number: str) -> CaseCard:
    return next(card for card in await house.cases() if card.number == number)


async def staff(
    house: House, text: str, kind: EventKind = EventKind.ASK_MORE, number: str = "A26-0001"
) -> None:
    house.clock.passes(minutes=5)
    case, now = await card(house, number), house.clock.now()
    await house.write(lambda unit: unit.cases.add_event(case.id, kind, by="s1", at=now, body=text))


async def said_in(house: House, talk: Talk, number: str = "A26-0001") -> list[str]:
    case, person = await card(house, number), await talk.person_id()
    _, events, _ = await house.read(lambda unit: unit.cases.her_view(case.id, person))
    return [event.body for event in events if event.kind is EventKind.HER_WORDS]


@pytest.mark.parametrize("channel", ["webchat", "telegram"])
async def test_her_answer_goes_to_the_case_in_which_staff_asked(house: House, channel: str) -> None:
    talk = house.worker(channel)
    await two_cases(talk)
    await staff(house, "方便星期几来一趟工会？")
    await talk.says(ANSWER)
    talk.hears(f"“{ANSWER}”", "A26-0001")
    talk.does_not_hear("您是不是想问")
    assert await said_in(house, talk) == [], "nothing goes before she says where"
    await talk.taps("是，转给 A26-0001")
    talk.hears("已收到", "A26-0001")
    await talk.says("三点以后")
    assert await said_in(house, talk) == [ANSWER, "三点以后"]
    assert await said_in(house, talk, "A26-0002") == []


async def test_several_messages_wait_together_and_a_typed_yes_is_enough(talk: Talk, house: House) -> None:
    await two_cases(talk)
    await staff(house, "方便星期几来一趟工会？")
    await talk.says(ANSWER)
    await talk.says("三点以后来")
    talk.hears(ANSWER, "三点以后来")
    await talk.says("是")
    assert await said_in(house, talk) == [f"{ANSWER}\n三点以后来"]


@pytest.mark.parametrize("words", ["可以", "不行", "不清楚", "没有了", "不用了", "3"])
async def test_short_words_and_numbers_answer_staff_and_not_an_older_button(
    talk: Talk, house: House, words: str
) -> None:
    await open_case(talk)
    await talk.says("菜单")
    await staff(house, "还在上班吗？拖了几个月？")
    await talk.says(words)
    talk.hears(f"“{words}”")
    await talk.taps("是，转给 A26-0001")
    assert await said_in(house, talk) == [words]


async def test_a_statement_that_fits_a_topic_is_still_offered_as_the_answer(talk: Talk, house: House) -> None:
    entry = next(iter(house.knowledge.entries.values()))
    await open_case(talk)
    await talk.says("菜单")
    await staff(house, "签合同了吗？")
    await talk.says(entry.title)
    talk.hears(f"“{entry.title}”", "A26-0001")
    await talk.taps("不是说这件事")
    talk.hears(entry.short[:12])


async def test_not_about_this_keeps_it_out_of_every_case(talk: Talk, house: House) -> None:
    await two_cases(talk)
    await staff(house, "方便星期几来一趟工会？")
    await talk.says("那个事情怎么说")
    await talk.taps("不是说这件事")
    talk.hears("这个我不确定")
    await talk.says("另外一句随便的话")
    talk.does_not_hear("另外一句随便的话")
    assert await said_in(house, talk) == await said_in(house, talk, "A26-0002") == []


async def test_a_clear_question_is_answered_and_commands_stay_commands(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.says("菜单")
    await staff(house, "方便星期几来一趟工会？")
    await talk.says("怀孕被辞退怎么办")
    talk.hears("待律师审核")
    await talk.says("我的事")
    talk.hears("您关心的事 A26-0001")


async def test_a_button_passes_on_only_the_words_that_it_stood_under(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.says("菜单")
    await staff(house, "方便星期几来一趟工会？")
    await talk.says(ANSWER)
    old = talk.button("是，转给 A26-0001").action
    await talk.says("哺乳时间每天一小时怎么休")
    await talk.acts(old)
    talk.hears("“哺乳时间每天一小时怎么休”")
    assert await said_in(house, talk) == []


async def test_asked_in_two_cases_she_says_which(talk: Talk, house: House) -> None:
    await two_cases(talk)
    await staff(house, "方便星期几来？")
    await staff(house, "工资条在吗？", number="A26-0002")
    await talk.says(ANSWER)
    talk.hears("这是说哪一件事")
    await talk.taps("A26-0001，今天（11月22日）交的")
    assert (await said_in(house, talk), await said_in(house, talk, "A26-0002")) == ([ANSWER], [])


async def test_a_question_answered_or_a_week_old_asks_for_nothing(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.says("菜单")
    await staff(house, "方便星期几来？")
    house.clock.passes(days=7, minutes=1)
    await talk.says(ANSWER)
    talk.does_not_hear("才会转过去")
    await staff(house, "方便星期几来？")
    await talk.says(ANSWER)
    await talk.taps("是，转给 A26-0001")
    await talk.taps("补充完了")
    await talk.says("那个事情怎么说")
    talk.does_not_hear("才会转过去")


async def test_a_message_of_staff_takes_her_out_of_another_case(talk: Talk, house: House) -> None:
    await two_cases(talk)
    await talk.acts(act(Do.CASE, "say", (await card(house, "A26-0002")).id))
    await staff(house, "我们联系过单位了。", EventKind.REPLY)
    await talk.says(ANSWER)
    assert await said_in(house, talk, "A26-0002") == []
    talk.sees_buttons("补充到 A26-0001", "补充到别的事")
    await talk.taps("补充到 A26-0001")
    assert await said_in(house, talk) == [ANSWER]


async def test_a_yes_under_a_message_of_staff_withdraws_nothing(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.says("我的事")
    await talk.taps("撤回")
    await staff(house, "还在上班吗？")
    await talk.says("是")
    talk.hears("“是”")
    assert (await card(house, "A26-0001")).closed_at is None
    assert (await talk.session()).place is Place.HOME


async def test_a_photo_is_offered_to_the_case_that_asked_for_it(talk: Talk, house: House) -> None:
    await two_cases(talk)
    await staff(house, "请把通知拍给我们")
    await talk.sends()
    await talk.taps("是，转给 A26-0001")
    talk.hears("已收到 1 个文件")


@pytest.mark.parametrize("through_help", [False, True])
async def test_words_of_danger_are_carried_into_the_case_she_chooses(
    talk: Talk, house: House, through_help: bool
) -> None:
    await two_cases(talk)
    await staff(house, "我们联系过单位了。", EventKind.REPLY)
    await talk.says(DANGER)
    assert "110" in talk.new[0].text
    if through_help:
        await talk.taps("找工会帮我")
        talk.hears(DANGER, "A26-0001")
    await talk.taps("补充到 A26-0001")
    talk.hears("已收到", "A26-0001")
    assert await said_in(house, talk) == [DANGER]
    assert ((await card(house, "A26-0001")).urgent, (await card(house, "A26-0002")).urgent) == (True, False)


async def test_danger_with_several_cases_and_no_word_of_staff_asks_which(talk: Talk, house: House) -> None:
    await two_cases(talk)
    await talk.says(DANGER)
    await talk.taps("补充到我的事")
    await talk.taps("A26-0002，今天（11月22日）交的")
    assert (await said_in(house, talk), await said_in(house, talk, "A26-0002")) == ([], [DANGER])


async def test_words_without_danger_do_not_inherit_it(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.says("菜单")
    await talk.says(DANGER)
    house.clock.passes(minutes=10)
    await talk.says("哺乳时间每天一小时怎么休")
    await talk.taps("补充到我的事")
    assert not (await card(house, "A26-0001")).urgent
    assert house.clock.now() - (await talk.session()).at < timedelta(hours=1)


async def test_several_cases_are_told_apart_and_the_bubble_is_the_number(talk: Talk, house: House) -> None:
    await two_cases(talk)
    await talk.says("我的事")
    talk.hears("A26-0001 今天（11月22日）交的 待受理")
    await talk.taps("A26-0001")
    person = await talk.person_id()
    lines = await house.read(lambda unit: unit.outbox.talk(person, (0, 0, 0), 2))
    assert [line.hers for line in lines if line.hers] == ["A26-0001"]
