"""Cases handed over to partner agencies, and what came back."""

from typing import Protocol


class PartnerBook(Protocol):
    """Cases handed over to partner agencies, and what came back."""
