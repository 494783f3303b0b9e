"""Second reading of a text by its sound: typing errors of the same sound, and words typed in pinyin."""

from __future__ import annotations

import os
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

_LETTERS = re.compile(r"[a-z]{4,40}")
_FOLDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ing", "in"), ("eng", "en"))
_SELDOM = 5  # a pair of characters seen less often than this is no model to correct others by
_LOCK = threading.Lock()


class Sounds:
    """Knows how the characters of the knowledge sound; built on first use, which loads pypinyin (0.1 s)."""

    def __init__(self, texts: Callable[[], Iterable[str]], words: Sequence[str]) -> None:
        """`texts` gives cleaned phrasings and answers, `words` are the synonym words."""
        self._texts, self._words = texts, words
        self._ready = False
        self._pairs: Counter[str] = Counter()
        self._by_sound: dict[str, str] = {}
        self._by_letters: dict[str, str] = {}

    def reread(self, cleaned: str) -> str:
        """The text with pinyin written out, and never-seen pairs replaced by known ones of the same sound."""
        self._prepare()
        text = _LETTERS.sub(lambda found: self._written_out(found.group()), cleaned)
        return self._corrected(text)

    def _prepare(self) -> None:
        with _LOCK:
            if self._ready:
                return
            for text in self._texts():
                self._pairs.update(
                    one + two for one, two in pairwise(text) if _is_hanzi(one) and _is_hanzi(two)
                )
            for pair, seen in sorted(self._pairs.items(), key=lambda item: (item[1], item[0])):
                if seen >= _SELDOM:  # the commonest comes last and stays
                    self._by_sound[_folded(pair)] = pair
                    self._by_letters["".join(map(syllable, pair))] = pair
            for word in self._words:
                if len(word) > 1 and all(map(_is_hanzi, word)):
                    self._by_letters["".join(map(syllable, word))] = word
            self._texts, self._words = tuple, ()
            self._ready = True

    def _written_out(self, letters: str) -> str:
        """huaiyun → 怀孕; letters that are no known words stay."""
        written, at = "", 0
        while at < len(letters):
            for end in range(len(letters), at + 2, -1):
                word = self._by_letters.get(letters[at:end])
                if word:
                    written, at = written + word, end
                    break
            else:
                skipped = _SYLLABLE.match(letters, at)
                if not skipped:
                    return letters
                at = skipped.end()
        return written or letters

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


_SYLLABLE = re.compile(
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ui|ao|ou"
    r"|iu|ie|ue|er|an|en|in|un|ia|ua|uo|a|o|e|i|u|v)"
)


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
