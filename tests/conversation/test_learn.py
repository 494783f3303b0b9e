"""学一学: stories, lessons and tips, step by step on one card, from answers and back to them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from bot.conversation.actions import LONGEST, Do, act, read_tap
from bot.conversation.answer_card import CARDS
from bot.conversation.session import Place
from bot.domain.weekly_tips import place_of_day
from knowledge.loader import Knowledge
from knowledge.wording import Wording
from tests.conversation.steps import at_level
from tests.fakes import FrozenClock, PlainSearch
from tests.talk import House, Talk, open_house
from tests.taught import DISMISSED, LEAVE, TIPS, UNPAID, WAGES, taught

LABEL = "情景案例（人和事都是编的）"
QUESTION = "公司知道我怀孕就让我走人"


@pytest.fixture(scope="session")
def learned(knowledge: Knowledge) -> Knowledge:
    return taught(knowledge)


@pytest.fixture
async def house(
    tmp_path: Path, learned: Knowledge, wording: Wording, clock: FrozenClock
) -> AsyncIterator[House]:
    async with open_house(tmp_path, learned, wording, PlainSearch(learned), clock) as house:
        yield house


def labels(talk: Talk) -> list[str]:
    return [button.label for reply in talk.new for button in reply.buttons()]


async def subscribed(talk: Talk) -> bool:
    person = await talk.person_id()
    return bool(await talk.house.read(lambda unit: unit.subscriptions.active(person)))


# ── how one gets there ───────────────────────────────────────────────────────────────────────────────


async def test_the_menu_leads_to_all_that_is_written(talk: Talk) -> None:
    await talk.says("菜单")
    await talk.taps("学一学")
    assert labels(talk) == ["以案释法", "云课堂", "小工说法", "指导手册", "回首页"]
    talk.hears("编的小故事", "小题", "打字")


@pytest.mark.parametrize(
    ("typed", "heard"),
    {
        "学一学": "云课堂",
        "/learn": "云课堂",
        "故事": UNPAID.title,
        "以案释法": "人和事都是编的",
        "小课": LEAVE.title,
        "云课堂": WAGES.title,
        "小工说法": "依据：《",
        "手册": "指导手册",
    }.items(),
)
async def test_a_typed_word_opens_it(talk: Talk, typed: str, heard: str) -> None:
    await talk.says(typed)
    shown = "\n".join([*(reply.text for reply in talk.new), *labels(talk)])
    assert heard in shown


async def test_a_deep_link_opens_it(talk: Talk) -> None:
    await talk.starts("learn")
    talk.sees_buttons("以案释法", "云课堂")


@pytest.mark.parametrize(
    ("channel", "url"), [("telegram", "https://example.test/handbook"), ("webchat", "/handbook")]
)
async def test_the_handbook_is_a_link(house: House, channel: str, url: str) -> None:
    talk = house.worker(channel)
    await talk.says("学一学")
    assert (talk.button("指导手册").url, talk.button("指导手册").action) == (url, "")
    await talk.says("手册")
    assert talk.button("打开手册").url == url


async def test_without_a_public_address_telegram_is_offered_no_link_that_leads_nowhere(house: House) -> None:
    house.converse._public_url = "http://127.0.0.1:8080"
    talk = house.worker("telegram")
    await talk.says("学一学")
    assert "指导手册" not in labels(talk)
    await talk.says("手册")
    assert "打开手册" not in labels(talk)
    talk.hears("直接打字问我")


async def test_where_nothing_is_written_it_says_so_and_leads_on(
    tmp_path: Path, knowledge: Knowledge, wording: Wording, clock: FrozenClock
) -> None:
    empty = MappingProxyType[str, object]({})
    bare = replace(knowledge, stories=empty, lessons=empty, tips=())
    async with open_house(tmp_path, bare, wording, PlainSearch(bare), clock) as house:
        talk = house.worker()
        await talk.says("学一学")
        assert labels(talk) == ["指导手册", "回首页"]
        for typed in ("故事", "小课", "小工说法"):
            await talk.says(typed)
            talk.hears("还在写")
            talk.sees_buttons("找工会帮我", "回首页")
        await talk.acts(act(Do.LEARN, "weekly"))
        talk.hears("还在写")
        assert not await subscribed(talk)


# ── stories ──────────────────────────────────────────────────────────────────────────────────────────


async def test_a_story_comes_in_two_bites_on_one_card(talk: Talk) -> None:
    await talk.says("故事")
    [card] = [reply.card for reply in talk.new]
    await talk.taps(DISMISSED.title)
    talk.hears(DISMISSED.happened, DISMISSED.at_issue)
    talk.does_not_hear(DISMISSED.outcome, DISMISSED.grounds)
    assert talk.new[0].text.startswith(LABEL)
    await talk.taps("后来怎样")
    assert talk.new[0].text.startswith(LABEL)
    talk.hears(
        DISMISSED.title, DISMISSED.outcome, DISMISSED.grounds, "《女职工劳动保护特别规定》第五条",
        "您可以怎么做", "1. 先不要签字", "2. 打 12351", "待律师审核",
    )  # fmt: skip
    talk.does_not_hear("{hotline}", DISMISSED.happened)
    await talk.taps("从头看")
    talk.hears(DISMISSED.happened)
    assert {reply.card for reply in talk.screen if reply.card} == {card}


async def test_a_reviewed_story_says_who_looked_and_the_next_one_follows_round(talk: Talk) -> None:
    await talk.acts(act(Do.LEARN, "end", UNPAID.id))
    talk.hears("律师 2026年10月8日 审核过")
    await talk.taps("下一个故事")
    talk.hears(DISMISSED.happened)
    await talk.taps("后来怎样")
    await talk.taps("下一个故事")
    talk.hears(UNPAID.happened)


async def test_many_stories_are_paged_six_at_a_time(
    tmp_path: Path, learned: Knowledge, wording: Wording, clock: FrozenClock
) -> None:
    topics = list(learned.entries)[:14]
    many = {
        f"story-{at}": DISMISSED.model_copy(
            update={"id": f"story-{at}", "topic": topic, "title": f"故事{at}"}
        )
        for at, topic in enumerate(topics)
    }
    knowledge = replace(learned, stories=MappingProxyType(many))
    async with open_house(tmp_path, knowledge, wording, PlainSearch(knowledge), clock) as house:
        talk = house.worker()
        await talk.says("故事")
        seen: list[str] = []
        for page in (1, 2, 3):
            talk.hears(f"{page}/3")
            shown = [label for label in labels(talk) if label.startswith("故事")]
            assert len(shown) == (6, 6, 2)[page - 1]
            seen += shown
            assert ("上一页" in labels(talk), "下一页" in labels(talk)) == (page > 1, page < 3)
            if page < 3:
                await talk.taps("下一页")
        assert len(set(seen)) == 14
        await talk.taps(seen[-1])
        await talk.taps("以案释法")
        talk.hears("3/3")


@pytest.mark.parametrize("layer", ["story", "end"])
async def test_a_story_leads_to_its_answer_and_to_a_person(talk: Talk, layer: str) -> None:
    await talk.acts(act(Do.LEARN, layer, DISMISSED.id))
    await talk.taps("怀孕被辞退怎么办")
    talk.hears("违法")
    await talk.acts(act(Do.LEARN, layer, DISMISSED.id))
    await talk.taps("找工会帮我")
    talk.hears("您同意")
    draft = (await talk.session()).draft
    assert draft is not None and draft.topic == "pregnancy-dismissal"


# ── lessons ──────────────────────────────────────────────────────────────────────────────────────────


async def test_a_lesson_is_walked_forth_and_back_on_one_card(talk: Talk) -> None:
    await talk.says("小课")
    await talk.taps(LEAVE.title)
    [card] = {reply.card for reply in talk.new}
    assert card is not None
    talk.hears("1/3", "产前可以休15天")
    assert "上一张" not in labels(talk)
    await talk.taps("下一张")
    talk.hears("2/3", "难产多15天")
    await talk.taps("上一张")
    talk.hears("1/3")
    await talk.taps("下一张")
    await talk.taps("下一张")
    talk.hears("3/3", "打 12351")
    assert "下一张" not in labels(talk)
    await talk.taps("答两道小题")
    talk.hears("小题 1/2", "产后还能休几天")
    assert labels(talk) == ["83天", "88天", "98天", "再看一遍"]
    await talk.taps("83天")
    talk.hears("没关系", "答案是：88天", "98天减去")
    await talk.taps("下一题")
    talk.hears("小题 2/2", "A. 对，休息日", "B. 不对，产假")
    assert labels(talk) == ["A", "B", "再看一遍"]
    await talk.taps("B")
    talk.hears("✓ 对", "自然日")
    talk.does_not_hear("没关系")
    await talk.taps("学完了")
    talk.hears("学完了", "《女职工劳动保护特别规定》第七条第一款", "待律师审核")
    talk.sees_buttons("产假能休多少天", "怀孕被辞退怎么办", "再学一节", "看个故事", "找工会帮我")
    assert {reply.card for reply in talk.screen if reply.card} == {card}
    await talk.taps("再学一节")
    talk.hears(WAGES.title, "1/3")


async def test_every_choice_is_told_right_or_not_as_the_lesson_has_it(talk: Talk) -> None:
    for lesson in (LEAVE, WAGES):
        for number, check in enumerate(lesson.checks):
            for choice in range(len(check.options)):
                await talk.acts(act(Do.LEARN, "pick", lesson.id, number, choice, 1))
                right = choice == check.answer
                talk.hears("✓ 对" if right else f"答案是：{check.options[check.answer]}", check.explanation)


async def test_an_option_can_be_typed(talk: Talk) -> None:
    await talk.acts(act(Do.LEARN, "ask", LEAVE.id, 0, 1))
    await talk.says("88天")
    talk.hears("✓ 对")
    await talk.taps("下一题")
    await talk.says("a")
    talk.hears("没关系")


async def test_an_old_card_answers_however_often_it_is_tapped(talk: Talk) -> None:
    """Nothing about a lesson is remembered: a button says all there is to know."""
    action = act(Do.LEARN, "pick", LEAVE.id, 0, 1, 1)
    await talk.acts(action)
    first = [reply.text for reply in talk.new]
    await talk.says("火星上怎么种土豆")
    await talk.acts(action)
    assert [reply.text for reply in talk.new] == first
    assert [reply.card for reply in talk.new] == ["learn:1"]


# ── she goes on talking ──────────────────────────────────────────────────────────────────────────────


async def in_story(talk: Talk) -> None:
    await talk.acts(act(Do.LEARN, "story", UNPAID.id))


async def in_lesson(talk: Talk) -> None:
    await talk.acts(act(Do.LEARN, "card", LEAVE.id))


async def in_check(talk: Talk) -> None:
    await talk.acts(act(Do.LEARN, "ask", LEAVE.id, 0, 1))


async def at_tip(talk: Talk) -> None:
    await talk.says("小工说法")


PLACES = (in_story, in_lesson, in_check, at_tip)


@pytest.mark.parametrize("state", PLACES, ids=lambda state: state.__name__)
async def test_typed_words_are_a_question_and_danger_comes_first(talk: Talk, state) -> None:
    await state(talk)
    await talk.says(QUESTION)
    talk.hears("怀孕被辞退怎么办")
    await state(talk)
    await talk.says("老公又打我了，救救我")
    assert "110" in talk.new[0].text
    await state(talk)
    await talk.says("菜单")
    talk.hears("您遇到了什么事")


async def test_a_short_question_after_a_story_is_about_its_topic(talk: Talk) -> None:
    await in_story(talk)
    await talk.says("那我能要多少钱")
    talk.hears("拖欠工资怎么要", "正在说")


async def test_an_answer_leads_to_its_story_and_its_lesson_and_stays_itself(talk: Talk) -> None:
    await talk.says(QUESTION)
    assert "看个故事" not in labels(talk)
    await talk.taps("细说")
    answer = talk.new[0].card
    talk.sees_buttons("看个故事", "三分钟小课")
    await talk.taps("看个故事")
    talk.hears(DISMISSED.happened)
    assert talk.new[0].card not in (None, answer)
    await talk.taps("三分钟小课")
    talk.hears(LEAVE.title, "1/3")
    assert answer in {reply.card for reply in talk.screen}


async def test_an_answer_without_story_and_lesson_offers_none(talk: Talk) -> None:
    await talk.acts(act(Do.LAYER, "more", "union-join", 1))
    assert not {"看个故事", "三分钟小课"} & set(labels(talk))


async def test_in_the_middle_of_a_case_the_words_belong_to_the_case(talk: Talk) -> None:
    await at_level(talk)
    await talk.taps("匿名")
    await talk.says("故事")
    assert (await talk.session()).place is Place.OPENING
    draft = (await talk.session()).draft
    assert draft is not None and draft.answers.happened == "故事"


async def test_an_old_lesson_card_does_not_take_her_out_of_her_case(talk: Talk) -> None:
    await in_check(talk)
    await at_level(talk)
    await talk.taps("匿名")
    await talk.acts(act(Do.LEARN, "pick", LEAVE.id, 0, 1, 1))
    talk.hears("✓ 对")
    await talk.says("店长让我别来了")
    draft = (await talk.session()).draft
    assert draft is not None and draft.answers.happened == "店长让我别来了"


# ── tips ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_everybody_sees_the_same_tip_all_day_and_another_tomorrow(house: House) -> None:
    house.clock._now = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # 0:30 on Monday in Yinchuan
    shown = []
    for hours in (0, 22, 2):
        house.clock.passes(hours=hours)
        talk = house.worker()
        await talk.says("小工说法")
        shown.append(talk.new[0].text)
    assert shown[0] == shown[1] != shown[2]
    assert TIPS[place_of_day(date(2026, 11, 23), 3)].text[:8] in shown[0]


async def test_all_tips_come_by_turns_with_their_law_and_their_topic(talk: Talk) -> None:
    await talk.says("小工说法")
    seen = []
    for _ in TIPS:
        seen.append(talk.new[0].text)
        talk.hears("依据：《")
        talk.does_not_hear("{hotline}")
        await talk.taps("换一条")
    assert len(set(seen)) == 3 and talk.new[0].text == seen[0]
    assert len({reply.card for reply in talk.screen if reply.card}) == 1
    await talk.acts(act(Do.LEARN, "tips", "tip-001"))
    await talk.taps("拖欠工资怎么要")
    talk.hears("拖欠工资怎么要")


async def test_she_may_want_one_a_week_and_stop_with_one_tap(talk: Talk) -> None:
    await talk.says("小工说法")
    await talk.taps("每周收一条")
    talk.hears("每周二", "一周最多一条", "不再收")
    assert "每周收一条" not in labels(talk) and await subscribed(talk)
    await talk.taps("换一条")
    talk.sees_buttons("不再收")
    talk.hears("每周二给您发一条")
    await talk.taps("不再收")
    talk.hears("不再发")
    assert "每周收一条" in labels(talk) and not await subscribed(talk)
    assert len({reply.card for reply in talk.screen if reply.card}) == 1


@pytest.mark.parametrize("typed", ["不再收", "退订", "取消订阅"])
async def test_a_typed_word_ends_it_anywhere(talk: Talk, typed: str) -> None:
    await talk.acts(act(Do.LEARN, "weekly"))
    await talk.says("火星上怎么种土豆")
    await talk.says(typed)
    talk.hears("不再发")
    assert not await subscribed(talk)
    await talk.says("退订")
    talk.hears("没有订")


async def test_stopping_in_the_middle_of_a_case_leaves_the_case_where_it_was(talk: Talk) -> None:
    await talk.acts(act(Do.LEARN, "weekly"))
    await at_level(talk)
    await talk.taps("匿名")
    await talk.says("店长让我别来了")
    await talk.says("退订")
    talk.hears("不再发")
    assert labels(talk) == [] and not await subscribed(talk)
    session = await talk.session()
    assert session.draft is not None and session.draft.answers.happened == "店长让我别来了"
    assert session.place is Place.OPENING
    await talk.taps("说完了")
    talk.does_not_hear("过期")


async def test_the_web_says_that_it_ends_with_the_browser_and_telegram_that_it_lasts(house: House) -> None:
    for channel, heard in (("webchat", "关掉浏览器"), ("telegram", "不响铃")):
        talk = house.worker(channel)
        await talk.acts(act(Do.LEARN, "weekly"))
        talk.hears(heard)
        person = await talk.person_id()
        lasting = await house.read(lambda unit, person=person: unit.subscriptions.lasting(person))
        assert lasting == (channel == "telegram")


async def test_clearing_her_talk_ends_it_and_says_so(talk: Talk) -> None:
    await talk.acts(act(Do.LEARN, "weekly"))
    await talk.says("清除")
    await talk.says("是")
    talk.hears("已经清除", "小工说法」也停了")
    assert not await subscribed(talk)
    await talk.says("清除")
    await talk.says("是")
    talk.does_not_hear("小工说法")


# ── forged and stale ─────────────────────────────────────────────────────────────────────────────────


FORGED = [
    "l",
    "l:",
    "l:nothing",
    "l:story",
    "l:story:nobody-wrote-this",
    "l:story:../../etc/passwd",
    "l:end:nobody-wrote-this:1",
    "l:stories:99",
    "l:stories:99999:1",
    "l:lessons:7:1",
    "l:card:nobody-wrote-this",
    f"l:card:{LEAVE.id}:3:1",
    f"l:card:{LEAVE.id}:99999:99999",
    f"l:ask:{LEAVE.id}:2:1",
    f"l:pick:{LEAVE.id}:0:3:1",
    f"l:pick:{LEAVE.id}:0",
    f"l:pick:{LEAVE.id}:9:0:1",
    "l:done:nobody-wrote-this:1",
    "l:tips:tip-999",
    "l:tips:tip-999:1",
    "l:weekly:tip-999:1",
    "l:stop:tip-999:1",
    f"l:story:{DISMISSED.id}:-1",
    f"l:story:{DISMISSED.id}:1:2:3:4",
    "l:story:" + "a" * 60,
    "l:STORY:" + DISMISSED.id,
]


@pytest.mark.parametrize("action", FORGED)
async def test_forged_and_stale_buttons_are_answered_politely(talk: Talk, action: str) -> None:
    await talk.acts(action)
    talk.hears("已经过期")
    talk.sees_buttons("学一学", "找工会帮我")
    assert not await subscribed(talk)


HUGE = (
    ("story", DISMISSED.id, 99999),
    ("pick", LEAVE.id, 0, 1, 99999),
    ("tips", "today", 99999),
    ("learn", 99999),
)


@pytest.mark.parametrize("args", HUGE)
async def test_a_card_number_beyond_all_cards_still_gets_an_answer(talk: Talk, args: tuple[str, ...]) -> None:
    await talk.acts(act(Do.LEARN, *args))
    talk.does_not_hear("过期")
    [reply] = talk.new
    assert reply.card == f"learn:{99999 % CARDS}"
    assert all(len(button.action.encode()) <= LONGEST for button in reply.buttons())


def test_the_longest_name_fits_into_every_button() -> None:
    name = "a" * 48
    for args in (("pick", name, 9, 9, CARDS - 1), ("card", name, 9, CARDS - 1), ("weekly", name, CARDS - 1)):
        tap = read_tap(act(Do.LEARN, *args))
        assert tap is not None and tap.arg(1) == name


def test_everything_that_is_shipped_fits_into_a_button(knowledge: Knowledge) -> None:
    last = CARDS - 1
    for story in knowledge.stories.values():
        act(Do.LEARN, "story", story.id, last)
    for lesson in knowledge.lessons.values():
        act(Do.LEARN, "pick", lesson.id, 9, 9, last)
    for tip in knowledge.tips:
        act(Do.LEARN, "weekly", tip.id, last)


async def test_everything_that_is_shipped_can_be_walked(
    tmp_path: Path, knowledge: Knowledge, wording: Wording, clock: FrozenClock
) -> None:
    async with open_house(tmp_path, knowledge, wording, PlainSearch(knowledge), clock) as house:
        talk = house.worker("telegram")
        actions = [act(Do.LEARN, verb, story) for story in knowledge.stories for verb in ("story", "end")]
        for lesson in knowledge.lessons.values():
            actions += [act(Do.LEARN, "card", lesson.id, at) for at in range(len(lesson.cards))]
            actions += [act(Do.LEARN, "ask", lesson.id, at) for at in range(len(lesson.checks))]
            actions += [act(Do.LEARN, "pick", lesson.id, at, 0) for at in range(len(lesson.checks))]
            actions += [act(Do.LEARN, "done", lesson.id)]
        actions += [act(Do.LEARN, "tips", tip.id) for tip in knowledge.tips]
        for action in [act(Do.LEARN, "learn"), *actions]:
            await talk.acts(action)
            talk.does_not_hear("按钮已经过期", "{")
            [reply] = talk.new
            assert len(reply.text) < 1200
            assert all(button.url or read_tap(button.action) for button in reply.buttons())
