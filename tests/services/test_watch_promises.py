"""The silence drill: half, all, one and a half of the promised time, on a real store with a moved clock."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, EventKind, NameLevel, PauseReason
from bot.domain.civil_time import at_clock, civil_day
from bot.domain.errors import Refused
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_duty import Absence
from bot.domain.ports_team import ContactWith
from bot.domain.promises import Promises
from bot.domain.reply import Lane
from bot.domain.staff import Role, StaffMember
from bot.services import case_work, drafts, pause_clock, plan_duty, team_work, watch_promises
from bot.services.bell import Bell
from bot.services.case_work import Desk
from tests.conversation.steps import open_case
from tests.talk import House, Talk

MONDAY = (2026, 11, 23)


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return at_clock(date(year, month, day), hour, minute)


@dataclass
class Office:
    """The staff around a house, and the clock that looks after their cases."""

    house: House
    desk: Desk

    async def hires(self, name: str, *roles: Role, **more: Any) -> StaffMember:
        now = self.house.clock.now()
        member = StaffMember(f"id-{name}", name, frozenset(roles or {Role.OFFICER}), True, now, **more)
        await self.house.write(lambda unit: unit.staff.add(member))
        return member

    async def sweeps(self, moment: datetime | None = None) -> int:
        """Move the clock there and look once, as the worker does every minute."""
        if moment is not None:
            self.house.clock.passes(seconds=(moment - self.house.clock.now()).total_seconds())
        now = self.house.clock.now()
        return await self.house.write(lambda unit: watch_promises.sweep(unit, now, self.desk))

    async def does(self, work: Callable[[Unit, datetime, Desk], Any]) -> Any:
        now = self.house.clock.now()
        return await self.house.write(lambda unit: work(unit, now, self.desk))

    async def case(self) -> CaseCard:
        [card] = await self.house.cases()
        return card

    async def told(self, member: StaffMember) -> list[str]:
        """Unread notices, newest first."""
        found = await self.house.read(lambda unit: unit.duty.notices(member.id, 50))
        return [one.text for one in found if one.read_at is None]

    async def steps(self) -> list[str]:
        card = await self.case()
        events = await self.house.read(lambda unit: unit.cases.outline(card.id, [EventKind.URGED]))
        return [event.facts["step"] for event in events]


@pytest.fixture
async def office(house: House) -> AsyncIterator[Office]:
    bell = Bell(house.wording, None, "https://example.test")
    yield Office(house, Desk(house.wording, bell, Promises(), "12351"))


@pytest.fixture
async def opened(office: Office, talk: Talk) -> Talk:
    """She hands a case in on Monday at nine: four working hours, so until 15:00."""
    return await hands_in(office, talk, at(*MONDAY, 9))


async def hands_in(office: Office, talk: Talk, moment: datetime) -> Talk:
    """A case of hers at that moment, without the questions that lead to it (they have their own tests)."""
    office.house.clock.passes(seconds=(moment - office.house.clock.now()).total_seconds())
    person, case_id = await talk.person_id(), f"case{len(await office.house.cases())}"

    def add(unit: Unit) -> None:
        by = office.desk.promises.first_answer_by(moment, CaseKind.OTHER, urgent=False)
        card = CaseCard(
            case_id, unit.cases.next_number(moment), CaseKind.OTHER, CaseStatus.NEW, False, "金凤区",
            NameLevel.ANONYMOUS, None, "webchat", moment, moment, by, None,
        )  # fmt: skip
        unit.cases.add(card, Answers(happened="三个月没发工资"), person, f"code-{case_id}", None)
        unit.cases.add_event(card.id, EventKind.OPENED, by="worker", at=moment)

    await office.house.write(add)
    return talk


async def hears(talk: Talk) -> list[str]:
    await talk._delivered()
    return [reply.text for reply in talk.new]


async def claim(office: Office, member: StaffMember) -> CaseCard:
    card = await office.case()
    return await office.does(lambda unit, now, desk: case_work.claim(unit, member, card.id, now, desk))


async def answer(office: Office, member: StaffMember, text: str) -> None:
    card = await office.case()

    def work(unit: Unit, now: datetime, desk: Desk) -> None:
        draft = drafts.write_draft(unit, member, card.id, text, now, desk)
        drafts.send_draft(unit, member, card.id, draft.id, now, desk)

    await office.does(work)


async def test_silence_is_reminded_given_on_and_told_to_the_leaders_and_she_sees_each(office, opened):
    first, second = await office.hires("李干事"), await office.hires("张干事")
    leader = await office.hires("王主任", Role.LEADER)
    await claim(office, first)
    await hears(opened)

    assert await office.sweeps(at(*MONDAY, 10, 59)) == 0
    assert await office.sweeps(at(*MONDAY, 11)) == 1, "half of four working hours"
    assert await office.sweeps() == 0, "once"
    [text] = await office.told(first)
    assert "过半" in text and "A26-0001" in text and "15:00" in text
    assert (await office.case()).urged == 50
    assert await hears(opened) == []

    assert await office.sweeps(at(*MONDAY, 14, 59)) == 0, "lunch does not count"
    assert await office.sweeps(at(*MONDAY, 15)) == 1
    card = await office.case()
    assert (card.assignee, card.urged) == (second.id, 100)
    assert card.promised_at == at(2026, 11, 24, 10, 30)
    [message] = await hears(opened)
    assert message.startswith("您的事已催办，改由另一位工作人员负责")
    assert "明天（11月24日）10:30 前给您答复" in message
    assert second.name not in message
    assert "已转到您名下" in (await office.told(second))[0]
    assert "已转给另一位同事" in (await office.told(first))[0]
    assert await office.told(leader) == []

    assert await office.sweeps(at(*MONDAY, 16, 59)) == 0
    assert await office.sweeps(at(*MONDAY, 17)) == 1, "two more working hours: one and a half of the first"
    [message] = await hears(opened)
    assert "也报给了负责人" in message and "12351" in message and "10:30" in message
    [text] = await office.told(leader)
    assert "请您过问" in text and "张干事" in text
    assert await office.sweeps() == 0
    assert await office.steps() == ["50", "100", "150"]

    await opened.says("我的事")
    assert opened.new[0].text.count("已催办") == 3

    await answer(office, second, "已经联系单位")
    assert (await office.case()).urged == 0
    assert await office.sweeps(at(2026, 11, 26, 17)) == 0, "she was answered: the next word is due later"


async def test_a_second_broken_promise_goes_to_the_leaders_at_once_and_silence_never_ends_unseen(
    office, opened
):
    first, second = await office.hires("李干事"), await office.hires("张干事")
    leader = await office.hires("王主任", Role.LEADER)
    await claim(office, first)
    for moment in (at(*MONDAY, 15), at(*MONDAY, 17), at(2026, 11, 24, 10, 30)):
        assert await office.sweeps(moment) == 1
    card = await office.case()
    assert (card.assignee, card.urged) == (first.id, 150), "back to the one with fewest open cases"
    assert await office.steps() == ["100", "150", "150"]
    assert len(await office.told(leader)) == 2
    assert card.promised_at > at(2026, 11, 24, 10, 30)
    assert len(await office.told(second)) == 3


async def test_an_urgent_case_nobody_answers_is_not_handed_round_all_night(office, talk):
    await office.hires("李干事")
    await office.hires("张干事")
    leader = await office.hires("王主任", Role.LEADER)
    await hands_in(office, talk, at(*MONDAY, 20))
    card = await office.case()
    urgent = replace(card.promising(at(*MONDAY, 20, 30), card.opened_at), urgent=True)
    await office.house.write(lambda unit: unit.cases.save_card(urgent))
    for minutes in range(0, 3 * 24 * 60, 10):
        await office.sweeps(at(*MONDAY, 20) + timedelta(minutes=minutes))
    events = await office.house.read(lambda unit: unit.cases.outline(card.id, [EventKind.ASSIGNED]))
    assert len(events) == 2, "two are given it, then the leaders have it"
    assert 3 <= len(await office.told(leader)) <= 30
    assert len(await hears(talk)) <= 20
    assert (await office.case()).promised_at > office.house.clock.now(), "she always knows the next time"


async def test_a_telephone_call_with_her_is_an_answer_and_keeps_the_promise(office, opened):
    officer = await office.hires("李干事")
    card = await claim(office, officer)
    assert await office.sweeps(at(*MONDAY, 11, 30)) == 1
    await office.does(
        lambda unit, now, desk: team_work.log_contact(
            unit, officer, card.id, EventKind.CALL, ContactWith.HER, now, 10, "说了要留的证据", now, desk
        )
    )
    now = await office.case()
    assert now.urged == 0 and now.promised_at > card.promised_at
    assert await office.sweeps(at(*MONDAY, 17)) == 0


async def test_after_a_long_stop_only_the_highest_step_acts(office, opened):
    first, second = await office.hires("李干事"), await office.hires("张干事")
    leader = await office.hires("王主任", Role.LEADER)
    await claim(office, first)
    await hears(opened)
    assert await office.sweeps(at(2026, 11, 27, 9)) == 1
    assert await office.steps() == ["150"]
    [message] = await hears(opened)
    assert "改由另一位工作人员负责" in message and "也报给了负责人" in message
    assert (await office.case()).assignee == second.id
    assert len(await office.told(leader)) == 1
    assert await office.sweeps() == 0


async def test_nobody_else_means_the_leaders_hear_and_she_still_gets_a_new_time(office, opened):
    alone = await office.hires("李干事")
    await claim(office, alone)
    await hears(opened)
    await office.sweeps(at(*MONDAY, 15))
    [message] = await hears(opened)
    assert message.startswith("您的事已催办。让您久等了")
    assert (await office.case()).assignee == alone.id
    assert "没有别的同事能接" in (await office.told(alone))[0]


async def test_many_silent_cases_are_done_in_parts_the_urgent_ones_first(office, talk):
    await office.hires("李干事")
    for _ in range(3):
        await hands_in(office, talk, at(*MONDAY, 9))
    last = (await office.house.cases())[-1]
    await office.does(lambda unit, now, desk: unit.cases.save_card(replace(last, urgent=True)))
    urged = []
    for minute in range(3):
        moment = at(*MONDAY, 16, minute)
        await office.does(lambda unit, _, desk, at=moment: watch_promises.sweep(unit, at, desk, most=1))
        urged.append({card.id for card in await office.house.cases() if card.urged})
    assert [len(ids) for ids in urged] == [1, 2, 3] and urged[0] == {last.id}


async def test_the_order_is_duty_then_substitute_then_whoever_has_room_and_never_somebody_barred(
    office, opened
):
    owner = await office.hires("甲")
    away, standing_in = await office.hires("乙"), await office.hires("丙")
    barred = await office.hires("丁", employer_id="e1")
    await claim(office, owner)
    card = await office.case()
    today = civil_day(at(*MONDAY, 9))

    def prepare(unit: Unit, now: datetime, desk: Desk) -> None:
        unit.cases.save_card(replace(unit.cases.card(card.id), employer_id="e1"))
        unit.duty.plan(today, [barred.id, away.id])
        unit.duty.add_absence(Absence("a", away.id, standing_in.id, today, today))

    await office.does(prepare)
    await office.sweeps(at(*MONDAY, 15))
    assert (await office.case()).assignee == standing_in.id, "barred on duty, away on duty, so who has room"
    assert await office.told(barred) == []


async def test_at_half_time_a_case_of_somebody_away_goes_to_her_substitute(office, opened):
    owner, standing_in = await office.hires("甲"), await office.hires("乙")
    await claim(office, owner)
    today = civil_day(at(*MONDAY, 9))
    absence = Absence("a", owner.id, standing_in.id, today, today + timedelta(days=4))
    await office.does(lambda unit, now, desk: unit.duty.add_absence(absence))
    await office.sweeps(at(*MONDAY, 11))
    card = await office.case()
    assert (card.assignee, card.promised_at) == (standing_in.id, at(*MONDAY, 15)), "the promise stays"
    assert "由您代班" in (await office.told(standing_in))[0]


async def test_an_unclaimed_case_rings_whoever_is_on_duty_after_half_an_hour_of_work(office, opened):
    on_duty, other = await office.hires("甲"), await office.hires("乙")
    today = civil_day(at(*MONDAY, 9))
    await office.does(lambda unit, now, desk: unit.duty.plan(today, [on_duty.id]))
    assert await office.sweeps(at(*MONDAY, 9, 29)) == 0
    assert await office.sweeps(at(*MONDAY, 9, 30)) == 1
    assert "还没有人认领" in (await office.told(on_duty))[0]
    assert await office.told(other) == []
    await office.sweeps(at(*MONDAY, 15))
    card = await office.case()
    assert (card.assignee, card.status) == (on_duty.id, CaseStatus.ACCEPTED)
    assert (await hears(opened))[-1].startswith("您的事已催办，已经安排工作人员负责。")


async def test_danger_alarms_at_night_at_the_desk_and_on_telegram(office, talk):
    officer = await office.hires("李干事", telegram_id="7001")
    await office.hires("编辑", Role.CURATOR)
    now = office.house.clock.now()
    assert at(2026, 11, 22, 20) == now, "a Sunday evening"
    await office.house.write(lambda unit: unit.people.get_or_add(Address("telegram", "7001"), now))
    await open_case(talk)
    await talk.taps("补充")
    await talk.says("老板现在把我锁在屋里打我")
    card = await office.case()
    assert card.urgent and card.promised_at == now + timedelta(minutes=30)
    [text] = await office.told(officer)
    assert text.startswith("紧急：A26-0001") and "锁" not in text
    rows = await office.house.write(lambda unit: unit.outbox.claim("telegram", now, 9))
    private = [row for row in rows if row.to is not None]
    assert [(row.to.id, row.lane, row.reply.text) for row in private] == [("7001", Lane.URGENT, text)]
    assert await office.sweeps(now + timedelta(minutes=15)) == 1, "every minute of the night counts"


async def test_a_paused_clock_stands_still_and_her_words_let_it_run_again(office, opened):
    officer = await office.hires("李干事")
    await claim(office, officer)
    card = await office.case()
    await hears(opened)
    await office.sweeps(at(*MONDAY, 10))

    def pause(unit: Unit, now: datetime, desk: Desk) -> CaseCard:
        return pause_clock.pause(
            unit, officer, card.id, PauseReason.HER_ANSWER, "请把工资条拍来", now, desk
        )  # fmt: skip

    await office.does(pause)
    [message] = await hears(opened)
    assert "等您补充内容" in message and "请把工资条拍来" in message
    with pytest.raises(Refused, match="already_paused"):
        await office.does(pause)
    assert await office.sweeps(at(2026, 12, 1, 10)) == 0
    await opened.says("我的事")
    opened.hears(
        "下一步：先等一等：等您补充内容", "先等一等（等您补充内容，您写来马上接着办）。工会：请把工资条拍来"
    )

    await opened.taps("补充")
    await opened.says("工资条在这里")
    card = await office.case()
    assert card.paused_at is None and card.pause_reason is None
    assert card.promised_at == at(2026, 12, 1, 15), "three of four hours were left"
    await opened.says("我的事")
    opened.hears("接着办，承诺的时间继续计算")
    assert await office.sweeps(at(2026, 12, 1, 11)) == 1, "half of the four hours"


async def test_a_resumed_promise_moves_on_by_the_working_time_it_stood_still(office, opened):
    officer = await office.hires("李干事")
    await claim(office, officer)
    card = await office.case()
    office.house.clock.passes(hours=1)
    await office.does(lambda unit, now, desk: pause_clock.pause(
        unit, officer, card.id, PauseReason.PARTNER, "", now, desk))  # fmt: skip
    await hears(opened)
    await office.sweeps(at(2026, 11, 25, 9))
    await office.does(lambda unit, now, desk: pause_clock.resume(unit, officer, card.id, "", now, desk))
    assert (await office.case()).promised_at == at(2026, 11, 25, 12), "three hours were left"
    assert "12:00 前给您答复" in (await hears(opened))[0]
    with pytest.raises(Refused, match="not_paused"):
        await office.does(lambda unit, now, desk: pause_clock.resume(unit, officer, card.id, "", now, desk))
    await office.sweeps(at(2026, 11, 25, 14))
    with pytest.raises(Refused, match="pause_reason"):
        await office.does(lambda unit, now, desk: pause_clock.pause(
            unit, officer, card.id, None, "", now, desk))  # fmt: skip


async def test_a_promise_that_is_over_is_not_paused_away_and_a_long_pause_is_reminded_of(office, opened):
    officer = await office.hires("李干事")
    await claim(office, officer)
    card = await office.case()

    def pause(unit: Unit, now: datetime, desk: Desk) -> CaseCard:
        return pause_clock.pause(unit, officer, card.id, PauseReason.PROCEDURE, "", now, desk)

    office.house.clock.passes(hours=8)
    with pytest.raises(Refused, match="pause_late"):
        await office.does(pause)
    await office.sweeps()
    await office.does(pause)
    assert await office.sweeps(at(2026, 12, 14, 18)) == 0, "fifteen working days"
    assert await office.sweeps(at(2026, 12, 15, 9)) == 1
    assert "15 个工作日" in (await office.told(officer))[0]
    assert await office.sweeps(at(2026, 12, 16, 9)) == 0


async def test_a_promise_over_the_national_day_is_reminded_on_the_first_working_day(office, talk):
    await hands_in(office, talk, at(2026, 9, 30, 16, 30))
    officer = await office.hires("李干事")
    await claim(office, officer)
    assert (await office.case()).promised_at == at(2026, 10, 8, 12), "1 h before, 3 h after the holiday"
    for day in range(1, 8):
        assert await office.sweeps(at(2026, 10, day, 12)) == 0
    assert await office.sweeps(at(2026, 10, 8, 10)) == 1
    assert await office.steps() == ["50"]


async def test_a_time_in_a_year_without_published_holidays_is_said_to_be_provisional(office, talk):
    await hands_in(office, talk, at(2026, 12, 31, 16))
    await claim(office, await office.hires("李干事"))
    [message] = await hears(talk)
    assert "2027年1月1日" in message and "放假安排公布前暂定" in message
    await talk.says("我的事")
    talk.hears("放假安排公布前暂定）前回复您")


async def test_closing_is_reminded_of_before_and_after_its_day(office, opened):
    officer = await office.hires("李干事")
    leader = await office.hires("王主任", Role.LEADER)
    await claim(office, officer)
    by = Promises().close_by(at(*MONDAY, 9), CaseKind.OTHER, urgent=False)
    assert civil_day(by) == date(2027, 1, 22)
    await answer(office, officer, "在办")
    texts: list[str] = []
    for day in (date(2027, 1, 14), date(2027, 1, 16), date(2027, 1, 23)):
        await office.sweeps(at_clock(day, 9))
        texts = await office.told(officer)
    assert sum("快到办结期限" in text for text in texts) <= 1
    assert any("超过办结期限" in text for text in await office.told(leader))


async def test_cases_of_a_switched_off_account_are_told_to_the_leaders_until_handed_over(office, opened):
    gone, taker = await office.hires("李干事"), await office.hires("张干事")
    leader = await office.hires("王主任", Role.LEADER)
    await claim(office, gone)
    await office.does(lambda unit, now, desk: unit.staff.save(replace(gone, active=False)))
    assert await office.sweeps(at(*MONDAY, 9, 10)) == 1
    assert "李干事 的账号已停用，名下还有 1 件" in (await office.told(leader))[0]
    assert await office.sweeps() == 0
    await hears(opened)
    done = await office.does(lambda unit, now, desk: plan_duty.hand_over_all(
        unit, leader, gone.id, taker.id, now, desk))  # fmt: skip
    assert [card.number for card in done.given] == ["A26-0001"] and not done.kept
    assert ["换了一位工作人员接手" in text for text in await hears(opened)] == [True]
    await office.sweeps(at(2026, 11, 24, 8))
    assert sum("已停用" in text for text in await office.told(leader)) == 1
