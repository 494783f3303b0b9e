"""Periods that figures are made for: a month, a quarter, a year, or any span of civil days."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.civil_time import plain_day, start_of_day
from bot.domain.errors import Refused

_KEY = re.compile(r"([0-9]{4})(?:-(?:Q([1-4])|([0-9]{1,2})))?", re.ASCII)
_SPAN = re.compile(r"([0-9-]{8,10})(?:\.\.|_)([0-9-]{8,10})", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 2000, 2199
_LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Period:
    """Civil days of Asia/Shanghai from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """The aware UTC instant at which it begins."""
        return start_of_day(self.first)

    @property
    def until(self) -> datetime:
        """The aware UTC instant at which it is over; no longer part of it."""
        return start_of_day(self.last + timedelta(days=1))

    @property
    def is_whole(self) -> bool:
        """Whether it is made of whole months: only such a period is shown outside the team."""
        return self.first.day == 1 and (self.last + timedelta(days=1)).day == 1

    @property
    def key(self) -> str:
        """ "2026-10", "2026-Q4", "2026" or "2026-10-03..2026-10-20"; `period` reads it."""
        year, month = self.first.year, self.first.month
        for one, key in (
            (of_year(year), f"{year}"),
            (of_quarter(year, (month + 2) // 3), f"{year}-Q{(month + 2) // 3}"),
            (of_month(year, month), f"{year}-{month:02d}"),
        ):
            if one == self:
                return key
        return f"{self.first.isoformat()}..{self.last.isoformat()}"

    @property
    def in_words(self) -> str:
        """“2026年10月”, “2026年第4季度”, “2026年”, “2026年10月3日至2026年10月20日”."""
        year, _, part = self.key.partition("-")
        if not part:
            return f"{year}年"
        if part.startswith("Q"):
            return f"{year}年第{part[1:]}季度"
        if len(part) == 2:
            return f"{year}年{int(part)}月"
        return f"{plain_day(self.first)}至{plain_day(self.last)}"

    @property
    def months(self) -> tuple[str, ...]:
        """Keys of the months it touches, the earliest first."""
        begins = self.first.year * 12 + self.first.month - 1
        ends = self.last.year * 12 + self.last.month - 1
        return tuple(f"{at // 12}-{at % 12 + 1:02d}" for at in range(begins, ends + 1))


def of_month(year: int, month: int) -> Period:
    """A calendar month."""
    return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def of_quarter(year: int, quarter: int) -> Period:
    """A calendar quarter, 1 to 4."""
    return Period(of_month(year, quarter * 3 - 2).first, of_month(year, quarter * 3).last)


def of_year(year: int) -> Period:
    """A calendar year."""
    return Period(date(year, 1, 1), date(year, 12, 31))


def period(written: str, today: date) -> Period:
    """What a key or a pair of days says. Refused where it says nothing, runs backwards or lies ahead."""
    plain = written.strip()
    if found := _SPAN.fullmatch(plain):
        return span(found[1], found[2], today)
    found = _KEY.fullmatch(plain)
    if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        raise Refused("period")
    year, quarter, month = int(found[1]), found[2], found[3]
    if month is not None and not 1 <= int(month) <= 12:
        raise Refused("period")
    made = (
        of_month(year, int(month)) if month else of_quarter(year, int(quarter)) if quarter else of_year(year)
    )
    return _not_ahead(made, today)


def span(first: str, last: str, today: date) -> Period:
    """Two civil days as a browser sends them ("2026-10-03")."""
    try:
        made = Period(date.fromisoformat(first.strip()), date.fromisoformat(last.strip()))
    except ValueError:
        raise Refused("period") from None
    if made.last < made.first:
        raise Refused("period_order")
    if made.last - made.first > _LONGEST or not _FIRST_YEAR <= made.first.year <= _LAST_YEAR:
        raise Refused("period")
    return _not_ahead(made, today)


def _not_ahead(made: Period, today: date) -> Period:
    if made.first > today:
        raise Refused("period_ahead")
    return made
