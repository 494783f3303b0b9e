"""How often people ask about each topic, counted on labelled questions: numbers, no words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from knowledge.vectors import Floats

FILE = Path(__file__).parent / "frequency.json"
_UNSEEN = 3.0  # questions that every topic is given, so that the rare ones stay in reach


@dataclass(frozen=True, slots=True)
class Frequency:
    """Questions by topic id; a topic that is not named was never asked about."""

    counts: Mapping[str, int]

    @classmethod
    def of(cls, topics: Iterable[str]) -> Self:
        """Counted from the topics of all questions."""
        return cls(Counter(topics))

    @classmethod
    def load(cls, path: Path = FILE) -> Self:
        """From the file that `evaluate --fit` writes."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def save(self, path: Path = FILE) -> None:
        """One line a topic, by name."""
        path.write_text(json.dumps(dict(sorted(self.counts.items())), indent=1) + "\n", encoding="utf-8")

    def without(self, topics: Iterable[str]) -> Frequency:
        """As if one question about `topics` had not been asked."""
        return Frequency({topic: count - (topic in set(topics)) for topic, count in self.counts.items()})

    def logs(self, entries: Sequence[str], rivals: int) -> Floats:
        """One number an entry, around 0, then 0 for each rival."""
        logs = np.log(np.array([self.counts.get(entry, 0) + _UNSEEN for entry in entries], np.float32))
        return np.concatenate([logs - logs.mean() if len(logs) else logs, np.zeros(rivals, np.float32)])
