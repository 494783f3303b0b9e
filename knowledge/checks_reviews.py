"""Reviews that are incomplete or overdue, and references that lead nowhere yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from knowledge.base import Review, ReviewStatus
from knowledge.checks import Path
from knowledge.faults import Fault
from knowledge.loader import Written
from knowledge.reading import Document
from knowledge.reviews import LONGEST_UNCHECKED, is_overdue


def incomplete_reviews(written: Written) -> Iterator[Fault]:
    """已审核 says by whom, when, and when again."""
    for document, _, review in _reviewed(written):
        if review.status is not ReviewStatus.REVIEWED:
            continue
        missing = [key for key in ("by", "on", "next") if not getattr(review, key)]
        if missing:
            wrong = f"写了已审核，缺少 {'、'.join(missing)}"
            yield document.fault(("review",), wrong, "{status: 已审核, by: 姓名, on: 日期, next: 下次日期}")
        elif review.on and review.next and review.next <= review.on:
            yield document.fault(("review", "next"), "下次审核不晚于这次", "写以后的日期")


def overdue_reviews(written: Written, today: date) -> Iterator[Fault]:
    """Texts whose next review is past or whose last check is over a year old; `today` as in Asia/Shanghai."""
    for document, checked_on, review in _reviewed(written):
        if not is_overdue(checked_on, review, today):
            continue
        if review.next and review.next < today:
            yield document.fault(("review", "next"), f"{review.next} 就该复核了", "复核后改日期")
        else:
            wrong = f"上次核对 {checked_on}，超过 {LONGEST_UNCHECKED.days} 天"
            yield document.fault(("checked_on",), wrong, "对照法律原文核对，改成当天")


def missing_answers(written: Written) -> Iterator[Fault]:
    """Stories, lessons, tips, siblings and questions on topics whose answer is not written."""
    entries = written.knowledge.entries
    for story in written.stories:
        yield from _without_entry(story.document, [(("topic",), story.value.topic)], entries)
    for lesson in written.lessons:
        yield from _without_entry(lesson.document, _numbered(lesson.value.topics), entries)
    for file in written.tips:
        tips = [(("tips", at, "topic"), tip.topic) for at, tip in enumerate(file.value.tips)]
        yield from _without_entry(file.document, tips, entries)
    for group in written.siblings.values():
        yield from _without_entry(group.document, _numbered(group.value.topics), entries)


def _numbered(topics: Sequence[str]) -> list[tuple[Path, str]]:
    return [(("topics", at), topic) for at, topic in enumerate(topics)]


def dead_ends(written: Written) -> Iterator[Fault]:
    """`next` that leads to a topic without an answer: the button is not shown."""
    for read in written.entries:
        for at, topic in enumerate(read.value.next):
            if topic not in written.knowledge.entries:
                yield read.document.fault(("next", at), f"{topic} 还没有写", "写好那个主题，或换一个")


def _without_entry(
    document: Document, topics: Iterable[tuple[Path, str]], entries: Mapping[str, object]
) -> Iterator[Fault]:
    for path, topic in topics:
        if topic not in entries:
            yield document.fault(path, f"主题 {topic} 还没有回答", "先写 faq/ 里的回答，或换主题")


def _reviewed(written: Written) -> Iterator[tuple[Document, date, Review]]:
    for entry in written.entries:
        yield entry.document, entry.value.checked_on, entry.value.review
    for story in written.stories:
        yield story.document, story.value.checked_on, story.value.review
    for lesson in written.lessons:
        yield lesson.document, lesson.value.checked_on, lesson.value.review
    for file in written.tips:
        yield file.document, file.value.checked_on, file.value.review
