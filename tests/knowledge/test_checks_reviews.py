"""Reviews that are incomplete or overdue, and what leads to topics without an answer."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from knowledge.base import Review, ReviewStatus
from knowledge.checks_all import NoteKind, look_over
from knowledge.checks_reviews import dead_ends, incomplete_reviews, missing_answers, overdue_reviews
from knowledge.loader import DEFAULT_FOLDER, read_all
from knowledge.reviews import is_overdue

TODAY = date(2026, 12, 1)
STORY = """topic: unwritten
title: 天太热
happened: 小李在露天干活。
at_issue: 该不该给？
outcome: 给了。
grounds: 规定要给。
what_to_do: [问一问]
citations: [{law: 某意见, article: 第三点}]
checked_on: 2026-11-22
review: {status: 待律师审核}
"""


def reviewed(folder: Path, review: str, checked_on: str = "2026-11-22") -> None:
    path = folder / "faq" / "wages" / "dismissal.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("review: {status: 待律师审核}", f"review: {review}")
    path.write_text(text.replace("checked_on: 2026-11-22", f"checked_on: {checked_on}"), encoding="utf-8")


@pytest.mark.parametrize(
    ("review", "wrong"),
    [
        ("{status: 已审核}", "by、on、next"),
        ("{status: 已审核, by: 某律师, on: 2026-11-20}", "next"),
        ("{status: 已审核, by: 某律师, on: 2026-11-20, next: 2026-11-20}", "不晚于"),
    ],
)
def test_a_review_without_name_day_and_next_day_is_a_fault(folder: Path, review: str, wrong: str) -> None:
    reviewed(folder, review)
    (fault,) = incomplete_reviews(read_all(folder))
    assert fault.line == 27 and wrong in fault.wrong


def test_a_whole_review_and_a_waiting_one_are_fine(folder: Path) -> None:
    assert list(incomplete_reviews(read_all(folder))) == []
    reviewed(folder, "{status: 已审核, by: 某律师, on: 2026-11-20, next: 2027-11-20}")
    assert list(incomplete_reviews(read_all(folder))) == []


def test_an_answer_is_overdue_after_its_day_and_after_a_year(folder: Path) -> None:
    reviewed(folder, "{status: 已审核, by: 某律师, on: 2026-11-20, next: 2026-12-01}")
    written = read_all(folder)
    assert list(overdue_reviews(written, TODAY)) == []
    (note,) = overdue_reviews(written, TODAY + timedelta(days=1))
    assert (note.file.rsplit("/", 1)[-1], note.key, note.line) == ("dismissal.yaml", "review.next", 27)
    late = [one.key for one in overdue_reviews(written, date(2027, 11, 23))]
    assert sorted(late) == ["checked_on", "checked_on", "review.next"]


@pytest.mark.parametrize(
    ("next_day", "today", "overdue"),
    [
        (None, date(2027, 11, 22), False),
        (None, date(2027, 11, 23), True),
        (date(2027, 1, 1), date(2027, 1, 1), False),
        (date(2027, 1, 1), date(2027, 1, 2), True),
        (date(2029, 1, 1), date(2027, 11, 23), True),
    ],
)
def test_a_year_counts_from_the_last_check(next_day: date | None, today: date, overdue: bool) -> None:
    review = Review(status=ReviewStatus.WAITING, next=next_day)
    assert is_overdue(date(2026, 11, 22), review, today) is overdue


def test_a_story_on_a_topic_without_an_answer_is_a_fault_and_a_dead_next_a_note(folder: Path) -> None:
    (folder / "stories").mkdir()
    (folder / "stories" / "hot.yaml").write_text(STORY, encoding="utf-8")
    written = read_all(folder)
    (fault,) = missing_answers(written)
    assert (fault.file, fault.line, fault.key) == ("knowledge/stories/hot.yaml", 1, "topic")
    (note,) = dead_ends(written)
    assert note.key == "next[2]" and "unwritten" in note.wrong


def test_everything_is_looked_over_at_once(folder: Path) -> None:
    for name in ("jargon.yaml", "local_numbers.yaml"):
        (folder / name).write_bytes((DEFAULT_FOLDER / name).read_bytes())
    reviewed(folder, "{status: 已审核}")
    written = read_all(folder)
    findings = look_over(written, [written.knowledge.region], TODAY, phrasings=True)
    assert [fault.key for fault in findings.faults] == ["review"]
    assert list(findings.notes) == [NoteKind.DEAD_END]


def test_today_there_is_nothing_to_mend_in_the_content() -> None:
    written = read_all()
    findings = look_over(written, [written.knowledge.region], TODAY)
    assert [str(fault) for fault in findings.faults] == []
