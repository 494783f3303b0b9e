"""What the core needs of a channel, and what may come of a delivery."""

from dataclasses import dataclass
from typing import Protocol

from bot.domain.incoming import Address, FileNote, GroupIncoming, Incoming
from bot.domain.ports_talk import Outgoing, Received


@dataclass(frozen=True, slots=True)
class Delivered:
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class TryLater:
    """Not now. `whole_chat`: the channel asked for rest for this chat (retry_after)."""

    after_s: float
    why: str
    whole_chat: bool = False


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """Never. `gone`: the person cannot be reached at all (bot blocked, account deleted)."""

    why: str
    gone: bool = False


Delivery = Delivered | TryLater | Undeliverable


class Channel(Protocol):
    """What the workers need of a channel."""

    @property
    def name(self) -> str: ...
    def translate(self, received: Received, sender: Address) -> Incoming | GroupIncoming | None:
        """The raw update in our words; None where there is nothing to do about it."""
        ...

    async def fetch(self, note: FileNote) -> bytes:
        """Bytes of an announced file; Refused("file_too_big"…) where it cannot be had."""
        ...

    async def deliver(self, out: Outgoing) -> Delivery: ...
