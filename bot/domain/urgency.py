"""Signs of danger in what she writes; looked for before anything else, in every channel."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import add

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
    regex: str | None

    def found_in(self, text: str) -> bool:
        for words in self.needs:
            for word in words:
                if word in text:
                    break
            else:
                return False
        return self.regex is None or _regex(self.regex).search(text) is not None


@dataclass(frozen=True, slots=True)
class _Sign:
    danger: Danger
    unless: tuple[_Pattern, ...]
    instead: tuple[tuple[str, tuple[_Pattern, ...]], ...]

    def danger_in(self, text: str) -> Danger:
        """The danger with the topic that fits the rest of the text."""
        for topic, patterns in self.instead:
            if any(pattern.found_in(text) for pattern in patterns):
                return Danger(self.danger.kind, topic)
        return self.danger


@dataclass(frozen=True, slots=True, eq=False)
class _Clue:
    """A pattern, whose sign it is (by place in the order of urgency), and whether it is a weak one."""

    sign: int
    weak: bool
    pattern: _Pattern


@dataclass(frozen=True, slots=True)
class _Finder:
    """`clues` by the first two characters of words: hundreds of patterns, of which a text can meet a few."""

    homophones: tuple[tuple[str, str], ...]
    innocent: tuple[_Pattern, ...]
    signs: tuple[_Sign, ...]
    clues: Mapping[str, tuple[_Clue, ...]]

    def find(self, text: str) -> Danger | None:
        text = squash(simplify(text))
        for written, meant in self.homophones:
            if written in text:
                text = text.replace(written, meant)
        for pattern in self.innocent:
            if pattern.regex is None:
                text = text.replace(pattern.needs[0][0], _REMOVED)
            elif pattern.found_in(text):
                text = _regex(pattern.regex).sub(_REMOVED, text)
        return self._most_urgent(text)

    def _most_urgent(self, text: str) -> Danger | None:
        best = len(self.signs)
        for clue in self._near(text):
            if clue.sign >= best or not clue.pattern.found_in(text):
                continue
            sign = self.signs[clue.sign]
            if not clue.weak or not any(pattern.found_in(text) for pattern in sign.unless):
                best = clue.sign
        return self.signs[best].danger_in(text) if best < len(self.signs) else None

    def _near(self, text: str) -> Iterable[_Clue]:
        """Every clue of which one word at least begins in the text, once."""
        starts = dict.fromkeys(chain(text, map(add, text, text[1:]), ("",)))
        return dict.fromkeys(chain.from_iterable(self.clues.get(start, ()) for start in starts))


@lru_cache(maxsize=8192)
def _regex(written: str) -> re.Pattern[str]:
    """Compiled when a text first has all its words: most never are, and the start need not wait for them."""
    return re.compile(written)


@lru_cache(maxsize=4)
def _compiled(rules: DangerRules) -> _Finder:
    def patterns(written: Sequence[str]) -> tuple[_Pattern, ...]:
        return tuple(_pattern(one, rules) for one in written)

    def sign(kind: DangerKind, signs: DangerSign) -> _Sign:
        instead = tuple((topic, patterns(written)) for topic, written in signs.instead.items())
        return _Sign(Danger(kind, signs.topic), patterns(signs.unless), instead)

    def clues(number: int, signs: DangerSign) -> Iterator[_Clue]:
        for weak, written in ((False, signs.patterns), (True, signs.weak)):
            yield from (_Clue(number, weak, pattern) for pattern in patterns(written))

    return _Finder(
        homophones=tuple(rules.homophones.items()),
        innocent=tuple(sorted(patterns(rules.innocent), key=lambda pattern: pattern.regex is None)),
        signs=tuple(sign(kind, signs) for kind, signs in rules.kinds.items()),
        clues=_by_start(
            clue for number, signs in enumerate(rules.kinds.values()) for clue in clues(number, signs)
        ),
    )


def _by_start(clues: Iterable[_Clue]) -> dict[str, tuple[_Clue, ...]]:
    """Each clue under the beginnings of the words of that part of it which fewest texts will have."""
    found: dict[str, list[_Clue]] = defaultdict(list)
    for clue in clues:
        parts = [{word[:2] for word in words} for words in clue.pattern.needs]
        for start in min(parts, key=_how_common, default={""}):
            found[start].append(clue)
    return {start: tuple(there) for start, there in found.items()}


def _how_common(starts: set[str]) -> tuple[bool, int]:
    """Single characters are in many texts; of pairs, few are in fewer texts than many."""
    return any(len(start) < 2 for start in starts), len(starts)


def _pattern(written: str, rules: DangerRules) -> _Pattern:
    parts = list(_parts(written, rules))
    needs = tuple(words for words in parts if words and "" not in words)
    if len(parts) == 1 and len(parts[0]) == 1:
        return _Pattern(needs, None)
    regex = "".join(_either(words) if words else _GAP for words in parts)
    return _Pattern(needs, regex)


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
