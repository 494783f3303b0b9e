"""Telegram's updates in our words. Plain functions over the raw JSON: nothing here talks to Telegram.

The raw form is read and not the library's objects: one odd field of one update must not cost the batch,
and the inbox keeps bytes, not objects.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.channels.rendering import clean, join_surrogates
from bot.domain.incoming import Address, FileKind, FileNote, GroupIncoming, Incoming
from bot.domain.ports_talk import STAFF_GROUP, Received

Json = Mapping[str, Any]

NAME = "telegram"
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
# Senders that are no person: the staff group, and chats whose words are none of our business.
GROUP = Address(NAME, STAFF_GROUP)
ELSEWHERE = Address(NAME, "elsewhere")

_COMMAND = re.compile(r"^/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+|$)")
# Fields that make a private message a notice of Telegram and nothing she said.
_NOTICES = frozenset((
    "pinned_message", "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo",
    "delete_chat_photo", "group_chat_created", "supergroup_chat_created", "channel_chat_created",
    "message_auto_delete_timer_changed", "migrate_to_chat_id", "migrate_from_chat_id", "successful_payment",
    "refunded_payment", "write_access_allowed", "proximity_alert_triggered", "boost_added",
    "chat_background_set", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
    "forum_topic_reopened", "video_chat_scheduled", "video_chat_started", "video_chat_ended",
    "video_chat_participants_invited", "connected_website",
))  # fmt: skip


class UnreadableUpdate(ValueError):
    """An update that is not what the Bot API promises; it is kept aside for people."""


@dataclass(frozen=True, slots=True)
class Place:
    """Whom an update comes from, before anything of it is read: enough to keep it."""

    key: str
    sender: Address
    raw: bytes
    query_id: str | None = None  # of a tap that waits for its answer
    chat: int | None = None
    joined_strange_group: bool = False
    blocked: bool | None = None  # she blocked (True) or unblocked (False) the bot
    moved_to: int | None = None  # the staff group got this new id


@dataclass(slots=True)
class Translator:
    """Knows the staff group's present id and what typed commands mean."""

    bot_id: str
    staff_group: int | None
    commands: Mapping[str, str] = field(default_factory=dict)  # "help" -> 帮助

    def place(self, update: Any) -> Place:
        """Key and sender of an update. What comes from a strange group is kept without its words."""
        number = number_of(update)
        if number is None:
            raise UnreadableUpdate("no update_id")
        key = f"{NAME}:{self.bot_id}:{number}"
        kind, content = _content(update)
        chat = _chat_of(content)
        chat_id, private = _integer(chat.get("id")), chat.get("type") == "private"
        query_id = content.get("id") if kind == "callback_query" else None
        if private and chat_id is not None:
            return Place(
                key,
                Address(NAME, str(chat_id)),
                _dump(update),
                query_id,
                chat_id,
                blocked=_blocked(kind, content),
            )
        if chat_id is not None and chat_id == self.staff_group:
            moved = _integer(content.get("migrate_to_chat_id"))
            return Place(key, GROUP, _dump(update), query_id, chat_id, moved_to=moved)
        if chat_id is None:
            return Place(key, ELSEWHERE, _dump(update))  # unreadable: people will want to see it
        joined = kind == "my_chat_member" and _new_status(content) in ("member", "administrator")
        emptied = _dump({"update_id": number, "elsewhere": True})
        return Place(key, ELSEWHERE, emptied, query_id, chat_id, joined_strange_group=joined)

    def translate(self, received: Received, sender: Address) -> Incoming | GroupIncoming | None:
        """The update in our words; None where there is nothing to do. UnreadableUpdate for the unexpected."""
        try:
            update = json.loads(received.raw)
        except ValueError:
            raise UnreadableUpdate("no JSON") from None
        if not isinstance(update, dict):
            raise UnreadableUpdate("no object")
        if update.get("elsewhere") is True:
            return None
        kind, content = _content(update)
        if not content and any(name in update for name in ALLOWED_UPDATES):
            raise UnreadableUpdate("no content")
        if not content or kind == "my_chat_member":
            return None  # a kind of update that asks nothing of us
        if sender == GROUP:
            return self._from_group(received, kind, content)
        if _chat_of(content).get("type") != "private":
            raise UnreadableUpdate("no private chat")
        return self._from_her(received, sender, kind, content)

    def _from_her(
        self, received: Received, sender: Address, kind: str, content: Json
    ) -> Incoming | GroupIncoming | None:
        if kind == "callback_query":
            return Incoming(
                received.key, sender, received.at, action=_text(content.get("data")), card=_remote(content)
            )
        text = _text(content.get("text", content.get("caption")))
        if not text and _NOTICES & content.keys():
            return None
        edited, announced = kind == "edited_message", _files(content)
        match _command(text):
            case "start", rest if not edited:
                return Incoming(received.key, sender, received.at, start=rest)
            case "link", _ if not edited:  # staff tie their account to Telegram; no woman's message
                return GroupIncoming(received.key, sender.id, None, sender.id, received.at, text)
            case str(name), rest if name in self.commands:
                text = f"{self.commands[name]} {rest}".rstrip()
        return Incoming(received.key, sender, received.at, text, edited=edited, announced=announced)

    def _from_group(self, received: Received, kind: str, content: Json) -> GroupIncoming | None:
        who = content.get("from")
        staff = _integer(who.get("id")) if isinstance(who, dict) else None
        if staff is None or kind == "edited_message":
            return None
        message = content.get("message") if kind == "callback_query" else content
        if not isinstance(message, dict):
            return None
        chat = _integer(_chat_of(content).get("id"))
        thread = _integer(message.get("message_thread_id")) if message.get("is_topic_message") else None
        action = _text(content.get("data")) if kind == "callback_query" else None
        closed = "forum_topic_closed" in message and action is None
        text = "" if action is not None else _text(message.get("text", message.get("caption")))
        if action is None and not text and not closed:
            return None
        return GroupIncoming(
            received.key,
            str(chat),
            None if thread is None else str(thread),
            str(staff),
            received.at,
            text,
            action,
            _remote(content) if action is not None else None,
            closed,
        )


