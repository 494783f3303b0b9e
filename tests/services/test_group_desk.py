"""Staff at work in the Telegram group: over the fake Bot API, the real store and the real case work."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, EventKind, NameLevel
from bot.domain.clock import RealClock
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.promises import Promises
from bot.domain.staff import Role, StaffMember
from bot.services import accounts
from bot.services.bell import Bell, ring
from bot.services.case_work import Desk
from bot.services.group_desk import GroupDesk
from tests.fake_telegram.world import Chat, User
from tests.telegram_house import House, open_house

GROUP = -1001234567890
HERS = 1001
CASE = "case1"
SECRET = "她的秘密"
NOW = RealClock().now()
LI = StaffMember("li", "李干部", frozenset({Role.OFFICER}), True, NOW, telegram_id="501")
ZHAO = StaffMember("zhao", "赵律师", frozenset({Role.LAWYER}), True, NOW, telegram_id="502")
EDITOR = StaffMember("editor", "钱编辑", frozenset({Role.CURATOR}), True, NOW, telegram_id="503")


@dataclass(slots=True)
class GroupHouse:
    house: House
    desk: Desk

    @property
    def group(self) -> Chat:
        return self.house.server.world.chats[GROUP]

    @property
    def topic(self) -> int:
        (topic,) = self.group.topics
        return topic

    def member(self, telegram_id: int) -> User:
        return self.house.server.member(GROUP, telegram_id)

    def said(self) -> list[str]:
        return [
            message.text for message in self.group.messages.values() if message.sender == 0 and message.text
        ]

    async def hears(self, words: str) -> str:
        """Wait until the bot says something in the group; returns all of that message."""
        await self.house.until(lambda: any(words in text for text in self.said()))
        return next(text for text in reversed(self.said()) if words in text)

    async def claims(self, telegram_id: int) -> None:
        """Tap on claim, and say that there is no conflict of interest."""
        self.member(telegram_id).taps(self.house.wording.bell.claim)
        await self.hears("与这件事里的单位有关系吗")
        await self.settled()
        self.member(telegram_id).taps(self.house.wording.group.buttons.not_mine)
        await self.hears("已认领")
        await self.settled()

    async def settled(self) -> None:
        """Everything that came was handled and everything queued was sent."""
        await self.house.until(lambda: self.house.server.pending() == 0)

        def idle(unit: Unit) -> bool:
            outbox = unit.outbox.counts()
            return unit.inbox.counts()["pending"] == 0 and outbox["queued"] + outbox["sending"] == 0

        await self.house.until_stored(idle)

    async def events(self) -> list[EventKind]:
        kinds = list(EventKind)
        return [e.kind for e in await self.house.store.read(lambda unit: unit.cases.outline(CASE, kinds))]


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[GroupHouse]:
    async with open_house(tmp_path, staff_group=GROUP) as house:
        house.server.group(GROUP, forum=True)
        house.server.user(HERS)
        bell = Bell(house.wording, "telegram", "https://desk.example.org")
        desk = Desk(house.wording, bell, Promises())
        house.process._group_desk = GroupDesk(house.store, desk, RealClock())

        def open_case(unit: Unit) -> None:
            for member in (LI, ZHAO, EDITOR):
                unit.staff.add(replace(member, telegram_id=None))
                unit.staff.save(member)
            person = unit.people.get_or_add(Address("telegram", str(HERS)), NOW)
            card = CaseCard(
                CASE, "A26-0001", CaseKind.MATERNITY, CaseStatus.NEW, False, "兴庆区", NameLevel.ANONYMOUS,
                None, "telegram", NOW, NOW, NOW + timedelta(hours=4), None,
            )  # fmt: skip
            unit.cases.add(card, Answers(happened=SECRET), person.id, "1" * 25, None)
            ring(unit, card, NOW, bell)

        await house.store.write(open_case)
        house.start()
        opened = GroupHouse(house, desk)
        await opened.hears("A26-0001")
        yield opened


async def card_of(at: GroupHouse) -> CaseCard:
    card = await at.house.store.read(lambda unit: unit.cases.card(CASE))
    assert card is not None
    return card


async def test_the_bell_tells_of_work_and_not_of_her_story(at: GroupHouse) -> None:
    assert SECRET not in "".join(at.said())
    assert "兴庆区" in at.said()[0]


async def test_a_tap_on_claim_takes_the_case_and_the_card_shows_it(at: GroupHouse) -> None:
    await at.claims(501)
    card = await card_of(at)
    assert (card.assignee, card.status) == ("li", CaseStatus.ACCEPTED)
    await at.settled()
    labels = [label for message in at.group.messages.values() for label in message.labels()]
    assert at.house.wording.bell.claim not in labels


async def test_a_case_is_claimed_once_however_often_people_tap(at: GroupHouse) -> None:
    await at.claims(501)
    for _ in range(3):
        at.member(501).taps_data(f"g:mine:{CASE}", 1)
    await at.settled()
    assert (await at.events()).count(EventKind.CLAIMED) == 1


async def test_words_in_the_topic_are_a_note_and_never_reach_her(at: GroupHouse) -> None:
    at.member(501).sends("单位电话打过了，态度很差", thread=at.topic)
    at.member(501).sends("明天再打", thread=at.topic)
    await at.hears("内部备注")
    await at.settled()
    assert (await at.events()).count(EventKind.NOTE) == 2
    assert sum("内部备注" in text for text in at.said()) == 1  # the hint comes once a day
    assert at.house.server.user(HERS).sees().texts() == []


@pytest.mark.parametrize("lead", ["草稿：", "草稿:", "草稿 ： ", "/draft ", "/draft@safehouse_bot "])
async def test_a_draft_reaches_her_only_when_somebody_confirms_it(at: GroupHouse, lead: str) -> None:
    li, her = at.member(501), at.house.server.user(HERS)
    await at.claims(501)
    before = len(her.sees().texts())
    li.sends(f"{lead}请先别签字。", thread=at.topic)
    assert "请先别签字。" in await at.hears("还没有发出")
    await at.settled()
    assert len(her.sees().texts()) == before
    li.taps("发送给她")
    await at.house.until(lambda: any("请先别签字。" in text for text in her.sees().texts()))
    await at.hears("已把草稿发给她")
    await at.settled()
    assert not any("还没有发出" in text for text in at.said())  # the card gave way to what became of it
    assert EventKind.REPLY in await at.events()


async def test_after_a_tap_on_draft_the_next_words_are_one(at: GroupHouse) -> None:
    li = at.member(501)
    await at.claims(501)
    li.taps(at.house.wording.bell.draft)
    await at.hears("30 分钟内有效")
    li.sends("您好，我是工会的李老师。", thread=at.topic)
    await at.hears("还没有发出")
    li.sends("这句是备注", thread=at.topic)
    await at.settled()
    events = await at.events()
    assert (events.count(EventKind.DRAFT), events.count(EventKind.NOTE)) == (1, 1)


async def test_a_dropped_draft_is_gone(at: GroupHouse) -> None:
    li, her = at.member(501), at.house.server.user(HERS)
    await at.claims(501)
    li.sends("草稿：算了", thread=at.topic)
    await at.hears("还没有发出")
    buttons = {button["text"]: button["callback_data"] for message in at.group.messages.values()
               for row in message.keyboard for button in row if "callback_data" in button}  # fmt: skip
    card_id = max(number for number, message in at.group.messages.items() if message.keyboard)
    li.taps("作废")
    await at.hears("作废了草稿")
    li.taps_data(buttons["发送给她"], card_id)
    await at.settled()
    assert not any("算了" in text for text in her.sees().texts())


async def test_a_lawyer_does_not_see_or_answer_a_case_that_is_not_hers(at: GroupHouse) -> None:
    await at.claims(501)
    for act in (f"g:claim:{CASE}", f"g:draft:{CASE}", f"g:send:{CASE}:{'a' * 16}"):
        at.member(502).taps_data(act, 1)
    at.member(502).sends("草稿：我来答", thread=at.topic)
    at.member(502).sends("备注", thread=at.topic)
    await at.settled()
    assert (await card_of(at)).assignee == "li"
    events = await at.events()
    assert EventKind.DRAFT not in events
    assert EventKind.NOTE not in events
    refusals = [text for text in at.said() if text == at.house.wording.group.not_yours]
    assert len(refusals) == 5


async def test_the_same_answer_for_a_foreign_case_and_for_none(at: GroupHouse) -> None:
    at.member(503).taps_data(f"g:claim:{CASE}", 1)
    at.member(503).taps_data("g:claim:no-such-case", 1)
    await at.settled()
    answers = [text for text in at.said() if "A26-0001" not in text]
    assert answers == [at.house.wording.group.not_yours] * 2


async def test_a_stranger_gets_one_hint_a_day_and_no_data(at: GroupHouse) -> None:
    stranger = at.member(999)
    before = at.said()
    stranger.taps(at.house.wording.bell.claim)
    stranger.sends("这个案子是谁的？", thread=at.topic)
    stranger.sends("草稿：喂", thread=at.topic)
    await at.settled()
    assert at.said()[len(before) :] == [at.house.wording.group.unknown_staff]
    assert (await card_of(at)).assignee is None
    assert await at.events() == []


async def test_somebody_whose_account_was_disabled_does_nothing_and_is_told(at: GroupHouse) -> None:
    await at.house.store.write(lambda unit: unit.staff.save(replace(LI, active=False)))
    at.member(501).taps(at.house.wording.bell.claim)
    assert await at.hears("已经停用") == at.house.wording.group.account_off
    assert (await card_of(at)).assignee is None


@pytest.mark.parametrize(
    "data", ["g:claim", "g:claim:", "g:burn:case1", "x", "g:claim:case1:" + "a" * 40, "g:claim:ca se"]
)
async def test_forged_buttons_do_nothing(at: GroupHouse, data: str) -> None:
    at.member(501).taps_data(data, 1)
    await at.hears(at.house.wording.group.old_button)
    assert await at.events() == []


async def test_a_topic_without_a_case_says_so_and_keeps_nothing(at: GroupHouse) -> None:
    at.house.server.methods.createForumTopic({"chat_id": GROUP, "name": "闲聊"})
    other = max(at.group.topics)
    at.member(501).sends("大家好", thread=other)
    at.member(501).sends("草稿：您好", thread=other)
    await at.settled()
    assert at.said().count(at.house.wording.group.no_case_here) == 2
    assert await at.events() == []


async def test_talk_on_the_main_page_is_left_alone(at: GroupHouse) -> None:
    before = at.said()
    at.member(501).sends("中午吃什么")
    await at.settled()
    assert at.said() == before


async def test_an_empty_draft_is_refused_in_words(at: GroupHouse) -> None:
    at.member(501).sends("草稿：", thread=at.topic)
    await at.hears(at.house.wording.desk.refused["empty"])


async def code_for(at: GroupHouse, member: StaffMember) -> str:
    code, _ = await at.house.store.write(lambda unit: accounts.telegram_code(unit, member, RealClock().now()))
    return code


async def bound(at: GroupHouse, telegram_id: str) -> str | None:
    member = await at.house.store.read(lambda unit: unit.staff.by_telegram(telegram_id))
    return member.id if member else None


async def test_staff_bind_their_telegram_account_with_a_code_from_the_desk(at: GroupHouse) -> None:
    code = await code_for(at, EDITOR)
    new = at.house.server.user(777)
    new.sends(f"/link {code}")
    await at.house.until(lambda: any("钱编辑" in text for text in new.sees().texts()))
    assert await bound(at, "777") == "editor"
    assert await bound(at, "503") is None
    acts = await at.house.store.read(lambda unit: [line.act for line in unit.audit.lines("editor")])
    assert "telegram_bound" in acts


async def test_a_code_works_once_and_not_for_long(at: GroupHouse) -> None:
    code = await code_for(at, EDITOR)
    first, second = at.house.server.user(777), at.house.server.user(778)
    first.sends(f"/link {code}")
    await at.house.until(lambda: first.sees().texts())
    second.sends(f"/link {code}")
    await at.house.until(lambda: second.sees().texts())
    assert second.sees().texts() == [at.house.wording.group.link_wrong]
    past = (RealClock().now() - timedelta(seconds=1)).isoformat()
    await at.house.store.write(lambda unit: unit.facts.put("telegram-link:5555555555", f"editor|{past}"))
    second.sends("/link 5555555555")
    await at.house.until(lambda: len(second.sees().texts()) == 2)
    assert await bound(at, "778") is None


async def test_guessing_codes_is_limited(at: GroupHouse) -> None:
    code = await code_for(at, EDITOR)
    guesser = at.house.server.user(777)
    for number in range(10):
        guesser.sends(f"/link {number:010d}")
    guesser.sends(f"/link {code}")
    await at.house.until(lambda: len(guesser.sees().texts()) == 11)
    assert guesser.sees().texts()[-1] == at.house.wording.group.link_too_often
    assert await bound(at, "777") is None


async def test_a_code_shown_to_the_whole_group_is_burnt(at: GroupHouse) -> None:
    code = await code_for(at, EDITOR)
    at.member(999).sends(f"/link {code}")
    await at.hears(at.house.wording.group.link_wrong)
    new = at.house.server.user(777)
    new.sends(f"/link {code}")
    await at.house.until(lambda: new.sees().texts())
    assert await bound(at, "777") is None


async def test_a_message_to_her_carries_no_word_of_the_note(at: GroupHouse) -> None:
    li, her = at.member(501), at.house.server.user(HERS)
    await at.claims(501)
    li.sends("内部：怀疑她老板威胁她", thread=at.topic)
    await at.settled()
    assert not re.search("威胁|怀疑", str(her.sees()))


async def test_a_case_is_closed_in_its_topic_on_one_card_that_is_edited(at: GroupHouse) -> None:
    li, her = at.member(501), at.house.server.user(HERS)
    await at.claims(501)
    before = len(at.group.messages)
    for label, hears in (("办结", "哪一种"), ("咨询答复", "几个人"), ("1", "追回多少钱")):
        li.taps(label)
        await at.hears(hears)
        await at.settled()
    li.sends("8400", thread=at.topic)
    await at.hears("哪一种钱")
    for label, hears in (("生育津贴", "什么凭据"), ("转账记录", "8,400 元（生育津贴，转账记录）")):
        li.taps(label)
        await at.hears(hears)
        await at.settled()
    assert len(at.group.messages) == before + 2, "the card, and what was typed"
    li.taps("确认办结")
    await at.hears("已办结（咨询答复）")
    await at.house.until(lambda: any("8,400 元到账了吗" in text for text in her.sees().texts()))
    card = await card_of(at)
    assert (card.status, card.recovered_fen, card.people_helped) == (CaseStatus.CLOSED, 840_000, 1)
