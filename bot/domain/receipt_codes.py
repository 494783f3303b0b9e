"""The code by which a case is continued from anywhere: 25 digits that look like a parcel number.

The number is divisible by seven, which finds 93 % of wrong or swapped digits without a lookup and leaves
80.2 random bits. Only a keyed hash of it is looked up in the store.
"""

import random
import re
import unicodedata
from dataclasses import dataclass

LENGTH = 25
GROUP = 5
_CHECK = 7
_DIGITS = re.compile(r"^[\s\-–—_.·,:：。，]*((?:\d[\s\-–—_.·,]*)+)(.*)$", re.DOTALL)
_NEARLY = range(20, 31)


def make_code(source: random.Random) -> str:
    """A new code; `source` must be a SystemRandom where it counts."""
    return str(source.randrange(10**LENGTH // _CHECK) * _CHECK).zfill(LENGTH)


def in_groups(code: str) -> str:
    """12345 67890 …, as it is shown."""
    return " ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


@dataclass(frozen=True, slots=True)
class TypedCode:
    """A text that is meant as a code, with the phrase that may follow it; `sound` says the check holds."""

    digits: str
    phrase: str
    sound: bool


def read_code(text: str) -> TypedCode | None:
    """The code in a typed text: spaces, dashes and full-width digits tolerated; None where it is none."""
    if len(text) > 200:
        return None
    found = _DIGITS.match(unicodedata.normalize("NFKC", text))
    if found is None:
        return None
    digits = "".join(str(unicodedata.digit(char)) for char in found[1] if char.isdigit())
    if len(digits) not in _NEARLY:
        return None
    sound = len(digits) == LENGTH and int(digits) % _CHECK == 0
    return TypedCode(digits, found[2].strip(), sound)
