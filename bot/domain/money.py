"""Sums of money as people write them, kept in fen."""

import re
import unicodedata
from decimal import Decimal

from bot.domain.errors import Refused

LARGEST_SUM_FEN = 10_000_000_000  # 一亿元: anything above is a slip of the keyboard
_UNITS = {"": 1, "千": 1_000, "万": 10_000, "w": 10_000}
_DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.[0-9]{1,6})?"
_SUM = re.compile(rf"(-)?[¥]?({_DIGITS})(千|万|w)?(?:元|块|块钱|rmb)?(?:整)?", re.IGNORECASE)


def sum_in_fen(written: str) -> int:
    """8,400 · 8400元 · 1.2万 · ８４００ → fen; empty is 0.

    Refused("amount"), Refused("amount_negative") or Refused("amount_range"); never a rounded guess: more
    than two decimals of a yuan are refused too.
    """
    plain = "".join(unicodedata.normalize("NFKC", written).split()).replace("，", ",").replace("。", ".")
    plain = plain.replace("−", "-").replace("－", "-")
    if not plain:
        return 0
    found = _SUM.fullmatch(plain) if len(plain) <= 40 else None
    if found is None:
        raise Refused("amount")
    minus, digits, unit = found.groups()
    fen = Decimal(digits.replace(",", "")) * _UNITS[(unit or "").lower()] * 100
    if minus and fen:
        raise Refused("amount_negative")
    if fen != fen.to_integral_value():
        raise Refused("amount")
    if fen > LARGEST_SUM_FEN:
        raise Refused("amount_range")
    return int(fen)


def yuan(fen: int) -> str:
    """840000 → "8,400"; 840050 → "8,400.50"."""
    whole, rest = divmod(fen, 100)
    return f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"
