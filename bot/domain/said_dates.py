"""Days as people say them (“上个月15号”, “9月底”, “三个月前”), read as the span of days that may be meant.

All days are civil days in Asia/Shanghai. Where several days fit, the span holds them all: a period that
begins on its first day never ends later than the true one. What was said of the future, or in the lunar
calendar, is not read at all.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.deadlines import add_months
from bot.domain.festivals import FESTIVALS, festival
from knowledge.numerals import number

_FIRM_DAYS = 92  # a wider span says too little: somebody must ask
_NEVER_BEFORE = 1980
_DAY = timedelta(days=1)
_Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class SaidDay:
    """The first and the last day that may be meant; `exact`: one day, said without doubt."""

    earliest: date
    latest: date
    exact: bool

    @property
    def firm(self) -> bool:
        """Whether the span is narrow enough to count from its first day."""
        return (self.latest - self.earliest).days <= _FIRM_DAYS


def read_day(text: str, today: date, *, strict: bool = False) -> SaidDay | None:
    """The day that a text names; None where it names none in the past.

    `strict` is for stories: numbers count as dates only with 年, 月, 日 or 号 beside them.
    """
    plain = _plain(text)
    if _LUNAR.search(plain):
        return None
    spans = (found.span_until(today) for found in _mentions(plain, today, strict=strict))
    past = [span for span in spans if span is not None]
    if not past:
        return None
    earliest, latest = min(span[0] for span, _ in past), max(span[1] for span, _ in past)
    exact = all(one for _, one in past) and earliest == latest
    return _doubted(earliest, latest, today, exact=exact, doubt=_DOUBT.search(plain) is not None)


def read_day_of(text: str, event: re.Pattern[str], today: date, *, strict: bool = False) -> SaidDay | None:
    """The day that a text gives for one event: in the part of a sentence that names the event, the day
    nearest to its word; of several such parts the last one that has a day. None where there is none."""
    found: SaidDay | None = None
    for part in _PARTS_OF_SPEECH.split(_plain(text)):
        named = event.search(part)
        if named is None or _LUNAR.search(part):
            continue
        spans = [(one, one.span_until(today)) for one in _mentions(part, today, strict=strict)]
        near = [(_gap(one, named), span) for one, span in spans if span is not None]
        if near:
            (earliest, latest), exact = min(near, key=lambda one: one[0])[1]
            doubt = _DOUBT.search(part) is not None
            found = _doubted(earliest, latest, today, exact=exact, doubt=doubt) or found
    return found


def _gap(mention: "_Mention", named: re.Match[str]) -> int:
    """How many signs stand between a day and the word of the event."""
    return max(named.start() - mention.end, mention.start - named.end(), 0)


def _doubted(earliest: date, latest: date, today: date, *, exact: bool, doubt: bool) -> SaidDay | None:
    """A span as read, wider where she was not sure; None where it lies too far back to be meant."""
    if not earliest.year > _NEVER_BEFORE:
        return None
    if doubt:
        wider = timedelta(days=7 if (latest - earliest).days < 7 else 15)
        earliest, latest, exact = earliest - wider, min(latest + wider, today), False
    return SaidDay(earliest, latest, exact)


@dataclass(frozen=True, slots=True)
class _Mention:
    """One day or span that a text names, and where."""

    first: date
    last: date
    exact: bool
    start: int
    end: int

    def span_until(self, today: date) -> tuple[_Span, bool] | None:
        """What of it lies in the past."""
        return ((self.first, min(self.last, today)), self.exact) if self.first <= today else None


def _mentions(plain: str, today: date, *, strict: bool) -> list[_Mention]:
    mentions: list[_Mention] = []
    for pattern, read in _PATTERNS:
        if strict and pattern is _BARE:
            continue
        plain = pattern.sub(lambda found, read=read: _taken(found, read, today, mentions), plain)  # type: ignore[misc]
    return mentions


def _taken(found: re.Match[str], read: "_Read", today: date, mentions: list[_Mention]) -> str:
    """Note what was read and blank it out, so that no other pattern reads it again."""
    try:
        span = read(found, today)
    except ValueError:  # the 31st of a month that has none
        span = None
    if span is not None:
        after = _AFTER.match(found.string[found.end() :])
        exact = span[0] == span[1] and after is None and read not in _NEVER_EXACT
        first, last = _moved(span, after[0] if after else "", today)
        mentions.append(_Mention(first, last, exact, *found.span()))
    return "\x00" * len(found[0])


def _moved(span: _Span, after: str, today: date) -> _Span:
    """“国庆前” is some day of the month before, “国庆后” one of the fortnight behind it."""
    first, last = span
    if after.startswith("前后") or after == "左右":
        return first - 7 * _DAY, last + 7 * _DAY
    if after.endswith("前"):
        return first - 31 * _DAY, last
    if after.endswith("后"):
        return first, last + 14 * _DAY
    return span


# ── how things are written ───────────────────────────────────────────────────────────────────────────

_NUMERAL = re.compile(
    r"[零〇一二两三四五六七八九十百]+(?=(?:多|来)?(?:年|月|日|号|天(?!天)|周|个?(?:多|半)?(?:月|星期|礼拜)))"
)
_ABOUT = re.compile(r"[一二两三四五六七八]([二两三四五六七八九])(?=个?(?:年|月|天|周|星期|礼拜))")
_WEEKDAY = re.compile(r"(周|星期|礼拜)([一二三四五六日天末])(?![个年天])")
_LUNAR = re.compile(r"农历|阴历|旧历|正月|腊月|冬月|初[一二三四五六七八九十]")
_TO_COME = re.compile(
    r"(?:明年|后年|(?:下下|下|每)个?(?:月|周|星期|礼拜))(?:的|底|初|份)*(?:\d{1,2}月)?(?:份|底|初)?(?:\d{1,2}[日号]|\dw?z?)?"
)
_DOUBT = re.compile(r"大概|大约|可能|好像|差不多|左右|前后|记不|忘")
_AFTER = re.compile(r"左右|前后|(?:之|以)?前(?![天几两段阵])|(?:之|以)?后(?!天)")
_PARTS_OF_SPEECH = re.compile(r"[,。;!?、:…]")  # after NFKC
_WEEKDAYS = {name: at for at, name in enumerate("一二三四五六日")} | {"天": 6, "末": 5}


def _plain(text: str) -> str:
    """Without blanks and full-width forms, numerals before a unit as digits; weekdays keep their words."""
    text = "".join(unicodedata.normalize("NFKC", text).split())
    text = _WEEKDAY.sub(lambda found: f"周{_WEEKDAYS[found[2]]}w" + ("z" if found[2] == "末" else ""), text)
    text = _ABOUT.sub(r"\1", text)
    text = _NUMERAL.sub(lambda found: f"{number(found[0]):.0f}", text)
    return _TO_COME.sub("\x00", text)


_YEAR = r"(?:(?P<year>(?:19|20)\d\d|(?<!\d)\d\d(?=年))年?|(?P<said>大前年|前年|去年|今年|上年)的?)"
_PART = r"(?P<part>上旬|中旬|下旬|初|中|底|末|头)?"
_PARTS = {"上旬": (1, 10), "初": (1, 10), "头": (1, 10), "中旬": (10, 20), "中": (10, 20)}
_YEARS_BACK = {"今年": 0, "去年": 1, "上年": 1, "前年": 2, "大前年": 3}
_MONTHS_BACK = {"上上": 2, "上": 1, "这": 0, "本": 0, "当": 0}


def _year(found: re.Match[str], today: date) -> int | None:
    """The year that was named, in full or as 去年; None where none was."""
    groups = found.groupdict()
    if groups.get("said"):
        return today.year - _YEARS_BACK[groups["said"]]
    if groups.get("year"):
        year = int(groups["year"])
        return year if year > 99 else 2000 + year
    return None


def _part_of_month(year: int, month: int, part: str | None) -> _Span:
    last = monthrange(year, month)[1]
    first, end = (1, last) if not part else _PARTS.get(part, (20, last))
    return date(year, month, first), date(year, month, min(end, last))


def _newest(today: date, build: Callable[[int], _Span]) -> _Span:
    """Of this year, or of the last one where it is still to come."""
    span = build(today.year)
    return span if span[0] <= today else build(today.year - 1)


def _on_day(found: re.Match[str], today: date) -> _Span:
    month, day, year = int(found["month"]), int(found["day"]), _year(found, today)
    if year is not None:
        return date(year, month, day), date(year, month, day)
    for back in range(5):  # 29 February may be years ago
        try:
            on = date(today.year - back, month, day)
        except ValueError:
            continue
        if on <= today:
            return on, on
    raise ValueError(found[0])


def _in_month(found: re.Match[str], today: date) -> _Span:
    month, part, year = int(found["month"]), found["part"], _year(found, today)
    if not 1 <= month <= 12:
        raise ValueError(found[0])
    if year is not None:
        return _part_of_month(year, month, part)
    return _newest(today, lambda one: _part_of_month(one, month, part))


def _near_month(found: re.Match[str], today: date) -> _Span:
    """上个月, 上个月15号, 这个月初."""
    at = add_months(today.replace(day=1), -_MONTHS_BACK[found["near"]])
    if found["day"]:
        on = at.replace(day=int(found["day"]))
        return on, on
    return _part_of_month(at.year, at.month, found["part"])


def _lone_part(found: re.Match[str], today: date) -> _Span:
    """月底 is this month's where that has come, else the last one's."""
    span = _part_of_month(today.year, today.month, found["part"])
    before = add_months(today.replace(day=1), -1)
    return span if span[0] <= today else _part_of_month(before.year, before.month, found["part"])


def _lone_day(found: re.Match[str], today: date) -> _Span:
    """15号: the last one that has been, or the one before it."""
    day, at = int(found["day"]), today.replace(day=1)
    fitting: list[date] = []
    while len(fitting) < 2 and 1 <= day <= 31:
        if day <= monthrange(at.year, at.month)[1] and at.replace(day=day) <= today:
            fitting.append(at.replace(day=day))
        at = add_months(at, -1)
    if not fitting:
        raise ValueError(found[0])
    return fitting[1], fitting[0]


def _ago(found: re.Match[str], today: date) -> _Span:
    """三个月前 may be nearly four: the span reaches one more unit back."""
    few = {"几": (2, 9), "十几": (11, 19), "半": (0, 1), "好几": (3, 9)}
    least, most = few.get(found["count"]) or (int(found["count"]), int(found["count"]))
    unit = found["unit"].removeprefix("个")
    if unit in ("天", "日"):
        loose = 1 if found["more"] is None and found["count"].isdecimal() else max(1, most // 2)
        return today - (most + loose - 1) * _DAY, today - least * _DAY
    if unit in ("周", "星期", "礼拜"):
        return today - (7 * most + 6) * _DAY, today - 7 * least * _DAY
    if found["count"] == "半":
        half_year = add_months(today, -7), add_months(today, -5)
        return half_year if unit == "年" else (today - 22 * _DAY, today - 10 * _DAY)
    months = 12 if unit == "年" else 1
    return add_months(today, -months * (most + 1)), add_months(today, -months * least)


_NEAR_DAYS = {
    "今天": (0, 0), "今日": (0, 0), "今早": (0, 0), "今晚": (0, 0), "今晨": (0, 0),
    "刚才": (1, 0), "刚刚": (1, 0),
    "昨天": (1, 1), "昨日": (1, 1), "昨晚": (1, 1), "昨夜": (1, 1), "前天": (2, 2), "前晚": (2, 2),
    "大前天": (3, 3), "前几天": (9, 2), "前两天": (4, 1), "前些天": (15, 2), "这几天": (7, 0),
    "这两天": (3, 0),
}  # fmt: skip


def _near_day(found: re.Match[str], today: date) -> _Span:
    most, least = _NEAR_DAYS[found[0]]
    return today - most * _DAY, today - least * _DAY


def _week(found: re.Match[str], today: date) -> _Span:
    """上周三 belongs to the week before this one, which begins on Monday; 周三 alone is the last one."""
    back = {"上上": 2, "上": 1}.get(found["near"] or "", 0)
    monday = today - (today.weekday() + 7 * back) * _DAY
    if found["day"] is None:
        return monday, monday + 6 * _DAY
    on = monday + int(found["day"]) * _DAY
    last = on + _DAY if found["end"] else on
    if found["near"] is None:  # on that very weekday it may be today or a week ago
        return (on, last) if on < today else (on - 7 * _DAY, on if on == today else last - 7 * _DAY)
    return on, last


def _whole_week(found: re.Match[str], today: date) -> _Span:
    back = {"上上": 2, "上": 1}.get(found["near"], 0)
    monday = today - (today.weekday() + 7 * back) * _DAY
    return monday, monday + 6 * _DAY


def _part_of_year(found: re.Match[str], today: date) -> _Span:
    spans = {
        "初": (1, 3), "头": (1, 3), "中": (5, 8), "底": (11, 12), "末": (11, 12),
        "上半年": (1, 6), "下半年": (7, 12), "春天": (2, 5), "夏天": (5, 8), "秋天": (8, 11),
    }  # fmt: skip
    first, last = spans[(found["half"] or found["season"] or found["end"])]

    def build(year: int) -> _Span:
        return date(year, first, 1), date(year, last, monthrange(year, last)[1])

    year = _year(found, today)
    return build(year) if year is not None else _newest(today, build)


def _feast(found: re.Match[str], today: date) -> _Span:
    name, year = FESTIVALS[found["feast"]], _year(found, today)
    return festival(name, year) if year is not None else _newest(today, lambda one: festival(name, one))


def _whole_year(found: re.Match[str], today: date) -> _Span:
    year = _year(found, today)
    assert year is not None
    return date(year, 1, 1), date(year, 12, 31)


_FEASTS = "|".join(sorted(FESTIVALS, key=len, reverse=True))
_FEAST = rf"(?<![一二三四五六七八九十百])(?P<feast>{_FEASTS})(?![个点路人岁小万块元名中高])"  # not 十一个人
_HALF, _SEASON = "(?P<half>上半年|下半年)", "(?P<season>春天|夏天|秋天)"
_Read = Callable[[re.Match[str], date], _Span]
_BARE = re.compile(r"(?<![\d./-])(?P<month>\d{1,2})[./-](?P<day>\d{1,2})(?![\d./-万千元块个小天%年月])")
_PATTERNS: tuple[tuple[re.Pattern[str], _Read], ...] = (
    (re.compile(r"(?P<year>(?:19|20)\d\d)[年./-](?P<month>\d{1,2})[月./-](?P<day>\d{1,2})[日号]?"), _on_day),
    (re.compile(rf"{_YEAR}(?P<month>\d{{1,2}})月份?的?(?P<day>\d{{1,2}})[日号]"), _on_day),
    (re.compile(r"(?P<year>(?:19|20)\d\d)[./-](?P<month>\d{1,2})(?!\d)(?P<part>)"), _in_month),
    (
        re.compile(
            r"(?P<count>\d{1,3}|好几|十几|几|半)(?P<more>多|来)?(?:个半|个多)?(?P<unit>天|日|个?星期|个?礼拜|周(?!\d)|个?月|年)"
            r"(?:多|半)?(?:以前|之前|前(?![天几两段阵]))"
        ),
        _ago,
    ),
    (re.compile(rf"{_YEAR}(?P<month>\d{{1,2}})月份?{_PART}"), _in_month),
    (re.compile(rf"{_YEAR}?{_FEAST}节?(?:期间|假期|放假|长假)?"), _feast),
    (re.compile(rf"{_YEAR}?(?:{_HALF}|{_SEASON}|年(?P<end>初|头|中|底|末))"), _part_of_year),
    (re.compile(rf"{_YEAR}(?P<half>)(?P<season>)(?P<end>初|底|末)"), _part_of_year),
    (re.compile(rf"(?P<near>上上|上|这|本|当)个?月份?(?:的?(?P<day>\d{{1,2}})[日号]|{_PART})"), _near_month),
    (re.compile(r"(?<![\d个])(?P<month>\d{1,2})月份?的?(?P<day>\d{1,2})(?:[日号]|$|(?=[,。;、]))"), _on_day),
    (re.compile(rf"(?<![\d个孕])(?P<month>\d{{1,2}})月份?{_PART}"), _in_month),
    (re.compile("|".join(sorted(_NEAR_DAYS, key=len, reverse=True))), _near_day),
    (re.compile(r"(?P<near>上上|上|这|本)?个?(?:周|星期|礼拜)(?:(?P<day>\d)w(?P<end>z)?)"), _week),
    (re.compile(r"(?P<near>上上|上|这|本)个?(?:周|星期|礼拜)(?P<day>)(?P<end>)"), _whole_week),
    (re.compile(r"(?<![\d月年.])(?P<day>\d{1,2})[日号](?!线|楼|院|店)"), _lone_day),
    (re.compile(r"(?<!个)月(?P<part>初|中|底|末)"), _lone_part),
    (_BARE, _on_day),
    (re.compile(_YEAR + r"(?!纪|龄)"), _whole_year),
)  # fmt: skip
_NEVER_EXACT = (_lone_day, _ago)
