"""The worker of the weekly tips in a process of its own, on a Tuesday, for a test that kills it.

Arguments: the store's folder, then how many people one unit takes.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.conversation.turn import Organisation
from bot.domain.signals import Signals
from bot.services.weekly_tips import TipsToSend
from bot.workers.send_tips import SendTips
from knowledge.loader import DEFAULT_FOLDER, load_knowledge
from knowledge.wording import load_wording
from storage.sqlite import open_store
from tests.fakes import FrozenClock
from tests.taught import taught

TUESDAY = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # 11:00 in Yinchuan


async def run(folder: Path, at_once: int) -> None:
    clock = FrozenClock(TUESDAY)
    content = TipsToSend(
        taught(load_knowledge()), load_wording(DEFAULT_FOLDER), Organisation("工会", "安全屋", "12351")
    )
    async with open_store(f"sqlite:///{folder}/var/db", folder / "key", clock, Signals()) as store:
        await SendTips(store, content, clock, at_once=at_once).send_due()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2])))
