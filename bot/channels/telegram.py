"""The Telegram channel: updates are kept before Telegram forgets them, replies come from the outbox.

Polling: a batch is committed to the inbox, and only then does the next poll confirm it. Webhook: 200 is
answered after the commit. Both ways twice is the same as once.
"""

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import BotCommand
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram_api import TelegramApi, TelegramSettings, seconds_of
from bot.channels.telegram_group import StaffGroup
from bot.channels.telegram_send import Sender
from bot.channels.telegram_translate import ALLOWED_UPDATES, ELSEWHERE, NAME, Place, Translator
from bot.domain.clock import Clock
from bot.domain.errors import ConfigFaults, Refused, StoreBusy, StoreFull
from bot.domain.incoming import Address, FileNote, GroupIncoming, Incoming
from bot.domain.kill_points import pass_kill_point
from bot.domain.ports import Delivery, Outgoing, Received, Store, Unit
from bot.domain.reply import Lane, Reply
from bot.domain.signals import outbox_of
from knowledge.wording import Wording

log = logging.getLogger("safehouse.telegram")

MAX_FILE = 20 * 1024 * 1024  # the Bot API hands out no larger file
MAX_BODY = 1024 * 1024
SHORTEST_SECRET = 32
_OFFSET = "telegram_offset"  # "<bot id> <offset> <time>"
_ALARM = "alarm:telegram"  # "<what> <time>", "" when it is over
# After a week without updates Telegram starts a new numbering; an old offset would then throw updates away.
_OFFSET_LIVES = timedelta(days=6)
_ALARM_AGAIN_S = 3600.0  # two programs that take turns would otherwise alarm at every turn
_ERRANDS = 200


class Receives(Protocol):
    """What the channel needs of the conversation: keep raw updates, durably."""

    async def receive(
        self, channel: str, updates: Sequence[tuple[str, Address, bytes]]
    ) -> Sequence[Received]: ...


