"""Numbers with units as people write them (九十天, 90 日, 百分之八十, 双倍), read in one way."""

from __future__ import annotations

import re
from functools import lru_cache

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_WORDS = "零〇一二三四五六七八九十百千万两俩半"
UNITS = (
    r"(?:个?工作日|个?小时|个?钟头|分钟|个月|周岁|岁|天|日(?![常期记志渐益用均工最平])|年(?![底初终会轻老级纪代龄龄休假份报])"
    r"|周(?![边围末转折])|万元|元|块(?:钱)?|倍|%|人(?![民事家们员社力身才格工生])|名(?![字称])|次(?![日序])|级|公斤|度(?![假量过])|℃|折)"
)
SEPARATOR = r"(?:至|到|—|-|~|～|、|或者?)"
_CHINESE = re.compile(
    rf"(?<![第几数\d.{_WORDS}])[{_WORDS}]+(?=(?:多|来|几)?{UNITS}|{SEPARATOR}第?[{_WORDS}\d.,]+(?:多|来)?{UNITS}"
    rf"|月[{_WORDS}\d]+[日号])"
)
_ABOUT = re.compile(rf"(?<![第{_WORDS}])([一二两三四五六七八])([二两三四五六七八九])(?={UNITS})")
_PER_CENT = re.compile(rf"百分之([{_WORDS}点\d.]+)")
_TENTHS = re.compile(r"(?<!第)([一二三四五六七八九两])成(?![立为员分果本功年绩不就人都])")
_SAID = {"双倍": "2倍", "一倍半": "1.5倍", "一半到一倍": "50%到100%"}
_WIDE = str.maketrans("０１２３４５６７８９％．＋－×÷／", "0123456789%.+-×÷/")
_NOT_NUMBERS = re.compile(r"^零$|万一|千万(?!元)|一一|半半|十分(?!钟)|百万(?!元)")


@lru_cache(maxsize=8192)
def in_digits(text: str) -> str:
    """The same text with 三十日 as 30日, 百分之八十 as 80%, 双倍 as 2倍, and no blanks."""
    text = re.sub(r"[ \t\u3000]+", "", text.translate(_WIDE))
    for written, meant in _SAID.items():
        text = text.replace(written, meant)
    text = _PER_CENT.sub(lambda found: f"{_plain(found.group(1))}%", text)
    text = _TENTHS.sub(lambda found: f"{_DIGITS[found.group(1)]}0%", text)
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    text = _ABOUT.sub(_one_or_two, text)
    return _CHINESE.sub(lambda found: _read(found.group()), text)


def _one_or_two(found: re.Match[str]) -> str:
    """一两天 is 1至2天; two digits that do not follow each other are left as they are."""
    one, other = (_DIGITS[word] for word in found.groups())
    return f"{one}至{other}" if other == one + 1 else found.group()


def _read(words: str) -> str:
    return words if _NOT_NUMBERS.search(words) else _plain(words)


def _plain(words: str) -> str:
    return f"{number(words):.12g}" if not re.fullmatch(r"[\d.]+", words) else words


def number(words: str) -> float:
    """两千二百三十五 → 2235, 一万二 → 12000, 半 → 0.5, 21.75 → 21.75; what cannot be read is 0."""
    if re.fullmatch(r"\d+(?:\.\d+)?", words):
        return float(words)
    if "半" in words:
        rest = words.replace("半", "")
        return (number(rest) if rest else 0) + 0.5
    whole, point, fraction = words.partition("点")
    if point:
        return float(f"{number(whole):g}.{''.join(str(_DIGITS.get(char, 0)) for char in fraction)}")
    head, ten_thousand, rest = words.partition("万")
    if ten_thousand:
        return _below_ten_thousand(head) * 10_000 + _below_ten_thousand(rest)
    return _below_ten_thousand(words)


def _below_ten_thousand(words: str) -> float:
    if words and all(char in _DIGITS for char in words):
        return float("".join(str(_DIGITS[char]) for char in words))
    total, digit = 0, 0
    for char in words:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS.get(char, 0)
    return float(total + digit)
