"""What must hold in everything that teaches: contest questions, stories, lessons, tips, siblings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from knowledge.checks import Path, Read, Surroundings, bare_text, check_citations, check_plain, check_text
from knowledge.faults import Fault
from knowledge.reading import Document
from knowledge.teaching import (
    Campaign,
    Difficulty,
    Lesson,
    Question,
    QuestionBank,
    QuestionKind,
    Siblings,
    Story,
    TipFile,
)

LONGEST_TITLE = 24
LONGEST_OF_STORY = {"happened": 300, "at_issue": 100, "outcome": 260, "grounds": 220}
LONGEST_TO_DO = 80
LONGEST_CARD = 160
LONGEST_TIP = 110
LONGEST_LABEL = 20
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")  # it stands in the data of a button


def with_bank(campaign: Campaign, banks: Mapping[str, Read[QuestionBank]]) -> Campaign:
    """The campaign with the questions that it takes from the bank behind its own."""
    taken = [one for name in campaign.bank if name in banks for one in banks[name].value.questions]
    return campaign.model_copy(update={"questions": (*campaign.questions, *taken)})


def check_campaigns(
    campaigns: Sequence[Read[Campaign]], banks: Mapping[str, Read[QuestionBank]], around: Surroundings
) -> Iterator[Fault]:
    """Every question answerable, every draw possible, every question's name its own."""
    banked: set[str] = set()
    for read in banks.values():
        yield from _check_questions(read.document, read.value.questions, banked, around)
    for campaign in campaigns:
        known = "、".join(sorted(banks)) or "先写 quizzes/bank/ 里的题库"
        for at, category in enumerate(campaign.value.bank):
            if category not in banks:
                yield campaign.document.fault(("bank", at), f"没有题库 {category}", known)
        yield from _check_draw(campaign, with_bank(campaign.value, banks))
        yield from _check_questions(campaign.document, campaign.value.questions, set(banked), around)


def _check_questions(
    document: Document, questions: Sequence[Question], seen: set[str], around: Surroundings
) -> Iterator[Fault]:
    for at, question in enumerate(questions):
        yield from _check_question(document, at, question, seen, around)


def _check_draw(read: Read[Campaign], campaign: Campaign) -> Iterator[Fault]:
    fault = read.document.fault
    if campaign.closes_on < campaign.opens_on:
        yield fault(("closes_on",), "早于 opens_on", "改正日期")
    if campaign.draw.total != campaign.questions_per_try:
        yield fault(("draw",), f"合计 {campaign.draw.total} 题", f"合计应为 {campaign.questions_per_try} 题")
    have = Counter(question.difficulty for question in campaign.questions)
    for difficulty in Difficulty:
        if have[difficulty] < campaign.draw.of(difficulty):
            yield fault(("draw", difficulty.value), f"只有 {have[difficulty]} 题", "补题或减少抽题数")


def _check_question(
    document: Document, at: int, question: Question, seen: set[str], around: Surroundings
) -> Iterator[Fault]:
    path: tuple[str | int, ...] = ("questions", at)
    texts: list[tuple[Path, str]] = [
        ((*path, key), getattr(question, key)) for key in ("text", "explanation")
    ]
    texts += [((*path, "options", at), option) for at, option in enumerate(question.options)]
    yield from check_plain(document, texts)
    if question.id in seen:
        yield document.fault((*path, "id"), f"{question.id} 用了两次", "换一个编号")
    seen.add(question.id)
    if question.topic not in around.categories:
        yield document.fault((*path, "topic"), f"topics.tsv 里没有 {question.topic}", "用已有的主题")
    if not 2 <= len(question.options) <= 5:
        yield document.fault((*path, "options"), f"有 {len(question.options)} 个选项", "2 到 5 个")
    if question.kind is QuestionKind.TRUE_FALSE and question.options != ("对", "错"):
        yield document.fault((*path, "options"), "判断题的选项不对", "[对, 错]")
    if len({bare_text(option) for option in question.options}) < len(question.options):
        yield document.fault((*path, "options"), "有相同的选项", "改成不同的内容")
    if len(set(question.answer)) < len(question.answer) or max(question.answer) >= len(question.options):
        yield document.fault((*path, "answer"), "答案重复或超出选项", "选项从 0 数起")
    if question.kind is not QuestionKind.MULTIPLE and len(question.answer) != 1:
        yield document.fault((*path, "answer"), "单选、判断只能有一个答案", "留一个，或改成 multiple")
    if question.kind is QuestionKind.MULTIPLE and len(question.answer) < 2:
        yield document.fault((*path, "answer"), "多选只有一个答案", "补全答案，或改成 single")
    yield from check_citations(document, (*path, "citations"), question.citations, around)


def check_stories(stories: Sequence[Read[Story]], around: Surroundings) -> Iterator[Fault]:
    """Each story on a topic of its own, short enough for a phone, with law that exists."""
    seen: dict[str, str] = {}
    for read in stories:
        story, document = read.value, read.document
        yield from _check_topics(document, {("topic",): story.topic}, around)
        if story.topic in seen:
            yield document.fault(("topic",), f"{story.topic} 已有故事 {seen[story.topic]}", "换一个主题")
        seen.setdefault(story.topic, story.id)
        texts: dict[Path, str] = {(key,): getattr(story, key) for key in LONGEST_OF_STORY}
        limits: dict[Path, int] = {(key,): most for key, most in LONGEST_OF_STORY.items()}
        to_do: dict[Path, str] = {("what_to_do", at): text for at, text in enumerate(story.what_to_do)}
        texts |= {("title",): story.title} | to_do
        limits |= {("title",): LONGEST_TITLE} | dict.fromkeys(to_do, LONGEST_TO_DO)
        yield from _check_texts(document, texts, limits, around)
        yield from check_citations(document, ("citations",), story.citations, around)


