"""By when somebody answers her: working hours, round the clock where it is urgent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from bot.domain.cases import CaseKind
from bot.domain.civil_time import at_clock, civil_day, start_of_day

Span = tuple[tuple[int, int], tuple[int, int]]
_OFFICE: tuple[Span, ...] = (((9, 0), (12, 0)), ((14, 0), (17, 30)))
_LONGEST_SEARCH = 400  # days; the longest Chinese holiday has nine, the longest promise some forty


@dataclass(frozen=True, slots=True)
class Promises:
    """Answer times. Office spans are clock times in Asia/Shanghai on working days.

    `answer_within` and `next_within` count working time, the urgent ones every minute of the day;
    `close_days` are civil days. The mappings override them for a kind of case. The house's own days off and
    workdays go before the published calendar.
    """

    answer_within: timedelta = timedelta(hours=4)
    urgent_within: timedelta = timedelta(minutes=30)
    office: tuple[Span, ...] = _OFFICE
    by_kind: Mapping[CaseKind, timedelta] = field(default_factory=dict)
    extra_days_off: frozenset[date] = frozenset()
    extra_workdays: frozenset[date] = frozenset()
    next_within: timedelta = timedelta(hours=40)
    urgent_next_within: timedelta = timedelta(hours=24)
    next_by_kind: Mapping[CaseKind, timedelta] = field(default_factory=dict)
    close_days: int = 60
    urgent_close_days: int = 30
    close_days_by_kind: Mapping[CaseKind, int] = field(default_factory=dict)

    # ── what is promised ────────────────────────────────────────────────────────────────────────────

    def first_answer_by(self, now: datetime, kind: CaseKind, urgent: bool) -> datetime:
        """The aware UTC instant before which the first answer is promised."""
        if urgent:
            return now + self.urgent_within
        return self.after(now, self.by_kind.get(kind, self.answer_within))

    def next_step_by(self, now: datetime, kind: CaseKind, urgent: bool) -> datetime:
        """Before which she hears again after an answer; every hour of the day counts where it is urgent."""
        if urgent:
            return now + self.urgent_next_within
        return self.after(now, self.next_by_kind.get(kind, self.next_within))

    def before_day(self, now: datetime, day: date, kind: CaseKind) -> datetime:
        """Before which she hears where a legal date ends on that civil day.

        As fast as where it is urgent, at a time when the office works, and while there is a day left. On the
        last day itself, or where no working time is left before it, at once.
        """
        at_once, begins = now + self.urgent_within, start_of_day(day)
        by = self.after(self.next_step_by(now, kind, urgent=True), timedelta())
        if by < begins:
            return by
        return max(at_once, self.before(begins, timedelta()))

    def close_by(self, since: datetime, kind: CaseKind, urgent: bool) -> datetime:
        """Before which the case shall be closed: the end of the last working day within so many days."""
        days = self.close_days_by_kind.get(kind, self.close_days)
        day = civil_day(since) + timedelta(days=min(days, self.urgent_close_days) if urgent else days)
        while not (spans := self._spans(day)) and day > civil_day(since):
            day -= timedelta(days=1)
        return spans[-1][1] if spans else since

    # ── working time ────────────────────────────────────────────────────────────────────────────────

    def after(self, at: datetime, span: timedelta) -> datetime:
        """The instant at which so much working time has gone by since `at`."""
        today = civil_day(at)
        for day in (today + timedelta(days=ahead) for ahead in range(_LONGEST_SEARCH)):
            for begins, ends in self._spans(day):
                begins = max(begins, at)
                if ends - begins >= span:
                    return begins + span
                span -= max(ends - begins, timedelta())
        return at + timedelta(days=_LONGEST_SEARCH)

    def before(self, at: datetime, span: timedelta) -> datetime:
        """The instant since which so much working time has gone by at `at`."""
        today = civil_day(at)
        for day in (today - timedelta(days=back) for back in range(_LONGEST_SEARCH)):
            for begins, ends in reversed(self._spans(day)):
                ends = min(ends, at)
                if ends - begins >= span:
                    return ends - span
                span -= max(ends - begins, timedelta())
        return at - timedelta(days=_LONGEST_SEARCH)

    def elapsed(self, began: datetime, now: datetime, urgent: bool = False) -> timedelta:
        """Working time from `began` to `now`; every minute where it is urgent. Never negative."""
        if urgent:
            return max(now - began, timedelta())
        gone, day, last = timedelta(), civil_day(began), civil_day(now)
        while day <= last:
            for begins, ends in self._spans(day):
                gone += max(min(ends, now) - max(begins, began), timedelta())
            day += timedelta(days=1)
        return gone

    def step_at(self, began: datetime, promised: datetime, percent: int, urgent: bool = False) -> datetime:
        """The instant at which so many per cent of the promised time are over; may lie behind the promise."""
        if percent == 100:
            return promised
        working = timedelta() if urgent else self.elapsed(began, promised)
        if working:
            return self.after(began, working * percent / 100)
        return began + max(promised - began, timedelta()) * percent / 100

    def workdays(self, since: datetime, until: datetime) -> int:
        """Working days after the civil day of `since`, up to and with that of `until`."""
        days = (civil_day(until) - civil_day(since)).days
        return sum(bool(self._spans(civil_day(since) + timedelta(days=ahead + 1))) for ahead in range(days))

    def is_open(self, day: date) -> bool:
        """Whether the office works on this civil day."""
        return bool(self._spans(day))

    def is_provisional(self, at: datetime) -> bool:
        """Whether the year's holidays are not known yet, so that weekdays stood in for working days."""
        return is_provisional(at)

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        off = day in self.extra_days_off or not (day in self.extra_workdays or is_workday(day))
        if off:
            return []
        return [(at_clock(day, *begins), at_clock(day, *ends)) for begins, ends in self.office]


def is_provisional(at: datetime) -> bool:
    """Whether the State Council has not published the holidays of that year yet."""
    return is_unpublished(civil_day(at))


def is_unpublished(day: date) -> bool:
    """Whether that civil day is in such a year."""
    return _known_workday(day) is None


def is_workday(day: date) -> bool:
    """Whether offices work on a civil day, with 调休; Monday to Friday where the year is unpublished."""
    known = _known_workday(day)
    return day.weekday() < 5 if known is None else known


@lru_cache(maxsize=2048)
def _known_workday(day: date) -> bool | None:
    import chinese_calendar  # lazily: its tables are needed only when a case is opened

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None
