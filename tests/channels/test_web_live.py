"""The open page hears of what is new: server-sent events over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bot.channels.web_talk import read_order
from bot.domain.reply import Lane, Reply
from tests.web_house import Browser, WebHouse, web_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[WebHouse]:
    async with web_house(tmp_path) as opened:
        yield opened


@pytest.fixture
async def her(house: WebHouse) -> AsyncIterator[Browser]:
    async with house.browser() as browser:
        await browser.opens()
        yield browser


async def _events(answer: httpx.Response, count: int) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    event: dict[str, str] = {}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if line and not line.startswith(":"):
            event[name] = value
        elif event:
            found.append(event)
            event = {}
            if len(found) == count:
                break
    return found


async def _staff_writes(house: WebHouse, person: str, text: str) -> None:
    await house.store.write(
        lambda unit: unit.outbox.add(person, [Reply(text)], lane=Lane.REPLY, now=datetime.now(UTC))
    )
    claimed = await house.store.write(lambda unit: unit.outbox.claim("webchat", datetime.now(UTC), 10))
    out = claimed[-1]
    await house.chat.deliver(out)


async def test_a_message_from_staff_wakes_the_open_page(her: Browser, house: WebHouse) -> None:
    answer = await her.posts("/say", {"text": "等回复"}, x_chat="1")
    last, person = answer.headers["x-last"], await house.person(her)
    async with her.http.stream("GET", "/stream", params={"after": last}) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["x-accel-buffering"] == "no"
        waiting = asyncio.create_task(_events(stream, 1))
        await _staff_writes(house, person, "工会的回复")
        async with asyncio.timeout(10):
            (event,) = await waiting
    assert event["event"] == "talk" and read_order(event["id"]) > read_order(last)
    assert "工会的回复" in (await her.http.get("/talk")).text


async def test_what_was_missed_is_told_when_the_page_comes_back(her: Browser, house: WebHouse) -> None:
    await her.says("第一句")
    early = await her.http.get("/talk")
    await her.says("第二句")
    headers = {"last-event-id": early.headers["x-last"]}
    async with her.http.stream("GET", "/stream", headers=headers) as stream:
        async with asyncio.timeout(10):
            (event,) = await _events(stream, 1)
    assert event["id"] == (await her.http.get("/talk")).headers["x-last"]


async def test_leaving_in_one_tab_empties_the_others(her: Browser, house: WebHouse) -> None:
    answer = await her.posts("/say", {"text": "两个标签页"}, x_chat="1")
    async with her.http.stream("GET", "/stream", params={"after": answer.headers["x-last"]}) as stream:
        waiting = asyncio.create_task(_events(stream, 1))
        await asyncio.sleep(0)
        async with httpx.AsyncClient(base_url=house.url, cookies={"s": her.cookie}) as tab:
            await tab.post("/leave")
        async with asyncio.timeout(40):
            (event,) = await waiting
    assert event["event"] == "gone"


async def test_streams_end_when_the_house_closes(her: Browser, house: WebHouse) -> None:
    answer = await her.posts("/say", {"text": "你好"}, x_chat="1")
    async with her.http.stream("GET", "/stream", params={"after": answer.headers["x-last"]}) as stream:
        house.chat.close()
        async with asyncio.timeout(5):
            async for _ in stream.aiter_lines():
                pass


async def test_a_stream_for_nobody_is_empty_and_not_asked_for_again(her: Browser, house: WebHouse) -> None:
    assert (await her.http.get("/stream")).status_code == 204
    async with httpx.AsyncClient(base_url=house.url) as stranger:
        assert (await stranger.get("/stream")).status_code == 204
