"""The fake Bot API must refuse what Telegram refuses, or the tests on it would prove nothing."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.fake_telegram.checks import METHODS
from tests.fake_telegram.server import FakeTelegram

HER = 1001


class Bot:
    """Bare calls over HTTP, as any client would make them."""

    def __init__(self, server: FakeTelegram, client: httpx.AsyncClient) -> None:
        self.server, self.client = server, client

    async def call(self, method: str, **fields: Any) -> dict[str, Any]:
        data = {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()
        }
        answer = await self.client.post(f"{self.server.base_url}{self.server.token}/{method}", data=data)
        said: dict[str, Any] = answer.json()
        assert said["ok"] is (answer.status_code == 200)
        return said

    async def refused(self, method: str, **fields: Any) -> str:
        said = await self.call(method, **fields)
        assert not said["ok"], said
        return f"{said['error_code']} {said['description']}"


@pytest_asyncio.fixture
async def bot() -> AsyncIterator[Bot]:
    async with FakeTelegram() as server, httpx.AsyncClient(trust_env=False, timeout=10) as client:
        server.user(HER)
        yield Bot(server, client)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"chat_id": HER}, '"text" is required'),
        ({"text": "x"}, '"chat_id" is required'),
        ({"chat_id": HER, "text": "x", "txet": "y"}, "unknown field"),
        ({"chat_id": HER, "text": "x", "entities": [{"type": "bold"}]}, '"offset" is required'),
        ({"chat_id": HER, "text": " \n "}, "text is empty"),
        ({"chat_id": HER, "text": "🙂" * 2049}, "too long"),
        ({"chat_id": HER, "text": "x", "disable_notification": 1}, "Boolean"),
        ({"chat_id": HER, "text": "x", "reply_markup": "{"}, "reply_markup"),
        ({"chat_id": 5, "text": "x"}, "chat not found"),
    ],
)
async def test_a_malformed_message_is_refused(bot: Bot, fields: dict[str, Any], why: str) -> None:
    said = await bot.refused("sendMessage", **fields)
    assert said.startswith("400 Bad Request")
    assert why in said


async def test_a_text_of_4096_units_is_taken(bot: Bot) -> None:
    assert (await bot.call("sendMessage", chat_id=HER, text="🙂" * 2048))["ok"]


@pytest.mark.parametrize(
    ("offset", "length", "sound"),
    [
        (0, 2, True),
        (0, 3, True),
        (0, 4, False),
        (1, 1, False),
        (0, 1, False),
        (2, 1, True),
        (-1, 2, False),
        (0, 0, False),
    ],
)
async def test_entities_are_measured_in_utf_16_and_tear_no_pair(
    bot: Bot, offset: int, length: int, sound: bool
) -> None:
    entities = [{"type": "bold", "offset": offset, "length": length}]
    assert (await bot.call("sendMessage", chat_id=HER, text="🙂字", entities=entities))["ok"] is sound


@pytest.mark.parametrize(
    ("button", "sound"),
    [
        ({"text": "好", "callback_data": "x" * 64}, True),
        ({"text": "好", "callback_data": "x" * 65}, False),
        ({"text": "好", "callback_data": "章" * 22}, False),
        ({"text": "好", "callback_data": ""}, False),
        ({"text": "好"}, False),
        ({"text": "", "callback_data": "x"}, False),
        ({"callback_data": "x"}, False),
        ({"text": "好", "callback_data": "x", "url": "https://a.example"}, False),
        ({"text": "好", "url": "https://a.example"}, True),
        ({"text": "好", "url": "http://127.0.0.1/"}, False),
        ({"text": "好", "color": "red", "callback_data": "x"}, False),
    ],
)
async def test_buttons_are_checked(bot: Bot, button: dict[str, Any], sound: bool) -> None:
    markup = {"inline_keyboard": [[button]]}
    assert (await bot.call("sendMessage", chat_id=HER, text="x", reply_markup=markup))["ok"] is sound


async def test_a_keyboard_of_more_than_100_buttons_is_refused(bot: Bot) -> None:
    row = [{"text": "x", "callback_data": "x"}]
    said = await bot.refused(
        "sendMessage", chat_id=HER, text="x", reply_markup={"inline_keyboard": [row] * 101}
    )
    assert "too long" in said


async def test_an_unknown_method_and_a_wrong_token_are_refused(bot: Bot) -> None:
    assert (await bot.refused("sendTelegram")).startswith("404")
    bot.server.token = "other"
    bot.server.token, known = "x:y", bot.server.token
    answer = await bot.client.post(f"{bot.server.base_url}{known}/getMe")
    assert answer.status_code == 401


async def test_edits_need_a_change_and_a_message_of_the_bot(bot: Bot) -> None:
    sent = (await bot.call("sendMessage", chat_id=HER, text="甲"))["result"]["message_id"]
    assert "not modified" in await bot.refused("editMessageText", chat_id=HER, message_id=sent, text="甲")
    assert (await bot.call("editMessageText", chat_id=HER, message_id=sent, text="乙"))["ok"]
    assert "to edit not found" in await bot.refused("editMessageText", chat_id=HER, message_id=999, text="乙")
    bot.server.user(HER).sends("她的")
    hers = bot.server.user(HER).sees()[-1].id
    assert "can't be edited" in await bot.refused("editMessageText", chat_id=HER, message_id=hers, text="乙")


async def test_deletions_skip_what_is_missing_or_two_days_old(bot: Bot) -> None:
    old = (await bot.call("sendMessage", chat_id=HER, text="旧"))["result"]["message_id"]
    bot.server.advance(48 * 3600 + 1)
    new = (await bot.call("sendMessage", chat_id=HER, text="新"))["result"]["message_id"]
    assert (await bot.call("deleteMessages", chat_id=HER, message_ids=[old, new, 999]))["ok"]
    assert bot.server.user(HER).sees().texts() == ["旧"]
    assert "can't be deleted" in await bot.refused("deleteMessage", chat_id=HER, message_id=old)
    assert "must be between" in await bot.refused(
        "deleteMessages", chat_id=HER, message_ids=list(range(1, 102))
    )


async def test_an_offset_confirms_and_removes_what_lies_before_it(bot: Bot) -> None:
    wang = bot.server.user(HER)
    first, second, third = (wang.sends(text) for text in "一二三")
    got = await bot.call("getUpdates")
    assert [update["update_id"] for update in got["result"]] == [first, second, third]
    assert bot.server.confirmed == []
    got = await bot.call("getUpdates", offset=third, limit=1)
    assert [update["update_id"] for update in got["result"]] == [third]
    assert bot.server.confirmed == [first, second]
    await bot.call("getUpdates", offset=-1)
    assert bot.server.confirmed == [first, second]


async def test_a_poll_waits_for_an_update_and_no_longer(bot: Bot) -> None:
    began = time.monotonic()
    poll = asyncio.create_task(bot.call("getUpdates", timeout=5))
    await asyncio.sleep(0.1)
    bot.server.user(HER).sends("醒醒")
    assert len((await poll)["result"]) == 1
    assert time.monotonic() - began < 2
    assert (await bot.call("getUpdates", offset=10**9, timeout=0))["result"] == []


async def test_of_two_pollers_the_older_one_gets_a_conflict(bot: Bot) -> None:
    older = asyncio.create_task(bot.call("getUpdates", timeout=5))
    await asyncio.sleep(0.1)
    newer = asyncio.create_task(bot.call("getUpdates", timeout=1))
    assert (await older)["error_code"] == 409
    assert (await newer)["ok"]


async def test_polling_beside_a_webhook_is_a_conflict(bot: Bot) -> None:
    await bot.call("setWebhook", url="http://127.0.0.1:9/x", secret_token="s")
    assert "webhook is active" in await bot.refused("getUpdates")
    assert (await bot.call("getWebhookInfo"))["result"]["url"] == "http://127.0.0.1:9/x"
    await bot.call("deleteWebhook")
    assert (await bot.call("getUpdates"))["ok"]


async def test_kinds_of_updates_that_were_not_asked_for_do_not_come(bot: Bot) -> None:
    await bot.call("getUpdates", allowed_updates=["callback_query"])
    bot.server.user(HER).sends("您好")
    assert (await bot.call("getUpdates"))["result"] == []


async def test_who_blocked_the_bot_cannot_be_written_to(bot: Bot) -> None:
    bot.server.user(HER).blocks()
    assert (
        await bot.refused("sendMessage", chat_id=HER, text="x")
        == "403 Forbidden: bot was blocked by the user"
    )
    bot.server.user(HER).unblocks()
    assert (await bot.call("sendMessage", chat_id=HER, text="x"))["ok"]


async def test_a_moved_group_names_its_new_id(bot: Bot) -> None:
    bot.server.group(-5)
    bot.server.migrate(-5, -1005)
    said = await bot.call("sendMessage", chat_id=-5, text="x")
    assert (said["error_code"], said["parameters"]) == (400, {"migrate_to_chat_id": -1005})


async def test_topics_are_made_closed_opened_and_deleted(bot: Bot) -> None:
    bot.server.group(-1005, forum=True)
    thread = (await bot.call("createForumTopic", chat_id=-1005, name="A"))["result"]["message_thread_id"]
    where = {"chat_id": -1005, "message_thread_id": thread}
    assert (await bot.call("sendMessage", text="x", **where))["result"]["message_thread_id"] == thread
    await bot.call("closeForumTopic", **where)
    assert "TOPIC_CLOSED" in await bot.refused("sendMessage", text="x", **where)
    await bot.call("reopenForumTopic", **where)
    assert "TOPIC_NOT_MODIFIED" in await bot.refused("reopenForumTopic", **where)
    await bot.call("deleteForumTopic", **where)
    assert "TOPIC_DELETED" in await bot.refused("sendMessage", text="x", **where)
    assert "thread not found" in await bot.refused(
        "sendMessage", chat_id=-1005, text="x", message_thread_id=99
    )
    assert "must be between" in await bot.refused("createForumTopic", chat_id=-1005, name="x" * 129)
    bot.server.group(-6)
    assert "not a forum" in await bot.refused("createForumTopic", chat_id=-6, name="x")


async def test_ordered_faults_come_once_and_in_order(bot: Bot) -> None:
    bot.server.faults.refuse("sendMessage", 500, "Internal Server Error")
    bot.server.faults.flood("sendMessage", 3)
    assert (await bot.refused("sendMessage", chat_id=HER, text="x")).startswith("500")
    assert (await bot.call("sendMessage", chat_id=HER, text="x"))["parameters"] == {"retry_after": 3}
    assert (await bot.refused("sendMessage", chat_id=HER, text="x")).startswith("429")
    assert len(bot.server.flood.broken_rests) == 1


async def test_a_cut_after_acting_leaves_the_message_there(bot: Bot) -> None:
    bot.server.faults.cut_after("sendMessage")
    with pytest.raises(httpx.RemoteProtocolError):
        await bot.call("sendMessage", chat_id=HER, text="到了")
    assert bot.server.user(HER).sees().texts() == ["到了"]


async def test_flood_control_of_chats_and_groups_can_be_turned_on(bot: Bot) -> None:
    bot.server.group(-1005)
    bot.server.flood.chat_burst, bot.server.flood.group_per_min = 3, 20
    hers = [await bot.call("sendMessage", chat_id=HER, text=f"{number}") for number in range(5)]
    group = [await bot.call("sendMessage", chat_id=-1005, text=f"{number}") for number in range(21)]
    assert [said["ok"] for said in hers] == [True] * 3 + [False] * 2
    assert [said["ok"] for said in group] == [True] * 20 + [False]


async def test_files_are_handed_out_up_to_20_mb(bot: Bot) -> None:
    small, big = bot.server.world.keep_file(b"abc"), bot.server.world.keep_file(b"x" * (20 * 1024 * 1024 + 1))
    path = (await bot.call("getFile", file_id=small))["result"]["file_path"]
    answer = await bot.client.get(f"{bot.server.base_file_url}{bot.server.token}/{path}")
    assert answer.content == b"abc"
    assert "file is too big" in await bot.refused("getFile", file_id=big)
    assert "wrong file_id" in await bot.refused("getFile", file_id="none")


async def test_every_method_of_the_table_is_spoken(bot: Bot) -> None:
    own = {"getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo"}
    assert {name for name in METHODS if name not in own and not hasattr(bot.server.methods, name)} == set()


async def test_a_transcript_prints_as_a_conversation(bot: Bot) -> None:
    wang = bot.server.user(HER)
    wang.sends("您好")
    markup = {
        "inline_keyboard": [
            [{"text": "依据", "callback_data": "d"}, {"text": "下一步", "callback_data": "n"}]
        ]
    }
    await bot.call("sendMessage", chat_id=HER, text="您好，请说", reply_markup=markup)
    assert str(wang.sees()) == "她: 您好\n安全屋: 您好，请说\n    [依据 | 下一步]"


async def test_it_hands_out_thousands_of_updates_a_second(bot: Bot) -> None:
    wang = bot.server.user(HER)
    for number in range(3000):
        wang.sends(f"{number}")
    got, offset = 0, 0
    while updates := (await bot.call("getUpdates", offset=offset))["result"]:
        got, offset = got + len(updates), updates[-1]["update_id"] + 1
    assert (got, len(bot.server.confirmed)) == (3000, 3000)