def number_of(update: Any) -> int | None:
    """The update's number; None for what is no update."""
    return _integer(update.get("update_id")) if isinstance(update, dict) else None


def _content(update: Json) -> tuple[str, Json]:
    for kind in ALLOWED_UPDATES:
        if isinstance(content := update.get(kind), dict):
            return kind, content
    return "", {}


def _chat_of(content: Json) -> Json:
    """The chat of a message, or of the message under a tapped button, or of a change of membership."""
    message = content.get("message") if "chat" not in content else content
    chat = message.get("chat") if isinstance(message, dict) else None
    if isinstance(chat, dict):
        return chat
    who = content.get("from")  # a tap on a message that Telegram no longer names
    if "data" in content and isinstance(who, dict):
        return {"id": who.get("id"), "type": "private"}
    return {}


def _remote(query: Json) -> str | None:
    """Remote id of the message that carried the button; the group's ids are told apart by their chat."""
    message = query.get("message")
    number = _integer(message.get("message_id")) if isinstance(message, dict) else None
    if number is None:
        return None
    chat = _chat_of(query)
    return str(number) if chat.get("type") == "private" else f"{chat.get('id')}/{number}"


def _command(text: str) -> tuple[str | None, str]:
    """("start", "kase") for "/start kase" and "/start@bot kase"; (None, text) for other words."""
    if found := _COMMAND.match(text):
        return found.group(1).lower(), text[found.end() :].strip()
    return None, text


def _files(message: Json) -> tuple[FileNote, ...]:
    photo = message.get("photo")
    if isinstance(photo, list) and photo:
        sizes = [size for size in photo if isinstance(size, dict)]
        largest = max(sizes, key=lambda size: _integer(size.get("width")) or 0, default={})
        return _note(FileKind.PHOTO, largest)
    kinds = {
        "voice": FileKind.VOICE,
        "audio": FileKind.VOICE,
        "video": FileKind.VIDEO,
        "video_note": FileKind.VIDEO,
        "animation": FileKind.VIDEO,
        "document": FileKind.DOCUMENT,
    }
    for name, kind in kinds.items():
        if isinstance(about := message.get(name), dict):
            return _note(kind, about)
    return ()


def _note(kind: FileKind, about: Json) -> tuple[FileNote, ...]:
    source = about.get("file_id")
    if not isinstance(source, str) or not source:
        return ()
    return (
        FileNote(kind, source, clean(_text(about.get("file_name")))[:200], _integer(about.get("file_size"))),
    )


def _blocked(kind: str, content: Json) -> bool | None:
    if kind != "my_chat_member":
        return None
    return _new_status(content) in ("kicked", "left")


def _new_status(content: Json) -> str:
    new = content.get("new_chat_member")
    return _text(new.get("status")) if isinstance(new, dict) else ""


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any) -> str:
    """Words as they were sent; halves of surrogate pairs cannot be kept and become U+FFFD."""
    if not isinstance(value, str):
        return ""
    return join_surrogates(value)


def _dump(update: Any) -> bytes:
    return json.dumps(update, separators=(",", ":")).encode()  # ASCII: survives half surrogate pairs
