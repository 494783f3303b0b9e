"""The contest whole: entering, answering, resuming, scoring, ranking, and the private door."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.conversation.actions import read_tap
from bot.domain.campaigns import draw_questions, is_right, score, shuffle_options
from bot.domain.incoming import Address
from knowledge.teaching import Campaign, Difficulty, QuestionKind
from tests.talk import House, Talk


@pytest.fixture
def campaign(house: House) -> Campaign:
    return house.knowledge.campaigns["women-2026"]


async def attempt_of(talk: Talk, campaign: Campaign):
    def look(unit):
        player = unit.contest.player(talk.address)
        return unit.contest.current(player, campaign.id)

    return await talk.house.read(look)


async def enter(talk: Talk, district: str = "不选，直接答") -> None:
    await talk.says("知识竞答")
    await talk.taps("开始答题")
    await talk.taps(district)


async def answer(talk: Talk, campaign: Campaign, *, rightly: bool = True) -> None:
    """Answer the question on the screen by taps, as it is shown."""
    attempt = await attempt_of(talk, campaign)
    number = attempt.answered
    question = next(one for one in campaign.questions if one.id == attempt.questions[number])
    order = attempt.orders[number]
    wanted = [at for at, place in enumerate(order) if place in question.answer]
    if not rightly:
        wanted = [next(at for at in range(len(order)) if order[at] not in question.answer or len(wanted) > 1)]
    letters = ["ABCDE"[at] for at in wanted]
    if question.kind is QuestionKind.TRUE_FALSE:
        await talk.taps(question.options[order[wanted[0]]])
    elif question.kind is QuestionKind.SINGLE:
        await talk.taps(letters[0])
    else:
        for letter in letters:
            await talk.taps(letter)
            assert f"✓{letter}" in [button.label for button in talk.new[0].buttons()]
        await talk.taps("确定")


async def on(talk: Talk) -> None:
    """To the next question, in a new try after the last one."""
    if "看成绩" in [button.label for button in talk.new[0].buttons()]:
        await talk.taps("看成绩")
        await talk.taps("再答一次")
    else:
        await talk.taps("下一题")


async def play(talk: Talk, campaign: Campaign, right: int = 10) -> None:
    """All ten questions of a try that has begun."""
    for number in range(10):
        talk.hears(f"第 {number + 1}/10 题")
        await answer(talk, campaign, rightly=number < right)
        talk.hears("依据：《", "答对了" if number < right else "不对，正确答案")
        await talk.taps("下一题" if number < 9 else "看成绩")


async def test_a_whole_contest_on_one_card(talk: Talk, campaign: Campaign) -> None:
    await talk.says("知识竞答")
    talk.hears(campaign.title, "1. ", "5. ", "今天还剩 5 次")
    await talk.taps("开始答题")
    await talk.taps("金凤区")
    talk.hears("记成金凤区", "第 1/10 题")
    before = len(talk.screen)
    await play(talk, campaign, right=7)
    talk.hears("70 分，答对 7/10 题", "过关了", "您最好的一次：70 分", "第 1 名（共 1 人）", "没答对的")
    assert len(talk.screen) == before + 1, "one card for all questions, one for the result"
    await talk.says("知识竞答")
    talk.hears("今天还剩 4 次", "您最好的一次：70 分", "您选的区：金凤区")


async def test_a_double_tap_counts_once_and_shows_the_same(
    talk: Talk, house: House, campaign: Campaign
) -> None:
    await enter(talk)
    attempt = await attempt_of(talk, campaign)
    while True:
        question = next(one for one in campaign.questions if one.id == attempt.questions[attempt.answered])
        if question.kind is not QuestionKind.MULTIPLE:
            break
        await answer(talk, campaign)
        await on(talk)
        attempt = await attempt_of(talk, campaign)
    buttons = [button for button in talk.new[-1].buttons() if read_tap(button.action).verb == "a"]
    await talk.acts(buttons[0].action)
    first = talk.new[0].text
    await talk.acts(buttons[0].action)
    assert talk.new[0].text == first
    await talk.acts(buttons[1].action)
    assert talk.new[0].text == first, "the first answer counts"
    rows = await house.read(lambda unit: unit.contest.answers(attempt.id))
    assert len(rows) == attempt.answered + 1


async def test_a_break_resumes_with_the_same_question(talk: Talk, house: House, campaign: Campaign) -> None:
    await enter(talk)
    await answer(talk, campaign)
    await talk.taps("下一题")
    text = talk.new[0].text
    await talk.says("怀孕被辞退怎么办")
    house.clock.passes(days=2)
    await talk.says("知识竞答")
    await talk.taps("接着答")
    talk.hears("接着上次的来", text)


async def test_server_time_is_kept_in_milliseconds(talk: Talk, house: House, campaign: Campaign) -> None:
    await enter(talk)
    house.clock.passes(seconds=12.5)
    await answer(talk, campaign)
    kept = await house.write(lambda unit: unit.contest._db.all("select ms from contest_answers"))
    assert [row["ms"] for row in kept] == [12_500]


async def test_tries_are_counted_by_civil_day(talk: Talk, house: House, campaign: Campaign) -> None:
    await enter(talk)
    for number in range(5):
        await play(talk, campaign, right=number)
        await talk.taps("再答一次")
    talk.hears("今天的 5 次都答完了")
    house.clock.passes(hours=3, minutes=59)
    await talk.acts("k:start")
    talk.hears("都答完了")
    house.clock.passes(minutes=2)  # midnight in Yinchuan
    await talk.acts("k:start")
    talk.hears("第 1/10 题")


@pytest.mark.parametrize(
    ("now", "part"),
    [
        (datetime(2026, 10, 31, 15, 59, tzinfo=UTC), "2026年11月1日开始"),
        (datetime(2026, 10, 31, 16, 1, tzinfo=UTC), "今天还剩"),
        (datetime(2027, 12, 31, 15, 59, tzinfo=UTC), "今天还剩"),
        (datetime(2027, 12, 31, 16, 1, tzinfo=UTC), "2027年12月31日结束"),
    ],
)
async def test_opening_and_closing_dates_are_civil_days(
    talk: Talk, house: House, now: datetime, part: str
) -> None:
    house.clock._now = now
    await talk.says("知识竞答")
    talk.hears(part)


async def test_before_it_opens_no_try_can_be_forged(talk: Talk, house: House) -> None:
    house.clock._now = datetime(2026, 10, 1, tzinfo=UTC)
    for action in ("k:start", "k:go", "k:pick:0"):
        await talk.acts(action)
        talk.hears("2026年11月1日开始")


async def test_this_happened_to_me_leaves_the_contest_behind(
    talk: Talk, house: House, campaign: Campaign
) -> None:
    await enter(talk)
    attempt = await attempt_of(talk, campaign)
    await answer(talk, campaign)
    await talk.taps("这事发生在我身上")
    talk.hears("和竞答没有关系")
    from bot.conversation.session import to_json

    kept = to_json(await talk.session())
    assert attempt.id not in kept and '"k:' not in kept and "quiz" not in kept


async def test_multiple_choice_can_be_typed_and_nothing_chosen_is_told(
    talk: Talk, campaign: Campaign
) -> None:
    await enter(talk)
    for _ in range(50):
        attempt = await attempt_of(talk, campaign)
        question = next(one for one in campaign.questions if one.id == attempt.questions[attempt.answered])
        if question.kind is QuestionKind.MULTIPLE:
            await talk.taps("确定")
            talk.hears("还没有选")
            order = attempt.orders[attempt.answered]
            typed = "".join("abcde"[at] for at, place in enumerate(order) if place in question.answer)
            await talk.says(typed)
            talk.hears("答对了")
            return
        await answer(talk, campaign)
        await on(talk)
    pytest.fail("no multiple choice was ever drawn")


async def test_a_foreign_or_finished_attempt_is_not_answered_for_another(
    talk: Talk, house: House, campaign: Campaign
) -> None:
    await enter(talk)
    attempt = await attempt_of(talk, campaign)
    other = house.worker()
    for action in (
        f"k:a:{attempt.id}:0:1:1",
        f"k:x:{attempt.id}:0:1:1",
        f"k:result:{attempt.id}",
        f"k:next:{attempt.id}:1:0:1",
    ):
        await other.acts(action)
        other.hears("过期")
    assert not await house.read(lambda unit: unit.contest.answers(attempt.id))


async def test_stale_and_early_taps_lead_to_the_current_question(talk: Talk, campaign: Campaign) -> None:
    await enter(talk)
    attempt = await attempt_of(talk, campaign)
    for action in (f"k:a:{attempt.id}:5:1:1", f"k:next:{attempt.id}:7:0:1", f"k:a:{attempt.id}:0:992:1"):
        await talk.acts(action)
        talk.hears("第 1/10 题")


async def test_districts_with_fewer_than_five_people_are_not_shown(house: House, campaign: Campaign) -> None:
    for number in range(6):
        player = house.worker()
        await enter(player, "金凤区" if number < 5 else "西夏区")
        await play(player, campaign, right=10)
    await player.taps("排名")
    player.hears("1. 金凤区 平均 100.0 分（5 人）", "不满 5 人的区不显示")
    player.does_not_hear("西夏区")


async def test_the_contest_can_be_switched_off(tmp_path, knowledge, wording, search, clock) -> None:
    from tests.talk import open_house

    async with open_house(tmp_path, knowledge, wording, search, clock, contest=False) as house:
        talk = house.worker()
        await talk.says("菜单")
        assert "知识竞答" not in [button.label for button in talk.new[0].buttons()]
        await talk.acts("k:start")
        talk.hears("没有正在办的竞答")


def test_a_draw_has_the_wanted_difficulties_and_spreads_over_topics(house: House, campaign: Campaign) -> None:
    import random

    for seed in range(50):
        source = random.Random(seed)
        drawn = draw_questions(campaign, source)
        assert len({question.id for question in drawn}) == campaign.questions_per_try
        for difficulty in Difficulty:
            assert sum(question.difficulty is difficulty for question in drawn) == campaign.draw.of(
                difficulty
            )
        assert len({question.topic for question in drawn}) >= campaign.questions_per_try - 2
        for question in drawn:
            order = shuffle_options(question, source)
            assert sorted(order) == list(range(len(question.options)))
            if question.kind is QuestionKind.TRUE_FALSE:
                assert order == (0, 1)


def test_scores_and_right_answers() -> None:
    assert [score(right, 10) for right in (0, 1, 10)] == [0, 10, 100]
    assert [score(1, 3), score(2, 3), score(0, 0)] == [33, 67, 0]


def test_all_of_a_multiple_choice_must_be_named(campaign: Campaign) -> None:
    question = next(one for one in campaign.questions if one.kind is QuestionKind.MULTIPLE)
    assert is_right(question, question.answer)
    assert not is_right(question, question.answer[:1])


async def test_nothing_links_the_contest_to_a_person(talk: Talk, house: House, campaign: Campaign) -> None:
    await enter(talk)
    person = await talk.person_id()
    attempt = await attempt_of(talk, campaign)
    assert attempt.player != person and talk.address.id not in attempt.player
    other = await house.read(lambda unit: unit.contest.player(Address("telegram", talk.address.id)))
    assert other != attempt.player
    assert house.clock.now() - attempt.started_at < timedelta(seconds=1)
