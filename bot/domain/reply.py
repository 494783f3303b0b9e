"""What we say to a person, free of any channel."""

from dataclasses import dataclass
from enum import StrEnum


class Lane(StrEnum):
    """Urgency of an outgoing message, best first."""

    URGENT = "urgent"
    REPLY = "reply"
    NOTICE = "notice"
    BROADCAST = "broadcast"


@dataclass(frozen=True, slots=True)
class Button:
    """Words on a button and the action it sends back (≤ 64 bytes of UTF-8), or an https link."""

    label: str
    action: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One message. `rows` are rows of buttons. Plain text: no channel may read it as markup.

    `card`: messages with the same card replace each other in place where the channel can edit.
    `bold` names the first line as a heading where the channel can show one.
    `quiet`: no sound. `private`: the words are about a case (previews, notifications stay neutral).
    `menu`: offer the main menu as the channel's standing buttons.
    """

    text: str
    rows: tuple[tuple[Button, ...], ...] = ()
    card: str | None = None
    bold: bool = False
    quiet: bool = False
    private: bool = False
    menu: bool = False

    def buttons(self) -> tuple[Button, ...]:
        """All buttons in reading order."""
        return tuple(button for row in self.rows for button in row)
