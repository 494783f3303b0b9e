"""No telephone, identity number, e-mail or account survives masking, however it is written."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.masking import MASK, mask_identity

DIGITS = st.text(alphabet="0123456789", max_size=10)
PHONES = st.from_regex(r"\A1[3-9][0-9]{9}\Z")
SEPARATORS = st.sampled_from(["", " ", "-", " - ", ".", "\u200b", "·", "\u3000", "—", "/", "\ufe0f\u20e3"])
CHINESE = str.maketrans("0123456789", "零一二三四五六七八九")
WRITTEN = [
    str,
    lambda phone: "".join(chr(ord(digit) + 0xFEE0) for digit in phone),
    lambda phone: phone.translate(CHINESE),
    lambda phone: phone.translate(CHINESE).replace("一", "幺").replace("零", "〇"),
    lambda phone: "".join(chr(0x0660 + int(digit)) for digit in phone),
    lambda phone: "".join(chr(0x1D7D8 + int(digit)) for digit in phone),
]


def digits_of(text: str) -> str:
    """All digits of any script in a text, in their order."""
    chinese = dict(zip("零〇一二三四五六七八九幺", "00123456789" + "1", strict=True))
    found = []
    for char in text:
        if char in chinese:
            found.append(chinese[char])
        elif unicodedata.digit(char, None) is not None:
            found.append(str(unicodedata.digit(char)))
    return "".join(found)


@given(before=DIGITS, phone=PHONES, after=DIGITS)
@example("1390000", "13912345678", "")  # a mask that looks for phone shapes leaks this one
def test_no_phone_number_survives_masking(before: str, phone: str, after: str) -> None:
    assert phone not in mask_identity(before + phone + after)


@given(
    before=st.text(max_size=20),
    phone=PHONES,
    after=st.text(max_size=20),
    separator=SEPARATORS,
    every=st.integers(1, 5),
    written=st.sampled_from(WRITTEN),
)
def test_no_phone_survives_in_any_script_and_with_any_gaps(
    before, phone, after, separator, every, written
) -> None:
    shown = written(phone)
    spaced = separator.join(shown[at : at + every] for at in range(0, len(shown), every))
    masked = mask_identity(f"{before}我的电话{spaced}找我{after}")
    assert phone not in digits_of(masked.replace(before, "", 1)) or phone in digits_of(before + after)
    assert spaced not in masked


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("身份证64010119900101123X到期", "身份证＊＊＊到期"),
        ("邮箱 a.b+c@example.com 可以", "邮箱 ＊＊＊ 可以"),
        ("邮箱ma＠qq．com。谢谢", "邮箱＊＊＊。谢谢"),
        ("微信号：wxid_abc123 加我", "微信号：＊＊＊ 加我"),
        ("加v信 honey_2020", "加v信 ＊＊＊"),
        ("139 1234 5678", "＊＊＊"),
        ("一三九一二三四五六七八", "＊＊＊"),
    ],
)
def test_what_identifies_is_taken_out_and_nothing_more(text: str, kept: str) -> None:
    assert mask_identity(text) == kept


@pytest.mark.parametrize(
    "text", ["一个月三千五百块，干了3年4个月", "2026年11月22日欠薪", "第四十二条", "12351", "110和120", ""]
)
def test_what_identifies_nobody_stays_readable(text: str) -> None:
    expected = MASK if text == "12351" else text  # five digits: rather too much than too little
    assert mask_identity(text) == expected


@given(st.text(max_size=300))
def test_masking_is_done_once_and_for_all(text: str) -> None:
    once = mask_identity(text)
    assert mask_identity(once) == once