class TelegramChannel:
    """Fulfils ports.Channel. Open it with `open_telegram`, run `run()`, and mount `routes()`."""

    name = NAME

    def __init__(
        self,
        settings: TelegramSettings,
        api: TelegramApi,
        store: Store,
        converse: Receives,
        wording: Wording,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._api = api
        self._store = store
        self._converse = converse
        self._words = wording.group
        self._clock = clock
        self._group = StaffGroup(api, store, wording, settings.staff_group)
        self._sender = Sender(api, store, self._group, wording.group)
        commands = {name: command.says for name, command in wording.group.commands.items()}
        self._translator = Translator(settings.bot_id, settings.staff_group, commands)
        self._errands: set[asyncio.Task[None]] = set()
        self._told: dict[int, float] = {}  # chat -> when she was told that nothing can be kept
        self._alarm: str | None = None
        self._alarmed_at: dict[str, float] = {}

    # ── ports.Channel ──

    def translate(self, received: Received, sender: Address) -> Incoming | GroupIncoming | None:
        """See ports.Channel; UnreadableUpdate for what is no update of the Bot API."""
        return self._translator.translate(received, sender)

    async def fetch(self, note: FileNote) -> bytes:
        """Bytes of a file; Refused where it cannot be had, ConnectionError where it may be had later."""
        if (note.size or 0) > MAX_FILE:
            raise Refused("file_too_big")
        try:
            file = await self._api.bot.get_file(note.source)
            if (file.file_size or 0) > MAX_FILE:
                raise Refused("file_too_big")
            data = bytes(await file.download_as_bytearray(read_timeout=60))
        except BadRequest as error:
            big = "too big" in error.message.lower()
            raise Refused("file_too_big" if big else "file_unavailable") from None
        except TelegramError as error:  # its traceback holds the address of the file, token and all
            raise ConnectionError(type(error).__name__) from None
        if len(data) > MAX_FILE:
            raise Refused("file_too_big")
        return data

    async def deliver(self, out: Outgoing) -> Delivery:
        """See ports.Channel."""
        delivery = await self._sender.deliver(out)
        self._translator.staff_group = self._group.chat
        return delivery

    # ── life ──

    async def run(self) -> None:
        """Receive until cancelled."""
        await self._group.load()
        self._translator.staff_group = self._group.chat
        await self._until_it_works(self._introduce)
        if self._settings.mode == "webhook":
            await self._watch_webhook()
        else:
            await self._poll()

    def routes(self) -> list[Route]:
        """The webhook's route in webhook mode, none otherwise."""
        if self._settings.mode != "webhook":
            return []
        return [Route(self._settings.webhook_path, self.webhook, methods=["POST"])]

    async def close(self) -> None:
        """End what is still under way."""
        for errand in tuple(self._errands):
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)

    async def _introduce(self) -> None:
        if self._settings.mode == "webhook":
            await self._set_webhook()
        else:
            await self._api.bot.delete_webhook(drop_pending_updates=False)
        menu = [BotCommand(name, command.about) for name, command in self._words.commands.items()]
        await self._api.bot.set_my_commands(menu)

    async def _set_webhook(self) -> None:
        await self._api.bot.set_webhook(
            self._settings.webhook_url,
            secret_token=self._settings.webhook_secret,
            allowed_updates=list(ALLOWED_UPDATES),
            drop_pending_updates=False,
        )

    async def _until_it_works(self, act: Callable[[], Awaitable[None]]) -> None:
        failures = 0
        while True:
            try:
                await act()
                return
            except TelegramError as error:
                failures += 1
                await self._trouble(error, failures)

    # ── polling ──

    async def _poll(self) -> None:
        offset = await self._kept_offset()
        failures, moved = 0, False
        while True:
            asked_at = self._clock.monotonic()
            try:
                updates = await self._api.get_updates(offset, ALLOWED_UPDATES)
            except TelegramError as error:
                failures += 1
                await self._trouble(error, failures)
                continue
            if moved:
                pass_kill_point("offset_moved")
            failures, moved = 0, False
            await self._all_is_well()
            if not updates:
                if self._clock.monotonic() - asked_at < min(1, self._settings.poll_s / 2):
                    await asyncio.sleep(0.5)  # a server that does not hold polls open
                continue
            if await self._keep(updates):
                pass_kill_point("inbox_committed")
                offset, moved = await self._move_offset(updates, offset), True

    async def _kept_offset(self) -> int | None:
        """Where to go on. None, everything unconfirmed, where the kept one may be of another numbering."""
        kept = await self._store.read(lambda unit: unit.facts.get(_OFFSET))
        bot, offset, at = (kept or "").split(" ") if kept else ("", "", "")
        if bot != self._settings.bot_id:
            return None
        stale = self._clock.now() - datetime.fromisoformat(at) > _OFFSET_LIVES
        return None if stale else int(offset)

    async def _move_offset(self, updates: Sequence[Any], offset: int | None) -> int | None:
        numbers = [update["update_id"] for update in updates if isinstance(update, dict)]
        if not numbers:
            return offset
        moved: int = max(numbers) + 1
        value = f"{self._settings.bot_id} {moved} {self._clock.now().isoformat()}"
        # Not kept is not lost: after a restart some updates come twice, and twice is the same as once.
        await self._write_if_possible(lambda unit: unit.facts.put(_OFFSET, value))
        return moved

    # ── keeping updates ──

    async def _keep(self, updates: Sequence[Any]) -> bool:
        """Commit updates to the inbox; False where the store takes nothing now (they stay at Telegram)."""
        places = [self._place(update) for update in updates]
        try:
            await self._note_changes(places)
            await self._converse.receive(NAME, [(place.key, place.sender, place.raw) for place in places])
        except (StoreFull, StoreBusy) as error:
            log.error("updates cannot be kept now (%s): they wait at Telegram", type(error).__name__)
            if isinstance(error, StoreFull):
                self._tell_not_kept(places)
            await asyncio.sleep(1)
            return False
        for place in places:
            if place.query_id is not None:
                self._errand(self._api.bot.answer_callback_query(place.query_id))
            if place.joined_strange_group and place.chat is not None:
                text = self._words.strange_group.format(chat=place.chat)
                self._errand(self._api.bot.send_message(place.chat, text))
        return True

    def _place(self, update: Any) -> Place:
        try:
            return self._translator.place(update)
        except ValueError:  # no number: it can only be told apart by what it is
            raw = json.dumps(update).encode()
            log.warning("an update without a number is kept aside")
            return Place(f"{NAME}:odd:{hashlib.sha256(raw).hexdigest()[:32]}", ELSEWHERE, raw)

    async def _note_changes(self, places: Sequence[Place]) -> None:
        """Who blocked the bot or let it in again; a group that moved. Runs before the commit, maybe twice."""
        changed = [place for place in places if place.blocked is not None]

        def note(unit: Unit) -> None:
            for place in changed:
                if person := unit.people.find(place.sender):
                    unit.people.set_blocked(person.id, bool(place.blocked))

        if changed:
            await self._store.write(note)
        for place in places:
            if place.moved_to is not None:
                await self._group.moved_to(place.moved_to)
                self._translator.staff_group = place.moved_to

    def _tell_not_kept(self, places: Sequence[Place]) -> None:
        """The disk is full: tell her so, once an hour, past the outbox, which takes nothing either."""
        now = self._clock.monotonic()
        self._told = {chat: at for chat, at in self._told.items() if now - at < 3600}
        chats = {int(place.sender.id) for place in places if place.sender.id.isdigit()}
        for chat in chats - self._told.keys():
            self._told[chat] = now
            self._errand(self._api.bot.send_message(chat, self._words.not_kept))

    def _errand(self, call: Coroutine[Any, Any, object]) -> None:
        """Run a call beside everything else; nothing depends on it."""
        if len(self._errands) >= _ERRANDS:
            call.close()
            return
        task = asyncio.create_task(_best_effort(call))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    # ── webhook ──

    async def webhook(self, request: Request) -> Response:
        """One update from Telegram: 200 only when it is kept, 403 without the secret."""
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given.encode(), self._settings.webhook_secret.encode()):
            return Response(status_code=403)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                return Response(status_code=413)
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        if not await self._keep([update]):
            return Response(status_code=503, headers={"Retry-After": "5"})
        pass_kill_point("inbox_committed")
        return Response(status_code=200)

    async def _watch_webhook(self) -> None:
        """Whoever holds the token could turn our messages elsewhere: look every minute, take them back."""
        failures = 0
        while True:
            try:
                info = await self._api.bot.get_webhook_info()
                if info.url != self._settings.webhook_url:
                    await self._raise_alarm("webhook", self._words.alarm_webhook)
                    await self._set_webhook()
                else:
                    await self._all_is_well()
                failures = 0
                await asyncio.sleep(self._settings.watch_s)
            except TelegramError as error:
                failures += 1
                await self._trouble(error, failures)

    # ── trouble ──

    async def _trouble(self, error: TelegramError, failures: int) -> None:
        """Say what is wrong once, in words without the token, and wait before the next try."""
        match error:
            case Conflict():
                await self._raise_alarm("conflict", self._words.alarm_conflict)
                if "webhook" in error.message.lower():
                    await _best_effort(self._api.bot.delete_webhook(drop_pending_updates=False))
                wait = min(1.0 * failures, 15.0)
            case InvalidToken():
                await self._raise_alarm("token", None)
                wait = min(5.0 * failures, 60.0)
            case RetryAfter():
                wait = seconds_of(error)
            case _:
                if failures in (1, 10) or failures % 100 == 0:
                    log.warning("Telegram cannot be reached (%s, %d times)", type(error).__name__, failures)
                wait = min(0.5 * 2 ** min(failures, 10), 15.0)
        await asyncio.sleep(wait)

    async def _raise_alarm(self, what: str, words: str | None) -> None:
        """One line in the log, a fact for the desk, and a message to the staff group, once an episode."""
        moment = self._clock.monotonic()
        if self._alarm == what or moment - self._alarmed_at.get(what, -_ALARM_AGAIN_S) < _ALARM_AGAIN_S:
            return
        self._alarm, self._alarmed_at[what] = what, moment
        log.error(_ALARMS[what])
        now = self._clock.now()

        def note(unit: Unit) -> None:
            unit.facts.put(_ALARM, f"{what} {now.isoformat()}")
            if words is not None and self._group.chat is not None:
                unit.outbox.add(None, [Reply(words)], lane=Lane.URGENT, now=now, channel=NAME)
                unit.announce(outbox_of(NAME))

        await self._write_if_possible(note)

    async def _all_is_well(self) -> None:
        if self._alarm is not None:
            self._alarm = None
            log.info("Telegram answers again")
            await self._write_if_possible(lambda unit: unit.facts.put(_ALARM, ""))

    async def _write_if_possible(self, work: Callable[[Unit], None]) -> None:
        try:
            await self._store.write(work)
        except (StoreFull, StoreBusy) as error:
            log.warning("a note about Telegram could not be kept: %s", type(error).__name__)


