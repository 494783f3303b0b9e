"""Keeps the learned head on disk between starts: learning it takes a second or two with all topics."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from knowledge.vectors import Floats


def kept_or_learned(file: Path | None, learn: Callable[[], Floats]) -> Floats:
    """The head in `file` if it is there and whole, else a new one, kept for next time where that is possible.

    The name of `file` carries the hash of the knowledge; a head of other knowledge is never read.
    """
    if file is None:
        return learn()
    with contextlib.suppress(OSError, ValueError, EOFError):
        kept: Floats = np.load(file, allow_pickle=False)
        return kept.astype(np.float32)
    head = learn()
    with contextlib.suppress(OSError):  # a read-only disk costs time at the next start, nothing else
        file.parent.mkdir(parents=True, exist_ok=True)
        written = file.with_suffix(f".{os.getpid()}.tmp")
        with written.open("wb") as out:
            np.save(out, head.astype(np.float16))
        written.replace(file)
        for old in file.parent.glob("head-*.npy"):
            if old != file:
                old.unlink()
    return head
