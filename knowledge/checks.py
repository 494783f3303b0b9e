"""What must hold between knowledge files; every breach is a Fault with its line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from knowledge.amounts import PLACEHOLDER
from knowledge.article_numbers import number_of
from knowledge.base import Citation
from knowledge.faults import Fault
from knowledge.models import CALCULATORS, DangerRules, Entry, Law
from knowledge.reading import Document

LONGEST_SHORT = 120
LONGEST_TITLE = 24
FEWEST_PHRASINGS = 12
FEWEST_PHRASINGS_OF = {"maternity": 20, "dignity": 20, "remedy": 20, "pay": 20, "leaving": 20}
NAMES_IN_WORDS = "{region}、{province}、{union}、{district_1} 到 {district_9}"
_TEXTS = ("short", "details", "say", "handover", "audience")
_LISTS_OF_TEXTS = ("steps", "evidence")
Path = tuple[str | int, ...]  # where a value stands in its file
Checked = TypeVar("Checked", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Read(Generic[Checked]):
    """A checked value with the document it came from."""

    value: Checked
    document: Document


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What entries and campaigns may refer to; `amounts` is None when the region could not be read."""

    categories: Mapping[str, str]
    laws: Mapping[str, Law]
    deadlines: frozenset[str]
    amounts: frozenset[str] | None
    province: str


