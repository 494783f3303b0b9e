"""Figures over events, and requests that take a second person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.cases import CaseKind, Outcome


@dataclass(frozen=True, slots=True)
class CountedCase:
    """A case in a figure, and the instant for which it counts. No words, no names."""

    id: str
    number: str
    kind: CaseKind
    district: str | None
    source: str
    assignee: str | None
    employer_id: str | None
    urgent: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """The closing of a case that stood at the end of the period."""

    case: CountedCase
    outcome: Outcome
    after_mediation: bool  # it had been in mediation, or its outcome says so
    people: int
    recovered_fen: int  # as stated at closing
    confirmed_fen: int  # as known by now: paper, or her own word
    asked_back: bool  # what she says of the outcome is known
    stars: int | None


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """When a case that came in the period was first answered; `promised` is the first promise."""

    case: CountedCase
    promised: datetime
    answered: datetime | None
    ended: bool  # withdrawn or closed without an answer


@dataclass(frozen=True, slots=True)
class Workload:
    """Open cases at one instant."""

    unclaimed: int
    due_today: int
    overdue: int
    urgent: int


class Layout(StrEnum):
    """The file that an export makes."""

    XLSX = "xlsx"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Cases of a period asked for as a file. `agreed` None: nobody else has looked at it yet."""

    id: str
    first: date
    last: date
    layout: Layout
    cases: int
    asked_by: str
    asked_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    agreed: bool | None = None
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case as an export shows it."""

    case: CountedCase
    status: str
    opened_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    people: int
    recovered_fen: int
    confirmed_fen: int


class FigureSource(Protocol):
    """Every figure is read here. Periods go from `since` (inclusive) to `until` (exclusive), aware UTC.

    Doubles that were merged into another case and the parents of group cases are never counted.
    """

    def opened(self, since: datetime, until: datetime) -> Sequence[CountedCase]: ...
    def accepted(self, since: datetime, until: datetime) -> Sequence[CountedCase]:
        """Cases whose first acceptance falls into the period."""
        ...

    def closings(self, since: datetime, until: datetime) -> Sequence[Closing]:
        """The last closing of each case in the period that was not undone in it; withdrawn ones are none."""
        ...

    def withdrawn(self, since: datetime, until: datetime) -> Sequence[CountedCase]:
        """Cases that she withdrew in the period and did not take up again in it."""
        ...

    def first_answers(self, since: datetime, until: datetime) -> Sequence[FirstAnswer]:
        """One for each case opened in the period."""
        ...

    def workload(self, now: datetime, tomorrow: datetime) -> Workload: ...
    def employer_sizes(self) -> Mapping[str, str]:
        """Size class of each employer that staff have given one."""
        ...

    def group_sizes(self, since: datetime, until: datetime) -> Mapping[tuple[str, str], int]:
        """How many cases opened in the period share kind and district ("" where none)."""
        ...

    def lines(self, since: datetime, until: datetime, after: str, limit: int) -> Sequence[CaseLine]:
        """Cases opened in the period by number, beginning after `after`."""
        ...

    def add_export(self, request: ExportRequest) -> None: ...
    def export(self, export_id: str) -> ExportRequest | None: ...
    def exports(self, limit: int) -> Sequence[ExportRequest]:
        """Newest first."""
        ...

    def taken_alone(self, asked_by: str, since: datetime) -> int:
        """Rows that this member took out without a second person since then."""
        ...

    def decide_export(self, export_id: str, by: str, agreed: bool, now: datetime) -> bool:
        """False where somebody decided before, or it is the very one who asked."""
        ...

    def use_export(self, export_id: str, now: datetime) -> bool:
        """False where it was used before."""
        ...
