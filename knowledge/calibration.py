"""How sure the search is: a logistic regression over ten numbers, eleven coefficients in a file."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

ANSWER_AT = 0.6
OFFER_AT = 0.2
FILE = Path(__file__).parent / "calibration.json"


class Evidence(NamedTuple):
    """The ten numbers about the best entry of one search."""

    top: float  # its score
    margin: float  # its lead over the second
    margin_third: float  # and over the third
    outside: float  # its lead over the best field that is not ours
    document: float  # cosine with all its phrasings as one text
    nearest: float  # cosine with its nearest phrasing, characters
    nearest_pairs: float  # the same with neighbours and pairs of meanings
    head: float  # what the learned head gives it
    coverage: float  # share of the question's weight that the entry's words cover
    share: float  # log of its share among all entries and rivals (softmax, see index.py)


NUMBERS = Evidence._fields


@dataclass(frozen=True, slots=True)
class Calibration:
    """Evidence → probability that the best entry is the right answer."""

    intercept: float
    weights: tuple[float, ...]

    @classmethod
    def load(cls, path: Path = FILE) -> Self:
        """From the file that `evaluate --fit` writes."""
        stored = json.loads(path.read_text(encoding="utf-8"))
        return cls(stored["intercept"], tuple(stored[name] for name in NUMBERS))

    @classmethod
    def never_sure(cls) -> Self:
        """Never sure of anything, so that the search always reads by sound too, as fitting needs."""
        return cls(-100.0, (0.0,) * len(NUMBERS))

    def save(self, path: Path = FILE) -> None:
        """Eleven numbers, by name."""
        rounded = {name: round(weight, 4) for name, weight in zip(NUMBERS, self.weights, strict=True)}
        text = json.dumps({"intercept": round(self.intercept, 4), **rounded}, indent=2)
        path.write_text(text + "\n", encoding="utf-8")

    def probability(self, evidence: Evidence) -> float:
        """0..1; below 20 µs."""
        total = self.intercept
        for weight, number in zip(self.weights, evidence, strict=True):
            total += weight * number
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def fit(
    evidence: Sequence[Evidence], right: Sequence[bool], weight: Sequence[float], penalty: float = 1.0
) -> Calibration:
    """Logistic regression by Newton's method, ridge penalty on the standardised weights."""
    numbers = np.array(evidence, np.float64)
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
    return Calibration(float(beta[0] - weights @ centre), tuple(float(one) for one in weights))


def in_words(evidence: Evidence) -> dict[str, float]:
    """The ten numbers by name, rounded, for curators."""
    return {name: round(value, 3) for name, value in evidence._asdict().items()}
