"""Second reading of a text by its sound: typing errors of the same sound, and words typed in pinyin."""

from __future__ import annotations

import os
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import Any

_LATIN = re.compile(r"[a-z]+(?:\s+[a-z]+)*")
_FOLDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ing", "in"), ("eng", "en"))
_SELDOM = 5  # a pair of characters seen less often than this is no model to correct others by
_WORD_COUNTS = 10  # a curator's word counts as if it were said so often
_MOST_READINGS = 12  # characters that a syllable may stand for, the commonest
_SHORTEST_RUN, _FEWEST_SYLLABLES, _LONGEST_SYLLABLE = 4, 2, 6
_MOST_LETTERS = 1_000  # of a text are looked at
_PAIRS = 0.95  # weight of how often two characters follow each other, against how often each is used
_LOCK = threading.Lock()


class Sounds:
    """Knows how the characters of the knowledge sound; built on first use, which loads pypinyin (0.1 s)."""

    def __init__(self, texts: Callable[[], Iterable[str]], words: Sequence[str]) -> None:
        """`texts` gives cleaned phrasings and answers, `words` are the synonym words."""
        self._texts, self._words = texts, words
        self._ready = False
        self._pairs: Counter[str] = Counter()
        self._singles: Counter[str] = Counter()
        self._by_sound: dict[str, str] = {}
        self._spelt: dict[str, list[str]] = {}

    def reread(self, cleaned: str) -> str:
        """The text with pinyin written out, and never-seen pairs replaced by known ones of the same sound."""
        written = self.written_out(cleaned)
        self._prepare()
        return self._corrected(written)

    def _prepare(self) -> None:
        with _LOCK:
            if self._ready:
                return
            for text in self._texts():
                self._count(text, 1)
            for pair, seen in sorted(self._pairs.items(), key=lambda item: (item[1], item[0])):
                if seen >= _SELDOM:  # the commonest comes last and stays
                    self._by_sound[_folded(pair)] = pair
            for word in self._words:
                self._count(word, _WORD_COUNTS)
            for char, _ in self._singles.most_common():
                known = self._spelt.setdefault(syllable(char), [])
                if len(known) < _MOST_READINGS:
                    known.append(char)
            self._texts, self._words = tuple, ()
            self._ready = True

    def _count(self, text: str, times: int) -> None:
        for char in filter(_is_hanzi, text):
            self._singles[char] += times
        for one, two in pairwise(text):
            if _is_hanzi(one) and _is_hanzi(two):
                self._pairs[one + two] += times

    def written_out(self, text: str) -> str:
        """wo huaiyun le → 我怀孕了: the characters that follow each other most often in the knowledge."""
        runs = [
            found for found in _LATIN.finditer(text[:_MOST_LETTERS]) if len(found.group()) >= _SHORTEST_RUN
        ]
        if runs:
            self._prepare()
        for found in reversed(runs):
            syllables = self._syllables(found.group())
            if len(syllables) >= _FEWEST_SYLLABLES:
                before, after = text[: found.start()], text[found.end() :]
                text = before + self._likeliest(syllables, before[-1:], after[:1]) + after
        return text

    def _syllables(self, letters: str) -> list[str]:
        """huaiyun le → huai yun le; nothing where a word is no pinyin."""
        found: list[str] = []
        for word in letters.split():
            ways: list[list[str] | None] = [[], *[None] * len(word)]
            for end in range(1, len(word) + 1):
                for start in range(max(0, end - _LONGEST_SYLLABLE), end):
                    before = ways[start]
                    if before is not None and word[start:end] in self._spelt:
                        best = ways[end]
                        if best is None or len(before) + 1 < len(best):
                            ways[end] = [*before, word[start:end]]
            whole = ways[len(word)]
            if whole is None:
                return []
            found += whole
        return found

    def _likeliest(self, syllables: Sequence[str], before: str, after: str) -> str:
        """Viterbi over the characters of each syllable, between the characters on either side."""
        total = sum(self._singles.values()) or 1
        paths: dict[str, tuple[float, str]] = {before: (0.0, "")}
        for choices in (*(self._spelt[one] for one in syllables), [after]):
            following: dict[str, tuple[float, str]] = {}
            for char in choices:
                alone = (self._singles[char] + 1) / total
                following[char] = max(
                    (
                        (cost + log(_PAIRS * self._pairs[last + char] / (self._singles[last] + 1)
                                    + (1 - _PAIRS) * alone), written + char)
                        for last, (cost, written) in paths.items()
                    ),
                )  # fmt: skip
            paths = following
        written = next(iter(paths.values()))[1]
        return written.removesuffix(after) if after else written

    def _corrected(self, text: str) -> str:
        characters = list(text)
        at = 0
        while at < len(characters) - 1:
            pair = characters[at] + characters[at + 1]
            if _is_hanzi(pair[0]) and _is_hanzi(pair[1]) and pair not in self._pairs:
                known = self._by_sound.get(_folded(pair))
                if known:
                    characters[at : at + 2] = known
                    at += 1
            at += 1
        return "".join(characters)


def _is_hanzi(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff"


def _folded(pair: str) -> str:
    """Sounds that northwestern speech does not tell apart are one."""
    sound = " ".join(map(syllable, pair))
    for one, other in _FOLDS:
        sound = sound.replace(one, other)
    return sound


@lru_cache(maxsize=8192)
def syllable(char: str) -> str:
    """The usual reading of one character, without tone."""
    return str(_pypinyin().lazy_pinyin(char)[0])


@lru_cache(maxsize=1)
def _pypinyin() -> Any:
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # 40,000 phrases that single characters do not need
    import pypinyin

    return pypinyin
