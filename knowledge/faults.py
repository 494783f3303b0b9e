"""What is wrong with a knowledge file, said so that a curator can mend it without asking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault: where (file, line from 1, key), what is wrong, and what to write instead."""

    file: str
    line: int
    key: str
    wrong: str
    write: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.wrong} → {self.write}"


class KnowledgeFaults(Exception):
    """All faults of a knowledge folder at once, sorted by file and line; nothing of it was loaded."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))
