"""Rounds, medians and rows: how every benchmark measures, and how it is shown."""

import platform
import statistics
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from os import cpu_count
from pathlib import Path

from bot.commands.progress import progress

ROOT = Path(__file__).resolve().parents[1]
FEWEST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure must reach, and what would be better still; `low` says that less is better."""

    must: float
    stretch: float
    unit: str
    low: bool = True

    def verdict(self, figure: float) -> str:
        """ "stretch", "must" or "MISSED"."""
        for name, bar in (("stretch", self.stretch), ("must", self.must)):
            if (figure <= bar) if self.low else (figure >= bar):
                return name
        return "MISSED"

    def bar(self, value: float) -> str:
        """A bar as it is shown: ≤ 4×."""
        return f"{'≤' if self.low else '≥'} {value:g}{_unit(self.unit)}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `figure` is what the goal is held against: mostly the ratio itself."""

    what: str
    ours: str
    yardstick: str
    ratio: float | None
    figure: float | None = None
    goal: Goal | None = None

    def cells(self) -> tuple[str, ...]:
        """The row as text, in the order of HEADINGS."""
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}×"
        if self.goal is None or self.figure is None:
            return (self.what, self.ours, self.yardstick, ratio, "", "", "")
        goal = self.goal
        bars = (goal.bar(goal.must), goal.bar(goal.stretch))
        return (self.what, self.ours, self.yardstick, ratio, *bars, goal.verdict(self.figure))


HEADINGS = ("what", "ours", "yardstick in the same run", "ratio", "must", "stretch", "met")


def against(goal: Goal, what: str, ours: str, yardstick: str, ratio: float) -> Row:
    """A row whose goal is about the ratio."""
    return Row(what, ours, yardstick, ratio, ratio, goal)


def _unit(unit: str) -> str:
    return unit if unit == "×" else f" {unit}"


def table(rows: Sequence[Row]) -> str:
    """All rows aligned, as a Markdown table."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(HEADINGS))]
    padded = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
    written = [f"| {' | '.join(line)} |" for line in padded]
    written.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(written)


def as_data(rows: Sequence[Row]) -> dict[str, object]:
    """Everything for --json, with what machine it was."""
    return {"machine": machine(), "rows": [asdict(row) | {"met": row.cells()[-1] or None} for row in rows]}


def machine() -> str:
    """Cores, Python and system; times belong to a machine, ratios travel better."""
    system = f"{platform.system()} {platform.machine()}"
    return f"{cpu_count()} cores, Python {platform.python_version()}, {system}"


def rounds_of(name: str, rounds: int) -> Iterator[int]:
    """Counts rounds, and shows on stderr how far they are."""
    show = progress(name)
    for number in range(rounds):
        yield number
        show(number + 1, rounds)


async def interleave(
    name: str, rounds: int, ours: Callable[[], Awaitable[float]], yardstick: Callable[[], Awaitable[float]]
) -> tuple[float, float, float]:
    """Medians of both sides and of their ratios (ours / yardstick); who goes first changes every round."""
    left: list[float] = []
    right: list[float] = []
    for number in rounds_of(name, rounds):
        if number % 2:
            right.append(await yardstick())
            left.append(await ours())
        else:
            left.append(await ours())
            right.append(await yardstick())
    ratios = [a / b for a, b in zip(left, right, strict=True)]
    return statistics.median(left), statistics.median(right), statistics.median(ratios)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]
