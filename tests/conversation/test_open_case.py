"""Opening a case: consents, her own words, four questions, a review, a receipt that is true."""

from bot.domain.cases import CaseKind, NameLevel
from bot.domain.receipt_codes import read_code
from tests.conversation.steps import (
    WORDS,
    agree,
    at_level,
    her_view,
    open_case,
)
from tests.talk import House, Talk


async def test_she_hears_what_is_kept_who_sees_it_and_how_long_before_anything_is_asked(talk: Talk) -> None:
    await talk.says("找工会帮我")
    talk.hears("记下什么", "谁能看", "存多久", "银川市总工会", "不会告诉您的单位")
    talk.sees_buttons("同意", "不同意", "返回")


async def test_a_whole_anonymous_case_is_kept_with_receipt_and_promise(talk: Talk, house: House) -> None:
    code = await open_case(talk)
    talk.hears("已收到", "编号 A26-0001", "明天（11月23日）15:00前有人回复您")
    typed = read_code(code)
    assert typed is not None and typed.sound
    card, answers, events, kept = await her_view(talk, house)
    assert kept == code
    assert (card.number, card.level, card.district, card.urgent) == (
        "A26-0001",
        NameLevel.ANONYMOUS,
        "金凤区",
        False,
    )
    assert (answers.happened, answers.since, answers.employer) == (WORDS, "上周三", "万家超市")
    assert (answers.evidence, answers.wish, answers.contact) == ("有书面的", "想继续上班", None)
    assert [event.kind.value for event in events] == ["opened"]


async def test_the_last_digits_are_typed_back_once(talk: Talk) -> None:
    code = await open_case(talk)
    await talk.says(code[-4:])
    talk.hears("没有错")
    await talk.says(code[-4:])
    talk.does_not_hear("没有错")


async def test_wrong_digits_are_forgiven(talk: Talk) -> None:
    code = await open_case(talk)
    wrong = f"{(int(code[-4:]) + 1) % 10_000:04d}"
    await talk.says(wrong)
    talk.hears(f"最后四位是 {code[-4:]}")


async def test_a_question_instead_of_the_digits_is_a_question(talk: Talk) -> None:
    await open_case(talk)
    await talk.says("怀孕被辞退怎么办")
    talk.hears("怀孕被辞退怎么办", "待律师审核")


async def test_what_she_asked_before_need_not_be_told_twice(talk: Talk, house: House) -> None:
    await talk.says("怀孕被辞退怎么办")
    await talk.taps("找工会帮我")
    await agree(talk)
    await talk.taps("匿名")
    talk.hears("您刚才说的是", "怀孕被辞退怎么办")
    await talk.taps("就用这段")
    for _ in range(5):
        await talk.taps("跳过")
    await talk.taps("提交")
    card, answers, *_ = await her_view(talk, house)
    assert answers.happened == "怀孕被辞退怎么办"
    assert (card.topic, card.kind) == ("pregnancy-dismissal", CaseKind.MATERNITY)


async def test_what_she_asked_can_be_rewritten_or_continued(talk: Talk) -> None:
    await talk.says("怀孕被辞退怎么办")
    await talk.taps("找工会帮我")
    await agree(talk)
    await talk.taps("匿名")
    await talk.says("是昨天说的")
    draft = (await talk.session()).draft
    assert draft is not None and draft.answers.happened == "怀孕被辞退怎么办\n是昨天说的"
    await talk.taps("重新写")
    await talk.says("算了重说：老板让我走")
    draft = (await talk.session()).draft
    assert draft is not None and draft.answers.happened == "算了重说：老板让我走"


async def test_the_topic_names_the_kind_where_she_only_told(talk: Talk, house: House) -> None:
    await at_level(talk)
    await talk.taps("匿名")
    await talk.says("哺乳时间每天一小时怎么休")
    await talk.taps("说完了")
    for _ in range(5):
        await talk.taps("跳过")
    await talk.taps("提交")
    [card] = await house.cases()
    assert (card.topic, card.kind) == ("nursing-break", CaseKind.MATERNITY)


async def test_several_messages_make_one_story(talk: Talk, house: House) -> None:
    await at_level(talk)
    await talk.taps("匿名")
    for part in ("第一段", "第二段", "第三段"):
        await talk.says(part)
        talk.hears("记下了")
    await talk.says("说完了")
    talk.hears("（1/4）")
    draft = (await talk.session()).draft
    assert draft is not None and draft.answers.happened == "第一段\n第二段\n第三段"
