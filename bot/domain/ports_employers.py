"""Employers across cases: one sealed name each, with the other ways people write it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.cases import CaseKind, CaseStatus


class EmployerSize(StrEnum):
    """How many work there; a closed set, set by staff."""

    UNDER_20 = "under_20"
    TO_99 = "20_99"
    TO_499 = "100_499"
    FROM_500 = "500_up"
    UNKNOWN = "unknown"


class LetterState(StrEnum):
    """How far the proposal of a 提示函 has come."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Employer:
    """One employer. `name` is sealed at rest; kept as long as a case, a member of staff or staff's word
    holds it. `confirmed`: a member of staff has looked at its name."""

    id: str
    name: str
    size: EmployerSize
    district: str | None
    confirmed: bool
    added_at: datetime


@dataclass(frozen=True, slots=True)
class WrittenName:
    """A way in which the name was written; `by` is "system" for names from cases, else a staff id."""

    mark: str
    employer_id: str
    written: str
    by: str
    cases: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two employers whose names are near; nobody has said yet whether they are one."""

    newer: str
    older: str
    score: int


@dataclass(frozen=True, slots=True)
class CaseAt:
    """What the view across cases may know of a case: no words, no people but their opaque ids."""

    id: str
    number: str
    kind: CaseKind
    topic: str | None
    status: CaseStatus
    opened_at: datetime
    parent_id: str | None
    holders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A proposed 提示函. `practice` is "topic:<id>" or "kind:<kind>"; `reason` why it was dismissed."""

    id: str
    employer_id: str
    practice: str
    state: LetterState
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str = ""


class EmployerRegister(Protocol):
    """Names go in and come out in clear; the store seals them and looks them up by a keyed hash."""

    def find(self, key: str) -> str | None:
        """The employer that is known under this key (employer_names.key_of)."""
        ...

    def add(self, employer: Employer, key: str, by: str) -> None:
        """A new employer with its first written name."""
        ...

    def get(self, employer_id: str) -> Employer | None: ...
    def all(self) -> Sequence[Employer]: ...
    def save(self, employer: Employer) -> None: ...
    def names(self, employer_id: str) -> Sequence[WrittenName]: ...
    def keys(self) -> Sequence[tuple[str, str]]:
        """(employer id, key) of every written name; unseals them all."""
        ...

    def mark_of(self, key: str) -> str | None: ...
    def add_name(self, employer_id: str, key: str, written: str, by: str, now: datetime) -> str:
        """Another way to write it; returns its mark."""
        ...

    def attach(self, case_id: str, employer_id: str, mark: str) -> None:
        """The case is about this employer, under this written name."""
        ...

    def join(self, employer_id: str, into: str) -> int:
        """All names, cases, members of staff and letters of one go to the other; how many cases."""
        ...

    def part(self, mark: str, employer: Employer) -> int:
        """One written name and its cases become an employer of their own; how many cases."""
        ...

    def keep_pair(self, pair: Pair, now: datetime) -> None: ...
    def keep_apart(self, one: str, other: str, by: str, now: datetime) -> None:
        """Staff said that they are two."""
        ...

    def pairs(self, employer_id: str | None = None) -> Sequence[Pair]:
        """Pairs that nobody has decided on, nearest first."""
        ...

    def cases(self, employer_id: str, since: datetime) -> Sequence[CaseAt]:
        """Cases opened since then, without merged ones, oldest first."""
        ...

    def counts(self, since: datetime) -> dict[str, int]:
        """Cases by employer, without merged ones."""
        ...

    def busy(self, since: datetime, least: int) -> Sequence[str]:
        """Employers with at least so many cases since then."""
        ...

    def add_letter(self, letter: Letter) -> None: ...
    def letter(self, letter_id: str) -> Letter | None: ...
    def letters(self, employer_id: str | None = None) -> Sequence[Letter]:
        """Newest first."""
        ...

    def save_letter(self, letter: Letter) -> None: ...
