"""Whether a stated probability can be believed: reliability by tenths, and the expected calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.evaluate import Outcome, Scope

_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Outcomes whose stated probability falls into one tenth: what was stated on average, what was right."""

    start: float
    count: int
    stated: float
    right: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """The filled bins, lowest first, and the expected calibration error 0..1."""

    bins: tuple[Bin, ...]
    error: float

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Reliability:
        """An answer to a question that is not ours is never right."""
        groups: list[list[Outcome]] = [[] for _ in range(_BINS)]
        for outcome in outcomes:
            groups[min(_BINS - 1, int(outcome.score * _BINS))].append(outcome)
        bins = tuple(
            Bin(
                number / _BINS,
                len(group),
                sum(one.score for one in group) / len(group),
                sum(is_right(one) for one in group) / len(group),
            )
            for number, group in enumerate(groups)
            if group
        )
        total = sum(one.count for one in bins) or 1
        return cls(bins, sum(one.count * abs(one.stated - one.right) for one in bins) / total)


def is_right(outcome: Outcome) -> bool:
    """Whether the first place is a right answer to a question of ours."""
    return outcome.asked.scope is Scope.IN and outcome.place() == 1