_ALARMS = {
    "conflict": "another program receives this bot's messages (409): if it is not yours, the token has "
    "leaked: renew it at BotFather",
    "webhook": "the bot's webhook was changed by somebody else: it is being set back; if it was not you, the "
    "token has leaked: renew it at BotFather",
    "token": "Telegram does not accept the bot token (401): set SAFEHOUSE_TELEGRAM_TOKEN to the present one",
}


async def _best_effort(call: Awaitable[object]) -> None:
    try:
        await call
    except TelegramError as error:
        log.info("a call that nothing depends on failed: %s", type(error).__name__)


@asynccontextmanager
async def open_telegram(
    settings: TelegramSettings,
    store: Store,
    converse: Receives,
    wording: Wording,
    clock: Clock,
) -> AsyncIterator[TelegramChannel]:
    """The channel with its connections open. Telegram need not be reachable yet."""
    if settings.mode == "webhook" and len(settings.webhook_secret) < SHORTEST_SECRET:
        raise ConfigFaults(["SAFEHOUSE_TELEGRAM_WEBHOOK_SECRET：webhook 方式需要至少 32 个字符的密文"])
    async with TelegramApi(settings) as api:
        channel = TelegramChannel(settings, api, store, converse, wording, clock)
        try:
            yield channel
        finally:
            await channel.close()
