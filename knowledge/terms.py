"""What a text is compared by: characters, meanings (synonym groups) and pairs of either."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Self

from knowledge.models import SynonymGroups
from knowledge.normalise import simplify

_TOKEN = re.compile(r"[a-z]+|[0-9]+(?:\.[0-9]+)?|[\u3400-\u9fff]")
_LETTERS = re.compile(r" ?(?<![a-z])([a-z]{2,8})(?![a-z]) ?")
_MONTHS = re.compile(r"(?:[0-9]+|[一二三四五六七八九十两几半]+)(?:多)?个(?:多|来)?月")
_SOME_MONTHS = "个月"  # three months of arrears, of pregnancy, of probation: the number decides no topic
_MOST_MEANINGS = 12  # pairs grow with the square; a long story names everything anyway


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of one text, repeats kept; `coarse` ignores order, `fine` adds neighbours and meaning pairs."""

    coarse: list[str]
    fine: list[str]
    characters: list[str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Turns text into terms with the curator's synonym groups."""

    words: tuple[tuple[str, str], ...]
    by_beginning: dict[str, tuple[tuple[str, str], ...]]
    abbreviations: dict[str, str]
    fillers: re.Pattern[str] | None
    particles: re.Pattern[str] | None
    openers: re.Pattern[str] | None
    asides: re.Pattern[str] | None

    @classmethod
    def of(cls, groups: SynonymGroups) -> Self:
        """The curator's groups, simplified once."""
        meant = [(simplify(word), f"§{name}") for name, words in groups.groups.items() for word in words]
        by_beginning: dict[str, list[tuple[str, str]]] = {}
        for word, name in meant:
            by_beginning.setdefault(word[:2], []).append((word, name))
        return cls(
            words=tuple(meant),
            by_beginning={beginning: tuple(words) for beginning, words in by_beginning.items()},
            abbreviations={simplify(short): simplify(long) for short, long in groups.abbreviations.items()},
            fillers=_any_of(groups.fillers),
            particles=_any_of(groups.particles),
            openers=_any_of(groups.openers),
            asides=_any_of((*groups.asides, *groups.particles, *groups.openers)),
        )

    def clean(self, text: str) -> str:
        """Simplified text, abbreviations written out, idle phrases gone (unless nothing else is left)."""
        text = simplify(text)
        if self.abbreviations and not text.isascii():
            text = _LETTERS.sub(lambda found: self.abbreviations.get(found.group(1), found.group()), text)
        if self.fillers:
            without = self.fillers.sub(" ", text)
            if _TOKEN.search(without):
                return without
        return text

    def terms(self, cleaned: str) -> Terms:
        """Terms of a text that went through `clean`."""
        characters = _TOKEN.findall(_MONTHS.sub(_SOME_MONTHS, cleaned))
        meanings = sorted(self._meanings(cleaned))
        neighbours = [first + second for first, second in pairwise(characters)]
        pairs = [first + second for first, second in combinations(meanings[:_MOST_MEANINGS], 2)]
        coarse = characters + meanings
        return Terms(coarse, coarse + neighbours + pairs, characters)

    def gist(self, cleaned: str) -> str:
        """The text word by word, each known word as its meaning, without particles.

        产假几天 and 产假是多少天呀 have the same gist; order counts, so 老板告我 and 我告老板 have not.
        """
        text = _MONTHS.sub(_SOME_MONTHS, cleaned)
        text = "".join(_TOKEN.findall(self.particles.sub(" ", text) if self.particles else text))
        gist: list[str] = []
        at = 0
        while at < len(text):
            words = [
                (word, name)
                for beginning in {text[at : at + 2], text[at]}
                for word, name in self.by_beginning.get(beginning, ())
                if text.startswith(word, at) and _stands_alone(word, text, at)
            ]
            longest = max((len(word) for word, _ in words), default=0)
            gist.append("".join(sorted(name for word, name in words if len(word) == longest)) or text[at])
            at += longest or 1
        return " ".join(gist)

    def follows_on(self, cleaned: str) -> bool:
        """Whether a text begins as a follow-up does (那…, 如果…), or has no matter of its own (多久)."""
        return bool(self.openers and self.openers.match(cleaned.strip())) or not self.has_matter(cleaned)

    def without_opener(self, cleaned: str) -> str:
        """那试用期呢 → 试用期: what a follow-up brings in."""
        text = cleaned.strip()
        text = self.openers.sub("", text, count=1) if self.openers and self.openers.match(text) else text
        return self.particles.sub("", text) if self.particles else text

    def has_matter(self, cleaned: str) -> bool:
        """Whether a text says more than what can be asked about any topic."""
        rest = self.asides.sub("", cleaned) if self.asides else cleaned
        return _TOKEN.search(rest) is not None

    def _meanings(self, cleaned: str) -> set[str]:
        """Groups whose words occur; looks up each pair of neighbours, then each single character."""
        found: set[str] = set()
        by_beginning = self.by_beginning
        for at in range(len(cleaned)):
            for beginning in (cleaned[at : at + 2], cleaned[at]):
                for word, name in by_beginning.get(beginning, ()):
                    if (
                        name not in found
                        and cleaned.startswith(word, at)
                        and _stands_alone(word, cleaned, at)
                    ):
                        found.add(name)
        return found


def _any_of(words: Sequence[str]) -> re.Pattern[str] | None:
    """Longest first, so that 我想问一下就是 goes whole."""
    longest_first = sorted(map(simplify, words), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if words else None


def _stands_alone(word: str, text: str, at: int) -> bool:
    """Numbers and letters count only whole: 123456 does not speak of 12345."""
    end = at + len(word)
    before = at > 0 and word[0].isascii() and text[at - 1].isascii() and text[at - 1].isalnum()
    after = end < len(text) and word[-1].isascii() and text[end].isascii() and text[end].isalnum()
    return not (before or after)
