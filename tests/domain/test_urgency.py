"""Signs of danger: nobody in danger is missed, and everyday speech raises no alarm."""

import time
from pathlib import Path

import pytest
import yaml

from bot.domain.urgency import Danger, DangerKind, find_danger
from knowledge.evaluate import QUESTIONS, read_questions
from knowledge.loader import DEFAULT_FOLDER
from knowledge.models import DangerRules
from knowledge.reading import read_yaml

PHRASINGS = {
    kind: [line.strip() for line in text.splitlines() if line.strip()]
    for kind, text in yaml.safe_load(
        (Path(__file__).parent / "danger_phrasings.yaml").read_text(encoding="utf-8")
    ).items()
}
DANGEROUS = [(kind, text) for kind, texts in PHRASINGS.items() if kind != "innocent" for text in texts]


@pytest.fixture(scope="module")
def rules() -> DangerRules:
    document = read_yaml(DEFAULT_FOLDER / "danger.yaml", "danger.yaml", [])
    assert document
    return DangerRules.model_validate(document.data)


def test_there_are_enough_phrasings_to_mean_something() -> None:
    assert len(DANGEROUS) >= 150
    assert len(PHRASINGS["innocent"]) >= 150
    assert set(PHRASINGS) == set(DangerKind) | {"innocent"}


def test_every_danger_is_found(rules: DangerRules) -> None:
    missed = [text for _, text in DANGEROUS if find_danger(text, rules) is None]
    assert missed == []


def test_at_most_two_in_a_hundred_innocent_phrasings_raise_an_alarm(rules: DangerRules) -> None:
    alarms = {text: danger for text in PHRASINGS["innocent"] if (danger := find_danger(text, rules))}
    assert len(alarms) <= 0.02 * len(PHRASINGS["innocent"]), alarms


def test_nine_dangers_in_ten_are_named_by_their_own_kind(rules: DangerRules) -> None:
    other = [(kind, text) for kind, text in DANGEROUS if (d := find_danger(text, rules)) and d.kind != kind]
    assert len(other) <= 0.1 * len(DANGEROUS), other


def test_the_more_urgent_of_two_dangers_is_answered(rules: DangerRules) -> None:
    assert find_danger("老公打我，我不想活了", rules) == Danger(DangerKind.SUICIDE, "mental-health-crisis")


@pytest.mark.parametrize("between", [" ", ".", "。", "-", "🔪", "\u200b", "，", "\n", "*"])
def test_signs_between_the_characters_hide_nothing(rules: DangerRules, between: str) -> None:
    for text in ("我不想活了", "他强奸我", "老公家暴"):
        assert find_danger(between.join(text), rules)


def test_traditional_characters_and_wide_letters_hide_nothing(rules: DangerRules) -> None:
    assert find_danger("我被強姦了", rules)
    assert find_danger("被反鎖在宿舍裡", rules)
    assert find_danger("强ｊｉａｎ", rules)


def test_an_innocent_phrase_does_not_hide_a_danger_beside_it(rules: DangerRules) -> None:
    assert find_danger("我给他打电话他就打我", rules)
    assert find_danger("加班累死了，真的不想活了", rules)
    assert find_danger("反家暴法能不能管我老公打我", rules)


@pytest.mark.parametrize("piece", ["怀孕了公司让我走人", "打", "他", "被锁手机照片威胁", "打[" * 3])
def test_a_hundred_thousand_characters_take_less_than_two_seconds(rules: DangerRules, piece: str) -> None:
    text = piece * (100_000 // len(piece))
    started = time.perf_counter()
    find_danger(text, rules)
    assert time.perf_counter() - started < 2


def test_bleeding_in_pregnancy_leads_to_no_page_about_injuries_at_work(rules: DangerRules) -> None:
    for text in (
        "我怀孕七个月现在大出血",
        "孕妇晕倒了怎么办",
        "羊水破了老板不让走",
        "怀着孕刚才摔伤了，肚子疼",
    ):
        assert find_danger(text, rules) == Danger(DangerKind.INJURY, "pregnancy-sick-leave"), text
    assert find_danger("工友现在大出血怎么办", rules) == Danger(DangerKind.INJURY, "injury-application")


def test_being_locked_in_leads_to_the_ways_out(rules: DangerRules) -> None:
    for text in ("老板把我锁在宿舍不让走", "扣了身份证把我们关起来", "被锁在仓库里出不去"):
        assert find_danger(text, rules) == Danger(DangerKind.CONFINEMENT, "remedy-where-to-go"), text


def test_the_questions_of_the_test_set_raise_alarms_where_danger_is_told(rules: DangerRules) -> None:
    told = {"domestic-violence", "sexual-assault", "intimate-image-blackmail", "stalking"}
    maybe = {"mental-health-crisis", "workplace-bullying", "harassment-what-to-do"}
    asked = [one for one in read_questions(QUESTIONS) if one.topics]
    missed = [one.text for one in asked if told & {*one.topics} and not find_danger(one.text, rules)]
    calm = [one.text for one in asked if not (told | maybe) & {*one.topics}]
    alarms = [text for text in calm if find_danger(text, rules)]
    assert not missed
    assert len(alarms) <= 0.02 * len(calm), alarms
