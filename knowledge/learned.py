"""What the search learns from all texts, and how it is kept on disk between starts.

Learning takes about a second with all topics, reading it back a few hundredths of one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from knowledge.terms import Vocabulary
from knowledge.vectors import Bayes, Postings

_SMOOTHING = 0.04  # of the naive Bayes: a term that a topic never uses counts as this much of a text
_SEVERAL = -1  # owner of a gist that several share: it says nothing
_CODE = ("learned.py", "normalise.py", "terms.py", "vectors.py")


@dataclass(frozen=True, slots=True)
class Learned:
    """Vectors of entries and rivals (`documents`) and of phrasings, naive Bayes, and whose each gist is."""

    documents: Postings
    coarse: Postings
    bayes: Bayes
    gists: dict[str, int]

    @classmethod
    def of(
        cls,
        phrasings: Sequence[tuple[str, int]],
        answers: Sequence[tuple[str, ...]],
        count: int,
        vocabulary: Vocabulary,
    ) -> Self:
        """`phrasings` are (text, owner), owners from 0 to `count`; `answers` (short, long) by owner."""
        cleaned = [vocabulary.clean(text) for text, _ in phrasings]
        terms = [vocabulary.terms(text) for text in cleaned]
        owners = [owner for _, owner in phrasings]
        documents: list[list[str]] = [[] for _ in range(count)]
        for one, owner in zip(terms, owners, strict=True):
            documents[owner] += one.coarse
        fine, labels = [one.fine for one in terms], list(owners)
        for owner, (short, *more) in enumerate(answers):
            said = [vocabulary.terms(vocabulary.clean(text)) for text in (short, *more)]
            documents[owner] += said[0].coarse  # an entry also knows its short answer's words
            fine += [one.fine for one in said]
            labels += [owner] * len(said)
        return cls(
            Postings.of(documents),
            Postings.of([one.coarse for one in terms]),
            Bayes.of(fine, labels, count, _SMOOTHING),
            _owners_of(map(vocabulary.gist, cleaned), owners),
        )

    @classmethod
    def kept_or_new(cls, file: Path | None, learn: Callable[[], Self]) -> Self:
        """What `file` holds if it is there and whole, else `learn()`, kept for next time where possible."""
        if file is None:
            return learn()
        with contextlib.suppress(OSError, ValueError, EOFError, KeyError, BadZipFile), np.load(file) as kept:
            return cls._from_arrays(kept)
        learned = learn()
        with contextlib.suppress(OSError):  # a read-only disk costs time at the next start, nothing else
            keep(file, learned._as_arrays())
            _drop_others(file)
        return learned

    def _as_arrays(self) -> dict[str, Any]:
        postings = {"documents": self.documents, "coarse": self.coarse, "bayes": self.bayes.known}
        arrays = {f"{name}_{key}": value for name, one in postings.items() for key, value in _parts(one)}
        gists = {"gists": _packed(self.gists), "gist_owners": np.array(list(self.gists.values()), np.int64)}
        return arrays | gists | {"lengths": self.bayes.lengths}

    @classmethod
    def _from_arrays(cls, kept: Any) -> Self:
        documents, coarse, bayes = (
            Postings(
                {term: number for number, term in enumerate(_unpacked(kept[f"{name}_terms"]))},
                kept[f"{name}_idf"],
                kept[f"{name}_starts"],
                kept[f"{name}_rows"],
                kept[f"{name}_weights"],
                int(kept[f"{name}_count"]),
            )
            for name in ("documents", "coarse", "bayes")
        )
        gists = dict(zip(_unpacked(kept["gists"]), kept["gist_owners"].tolist(), strict=True))
        return cls(documents, coarse, Bayes(bayes, kept["lengths"]), gists)


def cache_file(folder: Path, version: str) -> Path:
    """The name carries the hash of the knowledge and of the code that learned from it."""
    code = sha256()
    for name in _CODE:
        with contextlib.suppress(OSError):
            code.update((Path(__file__).parent / name).read_bytes())
    return folder / f"index-{version}-{code.hexdigest()[:8]}.npz"


def keep(file: Path, arrays: dict[str, Any]) -> None:
    """Writes `arrays` so that a reader finds the whole file or the one before."""
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_suffix(f".{os.getpid()}.tmp")
    with written.open("wb") as out:
        np.savez(out, **arrays)
    written.replace(file)


def _drop_others(file: Path) -> None:
    for old in (*file.parent.glob("index-*.npz"), *file.parent.glob("head-*.npy")):
        if old != file:
            old.unlink(missing_ok=True)


def _owners_of(gists: Iterable[str], owners: Sequence[int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for gist, owner in zip(gists, owners, strict=True):
        found[gist] = owner if found.get(gist, owner) == owner else _SEVERAL
    return found


def _parts(postings: Postings) -> list[tuple[str, Any]]:
    return [
        ("terms", _packed(postings.vocabulary)),
        ("idf", postings.idf),
        ("starts", postings.starts),
        ("rows", postings.rows),
        ("weights", postings.weights),
        ("count", np.int64(postings.row_count)),
    ]


def _packed(words: Iterable[str]) -> NDArray[np.uint8]:
    """Words as bytes, one a line; no term holds a line end."""
    return np.frombuffer("\n".join(words).encode(), np.uint8)


def _unpacked(packed: NDArray[np.uint8]) -> list[str]:
    return packed.tobytes().decode().split("\n")
