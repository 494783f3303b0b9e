"""What a channel can do, so that rendering fits a reply to it instead of hoping."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Limits of one channel. `max_text` counts UTF-16 units of one message, `max_label` characters."""

    name: str
    max_text: int
    max_label: int
    max_buttons: int
    edits: bool  # a card can be replaced in place
    deletes: bool
    links: bool  # buttons may open a web address


# Telegram counts text in UTF-16 units. Labels have no written limit, but phones cut long ones in the middle.
TELEGRAM = Capabilities(
    name="telegram", max_text=4096, max_label=40, max_buttons=100, edits=True, deletes=True, links=True
)
