"""Who is on duty, who stands in for whom, and what each member of staff must be told."""

from typing import Protocol


class DutyBook(Protocol):
    """Who is on duty, who stands in for whom, and what each member of staff must be told."""
