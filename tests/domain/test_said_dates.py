"""Days as people say them: what each may mean, and that the first day read is never behind the true one."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.deadlines import RULES, add_months
from bot.domain.said_dates import read_day

TODAY = date(2026, 11, 22)  # a Sunday
WEEKDAYS = "一二三四五六日"


def said(text: str, today: date = TODAY, *, strict: bool = False) -> tuple[str, str, bool] | None:
    found = read_day(text, today, strict=strict)
    return None if found is None else (found.earliest.isoformat(), found.latest.isoformat(), found.exact)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("昨天", "2026-11-21"), ("今天上午", "2026-11-22"), ("大前天", "2026-11-19"),
        ("上个月15号", "2026-10-15"), ("上周三", "2026-11-11"), ("礼拜三", "2026-11-18"),
        ("2026.10.5", "2026-10-05"), ("2026-10-05", "2026-10-05"), ("２０２６年１０月５日", "2026-10-05"),
        ("二〇二六年三月八号", "2026-03-08"), ("去年十二月三号", "2025-12-03"), ("10月5日", "2026-10-05"),
        ("12月3日", "2025-12-03"), ("10.5", "2026-10-05"), ("25年10月6日", "2025-10-06"),
        ("二月二十九号", "2024-02-29"),
    ],
)  # fmt: skip
def test_a_day_said_plainly_is_that_day(text: str, day: str) -> None:
    assert said(text) == (day, day, True)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("9月底", "2026-09-20", "2026-09-30"), ("去年十月", "2025-10-01", "2025-10-31"),
        ("三个月前", "2026-07-22", "2026-08-22"), ("两三个月前", "2026-07-22", "2026-08-22"),
        ("半年前", "2026-04-22", "2026-06-22"), ("国庆前", "2026-08-31", "2026-10-07"),
        ("从九月开始", "2026-09-01", "2026-09-30"), ("中秋节", "2026-09-25", "2026-09-27"),
        ("上周", "2026-11-09", "2026-11-15"), ("上周末", "2026-11-14", "2026-11-15"),
        ("前几天", "2026-11-13", "2026-11-20"), ("这个月初", "2026-11-01", "2026-11-10"),
        ("10月中旬", "2026-10-10", "2026-10-20"), ("周日", "2026-11-15", "2026-11-22"),
        ("十五号", "2026-10-15", "2026-11-15"), ("从3月到5月", "2026-03-01", "2026-05-31"),
        ("大概9月份", "2026-08-17", "2026-10-15"),
    ],
)  # fmt: skip
def test_what_may_mean_several_days_is_read_from_the_first(text: str, earliest: str, latest: str) -> None:
    assert said(text) == (earliest, latest, False)
    found = read_day(text, TODAY)
    assert found is not None and found.firm


@pytest.mark.parametrize("text", ["去年", "2025年", "一年前", "2024年3月到2025年1月", "上半年"])
def test_a_span_too_wide_is_no_firm_day(text: str) -> None:
    found = read_day(text, TODAY)
    assert found is not None and not found.firm


@pytest.mark.parametrize(
    "text",
    [
        "", "不知道", "最近", "很久了", "下个月", "下周三", "明年1月", "每月15号", "农历八月十五", "正月初八",
        "2月30号", "2026年13月1日", "13月", "99号", "3000-01-01", "怀孕七个月", "🙂", "0",
        "1/2/3/4", "二十一个人",
    ],
)  # fmt: skip
def test_what_names_no_past_day_is_not_guessed(text: str) -> None:
    assert said(text) is None


@pytest.mark.parametrize(
    "story",
    [
        "怀孕七个月老板让我走",
        "工资8.5千一直不发",
        "十一个人被辞退",
        "车间在3号楼",
        "住五一路",
        "每月10号发工资",
    ],
)
def test_numbers_in_a_story_are_no_dates(story: str) -> None:
    assert said(story, strict=True) is None


def test_a_story_with_a_date_is_read() -> None:
    assert said("公司从9月3号起不让我上班", strict=True) == ("2026-09-03", "2026-09-03", True)


@given(today=st.dates(date(2015, 1, 1), date(2035, 12, 31)), back=st.integers(0, 360), how=st.integers(0, 11))
@settings(max_examples=200, deadline=None)
def test_however_she_says_a_day_no_period_counted_from_it_ends_too_late(
    today: date, back: int, how: int
) -> None:
    true = today - timedelta(days=back)
    months = (today.year - true.year) * 12 + today.month - true.month
    part = "初" if true.day <= 10 else "中旬" if true.day <= 20 else "底"
    week = (today - timedelta(days=today.weekday()) - (true - timedelta(days=true.weekday()))).days // 7
    ways = [
        f"{true.month}月{true.day}号", f"{true.year}年{true.month}月{true.day}日", true.isoformat(),
        f"{true.month}月{part}" if months < 11 else f"{true.year}年{true.month}月{part}",
        f"{true.month}月份" if months < 11 else f"{true.year}.{true.month}",
        f"{back}天前" if back else "今天",
        f"{months}个月前" if months and add_months(true, months) <= today else f"{true.month}月{true.day}日",
        f"上个月{true.day}号" if months == 1 else true.isoformat(),
        f"{'去年' if true.year < today.year else '今年'}{true.month}月",
        f"上周{WEEKDAYS[true.weekday()]}" if week == 1 else true.isoformat(),
        f"{true.day}号" if back < 28 else true.isoformat(), f"大概{true.month}月{true.day}号",
    ]  # fmt: skip
    found = read_day(ways[how], today)
    assert found is not None, ways[how]
    assert found.earliest <= true <= found.latest, ways[how]
    for rule in RULES.values():
        assert rule.last_day(found.earliest) <= rule.last_day(true)


@given(text=st.text("零一二三四五六七八九十年月日号周前后上下底初去今昨天0123456789./- 农历", max_size=24))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_the_reading_or_is_read_as_the_future(text: str) -> None:
    for strict in (False, True):
        found = read_day(text, TODAY, strict=strict)
        assert found is None or found.earliest <= found.latest <= TODAY
