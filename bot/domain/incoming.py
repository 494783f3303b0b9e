"""What reaches us from a channel, already translated: who, what, when."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person writes from: channel name and the channel's own id (a secret: sealed at rest)."""

    channel: str
    id: str


class FileKind(StrEnum):
    PHOTO = "photo"
    VOICE = "voice"
    VIDEO = "video"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class FileNote:
    """A file as the channel announces it, before its bytes are fetched. `source` is the channel's handle."""

    kind: FileKind
    source: str
    name: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that lies sealed in the store; `refused` says (as a wording key) why it does not."""

    id: str
    kind: FileKind
    size: int
    name: str = ""
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing a person did. `id` is its key in the inbox ("telegram:8841"); `at` is aware UTC, ours.

    `action` is the data of a tapped button, `card` the remote id of the message that carried it.
    `start` is the payload of a deep link (/start kase, ?from=…), "" for a bare start.
    `edited` is true where she changed words she had sent before.
    """

    id: str
    sender: Address
    at: datetime
    text: str = ""
    action: str | None = None
    card: str | None = None
    start: str | None = None
    edited: bool = False
    announced: tuple[FileNote, ...] = ()
    files: tuple[KeptFile, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class GroupIncoming:
    """Something that happened in the staff group. `thread` is the forum topic, None in General.

    `staff_telegram_id` is numeric and the only thing an identity may rest on; titles and names are not.
    """

    id: str
    chat: str
    thread: str | None
    staff_telegram_id: str
    at: datetime
    text: str = ""
    action: str | None = None
    card: str | None = None
    topic_closed: bool = False  # a service message: the topic was closed or deleted
