"""Finds the entry a worker means, or says how unsure it is.

A question is compared with each entry as a whole (all phrasings as one text), with its nearest phrasing, by
naive Bayes learned on all phrasings, and in meaning where the extra `semantic` is installed (scoring.py).
Fields that are not ours (outside.yaml) and topics not yet written stand in the index as rivals, so that
"怀孕能吃虾吗" is drawn away from the entries about pregnancy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np

from knowledge.calibration import OFFER_AT, SEMANTIC_FILE, Calibration, Evidence, in_words
from knowledge.frequency import Frequency
from knowledge.learned import Learned, cache_file
from knowledge.loader import Knowledge
from knowledge.models import Entry
from knowledge.scoring import Scorer, Scores, pieces, shortened
from knowledge.semantic import Encoder, Meanings, Progress
from knowledge.sound import Sounds
from knowledge.terms import Vocabulary
from knowledge.vectors import Floats, Ints

_FEWEST_TOKENS = 2  # one character says nothing
_MOST_SENTENCES = 12
_SHORTEST_SENTENCE = 6  # 加班费也没给过。 is a matter of its own
_SEVERAL_FROM = 60  # characters: shorter texts are about one thing
_LONGEST_REREAD = 60  # a longer text bears an error or two, and holds names that read as anything
_SHORT_FOLLOW_UP = 14
_WORDS_SHARE = 0.4  # of a follow-up's own words; the rest is for them together with what was talked about
_WHOLE_QUESTION = 8  # characters: from here on a clear question stands for itself, though it begins with 那
_CLEARLY_OTHER = 2.0  # log-odds by which an outside field must lead before a follow-up is a new question
_SAID_BEFORE = 0.9  # at least so sure, when the question has the gist of a phrasing and ranks first too
_GOES_ON = 0.75  # that a follow-up without a matter of its own stays with what was talked about
_HAS_WORDS = re.compile(r"\w")
_SENTENCE_END = re.compile(r"[。！？!?；;\n]+")


@dataclass(frozen=True, slots=True)
class Found:
    """One answer, sure enough to give; `probability` is calibrated, 0..1."""

    entry_id: str
    probability: float


@dataclass(frozen=True, slots=True)
class Unsure:
    """Up to three entries to choose from, best first; `probability` is the first one's."""

    entry_ids: tuple[str, ...]
    probability: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class NotFound:
    """Nothing of ours fits."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry and its score (the log of its probability among all)."""

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
    answer_at: float
    reread: str | None


