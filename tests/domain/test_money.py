"""Sums as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Refused
from bot.domain.money import LARGEST_SUM_FEN, sum_in_fen, yuan

FEN = st.integers(min_value=0, max_value=LARGEST_SUM_FEN)


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("8400", 840_000), ("8,400", 840_000), ("8，400元", 840_000), ("８４００", 840_000),
        ("8400.5", 840_050),
        ("¥8,400.00", 840_000), ("￥8400", 840_000), ("1.2万", 1_200_000), ("１．２万元", 1_200_000),
        ("12 000 元整", 1_200_000), ("3千", 300_000), ("3W", 3_000_000), ("0", 0), ("", 0), ("  ", 0),
        ("-0", 0),
        ("0.01", 1), ("1,234,567.89元", 123_456_789), ("8400块钱", 840_000), ("1亿", None), ("1万亿", None),
        ("84,00", None), ("8,4000", None), ("0.001", None), ("1e5", None),
        ("八千四百", 840_000), ("八千四", 840_000), ("八千零四", 800_400), ("捌仟肆佰元整", 840_000),
        ("一万二", 1_200_000), ("1万2", 1_200_000), ("1万2000元", 1_200_000), ("两千块钱", 200_000),
        ("十二万", 12_000_000), ("一百零五", 10_500), ("三百五", 35_000), ("八千四百元五角", 840_050),
        ("零", 0), ("八四零零", None), ("零五", None), ("一万20", None), ("八千多", None), ("元", None),
        ("百", None), ("一亿", None), ("八块五", None), ("8400美元", None),
        ("8400-9000", None), ("约8400", None), ("nan", None), ("8400 元 2", None), ("=1+1", None),
    ],
)  # fmt: skip
def test_a_sum_is_read_as_it_is_meant_or_refused(written, fen):
    if fen is None:
        with pytest.raises(Refused) as refused:
            sum_in_fen(written)
        assert refused.value.reason == "amount"
    else:
        assert sum_in_fen(written) == fen


@pytest.mark.parametrize("written", ["-5", "−5元", "－8,400", "-1.2万", "负八百", "－八千四百"])
def test_a_negative_sum_is_refused_as_such(written):
    with pytest.raises(Refused) as refused:
        sum_in_fen(written)
    assert refused.value.reason == "amount_negative"


@pytest.mark.parametrize("written", ["100000000.01", "999999999999", "10001万"])
def test_an_absurd_sum_is_refused_as_such(written):
    with pytest.raises(Refused) as refused:
        sum_in_fen(written)
    assert refused.value.reason == "amount_range"


@given(fen=FEN)
def test_what_the_desk_writes_the_desk_reads(fen):
    assert sum_in_fen(yuan(fen)) == fen
    assert sum_in_fen(yuan(fen) + "元") == fen
    full_width = yuan(fen).translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789,."})
    assert sum_in_fen(full_width) == fen


@given(fen=FEN.map(lambda fen: fen // 10_000 * 10_000))
def test_ten_thousands_are_exact(fen):
    assert sum_in_fen(f"{fen / 1_000_000:.4f}万") == fen


@given(number=st.integers(min_value=1, max_value=9_999), wan=st.integers(min_value=0, max_value=9_999))
def test_every_sum_in_full_chinese_numerals_is_read_exactly(number, wan):
    spelt = (_spelt(wan) + "万" if wan else "") + ("零" if wan and number < 1000 else "") + _spelt(number)
    assert sum_in_fen(spelt + "元") == (wan * 10_000 + number) * 100


def _spelt(number: int) -> str:
    """A number below ten thousand as it is written out: 8004 → 八千零四."""
    digits, out = f"{number:04d}", ""
    for digit, place in zip(digits, "千百十 ", strict=True):
        if digit != "0":
            out += "零一二三四五六七八九"[int(digit)] + place.strip()
        elif out and not out.endswith("零"):
            out += "零"
    return out.rstrip("零")


@given(text=st.text(max_size=60))
def test_any_text_gives_a_sum_in_range_or_a_named_refusal(text):
    try:
        assert 0 <= sum_in_fen(text) <= LARGEST_SUM_FEN
    except Refused as refused:
        assert refused.reason in {"amount", "amount_negative", "amount_range"}
