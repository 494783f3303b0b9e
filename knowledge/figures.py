"""Every figure with a unit that a text states, and where it comes from (figures.yaml)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from knowledge.base import ArticleNumber, Frozen, Name, Text
from knowledge.claims import Claim, claims
from knowledge.faults import Fault, KnowledgeFaults
from knowledge.folder_reader import FolderReader
from knowledge.loader import Written
from knowledge.models import Law
from knowledge.numerals import SEPARATOR, UNITS, in_digits
from knowledge.traps import Pattern

FILE = "figures.yaml"
_WRITE = "引用写着这个数字的那一条，并记进 figures.yaml；没有依据的数字删掉"
_HOLE = re.compile(r"\{[^{}]*\}")
_DATE = re.compile(r"(?<!\d)(?:(?:19|20)\d\d年(?:\d{1,2}月(?:\d{1,2}日)?)?|\d{1,2}月\d{1,2}日)")
_SHARE = re.compile(r"[千万百\d]+分之[零一二三四五六七八九十百\d]+")
_FIGURE = re.compile(
    rf"(?<![第\d.])(\d+(?:\.\d+)?)(万|千|百)?(?:{SEPARATOR}(\d+(?:\.\d+)?)(万|千|百)?)?(?:多|来|几)?个?({UNITS})"
)
_SAME = {
    "日": "天", "周岁": "岁", "块": "元", "块钱": "元", "名": "人", "度": "℃", "钟头": "小时", "万元": "元",
}  # fmt: skip
_TIMES = {"万": 10_000, "千": 1_000, "百": 100}
_EXAMPLE = re.compile(
    r"比如|例[：:]|例如|假如|假设|举例|譬如|打个比方|小[李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗]|[王李张刘陈]姐"
)
_TOLD = frozenset(("happened", "outcome", "at_issue"))
_SUM = re.compile(
    r"(\d+(?:\.\d+)?)(?:天|元|个月|小时|年|日)?((?:(?:[+×÷*/-]|加上?|减去?|乘以?|除以)(?:\d+(?:\.\d+)?)(?:%|天|元|个月|小时|年|日|倍|个)*)+)"
    r"(?:，?(?:=|＝|等于|就是|是|得|共|一共|合计|，)*)(\d+(?:\.\d+)?)"
)


_ARTICLE = re.compile(r"第[零一二三四五六七八九十百]+条(?:之[一二三四五六])?")
_CITED = re.compile(rf"《([^《》\n]+)》((?:、?{_ARTICLE.pattern}(?:第.款)?)+)")


class Source(StrEnum):
    """Where a figure comes from, as it is told in the summary."""

    LAW = "法条"
    EXAMPLE = "例子"
    SUM = "算式"
    DATE = "日期"
    ADVICE = "提示"
    EVERYDAY = "口语"


def _split(written: object) -> object:
    return written.split() if isinstance(written, str) else written


class ArticleFigures(Frozen):
    """The figures that an article states, each checked against its text."""

    law: Text
    article: ArticleNumber | None = None
    figures: Annotated[tuple[Text, ...], BeforeValidator(_split)] = Field(min_length=1)


class OtherFigure(Frozen):
    """A figure that no cited article states: `figure` is a pattern for the whole of it.

    It holds where the sentence also matches `near`, if there is one; with `known`, only for figures that some
    article of the list states. `why` says where it comes from.
    """

    figure: Pattern
    source: Source
    near: Pattern | None = None
    known: bool = False
    why: Text


class Unverified(Frozen):
    """A figure that nobody could check; sentences that match one of `patterns` must not be said."""

    id: Name
    says: Text
    patterns: tuple[Pattern, ...] = Field(min_length=1)


class FigureFile(Frozen):
    """figures.yaml."""

    laws: tuple[ArticleFigures, ...]
    others: tuple[OtherFigure, ...] = ()
    unverified: tuple[Unverified, ...] = ()


@dataclass(slots=True)
class Proof:
    """What was found: how often each figure stands by each source, and what is proven by nothing."""

    sources: Counter[Source] = field(default_factory=Counter)
    distinct: set[str] = field(default_factory=set)
    laws: set[str] = field(default_factory=set)
    unverified: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many figures are stated, repeats counted."""
        return self.sources.total() + len(self.faults) - self.unverified


