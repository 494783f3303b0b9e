"""Random walks: no text reaches the wrong woman, no internal word leaves the house, whatever people do.

SAFEHOUSE_WALKS says how many walks, SAFEHOUSE_WALKS_FROM at which seed they begin. A walk that finds
something prints its seed and its acts.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from knowledge.loader import DEFAULT_FOLDER, load_knowledge
from knowledge.wording import load_wording
from tests.fakes import PlainSearch
from tests.journeys import walk_group, walk_partners, walk_staff, walk_women
from tests.journeys.walk_staff import claims
from tests.journeys.walk_women import opens
from tests.journeys.walker import Broken, Walk, Words, build_house, walk

WALKS = int(os.environ.get("SAFEHOUSE_WALKS", "60"))
FIRST = int(os.environ.get("SAFEHOUSE_WALKS_FROM", "0"))
ACTS = walk_women.ACTS + walk_staff.ACTS + walk_partners.ACTS + walk_group.ACTS


@pytest.fixture(scope="module")
def words() -> Words:
    knowledge = load_knowledge()
    return Words(knowledge, load_wording(DEFAULT_FOLDER), PlainSearch(knowledge))


@pytest.fixture
async def template(tmp_path: Path) -> Path:
    folder = tmp_path / "template"
    await build_house(folder)
    return folder


async def begins(made: Walk) -> None:
    """Every walk begins with a few cases."""
    for act in (opens, opens, opens, claims, claims):
        await made.step(act)


async def test_no_walk_brings_a_word_to_the_wrong_person(
    tmp_path: Path, template: Path, words: Words
) -> None:
    done: Counter[str] = Counter()
    found: list[str] = []
    for seed in range(FIRST, FIRST + WALKS):
        try:
            made = await walk(seed, tmp_path / str(seed), template, words, ACTS, begins)
        except Broken as broken:
            found.append(str(broken))
            continue
        done.update(made.counts)
    print(f"{WALKS} walks from seed {FIRST}, {len(found)} broken: {dict(done)}")
    if found:
        pytest.fail("\n\n".join(found[:20]), pytrace=False)
