"""Reads the knowledge folder, checks everything, and hands it out as one frozen value."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from knowledge import checks
from knowledge.checks import Read, Surroundings
from knowledge.faults import Fault, KnowledgeFaults
from knowledge.models import (
    Campaign,
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
from knowledge.reading import Document, read_yaml

__all__ = ["DEFAULT_FOLDER", "DEFAULT_REGION", "Knowledge", "Topic", "load_knowledge"]

DEFAULT_FOLDER = Path(__file__).parent
DEFAULT_REGION = "ningxia/yinchuan"
_REGION_ID = re.compile(r"^[a-z0-9_-]+(?:/[a-z0-9_-]+)?$")
Model = TypeVar("Model", bound=BaseModel)


def load_knowledge(folder: Path = DEFAULT_FOLDER, region: str = DEFAULT_REGION) -> Knowledge:
    """All knowledge in `folder` for `region` ("province/city"); raises KnowledgeFaults with every fault."""
    reader = _Reader(folder)
    topics = _read_topics(reader)
    laws = {law.name: law for law in reader.rows("laws.yaml", Law)}
    deadlines = reader.table("deadlines.yaml", DeadlineLabel)
    danger = reader.one(folder / "danger.yaml", DangerRules)
    synonyms = reader.one(folder / "synonyms.yaml", SynonymGroups)
    outside = reader.one(folder / "outside.yaml", Outside)
    place = _read_region(reader, region)
    entries = _read_entries(reader)
    campaigns = _read_campaigns(reader)
    around = Surroundings(
        categories={topic.id: topic.category for topic in topics.values()},
        laws=_names_of(laws),
        deadlines=frozenset(deadlines),
        amounts=frozenset(place.amounts) if place else None,
        province=place.province if place else "",
    )
    reader.faults += checks.check_entries(entries, around)
    reader.faults += checks.check_campaigns(campaigns, around)
    if danger:
        reader.faults += checks.check_danger(danger, around)
    if reader.faults or not (place and danger and synonyms and outside):
        raise KnowledgeFaults(reader.faults)
    return Knowledge(
        folder=folder,
        version=reader.version(),
        region=place,
        topics=MappingProxyType(topics),
        entries=MappingProxyType({read.value.id: read.value for read in entries}),
        campaigns=MappingProxyType({read.value.id: read.value for read in campaigns}),
        laws=MappingProxyType(laws),
        deadlines=MappingProxyType(deadlines),
        danger=danger,
        synonyms=synonyms,
        outside=outside,
    )


def _read_topics(reader: _Reader) -> dict[str, Topic]:
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


def _read_entries(reader: _Reader) -> list[Read[Entry]]:
    """Id and category of an entry are its file's name and folder."""
    paths = reader.files("faq/*/*.yaml")
    reads = [reader.read(path, Entry, id=path.stem, category=path.parent.name) for path in paths]
    return [read for read in reads if read]


def _read_campaigns(reader: _Reader) -> list[Read[Campaign]]:
    reads = [reader.read(path, Campaign, id=path.stem) for path in reader.files("quizzes/*.yaml")]
    return [read for read in reads if read]


def _read_region(reader: _Reader, region: str) -> Region | None:
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


@dataclass(slots=True)
class _Reader:
    """Reads files of one folder, gathers their faults and hashes what it read."""

    folder: Path
    faults: list[Fault] = field(default_factory=list)
    _hashes: dict[str, bytes] = field(default_factory=dict)

    def name(self, path: Path) -> str:
        return f"{self.folder.name}/{path.relative_to(self.folder).as_posix()}"

    def files(self, pattern: str) -> Iterator[Path]:
        yield from sorted(self.folder.glob(pattern))

    def version(self) -> str:
        """Content hash of everything read, 16 hex digits."""
        total = hashlib.sha256()
        for name in sorted(self._hashes):
            total.update(name.encode() + b"\0" + self._hashes[name])
        return total.hexdigest()[:16]

    def lines(self, path: Path) -> list[str]:
        try:
            raw = path.read_bytes()
            self._hashes[self.name(path)] = hashlib.sha256(raw).digest()
            return raw.decode("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            wrong = f"读不了（{type(error).__name__}）"
            self.faults.append(Fault(self.name(path), 1, "文件", wrong, "用 UTF-8 另存"))
            return []

    def document(self, path: Path) -> Document | None:
        document = read_yaml(path, self.name(path), self.faults)
        if document:
            self._hashes[self.name(path)] = document.digest
        return document

    def read(self, path: Path, model: type[Model], **given: str) -> Read[Model] | None:
        """One file as `model`; `given` are fields that the file's place says; the file may repeat them."""
        document = self.document(path)
        if document is None:
            return None
        data = document.data
        if isinstance(data, dict):
            for key, value in given.items():
                if key in data and data[key] != value:
                    self.faults.append(document.fault((key,), f"与文件位置不符（{value}）", "删掉这一行"))
            data = data | given
        checked = self._validated(document, data, model, ())
        return Read(checked, document) if checked else None

    def one(self, path: Path, model: type[Model]) -> Model | None:
        read = self.read(path, model)
        return read.value if read else None

    def rows(self, name: str, model: type[Model]) -> list[Model]:
        """A file that is a list of `model`."""
        document = self.document(self.folder / name)
        if document is None:
            return []
        if not isinstance(document.data, list):
            self.faults.append(document.fault((), "应当是一个列表", "每项以 - 开头"))
            return []
        rows = [self._validated(document, row, model, (at,)) for at, row in enumerate(document.data)]
        return [row for row in rows if row]

    def table(self, name: str, model: type[Model]) -> dict[str, Model]:
        """A file that maps names to `model`."""
        document = self.document(self.folder / name)
        if document is None:
            return {}
        if not isinstance(document.data, dict):
            self.faults.append(document.fault((), "应当是键和值", "每项写成 名字: {…}"))
            return {}
        rows = {key: self._validated(document, row, model, (key,)) for key, row in document.data.items()}
        return {key: row for key, row in rows.items() if row}

    def _validated(
        self, document: Document, data: Any, model: type[Model], at: tuple[str | int, ...]
    ) -> Model | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            self.faults += checks.as_faults(document, at, error, model)
            return None
