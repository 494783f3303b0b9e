"""When the feasts are that people count time by; those of the lunar calendar come from published holidays."""

from datetime import date, timedelta

# As people say it -> the feast. Solar ones have a month and a day, the others a name in the published table.
FESTIVALS: dict[str, tuple[int, int, int] | str] = {
    "国庆": (10, 1, 7), "十一": (10, 1, 7), "元旦": (1, 1, 3), "五一": (5, 1, 5), "劳动节": (5, 1, 5),
    "三八": (3, 8, 1), "妇女节": (3, 8, 1), "六一": (6, 1, 1), "双十一": (11, 11, 1), "双11": (11, 11, 1),
    "圣诞": (12, 25, 1), "中秋": "Mid-autumn Festival", "春节": "Spring Festival", "过年": "Spring Festival",
    "端午": "Dragon Boat Festival", "清明": "Tomb-sweeping Day",
}  # fmt: skip
# Where a year is not published: the span in which the feast can fall at all.
_CAN_FALL = {
    "Mid-autumn Festival": ((9, 7), (10, 8)), "Spring Festival": ((1, 15), (2, 27)),
    "Dragon Boat Festival": ((5, 25), (6, 26)), "Tomb-sweeping Day": ((4, 3), (4, 7)),
}  # fmt: skip


def festival(feast: tuple[int, int, int] | str, year: int) -> tuple[date, date]:
    """First and last day of a feast in a year; both civil days."""
    if not isinstance(feast, str):
        month, day, length = feast
        first = date(year, month, day)
        return first, first + timedelta(days=length - 1)
    from chinese_calendar.constants import holidays  # lazily: only when somebody counts by a feast

    days = [day for day, name in holidays.items() if day.year == year and name == feast]
    if days:
        return min(days), max(days)
    begins, ends = _CAN_FALL[feast]
    return date(year, *begins), date(year, *ends)
