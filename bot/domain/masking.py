"""Takes out of a text what could tell who somebody is: numbers, e-mail addresses, account names."""

import re
import unicodedata

MASK = "＊＊＊"
FEWEST = 5  # digits in a row that may belong to a telephone, an identity card, an account
_WIDEST_GAP = 3  # separators between two digits of one number: 138 - 0000 - 1234
_CHINESE = frozenset("零〇○一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖")
_LOOKALIKE = frozenset("oOlIｏＯ")  # an O for a nought, an l for a one, but only inside a number
_NAME = r"[A-Za-z0-9._%+\-Ａ-Ｚａ-ｚ０-９．＿－]"  # an address in ASCII or full width
_EMAIL = re.compile(rf"{_NAME}{{0,64}}\s?[@＠]\s?{_NAME}{{2,255}}")
_ACCOUNT = re.compile(
    r"(?i)((?:微信|薇信|威信|wechat|weixin|wx|vx|v信|qq|抖音|telegram|tg)(?:号|id)?[\s:：是为]{0,4})[a-z][-_a-z0-9.]{4,31}"
)


def mask_identity(text: str) -> str:
    """The text without e-mail addresses, account names, and runs of five digits or more in any script.

    Rather too much than too little: dates such as 2026-11-22 are masked too.
    """
    return _mask_runs(_ACCOUNT.sub(rf"\1{MASK}", _EMAIL.sub(MASK, text)))


def _mask_runs(text: str) -> str:
    pieces: list[str] = []
    done = 0
    for begin, end in _runs(text):
        pieces += [text[done:begin], MASK]
        done = end
    return "".join([*pieces, text[done:]])


def _runs(text: str) -> list[tuple[int, int]]:
    """Places of the runs to mask: digits of any script, with few separators between them."""
    found: list[tuple[int, int]] = []
    begin, end, digits, gap = -1, -1, 0, 0

    def close() -> None:
        if digits >= FEWEST:
            tail = end + 1 if text[end : end + 1] in ("X", "x", "Ｘ", "ｘ") else end
            found.append((begin, tail))

    for place, char in enumerate(text):
        if _is_digit(char) or (digits and char in _LOOKALIKE):
            begin = place if not digits else begin
            end, digits, gap = place + 1, digits + 1, 0
        elif digits and _separates(char) and (gap < _WIDEST_GAP or _is_invisible(char)):
            gap += 0 if _is_invisible(char) else 1
        else:
            close()
            begin, end, digits, gap = -1, -1, 0, 0
    close()
    return found


def _is_digit(char: str) -> bool:
    return char.isdigit() or char in _CHINESE or unicodedata.numeric(char, -1.0) in _SMALL


_SMALL = frozenset(float(number) for number in range(10))


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) in ("Cf", "Mn", "Me", "Cc")


def _separates(char: str) -> bool:
    return unicodedata.category(char)[0] in "ZPSMC"
