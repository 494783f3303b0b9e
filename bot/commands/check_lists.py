"""`check --law` and `check --counts`: what depends on a law, and how much of everything there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from bot.commands.common import fail, padded
from knowledge.dependants import all_questions, dependants, law_named, similar_laws
from knowledge.models import Knowledge
from knowledge.teaching import Difficulty, Question, QuestionKind

_KINDS = {
    "entry": "主题", "question": "竞答题", "story": "故事", "lesson": "云课堂", "tip": "小工说法",
    "deadline": "期限",
}  # fmt: skip
_FORMS = {QuestionKind.SINGLE: "单选", QuestionKind.MULTIPLE: "多选", QuestionKind.TRUE_FALSE: "判断"}
_GRADES = {Difficulty.EASY: "易", Difficulty.MEDIUM: "中", Difficulty.HARD: "难"}
_COUNTED = ("主题", "已写", "问法", "故事", "云课堂", "小工说法", "竞答题", *_GRADES.values())


def list_dependants(knowledge: Knowledge, name: str, article: str | None) -> int:
    """Everything that cites a law, by kind; an unknown law is answered with names like it."""
    law = law_named(knowledge, name)
    if law is None:
        near = "、".join(similar_laws(knowledge, name))
        hint = f"是不是：{near}" if near else "名称照 laws.yaml 写。"
        return fail(f"laws.yaml 里没有《{name}》。{hint}")
    found = dependants(knowledge, law.name, article)
    place = f"《{law.full_name}》{article or ''}"
    if not found:
        print(f"没有内容引用{place}。")
        return 0
    print(f"引用{place}的有 {len(found)} 处：")
    for kind, label in _KINDS.items():
        rows = [one for one in found if one.kind == kind]
        if rows:
            print(f"\n{label} {len(rows)}")
        for one in rows:
            print(f"  {padded(one.id, 40)}{padded(one.title, 50)}{one.citation}")
    return 0


def print_counts(knowledge: Knowledge) -> int:
    """Two tables: by category, and contest questions by form and difficulty."""
    questions = all_questions(knowledge)
    categories = dict.fromkeys(topic.category for topic in knowledge.topics.values())
    _print_row("", _COUNTED)
    total: Counter[str] = Counter()
    for category in categories:
        counts = _counts(knowledge, category, questions)
        total.update(counts)
        _print_row(category, (counts[heading] for heading in _COUNTED))
    _print_row("合计", (total[heading] for heading in _COUNTED))
    print()
    _print_row("竞答题", (*_GRADES.values(), "合计"))
    for form, label in _FORMS.items():
        graded = Counter(question.difficulty for question in questions if question.kind is form)
        _print_row(label, (*(graded[grade] for grade in _GRADES), graded.total()))
    return 0


def _counts(knowledge: Knowledge, category: str, questions: Sequence[Question]) -> Counter[str]:
    """How much of everything is about the topics of a category; a lesson counts where its first topic is."""
    topics = {topic.id for topic in knowledge.topics.values() if topic.category == category}
    asked = [question for question in questions if question.topic in topics]
    entries = [entry for entry in knowledge.entries.values() if entry.id in topics]
    counts = Counter(
        {
            "主题": len(topics),
            "已写": len(entries),
            "问法": sum(len(entry.ask) for entry in entries),
            "故事": sum(story.topic in topics for story in knowledge.stories.values()),
            "云课堂": sum(lesson.topics[0] in topics for lesson in knowledge.lessons.values()),
            "小工说法": sum(tip.topic in topics for tip in knowledge.tips),
            "竞答题": len(asked),
        }
    )
    counts.update(_GRADES[question.difficulty] for question in asked)
    return counts


def _print_row(name: str, cells: Iterable[object]) -> None:
    print(padded(name, 14) + "".join(padded(str(cell), 10) for cell in cells).rstrip())
