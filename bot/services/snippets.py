"""Canned answers: what the FAQ says on a topic, with the law it cites, put into a reply to be looked over."""

from datetime import datetime

from bot.domain.civil_time import civil_day
from bot.services.content_library import Library
from knowledge.amounts import fill
from knowledge.models import Entry
from knowledge.wording import Wording

MOST = 5
_LONGEST = 200
_LAWS = 4  # those that the curators put first; a longer row of names helps nobody


def find(library: Library, words: str) -> list[Entry]:
    """The entries that fit some words best, best first; a topic's own name or title comes first."""
    asked = words.strip()[:_LONGEST]
    entries = library.knowledge.entries
    if not asked:
        return []
    named = [entry for entry in entries.values() if asked == entry.id or asked in entry.title]
    ranked = [entries[one.entry_id] for one in library.index.rank(asked, MOST) if one.entry_id in entries]
    return list({entry.id: entry for entry in (*named, *ranked)}.values())[:MOST]


def text_of(library: Library, topic: str, wording: Wording, now: datetime) -> str:
    """An entry as part of a reply: the short answer, what to do, and the law; "" for an unknown topic."""
    entry = library.knowledge.entries.get(topic)
    if entry is None:
        return ""
    region, day = library.knowledge.region, civil_day(now)

    def filled(text: str) -> str:
        return fill(text, region, day, region.hotline)

    steps = "\n".join(f"{at}. {filled(step)}" for at, step in enumerate(entry.steps, 1))
    laws = "、".join(list(dict.fromkeys(citation.in_words() for citation in entry.citations))[:_LAWS])
    # The texts are our own and already filled: no brace is left in them that format could read again.
    return wording.team.snippet.format(short=filled(entry.short), steps=steps, laws=laws)


def short_of(library: Library, entry: Entry, now: datetime) -> str:
    """The short answer of an entry as it would be put in."""
    region = library.knowledge.region
    return fill(entry.short, region, civil_day(now), region.hotline)


def inserted(text: str, snippet: str) -> str:
    """What somebody typed with the snippet after it."""
    return f"{text.rstrip()}\n\n{snippet}" if text.strip() else snippet
