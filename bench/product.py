"""The Telegram side of the product, put together for measuring: everything real but the pacing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.measure import ROOT
from bot.app import Content, House, load_content, open_house
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_api import TelegramApi, TelegramSettings
from bot.config import load_settings
from bot.domain.errors import Refused
from bot.domain.incoming import FileNote, KeptFile
from bot.workers.deliver_outbox import DeliverOutbox
from bot.workers.pacing import UNPACED
from bot.workers.process_inbox import ProcessInbox
from knowledge.index import FaqIndex
from knowledge.loader import Knowledge
from storage.sqlite import SqliteStore


@dataclass(frozen=True, slots=True)
class Product:
    """What a benchmark drives: `channel.run()` receives, the workers run already."""

    store: SqliteStore
    channel: TelegramChannel


@asynccontextmanager
async def telegram_product(
    folder: Path,
    settings: TelegramSettings,
    api: TelegramApi | None = None,
    change: Callable[[Knowledge], Knowledge] | None = None,
) -> AsyncIterator[Product]:
    """The house as configured, on a store of its own in `folder`, with Telegram over `api`."""
    own = {
        "SAFEHOUSE__STORAGE__URL": f"sqlite:///{folder}/data/bench.db",
        "SAFEHOUSE__STORAGE__KEY_FILE": f"{folder}/key/master.key",
    }
    configured = load_settings(ROOT / "config.yaml", own)
    content = load_content(configured)
    if change is not None:
        knowledge = change(content.knowledge)
        content = replace(content, knowledge=knowledge, index=FaqIndex.build(knowledge))
    async with open_house(configured, content=content) as house, api or TelegramApi(settings) as opened:
        for work in house.workers:  # the channel below has workers of its own
            work.close()
        channel = TelegramChannel(settings, opened, house.store, house.converse, content.wording, house.clock)
        async with _running(*_workers(house, channel, content)):
            yield Product(house.store, channel)
        await channel.close()


def _workers(house: House, channel: TelegramChannel, content: Content) -> list[Coroutine[Any, Any, None]]:
    inbox = ProcessInbox(
        house.store, house.converse, None, {channel.name: channel}, _refuse_file, house.clock, house.signals,
        words=content.wording.group,
    )  # fmt: skip
    house.converse.hand_over = inbox.hand_over
    return [inbox.run(), DeliverOutbox(house.store, channel, house.clock, house.signals, UNPACED).run()]


@asynccontextmanager
async def _running(*workers: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        started = [tasks.create_task(worker) for worker in workers]
        yield
        for task in started:
            task.cancel()


async def _refuse_file(data: bytes, note: FileNote, person_id: str) -> KeptFile:
    raise Refused("file_kind")
