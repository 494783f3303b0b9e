"""Signs of danger are answered with safety first, wherever she is, and her words are never lost."""

import pytest

from tests.conversation.steps import at_review, open_case
from tests.talk import House, Talk

SAYINGS = {
    "老公又打我了": ("110", "12338"),
    "我不想活了": ("12356",),
    "我被强奸了": ("110", "别洗澡"),
    "我被锁在宿舍里出不去": ("110",),
    "他威胁要把我的裸照发出去": ("别转钱", "110"),
}


@pytest.mark.parametrize(("words", "parts"), SAYINGS.items())
async def test_the_first_reply_is_safety(talk: Talk, words: str, parts: tuple[str, ...]) -> None:
    await talk.says(words)
    talk.hears(*parts)
    first = talk.new[0]
    assert "《" not in first.text, "no law first"
    talk.sees_buttons("找工会帮我", "清除聊天")


async def test_a_suicidal_message_gets_no_law_at_all(talk: Talk) -> None:
    await talk.says("活着没意思，想从楼上跳下去")
    talk.hears("12356")
    talk.does_not_hear("条", "仲裁")


async def test_the_topic_comes_when_she_says_that_she_is_safe(talk: Talk) -> None:
    await talk.says("老公又打我了")
    await talk.taps("我现在安全，说说怎么办")
    talk.hears("保护令")


async def test_danger_inside_a_new_case_stays_in_the_draft_and_makes_it_urgent(talk: Talk) -> None:
    await at_review(talk)
    await talk.says("老公又打我了")
    assert "110" in talk.new[0].text
    talk.hears("请看一遍", "老公又打我了")
    draft = (await talk.session()).draft
    assert draft is not None and draft.urgent


async def test_danger_before_the_consent_waits_with_what_she_asked(talk: Talk) -> None:
    await talk.says("找工会帮我")
    await talk.says("老公又打我了")
    assert "110" in talk.new[0].text
    session = await talk.session()
    assert "老公又打我了" in session.asked
    assert session.draft is not None and session.draft.urgent and not session.draft.has_content


async def test_danger_inside_a_case_is_added_and_rings_urgently(talk: Talk, house: House) -> None:
    await open_case(talk)
    await house.bell()
    await talk.taps("补充")
    await talk.says("他又动手打我，我很害怕")
    assert "110" in talk.new[0].text
    talk.hears("已收到")
    [card] = await house.cases()
    assert card.urgent
    assert (card.promised_at - house.clock.now()).total_seconds() <= 30 * 60
    rung = await house.bell()
    assert any("紧急" in reply.text for reply in rung)
    assert not any("动手" in reply.text for reply in rung)


async def test_a_case_that_follows_a_danger_is_urgent(talk: Talk, house: House) -> None:
    await talk.says("老公又打我了")
    await talk.taps("找工会帮我")
    await open_case(talk, started=True)
    [card] = await house.cases()
    assert card.urgent


async def test_danger_during_the_phrase_is_not_taken_for_the_phrase(talk: Talk) -> None:
    await open_case(talk)
    await talk.taps("设口令")
    await talk.says("我不想活了")
    talk.hears("12356")
