"""Sends the weekly tip to who wants it: on its day, at decent hours, a batch at a time."""

import asyncio
import logging
from datetime import datetime

from bot.domain.clock import Clock
from bot.domain.errors import StoreBusy, StoreFull
from bot.domain.ports import Store
from bot.domain.weekly_tips import may_send
from bot.services.weekly_tips import AT_ONCE, TipsToSend, send_batch
from bot.workers.faults import what_and_where

log = logging.getLogger("safehouse.tips")

LOOK_EVERY_S = 300.0  # a start, a restart or a full disk costs no more than this of the day


class SendTips:
    """`run()` until cancelled. What was sent lies in the store: a restart goes on where it stopped."""

    def __init__(self, store: Store, content: TipsToSend, clock: Clock, *, at_once: int = AT_ONCE) -> None:
        self._store, self._content, self._clock = store, content, clock
        self._at_once = at_once

    async def run(self) -> None:
        """Look at the clock every few minutes."""
        while True:
            await self.send_due()
            await asyncio.sleep(LOOK_EVERY_S)

    async def send_due(self) -> int:
        """Queue everything that is due now; how many. Stops when the hours are over, or the store is full."""
        sent = 0
        try:
            while may_send(now := self._clock.now()) and (batch := await self._write_batch(now)):
                sent += batch
        except (StoreFull, StoreBusy) as error:
            log.warning("the weekly tips wait: %s", what_and_where(error))
        if sent:
            log.info("weekly tips queued: %d", sent)
        return sent

    async def _write_batch(self, now: datetime) -> int:
        return await self._store.write(lambda unit: send_batch(unit, self._content, now, self._at_once))
