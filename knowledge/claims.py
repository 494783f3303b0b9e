"""What the texts state as true: everything said but the wrong answers of quizzes, and every citation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from knowledge.base import Citation
from knowledge.checks import Path
from knowledge.checks_texts import Said, everything_said
from knowledge.loader import Written
from knowledge.reading import Document
from knowledge.teaching import Lesson, Question

_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?")
_TRUE = "对"


@dataclass(frozen=True, slots=True)
class Claim:
    """One text that is stated as true, the topics it is about, and the laws cited for it.

    `around` is what it is told about: the question an explanation belongs to, the events of a story.
    """

    said: Said
    topics: tuple[str, ...]
    citations: tuple[Citation, ...]
    around: str = ""

    @property
    def part(self) -> str:
        """The last name on its path: short, steps, happened, explanation …"""
        return next(str(step) for step in reversed(self.said.path) if isinstance(step, str))

    def sentences(self) -> list[str]:
        """Its sentences with the mark that ends them; who asks states nothing, so questions are left out."""
        found = [sentence.strip() for sentence in _SENTENCE.findall(self.said.text)]
        return [sentence for sentence in found if sentence and not sentence.endswith("？")]


@dataclass(frozen=True, slots=True)
class _Source:
    topics: tuple[str, ...]
    citations: tuple[Citation, ...]
    around: str = ""


def claims(written: Written) -> Iterator[Claim]:
    """Every text stated as true, file by file; phrasings and wrong options are not among them."""
    sources = _sources(written)
    not_stated = set(_not_stated(written))
    for said in everything_said(written):
        if (said.document.file, said.path) in not_stated:
            continue
        source = _source(said, sources)
        yield Claim(said, source.topics, source.citations, source.around)


def cited(written: Written) -> Iterator[Claim]:
    """Every citation as a text, 《劳动法》第五十条, at its place."""
    for document, at, citations, topics in _citations(written):
        for number, citation in enumerate(citations):
            said = Said(document, (*at, number), citation.in_words(), (document.file, ""))
            yield Claim(said, topics, citations)


def _source(said: Said, sources: Mapping[tuple[str, Path], _Source]) -> _Source:
    """The nearest source above a text's place: a question's own before its file's."""
    for end in range(len(said.path), -1, -1):
        found = sources.get((said.document.file, said.path[:end]))
        if found:
            return found
    return _Source((), ())


def _sources(written: Written) -> dict[tuple[str, Path], _Source]:
    sources: dict[tuple[str, Path], _Source] = {}
    entries = {read.value.id: read.value for read in written.entries}
    for entry in written.entries:
        sources[entry.document.file, ()] = _Source((entry.value.id,), entry.value.citations)
    for document, questions in _question_files(written):
        for at, one in enumerate(questions):
            where = ("questions", at)
            told = f"{one.text}\n{one.explanation}"
            sources[document.file, where] = _Source((one.topic,), one.citations, one.text)
            sources[document.file, (*where, "options")] = _Source((one.topic,), one.citations, told)
    for story in written.stories:
        told = f"{story.value.happened}\n{story.value.outcome}"
        sources[story.document.file, ()] = _Source((story.value.topic,), story.value.citations, told)
    for lesson in written.lessons:
        sources[lesson.document.file, ()] = _Source(lesson.value.topics, lesson.value.citations)
        for at, check in enumerate(lesson.value.checks):
            where, topics, laws = ("checks", at), lesson.value.topics, lesson.value.citations
            told = f"{check.text}\n{check.explanation}"
            sources[lesson.document.file, where] = _Source(topics, laws, check.text)
            sources[lesson.document.file, (*where, "options")] = _Source(topics, laws, told)
    for file in written.tips:
        for at, tip in enumerate(file.value.tips):
            sources[file.document.file, ("tips", at)] = _Source((tip.topic,), (tip.citation,))
    for group in written.siblings.values():
        laws = tuple(
            law for topic in group.value.topics if topic in entries for law in entries[topic].citations
        )
        sources[group.document.file, ()] = _Source(group.value.topics, laws)
    return sources


def _question_files(written: Written) -> Iterator[tuple[Document, Sequence[Question]]]:
    for campaign in written.campaigns:
        yield campaign.document, campaign.value.questions
    for bank in written.banks.values():
        yield bank.document, bank.value.questions


def _not_stated(written: Written) -> Iterator[tuple[str, Path]]:
    for document, questions in _question_files(written):
        for at, one in enumerate(questions):
            yield from _wrong_parts(document, ("questions", at), one.text, one.options, one.answer)
    for lesson in written.lessons:
        yield from _wrong_of_lesson(lesson.document, lesson.value)


def _wrong_of_lesson(document: Document, lesson: Lesson) -> Iterator[tuple[str, Path]]:
    for at, check in enumerate(lesson.checks):
        yield from _wrong_parts(document, ("checks", at), check.text, check.options, (check.answer,))


def _wrong_parts(
    document: Document, at: Path, text: str, options: Sequence[str], answer: Sequence[int]
) -> Iterator[tuple[str, Path]]:
    """Wrong options; and the text itself, unless it is a statement that is to be called right."""
    for number, _ in enumerate(options):
        if number not in answer:
            yield document.file, (*at, "options", number)
    if not (text and len(options) == 2 and options[answer[0]] == _TRUE):
        yield document.file, (*at, "text")


def _citations(
    written: Written,
) -> Iterator[tuple[Document, Path, tuple[Citation, ...], tuple[str, ...]]]:
    for entry in written.entries:
        yield entry.document, ("citations",), entry.value.citations, (entry.value.id,)
    for document, questions in _question_files(written):
        for at, one in enumerate(questions):
            yield document, ("questions", at, "citations"), one.citations, (one.topic,)
    for story in written.stories:
        yield story.document, ("citations",), story.value.citations, (story.value.topic,)
    for lesson in written.lessons:
        yield lesson.document, ("citations",), lesson.value.citations, lesson.value.topics
    for file in written.tips:
        for at, tip in enumerate(file.value.tips):
            yield file.document, ("tips", at, "citation"), (tip.citation,), (tip.topic,)
