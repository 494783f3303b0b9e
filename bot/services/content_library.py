"""Everything that is written, as curators look at it: by topic, by category, by law.

Knowledge never changes while the program runs, so every table is made once, when it is first looked at.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from knowledge.article_numbers import number_of
from knowledge.base import Citation, Review, ReviewStatus
from knowledge.dependants import Dependant, all_questions, cited_in, dependants, law_named
from knowledge.index import FaqIndex
from knowledge.loader import Knowledge
from knowledge.models import Entry, Law, Topic
from knowledge.teaching import Difficulty, Lesson, Question, Siblings, Story, Tip
from knowledge.terms import Vocabulary

FEW_PHRASINGS = 25  # an answer commonly has about thirty; with fewer the search hears her less often
CHECKED_WITHIN = timedelta(days=365)


class State(StrEnum):
    """What can be said of a topic; several hold at once."""

    WRITTEN = "written"
    UNWRITTEN = "unwritten"
    REVIEWED = "reviewed"
    WAITING = "waiting"
    OVERDUE = "overdue"  # the day of its next review has passed
    OLD = "old"  # compared with the law more than a year ago
    FEW = "few"


class Kind(StrEnum):
    """What teaches; the values are those of Dependant.kind."""

    STORY = "story"
    LESSON = "lesson"
    TIP = "tip"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Coverage:
    """One category: how many of its topics are in each state, and how many there are."""

    category: str
    topics: int
    states: Mapping[State, int]


@dataclass(frozen=True, slots=True)
class Item:
    """One story, lesson, tip or contest question. `file` is where a curator changes it."""

    kind: Kind
    id: str
    title: str
    topics: tuple[str, ...]
    body: Story | Lesson | Tip | Question
    citations: tuple[Citation, ...]
    file: str
    difficulty: Difficulty | None = None
    review: Review | None = None
    checked_on: date | None = None


@dataclass(frozen=True, slots=True)
class LawRow:
    """A law and how many things of each kind rest on it."""

    law: Law
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def states_of(entry: Entry | None, today: date) -> frozenset[State]:
    """The states of a topic on a civil day (Asia/Shanghai); None is a topic without an answer."""
    if entry is None:
        return frozenset({State.UNWRITTEN})
    review = entry.review
    said = {
        State.WRITTEN: True,
        State.REVIEWED: review.status is ReviewStatus.REVIEWED,
        State.WAITING: review.status is ReviewStatus.WAITING,
        State.OVERDUE: review.next is not None and review.next < today,
        State.OLD: today - entry.checked_on > CHECKED_WITHIN,
        State.FEW: len(entry.ask) < FEW_PHRASINGS,
    }
    return frozenset(state for state, holds in said.items() if holds)


class Library:
    """Knowledge with its index. Any thread may read."""

    def __init__(self, knowledge: Knowledge, index: FaqIndex) -> None:
        self.knowledge, self.index = knowledge, index

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """Every topic that is planned or written, by category, in the curators' order."""
        places = {name: at for at, name in enumerate(self.categories)}
        return tuple(sorted(self.knowledge.topics.values(), key=lambda topic: places[topic.category]))

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """In the order of topics.tsv."""
        return tuple(dict.fromkeys(topic.category for topic in self.knowledge.topics.values()))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """How the search reads words."""
        return Vocabulary.of(self.knowledge.synonyms)

    def title(self, topic: str) -> str:
        """What a topic is called; its id where nobody knows it any more."""
        entry, planned = self.knowledge.entries.get(topic), self.knowledge.topics.get(topic)
        return entry.title if entry else planned.title if planned else topic

    def coverage(self, today: date) -> list[Coverage]:
        """Each category on a civil day (Asia/Shanghai)."""
        topics: Counter[str] = Counter()
        states: dict[str, Counter[State]] = {name: Counter() for name in self.categories}
        for topic in self.topics:
            topics[topic.category] += 1
            states[topic.category].update(states_of(self.knowledge.entries.get(topic.id), today))
        return [Coverage(name, topics[name], states[name]) for name in self.categories]

    # ── what teaches ─────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def items(self) -> Mapping[tuple[Kind, str], Item]:
        """Stories, lessons, tips and contest questions, each kind in the order of its files."""
        return {(item.kind, item.id): item for item in self._all_items()}

    def items_of(self, kind: Kind) -> list[Item]:
        """All of one kind."""
        return [item for item in self.items.values() if item.kind is kind]

    def items_on(self, topic: str) -> list[Item]:
        """What teaches about a topic."""
        return [item for item in self.items.values() if topic in item.topics]

    def category_of(self, item: Item) -> frozenset[str]:
        """The categories of an item's topics."""
        known = self.knowledge.topics
        return frozenset(known[topic].category for topic in item.topics if topic in known)

    def siblings_of(self, topic: str) -> list[tuple[str, Siblings]]:
        """The groups of topics that people confuse with this one, with their files."""
        groups = self.knowledge.siblings.items()
        return [
            (self._file(f"siblings/{name}.yaml"), group) for name, group in groups if topic in group.topics
        ]

    def _all_items(self) -> Iterator[Item]:
        known = self.knowledge
        for story in known.stories.values():
            file = self._file(f"stories/{story.id}.yaml")
            yield Item(
                Kind.STORY, story.id, story.title, (story.topic,), story, story.citations, file,
                review=story.review, checked_on=story.checked_on,
            )  # fmt: skip
        for lesson in known.lessons.values():
            file = self._file(f"lessons/{lesson.id}.yaml")
            yield Item(
                Kind.LESSON, lesson.id, lesson.title, lesson.topics, lesson, lesson.citations, file,
                review=lesson.review, checked_on=lesson.checked_on,
            )  # fmt: skip
        files = self._files_by_id("tips/*.yaml")
        for tip in known.tips:
            file = files.get(tip.id, self._file("tips"))
            yield Item(Kind.TIP, tip.id, tip.text, (tip.topic,), tip, (tip.citation,), file)
        files = self._files_by_id("quizzes/**/*.yaml")
        for one in all_questions(known):
            file = files.get(one.id, self._file("quizzes"))
            yield Item(
                Kind.QUESTION, one.id, one.text, (one.topic,), one, one.citations, file, one.difficulty
            )

    # ── files ────────────────────────────────────────────────────────────────────────────────────────

    def files_of(self, topic: Topic) -> list[str]:
        """Where the answer on a topic stands, or will stand; then the region's own files that change it."""
        province, _, city = self.knowledge.region.id.partition("/")
        own = [f"regions/{province}/faq/{topic.id}.yaml", f"regions/{province}/{city}/faq/{topic.id}.yaml"]
        there = [name for name in own if (self.knowledge.folder / name).exists()]
        return [self._file(name) for name in (f"faq/{topic.category}/{topic.id}.yaml", *there)]

    def _file(self, name: str) -> str:
        return f"{self.knowledge.folder.name}/{name}"

    def _files_by_id(self, pattern: str) -> Mapping[str, str]:
        """Files that hold many things: which of them names an id."""
        found: dict[str, str] = {}
        for path in sorted(self.knowledge.folder.glob(pattern)):
            name = self._file(path.relative_to(self.knowledge.folder).as_posix())
            for written in _ID.findall(path.read_text(encoding="utf-8", errors="replace")):
                found.setdefault(written, name)
        return found

    # ── laws ─────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def laws(self) -> tuple[LawRow, ...]:
        """Every law of laws.yaml, the most cited first."""
        rows = [
            LawRow(law, Counter(one.kind for one in dependants(self.knowledge, name)))
            for name, law in self.knowledge.laws.items()
        ]
        return tuple(sorted(rows, key=lambda row: -row.total))

    def law(self, name: str) -> Law | None:
        """By name, full name or alias."""
        return law_named(self.knowledge, name)

    def resting_on(self, law: Law) -> list[tuple[str, list[Dependant]]]:
        """What cites a law, by article in the law's order; "" stands first for citations of the whole."""
        places: dict[str, dict[tuple[str, str], Dependant]] = {}
        for one in dependants(self.knowledge, law.name):
            for citation in cited_in(one.citation):
                if self.law(citation.law) == law:
                    places.setdefault(citation.article or "", {})[one.kind, one.id] = one
        return [(article, list(places[article].values())) for article in sorted(places, key=_place)]

    def topics_citing(self, law: Law) -> frozenset[str]:
        """Topics whose answer rests on a law."""
        return frozenset(one.id for one in dependants(self.knowledge, law.name) if one.kind == "entry")


_ID = re.compile(r"^[\s{-]*\bid:\s*[\"']?([a-z0-9_-]+)", re.MULTILINE)


def _place(article: str) -> tuple[bool, int, str]:
    """The body before the annex, by number."""
    return article.startswith("附"), number_of(article), article


def questions_by_difficulty(items: Sequence[Item]) -> Mapping[Difficulty, int]:
    """How many contest questions of each difficulty."""
    return Counter(item.difficulty for item in items if item.difficulty is not None)
