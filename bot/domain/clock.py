"""Where `now` comes from: handed in everywhere, real only here."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for showing and law, monotonic seconds for waits."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    def monotonic(self) -> float: ...


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()
