"""Answers of a region: a partial file laid over the national one, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.checks import Read
from knowledge.faults import Fault
from knowledge.folder_reader import FolderReader
from knowledge.models import Entry
from knowledge.reading import Document

FIELDS = (
    "short", "details", "steps", "evidence", "local", "handover", "citations", "checked_on", "review",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LaidOver(Document):
    """A national document with fields of a region's files in their place; a fault names the file it is in."""

    over: Mapping[str, Document] = field(default_factory=dict)

    def fault(self, path: Sequence[str | int], wrong: str, write: str) -> Fault:
        """A fault at `path`, in the file that `path` comes from."""
        owner = self.over.get(str(path[0])) if path else None
        return owner.fault(path, wrong, write) if owner else Document.fault(self, path, wrong, write)


def read_entries(reader: FolderReader, region: str) -> list[Read[Entry]]:
    """All entries as they are said in `region`; id and category are a file's name and folder."""
    paths = list(reader.files("faq/*/*.yaml"))
    over = _read_overrides(reader, region, frozenset(path.stem for path in paths))
    reads = []
    for path in paths:
        document = reader.document(path)
        if document is None:
            continue
        for other in over.get(path.stem, ()):
            document = _laid_over(document, other)
        reads.append(reader.checked(document, Entry, id=path.stem, category=path.parent.name))
    return [read for read in reads if read]


def _read_overrides(reader: FolderReader, region: str, topics: frozenset[str]) -> dict[str, list[Document]]:
    """By topic: the province's document first, then the city's, which has the last word."""
    province, _, city = region.partition("/")
    folders = [Path("regions", province, "faq"), *([Path("regions", province, city, "faq")] if city else [])]
    found: dict[str, list[Document]] = {}
    for path in (path for folder in folders for path in reader.files(f"{folder.as_posix()}/*.yaml")):
        document = reader.document(path)
        if document is None:
            continue
        if path.stem not in topics:
            reader.faults.append(document.fault((), f"没有主题 {path.stem}", "文件名用 faq/ 里已有的主题"))
        elif not isinstance(document.data, dict):
            reader.faults.append(document.fault((), "应当是键和值", "写成 键: 值"))
        else:
            reader.faults += [
                document.fault((key,), "地区文件不能改这一项", f"删掉；可改：{'、'.join(FIELDS)}")
                for key in document.data
                if key not in FIELDS
            ]
            found.setdefault(path.stem, []).append(document)
    return found


def _laid_over(document: Document, other: Document) -> Document:
    if not isinstance(document.data, dict):
        return document
    own = {key: value for key, value in other.data.items() if key in FIELDS}
    before = document.over if isinstance(document, LaidOver) else {}
    return LaidOver(
        document.file,
        document.data | own,
        document.root,
        document.digest,
        {**before, **dict.fromkeys(own, other)},
    )
