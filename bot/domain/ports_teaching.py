"""What the core needs kept for teaching: who wants the weekly tip."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody whose tip is due. `tip` and `place`: the one that came last and where it stood in the list."""

    person_id: str
    tip: str | None
    place: int


class Subscriptions(Protocol):
    """Who wants the weekly tip. A week goes by the civil day on which its tips are sent."""

    def active(self, person_id: str) -> bool: ...
    def add(self, person_id: str, week: date, now: datetime, *, lasting: bool) -> None:
        """She wants tips from the week after `week` on. Who stopped before goes on where she was.

        `lasting`: the wish outlives her talk, because her account can be reached however long she is silent.
        """
        ...

    def stop(self, person_id: str) -> None:
        """No more tips; one that waits to be sent is dropped."""
        ...

    def drop_waiting(self, person_id: str) -> None:
        """A tip that waits to be sent is dropped."""
        ...

    def due(self, week: date, limit: int) -> Sequence[Subscriber]:
        """Who had none in this week or a later one. Left out: who is quiet, who cannot be reached, and who
        has her last one still waiting to be sent."""
        ...

    def sent(self, person_id: str, week: date, tip: str, place: int, seq: int) -> None:
        """This week's tip is the row `seq` of the outbox."""
        ...
