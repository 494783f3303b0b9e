"""Which period a page of figures is asked for, and which ones it offers."""

from dataclasses import dataclass
from datetime import date

from bot.console.guard import Visit
from bot.domain.civil_time import civil_day
from bot.domain.errors import Refused
from bot.domain.periods import Period, of_month, of_quarter, of_year, period, span
from bot.services.figure_definitions import in_team

_MONTHS, _QUARTERS, _YEARS = 18, 6, 4


@dataclass(frozen=True, slots=True)
class Offers:
    """Periods to choose from, the newest first."""

    months: tuple[Period, ...]
    quarters: tuple[Period, ...]
    years: tuple[Period, ...]


def offers(today: date) -> Offers:
    """Months, quarters and years up to the present ones."""
    month, quarter = today.year * 12 + today.month - 1, today.year * 4 + (today.month - 1) // 3
    return Offers(
        tuple(of_month(at // 12, at % 12 + 1) for at in range(month, month - _MONTHS, -1)),
        tuple(of_quarter(at // 4, at % 4 + 1) for at in range(quarter, quarter - _QUARTERS, -1)),
        tuple(of_year(year) for year in range(today.year, today.year - _YEARS, -1)),
    )


def chosen(visit: Visit, *, usual: bool = False) -> Period:
    """The period in the address or the form; the present month where none is named, or `usual` is wanted.

    Outside the team only whole months are given: two spans that differ by a day would tell of single cases.
    """
    today, query = civil_day(visit.deps.clock.now()), visit.request.query_params
    first = visit.field("first") or query.get("first", "")
    last = visit.field("last") or query.get("last", "")
    key = visit.field("period") or query.get("period", "")
    if usual or not (key or first or last):
        return of_month(today.year, today.month)
    made = span(first, last, today) if first or last else period(key, today)
    if not made.is_whole and not in_team(visit.actor):
        raise Refused("period_whole")
    return made
