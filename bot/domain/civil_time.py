"""Civil time in Asia/Shanghai: which day it is, and how people say a moment."""

from datetime import UTC, date, datetime, timedelta, timezone

# China keeps one zone without summer time since 1991; a fixed offset needs no zone data on the machine.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
_WEEKDAYS = "一二三四五六日"
_NEAR = {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"}


def local(at: datetime) -> datetime:
    """The same instant as a clock in Yinchuan shows it."""
    return at.astimezone(SHANGHAI)


def civil_day(at: datetime) -> date:
    """The civil day of an aware instant; it begins at 00:00 in Asia/Shanghai (16:00 UTC the day before)."""
    return local(at).date()


def start_of_day(day: date) -> datetime:
    """The aware UTC instant at which a civil day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def at_clock(day: date, hour: int, minute: int = 0) -> datetime:
    """The aware UTC instant of a clock time on a civil day."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def day_in_words(day: date, today: date) -> str:
    """“明天（11月23日）”, “11月27日（周五）”, with the year where it is another one."""
    near = _NEAR.get((day - today).days)
    year = f"{day.year}年" if day.year != today.year else ""
    written = f"{year}{day.month}月{day.day}日"
    return f"{near}（{written}）" if near else f"{written}（周{_WEEKDAYS[day.weekday()]}）"


def moment_in_words(at: datetime, now: datetime) -> str:
    """“明天（11月23日）17:00”; both instants are aware."""
    shown = local(at)
    return f"{day_in_words(shown.date(), civil_day(now))}{shown:%H:%M}"


def plain_moment(at: datetime) -> str:
    """“2026年11月23日 15:00”, the same whenever it is read."""
    shown = local(at)
    return f"{plain_day(shown.date())} {shown:%H:%M}"


def plain_day(day: date) -> str:
    """“2026年11月22日”."""
    return f"{day.year}年{day.month}月{day.day}日"
