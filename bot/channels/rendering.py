"""Fits a reply to what a channel can show: clean, split, cut, with buttons on the last part."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.channels.base import Capabilities
from bot.domain.reply import Button, Reply

MAX_ACTION_BYTES = 64

# Control characters, and the marks that turn the reading direction: a name or a label could use them to
# show something else than it is. Line feed stays; joiners inside emoji stay.
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Where a long text may be cut, best first.
_BREAKS = ("\n\n", "\n", "。", "！", "？", "；", ". ", "，", " ")


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a channel. `bold` is the length of its heading in UTF-16 units, 0 for none."""

    text: str
    bold: int = 0
    rows: tuple[tuple[Button, ...], ...] = ()


def utf16_length(text: str) -> int:
    """Length as Telegram and browsers count it: characters beyond U+FFFF count twice."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def clean(text: str) -> str:
    """Text without control characters, direction marks and halves of surrogate pairs."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _UNPRINTABLE.sub("", join_surrogates(text))


def join_surrogates(text: str) -> str:
    """Halves of surrogate pairs joined, lonely ones replaced: nothing else can be kept or sent as UTF-8."""
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def split(text: str, limit: int) -> list[str]:
    """Cut text into parts of at most `limit` UTF-16 units, behind a paragraph or sentence if one ends near.

    Nothing but white space at the cuts is lost. An empty text gives no part.
    """
    parts: list[str] = []
    rest = text.strip()
    while rest:
        end = _fitting(rest, limit)
        if end < len(rest):
            end = _good_end(rest, end)
        if part := rest[:end].rstrip():
            parts.append(part)
        rest = rest[end:].lstrip()
    return parts


def _fitting(text: str, limit: int) -> int:
    """How many characters of the text fit into so many UTF-16 units (at least one)."""
    if utf16_length(text) <= limit:
        return len(text)
    end = min(len(text), limit)
    while end > 1 and utf16_length(text[:end]) > limit:
        end -= max(1, (utf16_length(text[:end]) - limit) // 2)
    return end


def _good_end(text: str, end: int) -> int:
    """A place to cut at or before `end`, not so early that parts become crumbs."""
    for mark in _BREAKS:
        at = text.rfind(mark, 0, end)
        if at >= end // 2:
            return min(at + len(mark), end)
    while end > 1 and (text[end] in "\u200d\ufe0f" or text[end - 1] == "\u200d"):
        end -= 1  # not inside a joined emoji
    return end


def cut_label(label: str, at_most: int) -> str:
    """A button label that phones show whole."""
    label = " ".join(clean(label).split())
    return label if len(label) <= at_most else label[: at_most - 1].rstrip() + "…"


def render(reply: Reply, can: Capabilities, mark: str = "") -> list[Part]:
    """The messages a reply becomes: heading in the first, buttons on the last.

    `mark` is a line put under a message that may be a repetition. Buttons that no channel could carry
    (no label, an action over 64 bytes, a link to this very machine) are left out.
    """
    text = clean(reply.text).strip()
    if mark and text:
        text = f"{text}\n{clean(mark)}"
    parts = [Part(part) for part in split(text, can.max_text)]
    if not parts:
        return []
    if reply.bold:
        parts[0] = Part(parts[0].text, bold=utf16_length(parts[0].text.split("\n", 1)[0].rstrip()))
    rows = _rows(reply.rows, can)
    parts[-1] = Part(parts[-1].text, parts[-1].bold, rows)
    return parts


def _rows(rows: Sequence[Sequence[Button]], can: Capabilities) -> tuple[tuple[Button, ...], ...]:
    left = can.max_buttons
    fitted: list[tuple[Button, ...]] = []
    for row in rows:
        buttons = [fit for button in row if (fit := _fit(button, can)) is not None][:left]
        left -= len(buttons)
        if buttons:
            fitted.append(tuple(buttons))
    return tuple(fitted)


def _fit(button: Button, can: Capabilities) -> Button | None:
    label = cut_label(button.label, can.max_label)
    if not label:
        return None
    if button.url:
        return Button(label, url=button.url) if can.links and reachable(button.url) else None
    if not 1 <= len(button.action.encode()) <= MAX_ACTION_BYTES:
        return None
    return Button(label, action=button.action)


def reachable(url: str) -> bool:
    """Whether a link can lead anywhere but to this machine; Telegram refuses a message where it cannot."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https"):
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return "." in host and not host.endswith(".localhost")
