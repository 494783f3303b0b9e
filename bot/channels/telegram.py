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
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import BotCommand
from telegram.error import BadRequest, TelegramError

from bot.channels.telegram_api import TelegramApi, TelegramSettings
from bot.channels.telegram_group import StaffGroup
from bot.channels.telegram_send import Sender
from bot.channels.telegram_translate import (
    ALLOWED_UPDATES,
    ELSEWHERE,
    NAME,
    Place,
    Translator,
    number_of,
)
from bot.channels.telegram_trouble import Trouble, best_effort
from bot.domain.clock import Clock
from bot.domain.errors import ConfigFaults, Refused, StoreBusy, StoreFull
from bot.domain.incoming import Address, FileNote, GroupIncoming, Incoming
from bot.domain.kill_points import pass_kill_point
from bot.domain.ports import Store, Unit
from bot.domain.ports_channels import Delivery
from bot.domain.ports_talk import Outgoing, Received
from knowledge.wording import Wording

log = logging.getLogger("safehouse.telegram")

MAX_FILE = 20 * 1024 * 1024  # the Bot API hands out no larger file
MAX_BODY = 1024 * 1024
SHORTEST_SECRET = 32
_OFFSET = "telegram_offset"  # "<bot id> <offset> <time>"
# After a week without updates Telegram starts a new numbering; an old offset would then throw updates away.
_OFFSET_LIVES = timedelta(days=6)
_ERRANDS = 200


class Receives(Protocol):
    """What the channel needs of the conversation: keep raw updates, durably."""

    async def receive(
        self, channel: str, updates: Sequence[tuple[str, Address, bytes]]
    ) -> Sequence[Received]: ...


@dataclass(frozen=True, slots=True)
class _Offset:
    """The number of the next update, and when it was learned (aware UTC)."""

    number: int
    at: datetime


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
        self._trouble = Trouble(api, store, self._group, wording.group, clock)
        commands = {name: command.says for name, command in wording.group.commands.items()}
        self._translator = Translator(settings.bot_id, settings.staff_group, commands)
        self._errands: set[asyncio.Task[None]] = set()
        self._told: dict[int, float] = {}  # chat -> when she was told that nothing can be kept

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
                await self._trouble.met(error, failures)

    # ── polling ──

    async def _poll(self) -> None:
        offset = await self._kept_offset()
        failures, moved = 0, False
        while True:
            asked_at = self._clock.monotonic()
            try:
                updates = await self._api.get_updates(self._usable(offset), ALLOWED_UPDATES)
            except TelegramError as error:
                failures += 1
                await self._trouble.met(error, failures)
                continue
            if moved:
                pass_kill_point("offset_moved")
            failures, moved = 0, False
            await self._trouble.over()
            if not updates and self._clock.monotonic() - asked_at < min(1, self._settings.poll_s / 2):
                await asyncio.sleep(0.5)  # a server that does not hold polls open
            if updates and await self._keep_safely(updates):
                pass_kill_point("inbox_committed")
                offset, moved = await self._move_offset(updates, offset), True

    async def _kept_offset(self) -> _Offset | None:
        """Where to go on; None, everything unconfirmed, for another bot."""
        kept = await self._store.read(lambda unit: unit.facts.get(_OFFSET))
        bot, number, at = kept.split(" ") if kept else ("", "", "")
        return _Offset(int(number), datetime.fromisoformat(at)) if bot == self._settings.bot_id else None

    def _usable(self, offset: _Offset | None) -> int | None:
        if offset is None or self._clock.now() - offset.at > _OFFSET_LIVES:
            return None
        return offset.number

    async def _move_offset(self, updates: Sequence[Any], before: _Offset | None) -> _Offset | None:
        numbers = [number for update in updates if (number := number_of(update)) is not None]
        if not numbers:
            await asyncio.sleep(0.5)  # updates without a number cannot be confirmed
            return before
        offset = _Offset(max(numbers) + 1, self._clock.now())
        value = f"{self._settings.bot_id} {offset.number} {offset.at.isoformat()}"
        # Not kept is not lost: after a restart some updates come twice, and twice is the same as once.
        await self._trouble.write_if_possible(lambda unit: unit.facts.put(_OFFSET, value))
        return offset

    # ── keeping updates ──

    async def _keep_safely(self, updates: Sequence[Any]) -> bool:
        """A fault of ours must not end the loop: the updates wait at Telegram, and people see the log."""
        try:
            return await self._keep(updates)
        except Exception as error:
            log.error("updates could not be kept: %s; trying again", type(error).__name__)
            await asyncio.sleep(5)
            return False

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
        task = asyncio.create_task(best_effort(call))
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
                    await self._trouble.alarm("webhook")
                    await self._set_webhook()
                else:
                    await self._trouble.over()
                failures = 0
                await asyncio.sleep(self._settings.watch_s)
            except TelegramError as error:
                failures += 1
                await self._trouble.met(error, failures)


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
