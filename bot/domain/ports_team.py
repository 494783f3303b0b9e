"""What staff keep for their work on cases: tasks, conflicts of interest, saved views."""

from typing import Protocol


class TeamBook(Protocol):
    """What staff keep for their work on cases: tasks, conflicts of interest, saved views."""
