"""A Bot API without network: every call is answered at once, so that only our own work is measured."""

import asyncio
import json
from typing import Any

from telegram import Bot
from telegram.request import BaseRequest, RequestData

TOKEN = "1:bench"
_TRUE = b'{"ok":true,"result":true}'
_NOTHING = b'{"ok":true,"result":[]}'
Json = dict[str, Any]


class StubRequest(BaseRequest):
    """Counts messages, and keeps the last buttons of every chat to tap on."""

    def __init__(self) -> None:
        self.messages = 0
        self._expected = 0
        self._there = asyncio.Event()
        self.buttons: dict[int, Any] = {}

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **timeouts: Any
    ) -> tuple[int, bytes]:
        """Answer as Telegram would: a message for what sends or edits one, true for the rest."""
        call = url.rpartition("/")[2]
        if call == "getUpdates":
            return 200, _NOTHING
        if call not in ("sendMessage", "editMessageText") or request_data is None:
            return 200, _TRUE
        fields: dict[str, Any] = request_data.parameters
        chat = int(fields["chat_id"])
        self.messages += 1
        if self.messages == self._expected:
            self._there.set()
        if "reply_markup" in fields:
            self.buttons[chat] = fields["reply_markup"]
        return 200, _sent(chat, fields.get("message_id", self.messages))

    def announce_at(self, messages: int) -> asyncio.Event:
        """An event that is set when so many messages in all have been sent."""
        self._expected, self._there = messages, asyncio.Event()
        return self._there

    def actions(self, chat: int) -> list[str]:
        """What the buttons of the last message with buttons would send back."""
        rows = self.buttons.get(chat, {}).get("inline_keyboard", ())
        return [button["callback_data"] for row in rows for button in row if "callback_data" in button]


def stub_bot(request: StubRequest) -> Bot:
    """The library's Bot over the stub."""
    return Bot(TOKEN, request=request, get_updates_request=request)


def _sent(chat: int, number: int) -> bytes:
    return (
        b'{"ok":true,"result":{"message_id":%d,"date":1795305600,"chat":{"id":%d,"type":"private",'
        b'"first_name":"W"},"from":{"id":1,"is_bot":true,"first_name":"B"},"text":"ok"}}' % (number, chat)
    )


def text_update(number: int, user: int, text: str) -> bytes:
    """An update as Telegram sends it: she wrote a message."""
    return _dump({"update_id": number, "message": _message(number, user, from_user=True) | {"text": text}})


def tap_update(number: int, user: int, action: str) -> bytes:
    """She tapped a button of our last card."""
    query = {
        "id": str(number),
        "from": _user(user),
        "chat_instance": str(user),
        "data": action,
        "message": _message(7, user, from_user=False) | {"text": "ok"},
    }
    return _dump({"update_id": number, "callback_query": query})


def _message(number: int, user: int, *, from_user: bool) -> Json:
    sender = _user(user) if from_user else {"id": 1, "is_bot": True, "first_name": "B", "username": "b_bot"}
    chat = {"id": user, "type": "private", "first_name": "W", "username": f"w{user}"}
    return {"message_id": number, "from": sender, "chat": chat, "date": 1_795_305_600}


def _user(user: int) -> Json:
    return {"id": user, "is_bot": False, "first_name": "W", "username": f"w{user}", "language_code": "zh"}


def _dump(update: Json) -> bytes:
    return json.dumps(update, ensure_ascii=False).encode()
