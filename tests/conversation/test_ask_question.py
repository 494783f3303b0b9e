"""She asks: one answer, a choice, several answers, or a person."""

import pytest

from tests.talk import House, Talk

DISMISSED = "怀孕被辞退怎么办"  # the title of pregnancy-dismissal


async def test_a_greeting_shows_situations_and_the_emergency_number(talk: Talk) -> None:
    await talk.starts()
    talk.hears("安全屋", "110")
    talk.sees_buttons("怀孕生孩子", "没发工资", "找工会帮我", "知识竞答", "隐私")


async def test_a_question_gets_a_short_answer_and_four_ways_on(talk: Talk) -> None:
    await talk.says(DISMISSED)
    talk.hears(DISMISSED, "待律师审核")
    talk.sees_buttons("依据", "我该怎么做", "要准备什么", "找工会帮我", "有用吗", "细说")


async def test_every_layer_takes_the_place_of_the_answer(talk: Talk) -> None:
    await talk.says(DISMISSED)
    for label, part in (
        ("依据", "《女职工劳动保护特别规定》第五条"),
        ("我该怎么做", "1. "),
        ("要准备什么", "·"),
        ("细说", "适合谁"),
        ("收起", "待律师审核"),
    ):
        await talk.taps(label)
        talk.hears(part)
        assert len(talk.screen) == 1, "the card is edited, not repeated"


async def test_the_basis_names_law_check_review_and_deadline(talk: Talk) -> None:
    await talk.says(DISMISSED)
    await talk.taps("依据")
    talk.hears(
        "核对日期：2026年11月22日", "审核：待律师审核", "申请劳动仲裁", "《劳动争议调解仲裁法》第二十七条"
    )


async def test_a_local_amount_nobody_verified_is_not_stated(talk: Talk, house: House) -> None:
    entry = next(
        one for one in house.knowledge.entries.values() if "extended_maternity_leave_days" in one.local
    )
    await talk.says(entry.title)
    await talk.taps("细说")
    talk.hears("宁夏延长产假：各年各地会变，请向")
    talk.does_not_hear("60天")


async def test_an_unsure_search_offers_a_choice_and_a_tap_answers(talk: Talk) -> None:
    await talk.says("怀孕被")
    talk.hears("您是不是想问")
    assert 2 <= len(talk.new[0].buttons()) <= 4
    await talk.taps(DISMISSED)
    talk.hears(DISMISSED)


async def test_a_number_chooses_among_what_was_last_shown(talk: Talk) -> None:
    await talk.says("怀孕被")
    label = talk.new[0].buttons()[0].label
    await talk.says("１")
    talk.hears(label)


async def test_a_typed_label_is_a_tap(talk: Talk) -> None:
    await talk.says(DISMISSED)
    await talk.says("要准备什么。")
    talk.hears("要准备什么", "·")


async def test_two_misses_in_a_row_lead_to_a_person(talk: Talk, house: House) -> None:
    await talk.says("火星上怎么种土豆呢")
    talk.hears("不确定")
    talk.sees_buttons("找工会帮我")
    await talk.says("土星上怎么种玉米呢")
    talk.hears("找工会帮我", "12351")
    noted = await house.read(lambda unit: unit.feedback.latest(10))
    assert [one.reason for one in noted] == ["not_found", "not_found"]


async def test_none_of_these_is_a_miss_and_is_noted(talk: Talk, house: House) -> None:
    await talk.says("怀孕被")
    await talk.taps("都不是")
    talk.hears("没猜对")
    await talk.says("火星上怎么种土豆呢")
    talk.hears("没弄明白")
    noted = await house.read(lambda unit: unit.feedback.latest(10))
    assert {one.reason for one in noted} == {"unsure", "not_found"}


async def test_an_answer_in_between_forgives_the_miss(talk: Talk) -> None:
    await talk.says("火星上怎么种土豆呢")
    await talk.says(DISMISSED)
    await talk.says("火星上怎么种土豆呢")
    talk.does_not_hear("没弄明白")


