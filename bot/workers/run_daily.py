"""The sweep that forgets old data, a few times a day; a clock that leaps stops it."""

import asyncio
import logging
from datetime import datetime, timedelta

from bot.domain.clock import Clock
from bot.domain.errors import StoreBusy, StoreFull
from bot.domain.ports import Store
from bot.services.erase_old_data import KeptFor, erase_old_data
from bot.workers.faults import what_and_where

log = logging.getLogger("safehouse.daily")

EVERY_S = 6 * 3600.0
_FIRST_AFTER_S = 60.0
_LEAP = timedelta(hours=1)


class RunDaily:
    """`run()` until cancelled."""

    def __init__(self, store: Store, kept_for: KeptFor, clock: Clock) -> None:
        self._store, self._kept_for, self._clock = store, kept_for, clock
        self._began: tuple[datetime, float] | None = None

    async def run(self) -> None:
        """Sweep soon after the start, then every six hours."""
        self._began = (self._clock.now(), self._clock.monotonic())
        await asyncio.sleep(_FIRST_AFTER_S)
        while True:
            await self.sweep()
            await asyncio.sleep(EVERY_S)

    async def sweep(self) -> bool:
        """One sweep; False where the wall clock cannot be believed or the store takes nothing now."""
        now = self._clock.now()
        if self._leapt(now):
            log.error("the clock leapt forward: nothing is forgotten until the program is started again")
            return False
        try:
            erased = await erase_old_data(self._store, self._kept_for, now)
        except (StoreFull, StoreBusy) as error:
            log.warning("the sweep waits: %s", what_and_where(error))
            return False
        log.info(
            "forgotten: %d sessions, %d people, %d cases, %d files",
            erased.sessions,
            erased.people,
            erased.cases,
            erased.files,
        )
        return True

    def _leapt(self, now: datetime) -> bool:
        """A clock set a year ahead would forget every case in one night."""
        if self._began is None:
            self._began = (now, self._clock.monotonic())
        wall, monotonic = self._began
        return now - wall > timedelta(seconds=self._clock.monotonic() - monotonic) + _LEAP
