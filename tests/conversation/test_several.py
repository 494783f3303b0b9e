"""A long text with several issues: how many, a short answer to each, and what else it may mean."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.index import Found, NotFound, Unsure
from knowledge.loader import Knowledge
from knowledge.wording import Wording
from tests.fakes import FrozenClock, PlainSearch
from tests.talk import House, Talk, open_house

LONG = (
    "我在店里干了三年一直都是好好的，老板前天突然变了脸，说话很难听，"
    "事情一件接一件，我都不知道该先说哪一件才好，脑子里乱得很。"
)
ISSUES = ("pregnancy-dismissal", "nursing-break", "wage-arrears", "wage-minimum")


class Prepared(PlainSearch):
    """A search that hears what a test says."""

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__(knowledge)
        self.issues: tuple[str, ...] = ()
        self.whole: Found | Unsure | NotFound = NotFound()

    def search(self, text: str, topic: str | None = None) -> Found | Unsure | NotFound:
        return self.whole

    def several(self, text: str) -> list[str]:
        return list(self.issues)


@pytest.fixture
def prepared(knowledge: Knowledge) -> Prepared:
    return Prepared(knowledge)


@pytest.fixture
async def house(
    tmp_path: Path, knowledge: Knowledge, wording: Wording, prepared: Prepared, clock: FrozenClock
) -> AsyncIterator[House]:
    async with open_house(tmp_path, knowledge, wording, prepared, clock) as house:
        yield house


@pytest.fixture
def talk(house: House) -> Talk:
    return house.worker()


def titles(talk: Talk, *topics: str) -> list[str]:
    return [talk.house.knowledge.entries[topic].title for topic in topics]


async def test_the_first_line_names_how_many_and_which(talk: Talk, prepared: Prepared) -> None:
    assert len(LONG) >= 60
    prepared.issues = ISSUES[:3]
    await talk.says(LONG)
    first = talk.new[0].text
    assert first.startswith("您说的里面有 3 件事")
    assert all(title in first for title in titles(talk, *ISSUES[:3]))
    assert [reply.text.split("\n")[0] for reply in talk.new[1:]] == titles(talk, *ISSUES[:3])


async def test_each_is_a_short_answer_and_says_more_when_asked(talk: Talk, prepared: Prepared) -> None:
    prepared.issues = ISSUES[:2]
    await talk.says(LONG)
    entry = talk.house.knowledge.entries[ISSUES[0]]
    assert entry.say and entry.say not in talk.new[1].text and entry.short[:15] in talk.new[1].text
    for reply in talk.new[1:]:
        assert "待律师审核" in reply.text
        assert {"依据", "我该怎么做", "找工会帮我"} <= {button.label for button in reply.buttons()}
    await talk.acts(talk.new[1].buttons()[1].action)
    talk.hears(entry.title, entry.steps[0][:10])


async def test_three_at_most(talk: Talk, prepared: Prepared) -> None:
    prepared.issues = ISSUES
    await talk.says(LONG)
    talk.hears("有 3 件事")
    talk.does_not_hear(titles(talk, ISSUES[3])[0])


async def test_what_else_the_whole_may_mean_is_offered_at_the_end(talk: Talk, prepared: Prepared) -> None:
    prepared.issues = ISSUES[:2]
    prepared.whole = Unsure((ISSUES[1], ISSUES[2], "no-such-topic"))
    await talk.says(LONG)
    assert len(talk.new) == 4
    assert [button.label for button in talk.new[-1].buttons()] == titles(talk, ISSUES[2])


async def test_one_sure_issue_in_an_unsure_text_is_answered(talk: Talk, prepared: Prepared) -> None:
    prepared.issues = ISSUES[:1]
    prepared.whole = Unsure(ISSUES[1:3])
    await talk.says(LONG)
    assert len(talk.new) == 2, "an answer and a choice, without counting to one"
    talk.hears(titles(talk, ISSUES[0])[0])
    talk.does_not_hear("件事，我一件一件说")
    assert [button.label for button in talk.new[-1].buttons()] == titles(talk, *ISSUES[1:3])


async def test_one_matter_in_a_long_text_is_one_answer(talk: Talk, prepared: Prepared) -> None:
    prepared.issues, prepared.whole = ISSUES[:1], Found(ISSUES[0], 0.9)
    await talk.says(LONG)
    assert len(talk.new) == 1


async def test_a_topic_that_is_gone_is_not_counted(talk: Talk, prepared: Prepared) -> None:
    prepared.issues = ("no-such-topic", ISSUES[0])
    await talk.says(LONG)
    assert len(talk.new) == 1
    talk.hears(titles(talk, ISSUES[0])[0])


async def test_danger_in_a_long_text_comes_before_everything(talk: Talk, prepared: Prepared) -> None:
    prepared.issues = ISSUES[:3]
    await talk.says(LONG + "昨天晚上老公又打我了，我不知道怎么办。")
    assert len(talk.new) == 1 and "110" in talk.new[0].text
    talk.does_not_hear("件事")


async def test_a_short_text_is_one_question(talk: Talk, prepared: Prepared) -> None:
    prepared.issues, prepared.whole = ISSUES[:3], Found(ISSUES[0], 0.9)
    await talk.says("怀孕被辞退")
    assert len(talk.new) == 1
