"""The duty page, substitutes, handing over, pausing at the desk, and what members are told."""

from datetime import date, timedelta

import pytest

from bot.domain.cases import CaseStatus
from bot.domain.staff import Role
from bot.services import watch_promises

MONDAY = "2026-11-23"


@pytest.fixture
async def people(house):
    return (
        await house.hires("王主任", Role.LEADER),
        await house.hires("李干事", Role.OFFICER),
        await house.hires("张干事", Role.OFFICER),
    )


async def test_a_leader_plans_who_is_on_duty_and_everybody_who_handles_cases_sees_it(house, people):
    leader, officer, _ = people
    desk = await house.comes_in(leader)
    answer = await desk.sends("/duty/days", first=MONDAY, last="2026-11-29", staff=officer.id, workdays="yes")
    assert answer.status_code == 303
    assert (await desk.follows()).status_code == 200 and desk.sees("值班已排好")
    roster = await house.store.read(lambda unit: unit.duty.roster(date(2026, 11, 22), date(2026, 12, 20)))
    assert list(roster) == [date(2026, 11, 23) + timedelta(days=ahead) for ahead in range(5)], "no weekend"
    seen = await house.comes_in(officer)
    page = (await seen.opens("/duty")).text
    assert " · 暂定" not in page and " · 暂定" in (await seen.opens("/duty?far=yes")).text, "next year"
    assert page.count("李干事") >= 5 and "安排值班" not in page and "交接全部" not in page
    assert "您的值班：2026年11月23日 至 2026年11月29日" in (await seen.opens("/notices")).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"first": "11月23日"}, "日期看不懂"),
        ({"first": "2026-11-31"}, "日期看不懂"),
        ({"first": "2026-11-20"}, "过去的日子"),
        ({"first": MONDAY, "last": "2026-11-22"}, "不能早于"),
        ({"first": MONDAY, "last": "2027-06-01"}, "一次最多安排 92 天"),
        ({"first": MONDAY, "staff": "nobody"}, "能办理案件的同事"),
    ],
)
async def test_a_roster_that_cannot_be_is_refused_in_words_and_what_was_typed_stays(
    house, people, fields, said
):
    desk = await house.comes_in(people[0])
    answer = await desk.sends("/duty/days", **fields)
    assert answer.status_code == 422 and said in answer.text
    assert f'value="{fields["first"]}"' in answer.text
    assert await house.store.read(lambda unit: unit.duty.roster(date(2026, 1, 1), date(2028, 1, 1))) == {}


async def test_a_substitute_is_told_and_may_get_all_cases_at_once(house, people):
    leader, away, other = people
    card = await house.case(assignee=away.id, status=CaseStatus.ACCEPTED)
    desk = await house.comes_in(leader)
    form = {"staff": away.id, "substitute": other.id, "first": MONDAY, "last": "2026-11-27"}
    same = await desk.sends("/duty/substitutes", **{**form, "substitute": away.id})
    assert same.status_code == 422 and "不能是同一个人" in same.text
    await desk.sends("/duty/substitutes", **form, hand_over="yes")
    await desk.follows()
    assert desk.sees("由 <b>张干事</b> 代班")
    assert (await house.card(card.id)).assignee == other.id
    assert len(await house.heard(card.id)) == 1
    for changed, said in (({}, "已经有人代班"), ({"staff": other.id, "substitute": away.id}, "自己也不在")):
        answer = await desk.sends("/duty/substitutes", **{**form, **changed})
        assert answer.status_code == 422 and said in answer.text
    [absence] = await house.store.read(lambda unit: unit.duty.absences(date(2026, 11, 22)))
    await desk.sends("/duty/substitutes/end", absence=absence.id)
    await desk.follows()
    assert desk.sees("没有人请假")
    assert (await desk.sends("/duty/substitutes/end", absence=absence.id)).status_code == 422


