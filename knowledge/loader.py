"""Reads the knowledge folder, checks everything, and hands it out as one frozen value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from knowledge import checks, checks_teaching
from knowledge.checks import Read, Surroundings
from knowledge.faults import Fault, KnowledgeFaults
from knowledge.folder_reader import FolderReader
from knowledge.models import (
    DangerRules,
    DeadlineLabel,
    Entry,
    Knowledge,
    Law,
    Outside,
    Region,
    RegionFile,
    SynonymGroups,
    Topic,
)
from knowledge.teaching import Campaign, Lesson, QuestionBank, Siblings, Story, TipFile

__all__ = ["DEFAULT_FOLDER", "DEFAULT_REGION", "Knowledge", "Topic", "load_knowledge"]

DEFAULT_FOLDER = Path(__file__).parent
DEFAULT_REGION = "ningxia/yinchuan"
_REGION_ID = re.compile(r"^[a-z0-9_-]+(?:/[a-z0-9_-]+)?$")


def load_knowledge(folder: Path = DEFAULT_FOLDER, region: str = DEFAULT_REGION) -> Knowledge:
    """All knowledge in `folder` for `region` ("province/city"); raises KnowledgeFaults with every fault."""
    reader = FolderReader(folder)
    topics = _read_topics(reader)
    laws = {law.name: law for law in reader.rows("laws.yaml", Law)}
    deadlines = reader.table("deadlines.yaml", DeadlineLabel)
    danger = reader.one(folder / "danger.yaml", DangerRules)
    synonyms = reader.one(folder / "synonyms.yaml", SynonymGroups)
    outside = reader.one(folder / "outside.yaml", Outside)
    place = _read_region(reader, region)
    entries = _read_entries(reader)
    banks = {path.stem: read for path, read in reader.each("quizzes/bank/*.yaml", QuestionBank)}
    campaigns = reader.named("quizzes/*.yaml", Campaign)
    stories = reader.named("stories/*.yaml", Story)
    lessons = reader.named("lessons/*.yaml", Lesson)
    tips = [read for _, read in reader.each("tips/*.yaml", TipFile)]
    siblings = {path.stem: read for path, read in reader.each("siblings/*.yaml", Siblings)}
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
    if danger:
        reader.faults += checks.check_danger(danger, around)
    if reader.faults or not (place and danger and synonyms and outside):
        raise KnowledgeFaults(reader.faults)
    whole_campaigns = [checks_teaching.with_bank(read.value, banks) for read in campaigns]
    return Knowledge(
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
    )


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


def _read_entries(reader: FolderReader) -> list[Read[Entry]]:
    """Id and category of an entry are its file's name and folder."""
    paths = reader.files("faq/*/*.yaml")
    reads = [reader.read(path, Entry, id=path.stem, category=path.parent.name) for path in paths]
    return [read for read in reads if read]


def _read_region(reader: FolderReader, region: str) -> Region | None:
    """The city's file laid over the province's: amounts, offices and hotlines one by one, the rest whole."""
    if not _REGION_ID.match(region):
        reader.faults.append(Fault("config.yaml", 1, "organisation.region", f"{region!r} 不是地区",
                                   "写成 ningxia/yinchuan 的样子"))  # fmt: skip
        return None
    province, _, city = region.partition("/")
    paths = [reader.folder / "regions" / province / "region.yaml"]
    if city:
        paths.append(reader.folder / "regions" / province / f"{city}.yaml")
    files = [file for path in paths if (file := reader.one(path, RegionFile))]
    if len(files) < len(paths):
        return None
    top = files[-1]
    wide = files[0]
    name, short, hotline = (
        getattr(top, key) or getattr(wide, key) or "" for key in ("name", "short_name", "hotline")
    )
    if not (name and short and hotline):
        wrong = "缺少 name、short_name 或 hotline"
        reader.faults.append(Fault(reader.name(paths[-1]), 1, "name", wrong, "补上"))
        return None
    offices = {one.id: one for one in (*wide.directory, *top.directory)}
    hotlines = {one.number: one for one in (*wide.hotlines, *top.hotlines)}
    return Region(
        id=region,
        name=name,
        short_name=short,
        hotline=hotline,
        amounts=MappingProxyType(dict(wide.amounts) | dict(top.amounts)),
        districts=top.districts or wide.districts,
        directory=tuple(offices.values()),
        hotlines=tuple(hotlines.values()),
    )


def _names_of(laws: Mapping[str, Law]) -> dict[str, Law]:
    names = {alias: law for law in laws.values() for alias in law.aliases}
    return names | {law.full_name: law for law in laws.values()} | dict(laws)
