"""Employers across cases: one sealed name each, with the other ways people write it."""

from typing import Protocol


class EmployerRegister(Protocol):
    """Employers across cases: one sealed name each, with the other ways people write it."""
