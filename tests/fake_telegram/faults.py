"""Faults that a test orders: refusals, lost answers, delays, flood control."""

from __future__ import annotations

import random
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field

from tests.fake_telegram.checks import Fields, Refusal


@dataclass(slots=True)
class Fault:
    """`kind`: refuse, cut_before (nothing happened), cut_after (it happened, the answer is lost), delay."""

    kind: str
    method: str | None = None  # None: every method but getUpdates
    chat: int | None = None
    times: int = 1
    refusal: Refusal | None = None
    seconds: float = 0.0

    def meets(self, method: str, fields: Fields) -> bool:
        if self.times <= 0 or (self.chat is not None and fields.get("chat_id") != self.chat):
            return False
        return method == self.method if self.method else method != "getUpdates"


@dataclass(slots=True)
class Faults:
    """What goes wrong next. Shares are probabilities per call, drawn from `dice`."""

    ordered: list[Fault] = field(default_factory=list)
    share_5xx: float = 0.0
    share_cut_after: float = 0.0
    dice: random.Random = field(default_factory=lambda: random.Random(11))
    away: bool = False  # every connection is cut at once, as if the network were down

    def refuse(
        self, method: str | None, code: int, description: str, *, times: int = 1, chat: int | None = None
    ) -> None:
        self.ordered.append(Fault("refuse", method, chat, times, Refusal(code, description)))

    def flood(self, method: str | None, retry_after: int, *, times: int = 1, chat: int | None = None) -> None:
        refusal = Refusal(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
        self.ordered.append(Fault("refuse", method, chat, times, refusal))

    def cut_before(self, method: str | None, *, times: int = 1) -> None:
        self.ordered.append(Fault("cut_before", method, None, times))

    def cut_after(self, method: str | None, *, times: int = 1) -> None:
        self.ordered.append(Fault("cut_after", method, None, times))

    def delay(self, method: str | None, seconds: float, *, times: int = 1, chat: int | None = None) -> None:
        self.ordered.append(Fault("delay", method, chat, times, None, seconds))

    def next(self, method: str, fields: Fields) -> Fault | None:
        """The fault this call meets, used up by it."""
        for fault in self.ordered:
            if fault.meets(method, fields):
                fault.times -= 1
                if fault.times == 0:
                    self.ordered.remove(fault)
                return fault
        if method != "getUpdates" and (self.share_5xx or self.share_cut_after):
            drawn = self.dice.random()
            if drawn < self.share_5xx:
                return Fault("refuse", refusal=Refusal(502, "Bad Gateway"))
            if drawn < self.share_5xx + self.share_cut_after:
                return Fault("cut_after")
        return None


SENDING = frozenset({"sendMessage", "editMessageText", "createForumTopic", "editMessageReplyMarkup"})


@dataclass(slots=True)
class FloodControl:
    """Telegram's rate limits, off until a number is set. Also notes calls made inside an ordered rest."""

    group_per_min: int = 0
    chat_burst: int = 0  # so many at once in a private chat, then one a second
    broken_rests: list[tuple[int, float]] = field(default_factory=list)
    _resting: dict[int, float] = field(default_factory=dict)
    _group: dict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _chat: dict[int, tuple[float, float]] = field(default_factory=dict)

    def check(self, method: str, fields: Fields) -> None:
        """Raises the 429 that Telegram would give."""
        chat = fields.get("chat_id")
        if method not in SENDING or not isinstance(chat, int):
            return
        now = time.monotonic()
        if now < self._resting.get(chat, 0.0):
            self.broken_rests.append((chat, self._resting[chat] - now))
            raise self._rest(chat, now, self._resting[chat] - now)
        if chat < 0 and self.group_per_min:
            recent = self._group[chat]
            while recent and now - recent[0] > 60:
                recent.popleft()
            if len(recent) >= self.group_per_min:
                raise self._rest(chat, now, 60 - (now - recent[0]))
            recent.append(now)
        if chat > 0 and self.chat_burst:
            level, at = self._chat.get(chat, (0.0, now))
            level = max(0.0, level - (now - at))
            if level + 1 > self.chat_burst:
                raise self._rest(chat, now, 1)
            self._chat[chat] = (level + 1, now)

    def note_rest(self, fields: Fields, retry_after: int) -> None:
        """A 429 was given by order; the chat must rest."""
        if isinstance(fields.get("chat_id"), int):
            self._resting[fields["chat_id"]] = time.monotonic() + retry_after

    def _rest(self, chat: int, now: float, seconds: float) -> Refusal:
        whole = max(1, int(seconds + 0.999))
        self._resting[chat] = now + whole
        return Refusal(429, f"Too Many Requests: retry after {whole}", retry_after=whole)
