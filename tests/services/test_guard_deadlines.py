"""The guardian by the clock: who is warned, when, once; what staff correct; what she hears and what not."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.case_deadlines import DaySure, DeadlineState, DropReason, Interruption
from bot.domain.cases import Answers, CaseKind, CaseStatus, EventKind, PauseReason
from bot.domain.civil_time import at_clock
from bot.domain.errors import NotFound, Refused
from bot.domain.staff import Role
from bot.services import case_work, doubles, guard_deadlines, watch_promises
from tests.console.conftest import House, house, index, knowledge, public_url, wording

__all__ = ["house", "index", "knowledge", "public_url", "wording"]
TODAY = date(2026, 11, 22)


@pytest.fixture
async def officer(house):
    return await house.hires("李干事", Role.OFFICER)


@pytest.fixture
async def leader(house):
    return await house.hires("王主任", Role.LEADER)


async def at(house: House, day: date, hour: int = 10) -> None:
    """Move the clock to an hour of a day in Yinchuan."""
    wanted = datetime(day.year, day.month, day.day, hour, tzinfo=UTC) - timedelta(hours=8)
    house.clock.passes(seconds=(wanted - house.clock.now()).total_seconds())


async def sweeps(house: House) -> int:
    now = house.clock.now()
    return await house.write(lambda unit: guard_deadlines.sweep(unit, now, house.desk))


async def told(house: House, member) -> list[str]:
    notices = await house.store.read(lambda unit: unit.duty.notices(member.id, 50))
    return [one.text for one in sorted(notices, key=lambda one: one.at)]


async def dates(house: House, card) -> list:
    return list(await house.store.read(lambda unit: guard_deadlines.of_case(unit, card.id)))


async def adds(house: House, member, card, rule="lawsuit", day="2026-11-22"):
    now = house.clock.now()
    return await house.write(
        lambda unit: guard_deadlines.add(unit, member, card.id, rule, day, now, house.desk)
    )


async def steps_of(house: House, card) -> list[str]:
    events = await house.store.read(lambda unit: unit.cases.outline(card.id, [EventKind.DEADLINE]))
    return [event.facts["step"] for event in events]


async def test_an_award_is_counted_down_step_by_step_and_each_step_comes_once(house, officer, leader):
    card = await house.case(assignee=officer.id)
    await at(house, TODAY)
    [before] = [await house.heard(card.id)]
    one = await adds(house, officer, card)
    assert (one.last_on, one.sure) == (date(2026, 12, 7), DaySure.FIXED)
    assert len(await house.heard(card.id)) == len(before) + 1
    heard = (await house.heard(card.id))[-1]
    assert "12月7日" in heard and "还有 15 天" in heard and "起诉" not in heard and "仲裁" not in heard
    for left, member_hears, leader_hears in ((14, 1, 0), (8, 0, 0), (7, 1, 1), (3, 1, 1), (1, 1, 1)):
        mine, theirs = len(await told(house, officer)), len(await told(house, leader))
        await at(house, date(2026, 12, 7) - timedelta(days=left))
        await sweeps(house)
        assert await sweeps(house) == 0, "nothing twice"
        assert len(await told(house, officer)) - mine == member_hears, left
        assert len(await told(house, leader)) - theirs == leader_hears, left
        assert (await house.card(card.id)).urgent is (left <= 7)
    assert f"{card.number}（三期与生育）有一个法定期限还剩 1 天" in (await told(house, officer))[-1]
    await at(house, date(2026, 12, 8))
    assert await sweeps(house) == 1
    [one] = await dates(house, card)
    assert one.state is DeadlineState.LAPSED
    assert "已经过了" in (await told(house, officer))[-1] and "已经过了" in (await told(house, leader))[-1]
    assert "不等于没有办法" in (await house.heard(card.id))[-1]
    assert await steps_of(house, card) == ["set", "14", "7", "3", "1", "-1"]
    await at(house, date(2027, 1, 8))
    assert await sweeps(house) == 0


async def test_she_is_reminded_at_fourteen_and_three_days_by_day_and_in_words_that_tell_nothing(
    house, officer
):
    card = await house.case(assignee=officer.id)
    await at(house, TODAY)
    await adds(house, officer, card)
    heard = len(await house.heard(card.id))
    await at(house, date(2026, 11, 23), hour=3)
    await sweeps(house)
    assert len(await house.heard(card.id)) == heard, "nobody is woken"
    await at(house, date(2026, 11, 23), hour=9)
    await sweeps(house)
    reminder = (await house.heard(card.id))[heard:]
    assert len(reminder) == 1 and "还有 14 天" in reminder[0]
    assert reminder[0].splitlines()[0] == "您关心的事有一个日子快到了。"
    await at(house, date(2026, 12, 4))
    await sweeps(house)
    await sweeps(house)
    assert len(await house.heard(card.id)) == heard + 2


async def test_who_asked_for_silence_is_not_reminded(house, officer):
    card = await house.case(assignee=officer.id)
    await at(house, TODAY)
    await adds(house, officer, card)
    heard = len(await house.heard(card.id))
    await house.write(lambda unit: unit.people.set_quiet(unit.cases.people_of(card.id)[-1], True))
    for day in (date(2026, 11, 23), date(2026, 12, 4)):
        await at(house, day)
        await sweeps(house)
    await house.write(lambda unit: unit.people.set_quiet(unit.cases.people_of(card.id)[-1], False))
    await sweeps(house)
    assert len(await house.heard(card.id)) == heard


async def test_an_unclaimed_case_near_its_day_alarms_at_night_whoever_is_on_duty(house, officer, leader):
    card = await house.case(since="11月30日", kind=CaseKind.INJURY)
    await at(house, date(2026, 11, 27), hour=2)
    now = house.clock.now()
    answers = Answers(happened="手压伤了", since="2025年12月2日")
    await house.write(lambda unit: guard_deadlines.set_from_answers(unit, card, answers, now))
    [one] = await dates(house, card)
    assert (one.rule, one.last_on) == ("injury_worker", date(2026, 12, 2))
    assert await sweeps(house) == 1
    assert (await house.card(card.id)).urgent
    assert len(await told(house, officer)) == len(await told(house, leader)) == 1
    notices = await house.store.read(lambda unit: unit.duty.notices(officer.id, 5))
    assert notices[0].urgent and notices[0].case_id == card.id


async def test_a_date_a_month_ahead_waits_for_the_morning(house, officer):
    card = await house.case(assignee=officer.id)
    await at(house, TODAY)
    await adds(house, officer, card, "judicial_confirmation", "2026-11-22")
    first = len(await told(house, officer))
    await at(house, date(2026, 12, 8), hour=3)
    assert await sweeps(house) == 0
    await at(house, date(2026, 12, 8), hour=9)
    assert await sweeps(house) == 1
    assert len(await told(house, officer)) == first + 1


async def test_setting_again_from_answers_adds_nothing(house):
    card, now = await house.case(), house.clock.now()
    answers = Answers(happened="不发工资", since="上周三")
    for expected in (2, 0):
        kept = await house.write(lambda unit: guard_deadlines.set_from_answers(unit, card, answers, now))
        assert len(kept) == expected
    assert [one.rule for one in await dates(house, card)] == ["arbitration", "labor_inspection"]


async def test_a_date_without_its_day_is_asked_of_staff_once_and_fixed_by_them(house, officer):
    card = await house.case(assignee=officer.id)
    await at(house, TODAY)
    now = house.clock.now()
    await house.write(lambda unit: guard_deadlines.set_from_answers(unit, card, Answers(), now))
    assert await sweeps(house) == 0
    await at(house, date(2026, 11, 23))
    assert (await sweeps(house), await sweeps(house)) == (1, 0)
    assert "还算不出日子" in (await told(house, officer))[-1]
    [one] = await dates(house, card)
    now = house.clock.now()
    fixed = await house.write(
        lambda unit: guard_deadlines.change_day(
            unit, officer, card.id, one.id, "2026年1月5日", now, house.desk
        )
    )
    assert (fixed.last_on, fixed.sure, fixed.set_by) == (date(2027, 1, 5), DaySure.FIXED, officer.id)
    assert "2027年1月5日" in (await house.heard(card.id))[-1]


async def test_an_interruption_in_time_starts_anew_and_one_too_late_is_refused(house, officer):
    card = await house.case(assignee=officer.id)
    one = await adds(house, officer, card, "arbitration", "2026-01-10")
    now = house.clock.now()

    def anew(day, which=one.id):
        return house.write(
            lambda unit: guard_deadlines.interrupt(
                unit, officer, card.id, which, Interruption.CLAIMED, day, now, house.desk
            )
        )

    with pytest.raises(Refused, match="deadline_too_late"):
        await anew("2026-01-09")
    assert (await anew("2026-11-01")).last_on == date(2027, 11, 1)
    assert (await anew("2026-06-01")).last_on == date(2027, 11, 1), "an earlier one shortens nothing"
    award = await adds(house, officer, card)
    with pytest.raises(Refused, match="deadline_not_anew"):
        await anew("2026-11-22", award.id)


async def test_done_and_dropped_end_the_warnings_and_she_hears_of_it(house, officer):
    card = await house.case(assignee=officer.id)
    one, other = await adds(house, officer, card), await adds(house, officer, card, "appeal")
    now, desk = house.clock.now(), house.desk
    await house.write(lambda unit: guard_deadlines.done(unit, officer, card.id, one.id, now, desk))
    assert "已经办了" in (await house.heard(card.id))[-1]
    await house.write(lambda unit: guard_deadlines.drop(
        unit, officer, card.id, other.id, DropReason.OTHER_WAY, now, desk))  # fmt: skip
    assert "不用再记" in (await house.heard(card.id))[-1]
    with pytest.raises(Refused, match="deadline_ended"):
        await house.write(lambda unit: guard_deadlines.done(unit, officer, card.id, one.id, now, desk))
    before = await told(house, officer)
    await at(house, date(2026, 12, 20))
    assert await sweeps(house) == 0
    assert await told(house, officer) == before


async def test_what_an_office_has_to_do_makes_nothing_urgent_and_is_chased_when_it_is_over(house, officer):
    card = await house.case(assignee=officer.id)
    await at(house, TODAY)
    heard = await house.heard(card.id)
    await adds(house, officer, card, "legal_aid_decision")
    for day in range(23, 30):
        await at(house, date(2026, 11, day))
        await sweeps(house)
    assert not (await house.card(card.id)).urgent
    assert len(await told(house, officer)) == 2
    await at(house, date(2026, 11, 30))
    await sweeps(house)
    assert "请催办" in (await told(house, officer))[-1]
    assert await house.heard(card.id) == heard, "nothing for her to do"


async def test_a_day_entered_wrongly_that_is_over_is_told_at_once_and_runs_again_when_mended(house, officer):
    card = await house.case(assignee=officer.id)
    one = await adds(house, officer, card, "lawsuit", "2026-10-01")
    assert one.state is DeadlineState.LAPSED
    now = house.clock.now()
    mended = await house.write(
        lambda unit: guard_deadlines.change_day(unit, officer, card.id, one.id, "2026-11-20", now, house.desk)
    )
    assert (mended.state, mended.last_on) == (DeadlineState.RUNNING, date(2026, 12, 5))


async def test_an_ended_case_warns_nobody_and_a_withdrawn_one_not_even_her(house, officer):
    from dataclasses import replace

    card = await house.case(assignee=officer.id)
    await at(house, TODAY)
    await adds(house, officer, card)
    before, heard = await told(house, officer), len(await house.heard(card.id))

    def close(unit, status):
        unit.cases.save_card(replace(unit.cases.card(card.id), status=status, closed_at=house.clock.now()))

    await house.write(lambda unit: close(unit, CaseStatus.CLOSED))
    await at(house, date(2026, 11, 23))
    await sweeps(house)
    assert await told(house, officer) == before
    assert len(await house.heard(card.id)) == heard + 1, "the day is still hers to keep"
    await house.write(lambda unit: close(unit, CaseStatus.WITHDRAWN))
    await at(house, date(2026, 12, 5))
    assert await sweeps(house) == 0
    assert len(await house.heard(card.id)) == heard + 1


@pytest.mark.parametrize(
    ("rule", "day", "reason"),
    [
        ("lawsuit", "2026-11-24", "deadline_future"), ("lawsuit", "1990-01-01", "deadline_old"),
        ("lawsuit", "上个月", "deadline_day"), ("lawsuit", "2026-02-30", "deadline_day"),
        ("lawsuit", "", "deadline_day"), ("nonsense", "2026-11-20", "deadline_rule"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_and_nothing_is_kept(house, officer, rule, day, reason):
    card = await house.case(assignee=officer.id)
    with pytest.raises(Refused, match=reason):
        await adds(house, officer, card, rule, day)
    assert await dates(house, card) == []


async def test_strangers_and_unclaimed_cases_are_refused(house, officer):
    other = await house.hires("别的干事", Role.OFFICER)
    theirs, free = await house.case(assignee=other.id), await house.case()
    with pytest.raises(NotFound):
        await adds(house, officer, theirs)
    with pytest.raises(Refused, match="claim_first"):
        await adds(house, officer, free)
    mine = await house.case(assignee=officer.id)
    one, now = await adds(house, other, theirs), house.clock.now()
    with pytest.raises(Refused, match="deadline_gone"):
        await house.write(lambda unit: guard_deadlines.done(unit, officer, mine.id, one.id, now, house.desk))


async def test_other_services_set_a_rule_once_and_count_it_anew(house, officer):
    card, now = await house.case(assignee=officer.id), house.clock.now()

    def set_rule(day):
        return house.write(
            lambda unit: guard_deadlines.add_rule(unit, card, "judicial_confirmation", day, officer.id, now)
        )

    await set_rule(date(2026, 11, 1))
    await set_rule(date(2026, 11, 10))
    [one] = await dates(house, card)
    assert one.last_on == date(2026, 12, 10)
    near = await house.store.read(lambda unit: guard_deadlines.nearest(unit, [card.id], now))
    assert near == {card.id: one}


async def test_claiming_late_changes_no_date(house, officer):
    card, now = await house.case(), house.clock.now()
    answers = Answers(since="昨天")
    await house.write(lambda unit: guard_deadlines.set_from_answers(unit, card, answers, now))
    before = await dates(house, card)
    await house.write(lambda unit: case_work.claim(unit, officer, card.id, now, house.desk))
    assert await dates(house, card) == before


async def test_a_trial_that_is_over_is_told_as_perhaps_over_never_as_lost(house, officer):
    card = await house.case(assignee=officer.id, kind=CaseKind.DISMISSAL)
    await at(house, TODAY)
    now = house.clock.now()
    answers = Answers(since="2025年12月初")
    await house.write(lambda unit: guard_deadlines.set_from_answers(unit, card, answers, now))
    await at(house, date(2026, 12, 2))
    await sweeps(house)
    assert "按您说的时间试算" in (await house.heard(card.id))[-1]
    assert "可能已经过了。先别放弃" in (await house.heard(card.id))[-1]
    assert "先核对起算日" in (await told(house, officer))[-1]


async def test_what_intake_wrote_down_reminds_her_like_any_other(house, officer):
    card = await house.case(assignee=officer.id, kind=CaseKind.DISMISSAL)
    await at(house, TODAY)
    now, heard = house.clock.now(), len(await house.heard(card.id))
    answers = Answers(since="2025年12月1日")
    await house.write(lambda unit: guard_deadlines.set_from_answers(unit, card, answers, now, officer.id))
    await sweeps(house)
    assert "还有 9 天" in (await house.heard(card.id))[heard]


async def test_the_date_of_a_double_is_kept_in_the_case_that_it_was_joined_with(house, officer):
    older, younger = [await house.case(assignee=officer.id) for _ in range(2)]
    await at(house, TODAY)
    one, now = await adds(house, officer, younger), house.clock.now()
    older, younger = await house.card(older.id), await house.card(younger.id)
    await house.write(
        lambda unit: doubles.merge(
            unit, officer, younger.id, older.id, doubles.Checked.CALLED, now, house.desk
        )
    )
    assert [kept.id for kept in await dates(house, older)] == [one.id]
    await at(house, date(2026, 12, 1))
    assert await sweeps(house) == 1
    assert (await house.card(older.id)).urgent
    assert older.number in (await told(house, officer))[-1]
    now = house.clock.now()
    await house.write(lambda unit: guard_deadlines.done(unit, officer, older.id, one.id, now, house.desk))
    assert [kept.state for kept in await dates(house, older)] == [DeadlineState.DONE]


async def test_a_date_that_a_double_repeats_is_shown_warned_of_and_ended_once(house, officer):
    older, younger = [await house.case(assignee=officer.id) for _ in range(2)]
    await at(house, TODAY)
    one, now = await adds(house, officer, older), house.clock.now()
    repeat = await adds(house, officer, younger)
    await adds(house, officer, younger, rule="arbitration", day="2026-11-21")
    older, younger = await house.card(older.id), await house.card(younger.id)
    await house.write(
        lambda unit: doubles.merge(
            unit, officer, younger.id, older.id, doubles.Checked.CALLED, now, house.desk
        )
    )
    assert {kept.event_on.day: kept.rule for kept in await dates(house, older)} == {
        22: "lawsuit", 21: "arbitration"
    }  # fmt: skip
    assert len(await dates(house, older)) == 2
    await at(house, date(2026, 12, 1))
    before = len(await told(house, officer))
    assert await sweeps(house) == 1
    assert len(await told(house, officer)) - before == 1, "what is there twice is told once"
    assert await sweeps(house) == 0
    now = house.clock.now()
    await house.write(lambda unit: guard_deadlines.done(unit, officer, older.id, one.id, now, house.desk))
    states = {kept.event_on.day: kept.state for kept in await dates(house, older)}
    assert states == {21: DeadlineState.RUNNING, 22: DeadlineState.DONE}
    found = await house.store.read(lambda unit: unit.deadlines.get(younger.id, repeat.id))
    assert found.state is DeadlineState.DONE


async def test_a_near_date_shortens_the_promise_into_office_hours_and_ends_a_pause(house, officer):
    await at(house, date(2026, 11, 25), 15)  # a Wednesday
    far = house.clock.now() + timedelta(days=9)
    card = await house.case(assignee=officer.id, status=CaseStatus.ACCEPTED, promised_at=far, began_at=None)
    still = await house.case(
        assignee=officer.id, status=CaseStatus.ACCEPTED, promised_at=far, paused_at=house.clock.now(),
        pause_reason=PauseReason.EMPLOYER,
    )  # fmt: skip
    for one in (card, still):
        await adds(house, officer, one, "lawsuit", "2026-11-12")  # ends on Friday, the 27th
        found = await house.card(one.id)
        assert found.urgent and found.paused_at is None
        assert found.promised_at == at_clock(date(2026, 11, 26), 15), "a day later, a day before it ends"
    tight = await house.case(assignee=officer.id, status=CaseStatus.ACCEPTED, promised_at=far)
    await at(house, date(2026, 11, 28), 10)  # a Saturday; it ends on Monday: no office before
    await adds(house, officer, tight, "lawsuit", "2026-11-15")
    assert (await house.card(tight.id)).promised_at == house.clock.now() + timedelta(minutes=30)
    browser = await house.comes_in(officer)
    page = (await browser.opens(f"/cases/{tight.id}")).text
    head = page[page.index('id="chips"') :]
    head = head[: head.index("</p>")]
    assert "2026年11月30日" in head and "还有 2 天" in head, "the nearest date stands in the head of the case"


async def test_what_is_kept_for_staff_names_days_and_never_says_tomorrow(house, officer):
    await at(house, date(2026, 11, 25), 15)
    card = await house.case(assignee=officer.id, status=CaseStatus.ACCEPTED)
    await adds(house, officer, card, "lawsuit", "2026-11-11")  # ends tomorrow
    await at(house, date(2026, 11, 27), 10)  # and so did the promise
    now = house.clock.now()
    await sweeps(house)
    await house.write(lambda unit: watch_promises.sweep(unit, now, house.desk))
    notices = " ".join(await told(house, officer))
    assert "2026年11月26日" in notices
    assert not re.search("昨天|今天|明天|后天", notices)
