"""The legal dates of each case."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from bot.domain.case_deadlines import CaseDeadline


class DeadlineBook(Protocol):
    """Rows hold a rule and days, no words of hers; they go when the case is erased."""

    def keep(self, deadline: CaseDeadline) -> None:
        """Add it, or change the one with its id."""
        ...

    def of_case(self, case_id: str) -> Sequence[CaseDeadline]:
        """All of a case: running ones first, the nearest last day first, unknown days before known ones."""
        ...

    def get(self, case_id: str, deadline_id: str) -> CaseDeadline | None: ...
    def due(self, today: date, limit: int) -> Sequence[CaseDeadline]:
        """Running ones in which something may be due by `today`, of cases that are neither withdrawn
        nor archived; the longest overdue first."""
        ...

    def nearest(self, case_ids: Sequence[str], until: date) -> Mapping[str, CaseDeadline]:
        """The nearest running last day of each case up to `until`, where there is one."""
        ...