def figures(text: str) -> list[str]:
    """Figures with their units in one way of writing: 三十日 and 30 天 are 30天, 一至五倍 are 1倍 and 5倍."""
    plain = _HOLE.sub("", in_digits(text))
    found = [_share(hit) for hit in _SHARE.findall(plain)]
    plain = _SHARE.sub(" ", plain)
    found += _DATE.findall(plain)
    plain = _DATE.sub(" ", plain)
    for one, times, other, other_times, unit in _FIGURE.findall(plain):
        found.append(_normal(one, times or (other_times if other else ""), unit))
        if other:
            found.append(_normal(other, other_times, unit))
    return list(dict.fromkeys(found))


def _share(written: str) -> str:
    whole, _, part = written.partition("分之")
    return f"{whole}分之{in_digits(part + '天')[:-1]}"


def _normal(number: str, times: str, unit: str) -> str:
    plain = unit.removeprefix("个") if unit != "个月" else unit
    value = float(number) * _TIMES.get(times, 1) * (10_000 if plain == "万元" else 1)
    return f"{value:.12g}{_SAME.get(plain, plain)}"


def read_figures(folder: Path) -> FigureFile:
    """The list of a knowledge folder; raises KnowledgeFaults when it cannot be read."""
    reader = FolderReader(folder)
    file = reader.one(folder / FILE, FigureFile)
    if file is None:
        raise KnowledgeFaults(reader.faults)
    return file


def prove(written: Written) -> Proof:
    """Looks up every figure that is stated; raises KnowledgeFaults when the list cannot be read."""
    book = _Book(read_figures(written.knowledge.folder), written)
    proof = Proof()
    for claim in claims(written):
        for sentence in claim.sentences():
            book.look_up(claim, sentence, proof)
    proof.faults.sort()
    return proof


class _Book:
    """The list, ready for looking up."""

    def __init__(self, file: FigureFile, written: Written) -> None:
        self._file = file
        self._names = _law_names(written.knowledge.laws)
        self._of_article: dict[tuple[str, str | None], set[str]] = {}
        self._stated_by: dict[str, list[str]] = {}
        for row in file.laws:
            law = self._names.get(row.law, row.law)
            self._of_article.setdefault((law, row.article), set()).update(row.figures)
            for one in row.figures:
                self._stated_by.setdefault(one, []).append(f"《{row.law}》{row.article or ''}")
        self._in_force = {
            law.name: f"{law.effective_on.year}年{law.effective_on.month}月{law.effective_on.day}日"
            for law in written.knowledge.laws.values()
            if law.effective_on
        }
        labels = written.knowledge.deadlines
        self._besides = {
            entry.id: tuple(
                cited
                for text in (entry.details, *(labels[name].law for name in entry.deadlines))
                for cited in _cited_by(text)
            )
            for entry in written.knowledge.entries.values()
        }

    def look_up(self, claim: Claim, sentence: str, proof: Proof) -> None:
        plain = in_digits(sentence)
        for row in self._file.unverified:
            hit = next((found for one in row.patterns if (found := _regex(one).search(plain))), None)
            if hit:
                proof.unverified += 1
                proof.faults.append(claim.said.fault(f"没有核对过的数字“{hit.group()}”", f"删掉：{row.says}"))
        for figure in figures(sentence):
            proof.distinct.add(figure)
            source = self._source(claim, sentence, plain, figure, proof)
            if source:
                proof.sources[source] += 1
            else:
                proof.faults.append(claim.said.fault(f"“{figure}”没有依据", self._hint(figure)))

    def _source(self, claim: Claim, sentence: str, plain: str, figure: str, proof: Proof) -> Source | None:
        for law, article in self._cited(claim):
            if self._states(law, article, figure):
                proof.laws.add(f"{law}{article or ''}")
                return Source.LAW
            if _begins(self._in_force.get(law, ""), figure):
                return Source.DATE
        if _is_invented(claim, sentence, figure):
            return Source.EXAMPLE
        if figure in sums(plain):
            return Source.SUM
        for row in self._file.others:
            if self._holds(row, figure, plain):
                return row.source
        return None

    def _holds(self, row: OtherFigure, figure: str, plain: str) -> bool:
        if row.known and not any(one in self._stated_by for one in _spellings(figure)):
            return False
        near = row.near is None or _regex(row.near).search(plain)
        return bool(near and _regex(row.figure).fullmatch(figure))

    def _states(self, law: str, article: str | None, figure: str) -> bool:
        known = self._of_article.get((law, article), ())
        return any(one in known for one in _spellings(figure)) or any(_begins(one, figure) for one in known)

    def _cited(self, claim: Claim) -> Iterator[tuple[str, str | None]]:
        for one in claim.citations:
            yield self._names.get(one.law, one.law), one.article
        if claim.said.document.file.split("/")[-2:-1] != ["tips"]:
            for topic in claim.topics:
                for law, article in self._besides.get(topic, ()):
                    yield self._names.get(law, law), article

    def _hint(self, figure: str) -> str:
        known = self._stated_by.get(figure, [])
        return f"引用写着它的那一条（{'、'.join(known[:4])}）" if known else _WRITE


