"""Whatever comes in, in any state of the talk, gets an answer a person understands."""

import asyncio
import re
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversation.session import Place
from tests.conversation.steps import at_level, at_review, open_case
from tests.fakes import FrozenClock
from tests.talk import House, Talk, open_house

NASTY = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="0123456789０１２３٤٥ -–", max_size=40),
    st.sampled_from(
        [
            "",
            " ",
            "\x00\x07",
            "\u202e\u2066翻转",
            "\ud7ff",
            "😭" * 50,
            "%s%n{0}{x}{{",
            "<script>alert(1)</script>",
            "'; DROP TABLE cases;--",
            "../../../etc/passwd",
            "=cmd|' /C calc'!A0",
            "t:pregnancy-dismissal",
            "o:submit",
            "是",
            "不",
            "取消",
            "返回",
            "重新开始",
            "清除",
            "别回",
            "跳过",
            "不知道",
            "说完了",
            "1",
            "99",
            "A",
            "ABCDE",
            "同意",
            "提交",
            "匿名",
            "\n" * 500,
            "啊" * 5000,
            "老公又打我了",
            "我不想活了",
            "a" * 5000,
            "T̶̡̛h̸e̷",
            "ﷺ" * 100,
            "1234567890123456789012345",
            "\ufeff\u200b",
            "None",
            "null",
            "NaN",
            "true",
        ]
    ),
)
ACTIONS = st.one_of(
    st.text(max_size=70),
    st.from_regex(r"\A(m|s|t|d|h|n|x|o|c|k|p|r|l|w|b|a)(:[a-z0-9-]{1,12}){0,4}\Z"),
    st.sampled_from(
        ["o:yes:processing", "o:no:carried", "o:level:named", "o:edit:wish", "k:start", "c:list", "p:clear"]
    ),
)


async def at_home(talk: Talk) -> None:
    await talk.starts()


async def at_consent(talk: Talk) -> None:
    await talk.says("找工会帮我")


async def telling(talk: Talk) -> None:
    await at_level(talk)
    await talk.taps("匿名")


async def at_employer(talk: Talk) -> None:
    await telling(talk)
    await talk.says("她说")
    await talk.taps("说完了")
    await talk.taps("跳过")
    await talk.taps("金凤区")


async def editing(talk: Talk) -> None:
    await at_review(talk)
    await talk.taps("改希望")


async def after_receipt(talk: Talk) -> None:
    await open_case(talk)


async def in_case(talk: Talk) -> None:
    await open_case(talk)
    await talk.taps("补充")


async def setting_phrase(talk: Talk) -> None:
    await open_case(talk)
    await talk.taps("设口令")


async def withdrawing(talk: Talk) -> None:
    await open_case(talk)
    await talk.says("我的事")
    await talk.taps("撤回")


async def entering_code(talk: Talk) -> None:
    await talk.acts("c:enter")


async def in_contest(talk: Talk) -> None:
    await talk.acts("k:go")


STATES = {
    at_home: Place.HOME,
    at_consent: Place.OPENING,
    at_level: Place.OPENING,
    telling: Place.OPENING,
    at_employer: Place.OPENING,
    at_review: Place.OPENING,
    editing: Place.OPENING,
    after_receipt: Place.TYPE_BACK,
    in_case: Place.IN_CASE,
    setting_phrase: Place.SET_PHRASE,
    withdrawing: Place.WITHDRAWING,
    entering_code: Place.CODE,
    in_contest: Place.HOME,
}


def check(talk: Talk) -> None:
    """As check_buttons, and nothing of the program shows."""
    check_buttons(talk)
    for reply in talk.new:
        assert not re.search(r"\{[a-z_]+\}|Traceback|<bot\\.", reply.text)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_any_text_in_any_state_is_answered(tmp_path: Path, knowledge, wording, search, state) -> None:
    async def walked(house: House, texts: list[str], taps: list[str]) -> None:
        talk = house.worker()
        await state(talk)
        assert (await talk.session()).place is STATES[state]
        for text, tap in zip_longest(texts, taps):
            if text is not None:
                await talk.says(text)
                check_buttons(talk)
            if tap is not None:
                await talk.acts(tap)
                check_buttons(talk)
        await talk.says("菜单")
        talk.hears("您遇到了什么事")
        check(talk)

    with asyncio.Runner() as runner:
        opened = open_house(tmp_path, knowledge, wording, search, FrozenClock())
        house = runner.run(opened.__aenter__())

        @given(texts=st.lists(NASTY, min_size=1, max_size=6), taps=st.lists(ACTIONS, max_size=4))
        @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
        def walk(texts: list[str], taps: list[str]) -> None:
            runner.run(walked(house, texts, taps))

        try:
            walk()
        finally:
            runner.run(opened.__aexit__(None, None, None))


def check_buttons(talk: Talk) -> None:
    """Some answer, no empty one, and every button could be sent by Telegram."""
    assert talk.new
    for reply in talk.new:
        assert reply.text.strip()
        for button in reply.buttons():
            assert button.label.strip() and (button.url or len(button.action.encode()) <= 64)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_every_command_works_in_every_state(talk: Talk, state) -> None:
    await state(talk)
    for command in ("帮助", "隐私", "返回", "取消", "菜单", "重新开始", "别回", "清除"):
        await talk.says(command)
        check(talk)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_danger_is_answered_first_in_every_state(talk: Talk, state) -> None:
    await state(talk)
    await talk.says("老公又打我了，救救我")
    assert "110" in talk.new[0].text
    check(talk)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_files_and_empty_messages_are_answered_in_every_state(talk: Talk, state) -> None:
    await state(talk)
    for refused in (None, "file_too_big"):
        await talk.sends(refused=refused)
        check(talk)
    await talk.says("")
    check(talk)
