"""The figures of the desk's home page: what waits now, what came today, how the month stands."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.civil_time import civil_day, start_of_day
from bot.domain.ports import Unit
from bot.domain.ports_figures import Workload
from bot.services.figures import PeriodFigures, period_figures
from bot.services.first_answers import Promptness, promises_kept

CHART_DAYS = 14


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Days and months are civil ones of Asia/Shanghai."""

    work: Workload
    opened_today: int
    closed_today: int
    prompt: Promptness  # of the month, without the time that answers took
    month: PeriodFigures
    per_day: Mapping[date, int]  # the last 14 days, today last


def day_figures(unit: Unit, now: datetime) -> DayFigures:
    """The day's and the month's figures at `now`."""
    today = civil_day(now)
    midnight, tomorrow = start_of_day(today), start_of_day(today + timedelta(days=1))
    month = start_of_day(today.replace(day=1))
    return DayFigures(
        work=unit.figures.workload(now, tomorrow),
        opened_today=len(unit.figures.opened(midnight, tomorrow)),
        closed_today=len(unit.figures.closings(midnight, tomorrow)),
        prompt=Promptness(promises_kept(unit.figures.first_answers(month, tomorrow), now)),
        month=period_figures(unit, month, tomorrow),
        per_day=opened_per_day(unit, today),
    )


def opened_per_day(unit: Unit, today: date, days: int = CHART_DAYS) -> Mapping[date, int]:
    """Cases opened on each of the last days, with zeros, today last."""
    first = today - timedelta(days=days - 1)
    cases = unit.figures.opened(start_of_day(first), start_of_day(today + timedelta(days=1)))
    counted = Counter(civil_day(case.at) for case in cases)
    wanted = [first + timedelta(days=ahead) for ahead in range(days)]
    return {day: counted[day] for day in wanted}
