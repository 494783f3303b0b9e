"""How good the search is on labelled questions."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

import yaml

from knowledge.calibration import OFFER_AT
from knowledge.checks import bare_text
from knowledge.index import FaqIndex, Found, Unsure
from knowledge.loader import Knowledge

QUESTIONS = Path(__file__).resolve().parent.parent / "tests" / "questions"
_RANKED = 5
Progress = Callable[[int, int], None]


class Scope(StrEnum):
    """Whether a question is ours; uncovered = ours, but no topic is written for it."""

    IN = "in"
    OUT = "out"
    UNCOVERED = "uncovered"


@dataclass(frozen=True, slots=True)
class Asked:
    """One labelled question; `topics` are all right answers, `near` says how close an outside one comes."""

    id: str
    text: str
    topics: tuple[str, ...]
    scope: Scope
    source: str = ""
    near: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the search made of one question."""

    asked: Asked
    topics: tuple[str, ...]
    answered: bool
    offered: bool
    score: float

    def place(self) -> int | None:
        """Place (from 1) of the first right topic."""
        places = [at for at, topic in enumerate(self.topics, start=1) if topic in self.asked.topics]
        return places[0] if places else None

    def answered_from(self, answer_at: float) -> Outcome:
        """The same outcome, had direct answers begun at another sureness."""
        answered = self.score >= answer_at
        return replace(self, answered=answered, offered=not answered and self.score >= OFFER_AT)

    def as_json(self) -> str:
        """The line of a predictions file."""
        line = {"id": self.asked.id, "topics": self.topics, "answered": self.answered,
                "offered": self.offered, "score": round(self.score, 4)}  # fmt: skip
        return json.dumps(line, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Summary:
    """Shares 0..1 over a group of questions; None where the group has none of that kind."""

    questions: int
    top1: float | None
    top3: float | None
    mrr: float | None
    answered: float | None
    right_among_answered: float | None
    offered: float | None
    offered_holds_it: float | None
    outside: int
    outside_answered: float | None


def read_questions(path: Path) -> list[Asked]:
    """A .jsonl file of labelled questions, or a folder of <category>.yaml and out-of-scope.yaml."""
    if path.is_dir():
        return [asked for file in sorted(path.glob("*.yaml")) for asked in _from_yaml(file)]
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_from_json(json.loads(line)) for line in lines if line.strip()]


def _from_json(line: Mapping[str, object]) -> Asked:
    topics = line.get("topics") or ()
    assert isinstance(topics, Iterable)
    scope = Scope(str(line.get("scope") or ("in" if topics else "out")))
    return Asked(
        str(line["id"]), str(line["text"]), tuple(map(str, topics)), scope, str(line.get("source") or "")
    )


def _from_yaml(file: Path) -> Iterator[Asked]:
    rows = yaml.safe_load(file.read_text(encoding="utf-8")) or []
    for number, row in enumerate(rows, start=1):
        name = f"{file.stem}-{number}"
        if "topic" in row:
            yield Asked(name, str(row["text"]), (row["topic"],), Scope.IN, "own")
        else:
            yield Asked(name, str(row["text"]), (), Scope.OUT, "own", bool(row.get("near")))


def within(
    asked: Iterable[Asked], knowledge: Knowledge, categories: frozenset[str] | None = None
) -> list[Asked]:
    """Questions measured against what is written: one whose first topic is not, is uncovered.

    With `categories`, questions that belong to other categories are left out.
    """
    kept = []
    for one in asked:
        if one.scope is Scope.IN and one.topics:
            first = knowledge.topics.get(one.topics[0])
            if categories and (first is None or first.category not in categories):
                continue
            if one.topics[0] not in knowledge.entries:
                one = replace(one, scope=Scope.UNCOVERED)
        kept.append(one)
    return kept


def measure(index: FaqIndex, asked: Sequence[Asked], progress: Progress) -> list[Outcome]:
    """What the search makes of every question."""
    outcomes = []
    for number, one in enumerate(asked, start=1):
        index.prepare(one.text)
        outcomes.append(outcome_of(index, one))
        progress(number, len(asked))
    return outcomes


def outcome_of(index: FaqIndex, asked: Asked) -> Outcome:
    """What the search makes of one question."""
    decision, ranked, probability = index.decide(asked.text, _RANKED)
    topics = tuple(entry.entry_id for entry in ranked)
    return Outcome(asked, topics, isinstance(decision, Found), isinstance(decision, Unsure), probability)


def summarise(outcomes: Sequence[Outcome]) -> Summary:
    """The figures of one group; uncovered questions count as not ours."""
    ours = [outcome for outcome in outcomes if outcome.asked.scope is Scope.IN]
    outside = [outcome for outcome in outcomes if outcome.asked.scope is not Scope.IN]
    answered = [outcome for outcome in ours if outcome.answered]
    offered = [outcome for outcome in ours if outcome.offered]
    places = [outcome.place() or 0 for outcome in ours]
    return Summary(
        questions=len(ours),
        top1=_share(place == 1 for place in places),
        top3=_share(1 <= place <= 3 for place in places),
        mrr=sum(1 / place for place in places if place) / len(places) if places else None,
        answered=_share(outcome.answered for outcome in ours),
        right_among_answered=_share(outcome.place() == 1 for outcome in answered),
        offered=_share(outcome.offered for outcome in ours),
        offered_holds_it=_share(1 <= (outcome.place() or 0) <= 3 for outcome in offered),
        outside=len(outside),
        outside_answered=_share(outcome.answered for outcome in outside),
    )


def _share(of: Iterable[bool]) -> float | None:
    values = list(of)
    return sum(values) / len(values) if values else None


def by_source(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Outcomes by where the question comes from."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.asked.source or "?"].append(outcome)
    return dict(sorted(groups.items()))


def by_category(outcomes: Sequence[Outcome], knowledge: Knowledge) -> dict[str, list[Outcome]]:
    """Outcomes by the category of the first right topic; questions outside by how near they come."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        match outcome.asked.scope:
            case Scope.IN:
                groups[knowledge.topics[outcome.asked.topics[0]].category].append(outcome)
            case Scope.OUT:
                groups["out-near" if outcome.asked.near else "out"].append(outcome)
            case Scope.UNCOVERED:
                groups["uncovered"].append(outcome)
    return dict(sorted(groups.items()))


def by_scope(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Questions of ours, and all others."""
    ours = [outcome for outcome in outcomes if outcome.asked.scope is Scope.IN]
    return {"ours": ours, "outside": [one for one in outcomes if one.asked.scope is not Scope.IN]}


def held_out(asked: Asked) -> bool:
    """True for the half of the outside questions that calibration never sees; fixed by the text."""
    return sha256(bare_text(asked.text).encode()).digest()[0] % 2 == 1
