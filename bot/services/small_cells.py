"""Small cells: which numbers of a table are kept back outside the team, so that nobody can be made out.

A number from 1 to 4 is shown as "<5". Where the total would give it away, other cells are kept back too,
until no kept-back number follows from those that are shown.
"""

from collections.abc import Sequence
from enum import StrEnum

from bot.services.figure_definitions import SMALL_CELL


class Mask(StrEnum):
    """How a cell is shown."""

    EXACT = "exact"
    SMALL = "small"  # "<5"
    KEPT_BACK = "kept_back"  # not small itself, or not to be told


def is_small(count: int) -> bool:
    """Whether a count points at single people; none at all points at nobody."""
    return 0 < count < SMALL_CELL


def masks(counts: Sequence[int]) -> list[Mask]:
    """The masks of one column whose total is shown beside it."""
    made = [Mask.SMALL if is_small(count) else Mask.EXACT for count in counts]
    if is_small(sum(counts)):  # the total is "<5" as well
        return made
    while _follows(counts, made):
        shown = [at for at, mask in enumerate(made) if mask is Mask.EXACT and counts[at]]
        if not shown:
            return [Mask.KEPT_BACK] * len(counts)  # not even whether there is anything
        made[min(shown, key=lambda at: counts[at])] = Mask.KEPT_BACK
    return made


def stricter(first: Sequence[Mask], second: Sequence[Mask]) -> list[Mask]:
    """Kept back where either says so; "<5" only where the first does."""
    return [
        one if one is not Mask.EXACT else Mask.EXACT if other is Mask.EXACT else Mask.KEPT_BACK
        for one, other in zip(first, second, strict=True)
    ]


def _follows(counts: Sequence[int], made: Sequence[Mask]) -> bool:
    """Whether a reader who knows the total and the rules can work out a cell that is kept back."""
    hidden = [at for at, mask in enumerate(made) if mask is not Mask.EXACT]
    together = sum(counts[at] for at in hidden)
    most = [SMALL_CELL - 1 if made[at] is Mask.SMALL else together for at in hidden]
    least = [1 if made[at] is Mask.SMALL else SMALL_CELL for at in hidden]
    for place in range(len(hidden)):
        lowest = max(least[place], together - (sum(most) - most[place]))
        highest = min(most[place], together - (sum(least) - least[place]))
        if lowest >= highest:
            return True
    return False
