"""Delivers one row of the outbox to Telegram and says in our words how that went."""

import logging
from collections import OrderedDict

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.channels.base import TELEGRAM
from bot.channels.rendering import Part, render
from bot.channels.telegram_api import TelegramApi, may_have_acted, seconds_of
from bot.channels.telegram_group import StaffGroup, reason_of
from bot.domain.ports import Store
from bot.domain.ports_channels import Delivered, Delivery, TryLater, Undeliverable
from bot.domain.ports_talk import UNSURE, Outgoing
from knowledge.wording_group import GroupWords

log = logging.getLogger("safehouse.telegram")

DELETE_AT_ONCE = 100
_LONGEST_WAIT_S = 30.0
_REMEMBERED = 4096
# What Telegram finds wrong with a message, as words for the dead letter: its own sentence may quote content.
_REASONS = {
    "message is too long": "too_long",
    "message text is empty": "empty",
    "button_data_invalid": "button",
    "button_url_invalid": "button",
    "inline keyboard button": "button",
    "reply markup is too long": "button",
    "chat not found": "chat_not_found",
    "entity": "entity",
    "not enough rights": "no_rights",
    "have no rights": "no_rights",
}
# The old card is gone, too old, or in a topic that was closed: a new message takes its place.
_NO_EDIT = ("to edit not found", "can't be edited", "message_id_invalid", "topic_", "thread not found")


class Sender:
    """Sends, edits and deletes. Remembers what went out half (parts sent, answers lost) by row number."""

    def __init__(self, api: TelegramApi, store: Store, group: StaffGroup, words: GroupWords) -> None:
        self._api = api
        self._store = store
        self._group = group
        self._words = words
        self._parts_sent: OrderedDict[int, list[int]] = OrderedDict()

    async def deliver(self, out: Outgoing) -> Delivery:
        """Bring one row to its chat. Never raises for what Telegram answers; no answer quotes the token."""
        try:
            delivery = await self._deliver(out)
        except ChatMigrated as error:
            return await self._migrated(out, error.new_chat_id)
        except TelegramError as error:
            delivery = self._judge(out, error)
        if not isinstance(delivery, TryLater):
            self._parts_sent.pop(out.seq, None)
        return delivery

    async def _deliver(self, out: Outgoing) -> Delivery:
        chat = self._chat(out)
        if chat is None:
            return Undeliverable("no_chat")
        if out.delete:
            return await self._delete(chat, out.delete)
        if out.replaces:
            parts = render(out.reply, TELEGRAM)
            if len(parts) == 1 and await self._edit(chat, out.replaces, parts[0]):
                return Delivered(out.replaces)
        mark = self._words.repeated.format(number=out.number) if out.repeated else ""
        parts = render(out.reply, TELEGRAM, mark)
        if not parts:
            return Undeliverable("empty")
        remote = await self._send(chat, out, parts)
        if out.replaces:
            await self._delete_quietly(chat, out.replaces)
        return Delivered(remote)

    async def _send(self, chat: int, out: Outgoing, parts: list[Part]) -> str:
        sent = self._parts_sent.setdefault(out.seq, [])
        if len(self._parts_sent) > _REMEMBERED:
            self._parts_sent.popitem(last=False)
        for part in parts[len(sent) :]:
            if out.to is None:
                sent.append(await self._send_to_group(out, part))
            else:
                sent.append(await self._api.send(chat, part, quiet=out.reply.quiet))
        ids = ",".join(str(number) for number in sent)
        return ids if out.to is not None else f"{chat}/{ids}"

    async def _send_to_group(self, out: Outgoing, part: Part) -> int:
        async def send(thread: int | None) -> int:
            assert self._group.chat is not None
            return await self._api.send(self._group.chat, part, thread=thread, quiet=out.reply.quiet)

        return await self._group.in_topic(out.case_id, send)

    async def _edit(self, chat: int, remote: str, part: Part) -> bool:
        """True where the old message now shows the part; False where a new message is needed."""
        ids = _message_ids(chat, remote)
        if len(ids) != 1:
            return False
        try:
            await self._api.edit(chat, ids[0], part)
        except BadRequest as error:
            why = reason_of(error)
            if "message is not modified" in why:
                return True
            if any(known in why for known in _NO_EDIT):
                return False
            raise
        return True

    async def _delete(self, chat: int, remotes: tuple[str, ...]) -> Delivery:
        """Delete what can be; Telegram keeps what is older than 48 hours and skips what it does not find."""
        ids = sorted({number for remote in remotes for number in _message_ids(chat, remote)})
        for start in range(0, len(ids), DELETE_AT_ONCE):
            try:
                await self._api.bot.delete_messages(chat, ids[start : start + DELETE_AT_ONCE])
            except BadRequest:
                log.info("telegram refused to delete %d messages", len(ids[start : start + DELETE_AT_ONCE]))
        return Delivered()

    async def _delete_quietly(self, chat: int, remote: str) -> None:
        try:
            await self._delete(chat, (remote,))
        except TelegramError as error:
            log.info("an old card could not be deleted: %s", type(error).__name__)

    def _chat(self, out: Outgoing) -> int | None:
        if out.to is None:
            return self._group.chat
        return int(out.to.id) if out.to.id.isascii() and out.to.id.isdigit() else None

    async def _migrated(self, out: Outgoing, chat: int) -> Delivery:
        if out.to is not None:
            return Undeliverable("migrated")  # private chats never are
        await self._group.moved_to(chat)
        return TryLater(0.0, "migrated")

    def _judge(self, out: Outgoing, error: TelegramError) -> Delivery:
        match error:
            case RetryAfter():
                return TryLater(seconds_of(error) + 0.5, "flood", whole_chat=True)
            case Forbidden():
                if out.to is None:
                    return TryLater(300.0, "group_forbidden", whole_chat=True)
                return Undeliverable("forbidden", gone=True)
            case BadRequest():
                why = _reason(error)
                return Undeliverable(why, gone=why == "chat_not_found" and out.to is not None)
            case InvalidToken():
                return TryLater(60.0, "token")
        if may_have_acted(error):
            return TryLater(wait_s(out.attempts), UNSURE)
        return TryLater(wait_s(out.attempts), "network")


def wait_s(attempts: int) -> float:
    """Seconds before the next try: 1, 2, 4 … at most half a minute, so that a backlog drains soon after."""
    return min(_LONGEST_WAIT_S, 2.0 ** min(attempts, 12))


def _reason(error: BadRequest) -> str:
    why = reason_of(error)
    return next((word for known, word in _REASONS.items() if known in why), "bad_request")


def _message_ids(chat: int, remote: str) -> list[int]:
    """ "12,13" of a private chat, "-100123/12" of the group; ids of another chat are of no use here."""
    where, slash, ids = remote.rpartition("/")
    if slash and where != str(chat):
        return []
    return [int(number) for number in ids.split(",") if number.isdigit()]
