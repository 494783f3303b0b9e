"""Webhook mode: 200 only for what is kept, nothing for a forger."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from bot.domain.errors import ConfigFaults, StoreFull
from tests.telegram_house import SECRET, House, open_house

HEADER = "X-Telegram-Bot-Api-Secret-Token"
UPDATE: dict[str, Any] = {
    "update_id": 77,
    "message": {
        "message_id": 1,
        "date": 1,
        "chat": {"id": 1001, "type": "private"},
        "from": {"id": 1001},
        "text": "在吗",
    },
}


@asynccontextmanager
async def open_webhook(folder: Path, **settings: Any) -> AsyncIterator[tuple[House, str]]:
    """A house that Telegram reaches over real HTTP; its address beside it."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        url = f"http://127.0.0.1:{port}/telegram/webhook"
        async with open_house(
            folder, mode="webhook", webhook_url=url, webhook_secret=SECRET, **settings
        ) as house:
            app = Starlette(routes=house.channel.routes())
            server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
            serving = asyncio.create_task(server.serve([listening]))
            try:
                yield house, url
            finally:
                await house.stop()
                house.server._set_webhook(None)
                server.should_exit = True
                with suppress(asyncio.CancelledError):
                    await serving


async def test_updates_come_by_webhook_and_are_answered(tmp_path: Path) -> None:
    async with open_webhook(tmp_path) as (house, url):
        house.start()
        await house.until(lambda: house.server.webhook)
        assert house.server.webhook is not None
        assert (house.server.webhook["url"], house.server.webhook["secret_token"]) == (url, SECRET)
        wang = house.server.user(1001)
        numbers = [wang.sends(f"第{place}句") for place in range(3)]
        await house.until(lambda: len(wang.sees().texts()) == 3)
        assert house.server.confirmed == numbers
        assert not house.server.sent("getUpdates")


@pytest.mark.parametrize("secret", [None, "", "wrong" * 8, SECRET[:-1], SECRET + "x"])
async def test_without_the_secret_nothing_gets_in(tmp_path: Path, secret: str | None) -> None:
    async with open_webhook(tmp_path) as (house, url), httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(url, json=UPDATE, headers={} if secret is None else {HEADER: secret})
        assert answer.status_code == 403
        assert (await house.counts())["inbox_pending"] == 0


async def test_a_replayed_update_makes_no_second_row(tmp_path: Path) -> None:
    async with open_webhook(tmp_path) as (house, url), httpx.AsyncClient(trust_env=False) as client:
        for _ in range(5):
            assert (await client.post(url, json=UPDATE, headers={HEADER: SECRET})).status_code == 200
        assert (await house.counts())["inbox_pending"] == 1


async def test_200_is_not_answered_while_nothing_can_be_kept(tmp_path: Path) -> None:
    async with open_webhook(tmp_path) as (house, url), httpx.AsyncClient(trust_env=False) as client:
        house.server.user(1001)
        house.answers.full = StoreFull("full")
        assert (await client.post(url, json=UPDATE, headers={HEADER: SECRET})).status_code == 503
        house.answers.full = None
        assert (await client.post(url, json=UPDATE, headers={HEADER: SECRET})).status_code == 200
        assert (await house.counts())["inbox_pending"] == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b" " * (1024 * 1024 + 1), 413),
        (b"[]", 200),
        (b'"x"', 200),
    ],
    ids=["no json", "no utf-8", "deep", "too long", "a list", "a text"],
)
async def test_odd_bodies_are_refused_or_kept_aside(tmp_path: Path, body: bytes, code: int) -> None:
    async with open_webhook(tmp_path) as (house, url), httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(url, content=body, headers={HEADER: SECRET})).status_code == code
        house.start("process")
        kept = 1 if code == 200 else 0
        await house.until_stored(lambda unit: unit.inbox.counts()["set_aside"] == kept)


async def test_a_changed_webhook_is_set_back_and_told(tmp_path: Path) -> None:
    async with open_webhook(tmp_path, watch_s=0.05) as (house, url):
        house.start()
        await house.until(lambda: house.server.webhook)
        house.server._set_webhook({"url": "http://127.0.0.1:9/thief"})
        await house.until(lambda: (house.server.webhook or {}).get("url") == url)
        await house.until_stored(lambda unit: unit.facts.get("alarm:telegram") is not None)


async def test_webhook_mode_without_a_long_secret_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigFaults, match="SAFEHOUSE_TELEGRAM_WEBHOOK_SECRET"):
        async with open_house(
            tmp_path, mode="webhook", webhook_url="https://x.example", webhook_secret="short"
        ):
            pass


async def test_in_polling_mode_there_is_no_route(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        assert house.channel.routes() == []


async def test_the_raw_update_is_kept_as_it_came(tmp_path: Path) -> None:
    async with open_webhook(tmp_path) as (house, url), httpx.AsyncClient(trust_env=False) as client:
        await client.post(url, json=UPDATE | {"new_field": 1}, headers={HEADER: SECRET})
        (row,) = await house.store.read(lambda unit: unit.inbox.pending(5))
        assert json.loads(row.raw) == UPDATE | {"new_field": 1}
