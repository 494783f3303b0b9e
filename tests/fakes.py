"""Small stand-ins for what is outside: the clock, and a search that is easy to foresee."""

from datetime import UTC, datetime, timedelta

from bot.conversation.typed import plain
from knowledge.index import Found, NotFound, Ranked, Unsure
from knowledge.loader import Knowledge

SUNDAY_EVENING = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # 20:00 in Yinchuan


class FrozenClock:
    """Time that stands still until a test moves it."""

    def __init__(self, now: datetime = SUNDAY_EVENING) -> None:
        self._now, self._monotonic = now, 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def passes(self, **by: float) -> None:
        """clock.passes(hours=3)"""
        span = timedelta(**by)
        self._now += span
        self._monotonic += span.total_seconds()


class PlainSearch:
    """Finds what a test names: an entry by one of its phrasings or its title, a choice by a shared prefix.

    A text that begins with 那 belongs to the topic being talked about, as a short follow-up does.
    """

    by_meaning = False

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._by_words = {
            plain(words): entry.id
            for entry in knowledge.entries.values()
            for words in (entry.title, *entry.ask)
        }

    def search(self, text: str, topic: str | None = None) -> Found | Unsure | NotFound:
        asked = plain(text)
        entry = self._by_words.get(asked)
        if entry is not None:
            return Found(entry, 0.9)
        if topic is not None and text.startswith("那"):
            return Found(topic, 0.7)
        near = dict.fromkeys(
            entry for words, entry in self._by_words.items() if len(asked) >= 3 and words.startswith(asked)
        )
        return Unsure(tuple(near)[:3]) if near else NotFound()

    def several(self, text: str) -> list[str]:
        parts = text.replace("。", "，").replace("\n", "，").split("，")
        found = [self._by_words[plain(part)] for part in parts if plain(part) in self._by_words]
        return list(dict.fromkeys(found))

    def rank(self, text: str, k: int = 5) -> list[Ranked]:
        return [
            Ranked(entry, 1.0 / place) for place, entry in enumerate(list(self._knowledge.entries)[:k], 1)
        ]