def as_faults(document: Document, at: Path, error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """All errors of one validation; a list is not called too short because its items were refused."""
    details = error.errors()
    deep = {detail["loc"][:end] for detail in details for end in range(len(detail["loc"]))}
    return [
        as_fault(document, at, detail, model)
        for detail in details
        if not (detail["type"] == "too_short" and detail["loc"] in deep)
    ]


def as_fault(document: Document, at: Path, detail: Mapping[str, Any], model: type[BaseModel]) -> Fault:
    """One pydantic error in words, with its line."""
    path = (*at, *(step for step in detail["loc"] if step != "[key]"))
    context = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return document.fault(path, "缺少这一项", "补上")
        case "extra_forbidden":
            known = "、".join(model.model_fields) if len(path) == len(at) + 1 else "同类文件里的键"
            return document.fault(path, "不认得的键", f"删掉或改正；可用：{known}")
        case "string_type":
            return document.fault(path, "应当是文字", "写一句话；含冒号或 { 开头时加引号")
        case "tuple_type" | "list_type":
            return document.fault(path, "应当是列表", "每项一行，以 - 开头")
        case "dict_type" | "model_type" | "mapping_type":
            return document.fault(path, "应当是键和值", "写成 键: 值")
        case "too_short":
            return document.fault(path, "不能为空", f"至少写 {context.get('min_length', 1)} 项")
        case "string_too_short":
            return document.fault(path, "不能为空", "写上内容，或删掉这个键")
        case "string_pattern_mismatch":
            return document.fault(path, f"写法不对（{str(detail.get('input'))[:30]}）", _pattern_hint(path))
        case "enum" | "literal_error":
            return document.fault(path, "不在可选的值里", f"从这些里选：{context.get('expected', '')}")
        case kind if kind.startswith("date"):
            return document.fault(path, "不是日期", "写成 2026-11-22")
        case kind if kind.startswith(("int", "float")):
            return document.fault(path, "应当是数字", "写整数")
        case _:
            return document.fault(path, f"不合要求（{detail['msg']}）", "照同类文件改正")


def _pattern_hint(path: Sequence[str | int]) -> str:
    hints = {"article": "第五条、附录第三条或第二点", "paragraph": "第一款", "item": "第四项"}
    return hints.get(str(path[-1]), "小写字母、数字，用 - 或 _ 连接")


def check_entries(entries: Sequence[Read[Entry]], around: Surroundings) -> Iterator[Fault]:
    """Everything one entry may break, then what two entries may break together."""
    for read in entries:
        yield from _check_place(read, around)
        yield from _check_lengths(read)
        yield from _check_names(read, around)
        yield from _check_placeholders(read, around)
        yield from check_citations(read.document, ("citations",), read.value.citations, around)
    yield from _check_phrasings(entries)


def _check_place(read: Read[Entry], around: Surroundings) -> Iterator[Fault]:
    entry, fault = read.value, read.document.fault
    category = around.categories.get(entry.id)
    if category is None:
        yield fault((), f"topics.tsv 里没有主题 {entry.id}", "改文件名，或在 topics.tsv 里加一行")
    elif category != entry.category:
        yield fault((), f"放在 {entry.category}，topics.tsv 里是 {category}", f"移到 faq/{category}/")


def _check_lengths(read: Read[Entry]) -> Iterator[Fault]:
    entry, fault = read.value, read.document.fault
    fewest = FEWEST_PHRASINGS_OF.get(entry.category, FEWEST_PHRASINGS)
    if len(entry.short) > LONGEST_SHORT:
        yield fault(("short",), f"有 {len(entry.short)} 字", f"不超过 {LONGEST_SHORT} 字")
    if len(entry.title) > LONGEST_TITLE:
        yield fault(("title",), f"有 {len(entry.title)} 字", f"不超过 {LONGEST_TITLE} 字")
    if len(entry.ask) < fewest:
        yield fault(("ask",), f"只有 {len(entry.ask)} 种问法", f"至少 {fewest} 种，照人说话的样子写")


def _check_names(read: Read[Entry], around: Surroundings) -> Iterator[Fault]:
    entry, fault = read.value, read.document.fault
    known: list[tuple[str, Iterable[str], frozenset[str], str]] = [
        ("deadlines", entry.deadlines, around.deadlines, "deadlines.yaml 里的名字"),
        ("calculators", entry.calculators, CALCULATORS, "、".join(sorted(CALCULATORS))),
        ("next", entry.next, frozenset(around.categories), "topics.tsv 里的主题"),
    ]
    if around.amounts is not None:
        known.append(("local", entry.local, around.amounts, "地区文件 amounts 里的名字，或在那里补一项"))
    for key, names, allowed, where in known:
        seen: set[str] = set()
        for at, name in enumerate(names):
            if name not in allowed:
                yield fault((key, at), f"没有 {name}", where)
            elif name in seen:
                yield fault((key, at), f"{name} 写了两次", "留一个")
            elif key == "next" and name == entry.id:
                yield fault((key, at), "指向自己", "换成别的主题或删掉")
            seen.add(name)


def _check_placeholders(read: Read[Entry], around: Surroundings) -> Iterator[Fault]:
    if around.amounts is None:
        return
    entry = read.value
    yield from check_plain(read.document, [(("title",), entry.title)])
    yield from check_plain(read.document, [(("ask", at), text) for at, text in enumerate(entry.ask)])
    texts: list[tuple[Path, str | None]] = [((key,), getattr(entry, key)) for key in _TEXTS]
    texts += [((key, at), text) for key in _LISTS_OF_TEXTS for at, text in enumerate(getattr(entry, key))]
    for path, text in texts:
        yield from check_text(read.document, path, text or "", around)


def check_text(document: Document, path: Path, text: str, around: Surroundings) -> Iterator[Fault]:
    """Braces hold the hotline or a local amount, nothing else."""
    if around.amounts is not None and ("{" in text or "}" in text):
        rest = PLACEHOLDER.sub(lambda found: "" if _fillable(found.group(1, 2), around) else "{", text)
        if "{" in rest or "}" in rest:
            write = f"只能用 {{hotline}}、{{local.地方数字的名字}}、{NAMES_IN_WORDS}"
            yield document.fault(path, "有认不出的 { }", write)


def check_plain(document: Document, texts: Iterable[tuple[Path, str]]) -> Iterator[Fault]:
    """Texts shown as they are: the region's names were put in when they were read, so no brace is left."""
    for path, text in texts:
        if "{" in text or "}" in text:
            yield document.fault(path, "有认不出的 { }", f"只能用 {NAMES_IN_WORDS}")


def _fillable(parts: tuple[str | Any, ...], around: Surroundings) -> bool:
    scope, name = parts
    if name is None:
        return bool(scope == "hotline")
    return scope in ("local", around.province) and name in (around.amounts or ())


def check_citations(
    document: Document, path: Path, citations: Sequence[Citation], around: Surroundings
) -> Iterator[Fault]:
    """Every citation names a law of laws.yaml and an article that the law has."""
    for at, citation in enumerate(citations):
        law = around.laws.get(citation.law)
        if law is None:
            yield document.fault((*path, at), f"laws.yaml 里没有《{citation.law}》", "用 laws.yaml 里的名字")
            continue
        if citation.article is None:
            if law.articles:
                yield document.fault((*path, at), "没有写第几条", "补上 article")
            continue
        last = law.annex if citation.article.startswith("附") else law.articles
        number = number_of(citation.article)
        if not 1 <= number <= last:
            wrong = f"《{law.name}》没有{citation.article}"
            yield document.fault((*path, at), wrong, f"编号在 1 到 {last} 之间")
        elif citation.article.endswith("点") and not law.points:
            yield document.fault((*path, at), f"《{law.name}》按条编号", "第几点改成第几条")


def _check_phrasings(entries: Sequence[Read[Entry]]) -> Iterator[Fault]:
    """The same words under two topics would make the search choose by chance."""
    first: dict[str, str] = {}
    for read in entries:
        for at, phrasing in enumerate(read.value.ask):
            bare = bare_text(phrasing)
            if bare in first:
                other = first[bare]
                where = "本主题" if other == read.value.id else other
                wrong = f"“{phrasing[:20]}”在{where}里已有"
                yield read.document.fault(("ask", at), wrong, "删掉一处或换个说法")
            first.setdefault(bare, read.value.id)


def bare_text(text: str) -> str:
    """Letters and digits only, in one width and case: punctuation makes no other phrasing."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


def check_danger(rules: DangerRules, around: Surroundings) -> Iterator[Fault]:
    """Each kind of danger leads to a topic that exists."""
    for kind, sign in rules.kinds.items():
        for topic in (sign.topic, *sign.instead):
            if topic not in around.categories:
                wrong = f"没有主题 {topic}"
                yield Fault("knowledge/danger.yaml", 1, f"kinds.{kind}.topic", wrong, "用 topics.tsv 里的")
