"""Evaluation and calibration, and the two commands that show them."""

import json
from pathlib import Path

import pytest

from bot.__main__ import main
from knowledge.calibration import NUMBERS, Calibration, Evidence, fit
from knowledge.evaluate import (
    QUESTIONS,
    Asked,
    Outcome,
    Scope,
    fit_calibration,
    measure,
    read_questions,
    summarise,
    within,
)
from knowledge.index import FaqIndex
from knowledge.loader import load_knowledge
from knowledge.models import Knowledge


def silent(done: int, total: int) -> None:
    """No progress wanted."""


def evidence(top: float) -> Evidence:
    return Evidence(top, *(0.0,) * 9)


def outcome(topics: tuple[str, ...], gold: tuple[str, ...], *, answered: bool = False, offered: bool = False,
            scope: Scope = Scope.IN) -> Outcome:  # fmt: skip
    return Outcome(Asked("1", "问", gold, scope), topics, answered, offered, 0.5)


def test_the_figures_of_a_group_are_what_they_say() -> None:
    summary = summarise(
        [
            outcome(("a", "b"), ("a",), answered=True),
            outcome(("b", "a"), ("a",), answered=True),
            outcome(("b", "c", "a"), ("a",), offered=True),
            outcome(("b", "c", "d"), ("a",), offered=True),
            outcome(("a",), (), answered=True, scope=Scope.OUT),
            outcome(("a",), (), scope=Scope.UNCOVERED),
        ]
    )
    assert (summary.top1, summary.top3) == (0.25, 0.75)
    assert summary.mrr == pytest.approx((1 + 1 / 2 + 1 / 3) / 4)
    assert (summary.answered, summary.right_among_answered) == (0.5, 0.5)
    assert (summary.offered, summary.offered_holds_it) == (0.5, 0.5)
    assert (summary.outside, summary.outside_answered) == (2, 0.5)


def test_a_question_on_an_unwritten_topic_counts_as_uncovered(folder: Path) -> None:
    knowledge = load_knowledge(folder)
    asked = [Asked("1", "热", ("unwritten",), Scope.IN), Asked("2", "欠薪", ("arrears",), Scope.IN)]
    assert [one.scope for one in within(asked, knowledge)] == [Scope.UNCOVERED, Scope.IN]
    assert [one.id for one in within(asked, knowledge, frozenset({"other"}))] == []


def test_fitting_finds_what_tells_right_from_wrong() -> None:
    examples = [evidence(number / 100) for number in range(100)]
    calibration = fit(examples, [one.top > 0.5 for one in examples], [1.0] * 100)
    assert calibration.probability(evidence(0.95)) > 0.9
    assert calibration.probability(evidence(0.05)) < 0.1
    assert calibration.probability(evidence(0.3)) < calibration.probability(evidence(0.7))


def test_a_calibration_survives_its_file(tmp_path: Path) -> None:
    calibration = Calibration(-1.5, tuple(float(number) for number in range(len(NUMBERS))))
    calibration.save(tmp_path / "calibration.json")
    assert Calibration.load(tmp_path / "calibration.json") == calibration
    assert len(json.loads((tmp_path / "calibration.json").read_text())) == 11


def test_fitting_on_a_small_folder_gives_a_usable_calibration(folder: Path) -> None:
    knowledge = load_knowledge(folder)
    own = [
        Asked(str(number), text, ("arrears",), Scope.IN)
        for number, text in enumerate(["欠薪不给", "工资拖着"])
    ]
    out = [Asked(f"o{number}", f"第{number}个菜怎么炒", (), Scope.OUT) for number in range(8)]
    steps: list[tuple[int, int]] = []
    calibration = fit_calibration(knowledge, own + out, lambda done, total: steps.append((done, total)))
    index = FaqIndex.build(knowledge, calibration)
    sure = index.decide("老板拖欠工资不给", 1)[2]
    assert sure > index.decide("炒菜放多少盐", 1)[2]
    assert [done for done, _ in steps] == list(range(1, len(steps) + 1))


def test_the_blind_questions_reach_the_bars(real: Knowledge, real_index: FaqIndex) -> None:
    outcomes = measure(real_index, within(read_questions(QUESTIONS), real), silent)
    summary = summarise(outcomes)
    assert summary.top1 is not None and summary.top1 >= 0.72
    assert summary.top3 is not None and summary.top3 >= 0.88
    assert summary.right_among_answered is not None and summary.right_among_answered >= 0.9
    outside = [one for one in outcomes if one.asked.scope is Scope.OUT]
    near = summarise([one for one in outside if one.asked.near]).outside_answered
    far = summarise([one for one in outside if not one.asked.near]).outside_answered
    assert near is not None and near <= 0.10
    assert far is not None and far <= 0.02


def test_evaluate_writes_a_prediction_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {
            "id": "a",
            "text": "怀孕了公司把我辞退了",
            "topics": ["pregnancy-dismissal"],
            "scope": "in",
            "source": "x",
        },
        {"id": "b", "text": "红烧肉怎么做", "topics": [], "scope": "out", "source": "y"},
    ]
    questions, predictions = tmp_path / "q.jsonl", tmp_path / "p.jsonl"
    questions.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    assert main(["evaluate", str(questions), "--predictions", str(predictions)]) == 0
    first, second = (json.loads(line) for line in predictions.read_text(encoding="utf-8").splitlines())
    assert set(first) == {"id", "topics", "answered", "offered", "score"}
    assert first["topics"][0] == "pregnancy-dismissal"
    assert len(first["topics"]) == 5
    assert second["answered"] is False
    assert 0 <= first["score"] <= 1
    assert "1.000" in capsys.readouterr().out


def test_evaluate_says_what_is_wrong_with_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{not json\n", encoding="utf-8")
    assert main(["evaluate", str(broken)]) == 1
    assert main(["evaluate", str(tmp_path / "none.jsonl")]) == 1
    assert main(["evaluate", "--categories", "nothing"]) == 1
    assert "没有这些类别：nothing" in capsys.readouterr().err


def test_ask_answers_in_words_and_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "怀孕了公司把我辞退了"]) == 0
    words = capsys.readouterr().out
    assert "怀孕被辞退怎么办" in words
    assert "《女职工劳动保护特别规定》第五条" in words
    assert main(["ask", "怀孕了公司把我辞退了", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["kind"], answer["topic"], answer["danger"]) == ("found", "pregnancy-dismissal", None)
    assert "{" not in answer["short"] + "".join(answer["steps"])


def test_ask_puts_safety_before_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "我不想活了"]) == 0
    assert "12356" in capsys.readouterr().out.splitlines()[2]
    assert main(["ask", "我不想活了", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["danger"]["kind"] == "suicide"


def test_ask_says_so_when_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "红烧肉怎么做", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "not_found"
