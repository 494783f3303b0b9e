"""Words that must never lie in the clear, and the search for them in every form they could take."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

_WINDOW = 6  # no form of a marker is shorter


@dataclass(slots=True)
class Markers:
    """Planted words by what they are, e.g. markers["employer"] -> 暗qkzvwlxj号."""

    planted: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, what: str) -> str:
        if what not in self.planted:
            core = "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(10))
            self.planted[what] = f"暗{core}号"
        return self.planted[what]

    def plant(self, what: str, value: str) -> str:
        """A marker of a given form: a number, a code, a token."""
        self.planted[what] = value
        return value

    def needles(self) -> Iterator[tuple[str, str, bytes]]:
        """(what, form, bytes) of everything to search for."""
        for what, value in self.planted.items():
            for form, raw in forms_of(value):
                yield what, form, raw


def forms_of(value: str) -> Iterator[tuple[str, bytes]]:
    """Every form in which a value could lie somewhere; short accidental ones are left out."""
    texts = {value}
    if value.startswith("暗"):
        texts.add(value[1:-1])  # after cutting, folding or masking
    for text in sorted(texts):
        raw = text.encode()
        yield "utf-8", raw
        yield "utf-16le", text.encode("utf-16-le")
        yield "hex", raw.hex().encode()
        yield "HEX", raw.hex().upper().encode()
        yield "json", json.dumps(text)[1:-1].encode()
        yield "percent", quote(text, safe="").encode()
        for skipped in range(3):
            yield f"base64+{skipped}", _inside_base64(raw, skipped)
    if value.lstrip("-").isdecimal() and len(value) < 19:
        yield from _integers(int(value))


def _inside_base64(raw: bytes, skipped: int) -> bytes:
    """What of `raw` is sure to be seen in base64 when `skipped` bytes (mod 3) come before it."""
    coded = base64.b64encode(bytes(skipped) + raw)
    first = 0 if skipped == 0 else 4  # the group with foreign bytes in it
    whole = (skipped + len(raw)) // 3 * 4
    return coded[first:whole]


def _integers(number: int) -> Iterator[tuple[str, bytes]]:
    """As SQLite keeps integers in a row: big-endian, 6 or 8 bytes."""
    yield "int64", number.to_bytes(8, "big", signed=True)
    if 2**31 <= number < 2**47:
        yield "int48", number.to_bytes(6, "big")


def found_in(files: Iterable[Path], markers: Markers) -> list[str]:
    """ "what as form in file" for every hit. Letters count in either case."""
    needles = [(what, form, raw, raw.lower()) for what, form, raw in markers.needles()]
    starts = [_windows(low)[0] for _, _, _, low in needles]
    known, hits = np.unique(np.array(starts)), []
    for path in files:
        data = path.read_bytes()
        lower = data.lower()
        seen = _present(known, _windows(lower))
        for (what, form, raw, low), start in zip(needles, starts, strict=True):
            if start not in seen:
                continue
            if low in lower if form in ("utf-8", "utf-16le", "json") else raw in data:
                hits.append(f"{what} as {form} in {path.name}")
    return hits


def _windows(data: bytes) -> NDArray[np.uint64]:
    """Every six bytes in a row as a number: one pass over a file finds where any marker may begin."""
    signs = np.frombuffer(data, np.uint8).astype(np.uint64)
    length = max(0, len(signs) - _WINDOW + 1)
    numbers = np.zeros(length, np.uint64)
    for place in range(_WINDOW):
        numbers = (numbers << np.uint64(8)) | signs[place : place + length]
    return numbers


def _present(known: NDArray[np.uint64], windows: NDArray[np.uint64]) -> set[int]:
    places = np.minimum(np.searchsorted(known, windows), len(known) - 1)
    return set(windows[known[places] == windows].tolist())


def files_below(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
