"""Who asks: for a relative or friend, as an employer, or – nearly always – for herself."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from bot.conversation.session import Place
from knowledge.asking_for import AskedFor, AskingFor, asked_for, check_asking_for
from knowledge.faults import KnowledgeFaults
from knowledge.loader import DEFAULT_FOLDER, Knowledge, load_knowledge
from knowledge.models import AskingRule
from knowledge.wording import Wording
from tests.conversation.steps import agree
from tests.fakes import FrozenClock, PlainSearch
from tests.talk import House, Talk, open_house

HEARD: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parent / "asking_for.yaml").read_text(encoding="utf-8")
)
HERSELF = [*HEARD["herself"], *HEARD["sample_herself"]]
FOR_MY_SISTER = "替我妹问：怀孕被辞退怎么办"
DISMISSED = "怀孕被辞退怎么办"
NOTE, EMPLOYERS_NOTE = "您是替别人问", "您是单位这边来问"


class ByItsEnd(PlainSearch):
    """Finds a question in what follows its first colon."""

    def search(self, text, topic=None):  # type: ignore[no-untyped-def]
        return super().search(text.partition("：")[2] or text, topic)


@pytest.fixture
async def house(
    tmp_path: Path, knowledge: Knowledge, wording: Wording, clock: FrozenClock
) -> AsyncIterator[House]:
    async with open_house(tmp_path, knowledge, wording, ByItsEnd(knowledge), clock) as house:
        yield house


@pytest.fixture
def talk(house: House) -> Talk:
    return house.worker()


# ── hearing it ───────────────────────────────────────────────────────────────────────────────────────


def test_there_are_enough_phrasings_to_mean_something() -> None:
    assert min(len(HEARD["relative"]), len(HEARD["employer"])) >= 40
    assert len(HEARD["herself"]) >= 150 and len(HEARD["sample_herself"]) >= 200
    assert len(set(HERSELF)) == len(HERSELF)


def test_whoever_asks_for_herself_is_never_taken_for_another(knowledge: Knowledge) -> None:
    taken = {text: who for text in HERSELF if (who := asked_for(text, knowledge.asking_for))}
    assert taken == {}


@pytest.mark.parametrize(("who", "other"), [("relative", AskedFor.EMPLOYER), ("employer", AskedFor.RELATIVE)])
def test_nine_in_ten_are_heard_and_none_is_taken_for_the_other(
    knowledge: Knowledge, who: str, other: AskedFor
) -> None:
    heard = {text: asked_for(text, knowledge.asking_for) for text in HEARD[who]}
    missed = [text for text, found in heard.items() if found is None]
    assert other not in heard.values()
    assert len(missed) <= 0.1 * len(heard), missed


def test_of_real_questions_for_others_half_are_heard_and_none_as_an_employers(knowledge: Knowledge) -> None:
    heard = [asked_for(text, knowledge.asking_for) for text in HEARD["sample_relative"]]
    assert AskedFor.EMPLOYER not in heard
    assert heard.count(AskedFor.RELATIVE) * 2 >= len(heard)


@pytest.mark.parametrize(
    "text", ["替　我　妹　问，她怀孕了", "替我妹問，她懷孕了", "替我妹问!!!她怀孕了", "ＨＲ替我妹问"]
)
def test_width_and_traditional_characters_make_no_difference(knowledge: Knowledge, text: str) -> None:
    expected = None if "　" in text or "Ｈ" in text else AskedFor.RELATIVE
    assert asked_for(text, knowledge.asking_for) is expected


@pytest.mark.parametrize("text", ["", "\n", "^…[{", "我妹" * 50_000, "我们公司有个" * 20_000, "a" * 100_000])
def test_no_text_takes_long(knowledge: Knowledge, text: str) -> None:
    asked_for("先编译", knowledge.asking_for)
    began = time.perf_counter()
    asked_for(text, knowledge.asking_for)
    assert time.perf_counter() - began < 0.2


# ── the rules as data ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("pattern", "wrong"),
    [
        ("{谁也不是}问", "words 里没有"),
        ("[{谁也不是}|她]问", "words 里没有"),
        ("[替|帮问", "括号不成对"),
        ("替{人问", "括号不成对"),
        ("[{人}的|她]", "括号不成对"),
        ("替|帮", "括号不成对"),
    ],
)
def test_a_pattern_that_cannot_be_read_is_a_fault(pattern: str, wrong: str) -> None:
    rules = rules_of(pattern)
    assert any(wrong in fault.wrong for fault in check_asking_for(rules))


def test_a_list_within_a_list_within_a_list_is_a_fault() -> None:
    rules = rules_of("替{甲}", 甲=("{乙}",), 乙=("{丙}",), 丙=("妹",))
    assert [fault.wrong for fault in check_asking_for(rules)] == ["词组里套了两层"]
    sound = rules_of("替{甲}问", 甲=("{丙}", "姐"), 丙=("妹",))
    assert not list(check_asking_for(sound))
    assert asked_for("替妹问", sound) is AskedFor.RELATIVE


def test_the_signs_of_the_language_mean_what_the_file_says() -> None:
    starts = rules_of("^替…[妹|姐]问")
    assert asked_for("你好，替我的妹问", starts) is AskedFor.RELATIVE
    assert asked_for("你好替我的妹问", starts) is None, "not at the beginning of a clause"
    assert asked_for("替我，妹问", starts) is None, "a gap does not leave its clause"
    assert asked_for("替一二三四五六七妹问", starts) is None, "a gap is six signs long at most"


def rules_of(pattern: str, **words: tuple[str, ...]) -> AskingFor:
    return AskingFor(
        words={"人": ("人",), **words},
        speaks_of_herself=("我",),
        harmless=("替我",),
        rules={AskedFor.RELATIVE: (AskingRule(patterns=(pattern,), own=False),)},
    )


def test_the_loader_names_a_faulty_file(tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "knowledge"
    shutil.copytree(DEFAULT_FOLDER, folder)
    path = folder / "asking_for.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("{照顾}", "{照看}", 1), encoding="utf-8")
    with pytest.raises(KnowledgeFaults) as caught:
        load_knowledge(folder)
    assert any(
        fault.file.endswith("asking_for.yaml") and "照看" in fault.wrong for fault in caught.value.faults
    )


# ── what is said ─────────────────────────────────────────────────────────────────────────────────────


async def test_for_a_relative_the_answer_has_one_line_more(talk: Talk, house: House) -> None:
    await talk.says(FOR_MY_SISTER)
    entry = house.knowledge.entries["pregnancy-dismissal"]
    talk.hears(entry.title, entry.short[:20], NOTE, "本人")
    assert len(talk.new) == 1
    await talk.taps("依据")
    talk.does_not_hear(NOTE)


async def test_an_employer_is_told_kindly_whom_the_rule_binds(talk: Talk) -> None:
    await talk.says("我是老板，员工的事：怀孕被辞退怎么办")
    talk.hears(DISMISSED, EMPLOYERS_NOTE, "12351", "12333")


async def test_for_herself_nothing_is_added(talk: Talk) -> None:
    await talk.says(DISMISSED)
    talk.does_not_hear(NOTE, EMPLOYERS_NOTE)


async def test_the_line_comes_with_a_chosen_answer_too_and_not_again_while_reading_on(
    talk: Talk, house: House
) -> None:
    await talk.says("替我妹问：怀孕被")
    talk.hears("您是不是想问")
    talk.does_not_hear(NOTE)
    house.clock.passes(minutes=1)
    await talk.taps(DISMISSED)
    talk.hears(NOTE)
    house.clock.passes(minutes=1)
    await talk.acts("t:wage-arrears")
    talk.does_not_hear(NOTE)


async def test_the_line_stands_under_the_first_of_several_answers(talk: Talk, house: House) -> None:
    title = house.knowledge.entries["nursing-break"].title
    between = "她在店里干了三年一直都是好好的老板前天突然变了脸说话很难听的"
    await talk.says(f"替我妹问，{DISMISSED}，{between}，{title}，不知道先问哪一件才好")
    talk.hears("有 2 件事")
    assert [NOTE in reply.text for reply in talk.new] == [False, True, False]


# ── a case for somebody else ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", ["tap", "type"])
async def test_a_case_for_another_waits_for_her_consent(talk: Talk, house: House, way: str) -> None:
    await talk.says(FOR_MY_SISTER)
    if way == "tap":
        await talk.taps("找工会帮我")
    else:
        await talk.says("找工会帮我")
    talk.hears("得本人同意", "110")
    assert (await talk.session()).draft is None
    await talk.taps("本人同意了，接着办")
    session = await talk.session()
    assert session.place is Place.OPENING and session.draft is not None
    await agree(talk)
    talk.hears("您想怎么留名")
    assert not await house.cases()


async def test_the_topic_of_the_answer_goes_with_the_consent(talk: Talk) -> None:
    await talk.says(FOR_MY_SISTER)
    await talk.taps("找工会帮我")
    await talk.taps("本人同意了，接着办")
    draft = (await talk.session()).draft
    assert draft is not None and draft.topic == "pregnancy-dismissal"


@pytest.mark.parametrize("asked", [DISMISSED, "我是老板，员工的事：怀孕被辞退怎么办"])
async def test_for_herself_or_an_employer_the_door_is_open(talk: Talk, asked: str) -> None:
    await talk.says(asked)
    await talk.taps("找工会帮我")
    talk.does_not_hear("得本人同意")
    assert (await talk.session()).place is Place.OPENING


async def test_a_draft_that_was_begun_is_not_asked_about_again(talk: Talk) -> None:
    await talk.says("找工会帮我")
    await talk.taps("同意")
    await talk.says("菜单")
    await talk.says(FOR_MY_SISTER)
    await talk.says("找工会帮我")
    talk.does_not_hear("得本人同意")


@pytest.mark.parametrize("data", ["a", "a:agreed:no-such-topic", "a:refused", "a:agreed:x:y", "a:<b>"])
async def test_a_forged_consent_does_no_harm(talk: Talk, house: House, data: str) -> None:
    await talk.acts(data)
    assert talk.new and not await house.cases()
    session = await talk.session()
    assert session.draft is None or not session.draft.consents


async def test_danger_of_a_relative_is_answered_with_safety(talk: Talk) -> None:
    await talk.says("替我妹问，她老公又打她了")
    assert "110" in talk.new[0].text and NOTE not in talk.new[0].text
