"""Splitting, cutting and cleaning of replies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import TELEGRAM
from bot.channels.rendering import clean, cut_label, reachable, render, split, utf16_length
from bot.domain.reply import Button, Reply

TEXT = st.text(st.characters(codec="utf-16", exclude_categories=["Cs"]), max_size=400)


@given(TEXT, st.integers(4, 60))
def test_every_part_fits_and_only_white_space_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(1 <= utf16_length(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(TEXT)
def test_lengths_are_counted_as_utf_16_does(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2


def test_a_text_of_emoji_is_split_between_them_and_not_inside_a_pair() -> None:
    parts = split("🙂" * 5000, 4096)
    assert [len(part) for part in parts] == [2048, 2048, 904]
    assert all(part.encode("utf-16-le").decode("utf-16-le") == part for part in parts)


def test_a_joined_emoji_is_not_torn_apart() -> None:
    family = "👩\u200d👧"  # 5 units
    assert split(family * 3, 12) == [family * 2, family]


def test_a_long_answer_is_cut_at_the_end_of_a_paragraph() -> None:
    first, second = "甲" * 2500, "乙" * 2500
    assert split(f"{first}\n\n{second}", 4096) == [first, second]


def test_a_long_paragraph_is_cut_behind_a_sentence() -> None:
    parts = split("这是一句话。" * 1000, 4096)
    assert len(parts) == 2
    assert all(part.endswith("。") for part in parts)


def test_a_text_of_exactly_the_limit_stays_whole() -> None:
    assert split("字" * 4096, 4096) == ["字" * 4096]
    assert len(split("字" * 4097, 4096)) == 2


def test_the_heading_is_the_first_line_in_utf_16_units() -> None:
    (part,) = render(Reply("🌸怀孕被辞退\n单位不能因为您怀孕辞退您。", bold=True), TELEGRAM)
    assert part.bold == 7


def test_a_heading_that_is_the_whole_text_is_bold_to_its_end() -> None:
    (part,) = render(Reply("您好", bold=True), TELEGRAM)
    assert part.bold == 2


def test_without_a_heading_nothing_is_bold() -> None:
    assert render(Reply("第一行\n第二行"), TELEGRAM)[0].bold == 0


def test_buttons_stand_under_the_last_part_only() -> None:
    parts = render(Reply("字" * 5000, rows=((Button("依据", "d:law"),),), bold=True), TELEGRAM)
    assert [part.rows for part in parts] == [(), ((Button("依据", "d:law"),),)]
    assert parts[1].bold == 0


def test_an_action_over_64_bytes_is_never_shown_cut() -> None:
    fits, too_long = Button("好", "a" * 64), Button("坏", "章" * 22)
    (part,) = render(Reply("请选", rows=((fits, too_long),)), TELEGRAM)
    assert part.rows == ((fits,),)


def test_long_labels_are_cut_and_lose_their_line_breaks() -> None:
    label = cut_label("怀孕期间\n被公司" + "辞退" * 40, 40)
    assert len(label) == 40
    assert label.endswith("…")
    assert "\n" not in label


def test_a_keyboard_holds_no_more_than_the_channel_takes() -> None:
    rows = tuple((Button(f"{number}", f"n:{number}"),) for number in range(150))
    (part,) = render(Reply("请选", rows=rows), TELEGRAM)
    assert len(part.rows) == 100


@pytest.mark.parametrize(
    ("url", "leads_somewhere"),
    [
        ("https://bot.example.org/console/cases/x", True),
        ("http://192.0.2.7:8080/", True),
        ("http://127.0.0.1:8080/console/", False),
        ("http://localhost/console/", False),
        ("http://[::1]/x", False),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("http://[broken", False),
    ],
)
def test_links_to_this_machine_become_no_button(url: str, leads_somewhere: bool) -> None:
    assert reachable(url) is leads_somewhere
    (part,) = render(Reply("看", rows=((Button("打开", url=url),),)), TELEGRAM)
    assert bool(part.rows) is leads_somewhere


def test_a_repeated_message_ends_with_its_mark() -> None:
    (part,) = render(Reply("您好", bold=True), TELEGRAM, mark="（可能重复，编号 7）")
    assert part.text == "您好\n（可能重复，编号 7）"
    assert part.bold == 2


def test_control_characters_and_direction_marks_do_not_get_out() -> None:
    assert clean("a\x00b\x1b[31mc\u202ed\u2066e\r\nf\tg") == "ab[31mcde\nf g"


def test_half_a_surrogate_pair_is_replaced_and_a_whole_one_joined() -> None:
    assert clean("a\ud83d") == "a\ufffd"
    assert clean("\ud83d\ude42") == "🙂"


def test_a_reply_of_nothing_printable_gives_no_message() -> None:
    assert render(Reply("\x00\n \u202e"), TELEGRAM) == []


@given(st.text(max_size=300))
def test_whatever_the_text_the_parts_can_be_written_as_utf_8(text: str) -> None:
    for part in render(Reply(text, bold=True), TELEGRAM):
        part.text.encode("utf-8")
        assert part.bold <= utf16_length(part.text)
