"""What the core needs kept of the contest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.domain.incoming import Address


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `questions` are question ids in the order shown; `orders` the shuffled option indexes."""

    id: str
    campaign: str
    player: str
    day: date
    questions: tuple[str, ...]
    orders: tuple[tuple[int, ...], ...]
    answered: int
    right: int
    started_at: datetime
    shown_at: datetime  # when the current question was first shown
    finished_at: datetime | None
    district: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A district's line: distinct people, mean of their best scores (0–100)."""

    district: str
    people: int
    mean_best: float


class ContestStore(Protocol):
    """Contest data. A player is another keyed hash of the address: nothing links it to a person's rows."""

    def player(self, address: Address) -> str: ...
    def current(self, player: str, campaign: str) -> Attempt | None:
        """Her unfinished try."""
        ...

    def get(self, attempt_id: str) -> Attempt | None: ...
    def tries_on(self, player: str, campaign: str, day: date) -> int: ...
    def start(self, attempt: Attempt) -> None: ...
    def keep_answer(
        self, attempt_id: str, number: int, choice: tuple[int, ...], right: bool, at: datetime, ms: int
    ) -> bool:
        """One row per (attempt, number); False if there is one already. Right answers count at once."""
        ...

    def answers(self, attempt_id: str) -> Sequence[tuple[int, tuple[int, ...], bool]]: ...
    def show(self, attempt_id: str, at: datetime) -> None:
        """The next question is on her screen: its time starts now."""
        ...

    def finish(self, attempt_id: str, at: datetime) -> None: ...
    def best(self, player: str, campaign: str) -> int | None:
        """Best score 0–100."""
        ...

    def district(self, player: str, campaign: str) -> str | None: ...
    def set_district(self, player: str, campaign: str, district: str | None) -> None: ...
    def standings(self, campaign: str) -> Sequence[Standing]: ...
    def own_place(self, player: str, campaign: str) -> tuple[int, int] | None:
        """(place, players) by best score."""
        ...

    def totals(self, campaign: str) -> Mapping[str, int]:
        """players, attempts, finished, answers."""
        ...
