"""The people, groups and messages behind the fake Bot API, and how a test speaks as one of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Message:
    """One message in a chat; `sender` 0 is the bot. `at` is Telegram's wall clock in seconds."""

    id: int
    chat_id: int
    sender: int
    at: float
    text: str = ""
    thread: int | None = None
    entities: list[Json] = field(default_factory=list)
    keyboard: list[list[Json]] = field(default_factory=list)
    extra: Json = field(default_factory=dict)
    silent: bool = False
    edits: int = 0

    def labels(self) -> list[str]:
        return [button["text"] for row in self.keyboard for button in row]


@dataclass(slots=True)
class Topic:
    id: int
    name: str
    closed: bool = False
    deleted: bool = False


@dataclass(slots=True)
class Chat:
    """A private chat (positive id) or a group (negative)."""

    id: int
    kind: str = "private"
    title: str = ""
    forum: bool = False
    blocked: bool = False  # she blocked the bot; or the bot was kicked from the group
    gone: bool = False  # her account is deleted
    may_make_topics: bool = True
    migrated_to: int | None = None
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    last_id: int = 0
    news: int = 0  # messages and edits of the bot so far

    def json(self) -> Json:
        shown: Json = {"id": self.id, "type": self.kind}
        if self.kind != "private":
            shown["title"] = self.title
        if self.forum:
            shown["is_forum"] = True
        return shown


class Transcript(list[Message]):
    """What stands in a chat now; prints as a conversation."""

    def __str__(self) -> str:
        return "\n".join(
            f"{'安全屋' if line.sender == 0 else '她'}: {line.text}"
            + "".join(f"\n    [{' | '.join(button['text'] for button in row)}]" for row in line.keyboard)
            for line in self
        )

    def texts(self) -> list[str]:
        """What the bot said, in order."""
        return [line.text for line in self if line.sender == 0]


class World:
    """Chats, ids and the queue of updates; `push` hands a finished update to the server."""

    def __init__(self, push: Callable[[str, Json], int], now: Callable[[], float]) -> None:
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, bytes] = {}
        self.push = push
        self.now = now
        self._message_ids = itertools.count(1)  # private chats and basic groups share one counter
        self._names = itertools.count(1)

    def user(self, user_id: int) -> User:
        self.chats.setdefault(user_id, Chat(user_id))
        return User(self, user_id, user_id)

    def group(self, chat_id: int, *, forum: bool = False, title: str = "工作群") -> Chat:
        kind = "supergroup" if str(chat_id).startswith("-100") else "group"
        return self.chats.setdefault(chat_id, Chat(chat_id, kind, title, forum))

    def member(self, chat_id: int, user_id: int) -> User:
        """A person speaking in a group."""
        return User(self, user_id, chat_id)

    def add(self, chat: Chat, sender: int, text: str = "", **more: Any) -> Message:
        number = next(self._message_ids) if chat.kind != "supergroup" else chat.last_id + 1
        chat.last_id = number
        chat.news += sender == 0
        message = Message(number, chat.id, sender, self.now(), text, **more)
        chat.messages[number] = message
        return message

    def keep_file(self, data: bytes) -> str:
        file_id = f"file-{next(self._names)}"
        self.files[file_id] = data
        return file_id

    def json(self, message: Message) -> Json:
        """The message as the Bot API shows it."""
        chat = self.chats[message.chat_id]
        sender = {"id": message.sender or BOT_ID, "is_bot": message.sender == 0, "first_name": "某某"}
        shown: Json = {
            "message_id": message.id,
            "from": sender,
            "chat": chat.json() | ({"first_name": "某某"} if chat.kind == "private" else {}),
            "date": int(message.at),
        }
        if message.text:
            shown["text"] = message.text
        if message.entities:
            shown["entities"] = message.entities
        if message.keyboard:
            shown["reply_markup"] = {"inline_keyboard": message.keyboard}
        if message.thread is not None:
            shown |= {"message_thread_id": message.thread, "is_topic_message": True}
        return shown | message.extra


BOT_ID = 700000001


@dataclass(slots=True)
class User:
    """A person in a chat: `user.sends("…")`, `user.taps("依据")`, `print(user.sees())`."""

    world: World
    id: int
    chat_id: int

    @property
    def chat(self) -> Chat:
        return self.world.chats[self.chat_id]

    def sends(self, text: str = "", thread: int | None = None, **extra: Any) -> int:
        """Send a message; returns its update id. `extra` are further fields of the message."""
        if extra.get("text") is None and text.startswith("/"):
            extra.setdefault(
                "entities", [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
            )
        message = self.world.add(self.chat, self.id, text, thread=thread, extra=extra)
        return self.world.push("message", self.world.json(message))

    def sends_file(self, kind: str, data: bytes, *, name: str = "", caption: str = "", **more: Any) -> int:
        """kind: photo, voice, video, document, audio, sticker … as the Bot API names them."""
        file_id = self.world.keep_file(data)
        about: Any = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(data)} | more
        if name:
            about["file_name"] = name
        if kind == "photo":
            small = self.world.keep_file(b"thumbnail")
            about = [
                {"file_id": small, "file_unique_id": "s", "file_size": 9, "width": 90, "height": 90},
                about | {"width": 1280, "height": 1280},
            ]
        extra = {kind: about} | ({"caption": caption} if caption else {})
        return self.sends("", **extra)

    def edits(self, message_id: int, text: str) -> int:
        """Change a message of hers."""
        message = self.chat.messages[message_id]
        message.text = text
        return self.world.push(
            "edited_message", self.world.json(message) | {"edit_date": int(self.world.now())}
        )

    def taps(self, label: str, *, inaccessible: bool = False, data: str | None = None) -> int:
        """Tap the newest button with that label."""
        for message in reversed(self.chat.messages.values()):
            for button in (button for row in message.keyboard for button in row):
                if button["text"] == label and "callback_data" in button:
                    return self.taps_data(
                        data or button["callback_data"], message.id, inaccessible=inaccessible
                    )
        raise AssertionError(
            f"no button {label!r}; there are {[m.labels() for m in self.chat.messages.values()]}"
        )

    def taps_data(self, data: str, message_id: int, *, inaccessible: bool = False) -> int:
        """A tap with data of the test's choice (forged, stale)."""
        message = self.chat.messages.get(message_id)
        if inaccessible or message is None:
            shown = {"chat": self.chat.json(), "message_id": message_id, "date": 0}
        else:
            shown = self.world.json(message)
        return self.world.push(
            "callback_query",
            {
                "id": f"query-{next(self.world._names)}",
                "from": {"id": self.id, "is_bot": False, "first_name": "某某"},
                "chat_instance": "1",
                "message": shown,
                "data": data,
            },
        )

    def blocks(self) -> int:
        self.chat.blocked = True
        return self._membership("member", "kicked")

    def unblocks(self) -> int:
        self.chat.blocked = False
        return self._membership("kicked", "member")

    def _membership(self, old: str, new: str) -> int:
        bot = {"id": BOT_ID, "is_bot": True, "first_name": "安全屋"}
        return self.world.push(
            "my_chat_member",
            {
                "chat": self.chat.json() | {"first_name": "某某"},
                "from": {"id": self.id, "is_bot": False, "first_name": "某某"},
                "date": int(self.world.now()),
                "old_chat_member": {"user": bot, "status": old, "until_date": 0},
                "new_chat_member": {"user": bot, "status": new, "until_date": 0},
            },
        )

    def sees(self) -> Transcript:
        return Transcript(self.chat.messages.values())
