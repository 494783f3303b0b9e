"""The product on Telegram in a process of its own, for a test that kills it.

Settings come from the environment. Everything is the real thing but two: the pace (a fast one gets more
work under way when the kill comes) and the search (a plain one, so that a start costs little).
"""

import asyncio
import logging
from pathlib import Path

from bot.app import Content, open_house
from bot.config import load_settings
from bot.workers.deliver_outbox import DeliverOutbox
from bot.workers.pacing import Pacing
from knowledge.loader import DEFAULT_FOLDER, load_knowledge
from knowledge.wording import load_wording
from tests.fakes import PlainSearch

ROOT = Path(__file__).resolve().parents[2]
FAST = Pacing(per_s=400, burst=60, chat_per_s=50, chat_burst=20, group_per_s=20, group_burst=10)


async def run() -> None:
    """Until it is killed."""
    settings = load_settings(ROOT / "config.yaml")
    knowledge = load_knowledge(DEFAULT_FOLDER, settings.organisation.region)
    content = Content(knowledge, PlainSearch(knowledge), load_wording(DEFAULT_FOLDER))  # type: ignore[arg-type]
    async with open_house(settings, content=content) as house, asyncio.TaskGroup() as tasks:
        assert house.telegram is not None
        for work in house.workers:
            work.close()
        deliver = DeliverOutbox(house.store, house.telegram, house.clock, house.signals, FAST)
        for worker in (house.process, house.telegram, deliver):
            tasks.create_task(worker.run())


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(run())
