"""Brings what people type into one form before it is compared with anything."""

from __future__ import annotations

import threading
import unicodedata
from functools import lru_cache
from typing import Any

LONGEST = 100_000
_LOCK = threading.Lock()


def simplify(text: str) -> str:
    """One width, lower case, simplified characters, no invisible characters; at most LONGEST characters.

    The dictionary for traditional characters is loaded only when a text is not plain GB 2312, which
    ordinary simplified text always is.
    """
    text = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()
    if not text.isprintable():
        text = "".join(char for char in text if char.isprintable() or char in "\n\t")
    return _to_simplified(text) if _may_hold_traditional(text) else text


def squash(text: str) -> str:
    """Letters and digits only, so that 自 杀, 自.杀 and 自🔪杀 read the same; expects simplified text."""
    return "".join(char for char in text if char.isalnum())


def _may_hold_traditional(text: str) -> bool:
    if text.isascii():
        return False
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return any("\u3400" <= char <= "\u9fff" and not _in_gb2312(char) for char in text)
    return False


@lru_cache(maxsize=4096)
def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc  # 3 MB of dictionaries, needed for few messages

    return opencc.OpenCC("t2s")


def _to_simplified(text: str) -> str:
    with _LOCK:  # the first load only; conversion itself is short
        return str(_converter().convert(text))
