"""How fast she heard from us: first answers against the first promise, in working time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from bot.domain.ports import Unit
from bot.domain.ports_figures import FirstAnswer
from bot.domain.promises import Promises

# Civil days of Asia/Shanghai, counted from 1970; no daylight saving there since 1991.
_EPOCH, _SHIFT_S, _DAY_S = date(1970, 1, 1), 8 * 3600, 86_400


@dataclass(frozen=True, slots=True)
class Kept:
    """First answers of a period: in time, late or still missing past their time, and not due yet."""

    in_time: int
    late: int
    waiting: int

    @property
    def percent(self) -> int | None:
        """In time among those that were due; None where none was."""
        due = self.in_time + self.late
        return round(100 * self.in_time / due) if due else None


@dataclass(frozen=True, slots=True)
class Promptness:
    """Promises kept, and how much working time the first answer took; None where nothing was answered."""

    kept: Kept
    answered: int = 0
    median: timedelta | None = None
    p90: timedelta | None = None


def first_answers(
    unit: Unit, since: datetime, until: datetime, now: datetime, promises: Promises
) -> Promptness:
    """Of the cases opened in the period, as it stands at `now`."""
    cases = unit.figures.first_answers(since, until)
    clock = _OfficeClock(promises)
    took = sorted(clock.between(one.case.at, one.answered) for one in cases if one.answered is not None)
    return Promptness(
        kept=promises_kept(cases, now),
        answered=len(took),
        median=timedelta(seconds=median(took)) if took else None,
        p90=timedelta(seconds=_percentile(took, 90)) if took else None,
    )


def promises_kept(cases: Sequence[FirstAnswer], now: datetime) -> Kept:
    """Withdrawn ones without an answer do not count."""
    judged = [_in_time(one, now) for one in cases]
    return Kept(judged.count(True), judged.count(False), judged.count(None))


def _in_time(case: FirstAnswer, now: datetime) -> bool | None:
    """Whether the first promise was kept; None where it is not due, or the case ended before."""
    if case.answered is not None:
        return case.answered <= case.promised
    return False if case.promised < now and not case.ended else None


def _percentile(ordered: Sequence[float], percent: int) -> float:
    """Nearest rank: the smallest value that at least so many per cent do not exceed."""
    rank = -(-len(ordered) * percent // 100)
    return ordered[rank - 1]


class _OfficeClock:
    """Working time like `Promises.elapsed`, for twenty thousand cases at once: each day is looked at once."""

    def __init__(self, promises: Promises) -> None:
        self._promises = promises
        self._spans = [
            (begins[0] * 3600 + begins[1] * 60, ends[0] * 3600 + ends[1] * 60)
            for begins, ends in promises.office
        ]
        self._day_s = sum(ends - begins for begins, ends in self._spans)
        self._open: dict[int, bool] = {}

    def between(self, began: datetime, ended: datetime) -> float:
        """Working seconds; never negative."""
        first, at = divmod(began.timestamp() + _SHIFT_S, _DAY_S)
        last, till = divmod(ended.timestamp() + _SHIFT_S, _DAY_S)
        if last < first:
            return 0
        whole = sum(self._is_open(day) for day in range(int(first), int(last))) * self._day_s
        return max(0, whole - self._since_midnight(int(first), at) + self._since_midnight(int(last), till))

    def _since_midnight(self, day: int, at: float) -> float:
        if not self._is_open(day):
            return 0
        return sum(max(0, min(ends, at) - begins) for begins, ends in self._spans)

    def _is_open(self, day: int) -> bool:
        if day not in self._open:
            self._open[day] = self._promises.is_open(_EPOCH + timedelta(days=day))
        return self._open[day]
