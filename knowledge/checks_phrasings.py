"""Phrasings that lead to another topic, and phrasings of two topics that say the same.

Each phrasing is taken out of its own topic and compared as the search compares a question, without the
learned head: with every topic as one text, and with the nearest other phrasing. 10,000 take five seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.checks import Read, bare_text
from knowledge.faults import Fault
from knowledge.models import Entry, SynonymGroups
from knowledge.terms import Terms, Vocabulary
from knowledge.vectors import Floats, Ints, Postings, Query

_WEIGHTS = np.array([1.3, 0.25, 0.25], np.float32)  # as in index.py: topic, nearest, nearest with neighbours
CLEARLY = 0.3  # by so much another topic must lead: 4 in 100 phrasings, read one by one they are doubtful


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One phrasing with its place; `owner` is the number of its entry."""

    read: Read[Entry]
    at: int
    owner: int
    cleaned: str

    def fault(self, wrong: str, write: str) -> Fault:
        return self.read.document.fault(("ask", self.at), wrong, write)

    @property
    def text(self) -> str:
        return self.read.value.ask[self.at]


def phrasings_of(entries: Sequence[Read[Entry]], vocabulary: Vocabulary) -> list[Phrasing]:
    """All phrasings of all entries, entry by entry."""
    return [
        Phrasing(read, at, owner, vocabulary.clean(text))
        for owner, read in enumerate(entries)
        for at, text in enumerate(read.value.ask)
    ]


def same_words(entries: Sequence[Read[Entry]], synonyms: SynonymGroups) -> tuple[list[Fault], list[Fault]]:
    """Faults: one sentence under two topics, once idle words and letters are gone; notes: one meaning."""
    vocabulary = Vocabulary.of(synonyms)
    phrasings = phrasings_of(entries, vocabulary)
    same = list(_twice(phrasings, [bare_text(one.cleaned) for one in phrasings]))
    alike = _twice(phrasings, [vocabulary.gist(one.cleaned) for one in phrasings])
    said = {(one.owner, one.at) for one, _ in same}
    faults = [one.fault(f"和 {_named(other)}是同一句", "删掉一处") for one, other in same]
    notes = [
        one.fault(f"和 {_named(other)}意思一样", "写出这个主题才有的事，或删掉一处")
        for one, other in alike
        if (one.owner, one.at) not in said
    ]
    return faults, notes


def _named(other: Phrasing) -> str:
    return f"{other.read.value.id} 的“{other.text[:20]}”"


def _twice(phrasings: Sequence[Phrasing], keys: Sequence[str]) -> Iterator[tuple[Phrasing, Phrasing]]:
    """A phrasing whose key another topic had before, with that one."""
    first: dict[str, Phrasing] = {}
    for one, key in zip(phrasings, keys, strict=True):
        other = first.setdefault(key, one)
        if other.owner != one.owner and key:
            yield one, other


def strays(entries: Sequence[Read[Entry]], synonyms: SynonymGroups) -> list[Fault]:
    """Phrasings clearly nearer to another topic than to the rest of their own, the clearest first."""
    if len(entries) < 2:
        return []
    vocabulary = Vocabulary.of(synonyms)
    phrasings = phrasings_of(entries, vocabulary)
    terms = [vocabulary.terms(one.cleaned) for one in phrasings]
    owners = np.array([one.owner for one in phrasings], np.int64)
    scores = _Scores(terms, owners, len(entries))
    found: list[tuple[float, Fault]] = []
    for at, one in enumerate(phrasings):
        total = scores.without(at)
        own = float(total[one.owner])
        total[one.owner] = -np.inf
        nearest = int(np.argmax(total))
        lead = float(total[nearest]) - own
        if lead > CLEARLY:
            other = entries[nearest].value
            wrong = f"“{one.text[:20]}”更像 {other.id}（{other.title}）"
            found.append((lead, one.fault(wrong, "移过去，或写出这个主题才有的事")))
    return [fault for _, fault in sorted(found, key=lambda pair: -pair[0])]


class _Scores:
    """Scores of a phrasing with every topic, as if its own topic did not have it."""

    def __init__(self, terms: Sequence[Terms], owners: Ints, topics: int) -> None:
        self._owners, self._terms = owners, terms
        self._counts: list[Counter[str]] = [Counter() for _ in range(topics)]
        for one, owner in zip(terms, owners.tolist(), strict=True):
            self._counts[owner].update(one.coarse)
        self._documents = Postings.of([count.elements() for count in self._counts])
        self._coarse = Postings.of([one.coarse for one in terms])
        self._fine = Postings.of([one.fine for one in terms])
        self._starts = np.searchsorted(owners, np.arange(topics))
        self._squares = [self._square(count) for count in self._counts]

    def without(self, at: int) -> Floats:
        """One score a topic."""
        terms, owner = self._terms[at], int(self._owners[at])
        query = self._documents.query(terms.coarse)
        documents = self._documents.scores(query)
        documents[owner] = self._own(terms, owner, query)
        nearest = [
            self._best_by_topic(self._coarse, terms.coarse, at),
            self._best_by_topic(self._fine, terms.fine, at),
        ]
        total: Floats = _WEIGHTS @ np.stack([documents, *nearest])
        return total

    def _best_by_topic(self, postings: Postings, terms: list[str], at: int) -> Floats:
        scores = postings.scores(postings.query(terms))
        scores[at] = 0
        best: Floats = np.maximum.reduceat(scores, self._starts)
        return best

    def _own(self, terms: Terms, owner: int, query: Query) -> float:
        """Cosine with the own topic, the phrasing's terms taken out of it."""
        had, gone = self._counts[owner], Counter(terms.coarse)
        square, product = self._squares[owner], 0.0
        for (term, times), weight in zip(gone.items(), query.weights.tolist(), strict=True):
            left = self._weight(term, had[term] - times)
            square += left**2 - self._weight(term, had[term]) ** 2
            product += weight * left
        return product / square**0.5 if square > 0 else 0.0

    def _square(self, count: Counter[str]) -> float:
        return sum(self._weight(term, times) ** 2 for term, times in count.items())

    def _weight(self, term: str, times: int) -> float:
        if times <= 0:
            return 0.0
        return float((1 + np.log(times)) * self._documents.idf[self._documents.vocabulary[term]])
