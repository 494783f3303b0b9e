"""Promised times: working hours, lunch, weekends, holidays with 调休, urgent round the clock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cases import CaseKind
from bot.domain.civil_time import at_clock, civil_day, day_in_words, local, moment_in_words, start_of_day
from bot.domain.promises import Promises, is_workday


def at(day: str, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return at_clock(date.fromisoformat(day), hour, minute)


@pytest.mark.parametrize(
    ("day", "clock", "answer_day", "answer"),
    [
        ("2026-11-23", "09:00", "2026-11-23", "15:00"),  # Monday morning, over lunch
        ("2026-11-23", "07:00", "2026-11-23", "15:00"),
        ("2026-11-23", "13:00", "2026-11-24", "09:30"),
        ("2026-11-22", "20:00", "2026-11-23", "15:00"),  # Sunday evening
        ("2026-11-27", "17:00", "2026-11-30", "14:30"),  # Friday afternoon, over the weekend
        ("2026-09-30", "17:00", "2026-10-08", "14:30"),  # over the National Day holiday
    ],
)
def test_four_working_hours(day: str, clock: str, answer_day: str, answer: str) -> None:
    promised = Promises().first_answer_by(at(day, clock), CaseKind.WAGES, urgent=False)
    assert promised == at(answer_day, answer)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)))
def test_a_promise_lies_ahead_within_office_hours_of_a_working_day(naive: datetime) -> None:
    now = naive.replace(tzinfo=UTC)
    promised = Promises().first_answer_by(now, CaseKind.OTHER, urgent=False)
    assert timedelta(hours=4) <= promised - now <= timedelta(days=14)
    assert is_workday(civil_day(promised))
    clock = local(promised).strftime("%H:%M")
    assert "09:00" <= clock <= "12:00" or "14:00" <= clock <= "17:30"


@given(st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)))
def test_urgent_is_half_an_hour_at_any_time(naive: datetime) -> None:
    now = naive.replace(tzinfo=UTC)
    assert Promises().first_answer_by(now, CaseKind.HARASSMENT, urgent=True) == now + timedelta(minutes=30)


def test_a_kind_may_have_its_own_time() -> None:
    promises = Promises(by_kind={CaseKind.INJURY: timedelta(hours=1)})
    assert promises.first_answer_by(at("2026-11-23", "09:00"), CaseKind.INJURY, urgent=False) == at(
        "2026-11-23", "10:00"
    )


def test_holidays_and_exchanged_days_are_known_and_unknown_years_are_provisional() -> None:
    assert not is_workday(date(2026, 10, 1))
    assert is_workday(date(2026, 2, 14)), "a Saturday worked for the Spring Festival"
    assert not Promises().is_provisional(at("2026-11-23", "09:00"))
    assert Promises().is_provisional(at("2035-11-23", "09:00"))


def test_days_begin_at_midnight_in_yinchuan() -> None:
    assert civil_day(datetime(2026, 11, 22, 15, 59, tzinfo=UTC)) == date(2026, 11, 22)
    assert civil_day(datetime(2026, 11, 22, 16, 0, tzinfo=UTC)) == date(2026, 11, 23)
    assert start_of_day(date(2026, 11, 23)) == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)


def test_days_are_said_as_people_say_them() -> None:
    today = date(2026, 12, 30)
    assert day_in_words(today, today) == "今天（12月30日）"
    assert day_in_words(date(2026, 12, 31), today) == "明天（12月31日）"
    assert day_in_words(date(2027, 1, 1), today) == "后天（2027年1月1日）"
    assert day_in_words(date(2027, 1, 2), today) == "2027年1月2日（周六）"
    now = at("2026-11-22", "20:00")
    assert moment_in_words(at("2026-11-23", "17:00"), now) == "明天（11月23日）17:00"


def test_the_houses_own_days_win_over_the_calendar() -> None:
    off = Promises(extra_days_off=frozenset({date(2026, 11, 23)}))
    assert off.first_answer_by(at("2026-11-23", "09:00"), CaseKind.WAGES, urgent=False) == at(
        "2026-11-24", "15:00"
    )
    worked = Promises(extra_workdays=frozenset({date(2026, 11, 22)}))
    assert worked.first_answer_by(at("2026-11-22", "09:00"), CaseKind.WAGES, urgent=False) == at(
        "2026-11-22", "15:00"
    )
