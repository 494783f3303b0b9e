"""A phrasing that leads to another topic, or that two topics share, is told with its line."""

from pathlib import Path

import pytest

from knowledge.checks import Read
from knowledge.checks_phrasings import same_words, strays
from knowledge.faults import Fault
from knowledge.loader import Written, read_all
from knowledge.models import Entry


def change(folder: Path, topic: str, old: str, new: str) -> None:
    path = folder / "faq" / "wages" / f"{topic}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def shared(folder: Path) -> tuple[list[Fault], list[Fault]]:
    written = read_all(folder)
    return same_words(written.entries, written.knowledge.synonyms)


def test_phrasings_that_nobody_shares_raise_nothing(folder: Path) -> None:
    assert shared(folder) == ([], [])


@pytest.mark.parametrize("same", ["请问老板拖欠工资", "老板拖欠工资，你好", "老闆拖欠工資", "老板拖欠gz"])
def test_one_sentence_under_two_topics_is_a_fault_however_it_is_dressed(folder: Path, same: str) -> None:
    change(folder, "probation", "试工七天不给钱", same)
    faults, notes = shared(folder)
    assert [(fault.file, fault.key) for fault in faults] == [
        ("knowledge/faq/wages/probation.yaml", "ask[12]")
    ]
    assert "arrears" in faults[0].wrong and notes == []


def test_one_meaning_under_two_topics_is_a_note(folder: Path) -> None:
    change(folder, "probation", "试工七天不给钱", "公司把我开除了")  # 辞退 and 开除 mean the same
    faults, notes = shared(folder)
    assert faults == []
    assert [note.key for note in notes] == ["ask[12]"] and "dismissal" in notes[0].wrong


def test_a_phrasing_of_another_topic_is_told_and_all_others_are_not(folder: Path) -> None:
    change(folder, "probation", "试工七天不给钱", "老板欠薪三个月没发工钱找谁")
    written = read_all(folder)
    found = strays(written.entries, written.knowledge.synonyms)
    assert [(fault.file, fault.key) for fault in found] == [("knowledge/faq/wages/probation.yaml", "ask[12]")]
    assert "arrears" in found[0].wrong


def test_a_phrasing_does_not_vouch_for_itself(folder: Path) -> None:
    """Compared with its own topic as it stands, every phrasing would be nearest to itself."""
    change(folder, "arrears", "工资发一半欠一半", "试用期试用期试用期")
    written = read_all(folder)
    found = strays(written.entries, written.knowledge.synonyms)
    assert [fault.key for fault in found if "arrears" in fault.file] == ["ask[12]"]


def test_one_topic_alone_has_no_other_to_lead_to(folder: Path) -> None:
    written = read_all(folder)
    assert strays(written.entries[:1], written.knowledge.synonyms) == []


@pytest.fixture(scope="module")
def today() -> Written:
    return read_all()


def test_no_sentence_of_today_stands_under_two_topics(today: Written) -> None:
    faults, _ = same_words(today.entries, today.knowledge.synonyms)
    assert [str(fault) for fault in faults] == []


def test_in_the_real_knowledge_a_planted_stray_is_found(today: Written) -> None:
    entries = list(today.entries)
    at = next(at for at, read in enumerate(entries) if read.value.id == "union-join")
    planted = (*entries[at].value.ask, "怀孕五个月被公司辞退要赔多少钱")
    value: Entry = entries[at].value.model_copy(update={"ask": planted})
    entries[at] = Read(value, entries[at].document)
    found = strays(entries, today.knowledge.synonyms)
    key = f"ask[{len(planted)}]"
    assert [fault.key for fault in found if fault.file.endswith("union-join.yaml") and fault.key == key]
    assert len(found) < sum(len(read.value.ask) for read in entries) / 10, "few enough to be read"
