"""Promised times: working hours, lunch, weekends, holidays with 调休, urgent round the clock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cases import CaseKind
from bot.domain.civil_time import at_clock, civil_day, day_in_words, local, moment_in_words, start_of_day
from bot.domain.promises import Promises, is_unpublished, is_workday


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


# 国务院办公厅关于 2026 年部分节假日安排的通知, copied by hand: days off, and weekends that are worked.
OFF_2026 = {
    *(date(2026, 1, day) for day in range(1, 4)),
    *(date(2026, 2, day) for day in range(15, 24)),
    *(date(2026, 4, day) for day in range(4, 7)),
    *(date(2026, 5, day) for day in range(1, 6)),
    *(date(2026, 6, day) for day in range(19, 22)),
    *(date(2026, 9, day) for day in range(25, 28)),
    *(date(2026, 10, day) for day in range(1, 8)),
}
WORKED_2026 = {
    date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20),
    date(2026, 10, 10),
}  # fmt: skip


def test_every_day_of_2026_is_as_published_and_2027_is_monday_to_friday_for_the_time_being() -> None:
    for ahead in range(365):
        day = date(2026, 1, 1) + timedelta(days=ahead)
        wanted = day in WORKED_2026 or (day.weekday() < 5 and day not in OFF_2026)
        assert is_workday(day) is wanted, day
        later = date(2027, 1, 1) + timedelta(days=ahead)
        assert is_workday(later) is (later.weekday() < 5) and is_unpublished(later), later


@pytest.mark.parametrize(
    ("day", "clock", "answer_day", "answer"),
    [
        ("2026-02-13", "17:00", "2026-02-14", "14:30"),  # the Saturday before the Spring Festival is worked
        ("2026-02-14", "16:30", "2026-02-24", "12:00"),  # and then nine days are not
        ("2026-09-19", "10:00", "2026-09-20", "15:00"),  # a Sunday worked for the National Day
        ("2026-10-09", "16:30", "2026-10-10", "12:00"),  # and a Saturday
        ("2026-12-31", "17:00", "2027-01-01", "14:30"),  # New Year 2027: not published, so a Friday
    ],
)
def test_four_working_hours_over_holidays_and_exchanged_days(
    day: str, clock: str, answer_day: str, answer: str
) -> None:
    promised = Promises().first_answer_by(at(day, clock), CaseKind.WAGES, urgent=False)
    assert promised == at(answer_day, answer)


MOMENTS = st.datetimes(datetime(2026, 1, 5), datetime(2027, 6, 1)).map(
    lambda naive: naive.replace(tzinfo=UTC)
)
SPANS = st.integers(1, 60 * 100).map(lambda minutes: timedelta(minutes=minutes))


@given(MOMENTS, SPANS)
def test_working_time_forwards_and_backwards_is_the_same(now: datetime, span: timedelta) -> None:
    promises = Promises()
    then = promises.after(now, span)
    assert promises.elapsed(now, then) == span
    assert promises.elapsed(promises.before(then, span), then) == span
    assert promises.elapsed(then, now) == timedelta()


@given(MOMENTS, SPANS, st.booleans())
def test_the_steps_of_silence_come_in_order_around_the_promise(
    now: datetime, span: timedelta, urgent: bool
) -> None:
    promises = Promises()
    by = now + span if urgent else promises.after(now, span)
    half, whole, over = (promises.step_at(now, by, percent, urgent) for percent in (50, 100, 150))
    assert now < half < whole < over and whole == by
    assert promises.elapsed(now, half, urgent) * 2 == span
    assert promises.elapsed(now, over, urgent) == span * 1.5


def test_the_next_word_and_the_closing_go_by_kind_and_urgency() -> None:
    promises = Promises(
        next_by_kind={CaseKind.WAGES: timedelta(hours=13)}, close_days_by_kind={CaseKind.INJURY: 90}
    )
    monday = at("2026-11-23", "09:00")
    assert promises.next_step_by(monday, CaseKind.WAGES, urgent=False) == at("2026-11-24", "17:30")
    assert promises.next_step_by(monday, CaseKind.OTHER, urgent=False) == at(
        "2026-12-01", "09:00"
    ) + timedelta(hours=1)
    assert promises.next_step_by(monday, CaseKind.OTHER, urgent=True) == at("2026-11-24", "09:00")
    assert promises.close_by(monday, CaseKind.OTHER, urgent=False) == at("2027-01-22", "17:30")
    assert promises.close_by(monday, CaseKind.OTHER, urgent=True) == at("2026-12-23", "17:30")
    assert promises.close_by(monday, CaseKind.INJURY, urgent=False) == at("2027-02-19", "17:30"), "not Sunday"
    assert promises.workdays(at("2026-09-30", "17:00"), at("2026-10-08", "09:00")) == 1
