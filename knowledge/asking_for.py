"""Whether somebody asks for herself, for another person, or as an employer: rules as data (asking_for.yaml).

The patterns are those of danger.yaml with one sign more: ^ stands for the beginning of a clause.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from knowledge.faults import Fault
from knowledge.models import AskedFor, AskingFor, AskingRule
from knowledge.normalise import simplify, squash

__all__ = ["FILE", "AskedFor", "AskingFor", "asked_for", "check_asking_for"]

FILE = "asking_for.yaml"
LONGEST = 600  # signs that are looked at: who asks is said early
_GAP = r"[^\n]{0,6}"
_START = r"(?:(?<=\n)|^)"
_NAMED = re.compile(r"\{([^{}]*)\}")
_PARTS = re.compile(
    r"(?P<start>\^)|\{(?P<words>[^{}]*)\}|\[(?P<choice>[^\[\]]*)\]|(?P<gap>…+)|(?P<plain>[^\^{}\[\]…|]+)"
)
_CLAUSE_END = re.compile(r"[^\w]+")


def asked_for(text: str, rules: AskingFor) -> AskedFor | None:
    """For whom `text` asks; None for herself, and wherever it is not plain. Time is linear in the text."""
    clauses = [squash(clause) for clause in _CLAUSE_END.split(simplify(text[:LONGEST]))]
    told = "\n".join(clause for clause in clauses if clause)
    compiled = _compiled(rules)
    about_herself = compiled.about_herself(told)
    for who, ways in compiled.rules:
        if any(way.holds(told, about_herself=about_herself) for way in ways):
            return who
    return None


def check_asking_for(rules: AskingFor) -> Iterator[Fault]:
    """Every word list that a pattern names is there, every pattern can be read."""
    for pattern in _all_patterns(rules):
        missing = [name for name in _NAMED.findall(pattern) if name not in rules.words]
        if missing:
            yield _fault(pattern, f"words 里没有 {missing[0]}", "补上，或改正名字")
        elif not _is_sound(pattern):
            yield _fault(pattern, "括号不成对，或者 [ ] 里的 {词组} 前后还有字", "照文件开头的写法改")
    for name, listed in rules.words.items():
        if any("{" in word for word in _all_meant(listed, defaultdict(tuple, rules.words))):
            yield _fault(name, "词组里套了两层", "把里面那一层的词直接写出来")


def _is_sound(pattern: str) -> bool:
    parts = list(_PARTS.finditer(pattern))
    choices = [one for part in parts for one in (part["choice"] or "").split("|")]
    whole = all("{" not in one or _NAMED.fullmatch(one) for one in choices)
    return whole and "".join(part[0] for part in parts) == pattern


def _all_patterns(rules: AskingFor) -> Iterator[str]:
    yield from (*rules.speaks_of_herself, *rules.harmless)
    yield from (word for listed in rules.words.values() for word in listed if "{" in word)
    for rule in (rule for ways in rules.rules.values() for rule in ways):
        yield from (*rule.patterns, *rule.needs, *rule.unless)


def _fault(pattern: str, wrong: str, write: str) -> Fault:
    return Fault(f"knowledge/{FILE}", 1, pattern[:30], wrong, write)


@dataclass(frozen=True, slots=True)
class _Way:
    """One rule, compiled."""

    patterns: re.Pattern[str]
    needs: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    own: bool

    def holds(self, text: str, *, about_herself: bool) -> bool:
        if (self.own and about_herself) or not self.patterns.search(text):
            return False
        if self.needs is not None and not self.needs.search(text):
            return False
        return self.unless is None or not self.unless.search(text)


@dataclass(frozen=True, slots=True)
class _Compiled:
    herself: re.Pattern[str]
    harmless: re.Pattern[str]
    rules: tuple[tuple[AskedFor, tuple[_Way, ...]], ...]

    def about_herself(self, text: str) -> bool:
        """Whether she speaks of herself when all that says nothing about her is taken away."""
        return self.herself.search(self.harmless.sub("\x01", text)) is not None


@lru_cache(maxsize=4)
def _compiled(rules: AskingFor) -> _Compiled:
    words = {name: _all_meant(listed, rules.words) for name, listed in rules.words.items()}

    def any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
        return re.compile("|".join(_regex(pattern, words) for pattern in patterns))

    def way(rule: AskingRule) -> _Way:
        return _Way(
            any_of(rule.patterns),
            any_of(rule.needs) if rule.needs else None,
            any_of(rule.unless) if rule.unless else None,
            rule.own,
        )

    return _Compiled(
        any_of(rules.speaks_of_herself),
        any_of(rules.harmless),
        tuple((who, tuple(way(rule) for rule in ways)) for who, ways in rules.rules.items()),
    )


def _regex(pattern: str, words: Mapping[str, tuple[str, ...]]) -> str:
    """A pattern of the file as a regular expression; gaps are short and never leave the clause."""
    parts = []
    for found in _PARTS.finditer(pattern):
        match found.lastgroup:
            case "start":
                parts.append(_START)
            case "gap":
                parts.append(_GAP)
            case "words":
                parts.append(_either(words[found["words"]]))
            case "choice":
                parts.append(_either(_all_meant(found["choice"].split("|"), words)))
            case _:
                parts.append(re.escape(found[0]))
    return "".join(parts)


def _all_meant(listed: Iterable[str], words: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """A list or a choice may itself name a word list: [她|{亲人}]."""
    return tuple(word for one in listed for word in (words[one[1:-1]] if one.startswith("{") else (one,)))


def _either(words: Iterable[str]) -> str:
    longest_first = sorted(words, key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, longest_first))})"
