"""What each method of the fake Bot API does to the world, with Telegram's own words for refusals."""

from __future__ import annotations

from typing import Any

from tests.fake_telegram.checks import Fields, Refusal, bad
from tests.fake_telegram.world import BOT_ID, Chat, Json, Message, Topic, World

TWO_DAYS_S = 48 * 3600
MAX_DOWNLOAD = 20 * 1024 * 1024


class Methods:
    """The methods that only look at or change chats; getUpdates and webhooks are the server's."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.commands: list[Json] = []
        self.answered: list[str] = []  # callback queries

    def run(self, method: str, fields: Fields) -> Any:
        return getattr(self, method)(fields)

    def getMe(self, _: Fields) -> Json:
        return {"id": BOT_ID, "is_bot": True, "first_name": "安全屋", "username": "safehouse_bot"}

    def sendMessage(self, fields: Fields) -> Json:
        chat = self._open_chat(fields["chat_id"])
        thread = self._open_thread(chat, fields.get("message_thread_id"))
        message = self.world.add(
            chat,
            0,
            fields["text"].strip(),
            thread=thread,
            entities=fields.get("entities", []),
            keyboard=fields.get("reply_markup", {}).get("inline_keyboard", []),
            silent=fields.get("disable_notification", False),
        )
        return self.world.json(message)

    def editMessageText(self, fields: Fields) -> Json:
        message = self._own_message(fields)
        new = fields["text"].strip(), fields.get("entities", []), self._keyboard(fields)
        if new == (message.text, message.entities, message.keyboard):
            raise bad(
                "message is not modified: specified new message content and reply markup are exactly the "
                "same as a current content and reply markup of the message"
            )
        message.text, message.entities, message.keyboard = new
        message.edits += 1
        self.world.chats[message.chat_id].news += 1
        return self.world.json(message)

    def editMessageReplyMarkup(self, fields: Fields) -> Json:
        message = self._own_message(fields)
        message.keyboard = self._keyboard(fields)
        message.edits += 1
        return self.world.json(message)

    def deleteMessage(self, fields: Fields) -> bool:
        chat = self._chat(fields["chat_id"])
        message = chat.messages.get(fields["message_id"])
        if message is None:
            raise bad("message to delete not found")
        if not self._deletable(chat, message):
            raise bad("message can't be deleted")
        del chat.messages[message.id]
        return True

    def deleteMessages(self, fields: Fields) -> bool:
        chat = self._chat(fields["chat_id"])
        for number in fields["message_ids"]:
            message = chat.messages.get(number)
            if message is not None and self._deletable(chat, message):
                del chat.messages[number]
        return True

    def answerCallbackQuery(self, fields: Fields) -> bool:
        if fields["callback_query_id"] in self.answered:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.answered.append(fields["callback_query_id"])
        return True

    def setMyCommands(self, fields: Fields) -> bool:
        self.commands = fields["commands"]
        return True

    def setMyDescription(self, _: Fields) -> bool:
        return True

    setMyShortDescription = sendChatAction = setMyDescription

    def getFile(self, fields: Fields) -> Json:
        data = self.world.files.get(fields["file_id"])
        if data is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(data) > MAX_DOWNLOAD:
            raise bad("file is too big")
        file_id = fields["file_id"]
        return {
            "file_id": file_id,
            "file_unique_id": f"u{file_id}",
            "file_size": len(data),
            "file_path": f"documents/{file_id}",
        }

    def getChat(self, fields: Fields) -> Json:
        chat = self._open_chat(fields["chat_id"])
        return chat.json() | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": {
            "unlimited_gifts": False, "limited_gifts": False, "unique_gifts": False,
            "premium_subscription": False, "gifts_from_channels": False,
        }}  # fmt: skip

    def getChatMember(self, fields: Fields) -> Json:
        self._open_chat(fields["chat_id"])
        return {"status": "member", "user": {"id": fields["user_id"], "is_bot": False, "first_name": "某某"}}

    def leaveChat(self, fields: Fields) -> bool:
        self._open_chat(fields["chat_id"]).blocked = True
        return True

    def createForumTopic(self, fields: Fields) -> Json:
        chat = self._open_chat(fields["chat_id"])
        if not chat.forum:
            raise bad("the chat is not a forum")
        if not chat.may_make_topics:
            raise bad("not enough rights to create a topic")
        message = self.world.add(
            chat, 0, extra={"forum_topic_created": {"name": fields["name"], "icon_color": 1}}
        )
        message.thread = message.id
        chat.topics[message.id] = Topic(message.id, fields["name"])
        return {"message_thread_id": message.id, "name": fields["name"], "icon_color": 7322096}

    def editForumTopic(self, fields: Fields) -> bool:
        self._topic(fields).name = fields.get("name", "")
        return True

    def closeForumTopic(self, fields: Fields) -> bool:
        self._topic(fields).closed = True
        return True

    def reopenForumTopic(self, fields: Fields) -> bool:
        topic = self._topic(fields)
        if not self._chat(fields["chat_id"]).may_make_topics:
            raise bad("not enough rights to reopen the topic")
        if not topic.closed:
            raise bad("TOPIC_NOT_MODIFIED")
        topic.closed = False
        return True

    def deleteForumTopic(self, fields: Fields) -> bool:
        self._topic(fields).deleted = True
        return True

    def _chat(self, chat_id: int | str) -> Chat:
        chat = self.world.chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None:
            raise bad("chat not found")
        if chat.migrated_to is not None:
            raise Refusal(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.migrated_to,
            )
        return chat

    def _open_chat(self, chat_id: int | str) -> Chat:
        chat = self._chat(chat_id)
        if chat.gone:
            raise Refusal(403, "Forbidden: user is deactivated")
        if chat.blocked:
            group = "Forbidden: bot was kicked from the group chat"
            raise Refusal(403, "Forbidden: bot was blocked by the user" if chat.kind == "private" else group)
        return chat

    def _open_thread(self, chat: Chat, thread: int | None) -> int | None:
        if thread is None:
            return None
        topic = chat.topics.get(thread)
        if topic is None:
            raise bad("message thread not found")
        if topic.deleted:
            raise bad("TOPIC_DELETED")
        if topic.closed:
            raise bad("TOPIC_CLOSED")
        return thread

    def _topic(self, fields: Fields) -> Topic:
        topic = self._open_chat(fields["chat_id"]).topics.get(fields["message_thread_id"])
        if topic is None or topic.deleted:
            raise bad("message thread not found")
        return topic

    def _own_message(self, fields: Fields) -> Message:
        message = self._open_chat(fields["chat_id"]).messages.get(fields["message_id"])
        if message is None:
            raise bad("message to edit not found")
        if message.sender != 0:
            raise bad("message can't be edited")
        return message

    def _deletable(self, chat: Chat, message: Message) -> bool:
        young = self.world.now() - message.at < TWO_DAYS_S
        return young and (chat.kind == "private" or message.sender == 0)

    @staticmethod
    def _keyboard(fields: Fields) -> list[list[Json]]:
        rows: list[list[Json]] = fields.get("reply_markup", {}).get("inline_keyboard", [])
        return rows