async def test_a_follow_up_keeps_the_topic_for_half_an_hour(talk: Talk, house: House) -> None:
    await talk.says(DISMISSED)
    house.clock.passes(minutes=29)
    await talk.says("那试用期呢")
    talk.hears(f"正在说：{DISMISSED}")
    house.clock.passes(minutes=31)
    await talk.says("那试用期呢")
    talk.hears("不确定")


async def test_the_topic_can_be_left(talk: Talk) -> None:
    await talk.says(DISMISSED)
    await talk.says("那试用期呢")
    await talk.taps("✕ 换个话题")
    await talk.says("那试用期呢")
    talk.hears("不确定")


async def test_a_long_story_with_several_issues_gets_a_card_for_each(talk: Talk, house: House) -> None:
    titles = [house.knowledge.entries[topic].title for topic in ("pregnancy-dismissal", "nursing-break")]
    between = "我在店里干了三年一直都是好好的老板前天突然变了脸说话很难听"
    story = f"{titles[0]}，{between}，{titles[1]}，不知道先问哪一件才好"
    assert len(story) >= 60
    await talk.says(story)
    talk.hears("有 2 件事", *titles)
    assert len(talk.new) == 3


async def test_feedback_goes_to_the_curators_without_telephone_numbers(talk: Talk, house: House) -> None:
    await talk.says("我的电话１３９ 1234 5678，怎么办呢火星")
    noted = await house.read(lambda unit: unit.feedback.latest(1))
    assert "5678" not in noted[0].masked
    assert "火星" in noted[0].masked


@pytest.mark.parametrize(
    ("label", "part", "reason"), [("没看懂", "没说清楚", "not_clear"), ("不是我的情况", "记下来", "not_mine")]
)
async def test_an_answer_that_did_not_help_leads_on(
    talk: Talk, house: House, label: str, part: str, reason: str
) -> None:
    await talk.says(DISMISSED)
    await talk.taps("有用吗")
    talk.sees_buttons("解决了", "没看懂", "不是我的情况")
    await talk.taps(label)
    talk.hears(part)
    talk.sees_buttons("找工会帮我")
    [noted] = await house.read(lambda unit: unit.feedback.latest(5))
    assert (noted.reason, noted.topic) == (reason, "pregnancy-dismissal")


async def test_a_solved_question_is_thanked_for(talk: Talk, house: House) -> None:
    await talk.says(DISMISSED)
    await talk.taps("有用吗")
    await talk.taps("解决了")
    talk.hears("那就好")
    assert not await house.read(lambda unit: unit.feedback.latest(5))


async def test_every_situation_of_the_menu_opens_topics_or_leads_to_a_person(
    talk: Talk, house: House
) -> None:
    for situation in house.wording.talk.home.situations:
        await talk.says("菜单")
        await talk.taps(situation.label)
        labels = [button.label for button in talk.new[0].buttons()]
        titles = [
            house.knowledge.entries[one].title for one in situation.topics if one in house.knowledge.entries
        ]
        assert set(titles) <= set(labels)
        talk.sees_buttons("找工会帮我")


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\u200f", "\x00"])
async def test_nothing_readable_is_told_so(talk: Talk, text: str) -> None:
    await talk.says(text)
    talk.hears("没看到文字")


@pytest.mark.parametrize("text", ["😭😭😭", "……", "！！！", "❤️‍🔥"])
async def test_only_signs_get_a_friendly_question(talk: Talk, text: str) -> None:
    await talk.says(text)
    talk.hears("打几个字")


async def test_a_voice_without_a_case_is_told_how_to_reach_a_person(talk: Talk) -> None:
    from bot.domain.incoming import FileKind

    await talk.sends(FileKind.VOICE)
    talk.hears("语音我听不懂")
    talk.sees_buttons("找工会帮我")


async def test_a_refused_file_is_told_why(talk: Talk) -> None:
    await talk.sends(refused="file_too_big")
    talk.hears("20 MB")
    await talk.sends(refused="something_new")
    talk.hears("收不了")


async def test_a_hundred_thousand_signs_are_answered(talk: Talk) -> None:
    await talk.says("老板不发工资" * 17_000)
    assert talk.new
