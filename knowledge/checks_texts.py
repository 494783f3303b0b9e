"""Every text that a worker may read, one by one, with its place: what the checks of language go through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.checks import Path, Read
from knowledge.faults import Fault
from knowledge.loader import Written
from knowledge.models import Entry
from knowledge.reading import Document
from knowledge.teaching import Lesson, Question, Story

_SENTENCE = re.compile(r"[^。！？；\n]+")
_LAYERS = ("short", "details", "steps", "evidence", "say", "handover", "audience")


@dataclass(frozen=True, slots=True)
class Said:
    """One text; texts with the same `shown_with` stand on one screen.

    A `scene` tells of invented people and their money: stories, and questions with their options.
    """

    document: Document
    path: Path
    text: str
    shown_with: tuple[str, str]
    scene: bool = False

    def fault(self, wrong: str, write: str) -> Fault:
        """What is wrong with this text, at its place."""
        return self.document.fault(self.path, wrong, write)

    def sentences(self) -> list[str]:
        """What stands between 。！？； and ends of lines."""
        return [found.strip() for found in _SENTENCE.findall(self.text) if found.strip()]


def everything_said(written: Written) -> Iterator[Said]:
    """All texts of entries, questions, stories, lessons, tips and siblings, file by file.

    Phrasings are not among them: they are the women's own words.
    """
    for entry in written.entries:
        yield from _of_entry(entry)
    for campaign in written.campaigns:
        yield from _of_questions(campaign.document, campaign.value.questions)
    for bank in written.banks.values():
        yield from _of_questions(bank.document, bank.value.questions)
    for story in written.stories:
        yield from _of_story(story)
    for lesson in written.lessons:
        yield from _of_lesson(lesson)
    for file in written.tips:
        for at, tip in enumerate(file.value.tips):
            yield Said(file.document, ("tips", at, "text"), tip.text, (file.document.file, tip.id))
    for group in written.siblings.values():
        screen = (group.document.file, "")
        yield Said(group.document, ("difference",), group.value.difference, screen)
        yield Said(group.document, ("question",), group.value.question, screen)
        for at, option in enumerate(group.value.options):
            yield Said(group.document, ("options", at, "label"), option.label, screen)


def _of_entry(read: Read[Entry]) -> Iterator[Said]:
    document, entry = read.document, read.value
    yield Said(document, ("title",), entry.title, (document.file, "short"))
    for layer in _LAYERS:
        value: str | tuple[str, ...] | None = getattr(entry, layer)
        for path, text in _numbered((layer,), value):
            yield Said(document, path, text, (document.file, layer))


def _of_questions(document: Document, questions: Sequence[Question]) -> Iterator[Said]:
    for at, question in enumerate(questions):
        screen = (document.file, question.id)
        here: Path = ("questions", at)
        parts: tuple[tuple[str, str | tuple[str, ...]], ...] = (
            ("text", question.text), ("options", question.options), ("explanation", question.explanation)
        )  # fmt: skip
        for key, value in parts:
            for path, text in _numbered((*here, key), value):
                yield Said(document, path, text, screen, scene=True)


def _of_story(read: Read[Story]) -> Iterator[Said]:
    for key in ("title", "happened", "at_issue", "outcome", "grounds", "what_to_do"):
        for path, text in _numbered((key,), getattr(read.value, key)):
            yield Said(read.document, path, text, (read.document.file, ""), scene=True)


def _of_lesson(read: Read[Lesson]) -> Iterator[Said]:
    document, lesson = read.document, read.value
    screen = (document.file, "")
    yield Said(document, ("title",), lesson.title, screen)
    for at, card in enumerate(lesson.cards):
        yield Said(document, ("cards", at, "title"), card.title, screen)
        yield Said(document, ("cards", at, "text"), card.text, screen)
    for at, check in enumerate(lesson.checks):
        for key in ("text", "options", "explanation"):
            for path, text in _numbered(("checks", at, key), getattr(check, key)):
                yield Said(document, path, text, screen, scene=True)


def _numbered(path: Path, value: str | tuple[str, ...] | None) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    for at, text in enumerate(value if isinstance(value, tuple) else ()):
        yield (*path, at), text
