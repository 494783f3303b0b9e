"""Random walks: no text reaches the wrong woman, no internal word leaves the house, whatever people do.

SAFEHOUSE_WALKS says how many walks, SAFEHOUSE_WALKS_FROM at which seed they begin. A walk that finds
something prints its seed and its acts.
"""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.handovers import HandOver
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from knowledge.loader import DEFAULT_FOLDER, load_knowledge
from knowledge.wording import load_wording
from tests.fakes import PlainSearch
from tests.journeys import walk_group, walk_partners, walk_staff, walk_together, walk_women
from tests.journeys.walk_staff import claims
from tests.journeys.walk_women import opens
from tests.journeys.walker import Act, Broken, Walk, Words, build_house, walk

WALKS = int(os.environ.get("SAFEHOUSE_WALKS", "30"))
FIRST = int(os.environ.get("SAFEHOUSE_WALKS_FROM", "0"))
ENOUGH = 500  # walks in which every act is carried out at least once
ACTS = walk_women.ACTS + walk_staff.ACTS + walk_together.ACTS + walk_partners.ACTS + walk_group.ACTS
_LEANING = (  # one walk in five leans to nothing, the others to some of the acts
    frozenset[str](),
    frozenset(act.__name__ for act, _ in walk_partners.ACTS) | {"decides"},
    frozenset({"merges", "parts", "groups", "writes_to_all", "sends_to_one", "brings_a_code", "takes_down"}),
    frozenset({"drafts_words", "sends", "reviews", "asks_for_a_look", "moves", "writes", "taps"}),
    frozenset(act.__name__ for act, _ in walk_group.ACTS),
)


def acts_of(seed: int) -> list[tuple[Act, int]]:
    """The acts of a walk with their weights."""
    leaning = _LEANING[seed % len(_LEANING)]
    return [(act, weight * (4 if act.__name__ in leaning else 1)) for act, weight in ACTS]


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
    done, seen, found = Counter[str](), Counter[str](), list[str]()
    for seed in range(FIRST, FIRST + WALKS):
        try:
            made = await walk(seed, tmp_path / str(seed), template, words, acts_of(seed), begins)
        except Broken as broken:
            found.append(str(broken))
        else:
            done.update(made.counts)
            seen.update(made.oracle.seen)
    print(f"{WALKS} walks from seed {FIRST}, {len(found)} broken, {sum(done.values())} acts: {dict(seen)}")
    if found:
        pytest.fail("\n\n".join(found[:20]), pytrace=False)
    if WALKS >= ENOUGH:
        assert {act.__name__ for act, _ in ACTS} <= set(done)
    if WALKS >= 40:  # else it would show nothing
        assert seen["words hers"] and seen["words to her"] and seen["pages of partners"]


# ── the same walks see a fault that is planted ──────────────────────────────────────────────────────────


class Bent:
    """A thing of which some parts are replaced."""

    def __init__(self, inner: Any, **parts: Any) -> None:
        self._inner, self._parts = inner, parts

    def __getattr__(self, name: str) -> Any:
        return self._parts[name] if name in self._parts else getattr(self._inner, name)


def answers_go_astray(unit: Unit) -> Any:
    """Messages go to whoever holds another case."""

    def hearers(case_id: str) -> list[str]:
        others = [card.id for card in unit.cases.cards(CaseFilter()) if card.id != case_id]
        return [person for one in others for person in unit.cases.people_of(one)][-1:]

    return Bent(unit, links=Bent(unit.links, hearers=hearers))


def notes_are_shown_to_her(unit: Unit) -> Any:
    """An internal note is kept as if it were an answer."""

    def add_event(case_id: str, kind: Any, **rest: Any) -> int:
        return unit.cases.add_event(case_id, "reply" if kind == "note" else kind, **rest)

    return Bent(unit, cases=Bent(unit.cases, add_event=add_event))


def refused_fields_go_along(unit: Unit) -> Any:
    """A partner's page shows what she kept back."""

    def by_link(token: str) -> HandOver | None:
        found = unit.partners.by_link(token)
        return found and replace(found, refused=frozenset())

    return Bent(unit, partners=Bent(unit.partners, by_link=by_link, keep_content=lambda *_: None))


@pytest.mark.parametrize(
    ("fault", "says", "seeds"),
    [
        (answers_go_astray, "who does not hold it", range(10)),
        (notes_are_shown_to_her, "inside word", range(40)),
        (refused_fields_go_along, "was not given", range(1, 300, 5)),
    ],
)
async def test_a_planted_fault_is_found(
    tmp_path: Path,
    template: Path,
    words: Words,
    fault: Callable[[Unit], Any],
    says: str,
    seeds: range,
) -> None:
    for seed in seeds:
        try:
            await walk(seed, tmp_path / str(seed), template, words, acts_of(seed), begins, seam=fault)
        except Broken as broken:
            assert says in str(broken)
            return
    pytest.fail("not found")
