"""Traps of labour law as data (traps.yaml): what must never be said, and what a topic must not leave out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from knowledge.base import Frozen, Name, Text
from knowledge.claims import Claim, cited, claims
from knowledge.faults import Fault, KnowledgeFaults
from knowledge.folder_reader import FolderReader
from knowledge.loader import Written
from knowledge.models import Entry
from knowledge.numerals import in_digits

FILE = "traps.yaml"
_NEAR = 10  # characters on either side of what was found in which a denial counts


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"不是正则表达式（{error}）") from error
    return pattern


Pattern = Annotated[Text, AfterValidator(_compiles)]


class Trap(Frozen):
    """One thing that is easily told wrong; patterns meet texts whose numbers are in digits (30日, 80%).

    A sentence with one of `forbidden` is wrong anywhere, unless one of `unless` stands right beside it, or
    the file's `reported` words say that it tells of the past or of what somebody believes. Each topic must
    say one of `required`.
    """

    id: Name
    says: Text
    topics: tuple[Name, ...] = Field(min_length=1)
    forbidden: tuple[Pattern, ...] = ()
    unless: tuple[Pattern, ...] = ()
    required: tuple[Pattern, ...] = ()
    examples_wrong: tuple[Text, ...] = ()
    examples_right: tuple[Text, ...] = ()


Searches = Sequence[tuple[Callable[[str], re.Match[str] | None], Trap]]


class TrapFile(Frozen):
    """traps.yaml: all traps, and the words by which a sentence says that it is not the law that speaks."""

    reported: tuple[Pattern, ...]
    traps: tuple[Trap, ...] = Field(min_length=1)

    def caught(self, trap: Trap, sentence: str) -> str | None:
        """The words by which `sentence` walks into `trap`, or None."""
        plain = in_digits(sentence)
        for one in trap.forbidden:
            for hit in _regex(one).finditer(plain):
                near = plain[max(0, hit.start() - _NEAR) : hit.end() + _NEAR]
                if not _any(trap.unless, near) and not _any(self.reported, plain):
                    return hit.group()
        return None


def _any(patterns: tuple[str, ...], text: str) -> bool:
    return any(_regex(one).search(text) for one in patterns)


@lru_cache(maxsize=4096)
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def read_traps(folder: Path) -> TrapFile:
    """The traps of a knowledge folder; raises KnowledgeFaults when the file cannot be read."""
    reader = FolderReader(folder)
    file = reader.one(folder / FILE, TrapFile)
    if file is None:
        raise KnowledgeFaults(reader.faults)
    return file


def check_traps(written: Written) -> Iterator[Fault]:
    """Every text that walks into a trap, and every topic that leaves out what it must say.

    A folder without traps.yaml has no traps. Raises KnowledgeFaults when the file cannot be read.
    """
    folder = written.knowledge.folder
    if not (folder / FILE).exists():
        return
    file = read_traps(folder)
    searches = [(_regex(one).search, trap) for trap in file.traps for one in trap.forbidden]
    for claim in (*claims(written), *cited(written)):
        for sentence in claim.sentences():
            yield from _walked_into(file, searches, claim, sentence)
    for trap in file.traps:
        yield from _left_out(trap, written)


def _walked_into(file: TrapFile, searches: Searches, claim: Claim, sentence: str) -> Iterator[Fault]:
    """Nearly no sentence holds any forbidden words, so only those that do are looked at closely."""
    plain = in_digits(sentence)
    near = {trap.id: trap for search, trap in searches if search(plain)}
    for trap in near.values():
        if words := file.caught(trap, sentence):
            yield claim.said.fault(f"说错了法律（{trap.id}）：“{words}”", trap.says)


def _left_out(trap: Trap, written: Written) -> Iterator[Fault]:
    if not trap.required:
        return
    documents = {read.value.id: read.document for read in written.entries}
    for topic in trap.topics:
        entry = written.knowledge.entries.get(topic)
        if entry and not says_one_of(trap, entry):
            yield documents[topic].fault(("details",), f"漏了必须讲的（{trap.id}）", trap.says)


def says_one_of(trap: Trap, entry: Entry) -> bool:
    """Whether an entry says at least one of what the trap requires."""
    lines = (
        entry.short,
        entry.details,
        *entry.steps,
        *entry.evidence,
        entry.say,
        entry.handover,
        entry.audience,
    )
    whole = in_digits("\n".join(line for line in lines if line))
    return _any(trap.required, whole)


def by_id(file: TrapFile) -> Mapping[str, Trap]:
    """The traps by their ids."""
    return {trap.id: trap for trap in file.traps}
