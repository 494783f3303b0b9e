"""Who is on duty, who stands in for whom, what staff must be told, and how far the clock has watched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.domain.silence import Watch


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away; `substitute` stands in. Civil days in Asia/Shanghai, the last one included."""

    id: str
    staff: str
    substitute: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a member of staff must be told: numbers and kinds, never her words."""

    id: str
    staff: str
    text: str
    at: datetime
    case_id: str | None = None
    urgent: bool = False
    read_at: datetime | None = None


class DutyBook(Protocol):
    """Plain rows; only the text of notices is sealed."""

    # the roster
    def on_duty(self, day: date) -> Sequence[str]:
        """Staff ids, in the order of their planning."""
        ...

    def roster(self, first: date, last: date) -> Mapping[date, Sequence[str]]:
        """Days with somebody on duty only."""
        ...

    def plan(self, day: date, staff_ids: Sequence[str]) -> None:
        """These and nobody else are on duty that day."""
        ...

    # absences
    def add_absence(self, absence: Absence) -> None: ...
    def end_absence(self, absence_id: str) -> Absence | None:
        """Take it out; None where there is none."""
        ...

    def absences(self, since: date) -> Sequence[Absence]:
        """Those that last until then or longer, the nearest first."""
        ...

    def absence_of(self, staff_id: str, day: date) -> Absence | None: ...

    # notices
    def add_notice(self, notice: Notice) -> None: ...
    def notices(self, staff_id: str, limit: int) -> Sequence[Notice]:
        """Unread before read, newest first."""
        ...

    def waiting(self, staff_id: str) -> int:
        """How many are unread."""
        ...

    def mark_read(self, staff_id: str, until: datetime, now: datetime) -> int:
        """Those that came until then are read; how many were not."""
        ...

    def drop_notices(self, before: datetime) -> int:
        """Forget those that came before then; how many."""
        ...

    # the clock
    def to_look_at(self, now: datetime, limit: int) -> Sequence[tuple[str, Watch | None]]:
        """Open cases whose clock runs and that are due for a look, or whose promise changed since the last
        one; urgent and nearest first. With what was kept of them."""
        ...

    def keep_watch(self, watch: Watch) -> None: ...
    def mark(self, owner: str, what: str, now: datetime) -> bool:
        """Note that something was done about an owner (a case, a member); False where it was done before."""
        ...

    def unclaimed(self, opened_before: datetime, limit: int) -> Sequence[str]:
        """New cases that nobody has and about which nobody was told ("unclaimed")."""
        ...

    def paused(self, before: datetime) -> Sequence[str]:
        """Open cases whose clock has stood still since before then."""
        ...

    def old_ones(self, opened_before: datetime, what: str, limit: int) -> Sequence[str]:
        """Open, running cases opened before then about which `what` is not marked."""
        ...

    def open_counts(self) -> Mapping[str, int]:
        """Open cases by their assignee."""
        ...

    def stranded(self) -> Mapping[str, int]:
        """Open cases whose assignee's account is switched off, by that account."""
        ...
