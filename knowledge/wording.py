"""What the bot and the desk say, read from wording.yaml and checked field by field."""

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from knowledge.checks import as_fault
from knowledge.faults import Fault, KnowledgeFaults
from knowledge.reading import Document, read_yaml
from knowledge.wording_base import HOUSE
from knowledge.wording_clock import ClockWords
from knowledge.wording_closing import ClosingWords
from knowledge.wording_deadlines import DeadlineWords
from knowledge.wording_desk import DeskWording
from knowledge.wording_employers import EmployerWords
from knowledge.wording_figures import FigureWords
from knowledge.wording_group import BellWords, GroupWords
from knowledge.wording_handbook import HandbookWording
from knowledge.wording_intake import IntakeWords
from knowledge.wording_labels import Labels
from knowledge.wording_partners import PartnerWords
from knowledge.wording_talk import Talk
from knowledge.wording_team import TeamWords

FILE = "wording.yaml"
_NAME = re.compile(r"[a-z_]+")
# Sections whose models say what each text may hold in braces.
_CHECKED = ("talk", "bell", "desk", "group", "handbook")
FOLDER = "wording"
# Sections about cases have a file each: wording/<section>.yaml.
OF_CASES = ("clock", "deadlines", "intake", "team", "partners", "closing", "figures", "employers")
Where = tuple[str | int, ...]


class Wording(BaseModel):
    """One section a story; a missing or unknown key is refused with its line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    labels: Labels
    talk: Talk
    bell: BellWords
    group: GroupWords
    desk: DeskWording
    handbook: HandbookWording
    clock: ClockWords
    deadlines: DeadlineWords
    intake: IntakeWords
    team: TeamWords
    partners: PartnerWords
    closing: ClosingWords
    figures: FigureWords
    employers: EmployerWords

    def refused(self, reason: str) -> str:
        """What staff are told when something is refused for this reason."""
        return self._said("refused", reason) or self.desk.refused["not_done"]

    def done(self, act: str) -> str:
        """What an act of staff did; "" where there is nothing to say."""
        return self._said("done", act)

    def _said(self, part: str, key: str) -> str:
        for section in ("desk", *OF_CASES):
            words: dict[str, str] = getattr(getattr(self, section), part)
            if key in words:
                return words[key]
        return ""


def load_wording(folder: Path) -> Wording:
    """The wording in `folder`; raises KnowledgeFaults with every fault, each with file, line and key."""
    faults: list[Fault] = []
    path = folder / FILE
    document = read_yaml(path, f"{folder.name}/{FILE}", faults)
    parts = {name: read_yaml(folder / FOLDER / f"{name}.yaml", f"{folder.name}/{FOLDER}/{name}.yaml", faults)
             for name in OF_CASES}  # fmt: skip
    if document is None or None in parts.values():
        raise KnowledgeFaults(faults)
    known = {name: part for name, part in parts.items() if part is not None}
    data = {**document.data, **{name: part.data for name, part in known.items()}}
    try:
        wording = Wording.model_validate(data)
    except ValidationError as error:
        found = [_as_fault(document, known, detail) for detail in error.errors()]
        raise KnowledgeFaults([*faults, *found]) from None
    for section in _CHECKED:
        faults += _faults_in_braces(document, getattr(wording, section), (section,))
    for section, part in known.items():
        faults += _faults_in_braces(part, getattr(wording, section), ())
    if faults:
        raise KnowledgeFaults(faults)
    return wording


def type_of(section: str) -> type[BaseModel]:
    """The model of a section."""
    model = Wording.model_fields[section].annotation
    assert isinstance(model, type)
    return model


def _as_fault(document: Document, parts: dict[str, Document], detail: Any) -> Fault:
    """A fault where it stands: in the file of its own section, or in the common one."""
    section = detail["loc"][0] if detail["loc"] else ""
    if section in parts:
        inside = {**detail, "loc": detail["loc"][1:]}
        return as_fault(parts[section], (), inside, type_of(section))
    return as_fault(document, (), detail, Wording)


def _faults_in_braces(document: Document, model: BaseModel, path: Where) -> Iterator[Fault]:
    """Every placeholder must be one that the program fills; otherwise it would fail before her eyes."""
    for name, field in type(model).model_fields.items():
        for where, text in _texts(getattr(model, name), (*path, name)):
            if isinstance(text, BaseModel):
                yield from _faults_in_braces(document, text, where)
            else:
                yield from _faults_in_text(document, where, text, _holes(field))


def _texts(value: Any, path: Where) -> Iterator[tuple[Where, str | BaseModel]]:
    match value:
        case str() | BaseModel():
            yield path, value
        case tuple():
            for at, item in enumerate(value):
                yield from _texts(item, (*path, at))
        case dict():
            for key, item in value.items():
                yield from _texts(item, (*path, str(key)))


def _holes(field: FieldInfo) -> frozenset[str]:
    extra = field.json_schema_extra
    holes = extra.get("holes", []) if isinstance(extra, dict) else []
    return HOUSE | frozenset(str(hole) for hole in holes) if isinstance(holes, list) else HOUSE


def _faults_in_text(document: Document, path: Where, text: str, holes: frozenset[str]) -> Iterator[Fault]:
    can = "、".join(f"{{{hole}}}" for hole in sorted(holes))
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        yield document.fault(path, "花括号不成对", f"可用：{can}；真要显示花括号就写两个")
        return
    for _, hole, layout, conversion in parts:
        if hole is None:
            continue
        if hole not in holes or layout or conversion or not _NAME.fullmatch(hole):
            yield document.fault(path, f"不认得的 {{{hole}}}", f"可用：{can}")
