"""Looks after the cases by the clock: silence, legal dates, partners who do not answer, calls back."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.domain.clock import Clock
from bot.domain.errors import StoreBusy, StoreFull
from bot.domain.ports import Store, Unit
from bot.workers.faults import what_and_where

log = logging.getLogger("safehouse.watch")

EVERY_S = 60.0
Sweep = Callable[[Unit, datetime], int]


class WatchCases:
    """`run()` until cancelled. Each sweep is one unit of work and says how much it did.

    A sweep looks at what is due at `now` and does it once, however often it runs: what was done is kept
    in the same unit.
    """

    def __init__(self, store: Store, clock: Clock, sweeps: Mapping[str, Sweep]) -> None:
        self._store, self._clock, self._sweeps = store, clock, sweeps

    async def run(self) -> None:
        """Once a minute."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> dict[str, int]:
        """Every sweep once; one that fails is told in the log and keeps none of the others back."""
        done: dict[str, int] = {}
        for name, sweep in self._sweeps.items():
            now = self._clock.now()
            try:
                done[name] = await self._store.write(lambda unit, run=sweep, at=now: run(unit, at))  # type: ignore[misc]
            except (StoreFull, StoreBusy) as error:
                log.warning("%s waits: %s", name, what_and_where(error))
            except Exception:  # the others must go on: silence may not fall silent
                log.exception("%s failed", name)
            else:
                if done[name]:
                    log.info("%s: %d", name, done[name])
        return done
