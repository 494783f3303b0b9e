"""Replies as text for the outbox: compact, with a version, read back exactly."""

import json

from bot.domain.reply import Button, Reply
from storage.sealing import packed

_VERSION = 1
_FLAGS = ("bold", "quiet", "private", "menu")


def pack_reply(reply: Reply) -> str:
    flags = sum(1 << bit for bit, name in enumerate(_FLAGS) if getattr(reply, name))
    rows = [[[button.label, button.action, button.url] for button in row] for row in reply.rows]
    return packed([_VERSION, reply.text, rows, reply.card, flags])


def unpack_reply(text: str) -> Reply:
    _, words, rows, card, flags = json.loads(text)
    return Reply(
        text=words,
        rows=tuple(tuple(Button(*button) for button in row) for row in rows),
        card=card,
        **{name: bool(flags >> bit & 1) for bit, name in enumerate(_FLAGS)},
    )
