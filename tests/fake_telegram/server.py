"""A Bot API on loopback: real HTTP, strict checks, everything recorded.

    async with FakeTelegram() as server:
        wang = server.user(1001)
        wang.sends("怀孕被辞退")
        await server.until(lambda: wang.sees().texts())
        print(wang.sees())

Written on asyncio streams and not on a web framework: it must cut a connection after having acted, and
answer thousands of calls a second beside the bot that is measured.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

from tests.fake_telegram.checks import Fields, Refusal, check_call
from tests.fake_telegram.faults import Faults, FloodControl
from tests.fake_telegram.methods import Methods
from tests.fake_telegram.world import BOT_ID, Chat, Json, User, World

TOKEN = f"{BOT_ID}:AAHtest-token-that-must-never-be-printed"
MAX_REQUEST = 8_000_000


@dataclass(slots=True)
class Call:
    """One call in the order of arrival; `code` is what it was answered with, 0 when it was cut."""

    method: str
    fields: Fields
    at: float
    code: int = 200


class FakeTelegram:
    """The server. Wall time can be moved for the 48-hour rule; the rest uses real time."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.world = World(self._push, self._now)
        self.methods = Methods(self.world)
        self.faults = Faults()
        self.flood = FloodControl()
        self.calls: list[Call] = []
        self.confirmed: list[int] = []  # update ids, in the order the bot confirmed them
        self.strangers = 0  # calls with another token
        self.webhook: Json | None = None
        self.port = 0
        self._ahead_s = 0.0
        self._queue: deque[Json] = deque()
        self._next_update = 100_000_001
        self._allowed: frozenset[str] | None = None
        self._poll: asyncio.Event | None = None  # set = this poll was ended by another
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._pusher: asyncio.Task[None] | None = None
        self._connections: set[asyncio.StreamWriter] = set()

    # ── for tests ──

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/bot"

    @property
    def base_file_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/file/bot"

    def user(self, user_id: int) -> User:
        return self.world.user(user_id)

    def group(self, chat_id: int, *, forum: bool = False) -> Chat:
        return self.world.group(chat_id, forum=forum)

    def member(self, chat_id: int, user_id: int) -> User:
        return self.world.member(chat_id, user_id)

    def migrate(self, old: int, new: int, *, forum: bool = False) -> None:
        """A basic group becomes a supergroup: Telegram says so in the old one."""
        chat = self.world.chats[old]
        self.world.group(new, forum=forum, title=chat.title)
        message = self.world.add(chat, 1, extra={"migrate_to_chat_id": new})
        self._push("message", self.world.json(message))
        chat.migrated_to = new

    def pending(self) -> int:
        return len(self._queue)

    def sent(self, method: str) -> list[Fields]:
        """Fields of the calls of one method that went well."""
        return [call.fields for call in self.calls if call.method == method and call.code == 200]

    def advance(self, seconds: float) -> None:
        self._ahead_s += seconds

    async def until(self, met: Callable[[], Any], timeout_s: float = 10.0) -> None:
        """Wait for something to become true; looked at after every call and at least every 20 ms."""
        async with asyncio.timeout(timeout_s):
            while not met():
                self._changed.clear()
                try:
                    async with asyncio.timeout(0.02):
                        await self._changed.wait()
                except TimeoutError:
                    continue

    # ── life ──

    async def __aenter__(self) -> FakeTelegram:
        self._server = await asyncio.start_server(
            self._connection, "127.0.0.1", self.port, limit=65_536, backlog=1024
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._set_webhook(None)
        assert self._server is not None
        self._server.close()
        self.drop_connections()
        await self._server.wait_closed()

    def drop_connections(self) -> None:
        for writer in list(self._connections):
            writer.transport.abort()

    def _now(self) -> float:
        return time.time() + self._ahead_s

    # ── HTTP ──

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                verb, target, _ = head[0].split(" ", 2)
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in head[1:])
                }
                size = int(headers.get("content-length", 0))
                if size > MAX_REQUEST:
                    break
                body = await reader.readexactly(size) if size else b""
                if not await self._request(verb, target, headers, body, writer):
                    break
        except (
            asyncio.IncompleteReadError,
            ConnectionError,
            asyncio.LimitOverrunError,
            asyncio.CancelledError,
        ):
            return  # the other side has gone, or the server ends
        finally:
            self._connections.discard(writer)
            writer.transport.abort()

    async def _request(
        self, verb: str, target: str, headers: dict[str, str], body: bytes, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; False where the connection is to be cut."""
        if self.faults.away:
            return False
        parts = urlsplit(target)
        path = unquote(parts.path)
        if path.startswith(f"/file/bot{self.token}/"):
            data = self.world.files.get(path.rsplit("/", 1)[-1])
            _answer(writer, 200 if data is not None else 404, data or b"", "application/octet-stream")
            return True
        token, _, method = path.removeprefix("/bot").rpartition("/")
        given = dict(parse_qsl(parts.query, keep_blank_values=True)) | _form(headers, body)
        if token != self.token:
            self.strangers += 1
            _answer_json(writer, 401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
            return True
        call = Call(method, given, time.monotonic())
        self.calls.append(call)
        try:
            result = await self._act(call, given)
        except Refusal as refusal:
            call.code = refusal.code
            answer = {"ok": False, "error_code": refusal.code, "description": refusal.description}
            if refusal.parameters:
                answer["parameters"] = refusal.parameters
            _answer_json(writer, refusal.code, answer)
        except _CutError:
            call.code = 0
            return False
        else:
            _answer_json(writer, 200, {"ok": True, "result": result})
        finally:
            self._changed.set()
        await writer.drain()
        return True

    async def _act(self, call: Call, given: Fields) -> Any:
        fields = call.fields = check_call(call.method, given)
        fault = self.faults.next(call.method, fields)
        if fault is not None:
            if fault.kind == "delay":
                await asyncio.sleep(fault.seconds)
            elif fault.kind == "cut_before":
                raise _CutError
            elif fault.refusal is not None:
                if "retry_after" in fault.refusal.parameters:
                    self.flood.note_rest(fields, fault.refusal.parameters["retry_after"])
                raise fault.refusal
        self.flood.check(call.method, fields)
        match call.method:
            case "getUpdates":
                result = await self._get_updates(fields)
            case "setWebhook":
                self._set_webhook(fields if fields["url"] else None)
                result = True
            case "deleteWebhook":
                self._set_webhook(None)
                result = True
            case "getWebhookInfo":
                result = {
                    "url": (self.webhook or {}).get("url", ""),
                    "has_custom_certificate": False,
                    "pending_update_count": len(self._queue),
                }
            case _:
                result = self.methods.run(call.method, fields)
        if fault is not None and fault.kind == "cut_after":
            raise _CutError
        return result

    # ── updates ──

    def _push(self, kind: str, content: Json) -> int:
        number = self._next_update
        self._next_update += 1
        if self._allowed is None or kind in self._allowed:
            self._queue.append({"update_id": number, kind: content})
            self._changed.set()
        return number

    def push_raw(self, update: Json) -> int:
        """Queue an update of any shape; it gets its number here."""
        number = self._next_update
        self._next_update += 1
        self._queue.append(update | {"update_id": number})
        self._changed.set()
        return number

    async def _get_updates(self, fields: Fields) -> list[Json]:
        if self.webhook is not None:
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to "
                "delete the webhook first",
            )
        if self._poll is not None:
            self._poll.set()  # the older of two polls is ended
        mine = self._poll = asyncio.Event()
        if "allowed_updates" in fields:
            self._allowed = frozenset(fields["allowed_updates"]) or None
        offset = fields.get("offset", 0)
        while self._queue and (
            self._queue[0]["update_id"] < offset if offset >= 0 else len(self._queue) > -offset
        ):
            self.confirmed.append(self._queue.popleft()["update_id"])
        try:
            deadline = time.monotonic() + fields.get("timeout", 0)
            while not self._queue and not mine.is_set() and self.webhook is None:
                if (left := deadline - time.monotonic()) <= 0:
                    break
                self._changed.clear()
                try:
                    async with asyncio.timeout(min(left, 0.05)):
                        await self._changed.wait()
                except TimeoutError:
                    continue
            if mine.is_set() or self.webhook is not None:
                raise Refusal(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot "
                    "instance is running",
                )
            return [self._queue[place] for place in range(min(fields.get("limit", 100), len(self._queue)))]
        finally:
            if self._poll is mine:
                self._poll = None

    def _set_webhook(self, fields: Fields | None) -> None:
        self.webhook = fields
        if self._pusher is not None:
            self._pusher.cancel()
            self._pusher = None
        if fields is not None:
            if "allowed_updates" in fields:
                self._allowed = frozenset(fields["allowed_updates"]) or None
            self._pusher = asyncio.get_running_loop().create_task(self._deliver(fields))

    async def _deliver(self, fields: Fields) -> None:
        """Post updates one by one; an update counts as confirmed when the bot answered 2xx."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": fields.get("secret_token", "")}
        pause_s = 0.02
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            while True:
                if not self._queue:
                    await asyncio.sleep(0.005)
                    continue
                try:
                    answer = await client.post(fields["url"], json=self._queue[0], headers=headers)
                    taken = answer.is_success
                except httpx.HTTPError:
                    taken = False
                if taken:
                    self.confirmed.append(self._queue.popleft()["update_id"])
                    self._changed.set()
                    pause_s = 0.02
                else:
                    await asyncio.sleep(pause_s)
                    pause_s = min(pause_s * 2, 1.0)


class _CutError(Exception):
    """The connection ends here."""


def _form(headers: dict[str, str], body: bytes) -> Fields:
    if headers.get("content-type", "").startswith("application/json"):
        return dict(json.loads(body or b"{}"))
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _answer_json(writer: asyncio.StreamWriter, code: int, answer: Json) -> None:
    _answer(
        writer, code, json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"), "application/json"
    )


def _answer(writer: asyncio.StreamWriter, code: int, body: bytes, kind: str) -> None:
    head = f"HTTP/1.1 {code} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
