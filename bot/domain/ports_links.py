"""Cases that belong together: group cases and doubles."""

from typing import Protocol


class CaseLinks(Protocol):
    """Cases that belong together: group cases and doubles."""
