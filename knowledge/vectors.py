"""TF-IDF vectors of many short texts as postings, and naive Bayes learned on them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Query:
    """A query as unit vector over the known terms: their numbers and weights."""

    ids: Ints
    weights: Floats


@dataclass(frozen=True, slots=True)
class Postings:
    """Rows of unit length, stored by term: rows and weights of term t are [starts[t]:starts[t + 1]]."""

    vocabulary: Mapping[str, int]
    idf: Floats
    starts: Ints
    rows: Ints
    weights: Floats
    row_count: int

    @classmethod
    def of(cls, texts: Sequence[Iterable[str]]) -> Self:
        """One row a text; weight = (1 + log count) · idf, idf = log((1 + n) / (1 + df)) + 1."""
        counts = [Counter(text) for text in texts]
        frequency = Counter(term for count in counts for term in count)
        vocabulary = {term: number for number, term in enumerate(frequency)}
        df = np.fromiter(frequency.values(), np.float32, len(frequency))
        idf = (np.log((1 + len(texts)) / (1 + df)) + 1).astype(np.float32)
        row = np.repeat(np.arange(len(counts)), [len(count) for count in counts])
        term = np.fromiter((vocabulary[word] for count in counts for word in count), np.int64, len(row))
        times = np.fromiter((times for count in counts for times in count.values()), np.float32, len(row))
        weight = (1 + np.log(times)) * idf[term]
        length = np.sqrt(np.bincount(row, weight**2, minlength=len(counts)))
        weight = (weight / np.maximum(length, 1e-9)[row]).astype(np.float32)
        order = np.argsort(term, kind="stable")
        starts = np.zeros(len(vocabulary) + 1, np.int64)
        starts[1:] = np.cumsum(df)
        return cls(vocabulary, idf, starts, row[order], weight[order], len(counts))

    def query(self, terms: Iterable[str]) -> Query:
        """`terms` as a unit vector over the known terms."""
        vocabulary = self.vocabulary
        counts = {vocabulary[term]: times for term, times in Counter(terms).items() if term in vocabulary}
        ids = np.fromiter(counts, np.int64, len(counts))
        times = np.fromiter(counts.values(), np.float32, len(counts))
        weights = (1 + np.log(times)) * self.idf[ids]
        length = math.sqrt(weights @ weights) or 1.0
        return Query(ids, weights / np.float32(length))

    def scores(self, query: Query) -> Floats:
        """Cosine of the query with every row."""
        if not len(query.ids):
            return np.zeros(self.row_count, np.float32)
        starts, ends = self.starts[query.ids], self.starts[query.ids + 1]
        spans = [slice(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        rows = np.concatenate([self.rows[span] for span in spans])
        weights = np.concatenate([self.weights[span] for span in spans])
        weights = weights * np.repeat(query.weights, ends - starts)
        return np.bincount(rows, weights, minlength=self.row_count).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Bayes:
    """Naive Bayes over classes of texts: how much more each term is said in one class than by chance.

    log P(text | class) = Σ w·log((n + α) / (L + α·V)): n is what the class's texts hold of the term, L
    all that they hold. Only terms that a class knows are stored; learning and asking take linear time.
    """

    known: Postings
    lengths: Floats

    @classmethod
    def of(
        cls, texts: Sequence[Iterable[str]], labels: Sequence[int], classes: int, smoothing: float
    ) -> Self:
        """`labels` one a text; each text counts the same, however long."""
        rows = Postings.of(texts)
        terms = np.repeat(np.arange(len(rows.idf)), np.diff(rows.starts))
        cells, at = np.unique(terms * classes + np.asarray(labels, np.int64)[rows.rows], return_inverse=True)
        held = np.bincount(at, rows.weights, minlength=len(cells))
        owners = cells % classes
        totals = np.bincount(owners, held, minlength=classes)
        starts = np.searchsorted(cells // classes, np.arange(len(rows.idf) + 1))
        weights = np.log1p(held / smoothing).astype(np.float32)
        known = Postings(rows.vocabulary, rows.idf, starts, owners, weights, classes)
        return cls(known, np.log(totals / smoothing + len(rows.idf)).astype(np.float32))

    def scores(self, terms: Iterable[str]) -> Floats:
        """log P(text | class), up to what is the same for all classes; 0 for a text of unknown words."""
        query = self.known.query(terms)
        found: Floats = self.known.scores(query) - query.weights.sum() * self.lengths
        return found
