"""The receipt code: long enough, ordinary to look at, forgiving to type."""

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.receipt_codes import LENGTH, in_groups, make_code, read_code

CODES = st.integers(0, 10**LENGTH // 7 - 1).map(lambda number: f"{7 * number:025d}")


def test_a_code_has_eighty_random_bits() -> None:
    assert math.log2(10**LENGTH // 7) > 80
    source = random.Random(1)
    codes = {make_code(source) for _ in range(1000)}
    assert len(codes) == 1000
    assert all(len(code) == LENGTH and code.isdecimal() for code in codes)


@given(
    CODES,
    st.sampled_from([" ", "-", "", "  ", " - ", "\n", "\u3000", "."]),
    st.booleans(),
    st.text(max_size=10),
)
def test_it_is_read_however_it_is_typed(code: str, separator: str, wide: bool, tail: str) -> None:
    shown = in_groups(code).replace(" ", separator)
    if wide:
        shown = "".join(chr(ord(char) + 0xFEE0) if char.isdecimal() else char for char in shown)
    typed = read_code(f" {shown} ")
    assert typed is not None and typed.sound and typed.digits == code and typed.phrase == ""


@given(CODES, st.sampled_from(["石榴花开了", "my own phrase", "口令"]))
def test_a_phrase_may_follow(code: str, phrase: str) -> None:
    typed = read_code(f"{in_groups(code)} {phrase}")
    assert typed is not None and (typed.digits, typed.phrase) == (code, phrase)


def test_most_slips_are_found_without_asking_the_store() -> None:
    source = random.Random(2)
    slips = found = 0
    for _ in range(400):
        code = make_code(source)
        at = source.randrange(LENGTH - 1)
        changed = code[:at] + str((int(code[at]) + source.randrange(1, 10)) % 10) + code[at + 1 :]
        swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
        for slip in {changed, swapped} - {code}:
            slips += 1
            typed = read_code(slip)
            found += typed is not None and not typed.sound
    assert found / slips > 0.9


@given(st.text(max_size=250))
def test_any_text_is_read_without_an_error(text: str) -> None:
    typed = read_code(text)
    assert typed is None or typed.digits.isdecimal()


def test_sentences_and_telephones_are_no_codes() -> None:
    for text in ("我的电话13912345678", "13912345678", "2026年11月22日", "", "没有码"):
        assert read_code(text) is None
