"""A house with the real knowledge and the real store; the search is one that tests can foresee."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.loader import DEFAULT_FOLDER, Knowledge, load_knowledge
from knowledge.wording import Wording, load_wording
from tests.fakes import FrozenClock, PlainSearch
from tests.talk import House, Talk, open_house


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture(scope="session")
def wording() -> Wording:
    return load_wording(DEFAULT_FOLDER)


@pytest.fixture(scope="session")
def search(knowledge: Knowledge) -> PlainSearch:
    return PlainSearch(knowledge)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
async def house(
    tmp_path: Path, knowledge: Knowledge, wording: Wording, search: PlainSearch, clock: FrozenClock
) -> AsyncIterator[House]:
    async with open_house(tmp_path, knowledge, wording, search, clock) as house:
        yield house


@pytest.fixture
def talk(house: House) -> Talk:
    return house.worker()
