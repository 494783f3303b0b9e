"""Signs of danger in what she writes; looked for before anything else, in every channel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.models import DangerKind, DangerRules, DangerSign
from knowledge.normalise import simplify, squash

__all__ = ["Danger", "DangerKind", "find_danger"]

_GAP = r".{0,6}"
_REMOVED = "\x01"  # keeps the words around an innocent phrase apart
_PARTS = re.compile(r"\{(?P<words>[^}]*)\}|\[(?P<choice>[^\]]*)\]|(?P<gap>…+)|(?P<plain>[^{\[…]+)")


@dataclass(frozen=True, slots=True)
class Danger:
    """What kind of danger, and the topic to show after the safety reply."""

    kind: DangerKind
    topic: str


def find_danger(text: str, rules: DangerRules) -> Danger | None:
    """The most urgent danger `text` speaks of, or None.

    A rather false alarm than a miss: past events, quotations and other people's dangers count too.
    Time is linear in the length of the text: gaps are bounded, and nothing repeats.
    """
    return _compiled(rules).find(text)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A pattern, and for each of its parts the words of which one must occur; checked before the regex."""

    needs: tuple[tuple[str, ...], ...]
    regex: re.Pattern[str] | None

    def found_in(self, text: str) -> bool:
        for words in self.needs:
            for word in words:
                if word in text:
                    break
            else:
                return False
        return self.regex is None or self.regex.search(text) is not None


@dataclass(frozen=True, slots=True)
class _Sign:
    danger: Danger
    patterns: tuple[_Pattern, ...]
    weak: tuple[_Pattern, ...]
    unless: tuple[_Pattern, ...]

    def found_in(self, text: str) -> bool:
        if any(pattern.found_in(text) for pattern in self.patterns):
            return True
        if not any(pattern.found_in(text) for pattern in self.weak):
            return False
        return not any(pattern.found_in(text) for pattern in self.unless)


@dataclass(frozen=True, slots=True)
class _Finder:
    homophones: tuple[tuple[str, str], ...]
    innocent: tuple[_Pattern, ...]
    signs: tuple[_Sign, ...]

    def find(self, text: str) -> Danger | None:
        text = squash(simplify(text))
        for written, meant in self.homophones:
            if written in text:
                text = text.replace(written, meant)
        for pattern in self.innocent:
            if pattern.regex is None:
                text = text.replace(pattern.needs[0][0], _REMOVED)
            elif pattern.found_in(text):
                text = pattern.regex.sub(_REMOVED, text)
        return next((sign.danger for sign in self.signs if sign.found_in(text)), None)


@lru_cache(maxsize=4)
def _compiled(rules: DangerRules) -> _Finder:
    def patterns(written: Sequence[str]) -> tuple[_Pattern, ...]:
        return tuple(_pattern(one, rules) for one in written)

    def sign(kind: DangerKind, signs: DangerSign) -> _Sign:
        danger = Danger(kind, signs.topic)
        return _Sign(danger, patterns(signs.patterns), patterns(signs.weak), patterns(signs.unless))

    return _Finder(
        homophones=tuple(rules.homophones.items()),
        innocent=tuple(sorted(patterns(rules.innocent), key=lambda pattern: pattern.regex is None)),
        signs=tuple(sign(kind, signs) for kind, signs in rules.kinds.items()),
    )


def _pattern(written: str, rules: DangerRules) -> _Pattern:
    parts = list(_parts(written, rules))
    needs = tuple(words for words in parts if words and "" not in words)
    if len(parts) == 1 and len(parts[0]) == 1:
        return _Pattern(needs, None)
    regex = "".join(_either(words) if words else _GAP for words in parts)
    return _Pattern(needs, re.compile(regex))


def _parts(written: str, rules: DangerRules) -> Iterator[tuple[str, ...]]:
    """The words of each part of a pattern; an empty tuple is a gap."""
    for found in _PARTS.finditer(written):
        match found.lastgroup:
            case "words":
                yield rules.words[found["words"]]
            case "choice":
                choices = found["choice"].split("|")
                yield tuple(word for choice in choices for word in _choice(choice, rules))
            case "gap":
                yield ()
            case _:
                yield (found["plain"],)


def _choice(choice: str, rules: DangerRules) -> tuple[str, ...]:
    """A choice may itself name a word list: [视频|{影像}]."""
    return rules.words[choice[1:-1]] if choice.startswith("{") else (choice,)


def _either(words: Sequence[str]) -> str:
    longest_first = sorted(words, key=len, reverse=True)
    return re.escape(words[0]) if len(words) == 1 else f"(?:{'|'.join(map(re.escape, longest_first))})"
