"""Local and yearly numbers written into a text instead of the region's file.

Three rules, each narrow enough to raise no false alarm on reviewed content: a number right behind a word for
a local amount or beside a leave that provinces give; the very value that stands in the region's file; any
sum of money that is neither an example nor written in national law.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from knowledge.base import Frozen, Text
from knowledge.checks_texts import Said
from knowledge.faults import Fault, KnowledgeFaults
from knowledge.folder_reader import FolderReader
from knowledge.models import Amount, Region
from knowledge.numerals import number

FILE = "local_numbers.yaml"
_WRITE = "写进地区文件 amounts，用 local 或 {local.名字}；举例就写上“比如”"
_NUMBER = (
    r"(?:[0-9][0-9,]*(?:\.[0-9]+)?[万千百]?|[零一二三四五六七八九十两][零一二三四五六七八九十百千万两点]*)"
)
_MONEY = re.compile(
    rf"({_NUMBER})\s*(?:多|来)?(?:万元|元|块钱|块(?![儿头地板])|万(?![一达能人家次里户字件条名份元]))"
)
_DAYS = re.compile(rf"({_NUMBER})\s*(?:天|日(?!常))")
_QUOTED = re.compile(r"“[^”]*”")
_PERSON = re.compile(
    r"小(?![时于心孩区微型额工数组学店厂公票])[\u4e00-\u9fff]|[\u4e00-\u9fff](?:姐|女士|阿姨|师傅)"
)
_BETWEEN = (  # what may stand between 最低工资 and its number
    r"(?:标准|每人|每月|每年|每小时|每天|一个月|是|为|按|有|到|约|涨到|现在|目前|大概|就|只|[：:]|"
    r"（[^（）]{0,6}）){0,4}"
)
_NATIONAL_LEAVE = 98  # days; 延长产假 is told apart from them everywhere
_FEWEST = 1000  # yuan; smaller sums are in every text and prove nothing
_PLAIN = re.compile(r"([0-9]+(?:\.[0-9]+)?)([万千百]?)")
_TIMES = {"万": 10_000, "千": 1_000, "百": 100}


class LocalWords(Frozen):
    """local_numbers.yaml: words that mark a number as local, national or an example."""

    local: tuple[Text, ...]
    leave: tuple[Text, ...]
    national: tuple[Text, ...]
    example: tuple[Text, ...]


@dataclass(frozen=True)
class AmountRules:
    """The words of local_numbers.yaml and the values of one region."""

    words: LocalWords
    region: Region

    @classmethod
    def read(cls, folder: Path, region: Region) -> AmountRules:
        """Raises KnowledgeFaults when the file of words cannot be read."""
        reader = FolderReader(folder)
        words = reader.one(folder / FILE, LocalWords)
        if words is None:
            raise KnowledgeFaults(reader.faults)
        return cls(words, region)

    def faults(self, texts: Iterable[Said]) -> Iterator[Fault]:
        """One fault a text at most: the first number that does not belong there."""
        for said in texts:
            for paragraph in said.text.split("\n"):
                if found := self._slip(paragraph, said.scene):
                    yield said.fault(f"写死了会变的数字“{found}”", _WRITE)
                    break

    def _slip(self, paragraph: str, scene: bool) -> str | None:
        if not _MONEY.search(paragraph) and not _DAYS.search(paragraph) and not self._beside_local(paragraph):
            return None
        if self._says(paragraph, self.words.example):
            return None
        if beside := self._beside_local(paragraph):
            return beside
        return self._value_of_region(paragraph) or (
            None if scene else self._leave(paragraph) or self._sum(paragraph)
        )

    def _says(self, text: str, words: Iterable[str]) -> bool:
        return any(word in text for word in words)

    def _beside_local(self, text: str) -> str | None:
        found = self._local_then_number.search(text)
        return found.group() if found else None

    def _leave(self, text: str) -> str | None:
        for found in self._leave_and_days.finditer(text):
            if value_of(found.group(1) or found.group(2)) != _NATIONAL_LEAVE:
                return found.group()
        return None

    def _value_of_region(self, text: str) -> str | None:
        for found in _MONEY.finditer(text):
            if value_of(found.group(1)) in self._sums:
                return found.group()
        for found in _DAYS.finditer(text):
            words = self._days.get(value_of(found.group(1)), ())
            if self._says(text, words):
                return found.group()
        return None

    def _sum(self, text: str) -> str | None:
        """Money stated as such; what is quoted, and what invented people earn, states nothing."""
        found = _MONEY.search(_QUOTED.sub("", text))
        if not found or self._says(text, self.words.national) or _PERSON.search(text):
            return None
        return found.group()

    @cached_property
    def _local_then_number(self) -> re.Pattern[str]:
        words = "|".join(sorted(map(re.escape, self.words.local), key=len, reverse=True))
        behind = rf"(?:{words}){_BETWEEN}"
        return re.compile(rf"{behind}{_NUMBER}\s*(?:元|块|万|%)|{behind}[0-9]{{3,}}")

    @cached_property
    def _leave_and_days(self) -> re.Pattern[str]:
        words = "|".join(sorted(map(re.escape, self.words.leave), key=len, reverse=True))
        days = rf"({_NUMBER})\s*(?:天|日(?!常))"
        return re.compile(rf"(?:{words})[^，。、（）0-9]{{0,8}}?{days}|{days}的?(?:{words})")

    @cached_property
    def _sums(self) -> frozenset[float]:
        """Sums of money of the region's file, verified or not: 2235, 下限5023 and 上限25113."""
        amounts = [one for one in self.region.amounts.values() if "元" in (one.unit or "")]
        return frozenset(value for one in amounts for value in _values(one) if value >= _FEWEST)

    @cached_property
    def _days(self) -> dict[float, list[str]]:
        """Days of the region's file, each with the leaves that its label speaks of."""
        found: dict[float, list[str]] = {}
        for one in self.region.amounts.values():
            if (one.unit or "").startswith("天"):
                words = [word for word in self.words.leave if word in one.label]
                for value in _values(one):
                    found.setdefault(value, []).extend(words)
        return found


def _values(amount: Amount) -> list[float]:
    return [float(found) for found in re.findall(r"[0-9]+(?:\.[0-9]+)?", str(amount.value or ""))]


def value_of(words: str) -> float:
    """2,235 → 2235, 1.5万 → 15000, 两千二百三十五 → 2235; what cannot be read is 0."""
    plain = _PLAIN.fullmatch(words.replace(",", ""))
    if plain:
        return float(plain.group(1)) * _TIMES.get(plain.group(2), 1)
    return number(words)
