"""Scores every entry and every rival for one text; the sum of the parts is a log-probability."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

import numpy as np

from knowledge.calibration import Calibration, Evidence, Parts
from knowledge.learned import Learned
from knowledge.semantic import Meanings
from knowledge.terms import Terms, Vocabulary
from knowledge.vectors import Floats, Ints

LONG = 40  # characters; longer texts are also searched a few clauses at a time
_WINDOW = 2  # clauses searched together: one alone misses who did what
_CLAUSE_SHARE = 0.5
_SHORTEST_CLAUSE = 8
_MOST_CLAUSES = 16
_MOST_CHARACTERS = 3_000  # of a text searched as a whole: its beginning and its end
_CLAUSE_END = re.compile(r"[。！？!?；;，,\n]+")
_DOCUMENT, _NEAREST, _BAYES, _MEANING = (Parts._fields.index(name) for name in
                                         ("document", "nearest", "bayes", "meaning"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scores:
    """Of all entries, then all rivals: a line a part, the log-probabilities, and what was compared."""

    parts: Floats
    total: Floats
    terms: Terms
    cosines: Floats | None  # in meaning, with the nearest phrasing; None: compared by letters only

    def mixed_with(self, other: Scores, share: float) -> Scores:
        """Half this reading of a text, half that one, or in another proportion."""
        parts = (1 - share) * self.parts + share * other.parts
        total = _normalised((1 - share) * self.total + share * other.total)
        return replace(self, parts=parts, total=total)


@dataclass(frozen=True, slots=True)
class Scorer:
    """All that is compared with; `often` is one number an entry or rival."""

    learned: Learned
    vocabulary: Vocabulary
    starts: Ints
    entries: int
    often: Floats
    lexical: Calibration
    semantic: Calibration
    meanings: Meanings | None
    memo: dict[str, tuple[Terms, Floats]] | None = None  # for fitting, where the same texts come many times

    def scores(self, cleaned: str, *, by_meaning: bool = True) -> Scores:
        """The text as a whole, and where it is long also the clauses that fit best."""
        whole_text = shortened(cleaned)
        meant = self.meanings.scores(whole_text) if self.meanings and by_meaning else None
        whole = self._once(whole_text, meant)
        if len(cleaned) <= LONG:
            return whole
        clauses = pieces(cleaned, _CLAUSE_END, _MOST_CLAUSES)
        if len(clauses) <= _WINDOW:
            return whole
        windows = [" ".join(clauses[at : at + _WINDOW]) for at in range(len(clauses) - _WINDOW + 1)]
        nearest = whole.parts[_NEAREST]  # costs most, and gains nothing clause by clause
        totals = np.stack([self._once(window, meant, nearest).total for window in windows])
        total = (1 - _CLAUSE_SHARE) * whole.total + _CLAUSE_SHARE * totals.max(axis=0)
        return replace(whole, total=_normalised(total))

    def calibration(self, scores: Scores) -> Calibration:
        """The numbers that belong to how it was compared."""
        return self.lexical if scores.cosines is None else self.semantic

    def probability(self, scores: Scores) -> float:
        """That the best entry is the right answer, 0..1."""
        return self.calibration(scores).probability(self.evidence(scores))

    def best(self, scores: Scores) -> int:
        """The number of the best entry."""
        return int(np.argmax(scores.total[: self.entries]))

    def evidence(self, scores: Scores) -> Evidence:
        """The numbers about the best entry."""
        ours, rivals = scores.total[: self.entries], scores.total[self.entries :]
        best = self.best(scores)
        top = np.sort(ours)[::-1][:3] if len(ours) > 2 else np.resize(np.sort(ours)[::-1], 3)
        return Evidence(
            margin=float(top[0] - top[1]),
            margin_third=float(top[0] - top[2]),
            outside=float(top[0] - rivals.max()) if len(rivals) else 0.0,
            document=float(scores.parts[_DOCUMENT, best]),
            nearest=float(scores.parts[_NEAREST, best]),
            bayes=_lead(scores.parts[_BAYES], best),
            coverage=self._coverage(scores.terms, best),
            share=float(top[0]),
            length=math.log(1 + len(scores.terms.characters)),
            meaning=0.0 if scores.cosines is None else float(scores.cosines[best]),
            meaning_lead=0.0 if scores.cosines is None else _lead(scores.parts[_MEANING], best),
        )

    def _coverage(self, terms: Terms, best: int) -> float:
        postings = self.learned.documents
        idf, starts, rows = postings.idf, postings.starts, postings.rows
        covered = total = 0.0
        for term in set(terms.coarse):
            number = postings.vocabulary.get(term)
            weight = float(idf[number]) if number is not None else math.log(1 + postings.row_count) + 1
            total += weight
            if number is not None and best in rows[starts[number] : starts[number + 1]]:
                covered += weight
        return covered / total if total else 0.0

    def _once(
        self, cleaned: str, meant: tuple[Floats, Floats] | None, nearest: Floats | None = None
    ) -> Scores:
        terms, found = self._compared(cleaned, nearest)
        close = np.zeros_like(self.often) if meant is None else meant[0]
        parts = np.vstack([found, self.often, close]).astype(np.float32)
        weights = (self.lexical if meant is None else self.semantic).parts
        total = _normalised(np.array(weights, np.float32) @ parts)
        return Scores(parts, total, terms, None if meant is None else meant[1])

    def _compared(self, cleaned: str, nearest: Floats | None) -> tuple[Terms, Floats]:
        """Terms of a text, and the parts that are read off its letters."""
        if self.memo is not None and cleaned in self.memo:
            return self.memo[cleaned]
        learned = self.learned
        terms = self.vocabulary.terms(cleaned)
        if nearest is None:
            rows = learned.coarse.scores(learned.coarse.query(terms.coarse))
            nearest = np.maximum.reduceat(rows, self.starts)
        found = np.stack(
            [
                learned.documents.scores(learned.documents.query(terms.coarse)),
                nearest,
                learned.bayes.scores(terms.fine),
            ]
        )
        if self.memo is not None:
            self.memo[cleaned] = (terms, found)
        return terms, found


def _lead(part: Floats, best: int) -> float:
    """What a part gives the best entry over the best of all others."""
    others = np.delete(part, best)
    return float(part[best] - others.max()) if len(others) else 0.0


def _normalised(total: Floats) -> Floats:
    """Logs of shares that add up to one."""
    top = total.max()
    logs: Floats = total - top - np.log(np.exp(total - top).sum())
    return logs


def shortened(cleaned: str) -> str:
    """A very long text is told by its beginning and its end."""
    if len(cleaned) <= _MOST_CHARACTERS:
        return cleaned
    half = _MOST_CHARACTERS // 2
    return cleaned[:half] + "\n" + cleaned[-half:]


def pieces(cleaned: str, end: re.Pattern[str], most: int, shortest: int = _SHORTEST_CLAUSE) -> list[str]:
    """Clauses or sentences of at least `shortest` characters (others join the next); `most`, evenly taken."""
    found: list[str] = []
    current = ""
    for piece in end.split(shortened(cleaned)):
        current = f"{current} {piece}".strip()
        if len(current) >= shortest:
            found.append(current)
            current = ""
    if current and found:
        found[-1] += f" {current}"
    elif current:
        found.append(current)
    if len(found) <= most:
        return found
    step = (len(found) - 1) / (most - 1)
    return [found[round(number * step)] for number in range(most)]
