"""Every figure stands in an article that the same text cites; a smuggled one is found."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.__main__ import main
from knowledge.faults import KnowledgeFaults
from knowledge.figures import FILE, Proof, Source, figures, prove, read_figures, sums
from knowledge.loader import DEFAULT_FOLDER, read_all
from knowledge.numerals import in_digits

LENGTH = "faq/maternity/maternity-leave-length.yaml"
Smuggle = Callable[[str, str, str], Proof]


@pytest.fixture(scope="module")
def proof() -> Proof:
    return prove(read_all())


@pytest.fixture
def smuggle(tmp_path: Path) -> Smuggle:
    """The proof of the whole knowledge after one replacement in one of its files."""

    def replaced(file: str, old: str, new: str) -> Proof:
        folder = tmp_path / "knowledge"
        shutil.copytree(DEFAULT_FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return prove(read_all(folder))

    return replaced


def test_every_figure_of_the_product_has_its_source(proof: Proof) -> None:
    assert [str(fault) for fault in proof.faults] == []
    assert proof.unverified == 0
    assert proof.total == sum(proof.sources.values())
    assert proof.sources[Source.LAW] > proof.total / 2


def test_another_region_has_its_sources_as_well() -> None:
    assert [str(fault) for fault in prove(read_all(region="shaanxi/xian")).faults] == []


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("国家产假188天。", "“188天”没有依据"),
        ("产假一共一百八十八日。", "“188天”没有依据"),
        ("宁夏延长60天。", "没有核对过的数字"),
        ("月薪不低于2080元。", "没有核对过的数字"),
        ("男方有护理假二十五天。", "没有核对过的数字"),
        ("单位要付1.7倍工资。", "“1.7倍”没有依据"),
        ("津贴打九折。", "“9折”没有依据"),
        ("罚单位七千元。", "“7000元”没有依据"),
    ],
)
def test_a_smuggled_figure_is_a_fault_with_file_and_line(smuggle: Smuggle, sentence: str, told: str) -> None:
    proof = smuggle(LENGTH, "details: |\n", f"details: |\n  {sentence}\n")
    assert proof.faults
    assert all(fault.file.endswith(LENGTH) and fault.line > 1 for fault in proof.faults)
    assert any(told in fault.wrong for fault in proof.faults)


def test_a_right_figure_whose_law_is_not_cited_is_a_fault_and_names_the_law(smuggle: Smuggle) -> None:
    proof = smuggle(LENGTH, "details: |\n", "details: |\n  流产要在48小时内休息。\n")
    (fault,) = proof.faults
    assert "“48小时”" in fault.wrong
    assert "《工伤保险条例》第十五条" in fault.write


def test_taking_away_a_citation_leaves_its_figures_without_source(smuggle: Smuggle) -> None:
    file = "faq/pay/wage-deduction-fines.yaml"
    text = (DEFAULT_FOLDER / file).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "工资支付暂行规定, article: 第十六条" in line]
    proof = smuggle(file, lines[0] + "\n", "")
    assert any("“20%”" in fault.wrong for fault in proof.faults)


def test_a_wrong_option_of_a_quiz_may_hold_any_figure(smuggle: Smuggle) -> None:
    file = "quizzes/women-2026.yaml"
    question = read_all().campaigns[0].value.questions[0]
    wrong = next(option for at, option in enumerate(question.options) if at not in question.answer)
    assert smuggle(file, wrong, "按777天算").faults == []


def test_invented_sums_of_a_story_need_no_source_and_its_grounds_do(smuggle: Smuggle, tmp_path: Path) -> None:
    file = "stories/two-ways-to-resign.yaml"
    assert smuggle(file, "happened: ", "happened: 那个月她领了7421元，").faults == []
    shutil.rmtree(tmp_path / "knowledge")
    assert any("“77天”" in one.wrong for one in smuggle(file, "grounds: ", "grounds: 要等77天，").faults)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("三十日内", ["30天"]),
        ("五万到三十万元", ["50000元", "300000元"]),
        ("3.5万元", ["35000元"]),
        ("第三十九条、第三级", []),
        ("2026年7月1日起", ["2026年7月1日"]),
        ("三月八日放假半天", ["3月8日", "0.5天"]),
        ("每日万分之五", ["万分之5"]),
        ("5个工作日、两个钟头", ["5工作日", "2小时"]),
        ("一两天、五六级", ["1天", "2天", "5级", "6级"]),
        ("几十人、零几个月", []),
        ("{ningxia.wage}元", []),
        ("打 12351", []),
    ],
)
def test_figures_are_found_in_one_way_of_writing(text: str, found: list[str]) -> None:
    assert figures(text) == found


@pytest.mark.parametrize(
    ("text", "proven"),
    [
        ("98+15+15=128天", {"128天"}),
        ("98天减15天，是83天", {"83天"}),
        ("25×1.5×2=75元", {"75元"}),
        ("98+15+15=158天", set()),
    ],
)
def test_a_sum_proves_its_result_only_when_it_is_right(text: str, proven: set[str]) -> None:
    assert sums(in_digits(text)) == proven


def test_the_command_counts_by_source_and_says_none_is_unverified(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--figures"]) == 0
    out = capsys.readouterr().out
    assert "0 未核" in out
    assert f"{Source.LAW} " in out


def test_the_command_fails_on_a_smuggled_figure(
    smuggle: Smuggle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    smuggle(LENGTH, "details: |\n", "details: |\n  国家产假188天。\n")
    assert main(["check", "--figures", "--knowledge", str(tmp_path / "knowledge")]) == 1
    assert "188天" in capsys.readouterr().err


def test_every_row_is_about_a_law_that_may_be_cited() -> None:
    laws = read_all().knowledge.laws
    names = {name for law in laws.values() for name in (law.name, law.full_name, *law.aliases)}
    rows = read_figures(DEFAULT_FOLDER).laws
    assert [row.law for row in rows if row.law not in names] == []
    assert len({(row.law, row.article) for row in rows}) == len(rows)


def test_a_list_that_cannot_be_read_is_told(folder: Path) -> None:
    (folder / FILE).write_text("laws: [{law: 劳动法}]\n", encoding="utf-8")
    with pytest.raises(KnowledgeFaults, match="figures"):
        prove(read_all(folder))
