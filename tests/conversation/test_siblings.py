"""Topics that people confuse: one question decides, and an answer says how it differs."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.conversation.actions import Do, act
from knowledge.faults import KnowledgeFaults
from knowledge.index import Found, NotFound, Ranked, Unsure
from knowledge.loader import DEFAULT_FOLDER, Knowledge, load_knowledge
from knowledge.teaching import SiblingOption, Siblings
from knowledge.wording import Wording
from tests.fakes import FrozenClock, PlainSearch
from tests.talk import House, Talk, open_house

EXPIRED, DISMISSED, ARREARS, NURSING = (
    "contract-expiry-during-pregnancy", "pregnancy-dismissal", "wage-arrears", "nursing-break",
)  # fmt: skip


def group(
    *topics: str, question: str = "单位说的是辞退还是到期？", difference: str = "甲和乙的区别"
) -> Siblings:
    options = tuple(
        SiblingOption(label=f"是{number}号", topic=topic) for number, topic in enumerate(topics, 1)
    )
    return Siblings(topics=topics, difference=difference, question=question, options=options)


class Unsettled(PlainSearch):
    """A search that offers what a test says."""

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__(knowledge)
        self.offers: tuple[str, ...] = ()
        self.finds = ""
        self.sure = 0.4

    def search(self, text: str, topic: str | None = None) -> Found | Unsure | NotFound:
        if self.finds:
            return Found(self.finds, 0.9)
        return Unsure(self.offers, self.sure) if self.offers else NotFound()

    def several(self, text: str) -> list[str]:
        return []

    def rank(self, text: str, k: int = 5) -> list[Ranked]:
        return [Ranked(topic, 1.0) for topic in self.offers][:k]


@pytest.fixture
def unsettled(knowledge: Knowledge) -> Unsettled:
    return Unsettled(knowledge)


@pytest.fixture
async def house(
    tmp_path: Path, knowledge: Knowledge, wording: Wording, unsettled: Unsettled, clock: FrozenClock
) -> AsyncIterator[House]:
    groups = {
        "end-of-contract": group(DISMISSED, EXPIRED),
        "money": group("wage-settlement-on-leaving", ARREARS, "unwritten-topic", question="还在职吗？"),
        "hollow": group("unwritten-topic", NURSING),
        "again": group(
            EXPIRED, "nursing-dismissal", question="打 {hotline} 问过吗？", difference="丙和丁的区别"
        ),
    }
    known = replace(knowledge, siblings=groups)
    async with open_house(tmp_path, known, wording, unsettled, clock) as house:
        yield house


@pytest.fixture
def talk(house: House) -> Talk:
    return house.worker()


def labels(talk: Talk) -> list[str]:
    return [button.label for reply in talk.new for button in reply.buttons()]


def title(talk: Talk, topic: str) -> str:
    return talk.house.knowledge.entries[topic].title


async def test_two_of_a_group_are_decided_by_its_question(talk: Talk, unsettled: Unsettled) -> None:
    unsettled.offers = (EXPIRED, NURSING, DISMISSED)
    await talk.says("怀孕了说不用来了")
    talk.hears("单位说的是辞退还是到期？")
    talk.does_not_hear("您是不是想问")
    assert labels(talk) == ["是2号", "是1号", title(talk, NURSING), "都不是"], "the likelier one first"
    await talk.taps("是1号")
    talk.hears(title(talk, DISMISSED))


async def test_an_option_can_be_typed_as_its_number_or_its_words(talk: Talk, unsettled: Unsettled) -> None:
    unsettled.offers = (EXPIRED, DISMISSED)
    for typed in ("1", "是2号。"):
        await talk.says("怀孕了说不用来了")
        await talk.says(typed)
        talk.hears(title(talk, EXPIRED))


async def test_none_of_these_is_a_miss_and_is_noted(talk: Talk, house: House, unsettled: Unsettled) -> None:
    unsettled.offers = (EXPIRED, DISMISSED)
    await talk.says("怀孕了说不用来了")
    await talk.taps("都不是")
    talk.hears("没猜对")
    [noted] = await house.read(lambda unit: unit.feedback.latest(1))
    assert noted.reason == "unsure"


@pytest.mark.parametrize(
    "offers",
    [
        (ARREARS, DISMISSED),
        (NURSING, ARREARS, DISMISSED),
        (NURSING, "wage-minimum"),
        (EXPIRED,),
        (ARREARS, EXPIRED, DISMISSED),  # two that are confused, but neither is the likeliest
    ],
)
async def test_what_is_not_confused_is_offered_as_a_plain_choice(
    talk: Talk, unsettled: Unsettled, offers: tuple[str, ...]
) -> None:
    unsettled.offers = offers
    await talk.says("不知道怎么说")
    talk.hears("您是不是想问")
    assert labels(talk) == [*(title(talk, topic) for topic in offers), "都不是"]


async def test_of_the_groups_of_the_likeliest_the_one_with_most_offers_asks(
    talk: Talk, unsettled: Unsettled
) -> None:
    unsettled.offers = (EXPIRED, "nursing-dismissal", DISMISSED)
    await talk.says("不知道怎么说")
    talk.hears("单位说的是辞退还是到期？")


async def test_options_that_lead_to_nothing_written_are_not_shown(talk: Talk, unsettled: Unsettled) -> None:
    unsettled.offers = (ARREARS, "wage-settlement-on-leaving")
    await talk.says("工资没给")
    talk.hears("还在职吗？")
    assert labels(talk) == ["是2号", "是1号", "都不是"]


async def test_the_long_answer_tells_the_difference_and_leads_to_the_question(
    talk: Talk, unsettled: Unsettled
) -> None:
    unsettled.finds = DISMISSED
    await talk.says("怀孕被辞退")
    talk.does_not_hear("甲和乙的区别")
    assert "不是这种情况？" not in labels(talk)
    await talk.taps("细说")
    talk.hears("甲和乙的区别")
    await talk.taps("不是这种情况？")
    talk.hears("单位说的是辞退还是到期？")
    await talk.taps("是2号")
    talk.hears(title(talk, EXPIRED))


async def test_a_topic_of_two_groups_tells_both_differences_and_asks_the_first_question(
    talk: Talk, unsettled: Unsettled
) -> None:
    unsettled.finds = EXPIRED
    await talk.says("合同到期")
    await talk.taps("细说")
    talk.hears("甲和乙的区别", "丙和丁的区别")
    await talk.taps("不是这种情况？")
    talk.hears("单位说的是辞退还是到期？")


async def test_the_question_of_a_group_names_the_hotline(talk: Talk, unsettled: Unsettled) -> None:
    unsettled.finds = "nursing-dismissal"
    await talk.says("哺乳期被辞退")
    await talk.taps("细说")
    await talk.taps("不是这种情况？")
    talk.hears("打 12351 问过吗？")


async def test_a_likely_topic_is_answered_with_a_doubt_and_what_else_it_may_be(
    talk: Talk, unsettled: Unsettled
) -> None:
    unsettled.offers, unsettled.sure = (EXPIRED, DISMISSED, NURSING), 0.7
    await talk.says("怀孕了说不用来了")
    talk.hears(title(talk, EXPIRED), "不敢说准")
    talk.does_not_hear("单位说的是辞退还是到期？")
    assert labels(talk)[-3:] == [title(talk, DISMISSED), title(talk, NURSING), "都不是"]
    await talk.taps(title(talk, DISMISSED))
    talk.hears(title(talk, DISMISSED))
    talk.does_not_hear("不敢说准")


async def test_a_topic_without_siblings_says_nothing_of_it(talk: Talk, unsettled: Unsettled) -> None:
    for topic in (NURSING, "wage-minimum"):
        unsettled.finds = topic
        await talk.says("问一句")
        await talk.taps("细说")
        talk.does_not_hear("的区别\n")
        assert "不是这种情况？" not in labels(talk)


async def test_not_my_case_is_answered_with_the_question(
    talk: Talk, house: House, unsettled: Unsettled
) -> None:
    unsettled.finds = DISMISSED
    await talk.says("怀孕被辞退")
    await talk.taps("有用吗")
    await talk.taps("不是我的情况")
    talk.hears("记下来", "单位说的是辞退还是到期？")
    talk.sees_buttons("是2号", "找工会帮我")
    [noted] = await house.read(lambda unit: unit.feedback.latest(1))
    assert (noted.reason, noted.topic) == ("not_mine", DISMISSED)


@pytest.mark.parametrize("data", ["b", "b:gone", "b:hollow", "b:end-of-contract:1", "b:<b>", "b:" + "x" * 70])
async def test_a_stale_or_forged_tap_is_answered_kindly(talk: Talk, data: str) -> None:
    await talk.acts(data)
    talk.hears("这个按钮已经过期了")


async def test_the_question_keeps_no_state(talk: Talk, house: House) -> None:
    """Tapped again after days, in another talk, it asks the same."""
    house.clock.passes(days=3)
    await talk.acts(act(Do.SIBLINGS, "end-of-contract"))
    talk.hears("单位说的是辞退还是到期？")
    session = await talk.session()
    assert session.topic is None


async def test_danger_comes_before_the_question(talk: Talk, unsettled: Unsettled) -> None:
    unsettled.offers = (EXPIRED, DISMISSED)
    await talk.says("怀孕了被开除，老公又打我了")
    assert "110" in talk.new[0].text
    talk.does_not_hear("单位说的是")


def test_every_group_that_is_written_can_be_asked(knowledge: Knowledge) -> None:
    for name, one in knowledge.siblings.items():
        assert act(Do.SIBLINGS, name)
        assert all(option.topic in knowledge.topics for option in one.options)


def test_a_name_that_no_button_could_carry_is_a_fault(tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "knowledge"
    shutil.copytree(DEFAULT_FOLDER, folder)
    text = (
        f"topics: [{DISMISSED}, {EXPIRED}]\ndifference: 甲和乙的区别：一个一个。\nquestion: 是哪个？\n"
        f"options:\n  - {{label: 甲, topic: {DISMISSED}}}\n  - {{label: 乙, topic: {EXPIRED}}}\n"
    )
    for name in ("x" * 41, "有中文"):
        (folder / "siblings" / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeFaults) as caught:
        load_knowledge(folder)
    assert sum("文件名" in fault.wrong for fault in caught.value.faults) == 2
