"""What depends on a law is found by any of its names, with the article, in every kind of content."""

from pathlib import Path

import pytest

from knowledge.base import Citation
from knowledge.dependants import Dependant, cited_in, dependants, law_named, similar_laws
from knowledge.loader import load_knowledge
from knowledge.models import Knowledge

QUESTION = """  - {{id: {id}, topic: dismissal, kind: truefalse, difficulty: easy, text: {text}, answer: [0],
     explanation: 因为, citations: [{{law: {law}, article: {article}}}]}}
"""
CAMPAIGN = """title: 竞答
opens_on: 2026-11-01
closes_on: 2026-12-31
questions_per_try: 1
tries_per_day: 1
seconds_per_question: 30
draw: {easy: 1}
pass_mark: 60
bank: [wages]
questions:
"""
STORY = """topic: arrears
title: 三个月没发工资
happened: 小李干了三个月，老板一直说等一等。
at_issue: 该不该给？
outcome: 调解后给了。
grounds: 干了活就该给钱。
what_to_do: [留好考勤]
citations: [{law: 特别规定, article: 附录第三条}]
checked_on: 2026-11-22
review: {status: 待律师审核}
"""
LESSON = """title: 别急着签字
topics: [dismissal]
cards:
  - {title: 一, text: 看清再签。}
  - {title: 二, text: 留一份。}
  - {title: 三, text: 问一问。}
checks:
  - {text: 能不看就签吗？, options: [能, 不能], answer: 1, explanation: 先看。}
  - {text: 要不要留一份？, options: [要, 不要], answer: 0, explanation: 要。}
citations: [{law: 某意见, article: 第三点}]
checked_on: 2026-11-22
review: {status: 待律师审核}
"""
TIPS = """checked_on: 2026-11-22
review: {status: 待律师审核}
tips:
  - {id: tip-1, topic: probation, text: 试用期也要交社保。, citation: {law: 劳动合同法, article: 第二十条}}
"""
CITING_42 = [("entry", "arrears"), ("entry", "dismissal"), ("entry", "probation"), ("question", "q1")]
DEADLINES = """arbitration: {label: 申请劳动仲裁, law: 《劳动合同法》第三十条、第三十一条, in_words: 一年内}
"""


@pytest.fixture
def taught(folder: Path) -> Knowledge:
    """The small knowledge with one of everything that teaches."""
    files = {
        "quizzes/winter.yaml": CAMPAIGN
        + QUESTION.format(id="q1", text="问一", law="劳动合同法", article="第四十二条"),
        "quizzes/bank/wages.yaml": "questions:\n"
        + QUESTION.format(id="b1", text="问二", law="劳动合同法", article="第二十条"),
        "quizzes/bank/spare.yaml": "questions:\n"
        + QUESTION.format(id="b2", text="问三", law="意见", article="第三点"),
        "stories/unpaid.yaml": STORY,
        "lessons/signing.yaml": LESSON,
        "tips/tips.yaml": TIPS,
        "deadlines.yaml": DEADLINES,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text, encoding="utf-8")
    return load_knowledge(folder)


def names(found: list[Dependant]) -> list[tuple[str, str]]:
    return [(one.kind, one.id) for one in found]


def test_every_kind_of_content_is_found_by_its_law(taught: Knowledge) -> None:
    found = dependants(taught, "劳动合同法")
    assert names(found) == [
        ("entry", "arrears"), ("entry", "dismissal"), ("entry", "probation"),
        ("question", "q1"), ("question", "b1"), ("tip", "tip-1"), ("deadline", "arbitration"),
    ]  # fmt: skip
    assert names(dependants(taught, "特别规定")) == [("story", "unpaid")]


def test_a_bank_that_no_contest_draws_from_counts_too(taught: Knowledge) -> None:
    assert names(dependants(taught, "某意见")) == [("question", "b2"), ("lesson", "signing")]


@pytest.mark.parametrize("name", ["意见", "某意见", "某某意见", "《某意见》", " 某意见 "])
def test_a_law_is_known_by_any_of_its_names(taught: Knowledge, name: str) -> None:
    law = law_named(taught, name)
    assert law is not None and law.name == "某意见"
    assert dependants(taught, name) == dependants(taught, "某意见") != []


@pytest.mark.parametrize(
    ("article", "found"),
    [
        ("第四十二条", CITING_42),
        ("第42条", CITING_42),
        ("第二十条", [("question", "b1"), ("tip", "tip-1")]),
        ("第二十条之一", []),
        ("第九十条", []),
    ],
)
def test_an_article_narrows_the_list(taught: Knowledge, article: str, found: list[tuple[str, str]]) -> None:
    assert names(dependants(taught, "劳动合同法", article)) == found


def test_an_annex_is_another_place_than_the_article_of_the_same_number(taught: Knowledge) -> None:
    assert names(dependants(taught, "特别规定", "附录第三条")) == [("story", "unpaid")]
    assert dependants(taught, "特别规定", "第三条") == []
    assert names(dependants(taught, "某意见", "第3点")) == [("question", "b2"), ("lesson", "signing")]
    assert dependants(taught, "某意见", "第三条") == []


def test_an_answer_depends_on_the_law_of_the_deadline_it_shows(taught: Knowledge) -> None:
    found = dependants(taught, "劳动合同法", "第三十一条")
    assert names(found)[-1] == ("deadline", "arbitration")
    assert found[0].citation == "《劳动合同法》第三十一条（期限：申请劳动仲裁）"
    whole = {one.id: one.citation for one in dependants(taught, "劳动合同法")}
    assert whole["arbitration"] == "《劳动合同法》第三十条、第三十一条"


def test_a_law_nobody_knows_has_no_dependants_and_the_near_names_are_offered(taught: Knowledge) -> None:
    assert dependants(taught, "没有的法") == []
    assert law_named(taught, "没有的法") is None
    assert similar_laws(taught, "劳动合同法规")[0] == "劳动合同法"


def test_the_laws_of_a_sentence_are_read_one_by_one() -> None:
    assert cited_in("《调解仲裁法》第四十八条、第五十条") == [
        Citation(law="调解仲裁法", article="第四十八条"),
        Citation(law="调解仲裁法", article="第五十条"),
    ]
    assert cited_in("《甲》第二十七条第一款；《乙》") == [
        Citation(law="甲", article="第二十七条", paragraph="第一款"),
        Citation(law="乙"),
    ]
    assert cited_in("没有法") == []


def test_in_the_real_knowledge_every_deadline_names_a_law_that_is_known(real: Knowledge) -> None:
    for name, rule in real.deadlines.items():
        cited = cited_in(rule.law)
        assert cited, name
        assert all(law_named(real, citation.law) for citation in cited), name


def test_in_the_real_knowledge_no_citation_is_lost(real: Knowledge) -> None:
    found = {(one.kind, one.id) for law in real.laws for one in dependants(real, law)}
    assert {("entry", topic) for topic in real.entries} <= found
    assert {("story", story) for story in real.stories} <= found
    assert {("tip", tip.id) for tip in real.tips} <= found
