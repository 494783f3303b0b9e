"""Naive Bayes is what its formula says, though only what a class knows is stored."""

import math
from collections import Counter

import numpy as np
import pytest

from knowledge.vectors import Bayes, Postings

ROWS = [
    list(text) for text in ("拖欠工资", "工资不给", "产假几天", "产假多久", "试用期", "试用多久", "工资多久")
]
OWNERS = [0, 0, 1, 1, 2, 2, 0]
SMOOTHING = 0.04


@pytest.mark.parametrize("asked", ["工资多久不给", "产假", "试用工资", "天天天"])
def test_the_scores_are_the_log_probabilities_of_the_words(asked: str) -> None:
    bayes = Bayes.of(ROWS, OWNERS, 3, SMOOTHING)
    rows = np.stack([_dense(bayes.known, row) for row in ROWS])
    held = np.stack([rows[np.array(OWNERS) == owner].sum(axis=0) for owner in range(3)])
    chances = (held + SMOOTHING) / (held.sum(axis=1, keepdims=True) + SMOOTHING * held.shape[1])
    expected = np.log(chances) @ _dense(bayes.known, list(asked))
    # What all classes share (log α for each word) is left out on both sides.
    found = bayes.scores(list(asked))
    assert np.allclose(found - found[0], expected - expected[0], atol=1e-4)


def test_a_text_of_unknown_words_says_nothing() -> None:
    assert Bayes.of(ROWS, OWNERS, 3, SMOOTHING).scores(list("火星")).tolist() == [0, 0, 0]


def test_a_word_of_one_class_speaks_for_it() -> None:
    scores = Bayes.of(ROWS, OWNERS, 3, SMOOTHING).scores(list("欠"))
    assert int(np.argmax(scores)) == 0
    assert math.isclose(scores[1], scores[2], rel_tol=0.1)


def _dense(postings: Postings, terms: list[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The unit vector of a text: (1 + log count)·idf of the words that are known."""
    row = np.zeros(len(postings.idf))
    for term, count in Counter(terms).items():
        if term in postings.vocabulary:
            number = postings.vocabulary[term]
            row[number] = (1 + math.log(count)) * postings.idf[number]
    length = float(np.linalg.norm(row))
    return row / length if length else row
