"""What a text is compared by: characters, meanings (synonym groups) and pairs of either."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Self

from knowledge.models import SynonymGroups
from knowledge.normalise import simplify

_TOKEN = re.compile(r"[a-z]+|[0-9]+(?:\.[0-9]+)?|[\u3400-\u9fff]")
_LETTERS = re.compile(r"(?<![a-z])[a-z]{2,8}(?![a-z])")
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

    @classmethod
    def of(cls, groups: SynonymGroups) -> Self:
        """Longest filler first, so that 我想问一下就是 goes whole."""
        fillers = sorted((simplify(filler) for filler in groups.fillers), key=len, reverse=True)
        meant = [(simplify(word), f"§{name}") for name, words in groups.groups.items() for word in words]
        by_beginning: dict[str, list[tuple[str, str]]] = {}
        for word, name in meant:
            by_beginning.setdefault(word[:2], []).append((word, name))
        return cls(
            words=tuple(meant),
            by_beginning={beginning: tuple(words) for beginning, words in by_beginning.items()},
            abbreviations={simplify(short): simplify(long) for short, long in groups.abbreviations.items()},
            fillers=re.compile("|".join(map(re.escape, fillers))) if fillers else None,
        )

    def clean(self, text: str) -> str:
        """Simplified text, abbreviations written out, idle phrases gone (unless nothing else is left)."""
        text = simplify(text)
        if self.abbreviations and not text.isascii():
            text = _LETTERS.sub(lambda found: self.abbreviations.get(found.group(), found.group()), text)
        if self.fillers:
            without = self.fillers.sub(" ", text)
            if _TOKEN.search(without):
                return without
        return text

    def terms(self, cleaned: str) -> Terms:
        """Terms of a text that went through `clean`."""
        characters = _TOKEN.findall(cleaned)
        meanings = sorted(self._meanings(cleaned))
        neighbours = [first + second for first, second in pairwise(characters)]
        pairs = [first + second for first, second in combinations(meanings[:_MOST_MEANINGS], 2)]
        coarse = characters + meanings
        return Terms(coarse, coarse + neighbours + pairs, characters)

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


def _stands_alone(word: str, text: str, at: int) -> bool:
    """Numbers and letters count only whole: 123456 does not speak of 12345."""
    end = at + len(word)
    before = at > 0 and word[0].isascii() and text[at - 1].isascii() and text[at - 1].isalnum()
    after = end < len(text) and word[-1].isascii() and text[end].isascii() and text[end].isalnum()
    return not (before or after)
