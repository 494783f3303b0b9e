"""The loader takes good knowledge, and names file, line and remedy of every fault at once."""

from datetime import date
from pathlib import Path

import pytest

from knowledge.faults import Fault, KnowledgeFaults
from knowledge.loader import load_knowledge

QUIZ = """title: 竞答
opens_on: 2026-11-01
closes_on: 2026-12-31
questions_per_try: 2
tries_per_day: 1
seconds_per_question: 30
draw: {easy: 1, hard: 1}
pass_mark: 60
questions:
  - {id: q1, topic: dismissal, kind: single, difficulty: easy, text: 问一, options: [甲, 乙], answer: [0],
     explanation: 因为, citations: [{law: 劳动合同法, article: 第四十二条}]}
  - {id: q2, topic: dismissal, kind: truefalse, difficulty: hard, text: 问二, answer: [1],
     explanation: 因为, citations: [{law: 意见, article: 第三点}]}
"""


def load(folder: Path) -> list[Fault]:
    with pytest.raises(KnowledgeFaults) as raised:
        load_knowledge(folder)
    return list(raised.value.faults)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def dismissal(folder: Path) -> Path:
    return folder / "faq" / "wages" / "dismissal.yaml"


def test_good_knowledge_loads_with_the_city_laid_over_its_province(folder: Path) -> None:
    knowledge = load_knowledge(folder)
    assert set(knowledge.entries) == {"dismissal", "probation", "arrears"}
    assert knowledge.region.name == "银川市"
    assert knowledge.region.hotline == "12351"
    assert knowledge.region.amounts["wage"].value == 2100
    assert knowledge.region.amounts["extra_days"].value == 60
    assert knowledge.region.hotlines[0].number == "110"


def test_a_link_to_a_topic_not_yet_written_is_allowed_and_not_shown(folder: Path) -> None:
    knowledge = load_knowledge(folder)
    assert [entry.id for entry in knowledge.related(knowledge.entries["dismissal"])] == ["probation"]


def test_the_version_changes_with_the_content_and_with_nothing_else(folder: Path) -> None:
    first = load_knowledge(folder).version
    dismissal(folder).touch()
    assert load_knowledge(folder).version == first
    change(dismissal(folder), "先别签字", "千万先别签字")
    assert load_knowledge(folder).version != first


@pytest.mark.parametrize(
    ("old", "new", "key", "line"),
    [
        ("short: 先别签字，找工会。", f"short: {'长' * 121}", "short", 15),
        ("short: 先别签字，找工会。", "short: [一, 二]", "short", 15),
        ("short: 先别签字，找工会。\n", "", "short", 1),
        ("evidence:", "evidense:", "evidense", 19),
        ("title: 被辞退怎么办", "title: 被辞退怎么办\ntitle: 又一个", "title", 2),
        ("deadlines: [arbitration]", "deadlines: [someday]", "deadlines[1]", 21),
        ("local: [wage]", "local: [wage, luck]", "local[2]", 22),
        ("article: 第四十二条", "article: 第九十九条", "citations[1]", 24),
        ("article: 第四十二条", "article: 四十二", "citations[1].article", 24),
        ("article: 第四十二条", "article: 附录第五条", "citations[1]", 24),
        ("article: 第四十二条", "article: 第三点", "citations[1]", 24),
        ("law: 劳动合同法", "law: 没有的法", "citations[1]", 24),
        ("next: [probation, unwritten]", "next: [probation, nowhere]", "next[2]", 25),
        ("next: [probation, unwritten]", "next: [dismissal]", "next[1]", 25),
        ("{hotline} 打电话", "{phone} 打电话", "steps[1]", 18),
        ("checked_on: 2026-11-22", "checked_on: 昨天", "checked_on", 26),
        ("status: 待律师审核", "status: 差不多", "review.status", 27),
        ("  - 公司把我辞退了\n", "", "ask", 2),
        ("公司把我辞退了", "老板拖欠，工资！", "ask[1]", 3),
        ("公司把我辞退了", "老板让我走人", "ask[2]", 4),
        ("title: 被辞退怎么办", "title: &name 被辞退怎么办\nsay: *name", "YAML", 1),
        ("title: 被辞退怎么办", "title: : :", "YAML", 1),
    ],
)
def test_a_fault_is_told_with_file_line_and_key(
    folder: Path, old: str, new: str, key: str, line: int
) -> None:
    change(dismissal(folder), old, new)
    faults = [fault for fault in load(folder) if "dismissal" in fault.file or "probation" in fault.file]
    if new.startswith("老板拖欠"):  # the later file is the one that repeats; here that is dismissal
        faults = [fault for fault in load(folder)]
    assert [(fault.key, fault.line) for fault in faults] == [(key, line)], faults
    assert str(faults[0]).startswith(f"knowledge/faq/wages/dismissal.yaml:{line}: {key}: ")
    assert " → " in str(faults[0])


