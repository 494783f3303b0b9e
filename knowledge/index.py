"""Finds the entry a worker means, or says how unsure it is.

A question is compared with each entry as a whole (all phrasings as one text), with its nearest phrasing,
and by a linear head learned on all phrasings. Fields that are not ours (outside.yaml) and topics not yet
written stand in the index as rivals, so that "怀孕能吃虾吗" is drawn away from the entries about pregnancy.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from knowledge.calibration import ANSWER_AT, OFFER_AT, Calibration, Evidence, in_words
from knowledge.learned import Learned, cache_file
from knowledge.loader import Knowledge
from knowledge.models import Entry
from knowledge.sound import Sounds
from knowledge.terms import Terms, Vocabulary
from knowledge.vectors import Floats, Ints

_WEIGHTS = np.array([1.3, 0.25, 0.25, 0.8], np.float32)  # document, nearest, nearest with pairs, head
_SHARPNESS = 8.0  # of the softmax behind Evidence.share
_FEWEST_TOKENS = 2  # one character says nothing
_LONG = 40  # characters; longer texts are also searched a few clauses at a time
_WINDOW = 5  # clauses searched together: one alone misses who did what
_CLAUSE_SHARE = 0.35
_SHORTEST_CLAUSE = 8
_MOST_CLAUSES = 16
_MOST_SENTENCES = 12
_MOST_CHARACTERS = 3_000  # of a text searched as a whole: its beginning and its end
_LONGEST_REREAD = 60  # a longer text bears an error or two, and holds names that read as anything
_SHORT_FOLLOW_UP = 14
_WORDS_SHARE = 0.4  # of a follow-up's own words; the rest is for them together with what was talked about
_WHOLE_QUESTION = 8  # characters: from here on a clear question stands for itself, though it begins with 那
_CLEARLY_OTHER = 0.4  # by so much an outside field must lead before a follow-up is taken as a new question
_SAID_BEFORE = 0.9  # at least so sure, when the question has the gist of a phrasing and ranks first too
_GOES_ON = 0.75  # that a follow-up without a matter of its own stays with what was talked about
_HAS_WORDS = re.compile(r"\w")
_CLAUSE_END = re.compile(r"[。！？!?；;，,\n]+")
_SENTENCE_END = re.compile(r"[。！？!?；;\n]+")


@dataclass(frozen=True, slots=True)
class Found:
    """One answer, sure enough to give; `probability` is calibrated, 0..1."""

    entry_id: str
    probability: float


@dataclass(frozen=True, slots=True)
class Unsure:
    """Up to three entries to choose from, best first."""

    entry_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotFound:
    """Nothing of ours fits."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry and its score (a weighted sum of cosines, comparable within one query only)."""

    entry_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a search came out as it did, for curators."""

    ranked: tuple[Ranked, ...]
    nearest_phrasing: str
    rival: str
    evidence: dict[str, float]
    probability: float
    reread: str | None


@dataclass(frozen=True, slots=True)
class _Scores:
    """Scores of all entries and rivals: four lines of parts, their weighted sum, and what was compared."""

    parts: Floats
    total: Floats
    terms: Terms

    def mixed_with(self, other: _Scores, share: float) -> _Scores:
        parts = (1 - share) * self.parts + share * other.parts
        return _Scores(parts, (1 - share) * self.total + share * other.total, self.terms)


class FaqIndex:
    """Search over all phrasings of all entries; after `build` nothing changes, any thread may read."""

    def __init__(
        self,
        titles: dict[str, str],
        rivals: Sequence[str],
        phrasings: Sequence[tuple[str, int]],
        answers: Sequence[tuple[str, ...]],
        vocabulary: Vocabulary,
        other_texts: Sequence[str],
        calibration: Calibration,
        kept_in: Path | None,
    ) -> None:
        """`titles` by entry id; `phrasings` are (text, number of entry or rival), sorted, entries first;
        `answers` (short and long) one tuple an entry; `other_texts` teach only the reading by sound.
        """
        self._ids, self._rivals = tuple(titles), tuple(rivals)
        self._titles, self._vocabulary, self._calibration = titles, vocabulary, calibration
        owners: Ints = np.array([owner for _, owner in phrasings], np.int64)
        count = len(self._ids) + len(self._rivals)
        learned = Learned.kept_or_new(kept_in, lambda: Learned.of(phrasings, answers, count, vocabulary))
        self._documents, self._coarse, self._fine = learned.documents, learned.coarse, learned.fine
        self._head, self._gists = learned.head, learned.gists
        self._texts = [text for text, _ in phrasings]
        self._starts = np.searchsorted(owners, np.arange(count))
        entries_end = int(np.searchsorted(owners, len(self._ids)))
        self._sounds = Sounds(
            lambda: map(vocabulary.clean, (*self._texts[:entries_end], *other_texts)),
            [word for word, _ in vocabulary.words],
        )

    @classmethod
    def build(
        cls, knowledge: Knowledge, calibration: Calibration | None = None, cache: Path | None = None
    ) -> Self:
        """The index of `knowledge`; with a `cache` folder what is learned is kept there between starts."""
        entries = list(knowledge.entries.values())
        rivals = {f"outside:{name}": texts for name, texts in knowledge.outside.fields.items()}
        rivals |= {
            f"unwritten:{topic.id}": (topic.title,)
            for topic in knowledge.topics.values()
            if topic.id not in knowledge.entries
        }
        groups: list[tuple[str, ...]] = [
            (*entry.ask, entry.title, knowledge.topics[entry.id].title) for entry in entries
        ]
        groups += rivals.values()
        return cls(
            {entry.id: entry.title for entry in entries},
            list(rivals),
            [(text, owner) for owner, texts in enumerate(groups) for text in texts],
            [(_summary(entry), entry.details) for entry in entries],
            Vocabulary.of(knowledge.synonyms),
            [text for entry in entries for text in (entry.title, entry.short, entry.details, *entry.steps)],
            calibration or Calibration.load(),
            cache and cache_file(cache, knowledge.version),
        )

    def search(self, text: str, topic: str | None = None) -> Found | Unsure | NotFound:
        """The answer to `text`; `topic` is what was talked about just before, for short follow-ups."""
        cleaned = self._vocabulary.clean(text)
        short = len(cleaned) <= _SHORT_FOLLOW_UP and _HAS_WORDS.search(cleaned)
        if topic in self._titles and short and self._vocabulary.follows_on(cleaned):
            return self._followed(cleaned, topic)
        return self._decided(*self._searched(text))

    def decide(self, text: str, k: int) -> tuple[Found | Unsure | NotFound, list[Ranked], float]:
        """What `search` says, the `k` best entries, and the probability that the first is right."""
        scores, probability = self._searched(text)
        return self._decided(scores, probability), self._ranked(scores, k), probability

    def rank(self, text: str, k: int = 5) -> list[Ranked]:
        """The `k` best entries, best first, however unsure."""
        return self._ranked(self._searched(text)[0], k)

    def several(self, text: str) -> list[str]:
        """The entries that the sentences of a long text are surely about, in its order; at most three."""
        cleaned = self._vocabulary.clean(text)
        found: list[str] = []
        for sentence in _pieces(cleaned, _SENTENCE_END, _MOST_SENTENCES):
            match self.search(sentence):
                case Found(entry_id, _) if entry_id not in found:
                    found.append(entry_id)
        match self.search(text):
            case Found(entry_id, _) if entry_id not in found:
                found.insert(0, entry_id)
        return found[:3]

    def warm_up(self) -> None:
        """Prepares the reading by sound (0.2 s), which otherwise waits for the first unsure question."""
        self._sounds.reread("")

    def explain(self, text: str, k: int = 5) -> Explanation:
        """Why `text` is answered as it is."""
        cleaned = self._vocabulary.clean(text)
        scores, probability = self._searched(text)
        best = _best(scores.total[: len(self._ids)])
        near = self._coarse.scores(self._coarse.query(scores.terms.coarse))
        end = int(self._starts[best + 1]) if best + 1 < len(self._starts) else len(near)
        start = int(self._starts[best])
        rivals = scores.total[len(self._ids) :]
        reread = self._sounds.reread(cleaned)
        return Explanation(
            tuple(self._ranked(scores, k)),
            self._texts[start + int(np.argmax(near[start:end]))],
            self._rivals[_best(rivals)] if len(rivals) else "",
            in_words(self.evidence(scores)),
            probability,
            reread if reread != cleaned else None,
        )

    def evidence_for(self, text: str) -> tuple[Evidence, str]:
        """What calibration is fitted on: the ten numbers and the entry they speak for."""
        scores, _ = self._searched(text)
        return self.evidence(scores), self._ids[_best(scores.total[: len(self._ids)])]

    def evidence(self, scores: _Scores) -> Evidence:
        """The ten numbers about the best entry."""
        entries = scores.total[: len(self._ids)]
        rivals = scores.total[len(self._ids) :]
        best = _best(entries)
        top3 = np.sort(np.partition(entries, -3)[-3:])[::-1] if len(entries) > 2 else np.resize(entries, 3)
        document, nearest, pairs, head = (float(part) for part in scores.parts[:, best])
        postings = self._documents
        idf, starts, rows = postings.idf, postings.starts, postings.rows
        covered = total = 0.0
        for term in set(scores.terms.coarse):
            number = postings.vocabulary.get(term)
            weight = float(idf[number]) if number is not None else math.log(1 + postings.row_count) + 1
            total += weight
            if number is not None and best in rows[starts[number] : starts[number + 1]]:
                covered += weight
        return Evidence(
            top=float(top3[0]),
            margin=float(top3[0] - top3[1]),
            margin_third=float(top3[0] - top3[2]),
            outside=float(top3[0] - (rivals.max() if len(rivals) else 0)),
            document=document,
            nearest=nearest,
            nearest_pairs=pairs,
            head=head,
            coverage=covered / total if total else 0.0,
            share=float(_SHARPNESS * top3[0] - np.logaddexp.reduce(_SHARPNESS * scores.total)),
        )

    def _decided(self, scores: _Scores, probability: float) -> Found | Unsure | NotFound:
        ranked = self._ranked(scores, 3)
        if probability >= ANSWER_AT and ranked:
            return Found(ranked[0].entry_id, probability)
        if probability >= OFFER_AT:
            return Unsure(tuple(entry.entry_id for entry in ranked))
        return NotFound()

    def _searched(self, text: str) -> tuple[_Scores, float]:
        """First by the letters; when that is not sure enough, also by the sound."""
        cleaned = self._vocabulary.clean(text)
        scores = self._scored(cleaned)
        if not self._ids or len(scores.terms.characters) < _FEWEST_TOKENS:
            return scores, 0.0
        probability = self._calibration.probability(self.evidence(scores))
        if self._gists.get(self._vocabulary.gist(_shortened(cleaned))) == _best(
            scores.total[: len(self._ids)]
        ):
            probability = max(probability, _SAID_BEFORE)
        if probability < ANSWER_AT and len(cleaned) <= _LONGEST_REREAD:
            reread = self._sounds.reread(cleaned)
            if reread != cleaned:
                scores = self._scored(reread).mixed_with(scores, 0.5)
                probability = self._calibration.probability(self.evidence(scores))
        return scores, probability

    def _followed(self, cleaned: str, topic: str) -> Found | Unsure | NotFound:
        """那试用期呢, after a talk about dismissal: the words together with what was talked about."""
        if not self._vocabulary.has_matter(cleaned):
            return Found(topic, _GOES_ON)
        by_itself = self._decided(*self._searched(cleaned))
        if (
            isinstance(by_itself, Found)
            and len(self._vocabulary.terms(cleaned).characters) >= _WHOLE_QUESTION
        ):
            return by_itself
        words = self._vocabulary.without_opener(cleaned)
        alone = self._scored(words)
        ours = alone.total[: len(self._ids)]
        if alone.total.max() - ours.max() > _CLEARLY_OTHER:
            return by_itself
        title = self._vocabulary.without_opener(self._vocabulary.clean(self._titles[topic]))
        mixed = self._scored(f"{words} {title}").mixed_with(alone, _WORDS_SHARE)
        ranked = tuple(entry.entry_id for entry in self._ranked(mixed, 3))
        probability = self._calibration.probability(self.evidence(mixed))
        if ranked[0] == topic and topic not in [entry.entry_id for entry in self._ranked(alone, 3)]:
            return Unsure(ranked)  # her words bring in something that the topic alone would drown
        return Found(ranked[0], probability) if probability >= ANSWER_AT else Unsure(ranked)

    def _scored(self, cleaned: str) -> _Scores:
        whole = self._scored_once(_shortened(cleaned))
        if len(cleaned) <= _LONG:
            return whole
        clauses = _pieces(cleaned, _CLAUSE_END, _MOST_CLAUSES)
        if len(clauses) < 2:
            return whole
        windows = [" ".join(clauses[at : at + _WINDOW]) for at in range(max(1, len(clauses) - _WINDOW + 1))]
        totals = np.stack([self._scored_once(window).total for window in windows])
        total = (1 - _CLAUSE_SHARE) * whole.total + _CLAUSE_SHARE * totals.max(axis=0)
        return _Scores(whole.parts, total, whole.terms)

    def _scored_once(self, cleaned: str) -> _Scores:
        terms = self._vocabulary.terms(cleaned)
        fine = self._fine.query(terms.fine)
        parts = np.stack(
            [
                self._documents.scores(self._documents.query(terms.coarse)),
                np.maximum.reduceat(self._coarse.scores(self._coarse.query(terms.coarse)), self._starts),
                np.maximum.reduceat(self._fine.scores(fine)[: len(self._texts)], self._starts),
                fine.weights @ self._head[fine.ids].astype(np.float32),
            ]
        )
        return _Scores(parts, _WEIGHTS @ parts, terms)

    def _ranked(self, scores: _Scores, k: int) -> list[Ranked]:
        entries = scores.total[: len(self._ids)]
        order = np.argsort(-entries, kind="stable")[:k]
        return [Ranked(self._ids[at], float(entries[at])) for at in order.tolist()]


def _summary(entry: Entry) -> str:
    """What an entry answers, and whom; the rest of the answer speaks of too much else."""
    return " ".join((entry.title, entry.short, entry.audience or "", entry.handover or ""))


def _best(scores: Floats) -> int:
    return int(np.argmax(scores))


def _shortened(cleaned: str) -> str:
    """A very long text is told by its beginning and its end."""
    if len(cleaned) <= _MOST_CHARACTERS:
        return cleaned
    half = _MOST_CHARACTERS // 2
    return cleaned[:half] + "\n" + cleaned[-half:]


def _pieces(cleaned: str, end: re.Pattern[str], most: int) -> list[str]:
    """Clauses or sentences of at least 8 characters (shorter ones join the next); `most`, evenly taken."""
    pieces: list[str] = []
    current = ""
    for piece in end.split(_shortened(cleaned)):
        current = f"{current} {piece}".strip()
        if len(current) >= _SHORTEST_CLAUSE:
            pieces.append(current)
            current = ""
    if current and pieces:
        pieces[-1] += f" {current}"
    elif current:
        pieces.append(current)
    if len(pieces) <= most:
        return pieces
    step = (len(pieces) - 1) / (most - 1)
    return [pieces[round(number * step)] for number in range(most)]
