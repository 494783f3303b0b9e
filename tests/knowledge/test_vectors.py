"""The learned head is what its formula says, however the equations are solved."""

import numpy as np
import pytest

from knowledge import vectors
from knowledge.vectors import Postings, ridge_head

ROWS = [
    list(text) for text in ("拖欠工资", "工资不给", "产假几天", "产假多久", "试用期", "试用多久", "工资多久")
]
OWNERS = np.array([0, 0, 1, 1, 2, 2, 0])
PENALTIES = np.array([0.6, 0.6, 0.6, 1.2, 0.6, 0.6, 1.2], np.float32)


@pytest.mark.parametrize("block", [1, 2, 3, 7, 512])
def test_the_head_is_the_ridge_regression_of_its_rows(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(vectors, "_BLOCK", block)
    postings = Postings.of(ROWS)
    rows = np.stack([_dense(postings, row) for row in ROWS])
    targets = np.eye(3)[OWNERS]
    expected = rows.T @ np.linalg.solve(rows @ rows.T + np.diag(PENALTIES), targets)
    assert np.allclose(ridge_head(postings, OWNERS, 3, PENALTIES), expected, atol=1e-5)


def test_a_row_with_a_greater_penalty_has_less_say() -> None:
    postings = Postings.of(ROWS)
    lenient = ridge_head(postings, OWNERS, 3, np.full(7, 0.6, np.float32))
    strict = ridge_head(postings, OWNERS, 3, PENALTIES)
    query = postings.query(ROWS[3])
    assert (query.weights @ strict[query.ids])[1] < (query.weights @ lenient[query.ids])[1]


def _dense(postings: Postings, terms: list[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    query = postings.query(terms)
    row = np.zeros(len(postings.idf))
    row[query.ids] = query.weights
    return row
