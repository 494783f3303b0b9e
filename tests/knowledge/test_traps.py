"""Wrong law is caught, right law is let through, and what the product says walks into no trap."""

import re
import shutil
from pathlib import Path

import pytest

from knowledge.claims import claims
from knowledge.faults import Fault, KnowledgeFaults
from knowledge.loader import DEFAULT_FOLDER, Written, read_all
from knowledge.numerals import in_digits
from knowledge.traps import FILE, Trap, TrapFile, by_id, check_traps, read_traps, says_one_of

TRAPS = read_traps(DEFAULT_FOLDER)


EACH = [pytest.param(trap, id=trap.says.replace("，", " ")) for trap in TRAPS.traps]


@pytest.fixture(scope="module")
def written() -> Written:
    return read_all()


@pytest.fixture(scope="module")
def walked_into(written: Written) -> list[Fault]:
    return list(check_traps(written))


@pytest.mark.parametrize("trap", EACH)
def test_wrong_sentences_are_caught(trap: Trap) -> None:
    missed = [sentence for sentence in trap.examples_wrong if not TRAPS.caught(trap, sentence)]
    assert missed == []
    assert len(trap.examples_wrong) >= 2 or not trap.forbidden


@pytest.mark.parametrize("trap", EACH)
def test_right_sentences_are_let_through(trap: Trap) -> None:
    hit = [sentence for sentence in trap.examples_right if TRAPS.caught(trap, sentence)]
    assert hit == []
    assert len(trap.examples_right) >= 2


@pytest.mark.parametrize("trap", EACH)
def test_nothing_the_product_says_states_it_wrong(trap: Trap, walked_into: list[Fault]) -> None:
    assert [str(fault) for fault in walked_into if f"说错了法律（{trap.id}）" in fault.wrong] == []


@pytest.mark.parametrize("trap", EACH)
def test_the_topics_say_what_they_must_not_leave_out(trap: Trap, written: Written) -> None:
    entries = [written.knowledge.entries[topic] for topic in trap.topics]
    assert [entry.id for entry in entries if trap.required and not says_one_of(trap, entry)] == []


@pytest.mark.parametrize("trap", EACH)
def test_kind_words_before_a_wrong_sentence_do_not_hide_it(trap: Trap) -> None:
    kind = "您不用怕，也没有关系，听我慢慢讲给您听："
    hidden = [one for one in trap.examples_wrong if not TRAPS.caught(trap, kind + one)]
    assert hidden == []


def test_no_right_sentence_of_one_trap_walks_into_another() -> None:
    hit = [
        (trap.id, other.id, sentence)
        for trap in TRAPS.traps
        for sentence in trap.examples_right
        for other in TRAPS.traps
        if TRAPS.caught(other, sentence)
    ]
    assert hit == []


def test_ids_are_unique_and_every_trap_is_of_use() -> None:
    assert len(by_id(TRAPS)) == len(TRAPS.traps)
    assert all(trap.forbidden or trap.required for trap in TRAPS.traps)


@pytest.mark.parametrize(
    ("written_as", "read_as"),
    [
        ("产假九十天", "产假90天"),
        ("第三十九条", "第三十九条"),
        ("百分之八十", "80%"),
        ("最低工资的八成", "最低工资的80%"),
        ("一至五倍", "1至5倍"),
        ("双倍工资", "2倍工资"),
        ("半个月工资", "0.5个月工资"),
        ("一万二千元", "12000元"),
        ("98 天", "98天"),
        ("３0日", "30日"),
        ("万一年底没发", "万一年底没发"),
    ],
)
def test_numbers_are_read_as_people_write_them(written_as: str, read_as: str) -> None:
    assert in_digits(written_as) == read_as


def _smuggle(tmp_path: Path, file: str, old: str, new: str) -> list[Fault]:
    """The faults of the whole knowledge after one replacement in one file."""
    folder = tmp_path / "knowledge"
    shutil.copytree(DEFAULT_FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return list(check_traps(read_all(folder)))


def test_a_slip_in_an_answer_is_told_with_file_and_line(tmp_path: Path) -> None:
    file = "faq/maternity/maternity-leave-length.yaml"
    (fault,) = _smuggle(tmp_path, file, "details: |\n", "details: |\n  产假一共九十天。\n")
    assert fault.file.endswith(file)
    assert fault.line > 1
    assert "产假一共90天" in fault.wrong


def test_an_entry_that_leaves_out_what_it_must_say_is_a_fault(tmp_path: Path) -> None:
    path = DEFAULT_FOLDER / "faq/insurance/insurance-waiver.yaml"
    words = "无效|没有效力|不算数|不作数"
    folder = tmp_path / "knowledge"
    shutil.copytree(DEFAULT_FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    stripped = re.sub(words, "不好", path.read_text(encoding="utf-8"))
    (folder / "faq/insurance/insurance-waiver.yaml").write_text(stripped, encoding="utf-8")
    assert any("漏了必须讲的（waived-insurance）" in fault.wrong for fault in check_traps(read_all(folder)))


def test_a_wrong_citation_is_caught_as_well(tmp_path: Path) -> None:
    file = "faq/remedy/remedy-arbitration-deadline.yaml"
    faults = _smuggle(tmp_path, file, "citations:\n", "citations:\n  - {law: 劳动法, article: 第八十二条}\n")
    assert any("arbitration-labour-law-82" in fault.wrong for fault in faults)


def test_wrong_options_of_a_quiz_may_say_it_wrong_and_right_ones_may_not(written: Written) -> None:
    question = written.campaigns[0].value.questions[0]
    stated = {
        (claim.said.path, claim.said.text)
        for claim in claims(written)
        if claim.said.document.file == written.campaigns[0].document.file
    }
    for number, option in enumerate(question.options):
        assert ((("questions", 0, "options", number), option) in stated) == (number in question.answer)


def test_a_folder_without_traps_has_none(folder: Path) -> None:
    assert list(check_traps(read_all(folder))) == []


def test_a_pattern_that_does_not_compile_is_told(folder: Path) -> None:
    (folder / FILE).write_text(
        "reported: [以前]\ntraps:\n  - {id: one, says: 对的, topics: [arrears], forbidden: ['(']}\n",
        encoding="utf-8",
    )
    with pytest.raises(KnowledgeFaults, match="正则表达式"):
        list(check_traps(read_all(folder)))


def test_what_somebody_said_or_what_was_once_so_is_not_stated() -> None:
    file = TrapFile.model_validate(
        {
            "reported": ["以前", "老板说"],
            "traps": [{"id": "one", "says": "98", "topics": ["a"], "forbidden": ["产假90天"]}],
        }
    )
    trap = file.traps[0]
    assert file.caught(trap, "产假90天。") == "产假90天"
    assert file.caught(trap, "老板说产假90天。") is None
    assert file.caught(trap, "以前产假90天。") is None
