"""Three questions asked as people ask them, on the real search."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.index import FaqIndex
from knowledge.loader import Knowledge
from knowledge.wording import Wording
from tests.fakes import FrozenClock
from tests.talk import Talk, open_house


@pytest.fixture(scope="module")
def index(knowledge: Knowledge) -> FaqIndex:
    return FaqIndex.build(knowledge)


@pytest.fixture
async def she(tmp_path: Path, knowledge: Knowledge, wording: Wording, index: FaqIndex) -> AsyncIterator[Talk]:
    async with open_house(tmp_path, knowledge, wording, index, FrozenClock()) as house:
        yield house.worker()


@pytest.mark.parametrize(
    ("asked", "topic"),
    [
        ("怀孕了公司让我走人", "pregnancy-dismissal"),
        ("拖欠工资三个月了", "wage-arrears"),
        ("主管老摸我腿，我该怎么办", "harassment-what-to-do"),
    ],
)
async def test_she_asks_and_gets_the_basis(she: Talk, asked: str, topic: str) -> None:
    await she.says(asked)
    entry = she.house.knowledge.entries[topic]
    she.hears(entry.title, entry.short[:10])
    await she.taps("依据")
    she.hears(entry.citations[0].in_words())


@pytest.mark.parametrize("asked", ["怀孕能吃虾吗", "今天天气咋样", "what is the weather", "你是谁呀机器人"])
async def test_what_is_not_ours_is_not_answered(she: Talk, asked: str) -> None:
    await she.says(asked)
    she.does_not_hear("待律师审核")
    assert she.new
