"""去哪里办: which office, what it is for, what to bring; where it is only once somebody checked."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.conversation.actions import Do, act
from bot.conversation.place_links import kinds_for
from knowledge.faults import KnowledgeFaults
from knowledge.loader import DEFAULT_FOLDER, Knowledge, load_knowledge
from knowledge.models import Office, OfficeKind
from knowledge.wording import Wording
from tests.fakes import FrozenClock, PlainSearch
from tests.talk import House, Talk, open_house

DISMISSED = "怀孕被辞退怎么办"
TOLD = {"phone": "0951-5551234", "address": "某某路77号", "hours": "周一到周五"}


def office(name: str, kind: OfficeKind = OfficeKind.ARBITRATION, **told: object) -> Office:
    facts = {"id": name, "name": f"{name}仲裁院", "kind": kind, "competence": "劳动争议", "bring": ["申请书"]}
    return Office.model_validate(facts | told)


@pytest.fixture
async def other(
    tmp_path: Path, knowledge: Knowledge, wording: Wording, search: PlainSearch, clock: FrozenClock
) -> AsyncIterator[House]:
    """A house whose region has these offices only: two of one kind, and one that somebody went to see."""
    offices = (
        office("east", **TOLD),
        office("west", **TOLD, verified_on=date(2027, 1, 1)),
        office("gone", OfficeKind.LEGAL_AID, **TOLD, verified_on=date(2026, 11, 1)),
        office("{braces}".strip("{}"), OfficeKind.OTHER, competence="{union} {0} %s", bring=["{x}"]),
    )
    region = knowledge.region.model_copy(update={"directory": offices})
    async with open_house(tmp_path, replace(knowledge, region=region), wording, search, clock) as house:
        yield house


@pytest.mark.parametrize("typed", ["去哪里", "去哪里办", "地址", "电话？", "去哪", "/places"])
async def test_a_typed_word_shows_every_office(talk: Talk, house: House, typed: str) -> None:
    await talk.says(typed)
    talk.hears("去哪里办", "110", *(one.name for one in house.knowledge.region.directory))
    talk.sees_buttons("工会", "劳动仲裁", "劳动监察", "找工会帮我", "回首页")


@pytest.mark.parametrize("text", ["公司地址变了要重签合同吗", "老板不接电话，工资没给", "去哪里玩好"])
async def test_the_word_inside_a_sentence_is_no_command(talk: Talk, text: str) -> None:
    await talk.says(text)
    talk.does_not_hear("点一个，看它")


async def test_the_menu_of_ways_to_justice_leads_to_the_offices(talk: Talk) -> None:
    await talk.says("菜单")
    await talk.taps("去哪里说理")
    await talk.taps("去哪里办")
    talk.hears("点一个，看它")
    await talk.says("菜单")
    await talk.taps("没发工资")
    assert "去哪里办" not in [button.label for button in talk.new[0].buttons()]


async def test_an_office_tells_what_it_is_for_and_what_to_bring(talk: Talk, house: House) -> None:
    await talk.says("去哪里")
    await talk.taps("劳动仲裁")
    one = next(one for one in house.knowledge.region.directory if one.kind is OfficeKind.ARBITRATION)
    assert one.competence
    talk.hears(one.name, one.competence, *one.bring, "还在核对", "12333", "110")
    assert len(talk.screen) == 1, "the office takes the place of the list"
    await talk.taps("看全部地方")
    talk.hears("点一个，看它")
    assert len(talk.screen) == 1


async def test_every_kind_of_office_says_whom_to_ask(talk: Talk, house: House) -> None:
    asked = {
        OfficeKind.UNION: "12351", OfficeKind.LABOR_INSPECTION: "12333", OfficeKind.ARBITRATION: "12333",
        OfficeKind.LEGAL_AID: "12348", OfficeKind.WOMENS_FEDERATION: "12338", OfficeKind.INJURY: "12333",
    }  # fmt: skip
    for one in house.knowledge.region.directory:
        await talk.acts(act(Do.PLACES, "at", one.id))
        talk.hears("还在核对", "110", asked.get(one.kind, "123"))
    assert set(OfficeKind) == set(house.wording.talk.places.kinds)


async def test_the_steps_of_an_answer_lead_to_its_own_offices(talk: Talk) -> None:
    await talk.says(DISMISSED)
    assert "去哪里办" not in [button.label for button in talk.new[0].buttons()]
    await talk.taps("我该怎么做")
    await talk.taps("去哪里办")
    talk.hears(DISMISSED, "劳动仲裁", "劳动监察")
    talk.does_not_hear("公积金")
    assert len(talk.screen) == 2, "the answer stays"
    await talk.taps("看全部地方")
    talk.hears("公积金")


async def test_a_typed_word_after_an_answer_means_its_offices(talk: Talk, house: House) -> None:
    await talk.says(DISMISSED)
    await talk.says("去哪里办")
    talk.hears(f"“{DISMISSED}”")
    house.clock.passes(minutes=31)
    await talk.says("去哪里办")
    talk.does_not_hear(DISMISSED)


async def test_an_answer_about_places_has_the_way_there_at_once(talk: Talk, house: House) -> None:
    await talk.says(house.knowledge.entries["remedy-local-directory"].title)
    talk.sees_buttons("去哪里办")


def test_what_a_file_says_of_deadlines_tells_which_offices_help(knowledge: Knowledge) -> None:
    injury = kinds_for(knowledge.entries["injury-application"])
    assert OfficeKind.INJURY in injury and injury[0] is OfficeKind.UNION
    violence = kinds_for(knowledge.entries["domestic-violence"])
    assert {OfficeKind.COURT, OfficeKind.WOMENS_FEDERATION} <= set(violence)
    for category in ("remedy", "injury", "insurance", "union"):
        assert any(one.category == category for one in knowledge.entries.values())


async def test_an_unchecked_address_is_never_told(other: House) -> None:
    talk = other.worker()
    for name in ("east", "west"):  # never checked; checked on a day still to come
        await talk.acts(act(Do.PLACES, "at", name))
        talk.hears(f"{name}仲裁院", "劳动争议", "申请书", "还在核对", "12333")
        talk.does_not_hear(*TOLD.values(), "核对于")


async def test_a_checked_address_is_told_with_its_day(other: House) -> None:
    talk = other.worker()
    await talk.acts(act(Do.PLACES, "at", "gone"))
    talk.hears(*TOLD.values(), "核对于2026年11月1日")
    talk.does_not_hear("还在核对")


async def test_several_offices_of_a_kind_go_by_their_names(other: House) -> None:
    talk = other.worker()
    await talk.says("去哪里")
    talk.sees_buttons("east仲裁院", "west仲裁院", "法律援助")
    await talk.taps("west仲裁院")
    talk.hears("west仲裁院")


async def test_braces_in_an_office_are_shown_as_written(other: House) -> None:
    talk = other.worker()
    await talk.says("去哪里")
    await talk.taps("其他")
    talk.hears("{union} {0} %s", "{x}")


async def test_without_offices_she_is_told_whom_to_call(
    tmp_path: Path, knowledge: Knowledge, wording: Wording, search: PlainSearch, clock: FrozenClock
) -> None:
    bare = replace(knowledge, region=knowledge.region.model_copy(update={"directory": ()}))
    async with open_house(tmp_path, bare, wording, search, clock) as house:
        talk = house.worker()
        await talk.says("去哪里")
        talk.hears("12351", "110")
        await talk.says(DISMISSED)
        await talk.taps("我该怎么做")
        assert "去哪里办" not in [button.label for button in talk.new[0].buttons()]


@pytest.mark.parametrize(
    "data",
    ["w", "w:at", "w:at:nowhere", "w:for:nothing", "w:at:all:1", "w:in:all", "w:at:" + "a" * 60, "w:at:甲:1"],
)
async def test_a_forged_tap_is_answered_kindly(talk: Talk, data: str) -> None:
    await talk.acts(data)
    talk.hears("这个按钮已经过期了")


async def test_in_the_middle_of_a_form_the_word_is_her_answer(talk: Talk) -> None:
    await talk.says("找工会帮我")
    await talk.taps("同意")
    await talk.taps("同意")
    await talk.taps("匿名")
    await talk.says("电话")
    talk.hears("记下了")


def test_a_kind_of_office_nobody_knows_is_a_fault(tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "knowledge"
    shutil.copytree(DEFAULT_FOLDER, folder)
    path = folder / "regions" / "ningxia" / "yinchuan.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("kind: court", "kind: palace", 1), encoding="utf-8")
    with pytest.raises(KnowledgeFaults) as caught:
        load_knowledge(folder)
    [fault] = [one for one in caught.value.faults if one.file.endswith("yinchuan.yaml")]
    assert fault.key.endswith("kind") and "arbitration" in fault.write
