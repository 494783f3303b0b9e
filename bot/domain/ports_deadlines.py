"""The legal dates of each case."""

from typing import Protocol


class DeadlineBook(Protocol):
    """The legal dates of each case."""
