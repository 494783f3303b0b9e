"""By when somebody answers her: working hours, round the clock where it is urgent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.domain.cases import CaseKind
from bot.domain.civil_time import at_clock, civil_day

Span = tuple[tuple[int, int], tuple[int, int]]
_OFFICE: tuple[Span, ...] = (((9, 0), (12, 0)), ((14, 0), (17, 30)))
_LONGEST_SEARCH = 60  # days; the longest Chinese holiday has nine


@dataclass(frozen=True, slots=True)
class Promises:
    """Answer times. Office spans are clock times in Asia/Shanghai on working days.

    `answer_within` counts working time, `by_kind` overrides it for a kind of case, `urgent_within` counts
    every minute of the day. The house's own days off and workdays go before the published calendar.
    """

    answer_within: timedelta = timedelta(hours=4)
    urgent_within: timedelta = timedelta(minutes=30)
    office: tuple[Span, ...] = _OFFICE
    by_kind: Mapping[CaseKind, timedelta] = field(default_factory=dict)
    extra_days_off: frozenset[date] = frozenset()
    extra_workdays: frozenset[date] = frozenset()

    def first_answer_by(self, now: datetime, kind: CaseKind, urgent: bool) -> datetime:
        """The aware UTC instant before which the first answer is promised."""
        if urgent:
            return now + self.urgent_within
        left = self.by_kind.get(kind, self.answer_within)
        today = civil_day(now)
        for day in (today + timedelta(days=ahead) for ahead in range(_LONGEST_SEARCH)):
            for begins, ends in self._spans(day):
                begins = max(begins, now)
                if ends - begins >= left:
                    return begins + left
                left -= max(ends - begins, timedelta())
        return now + timedelta(days=_LONGEST_SEARCH)

    def is_provisional(self, at: datetime) -> bool:
        """Whether the year's holidays are not known yet, so that weekdays stood in for working days."""
        return _known_workday(civil_day(at)) is None

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        off = day in self.extra_days_off or not (day in self.extra_workdays or is_workday(day))
        if off:
            return []
        return [(at_clock(day, *begins), at_clock(day, *ends)) for begins, ends in self.office]


def is_workday(day: date) -> bool:
    """Whether offices work on a civil day, with 调休; Monday to Friday where the year is unpublished."""
    known = _known_workday(day)
    return day.weekday() < 5 if known is None else known


def _known_workday(day: date) -> bool | None:
    import chinese_calendar  # lazily: its tables are needed only when a case is opened

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None
