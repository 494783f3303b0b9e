"""Deadlines: the worked examples of the law, leap days, month ends, and what never happens."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.deadlines import (
    RULES,
    add_months,
    arbitration,
    arbitration_after_leaving,
    civil,
    hours_left,
    injury_employer,
    injury_worker,
    labor_inspection,
    lawsuit,
    legal_aid_decision,
    protection_order,
    public_security,
)
from knowledge.loader import load_knowledge

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("knew", "last"),
    [
        ("2025-11-20", "2026-11-20"),
        ("2024-02-29", "2025-02-28"),
        ("2026-01-31", "2027-01-31"),
        ("2025-10-01", "2026-10-01"),
        ("2028-02-29", "2029-02-28"),
        ("2027-02-28", "2028-02-28"),
    ],
)
def test_arbitration_ends_a_year_after_the_harm_was_known(knew: str, last: str) -> None:
    assert arbitration(date.fromisoformat(knew)) == date.fromisoformat(last)
    assert arbitration_after_leaving(date.fromisoformat(knew)) == date.fromisoformat(last)


def test_an_interruption_in_time_starts_the_year_anew() -> None:
    assert arbitration(date(2025, 6, 30), [date(2026, 5, 20)]) == date(2027, 5, 20)


def test_an_interruption_too_late_revives_nothing() -> None:
    assert arbitration(date(2025, 6, 30), [date(2026, 8, 5)]) == date(2026, 6, 30)


def test_interruptions_are_judged_one_after_another_whatever_their_order() -> None:
    days = [date(2027, 4, 1), date(2026, 5, 20)]
    assert arbitration(date(2025, 6, 30), days) == date(2028, 4, 1)


def test_an_interruption_before_the_harm_shortens_nothing() -> None:
    assert arbitration(date(2025, 6, 30), [date(2025, 1, 1)]) == date(2026, 6, 30)


def test_each_rule_counts_what_its_law_says() -> None:
    day = date(2026, 11, 22)
    assert lawsuit(day) == date(2026, 12, 7)
    assert labor_inspection(day) == date(2028, 11, 22)
    assert injury_employer(day) == date(2026, 12, 22)
    assert injury_worker(day) == date(2027, 11, 22)
    assert public_security(day) == date(2027, 5, 22)
    assert legal_aid_decision(day) == date(2026, 11, 29)
    assert civil(day) == date(2029, 11, 22)


def test_six_months_from_the_end_of_august_end_in_february() -> None:
    assert public_security(date(2026, 8, 31)) == date(2027, 2, 28)
    assert public_security(date(2027, 8, 31)) == date(2028, 2, 29)


def test_a_protection_order_counts_hours_from_the_moment() -> None:
    applied = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    assert protection_order(applied) == datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
    assert protection_order(applied, urgent=True) == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert hours_left(applied, applied + timedelta(hours=70)) == 2
    with pytest.raises(ValueError, match="aware"):
        protection_order(datetime(2026, 11, 22))


def test_every_rule_that_answers_may_name_can_be_counted_and_read() -> None:
    assert set(load_knowledge().deadlines) == set(RULES)


@given(day=DAYS, months=st.integers(0, 120))
def test_a_period_of_months_ends_in_its_month_on_the_same_day_or_the_last(day: date, months: int) -> None:
    end = add_months(day, months)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    assert end.day == day.day or (end.day < day.day and (end + timedelta(days=1)).day == 1)


@given(first=DAYS, second=DAYS)
def test_a_later_event_never_has_an_earlier_deadline(first: date, second: date) -> None:
    for rule in RULES.values():
        assert (rule.last_day(min(first, second))) <= rule.last_day(max(first, second))


@given(knew=DAYS, interruptions=st.lists(DAYS, max_size=5))
def test_interruptions_only_ever_lengthen(knew: date, interruptions: list[date]) -> None:
    assert arbitration(knew, interruptions) >= arbitration(knew)


@given(event=DAYS, later=st.integers(0, 800))
def test_the_reminder_comes_after_the_event_and_never_in_the_past(event: date, later: int) -> None:
    today = event + timedelta(days=later)
    for rule in RULES.values():
        warn = rule.warn_on(event, today)
        assert warn >= today
        assert warn <= rule.last_day(event) or warn == today
        assert rule.days_left(event, today) == (rule.last_day(event) - today).days
