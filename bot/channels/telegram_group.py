"""The staff group: a forum topic for each case where the group has topics, plain messages where not."""

import logging
from collections.abc import Awaitable, Callable

from telegram.error import BadRequest

from bot.channels.rendering import clean
from bot.channels.telegram_api import TelegramApi
from bot.domain.ports import Store
from knowledge.wording import Wording

log = logging.getLogger("safehouse.telegram")

TITLE_LIMIT = 128
_FACT = "telegram_group"  # "<configured id> <present id>": a group that grew got a new id


def reason_of(error: BadRequest) -> str:
    """Telegram's words for what is wrong, in lower case."""
    return error.message.lower()


class StaffGroup:
    """Where messages of the staff group go. `chat` is the group's present id."""

    def __init__(self, api: TelegramApi, store: Store, wording: Wording, configured: int | None) -> None:
        self.chat = configured
        self._configured = configured
        self._api = api
        self._store = store
        self._wording = wording
        self._forum = True  # until Telegram says otherwise

    async def load(self) -> None:
        """Remember a move of the group from before the last stop."""
        kept = await self._store.read(lambda unit: unit.facts.get(_FACT))
        first, _, present = (kept or "").partition(" ")
        if first == str(self._configured) and present:
            self.chat = int(present)

    async def moved_to(self, chat: int) -> None:
        """The group was turned into a supergroup: it has another id, and perhaps topics."""
        if chat == self.chat:
            return
        log.warning("the staff group has a new id")
        await self._store.write(lambda unit: unit.facts.put(_FACT, f"{self._configured} {chat}"))
        self.chat, self._forum = chat, True

    async def in_topic(self, case_id: str | None, send: Callable[[int | None], Awaitable[int]]) -> int:
        """Run `send(thread)` with the case's topic; mends a closed or deleted topic on the way."""
        thread = await self._thread(case_id)
        try:
            return await send(thread)
        except BadRequest as error:
            if thread is None or case_id is None:
                raise
            match reason_of(error):
                case why if "topic_closed" in why:
                    thread = await self._reopen(case_id, thread)
                case why if "topic_deleted" in why or "thread not found" in why:
                    thread = await self._new_topic(case_id)
                case _:
                    raise
        return await send(thread)

    async def _thread(self, case_id: str | None) -> int | None:
        if case_id is None or not self._forum:
            return None
        kept = await self._store.read(lambda unit: unit.cases.topic(case_id))
        chat, _, thread = (kept or "").partition(":")
        if chat == str(self.chat) and thread.isdigit():
            return int(thread)
        return await self._new_topic(case_id)

    async def _reopen(self, case_id: str, thread: int) -> int | None:
        try:
            await self._api.bot.reopen_forum_topic(self._id(), thread)
        except BadRequest as error:
            if "not_modified" not in reason_of(error):
                return await self._new_topic(case_id)
        return thread

    async def _new_topic(self, case_id: str) -> int | None:
        """A new topic named by number and kind only; None where the group has none or we may not."""
        title = await self._title(case_id)
        if title is None:
            return None
        try:
            topic = await self._api.bot.create_forum_topic(self._id(), title)
        except BadRequest as error:
            why = reason_of(error)
            if "not a forum" in why:
                self._forum = False
                return None
            if "not enough rights" in why:
                log.warning("the bot may not make topics in the staff group: messages go to its main page")
                return None
            raise
        remote = f"{self.chat}:{topic.message_thread_id}"
        await self._store.write(lambda unit: unit.cases.keep_topic(case_id, remote))
        return topic.message_thread_id

    async def _title(self, case_id: str) -> str | None:
        card = await self._store.read(lambda unit: unit.cases.card(case_id))
        if card is None:
            return None
        kind = self._wording.labels.kind.get(card.kind, card.kind)
        title = clean(self._wording.group.topic_title.format(number=card.number, kind=kind))
        return title.replace("\n", " ").strip()[:TITLE_LIMIT]

    def _id(self) -> int:
        assert self.chat is not None
        return self.chat
