"""How a transcript is arranged and written for the web."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.web_talk import arrange, dialled, read_order, write_order
from bot.channels.webchat import Words, read_raw
from bot.domain.incoming import FileKind, KeptFile
from bot.domain.ports_talk import TalkLine
from bot.domain.reply import Button, Reply

AT = datetime(2026, 11, 22, 6, tzinfo=UTC)
LAW, STEPS = Button("依据", "d:law"), Button("我该怎么做", "d:steps")


def _talk(*lines: str | Reply) -> list[TalkLine]:
    """Lines in order: text is hers, a Reply ours."""
    found, after = [], 0
    for seq, line in enumerate(lines, 1):
        if isinstance(line, str):
            after = seq
            found.append(TalkLine((seq, 0, seq), AT, line, None))
        else:
            found.append(TalkLine((after, 1, seq), AT, None, line))
    return found


def _words(lines: list[TalkLine]) -> list[str]:
    return [bubble.hers if bubble.reply is None else bubble.reply.text for bubble in arrange(lines)]  # type: ignore[misc]


def test_a_card_that_is_tapped_changes_in_place_and_the_tap_leaves_no_bubble() -> None:
    short, law = Reply("短答", ((LAW,),), card="a"), Reply("法条", ((STEPS,),), card="a")
    bubbles = arrange(_talk("我的问题", short, "依据", law))
    assert [bubble.hers or bubble.reply.text for bubble in bubbles] == ["我的问题", "法条"]  # type: ignore[union-attr]
    assert bubbles[1].live and bubbles[1].here and not bubbles[0].here
    assert bubbles[1].version != arrange(_talk("我的问题", short))[1].version


def test_typed_words_stay_even_where_the_same_card_answers() -> None:
    card = Reply("短答", ((LAW,),), card="a")
    assert _words(_talk("怀孕被辞退", card, "怀孕被开除", card)) == [
        "怀孕被辞退",
        "短答",
        "怀孕被开除",
        "短答",
    ]


def test_a_tap_that_leads_on_is_shown_as_her_words() -> None:
    card = Reply("短答", ((Button("找工会帮我", "o"),),), card="a")
    assert _words(_talk("问题", card, "找工会帮我", Reply("先说说"))) == [
        "问题",
        "短答",
        "找工会帮我",
        "先说说",
    ]


def test_a_card_that_comes_again_after_other_talk_stands_at_the_end() -> None:
    first, again = Reply("第一题", card="q"), Reply("第二题", card="q")
    shown = _words(_talk("竞答", first, "插一句", Reply("答"), "接着", again))
    assert shown == ["竞答", "第一题", "插一句", "答", "接着", "第二题"]


def test_only_the_answers_to_her_last_words_have_live_buttons() -> None:
    card = Reply("短答", ((LAW,),))
    live = [bubble.live for bubble in arrange(_talk("一", card, "二", card, card))]
    assert live == [False, False, False, True, True]


def test_a_tap_whose_label_is_not_known_is_not_shown() -> None:
    bubbles = arrange(_talk("（点了按钮）", Reply("首页")), "（点了按钮）")
    assert [bubble.hers for bubble in bubbles] == [None] and bubbles[0].here


@given(st.tuples(*[st.integers(0, 10**12)] * 3))
def test_places_survive_being_written(order: tuple[int, int, int]) -> None:
    assert read_order(write_order(order)) == order


@pytest.mark.parametrize("text", ["", "1.2", "a.b.c", "1.2.3.4", "-1.2.3", "٣.٣.٣", "1.2." + "9" * 40])
def test_a_forged_place_is_the_beginning(text: str) -> None:
    assert read_order(text) == (0, 0, 0)


@pytest.mark.parametrize(
    ("text", "dialled_numbers"),
    [
        ("正有危险，先打 110；受伤打 120。", ["110", "120"]),
        ("正在挨打：打 110，不是 12110。受伤打 120。", ["110", "120"]),
        ("打 12351 职工维权热线，或者 12348 法律援助", ["12351", "12348"]),
        ("产假 120 天，第110条，1,120 元，12351.5", []),
        ("<b>110</b>", []),
    ],
)
def test_hotlines_can_be_dialled_and_amounts_cannot(text: str, dialled_numbers: list[str]) -> None:
    html = str(dialled(text))
    assert re.findall(r'href="tel:(\d+)"', html) == dialled_numbers
    assert "<b>" not in html


def test_a_tap_is_marked_so_that_it_needs_no_receipt() -> None:
    card = Reply("短答", ((Button("找工会帮我", "o"),),), card="a")
    bubbles = arrange(_talk("问题", card, "找工会帮我", Reply("先说说")))
    assert [bubble.tapped for bubble in bubbles] == [False, False, True, False]


def test_what_is_kept_in_the_inbox_reads_back() -> None:
    words = Words(
        "话", None, (KeptFile("id", FileKind.PHOTO, 3, "a.png"), KeptFile("", FileKind.VOICE, 0, "", "x"))
    )
    assert read_raw(words.as_raw()) == words