def _spellings(figure: str) -> tuple[str, ...]:
    """150% is also 1.5倍, and the other way round."""
    number = float(re.match(r"[\d.]*", figure).group() or 0) if figure[0].isdigit() else 0.0  # type: ignore[union-attr]
    if figure.endswith("%") and number >= 100:
        return (figure, f"{number / 100:.12g}倍")
    if figure.endswith("倍"):
        return (figure, f"{number * 100:.12g}%")
    return (figure,)


def _begins(date: str, figure: str) -> bool:
    """2030年 and 2030年1月 begin 2030年1月1日."""
    return bool(_DATE.fullmatch(figure)) and figure[:2] in ("19", "20") and date.startswith(figure)


def _is_invented(claim: Claim, sentence: str, figure: str) -> bool:
    """Figures of invented people: what happened to them, and money reckoned from theirs."""
    told = claim.part in _TOLD or (claim.part == "title" and claim.said.scene)
    around = figures(claim.around)
    reckoned = figure.endswith("元") and any(one.endswith("元") for one in around)
    return told or reckoned or figure in around or bool(_EXAMPLE.search(sentence))


def _law_names(laws: Mapping[str, Law]) -> dict[str, str]:
    return {name: law.name for law in laws.values() for name in (law.name, law.full_name, *law.aliases)}


def _cited_by(text: str) -> Iterator[tuple[str, str]]:
    """《劳动争议调解仲裁法》第四十八条、第五十条 → two places; 〈〉 within a name are 《》."""
    for law, articles in _CITED.findall(text):
        name = law.replace("〈", "《").replace("〉", "》")
        yield from ((name, article) for article in _ARTICLE.findall(articles))


def sums(plain: str) -> set[str]:
    """Figures that a sum in the same sentence proves: 98+15+15=128天 proves 128天."""
    proven: set[str] = set()
    for first, rest, result in _SUM.findall(plain):
        value = float(first)
        for sign, number, per_cent in re.findall(
            r"([+×÷*/-]|加上?|减去?|乘以?|除以)(\d+(?:\.\d+)?)(%?)", rest
        ):
            value = _reckon(value, sign, float(number) / (100 if per_cent else 1))
        if abs(value - float(result)) < 0.51:
            told = re.compile(rf"{re.escape(f'{float(result):.12g}')}(?!\d|\.)")
            proven |= {figure for figure in figures(plain) if told.match(figure)}
    return proven


def _reckon(value: float, sign: str, number: float) -> float:
    if sign[0] in "+加":
        return value + number
    if sign[0] in "-减":
        return value - number
    if sign[0] in "×*乘":
        return value * number
    return value / number if number else value


@lru_cache(maxsize=4096)
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
