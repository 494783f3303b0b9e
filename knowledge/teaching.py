"""What teaches: contest questions, stories (以案释法), lessons (云课堂), tips (小工说法), and siblings."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowledge.base import Citation, Frozen, Name, Review, Text


class QuestionKind(StrEnum):
    """How a quiz question is answered."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "truefalse"


class Difficulty(StrEnum):
    """How hard a quiz question is; the draw takes a fixed number of each."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class Question(Frozen):
    """One quiz question; `answer` holds indexes into `options`, from 0."""

    id: Name
    topic: Name
    kind: QuestionKind
    difficulty: Difficulty
    text: Text
    options: tuple[Text, ...] = ("对", "错")
    answer: tuple[Annotated[int, Field(ge=0)], ...] = Field(min_length=1)
    explanation: Text
    citations: tuple[Citation, ...] = Field(min_length=1)


class Draw(Frozen):
    """How many questions of each difficulty one try gets."""

    easy: int = Field(default=0, ge=0)
    medium: int = Field(default=0, ge=0)
    hard: int = Field(default=0, ge=0)

    def of(self, difficulty: Difficulty) -> int:
        """Number of questions of one difficulty."""
        counts = {Difficulty.EASY: self.easy, Difficulty.MEDIUM: self.medium, Difficulty.HARD: self.hard}
        return counts[difficulty]

    @property
    def total(self) -> int:
        """Number of questions in a try."""
        return self.easy + self.medium + self.hard


class Campaign(Frozen):
    """A contest; open from `opens_on` to `closes_on` inclusive (civil dates, Asia/Shanghai).

    `bank` names categories whose questions in quizzes/bank/ are drawn as well; once loaded, `questions`
    holds its own and theirs.
    """

    id: Name
    title: Text
    intro: str = ""
    opens_on: date
    closes_on: date
    questions_per_try: int = Field(ge=1, le=100)
    tries_per_day: int = Field(ge=1, le=100)
    seconds_per_question: int = Field(ge=5, le=3600)
    draw: Draw
    pass_mark: int = Field(ge=0, le=100)
    bank: tuple[Name, ...] = ()
    questions: tuple[Question, ...] = ()

    def is_open(self, today: date) -> bool:
        """Whether the contest can be entered on the civil day `today` (Asia/Shanghai)."""
        return self.opens_on <= today <= self.closes_on


class QuestionBank(Frozen):
    """Contest questions of one category, for any campaign to draw from; ids are unique over all files."""

    questions: tuple[Question, ...] = Field(min_length=1)


class Story(Frozen):
    """以案释法: an invented case, always shown with the label 情景案例, that ends in what she can do."""

    id: Name
    topic: Name
    title: Text
    happened: Text
    at_issue: Text
    outcome: Text
    grounds: Text
    what_to_do: tuple[Text, ...] = Field(min_length=1)
    citations: tuple[Citation, ...] = Field(min_length=1)
    checked_on: date
    review: Review


class LessonCard(Frozen):
    """One screen of a lesson."""

    title: Text
    text: Text


class LessonCheck(Frozen):
    """A question at the end of a lesson; `answer` is an index into `options`, from 0."""

    text: Text
    options: tuple[Text, ...] = ("对", "错")
    answer: Annotated[int, Field(ge=0)]
    explanation: Text


class Lesson(Frozen):
    """云课堂: three to five cards and two questions, five minutes in all."""

    id: Name
    title: Text
    topics: tuple[Name, ...] = Field(min_length=1)
    cards: tuple[LessonCard, ...]
    checks: tuple[LessonCheck, ...]
    citations: tuple[Citation, ...] = Field(min_length=1)
    checked_on: date
    review: Review


class Tip(Frozen):
    """小工说法: one thing worth knowing, in two or three sentences."""

    id: Name
    topic: Name
    text: Text
    citation: Citation


class TipFile(Frozen):
    """All tips, in the order in which subscribers get them."""

    checked_on: date
    review: Review
    tips: tuple[Tip, ...]


class SiblingOption(Frozen):
    """One answer to the question that decides between siblings."""

    label: Text
    topic: Name


class Siblings(Frozen):
    """Topics that people confuse, how they differ, and the one fact that decides between them."""

    topics: tuple[Name, ...] = Field(min_length=2)
    difference: Text
    question: Text
    options: tuple[SiblingOption, ...] = Field(min_length=2)
