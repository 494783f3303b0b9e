"""A transcript as it is shown: cards stand where they first appeared and show their newest face."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from markupsafe import Markup, escape

from bot.domain.ports_talk import TalkLine
from bot.domain.reply import Reply

Order = tuple[int, int, int]
START: Order = (0, 0, 0)


def write_order(order: Order) -> str:
    """The place of a line, as an event id and in addresses."""
    return ".".join(map(str, order))


def read_order(text: str) -> Order:
    """Back again; the start for anything else."""
    found = re.fullmatch(r"(\d{1,18})\.(\d{1,18})\.(\d{1,18})", text, re.ASCII)
    return (int(found[1]), int(found[2]), int(found[3])) if found else START


@dataclass(frozen=True, slots=True)
class Shown:
    """One bubble. `first` is its place and name, `newest` the line whose words it shows.

    `tapped`: her words are a button's. `live`: its buttons still work. `here`: where reading goes on after
    her last act.
    """

    first: Order
    newest: Order
    at: datetime
    hers: str | None
    reply: Reply | None
    tapped: bool = False
    live: bool = False
    here: bool = False

    @property
    def name(self) -> str:
        return "l" + write_order(self.first).replace(".", "-")

    @property
    def version(self) -> str:
        """Changes whenever the bubble looks different."""
        return write_order(self.newest) + ("+" if self.live else "")


@dataclass(slots=True)
class _Arranging:
    unnamed: str
    shown: list[Shown] = field(default_factory=list)
    pending_taps: list[Shown] = field(default_factory=list)
    last_hers: Order = START


def arrange(lines: Sequence[TalkLine], unnamed: str = "") -> list[Shown]:
    """What she sees of a transcript, oldest first. `unnamed` stands for a tap whose label is not known.

    A tap whose answer is the same card again changes the card in place and leaves no bubble of its own, as
    on Telegram. A card that comes again after other talk stands at the end; the old one stays as it was.
    Only buttons that answer her last act are live: one tap, one answer.
    """
    state = _Arranging(unnamed)
    for line in lines:
        if line.reply is None:
            _take_hers(state, line)
        else:
            _take_reply(state, line, line.reply)
    _flush(state)
    return _with_places(state)


def _take_hers(state: _Arranging, line: TalkLine) -> None:
    words = "" if line.hers == state.unnamed else line.hers or ""
    bubble = Shown(line.order, line.order, line.at, words, None)
    state.last_hers = line.order
    if not words or _is_tap(state, words):
        state.pending_taps.append(bubble)
        return
    _flush(state)
    state.shown.append(bubble)


def _take_reply(state: _Arranging, line: TalkLine, reply: Reply) -> None:
    last = state.shown[-1] if state.shown else None
    if reply.card and last and last.reply and last.reply.card == reply.card:
        state.shown[-1] = replace(last, newest=line.order, at=line.at, reply=reply)
        state.pending_taps.clear()
        return
    _flush(state)
    state.shown.append(Shown(line.order, line.order, line.at, None, reply))


def _flush(state: _Arranging) -> None:
    """Taps that led on are kept as her words; those without words are not."""
    state.shown += [replace(tap, tapped=True) for tap in state.pending_taps if tap.hers]
    state.pending_taps.clear()


def _is_tap(state: _Arranging, words: str) -> bool:
    """Whether her words are the label of a button that stood before her."""
    for bubble in reversed(state.shown):
        if bubble.reply is None:
            return False
        if any(button.label == words for button in bubble.reply.buttons()):
            return True
    return False


def _with_places(state: _Arranging) -> list[Shown]:
    shown = [
        replace(bubble, live=bubble.reply is not None and bubble.newest > state.last_hers)
        for bubble in state.shown
    ]
    hers = [at for at, bubble in enumerate(shown) if bubble.first == state.last_hers]
    answers = [at for at, bubble in enumerate(shown) if bubble.live]
    if here := hers or answers:  # answers alone: her tap left no bubble
        shown[here[0]] = replace(shown[here[0]], here=True)
    return shown


_DIAL = re.compile(
    r"(?<![\d.,，第—–-])(?:12(?:333|338|345|348|351|356)"
    r"|(?<![\d])(?:110|119|120)(?=\s*(?:报警|急救|$|[、，。；：;,:！）)”」\n]|或|和|就)))(?![\d.])"
)


def dialled(text: str) -> Markup:
    """Text with the national short numbers made into telephone links; everything else escaped."""
    parts, at = [], 0
    for found in _DIAL.finditer(text):
        link = Markup('<a href="tel:{0}">{0}</a>').format(found[0])
        parts += [escape(text[at : found.start()]), link]
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])
