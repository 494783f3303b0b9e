"""When the weekly tip may go out, which one is next, which is today's; days and hours of Asia/Shanghai."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.domain.civil_time import civil_day, local

# Tuesday: Monday is full, and long weekends mostly touch Monday or Friday. From ten to eight in the evening:
# nobody is woken, and whoever sleeps after a night shift has until the evening.
_TUESDAY = 1
_FROM_HOUR, _TO_HOUR = 10, 20


def tip_week(now: datetime) -> date:
    """The Tuesday whose turn it is at an aware instant: today, or the last one before."""
    today = civil_day(now)
    return today - timedelta(days=(today.weekday() - _TUESDAY) % 7)


def may_send(now: datetime) -> bool:
    """Whether tips go out at this aware instant."""
    return local(now).weekday() == _TUESDAY and _FROM_HOUR <= local(now).hour < _TO_HOUR


def next_place(tips: Sequence[str], last: str | None, place: int) -> int:
    """Where in the list the tip after `last` stands; the first one where she had none, and after the end.

    Ids decide, so that tips written in between repeat nothing; where `last` was taken out, the one that
    moved into its `place` comes.
    """
    if last is None:
        return 0
    after = tips.index(last) + 1 if last in tips else place
    return after if after < len(tips) else 0


def place_of_day(today: date, count: int) -> int:
    """Which of `count` tips is shown on a civil day: everybody sees the same, and another one tomorrow."""
    return today.toordinal() % count
