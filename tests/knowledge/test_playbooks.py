"""Playbooks: one for each kind of case, law that exists, and faults named with file and line."""

import pytest

from bot.domain.cases import CaseKind
from bot.domain.legal_advice import gives_advice
from knowledge.faults import KnowledgeFaults
from knowledge.loader import load_knowledge

BOOK = """steps:
  - {id: first, title: 先听她说, why: 弄清事, due_days: 1, citations: [{law: 劳动合同法, article: 第四条}]}
  - {id: second, title: 再看证据, why: 有据, due_days: 3, citations: [{law: 劳动合同法, article: 第五条}]}
  - {id: third, title: 约单位谈, why: 能谈成, due_days: 9, citations: [{law: 劳动合同法, article: 第六条}]}
ask:
  - {id: pay, text: 工资条}
  - {id: card, text: 工牌}
  - {id: talk, text: 聊天记录}
"""


@pytest.fixture(scope="module")
def playbooks():
    return load_knowledge().playbooks


def test_every_kind_of_case_has_its_playbook(playbooks):
    assert set(playbooks) == {kind.value for kind in CaseKind}
    assert all(len(book.steps) >= 5 and len(book.ask) >= 3 for book in playbooks.values())


def test_what_she_is_asked_for_names_no_law(playbooks):
    """Such a draft needs no second pair of eyes."""
    assert not [item.text for book in playbooks.values() for item in book.ask if gives_advice(item.text)]


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("article: 第六条", "article: 第九百条", "没有第九百条"),
        ("id: second", "id: first", "写了两次"),
        ("title: 先听她说", "title: " + "长" * 30, "有 30 字"),
        ("text: 工牌", "text: '工牌{x}'", "认不出"),
        ("due_days: 9", "due_days: 900", "due_days"),
        ("due_days: 9", "due_days: 9, later: 1", "later"),
    ],
)
def test_a_faulty_playbook_is_refused_with_its_place(folder, old, new, wrong):
    (folder / "playbooks").mkdir()
    file = folder / "playbooks" / "wages.yaml"
    file.write_text(BOOK, encoding="utf-8")
    assert set(load_knowledge(folder).playbooks) == {"wages"}
    file.write_text(BOOK.replace(old, new), encoding="utf-8")
    with pytest.raises(KnowledgeFaults) as found:
        load_knowledge(folder)
    assert wrong in str(found.value)
    assert "playbooks/wages.yaml" in str(found.value)
