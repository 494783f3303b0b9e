"""How fast a channel may be written to: over all, to one chat, and to the staff group."""

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pacing:
    """Messages a second, and how many may go at once. Telegram allows 30/s, 1/s a chat, 20/min a group.

    The staff group gets at most its burst and a minute's rate, 18, in any minute.
    """

    per_s: float = 25.0
    burst: int = 25
    chat_per_s: float = 1.0
    chat_burst: int = 3
    group_per_s: float = 15 / 60
    group_burst: int = 3
    in_flight: int = 32  # sends that wait for the channel's answer


UNPACED = Pacing(1e9, 1_000_000, 1e9, 1_000_000, 1e9, 1_000_000, in_flight=64)


class Bucket:
    """So many at once, refilled steadily. Time is monotonic seconds, handed in."""

    def __init__(self, per_s: float, burst: int, now: float) -> None:
        self._per_s, self._burst = per_s, float(burst)
        self._level, self._at = float(burst), now

    def room(self, now: float) -> int:
        """How many may go at this moment."""
        self._refill(now)
        return max(0, int(self._level + 1e-9))

    def take(self, number: float, now: float) -> None:
        """So many went; the level may fall below zero, which is waited for later."""
        self._refill(now)
        self._level -= number

    def wait_s(self, now: float) -> float:
        """Seconds until one may go."""
        self._refill(now)
        return max(0.0, (1.0 - self._level) / self._per_s)

    def _refill(self, now: float) -> None:
        self._level = min(self._burst, self._level + max(0.0, now - self._at) * self._per_s)
        self._at = now


class ChatBuckets:
    """A bucket for each chat that was written to lately."""

    _KEPT = 20_000  # more chats than can be resting at once

    def __init__(self, pacing: Pacing) -> None:
        self._pacing = pacing
        self._buckets: OrderedDict[str | None, Bucket] = OrderedDict()

    def take(self, person_id: str | None, cost: float, now: float) -> float:
        """A message to this chat went (None: the staff group); returns how long it must rest."""
        bucket = self._buckets.pop(person_id, None)
        if bucket is None:
            per_s, burst = self._pacing.chat_per_s, self._pacing.chat_burst
            if person_id is None:
                per_s, burst = self._pacing.group_per_s, self._pacing.group_burst
            bucket = Bucket(per_s, burst, now)
        self._buckets[person_id] = bucket
        if len(self._buckets) > self._KEPT:
            self._buckets.popitem(last=False)
        bucket.take(cost, now)
        return bucket.wait_s(now)
