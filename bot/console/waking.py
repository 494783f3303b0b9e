"""Streams that stay open: they look after every change and every few seconds, and end with the session."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from bot.console.guard import Visit, still_there
from bot.domain.staff import StaffMember
from bot.services.accounts import account_of

LOOK_AGAIN_S = 4.0  # whoever was disabled is out within five seconds


async def looks(visit: Visit, *names: str) -> AsyncIterator[tuple[StaffMember | None, bool]]:
    """Yields who is signed in, and whether one of the names was called: at first, after every call, and
    every few seconds. Nobody (None) ends it.
    """
    async with visit.deps.signals.listen(*names, account_of(visit.actor.id)) as changed:
        while True:
            called = changed.is_set()
            changed.clear()
            member = await still_there(visit.deps, visit.token)
            yield member, called
            if member is None:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), LOOK_AGAIN_S)