def test_all_faults_are_told_at_once(folder: Path) -> None:
    change(dismissal(folder), "local: [wage]", "local: [luck]")
    change(folder / "faq" / "wages" / "arrears.yaml", "article: 第四十二条", "article: 第九百条")
    change(folder / "laws.yaml", "articles: 16", "articles: 许多")
    files = {fault.file.rsplit("/", 1)[-1] for fault in load(folder)}
    assert files == {"dismissal.yaml", "arrears.yaml", "laws.yaml"}


def test_an_entry_in_the_wrong_folder_or_of_no_topic_is_refused(folder: Path) -> None:
    (folder / "faq" / "other").mkdir()
    dismissal(folder).rename(folder / "faq" / "other" / "dismissal.yaml")
    (folder / "faq" / "wages" / "arrears.yaml").rename(folder / "faq" / "wages" / "unheard-of.yaml")
    wrong = {fault.file: fault.wrong for fault in load(folder)}
    assert "topics.tsv 里是 wages" in wrong["knowledge/faq/other/dismissal.yaml"]
    assert "unheard-of" in wrong["knowledge/faq/wages/unheard-of.yaml"]


def test_text_that_is_not_utf8_is_refused_with_its_line(folder: Path) -> None:
    dismissal(folder).write_bytes("title: 好\nshort: 坏".encode() + "坏".encode("gb18030"))
    assert [(fault.line, fault.wrong) for fault in load(folder)] == [(2, "不是 UTF-8 编码")]


@pytest.mark.parametrize(
    "bomb", ["[" * 5000, "- " * 5000 + "a", "{a: " * 3000], ids=["flow", "dashes", "maps"]
)
def test_deep_nesting_is_refused_before_it_hurts(folder: Path, bomb: str) -> None:
    dismissal(folder).write_text(bomb, encoding="utf-8")
    assert load(folder)[0].key == "YAML"


def test_a_huge_file_is_refused(folder: Path) -> None:
    dismissal(folder).write_text("title: " + "长" * 2_000_000, encoding="utf-8")
    assert "大于" in load(folder)[0].wrong


def test_keys_that_yaml_takes_for_booleans_stay_words(folder: Path) -> None:
    change(
        dismissal(folder),
        "{status: 待律师审核}",
        "{status: 已审核, by: 某律师, on: 2026-11-20, next: 2027-11-20}",
    )
    review = load_knowledge(folder).entries["dismissal"].review
    assert (review.on, review.next) == (date(2026, 11, 20), date(2027, 11, 20))


def test_an_unknown_region_is_refused_in_words(folder: Path) -> None:
    for region in ("ningxia/nowhere", "../../etc", "ningxia/yinchuan/more"):
        with pytest.raises(KnowledgeFaults):
            load_knowledge(folder, region)


def test_a_missing_folder_is_told_not_thrown(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeFaults) as raised:
        load_knowledge(tmp_path / "nothing")
    assert len(raised.value.faults) >= 5


def test_a_campaign_loads_and_knows_when_it_is_open(folder: Path) -> None:
    (folder / "quizzes").mkdir()
    (folder / "quizzes" / "winter.yaml").write_text(QUIZ, encoding="utf-8")
    campaign = load_knowledge(folder).campaigns["winter"]
    assert campaign.questions[1].options == ("对", "错")
    assert campaign.is_open(date(2026, 12, 31))
    assert not campaign.is_open(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("id: q2", "id: q1", "questions[2].id"),
        ("answer: [0]", "answer: [2]", "questions[1].answer"),
        ("answer: [0]", "answer: [0, 1]", "questions[1].answer"),
        ("answer: [0]", "answer: []", "questions[1].answer"),
        ("kind: single", "kind: multiple", "questions[1].answer"),
        ("options: [甲, 乙]", "options: [甲, 甲]", "questions[1].options"),
        ("options: [甲, 乙]", "options: [甲]", "questions[1].options"),
        ("topic: dismissal", "topic: nothing", "questions[1].topic"),
        ("[{law: 劳动合同法, article: 第四十二条}]", "[]", "questions[1].citations"),
        ("draw: {easy: 1, hard: 1}", "draw: {easy: 2}", "draw.easy"),
        ("draw: {easy: 1, hard: 1}", "draw: {easy: 1}", "draw"),
        ("closes_on: 2026-12-31", "closes_on: 2026-10-31", "closes_on"),
    ],
)
def test_a_campaign_that_could_not_be_played_is_refused(folder: Path, old: str, new: str, key: str) -> None:
    (folder / "quizzes").mkdir()
    quiz = folder / "quizzes" / "winter.yaml"
    quiz.write_text(QUIZ, encoding="utf-8")
    change(quiz, old, new)
    assert [fault.key for fault in load(folder)] == [key]
