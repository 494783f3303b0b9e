"""TF-IDF vectors of many short texts as postings, and the head learned on them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

_BLOCK = 512
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

    def gram(self) -> Floats:
        """Cosine of every row with every row."""
        by_row = np.argsort(self.rows, kind="stable")
        term_of = np.repeat(np.arange(len(self.idf)), np.diff(self.starts))[by_row]
        weight_of = self.weights[by_row]
        bounds = np.searchsorted(self.rows[by_row], np.arange(self.row_count + 1))
        gram = np.empty((self.row_count, self.row_count), np.float32)
        for row in range(self.row_count):
            span = slice(bounds[row], bounds[row + 1])
            gram[row] = self.scores(Query(term_of[span], weight_of[span]))
        return gram

    def fold(self, rows: Floats) -> Floats:
        """Xᵀ·rows: one line a term, for a matrix that has one line a row."""
        folded = np.zeros((len(self.idf), rows.shape[1]), np.float32)
        for term in range(len(self.idf)):
            span = slice(self.starts[term], self.starts[term + 1])
            folded[term] = self.weights[span] @ rows[self.rows[span]]
        return folded


def ridge_head(postings: Postings, labels: Ints, classes: int, penalties: Floats) -> Floats:
    """Weights (terms × classes) of a linear classifier, ridge regression in its dual form.

    `penalties` one a row: twice the penalty, half the say. Cubic in the number of rows.
    """
    targets = np.zeros((postings.row_count, classes), np.float32)
    targets[np.arange(postings.row_count), labels] = 1
    gram = postings.gram()
    gram[np.diag_indices_from(gram)] += penalties
    return postings.fold(_solved(gram, targets))


def _solved(matrix: Floats, right: Floats) -> Floats:
    """X of matrix·X = right for a symmetric positive matrix, which is overwritten.

    Cholesky by blocks, nearly all of it products of matrices: several times faster than `numpy.linalg.solve`.
    """
    spans = [slice(start, start + _BLOCK) for start in range(0, len(right), _BLOCK)]
    lower, found, inverses = matrix, right.copy(), []
    for span in spans:  # lower·lowerᵀ = matrix, and lower·Y = right
        before, after = slice(span.start), slice(span.stop, None)
        lower[span.start :, span] -= lower[span.start :, before] @ lower[span, before].T
        inverse = np.linalg.inv(np.linalg.cholesky(lower[span, span]))
        lower[after, span] = lower[after, span] @ inverse.T
        found[span] = inverse @ (found[span] - lower[span, before] @ found[before])
        inverses.append(inverse)
    for span, inverse in zip(reversed(spans), reversed(inverses), strict=True):  # lowerᵀ·X = Y
        after = slice(span.stop, None)
        found[span] = inverse.T @ (found[span] - lower[after, span].T @ found[after])
    return found
