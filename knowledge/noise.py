"""Spoils clean questions in the ways people spoil them, always the same way, to measure what that costs."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Self

import yaml

from knowledge.evaluate import QUESTIONS, Asked
from knowledge.sound import syllable

FILE = QUESTIONS.parent / "noise.yaml"
_SHARE = 0.12  # of the characters that are hit
_PINYIN_SHARE = 0.3  # of the words
_COMMON = (0xB0, 0xD7)  # first bytes of the 3,755 common characters in GB 2312
_PUNCTUATION = re.compile(r"[。！？!?；;，,、：:\s]+")
_HANZI = re.compile(r"[\u3400-\u9fff]+")


class Noise(StrEnum):
    """Ways to spoil a text."""

    HOMOPHONES = "homophones"
    MISSING = "missing"
    TRADITIONAL = "traditional"
    PINYIN_WORDS = "pinyin-words"
    PINYIN_ALL = "pinyin-all"
    INITIALS = "initials"
    VOICE = "voice"
    EMOJI = "emoji"
    PREAMBLE = "preamble"
    ENGLISH = "english"


@dataclass(frozen=True, slots=True)
class Spoiler:
    """Knows the words that noise is made of."""

    voice: tuple[str, ...]
    emoji: tuple[str, ...]
    preambles: tuple[str, ...]
    afterwords: tuple[str, ...]
    functions: frozenset[str]
    english: Mapping[str, str]

    @classmethod
    def load(cls, path: Path = FILE) -> Self:
        """From tests/noise.yaml."""
        words = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls(
            tuple(words["voice"]),
            tuple(words["emoji"]),
            tuple(words["preambles"]),
            tuple(words["afterwords"]),
            frozenset(words["functions"]),
            words["english"],
        )

    def spoilt(self, text: str, noise: Noise) -> str:
        """`text` with this noise; the same text is always spoilt the same way."""
        source = random.Random(f"{noise}/{text}")
        by_kind: dict[Noise, Callable[[str, random.Random], str]] = {
            Noise.HOMOPHONES: _homophones,
            Noise.MISSING: _missing,
            Noise.TRADITIONAL: lambda text, _: _traditional(text),
            Noise.PINYIN_WORDS: self._pinyin_words,
            Noise.PINYIN_ALL: lambda text, _: _pinyin_all(text),
            Noise.INITIALS: self._initials,
            Noise.VOICE: self._voice,
            Noise.EMOJI: self._emoji,
            Noise.PREAMBLE: self._preamble,
            Noise.ENGLISH: self._english,
        }
        return by_kind[noise](text, source)

    def _words(self, text: str) -> list[tuple[int, int]]:
        """Spans of two characters that are likely words: what begins after a word of no matter."""
        spans: list[tuple[int, int]] = []
        at = 0
        while at < len(text) - 1:
            pair = text[at : at + 2]
            if _HANZI.fullmatch(pair) and not self.functions & set(pair):
                spans.append((at, at + 2))
                at += 1
            at += 1
        return spans

    def _replaced(self, text: str, spans: list[tuple[int, int]], written: Callable[[str], str]) -> str:
        for start, end in sorted(spans, reverse=True):
            text = text[:start] + written(text[start:end]) + text[end:]
        return text

    def _pinyin_words(self, text: str, source: random.Random) -> str:
        words = self._words(text)
        count = max(1, round(len(words) * _PINYIN_SHARE))
        return self._replaced(text, source.sample(words, min(count, len(words))), _pinyin)

    def _initials(self, text: str, source: random.Random) -> str:
        words = self._words(text)
        chosen = source.sample(words, min(1, len(words)))
        return self._replaced(text, chosen, lambda word: "".join(syllable(char)[0] for char in word))

    def _voice(self, text: str, source: random.Random) -> str:
        clauses = [clause for clause in _PUNCTUATION.split(text) if clause]
        return "".join(source.choice(self.voice) + clause for clause in clauses)

    def _emoji(self, text: str, source: random.Random) -> str:
        clauses = re.split(r"(?<=[，。！？,!?])", text)
        return "".join(clause + source.choice(self.emoji) for clause in clauses if clause)

    def _preamble(self, text: str, source: random.Random) -> str:
        return source.choice(self.preambles) + text + source.choice(self.afterwords)

    def _english(self, text: str, source: random.Random) -> str:
        present = [word for word in self.english if word in text]
        for word in source.sample(present, min(len(present), 2)):
            text = text.replace(word, f" {self.english[word]} ")
        return text


def noised(asked: Sequence[Asked], noise: Noise, spoiler: Spoiler) -> list[Asked]:
    """The same questions with this noise."""
    return [
        Asked(one.id, spoiler.spoilt(one.text, noise), one.topics, one.scope, one.source, one.near)
        for one in asked
    ]


def _homophones(text: str, source: random.Random) -> str:
    by_sound = _common_by_sound()
    places = [at for at, char in enumerate(text) if len(by_sound.get(_sound(char), "")) > 1]
    characters = list(text)
    for at in source.sample(places, min(len(places), max(1, round(len(places) * _SHARE)))):
        others = [char for char in by_sound[_sound(text[at])] if char != text[at]]
        characters[at] = source.choice(others)
    return "".join(characters)


def _missing(text: str, source: random.Random) -> str:
    places = [at for at, char in enumerate(text) if _HANZI.fullmatch(char)]
    gone = set(source.sample(places, min(len(places), max(1, round(len(places) * _SHARE)))))
    return "".join(char for at, char in enumerate(text) if at not in gone)


def _traditional(text: str) -> str:
    import opencc

    return str(opencc.OpenCC("s2t").convert(text))


def _pinyin(word: str) -> str:
    return "".join(syllable(char) for char in word)


def _pinyin_all(text: str) -> str:
    """Word by word as people type it: a space after every other syllable."""
    written: list[str] = []
    for piece in re.findall(r"[\u3400-\u9fff]{1,2}|[^\u3400-\u9fff]+", text):
        written.append(_pinyin(piece) if _HANZI.fullmatch(piece) else piece)
    return " ".join(written)


def _sound(char: str) -> str:
    return syllable(char) if _HANZI.fullmatch(char) else ""


@lru_cache(maxsize=1)
def _common_by_sound() -> Mapping[str, str]:
    found: defaultdict[str, str] = defaultdict(str)
    for first in range(_COMMON[0], _COMMON[1] + 1):
        for second in range(0xA1, 0xFF):
            try:
                char = bytes((first, second)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            found[syllable(char)] += char
    return found
