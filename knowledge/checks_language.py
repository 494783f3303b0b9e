"""How things are said: long sentences, words of the trade left unexplained, places named outright."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.base import Frozen, Text
from knowledge.checks_texts import Said
from knowledge.faults import Fault, KnowledgeFaults
from knowledge.folder_reader import FolderReader
from knowledge.models import Region

JARGON = "jargon.yaml"
LONGEST_SENTENCE = 45
_NATIONAL = ("topics.tsv", "faq/*/*.yaml", "stories/*.yaml", "lessons/*.yaml", "tips/*.yaml",
             "siblings/*.yaml", "quizzes/**/*.yaml")  # fmt: skip
_NO_PLACE = r"(?<![东陕广山江])"  # 东西安排 and 陕西安全 hold no 西安
_CITATION = re.compile(r"\blaw:")


class Jargon(Frozen):
    """jargon.yaml: a term, then the plain words for it, the first being what to write."""

    terms: dict[Text, tuple[Text, ...]]


def read_jargon(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """Terms with their plain words; raises KnowledgeFaults when the file cannot be read."""
    reader = FolderReader(folder)
    jargon = reader.one(folder / JARGON, Jargon)
    if jargon is None:
        raise KnowledgeFaults(reader.faults)
    return jargon.terms


def long_sentences(texts: Iterable[Said]) -> Iterator[tuple[int, Fault]]:
    """Sentences of more than 45 characters with their length."""
    for said in texts:
        for sentence in said.sentences():
            if len(sentence) > LONGEST_SENTENCE:
                wrong = f"一句 {len(sentence)} 字（{sentence[:12]}…）"
                yield len(sentence), said.fault(wrong, f"拆成不超过 {LONGEST_SENTENCE} 字的短句")


@dataclass(frozen=True, slots=True)
class _Term:
    """A term, how it looks where it is explained on the spot, and its plain words."""

    term: str
    on_the_spot: re.Pattern[str]
    plain: tuple[str, ...]


def unexplained(texts: Sequence[Said], jargon: Mapping[str, tuple[str, ...]]) -> Iterator[Fault]:
    """Each term once a screen, where neither that screen nor the short answer before it says what it means.

    Titles only name a topic, options are what she chooses from, and `say` is said to the employer.
    """
    screens: dict[tuple[str, str], str] = {}
    for said in texts:
        screens[said.shown_with] = f"{screens.get(said.shown_with, '')}\n{said.text}"
    terms = [_Term(term, _explained(term), plain) for term, plain in jargon.items()]
    told: set[tuple[tuple[str, str], str]] = set()
    for said in texts:
        if "title" in said.path or "options" in said.path or said.path == ("say",):
            continue
        file, _ = said.shown_with
        read = screens[said.shown_with] + screens.get((file, "short"), "")
        for one in terms:
            here = (said.shown_with, one.term)
            if one.term not in said.text or here in told:
                continue
            told.add(here)
            if not one.on_the_spot.search(read) and not any(words in read for words in one.plain):
                yield said.fault(f"行话“{one.term}”没有解释", f"加一句“{one.plain[0]}”")


def _explained(term: str) -> re.Pattern[str]:
    """停工留薪期（…）, …（停工留薪期）, 停工留薪期就是…, 叫停工留薪期, “停工留薪期”."""
    word = re.escape(term)
    behind = rf"{word}(?:”)?(?:（|：|就是|是指|指的是|是|，就是|，指|，也就是|，意思是)"
    return re.compile(rf"{behind}|（(?:也叫|即|叫)?{word}）|(?:叫|叫做|也就是){word}|“[^”]*{word}[^”]*”")


def named_places(folder: Path, regions: Sequence[Region]) -> Iterator[Fault]:
    """Cities and provinces that national texts name outright; another city would read a foreign name."""
    holes = _holes(regions)
    if not holes:
        return
    named = re.compile(_NO_PLACE + "(?:" + "|".join(sorted(holes, key=len, reverse=True)) + ")")
    for path in (path for pattern in _NATIONAL for path in sorted(folder.glob(pattern))):
        name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            found = None if line.lstrip().startswith("#") else named.search(line)
            if found is None:
                continue
            if _CITATION.search(line):
                write = "地方的法放进 regions/<省>/<市>/faq/ 里同名主题的 citations"
            else:
                write = f"写成 {holes[found.group()]}，以它开头的要加引号"
            yield Fault(name, number, "地名", f"写死了“{found.group()}”", write)


def _holes(regions: Sequence[Region]) -> dict[str, str]:
    """What stands for each name; the names of districts are too common to look for."""
    holes: dict[str, str] = {}
    for region in regions:
        holes |= {region.short_name: "{region}", region.province_name: "{province}"}
        holes |= {region.union: "{union}"} if region.union else {}
    return holes