async def test_all_cases_of_somebody_are_handed_over_with_a_line_each_and_one_for_the_whole(house, people):
    leader, giver, taker = people
    mine = [await house.case(assignee=giver.id, status=CaseStatus.ACCEPTED) for _ in range(3)]
    ended = await house.case(assignee=giver.id, status=CaseStatus.CLOSED)
    barred = await house.case(assignee=giver.id, status=CaseStatus.ACCEPTED, employer_id="e1")
    await house.write(lambda unit: _works_at(unit, taker.id, "e1"))
    desk = await house.comes_in(leader)
    page = (await desk.opens(f"/duty?from={giver.id}")).text
    assert all(card.number in page for card in [*mine, barred]) and ended.number not in page
    answer = await desk.sends("/duty/hand-over", staff=giver.id, to=taker.id)
    assert answer.status_code == 200 and "已把 3 件交给张干事" in answer.text
    assert "有 1 件没有交" in answer.text and barred.number in answer.text
    for card in mine:
        assert (await house.card(card.id)).assignee == taker.id
        [heard] = await house.heard(card.id)
        assert "换了一位工作人员接手" in heard
        assert "assign" in await house.audited(card.id)
    assert (await house.card(barred.id)).assignee == giver.id and await house.heard(barred.id) == []
    assert await house.audited(giver.id) != [] and (await house.audited(giver.id))[-1] == "hand_over_all"
    again = await desk.sends("/duty/hand-over", staff=giver.id, to=taker.id)
    assert again.status_code == 422 and "一件也没有交出去" in again.text
    nothing = await desk.sends("/duty/hand-over", staff=leader.id, to=taker.id)
    assert nothing.status_code == 422 and "没有要交接的案件" in nothing.text


def _works_at(unit, staff_id, employer_id):
    from dataclasses import replace

    unit.staff.save(replace(unit.staff.get(staff_id), employer_id=employer_id))


async def test_who_was_switched_off_stands_on_the_page_until_somebody_has_her_cases(house, people):
    leader, gone, taker = people
    await house.case(assignee=gone.id, status=CaseStatus.ACCEPTED)
    admin = await house.comes_in(await house.hires("管理员", Role.ADMIN))
    await admin.sends(f"/staff/{gone.id}/disable")
    desk = await house.comes_in(leader)
    assert "李干事 的账号已停用，名下还有 1 件没办完" in (await desk.opens("/duty")).text
    await desk.sends("/duty/hand-over", staff=gone.id, to=taker.id)
    assert "账号已停用" not in (await desk.opens("/duty")).text


async def test_a_notice_is_counted_on_every_page_and_read_by_a_button(house, people):
    _, officer, other = people
    card = await house.case("独角兽", assignee=officer.id, status=CaseStatus.ACCEPTED)
    house.clock.passes(hours=16)  # Monday 12:00: of five working hours three are over
    now = house.clock.now()
    await house.write(lambda unit: watch_promises.sweep(unit, now, house.desk))
    mine, theirs = await house.comes_in(officer), await house.comes_in(other)
    for path in ("/", "/duty", "/account"):
        assert 'href="/console/notices">提醒 <b>1</b>' in (await mine.opens(path)).text
    assert "提醒 <b>" not in (await theirs.opens("/")).text
    page = (await mine.opens("/notices")).text
    assert f"/console/cases/{card.id}" in page
    assert card.number in page and "过半" in page and "独角兽" not in page
    await mine.sends("/notices/read")
    await mine.follows()
    assert mine.sees("提醒已读") and not mine.sees("提醒 <b>") and mine.sees(card.number)


async def test_a_pause_needs_a_reason_tells_her_and_shows_on_the_case(house, people):
    _, officer, _ = people
    card = await house.case(assignee=officer.id, status=CaseStatus.MEDIATING)
    desk = await house.comes_in(officer)
    answer = await desk.sends(f"/cases/{card.id}/pause", text="再等等单位")
    assert answer.status_code == 422 and "请选一个暂停的原因" in answer.text and "再等等单位" in answer.text
    assert (await house.card(card.id)).paused_at is None and await house.heard(card.id) == []
    await desk.sends(f"/cases/{card.id}/pause", reason="employer", text="再等等单位", seen=str(card.version))
    await desk.follows()
    assert desk.sees("已暂停计时") and desk.sees("计时已暂停：")
    assert "在等单位回话" in (await house.heard(card.id))[0]
    assert "暂停计时" in (await desk.opens("/cases?tab=mine")).text
    stale = await desk.sends(f"/cases/{card.id}/resume", seen=str(card.version), text="可以了")
    assert stale.status_code == 409 and "可以了" in stale.text
    await desk.sends(f"/cases/{card.id}/resume")
    await desk.follows()
    assert desk.sees("已恢复计时") and not desk.sees("计时已暂停：")
    assert "您的事接着办了" in (await house.heard(card.id))[1]
    assert [act for act in await house.audited(card.id) if act in ("pause", "resume")] == ["pause", "resume"]


async def test_a_case_whose_time_is_over_offers_no_pause(house, people):
    _, officer, _ = people
    card = await house.case(assignee=officer.id, status=CaseStatus.ACCEPTED)
    house.clock.passes(hours=24)
    desk = await house.comes_in(officer)
    page = (await desk.opens(f"/cases/{card.id}")).text
    assert "不能再暂停" in page and "/pause" not in page
    answer = await desk.sends(f"/cases/{card.id}/pause", reason="employer")
    assert answer.status_code == 422 and "先给她一个答复" in answer.text
