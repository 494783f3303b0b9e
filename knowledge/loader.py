"""Reads the knowledge folder, checks everything, and hands it out as one frozen value."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from knowledge import asking_for, checks, checks_playbooks, checks_teaching
from knowledge.checks import Read, Surroundings
from knowledge.faults import Fault, KnowledgeFaults
from knowledge.folder_reader import FolderReader
from knowledge.models import (
    AskingFor,
    DangerRules,
    DeadlineLabel,
    Entry,
    Knowledge,
    Law,
    Outside,
    SynonymGroups,
    Topic,
)
from knowledge.overrides import read_entries
from knowledge.playbooks import FILES as PLAYBOOKS
from knowledge.playbooks import Playbook
from knowledge.region_reader import names_of, read_region
from knowledge.teaching import Campaign, Lesson, QuestionBank, Siblings, Story, TipFile

__all__ = ["DEFAULT_FOLDER", "DEFAULT_REGION", "Knowledge", "Topic", "Written", "load_knowledge", "read_all"]

DEFAULT_FOLDER = Path(__file__).parent
DEFAULT_REGION = "ningxia/yinchuan"


@dataclass(frozen=True, slots=True)
class Written:
    """The knowledge with the documents behind it, for checks that name file and line."""

    knowledge: Knowledge
    entries: Sequence[Read[Entry]]
    campaigns: Sequence[Read[Campaign]]
    banks: Mapping[str, Read[QuestionBank]]
    stories: Sequence[Read[Story]]
    lessons: Sequence[Read[Lesson]]
    tips: Sequence[Read[TipFile]]
    siblings: Mapping[str, Read[Siblings]]


def load_knowledge(
    folder: Path = DEFAULT_FOLDER, region: str = DEFAULT_REGION, *, union: str = ""
) -> Knowledge:
    """All knowledge in `folder` for `region` ("province/city"); raises KnowledgeFaults with every fault.

    `union` is the name that stands for {union}; without it the region's own.
    """
    return read_all(folder, region, union=union).knowledge


def read_all(folder: Path = DEFAULT_FOLDER, region: str = DEFAULT_REGION, *, union: str = "") -> Written:
    """The knowledge together with the files it came from; raises KnowledgeFaults as `load_knowledge` does."""
    with _collector_paused():
        return _read_all(folder, region, union)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Reading makes 100,000 objects and no garbage: looking for some would take as long as the reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read_all(folder: Path, region: str, union: str) -> Written:
    reader = FolderReader(folder)
    place = read_region(reader, region)
    reader.names = names_of(place, union) if place else {}
    topics = _read_topics(reader)
    laws = {law.name: law for law in reader.rows("laws.yaml", Law)}
    deadlines = reader.table("deadlines.yaml", DeadlineLabel)
    danger = reader.one(folder / "danger.yaml", DangerRules)
    synonyms = reader.one(folder / "synonyms.yaml", SynonymGroups)
    outside = reader.one(folder / "outside.yaml", Outside)
    asked_for = reader.one(folder / asking_for.FILE, AskingFor)
    entries = read_entries(reader, region)
    banks = {path.stem: read for path, read in reader.each("quizzes/bank/*.yaml", QuestionBank)}
    campaigns = reader.named("quizzes/*.yaml", Campaign)
    stories = reader.named("stories/*.yaml", Story)
    lessons = reader.named("lessons/*.yaml", Lesson)
    tips = [read for _, read in reader.each("tips/*.yaml", TipFile)]
    siblings = {path.stem: read for path, read in reader.each("siblings/*.yaml", Siblings)}
    playbooks = reader.named(PLAYBOOKS, Playbook)
    around = Surroundings(
        categories={topic.id: topic.category for topic in topics.values()},
        laws=_names_of(laws),
        deadlines=frozenset(deadlines),
        amounts=frozenset(place.amounts) if place else None,
        province=place.province if place else "",
    )
    reader.faults += checks.check_entries(entries, around)
    reader.faults += checks_teaching.check_campaigns(campaigns, banks, around)
    reader.faults += checks_teaching.check_stories(stories, around)
    reader.faults += checks_teaching.check_lessons(lessons, around)
    reader.faults += checks_teaching.check_tips(tips, around)
    reader.faults += checks_teaching.check_siblings(siblings, around)
    reader.faults += checks_playbooks.check_playbooks(playbooks, around)
    if danger:
        reader.faults += checks.check_danger(danger, around)
    if asked_for:
        reader.faults += asking_for.check_asking_for(asked_for)
    if reader.faults or not (place and danger and synonyms and outside and asked_for):
        raise KnowledgeFaults(reader.faults)
    whole_campaigns = [checks_teaching.with_bank(read.value, banks) for read in campaigns]
    knowledge = Knowledge(
        folder=folder,
        version=reader.version(),
        region=place,
        topics=MappingProxyType(topics),
        entries=MappingProxyType({read.value.id: read.value for read in entries}),
        campaigns=MappingProxyType({one.id: one for one in whole_campaigns}),
        stories=MappingProxyType({read.value.id: read.value for read in stories}),
        lessons=MappingProxyType({read.value.id: read.value for read in lessons}),
        tips=tuple(tip for read in tips for tip in read.value.tips),
        siblings=MappingProxyType({name: read.value for name, read in siblings.items()}),
        laws=MappingProxyType(laws),
        deadlines=MappingProxyType(deadlines),
        danger=danger,
        synonyms=synonyms,
        outside=outside,
        asking_for=asked_for,
        banks=MappingProxyType({name: read.value for name, read in banks.items()}),
        playbooks=MappingProxyType({read.value.id: read.value for read in playbooks}),
    )
    return Written(knowledge, entries, campaigns, banks, stories, lessons, tips, siblings)


def _read_topics(reader: FolderReader) -> dict[str, Topic]:
    path = reader.folder / "topics.tsv"
    topics: dict[str, Topic] = {}
    for number, line in enumerate(reader.lines(path), start=1):
        if not line.strip() or number == 1:
            continue
        cells = line.split("\t")
        if len(cells) != 3 or not all(cells) or cells[1] in topics:
            wrong = "主题重复" if len(cells) == 3 and cells[1] in topics else "不是三列"
            reader.faults.append(Fault(reader.name(path), number, "topic", wrong, "类别<TAB>主题<TAB>标题"))
            continue
        topics[cells[1]] = Topic(cells[1], cells[0], cells[2])
    return topics


def _names_of(laws: Mapping[str, Law]) -> dict[str, Law]:
    names = {alias: law for law in laws.values() for alias in law.aliases}
    return names | {law.full_name: law for law in laws.values()} | dict(laws)
