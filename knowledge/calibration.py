"""How the parts of a score are weighed, and how sure the search is: two dozen numbers in a file."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

ANSWER_AT = 0.6  # at least; a fit raises it until answers are right often enough (see fitting.py)
OFFER_AT = 0.2
_HERE = Path(__file__).parent
FILE = _HERE / "calibration.json"
SEMANTIC_FILE = _HERE / "calibration-semantic.json"  # where the extra `semantic` is installed


class Parts(NamedTuple):
    """Weights of what a score is made of; the total is a log-probability, up to a constant."""

    document: float = 12.0  # cosine with all phrasings of the entry as one text
    nearest: float = 4.0  # cosine with its nearest phrasing
    bayes: float = 1.0  # log-probability that its phrasings would be worded so
    often: float = 0.3  # log of how often it is asked about
    meaning: float = 0.0  # nearness in meaning to its phrasings (semantic.py)


class Evidence(NamedTuple):
    """The numbers about the best entry of one search."""

    margin: float  # its lead over the second, in log-odds
    margin_third: float  # and over the third
    outside: float  # its lead over the best field that is not ours
    document: float  # cosine with all its phrasings as one text
    nearest: float  # cosine with its nearest phrasing
    bayes: float  # what naive Bayes gives it over the best other
    coverage: float  # share of the question's weight that the entry's words cover
    share: float  # log of its share among all entries and rivals
    length: float  # log of the number of characters
    meaning: float  # cosine in meaning with its nearest phrasing; 0 without the extra
    meaning_lead: float  # what nearness in meaning gives it over the best other; 0 without the extra


NUMBERS = Evidence._fields


@dataclass(frozen=True, slots=True)
class Calibration:
    """Evidence → probability that the best entry is the right answer; and the weights behind `Evidence`."""

    intercept: float
    weights: tuple[float, ...]
    parts: Parts = field(default_factory=Parts)
    answer_at: float = ANSWER_AT  # from here on the first place is given as the answer

    @classmethod
    def load(cls, path: Path = FILE) -> Self:
        """From a file that `evaluate --fit` wrote."""
        stored = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            stored["intercept"],
            tuple(stored["evidence"][name] for name in NUMBERS),
            Parts(**{name: stored["parts"][name] for name in Parts._fields}),
            stored["answer_at"],
        )

    @classmethod
    def never_sure(cls, parts: Parts | None = None) -> Self:
        """Never sure of anything, so that the search always reads by sound too."""
        return cls(-100.0, (0.0,) * len(NUMBERS), parts or Parts())

    def save(self, path: Path = FILE) -> None:
        """All numbers, by name."""
        stored = {
            "answer_at": self.answer_at,
            "parts": _rounded(self.parts._asdict()),
            "intercept": round(self.intercept, 4),
            "evidence": _rounded(dict(zip(NUMBERS, self.weights, strict=True))),
        }
        path.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")

    def probability(self, evidence: Evidence) -> float:
        """0..1; below 20 µs."""
        total = self.intercept
        for weight, number in zip(self.weights, evidence, strict=True):
            total += weight * number
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def _rounded(numbers: dict[str, float]) -> dict[str, float]:
    return {name: round(number, 4) for name, number in numbers.items()}


def fit(
    evidence: Sequence[Evidence],
    right: Sequence[bool],
    weight: Sequence[float],
    parts: Parts | None = None,
    penalty: float = 1.0,
) -> Calibration:
    """Logistic regression by Newton's method, ridge penalty on the standardised weights."""
    numbers: NDArray[np.float64] = np.array(evidence, np.float64)
    target, importance = np.array(right, np.float64), np.array(weight, np.float64)
    centre, spread = numbers.mean(axis=0), numbers.std(axis=0) + 1e-9
    inputs = np.hstack([np.ones((len(numbers), 1)), (numbers - centre) / spread])
    shrink = np.diag([0.0] + [penalty] * numbers.shape[1])
    beta = np.zeros(inputs.shape[1])
    for _ in range(50):
        expected = 1 / (1 + np.exp(-np.clip(inputs @ beta, -30, 30)))
        slope = inputs.T @ (importance * (target - expected)) - shrink @ beta
        curve = (inputs * (importance * expected * (1 - expected))[:, None]).T @ inputs + shrink
        step = np.linalg.solve(curve + 1e-9 * np.eye(len(beta)), slope)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    weights = beta[1:] / spread
    return Calibration(
        float(beta[0] - weights @ centre), tuple(float(one) for one in weights), parts or Parts()
    )


def in_words(evidence: Evidence) -> dict[str, float]:
    """The numbers by name, rounded, for curators."""
    return {name: round(value, 3) for name, value in evidence._asdict().items()}
