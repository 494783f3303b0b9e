"""Calls to the Bot API: one client, sane time limits, and failures without the token in them.

The library's `Bot` is used for the calls; its updater, queue and persistence are not: they confirm
updates before they are kept.
"""

import logging
import warnings
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urlencode

import httpx
from telegram import Bot
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import HTTPXRequest, RequestData
from telegram.request._requestparameter import RequestParameter
from telegram.warnings import PTBDeprecationWarning

from bot.channels.rendering import Part
from bot.domain.reply import Button

# The library asks for integers and timedeltas at once; `seconds_of` below reads both.
warnings.filterwarnings("ignore", message=".*`retry_after`.*", category=PTBDeprecationWarning)

NO_PREVIEW = {"is_disabled": True}


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """What the channel must know. Token and secret never appear in its repr.

    `webhook_url` is the public address in webhook mode; empty means polling. `staff_group` is the numeric
    id of the group (negative), None for none.
    """

    token: str = field(repr=False)
    base_url: str = "https://api.telegram.org/bot"
    base_file_url: str = "https://api.telegram.org/file/bot"
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str = ""
    webhook_path: str = "/telegram/webhook"
    webhook_secret: str = field(default="", repr=False)
    staff_group: int | None = None
    poll_s: int = 50  # how long Telegram may hold a poll open
    watch_s: float = 60.0  # how often the webhook is looked at

    @property
    def bot_id(self) -> str:
        """The public number of the bot: the part of the token before the colon."""
        return self.token.partition(":")[0]


class TelegramApi:
    """Opened as an async context manager; every failure is a TelegramError of the library."""

    def __init__(self, settings: TelegramSettings) -> None:
        silence_libraries()
        self._poll_s = settings.poll_s
        self._calls = HTTPXRequest(
            connection_pool_size=64, connect_timeout=5, read_timeout=15, write_timeout=15, pool_timeout=15
        )
        self._polls = HTTPXRequest(
            connection_pool_size=2, connect_timeout=5, read_timeout=settings.poll_s + 10, pool_timeout=5
        )
        self.bot = Bot(
            settings.token,
            base_url=settings.base_url,
            base_file_url=settings.base_file_url,
            request=self._calls,
            get_updates_request=self._polls,
        )
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> "TelegramApi":
        await self._opened.enter_async_context(self._calls)
        await self._opened.enter_async_context(self._polls)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.__aexit__(kind, error, trace)

    async def get_updates(self, offset: int | None, allowed: Sequence[str]) -> list[Any]:
        """The next updates as plain JSON, so that one odd update cannot cost the others."""
        asked = {"limit": "100", "timeout": str(self._poll_s), "allowed_updates": _json_list(allowed)}
        if offset is not None:
            asked["offset"] = str(offset)
        payload = await self._polls.retrieve(f"{self.bot.base_url}/getUpdates?{urlencode(asked)}")
        result = HTTPXRequest.parse_json_payload(payload).get("result")
        return result if isinstance(result, list) else []

    async def send(self, chat: int, part: Part, *, thread: int | None = None, quiet: bool = False) -> int:
        """Send one message; returns its id."""
        message = await self._call(
            "sendMessage",
            chat_id=chat,
            text=part.text,
            entities=_entities(part),
            reply_markup=_keyboard(part),
            disable_notification=quiet or None,
            message_thread_id=thread,
            link_preview_options=NO_PREVIEW,
        )
        number: int = message["message_id"]
        return number

    async def edit(self, chat: int, message_id: int, part: Part) -> None:
        """Put other words and buttons into a message."""
        await self._call(
            "editMessageText",
            chat_id=chat,
            message_id=message_id,
            text=part.text,
            entities=_entities(part),
            reply_markup=_keyboard(part),
            link_preview_options=NO_PREVIEW,
        )

    async def _call(self, method: str, **fields: object) -> Any:
        """One call with plain fields: the library's objects around a message cost more than all the rest."""
        given = [RequestParameter(name, value, None) for name, value in fields.items() if value is not None]
        return await self.bot.request.post(f"{self.bot.base_url}/{method}", RequestData(given))


def silence_libraries() -> None:
    """httpx prints every address it calls, token and all; the library prints whole updates."""
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram wants us to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def may_have_acted(error: TelegramError) -> bool:
    """Whether a failed call may have done its work all the same: it went out and the answer was lost."""
    cause = error.__cause__
    if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return False
    if isinstance(error, TimedOut):
        return True
    return type(error) is NetworkError and isinstance(cause, httpx.HTTPError)


def _entities(part: Part) -> list[dict[str, object]] | None:
    return [{"type": "bold", "offset": 0, "length": part.bold}] if part.bold else None


def _keyboard(part: Part) -> dict[str, object] | None:
    if not part.rows:
        return None
    return {"inline_keyboard": [[_button(button) for button in row] for row in part.rows]}


def _button(button: Button) -> dict[str, str]:
    if button.url:
        return {"text": button.label, "url": button.url}
    return {"text": button.label, "callback_data": button.action}


def _json_list(words: Sequence[str]) -> str:
    return "[" + ",".join(f'"{word}"' for word in words) + "]"