def check_lessons(lessons: Sequence[Read[Lesson]], around: Surroundings) -> Iterator[Fault]:
    """Three to five cards, two questions with one right answer each."""
    for read in lessons:
        lesson, document = read.value, read.document
        topics: dict[Path, str] = {("topics", at): topic for at, topic in enumerate(lesson.topics)}
        yield from _check_topics(document, topics, around)
        if not 3 <= len(lesson.cards) <= 5:
            yield document.fault(("cards",), f"有 {len(lesson.cards)} 张卡片", "3 到 5 张")
        if len(lesson.checks) != 2:
            yield document.fault(("checks",), f"有 {len(lesson.checks)} 道小题", "正好 2 道")
        cards: dict[Path, str] = {("cards", at, "text"): card.text for at, card in enumerate(lesson.cards)}
        titles: dict[Path, str] = {("cards", at, "title"): card.title for at, card in enumerate(lesson.cards)}
        titles |= {("title",): lesson.title}
        checks: dict[Path, str] = {
            ("checks", at, key): getattr(check, key)
            for at, check in enumerate(lesson.checks)
            for key in ("text", "explanation")
        }
        limits: dict[Path, int] = dict.fromkeys([*cards, *checks], LONGEST_CARD)
        limits |= dict.fromkeys(titles, LONGEST_TITLE)
        yield from _check_texts(document, cards | titles | checks, limits, around)
        for at, check in enumerate(lesson.checks):
            if not 2 <= len(check.options) <= 4 or len(set(check.options)) < len(check.options):
                yield document.fault(("checks", at, "options"), "选项太少、太多或重复", "2 到 4 个不同的选项")
            if check.answer >= len(check.options):
                yield document.fault(("checks", at, "answer"), "答案超出选项", "选项从 0 数起")
        yield from check_citations(document, ("citations",), lesson.citations, around)


def check_tips(files: Sequence[Read[TipFile]], around: Surroundings) -> Iterator[Fault]:
    """Each tip short, on a topic, with its law, said once."""
    names: set[str] = set()
    said: set[str] = set()
    for read in files:
        document = read.document
        for at, tip in enumerate(read.value.tips):
            here: Path = ("tips", at)
            if tip.id in names:
                yield document.fault((*here, "id"), f"{tip.id} 用了两次", "换一个编号")
            if bare_text(tip.text) in said:
                yield document.fault((*here, "text"), "与另一条一字不差", "删掉一条")
            names.add(tip.id)
            said.add(bare_text(tip.text))
            yield from _check_topics(document, {(*here, "topic"): tip.topic}, around)
            text: Path = (*here, "text")
            yield from _check_texts(document, {text: tip.text}, {text: LONGEST_TIP}, around)
            yield from check_citations(document, (*here, "citation"), [tip.citation], around)


def check_siblings(groups: Mapping[str, Read[Siblings]], around: Surroundings) -> Iterator[Fault]:
    """Every option leads to a topic of the group, every topic of the group can be reached."""
    for name, read in groups.items():
        group, document = read.value, read.document
        if not _FILE_NAME.fullmatch(name):
            yield document.fault((), f"文件名 {name} 不能用", "小写字母、数字和 - ，不超过 40 个")
        topics: dict[Path, str] = {("topics", at): topic for at, topic in enumerate(group.topics)}
        yield from _check_topics(document, topics, around)
        labels: dict[Path, str] = {
            ("options", at, "label"): option.label for at, option in enumerate(group.options)
        }
        limits: dict[Path, int] = dict.fromkeys(labels, LONGEST_LABEL)
        yield from _check_texts(document, labels, limits, around)
        for key in ("difference", "question"):
            yield from check_text(document, (key,), getattr(group, key), around)
        for at, option in enumerate(group.options):
            if option.topic not in group.topics:
                yield document.fault(
                    ("options", at, "topic"), f"{option.topic} 不在 topics 里", "写进 topics"
                )
        reached = {option.topic for option in group.options}
        for at, topic in enumerate(group.topics):
            if topic not in reached:
                yield document.fault(("topics", at), f"没有选项通向 {topic}", "加一个选项，或删掉这个主题")


def _check_topics(document: Document, topics: Mapping[Path, str], around: Surroundings) -> Iterator[Fault]:
    for path, topic in topics.items():
        if topic not in around.categories:
            yield document.fault(path, f"topics.tsv 里没有 {topic}", "用已有的主题")


def _check_texts(
    document: Document, texts: Mapping[Path, str], limits: Mapping[Path, int], around: Surroundings
) -> Iterator[Fault]:
    for path, text in texts.items():
        most = limits[path]
        if len(text) > most:
            yield document.fault(path, f"有 {len(text)} 字", f"不超过 {most} 字")
        yield from check_text(document, path, text, around)
