"""The staff group: a topic for each case, mended when people close or delete it, and no story in it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest_asyncio

from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, NameLevel
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.reply import Reply
from tests.fake_telegram.world import Chat
from tests.telegram_house import House, choices, open_house

GROUP = -1001234567890
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, staff_group=GROUP) as opened:
        opened.server.group(GROUP, forum=True)
        await opened.store.write(lambda unit: add_case(unit, "case1", "A26-0001"))
        yield opened


def add_case(unit: Unit, case_id: str, number: str) -> None:
    person = unit.people.get_or_add(Address("telegram", "1001"), NOW)
    card = CaseCard(
        case_id, number, CaseKind.MATERNITY, CaseStatus.NEW, True, "兴庆区", NameLevel.ANONYMOUS, None,
        "telegram", NOW, NOW, NOW + timedelta(hours=1), None,
    )  # fmt: skip
    unit.cases.add(card, Answers(happened="她的秘密"), person.id, f"code{case_id}", None)


def group_of(house: House) -> Chat:
    return house.server.world.chats[house.channel._group.chat or GROUP]


def said(house: House) -> list[tuple[str, int | None]]:
    return [(message.text, message.thread) for message in group_of(house).messages.values() if message.text]


async def test_a_case_gets_one_topic_named_by_number_and_kind_only(house: House) -> None:
    house.start("deliver")
    await house.ring(Reply("有新案件"), Reply("还有一条"), case_id="case1")
    await house.until(lambda: len(said(house)) == 2)
    (topic,) = group_of(house).topics.values()
    assert topic.name == "A26-0001 三期与生育"
    assert said(house) == [("有新案件", topic.id), ("还有一条", topic.id)]


async def test_the_topic_is_found_again_after_a_restart(tmp_path: Path, house: House) -> None:
    house.start("deliver")
    await house.ring(Reply("一"), case_id="case1")
    await house.until(lambda: len(said(house)) == 1)
    await house.stop()
    topic = next(iter(group_of(house).topics))
    assert await house.store.read(lambda unit: unit.cases.case_of_topic(f"{GROUP}:{topic}")) == "case1"


async def test_a_message_without_a_case_goes_to_the_main_page(house: House) -> None:
    house.start("deliver")
    await house.ring(Reply("警告"))
    await house.until(lambda: said(house))
    assert said(house) == [("警告", None)]


async def test_the_bell_card_is_changed_in_place(house: House) -> None:
    house.start("deliver")
    await house.ring(Reply("待认领", choices("认领"), card="bell:case1"), case_id="case1")
    await house.until(lambda: said(house))
    await house.ring(Reply("已认领", card="bell:case1"), case_id="case1")
    await house.until(lambda: [text for text, _ in said(house)] == ["已认领"])


async def test_a_closed_topic_is_opened_again(house: House) -> None:
    house.start("deliver")
    await house.ring(Reply("一"), case_id="case1")
    await house.until(lambda: said(house))
    (topic,) = group_of(house).topics.values()
    topic.closed = True
    await house.ring(Reply("二"), case_id="case1")
    await house.until(lambda: len(said(house)) == 2)
    assert not topic.closed
    assert len(group_of(house).topics) == 1


async def test_a_deleted_topic_is_made_anew(house: House) -> None:
    house.start("deliver")
    await house.ring(Reply("一"), case_id="case1")
    await house.until(lambda: said(house))
    (first,) = group_of(house).topics.values()
    first.deleted = True
    await house.ring(Reply("二"), case_id="case1")
    await house.until(lambda: len(said(house)) == 2)
    second = max(group_of(house).topics)
    assert said(house)[-1] == ("二", second)
    assert second != first.id
    assert await house.store.read(lambda unit: unit.cases.topic("case1")) == f"{GROUP}:{second}"


async def test_a_topic_that_telegram_does_not_find_is_made_anew(house: House) -> None:
    await house.store.write(lambda unit: unit.cases.keep_topic("case1", f"{GROUP}:999"))
    house.start("deliver")
    await house.ring(Reply("一"), case_id="case1")
    await house.until(lambda: said(house))
    assert said(house)[0][1] in group_of(house).topics


async def test_a_card_in_a_deleted_topic_is_sent_anew(house: House) -> None:
    house.start("deliver")
    await house.ring(Reply("旧卡", card="bell:case1"), case_id="case1")
    await house.until(lambda: said(house))
    (first,) = group_of(house).topics.values()
    first.deleted = True
    house.server.faults.refuse("editMessageText", 400, "Bad Request: TOPIC_DELETED")
    await house.ring(Reply("新卡", card="bell:case1"), case_id="case1")
    await house.until(lambda: ("新卡", max(group_of(house).topics)) in said(house))


async def test_a_group_without_topics_gets_plain_messages(tmp_path: Path) -> None:
    async with open_house(tmp_path, staff_group=-77) as house:
        house.server.group(-77)
        await house.store.write(lambda unit: add_case(unit, "case1", "A26-0001"))
        house.start("deliver")
        await house.ring(Reply("有新案件"), Reply("二"), case_id="case1")
        await house.until(lambda: len(said(house)) == 2)
        assert [thread for _, thread in said(house)] == [None, None]
        tries = [call for call in house.server.calls if call.method == "createForumTopic"]
        assert len(tries) == 1


async def test_without_the_right_to_make_topics_the_bell_still_rings(house: House) -> None:
    group_of(house).may_make_topics = False
    house.start("deliver")
    await house.ring(Reply("有新案件"), case_id="case1")
    await house.until(lambda: said(house))
    assert said(house) == [("有新案件", None)]


async def test_a_group_that_grows_is_followed_by_the_answer_of_a_send(tmp_path: Path) -> None:
    async with open_house(tmp_path, staff_group=-77) as house:
        house.server.group(-77)
        await house.store.write(lambda unit: add_case(unit, "case1", "A26-0001"))
        house.server.migrate(-77, GROUP, forum=True)
        house.start("deliver")
        await house.ring(Reply("有新案件"), case_id="case1")
        await house.until(lambda: said(house))
        assert group_of(house).id == GROUP
        assert said(house)[0][1] in group_of(house).topics
        assert await house.store.read(lambda unit: unit.facts.get("telegram_group")) == f"-77 {GROUP}"


async def test_a_group_that_grows_is_followed_by_telegrams_notice_and_after_a_restart(tmp_path: Path) -> None:
    async with open_house(tmp_path, staff_group=-77) as house:
        house.server.group(-77)
        house.server.migrate(-77, GROUP, forum=True)
        house.start("channel", "process")
        await house.until_stored(lambda unit: unit.facts.get("telegram_group"))
        house.server.member(GROUP, 42).sends("大家好")
        await house.until(lambda: house.ear.heard)
        assert house.ear.heard[-1].chat == str(GROUP)
        await house.stop()
        house.channel._group.chat = -77
        house.start("channel")
        await house.until(lambda: house.channel._group.chat == GROUP)


async def test_words_and_taps_of_staff_reach_the_group_desk_in_order(house: House) -> None:
    house.start()
    await house.ring(Reply("有新案件", choices("认领"), card="bell:case1"), case_id="case1")
    await house.until(lambda: said(house))
    (topic,) = group_of(house).topics.values()
    member = house.server.member(GROUP, 42)
    member.sends("已联系单位", thread=topic.id)
    member.taps("认领")
    await house.until(lambda: len(house.ear.heard) == 2)
    note, tap = house.ear.heard
    assert (note.text, note.thread, note.staff_telegram_id) == ("已联系单位", str(topic.id), "42")
    assert (tap.action, tap.thread) == ("t:0", str(topic.id))


async def test_a_bot_thrown_out_of_the_group_waits_and_loses_nothing(house: House) -> None:
    group_of(house).blocked = True
    house.start("deliver")
    await house.ring(Reply("有新案件"))
    await house.until(lambda: any(call.code == 403 for call in house.server.calls))
    counts = await house.counts()
    assert counts["dead"] == 0


async def test_without_a_group_the_message_is_a_dead_letter_by_name(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        house.start("deliver")
        await house.ring(Reply("有新案件"))
        await house.until_stored(lambda unit: unit.outbox.counts()["dead"] == 1)
        assert house.server.calls == []
