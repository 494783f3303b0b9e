"""When Telegram does not do as we ask: who is told, in which words, and how long we wait."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram_api import TelegramApi, seconds_of
from bot.channels.telegram_group import StaffGroup
from bot.channels.telegram_translate import NAME
from bot.domain.clock import Clock
from bot.domain.errors import StoreBusy, StoreFull
from bot.domain.ports import Store, Unit
from bot.domain.reply import Lane, Reply
from bot.domain.signals import outbox_of
from knowledge.wording_group import GroupWords

log = logging.getLogger("safehouse.telegram")

ALARM = "alarm:telegram"  # the fact that the desk shows: "<what> <time>", "" when it is over
_TELL_AGAIN_S = 3600.0  # two programs that take turns would otherwise tell at every turn
_SENTENCES = {
    "conflict": "another program receives this bot's messages (409): if it is not yours, the token has "
    "leaked: renew it at BotFather",
    "webhook": "the bot's webhook was changed by somebody else: it is being set back; if it was not you, the "
    "token has leaked: renew it at BotFather",
    "token": "Telegram does not accept the bot token (401): set SAFEHOUSE_TELEGRAM_TOKEN to the present one",
}


class Trouble:
    """Remembers what is wrong now, so that each episode is told once. No sentence holds the token."""

    def __init__(
        self, api: TelegramApi, store: Store, group: StaffGroup, words: GroupWords, clock: Clock
    ) -> None:
        self._api = api
        self._store = store
        self._group = group
        self._clock = clock
        self._to_staff = {"conflict": words.alarm_conflict, "webhook": words.alarm_webhook}
        self._now: str | None = "unknown"  # an alarm from before a restart ends with the first success
        self._told_at: dict[str, float] = {}

    async def met(self, error: TelegramError, failures: int) -> None:
        """A call that receiving depends on failed for so many times in a row: tell, and wait."""
        match error:
            case Conflict():
                await self.alarm("conflict")
                if "webhook" in error.message.lower():  # not ours, in polling mode: take the messages back
                    await best_effort(self._api.bot.delete_webhook(drop_pending_updates=False))
                wait = min(1.0 * failures, 15.0)
            case InvalidToken():
                await self.alarm("token")
                wait = min(5.0 * failures, 60.0)
            case RetryAfter():
                wait = seconds_of(error)
            case _:
                if failures in (1, 10) or failures % 100 == 0:
                    log.warning("Telegram cannot be reached (%s, %d times)", type(error).__name__, failures)
                wait = min(0.5 * 2 ** min(failures, 10), 15.0)
        await asyncio.sleep(wait)

    async def alarm(self, what: str) -> None:
        """A fact for the desk; a line in the log and a message to the staff group at most once an hour."""
        if self._now == what:
            return
        self._now = what
        now, moment = self._clock.now(), self._clock.monotonic()
        fresh = moment - self._told_at.get(what, -_TELL_AGAIN_S) >= _TELL_AGAIN_S
        words = self._to_staff.get(what) if fresh and self._group.chat is not None else None
        if fresh:
            self._told_at[what] = moment
            log.error(_SENTENCES[what])

        def note(unit: Unit) -> None:
            unit.facts.put(ALARM, f"{what} {now.isoformat()}")
            if words is not None:
                unit.outbox.add(None, [Reply(words)], lane=Lane.URGENT, now=now, channel=NAME)
                unit.announce(outbox_of(NAME))

        await self.write_if_possible(note)

    async def over(self) -> None:
        """Telegram answers as it should."""
        if self._now is None:
            return
        if self._now != "unknown":
            log.info("Telegram answers again")
        self._now = None
        await self.write_if_possible(lambda unit: unit.facts.put(ALARM, ""))

    async def write_if_possible(self, work: Callable[[Unit], None]) -> None:
        """Write what nothing depends on; a full or locked store is for others to wait for."""
        try:
            await self._store.write(work)
        except (StoreFull, StoreBusy) as error:
            log.warning("a note about Telegram could not be kept: %s", type(error).__name__)


async def best_effort(call: Awaitable[object]) -> None:
    """Run a call that nothing depends on."""
    try:
        await call
    except TelegramError as error:
        log.info("a call that nothing depends on failed: %s", type(error).__name__)
