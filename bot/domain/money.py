"""Sums of money as people write them, kept in fen."""

import re
import unicodedata
from decimal import Decimal

from bot.domain.errors import Refused

LARGEST_SUM_FEN = 10_000_000_000  # 一亿元: anything above is a slip of the keyboard
_LONGEST = 40  # characters
_UNITS = {"": 1, "千": 1_000, "万": 10_000, "w": 10_000}
_DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.[0-9]{1,6})?"
_SUM = re.compile(rf"(-)?¥?({_DIGITS})(千|万|w)?(?:元|块|块钱|rmb)?(?:整)?", re.IGNORECASE)

_OTHER_WAYS = str.maketrans(
    "〇○壹贰貳两兩叁叄肆伍陆陸柒捌玖拾佰仟萬圆圓毛负", "零零一二二二二三三四五六六七八九十百千万元元角-"
)
_NUMERALS = "零一二三四五六七八九"
_ONE = f"[1-9{_NUMERALS[1:]}]"
_BELOW_WAN = re.compile(
    rf"(?:(?P<千>{_ONE})千)?(?:零?(?P<百>{_ONE})百)?(?P<tens>零?(?P<十>{_ONE})?十)?(?P<gap>零)?(?P<ones>{_ONE})?"
)
_SPOKEN = re.compile(
    r"(?P<minus>-)?¥?(?:(?P<wan>[^万元块-]{1,9})万)?(?P<rest>[^万元块-]{0,9})"
    rf"(?:(?:元|块|块钱)(?:零?(?P<jiao>{_ONE})角)?(?:零?(?P<fen>{_ONE})分)?)?整?"
)
_SPOKEN_SHORT = re.compile(rf"[百千]{_ONE}")  # 八千四 is 8400: the last place is left out


def sum_in_fen(written: str) -> int:
    """8,400 · 8400元 · 1.2万 · ８４００ · 八千四百 · 一万二 → fen; empty is 0.

    Refused("amount"), Refused("amount_negative") or Refused("amount_range"); never a rounded guess: more
    than two decimals of a yuan are refused too.
    """
    plain = "".join(unicodedata.normalize("NFKC", written).split()).replace("，", ",").replace("。", ".")
    plain = plain.replace("−", "-").replace("－", "-")
    if not plain:
        return 0
    if len(plain) > _LONGEST:
        raise Refused("amount")
    found = _SUM.fullmatch(plain)
    if found is None:
        return _spoken(plain.translate(_OTHER_WAYS))
    minus, digits, unit = found.groups()
    return _in_range(bool(minus), Decimal(digits.replace(",", "")) * _UNITS[(unit or "").lower()] * 100)


def yuan(fen: int) -> str:
    """840000 → "8,400"; 840050 → "8,400.50"."""
    whole, rest = divmod(fen, 100)
    return f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"


def _in_range(minus: bool, fen: Decimal) -> int:
    if minus and fen:
        raise Refused("amount_negative")
    if fen != fen.to_integral_value():
        raise Refused("amount")
    if fen > LARGEST_SUM_FEN:
        raise Refused("amount_range")
    return int(fen)


def _spoken(plain: str) -> int:
    """A sum in Chinese numerals, also mixed with digits: 3千5百, 1万2000."""
    found = _SPOKEN.fullmatch(plain)
    if found is None or not (found["wan"] or found["rest"]):
        raise Refused("amount")
    wan, rest = found["wan"] or "", found["rest"]
    yuan_ = _below_wan(wan, digits=4) * 10_000 if wan else 0
    if wan and re.fullmatch(_ONE, rest):
        yuan_ += _digit(rest) * 1_000  # 一万二
    elif rest:
        yuan_ += _rest(rest, after_wan=bool(wan))
    return _in_range(
        bool(found["minus"]), Decimal(yuan_ * 100 + _digit(found["jiao"]) * 10 + _digit(found["fen"]))
    )


def _rest(text: str, *, after_wan: bool) -> int:
    """What is below ten thousand; a nought may lead only after 万."""
    if after_wan and re.fullmatch("[0-9]{4}", text):
        return int(text)
    if text == "零":
        return 0
    if text.startswith("零") and not after_wan:
        raise Refused("amount")
    return _below_wan(text.removeprefix("零"), digits=0)


def _below_wan(text: str, *, digits: int) -> int:
    """八千四百, 三百零五, 十二; plain digits up to so many."""
    if digits and re.fullmatch(f"[1-9][0-9]{{0,{digits - 1}}}", text):
        return int(text)
    found = _BELOW_WAN.fullmatch(text)
    if found is None or not text or text.endswith("零"):
        raise Refused("amount")
    ones = _digit(found["ones"])
    if _SPOKEN_SHORT.fullmatch(text[-2:]):
        ones *= 100 if text[-2] == "千" else 10
    tens = (_digit(found["十"]) or 1) * 10 if found["tens"] else 0
    return _digit(found["千"]) * 1_000 + _digit(found["百"]) * 100 + tens + ones


def _digit(char: str | None) -> int:
    if not char:
        return 0
    return int(char) if char.isascii() else _NUMERALS.index(char)
