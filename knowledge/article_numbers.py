"""Article numbers of Chinese laws as integers."""

from __future__ import annotations

import re

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMBER = re.compile(r"第[（(]?([零〇一二三四五六七八九十百千两0-9]+)")


def number_of(article: str) -> int:
    """第四十二条 → 42, 附录第三条 → 3, 第二百七十六条之一 → 276; 0 when there is no number."""
    found = _NUMBER.search(article)
    if not found:
        return 0
    words = found.group(1)
    if words.isdigit():
        return int(words)
    total, digit = 0, 0
    for char in words:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS.get(char, 0)
    return total + digit
