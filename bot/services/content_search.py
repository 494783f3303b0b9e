"""Finds topics for curators: by plain letters first, then by likeness."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.services.content_library import Library
from knowledge.normalise import simplify, squash

LONGEST_SEARCH = 100
_ALIKE_FROM = 4  # letters; shorter ones are like too much
_ALIKE = 70.0  # percent of rapidfuzz's partial ratio: 被辞腿 still finds 被辞退


@dataclass(frozen=True, slots=True)
class Match:
    """A topic and the phrasing that fits; "" where its title or id does."""

    topic: str
    phrasing: str


def find_topics(library: Library, wanted: str) -> list[Match]:
    """Topics that hold `wanted` in title, id or a phrasing, then those with one like it, best first."""
    plain = _plain(wanted[:LONGEST_SEARCH])
    if not plain:
        return []
    texts = _texts(library)
    found: dict[str, Match] = {}
    holding = [text for text in texts if plain in text[2]]
    for topic, phrasing, _ in sorted(holding, key=lambda text: text[2] != plain):
        found.setdefault(topic, Match(topic, phrasing))
    if len(plain) >= _ALIKE_FROM:
        choices = [letters for _, _, letters in texts]
        alike = process.extract(plain, choices, scorer=fuzz.partial_ratio, score_cutoff=_ALIKE, limit=None)
        for letters, _, at in alike:
            if len(letters) >= _ALIKE_FROM:
                topic, phrasing, _ = texts[at]
                found.setdefault(topic, Match(topic, phrasing))
    return list(found.values())


def _texts(library: Library) -> Sequence[tuple[str, str, str]]:
    """Topic, phrasing and what is compared; titles and ids before phrasings."""
    entries = library.knowledge.entries
    named = [
        (topic.id, "", _plain(name))
        for topic in library.topics
        for name in dict.fromkeys((library.title(topic.id), topic.title, topic.id))
    ]
    return named + [(entry.id, asked, _plain(asked)) for entry in entries.values() for asked in entry.ask]


def _plain(text: str) -> str:
    return squash(simplify(text))