class FaqIndex:
    """Search over all phrasings of all entries; after `warm_up` nothing changes, any thread may read."""

    def __init__(
        self,
        titles: Mapping[str, str],
        rivals: Sequence[str],
        phrasings: Sequence[tuple[str, int]],
        other_texts: Sequence[str],
        scorer: Scorer,
    ) -> None:
        """`titles` by entry id; `phrasings` are (text, number of entry or rival), sorted, entries first;
        `other_texts` teach only the reading by sound.
        """
        self._ids, self._rivals, self._titles = tuple(titles), tuple(rivals), titles
        self._scorer, self._vocabulary, self._gists = scorer, scorer.vocabulary, scorer.learned.gists
        self._texts = [text for text, _ in phrasings]
        self._starts = scorer.starts
        entries_end = sum(owner < len(self._ids) for _, owner in phrasings)
        self._sounds = Sounds(
            lambda: map(self._vocabulary.clean, (*self._texts[:entries_end], *other_texts)),
            [word for word, _ in self._vocabulary.words],
        )

    @classmethod
    def build(
        cls,
        knowledge: Knowledge,
        calibration: Calibration | None = None,
        cache: Path | None = None,
        encoder: Encoder | None = None,
        frequency: Frequency | None = None,
        meanings_in: Path | None = None,
    ) -> Self:
        """The index of `knowledge`; with a `cache` folder what is learned is kept there between starts.

        With an `encoder` it also compares by meaning, once `warm_up` is through; `calibration` then stands
        for both ways.
        """
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
        phrasings = [(text, owner) for owner, texts in enumerate(groups) for text in texts]
        vocabulary = Vocabulary.of(knowledge.synonyms)
        answers = [(_summary(entry), entry.details) for entry in entries]
        starts: Ints = np.cumsum([0, *map(len, groups[:-1])], dtype=np.int64)
        meanings = None
        if encoder:
            cleaned = [vocabulary.clean(text) for text, _ in phrasings]
            meanings = Meanings(encoder, cleaned, starts, meanings_in or cache)
        scorer = Scorer(
            Learned.kept_or_new(
                cache and cache_file(cache, knowledge.version),
                lambda: Learned.of(phrasings, answers, len(groups), vocabulary),
            ),
            vocabulary,
            starts,
            len(entries),
            (frequency or Frequency.load()).logs([entry.id for entry in entries], len(rivals)),
            calibration or Calibration.load(),
            calibration or (Calibration.load(SEMANTIC_FILE) if encoder else Calibration.load()),
            meanings,
        )
        return cls(
            {entry.id: entry.title for entry in entries},
            list(rivals),
            phrasings,
            [text for entry in entries for text in (entry.title, entry.short, entry.details, *entry.steps)],
            scorer,
        )

    def search(self, text: str, topic: str | None = None) -> Found | Unsure | NotFound:
        """The answer to `text`; `topic` is what was talked about just before, for short follow-ups."""
        cleaned = self._read(text)
        short = len(cleaned) <= _SHORT_FOLLOW_UP and _HAS_WORDS.search(cleaned)
        if topic is not None and topic in self._titles and short and self._vocabulary.follows_on(cleaned):
            return self._followed(cleaned, topic)
        return self._decided(*self._searched(cleaned))

    def decide(self, text: str, k: int) -> tuple[Found | Unsure | NotFound, list[Ranked], float]:
        """What `search` says, the `k` best entries, and the probability that the first is right."""
        scores, probability = self._searched(self._read(text))
        return self._decided(scores, probability), self._ranked(scores, k), probability

    def rank(self, text: str, k: int = 5) -> list[Ranked]:
        """The `k` best entries, best first, however unsure."""
        return self._ranked(self._searched(self._read(text))[0], k)

    def several(self, text: str) -> list[str]:
        """The entries that the sentences of a long text are surely about, in its order; at most three."""
        cleaned = self._read(text)
        found: list[str] = []
        for sentence in self._sentences(cleaned):
            match self.search(sentence):
                case Found(entry_id, _) if entry_id not in found:
                    found.append(entry_id)
        match self.search(text):
            case Found(entry_id, _) if entry_id not in found:
                found.insert(0, entry_id)
        return found[:3]

    def warm_up(self, progress: Progress | None = None) -> None:
        """Prepares the reading by sound (0.2 s), and all vectors of meaning: minutes at the very first start.

        Meanwhile everything is answered, by letters. `stop` ends it early.
        """
        self._sounds.reread("")
        if self._scorer.meanings:
            self._scorer.meanings.learn(progress)

    def recall(self) -> bool:
        """Takes kept vectors of meaning, computes none; whether it compares by meaning now."""
        return self._scorer.meanings is not None and self._scorer.meanings.recall()

    def stop(self) -> None:
        """Ends `warm_up` soon."""
        if self._scorer.meanings:
            self._scorer.meanings.stop()

    @property
    def entry_ids(self) -> tuple[str, ...]:
        """All entries, in the order of the columns of `parts_for`."""
        return self._ids

    @property
    def by_meaning(self) -> bool:
        """Whether `prepare` is worth its time."""
        return self._scorer.meanings is not None and self._scorer.meanings.ready

    def prepare(self, text: str) -> None:
        """Computes what `search` and `several` need to compare `text` by meaning: 10 to 200 ms."""
        if self._scorer.meanings and self.by_meaning:
            self._scorer.meanings.prepare(self._read_as(self._read(text)))

    def explain(self, text: str, k: int = 5) -> Explanation:
        """Why `text` is answered as it is."""
        cleaned = self._read(text)
        scores, probability = self._searched(cleaned)
        best, coarse = self._scorer.best(scores), self._scorer.learned.coarse
        near = coarse.scores(coarse.query(scores.terms.coarse))
        end = int(self._starts[best + 1]) if best + 1 < len(self._starts) else len(near)
        start = int(self._starts[best])
        rivals = scores.total[len(self._ids) :]
        asked = self._vocabulary.clean(text)
        reread = self._sounds.reread(asked)
        return Explanation(
            tuple(self._ranked(scores, k)),
            self._texts[start + int(np.argmax(near[start:end]))],
            self._rivals[int(np.argmax(rivals))] if len(rivals) else "",
            in_words(self._scorer.evidence(scores)),
            probability,
            self._scorer.calibration(scores).answer_at,
            reread if reread != asked else None,
        )

    def evidence_for(self, text: str) -> tuple[Evidence, str]:
        """What calibration is fitted on: the numbers, and the entry they speak for."""
        scores, _ = self._searched(self._read(text))
        return self._scorer.evidence(scores), self._ids[self._scorer.best(scores)]

    def remembering(self) -> FaqIndex:
        """The same index, which compares no text twice: for fitting only, since it keeps everything."""
        other = copy(self)
        other._scorer = replace(self._scorer, memo={})
        if self._scorer.meanings:
            self._scorer.meanings.remember_all()
        return other

    def recalibrated(self, calibration: Calibration, frequency: Frequency) -> FaqIndex:
        """The same index with other numbers, for both ways of comparing; shares all that was learned."""
        often = frequency.logs(self._ids, len(self._rivals))
        other = copy(self)
        other._scorer = replace(self._scorer, lexical=calibration, semantic=calibration, often=often)
        return other

    def parts_for(self, text: str) -> Floats:
        """What the weights are fitted on: of the whole text, a line a part, a column an entry or rival."""
        return self._scorer.scores(self._read(text)).parts

    def _said_before(self, cleaned: str) -> int | None:
        return self._gists.get(self._vocabulary.gist(cleaned))

    def _sentences(self, cleaned: str) -> list[str]:
        return pieces(cleaned, _SENTENCE_END, _MOST_SENTENCES, _SHORTEST_SENTENCE)

    def _read(self, text: str) -> str:
        """Cleaned, and what is typed in pinyin written out."""
        cleaned = self._vocabulary.clean(text)
        written = self._sounds.written_out(cleaned)
        return cleaned if written == cleaned else self._vocabulary.clean(written)

    def _decided(self, scores: Scores, probability: float) -> Found | Unsure | NotFound:
        ranked = self._ranked(scores, 3)
        if probability >= self._scorer.calibration(scores).answer_at and ranked:
            return Found(ranked[0].entry_id, probability)
        if probability >= OFFER_AT:
            return Unsure(tuple(entry.entry_id for entry in ranked), probability)
        return NotFound()

    def _searched(self, cleaned: str) -> tuple[Scores, float]:
        """First by the letters; when that is not sure enough, also by the sound."""
        scores = self._scorer.scores(cleaned)
        if not self._ids or len(scores.terms.characters) < _FEWEST_TOKENS:
            return scores, 0.0
        probability = self._scorer.probability(scores)
        if len(cleaned) <= _LONGEST_REREAD and self._said_before(cleaned) == self._scorer.best(scores):
            probability = max(probability, _SAID_BEFORE)
        if probability < self._scorer.calibration(scores).answer_at and len(cleaned) <= _LONGEST_REREAD:
            reread = self._sounds.reread(cleaned)
            if reread != cleaned:
                scores = self._scorer.scores(reread).mixed_with(scores, 0.5)
                probability = self._scorer.probability(scores)
        return scores, probability

    def _read_as(self, cleaned: str) -> Iterator[str]:
        """All texts that a search of `cleaned` compares."""
        yield shortened(cleaned)
        if len(cleaned) <= _LONGEST_REREAD:
            yield self._sounds.reread(cleaned)
        if len(cleaned) >= _SEVERAL_FROM:
            yield from map(self._read, self._sentences(cleaned))

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
        alone = self._scorer.scores(words, by_meaning=False)
        if alone.total.max() - alone.total[: len(self._ids)].max() > _CLEARLY_OTHER:
            return by_itself
        title = self._vocabulary.without_opener(self._vocabulary.clean(self._titles[topic]))
        mixed = self._scorer.scores(f"{words} {title}", by_meaning=False).mixed_with(alone, _WORDS_SHARE)
        ranked = tuple(entry.entry_id for entry in self._ranked(mixed, 3))
        probability = self._scorer.probability(mixed)
        if ranked[0] == topic and topic not in [entry.entry_id for entry in self._ranked(alone, 3)]:
            return Unsure(ranked)  # her words bring in something that the topic alone would drown
        sure = probability >= self._scorer.calibration(mixed).answer_at
        return Found(ranked[0], probability) if sure else Unsure(ranked, probability)

    def _ranked(self, scores: Scores, k: int) -> list[Ranked]:
        entries = scores.total[: len(self._ids)]
        order = np.argsort(-entries, kind="stable")[:k]
        return [Ranked(self._ids[at], float(entries[at])) for at in order.tolist()]


def _summary(entry: Entry) -> str:
    """What an entry answers, and whom; the rest of the answer speaks of too much else."""
    return " ".join((entry.title, entry.short, entry.audience or "", entry.handover or ""))
