"""Evaluation and calibration, and the two commands that show them."""

import json
from pathlib import Path

import numpy as np
import pytest

from bot.__main__ import main
from knowledge.calibration import NUMBERS, Calibration, Evidence, Parts, fit
from knowledge.evaluate import (
    QUESTIONS,
    Asked,
    Outcome,
    Scope,
    measure,
    read_questions,
    summarise,
    within,
)
from knowledge.fitting import Fitter, likeliest
from knowledge.frequency import Frequency
from knowledge.index import FaqIndex
from knowledge.loader import load_knowledge
from knowledge.models import Knowledge
from knowledge.noise import Noise, Spoiler, noised
from knowledge.reliability import Reliability


def silent(done: int, total: int) -> None:
    """No progress wanted."""


def evidence(margin: float) -> Evidence:
    return Evidence(margin, *(0.0,) * (len(NUMBERS) - 1))


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
    calibration = fit(examples, [one.margin > 0.5 for one in examples], [1.0] * 100)
    assert calibration.probability(evidence(0.95)) > 0.9
    assert calibration.probability(evidence(0.05)) < 0.1
    assert calibration.probability(evidence(0.3)) < calibration.probability(evidence(0.7))


def test_a_calibration_survives_its_file(tmp_path: Path) -> None:
    numbers = tuple(float(number) for number in range(len(NUMBERS)))
    calibration = Calibration(-1.5, numbers, Parts(1.0, 2.0, 3.0, 4.0, 5.0), 0.8)
    calibration.save(tmp_path / "calibration.json")
    assert Calibration.load(tmp_path / "calibration.json") == calibration


def test_fitting_on_a_small_folder_gives_a_usable_calibration(folder: Path) -> None:
    knowledge = load_knowledge(folder)
    own = [
        Asked(str(number), text, ("arrears",), Scope.IN)
        for number, text in enumerate(["欠薪不给", "工资拖着"])
    ]
    out = [Asked(f"o{number}", f"第{number}个菜怎么炒", (), Scope.OUT) for number in range(8)]
    given = [Asked("g", "老板三个月没给钱", ("arrears",), Scope.IN), Asked("h", "房租太贵", (), Scope.OUT)]
    fitter = Fitter(knowledge, own + out, None, None, silent)
    found = fitter.fitted(given)
    index = FaqIndex.build(knowledge, found.calibration, frequency=found.frequency)
    sure = index.decide("老板拖欠工资不给", 1)[2]
    assert sure > index.decide("炒菜放多少盐", 1)[2]
    assert found.frequency.counts == {"arrears": 1}
    crossed = fitter.crossed(given)
    assert sorted(one.asked.id for one in crossed) == ["g", "h"]


def test_a_question_does_not_count_for_itself_while_it_is_fitted_on() -> None:
    frequency = Frequency.of(["arrears", "arrears", "probation"])
    assert frequency.without(("arrears",)).counts == {"arrears": 1, "probation": 1}
    logs = frequency.logs(["arrears", "probation", "never"], 2)
    assert logs[0] > logs[1] > logs[2]
    assert logs[:3].sum() == pytest.approx(0, abs=1e-6)
    assert logs[3:].tolist() == [0, 0]


def test_the_part_that_tells_right_from_wrong_gets_the_weight() -> None:
    source = np.random.default_rng(1)
    values = source.normal(size=(200, 5, 6)).astype(np.float32)
    values[:, 4] = 0  # a part that is switched off
    rights = [[int(row.argmax())] for row in values[:, 2]]
    parts = likeliest(values, rights, np.ones(200))
    assert parts.bayes > 5 * max(abs(parts.document), abs(parts.nearest), abs(parts.often))
    assert parts.meaning == 0


def test_direct_answers_begin_where_they_are_right_often_enough(folder: Path) -> None:
    def scored(score: float, right: bool, scope: Scope = Scope.IN) -> Outcome:
        return Outcome(Asked("1", "问", ("a",), scope), ("a" if right else "b",), False, False, score)

    fitter = Fitter(load_knowledge(folder), [], None, None, silent)
    good = [scored(0.9, True)] * 40
    assert fitter.threshold(good) == 0.6
    assert fitter.threshold(good + [scored(0.7, False)] * 4) == 0.71
    assert fitter.threshold([*good, scored(0.75, False, Scope.OUT)]) == 0.76
    assert scored(0.7, True).answered_from(0.6).answered
    assert scored(0.7, True).answered_from(0.8).offered


def test_reliability_is_what_was_stated_against_what_was_right() -> None:
    def scored(score: float, right: bool, scope: Scope = Scope.IN) -> Outcome:
        return Outcome(Asked("1", "问", ("a",), scope), ("a" if right else "b",), False, False, score)

    found = Reliability.of([scored(0.95, True), scored(0.95, False), scored(0.15, False), scored(1.0, True)])
    assert [(one.start, one.count, one.right) for one in found.bins] == [(0.1, 1, 0.0), (0.9, 3, 2 / 3)]
    assert found.error == pytest.approx((0.15 + 3 * (2.9 / 3 - 2 / 3)) / 4)
    assert Reliability.of([scored(0.8, True, Scope.OUT)]).bins[0].right == 0
    assert Reliability.of([]).error == 0


@pytest.mark.parametrize("noise", Noise)
def test_every_noise_changes_the_words_and_always_in_the_same_way(noise: Noise) -> None:
    spoiler = Spoiler.load()
    text = "公司拖欠工资三个月，老板说没钱，我该怎么办"
    spoilt = spoiler.spoilt(text, noise)
    assert spoilt != text
    assert spoilt == Spoiler.load().spoilt(text, noise)
    asked = noised([Asked("7", text, ("wage-arrears",), Scope.IN, "x", True)], noise, spoiler)
    assert asked == [Asked("7", spoilt, ("wage-arrears",), Scope.IN, "x", True)]


@pytest.mark.parametrize(
    ("noise", "holds"),
    [
        (Noise.TRADITIONAL, "個月"), (Noise.PREAMBLE, "公司拖欠工资三个月"), (Noise.PINYIN_ALL, "gongsi"),
        (Noise.EMOJI, "公司拖欠工资三个月，"), (Noise.ENGLISH, " "),
    ],
)  # fmt: skip
def test_a_noise_is_what_it_is_called(noise: Noise, holds: str) -> None:
    assert holds in Spoiler.load().spoilt("公司拖欠工资三个月，老板说没钱，我该怎么办", noise)


@pytest.mark.parametrize("noise", [Noise.TRADITIONAL, Noise.EMOJI, Noise.VOICE, Noise.PINYIN_WORDS])
def test_noise_that_people_make_every_day_costs_little(
    real: Knowledge, real_index: FaqIndex, noise: Noise
) -> None:
    asked = [one for one in within(read_questions(QUESTIONS), real) if one.scope is Scope.IN][::4]
    clean = summarise(measure(real_index, asked, silent)).top1
    spoilt = summarise(measure(real_index, noised(asked, noise, Spoiler.load()), silent)).top1
    assert clean is not None and spoilt is not None and clean - spoilt <= 0.03


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
