"""The case list: pages, filters, marks, saved views, and a search that stops."""

import re
from datetime import timedelta

from bot.console import case_search
from bot.console.list_filters import PER_PAGE
from bot.domain.cases import CaseKind, CaseStatus, EventKind
from bot.domain.ports_team import ReviewAsk
from bot.domain.staff import Role


async def _shown(desk, path: str) -> list[str]:
    page = (await desk.opens(path)).text
    return re.findall(r'class="number">(A\d\d-\d{4})', page)


async def test_pages_hold_every_case_once(house):
    leader = await house.hires("王主任", Role.LEADER)
    desk = await house.comes_in(leader)
    made = {(await house.case()).number for _ in range(PER_PAGE + 3)}
    first, second = await _shown(desk, "/cases?tab=all"), await _shown(desk, "/cases?tab=all&page=2")
    assert (len(first), len(second)) == (PER_PAGE, 3)
    assert set(first) | set(second) == made
    await desk.opens("/cases?tab=all")
    assert desk.sees(f"共 {PER_PAGE + 3} 件，第 1 页，共 2 页")
    assert desk.sees('rel="next"')
    for nonsense in ("page=99", "page=-1", "page=x", "status=nothing&kind=%00", "assignee=nobody%27--"):
        assert (await desk.opens(f"/cases?tab=all&{nonsense}")).status_code == 200, nonsense


async def test_filters_narrow_the_list(house):
    officer, leader = await house.hires("李干事", Role.OFFICER), await house.hires("王主任", Role.LEADER)
    desk, now = await house.comes_in(leader), house.clock.now()
    wages = await house.case(kind=CaseKind.WAGES, district="兴庆区", assignee=officer.id)
    late = await house.case(promised_at=now - timedelta(hours=1), source="hotline")
    urgent = await house.case(urgent=True, status=CaseStatus.MEDIATING, assignee=leader.id)
    over = await house.case(status=CaseStatus.CLOSED, closed_at=now)
    double = await house.case(merged_into=wages.id)
    for fields, wanted in (
        ("kind=wages", {wages}),
        ("district=兴庆区", {wages}),
        ("source=hotline", {late}),
        ("urgent=yes", {urgent}),
        ("status=mediating", {urgent}),
        ("status=open", {wages, late, urgent}),
        ("due=late", {late}),
        ("assignee=nobody", {late, over}),
        (f"assignee={officer.id}", {wages}),
        ("assignee=me", {urgent}),
        ("", {wages, late, urgent, over}),
    ):
        shown = await _shown(desk, f"/cases?tab=all&{fields}")
        assert set(shown) == {card.number for card in wanted}, fields
    assert double.number not in await _shown(desk, "/cases?tab=all")


async def test_a_dot_marks_what_she_wrote_since_the_member_looked(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case(assignee=officer.id)
    assert "有新消息" in (await desk.opens("/cases?tab=mine")).text
    await desk.opens(f"/cases/{card.id}")
    assert "有新消息" not in (await desk.opens("/cases?tab=mine")).text
    now = house.clock.now()
    await house.write(
        lambda unit: unit.cases.add_event(card.id, EventKind.HER_WORDS, by="worker", at=now, body="还有")
    )
    assert "有新消息" in (await desk.opens("/cases?tab=mine")).text


async def test_views_are_saved_shared_and_dropped(house):
    officer, leader = await house.hires("李干事", Role.OFFICER), await house.hires("王主任", Role.LEADER)
    desk, hers = await house.comes_in(officer), await house.comes_in(leader)
    wages = await house.case(kind=CaseKind.WAGES)
    await house.case()
    await desk.sends("/views", name="工资的", filters="tab=all&kind=wages&evil=1")
    page = await desk.follows()
    assert desk.sees("视图已保存")
    assert re.findall(r'class="number">(A\d\d-\d{4})', page.text) == [wages.number]
    view = re.search(r"view=(\w+)\"", page.text)[1]
    await hers.opens("/cases?tab=all")
    assert not hers.sees("工资的")
    await desk.sends("/views", name="工资的", filters="tab=all&kind=wages")
    assert desk.last.status_code == 422
    assert desk.sees("已经有一个同名的视图")
    await desk.sends("/views", name=" ", filters="tab=all&kind=wages")
    assert desk.sees("请给这个视图起个名字")
    await desk.sends("/views", name="大家的", shared="yes", filters="tab=all")
    assert desk.last.status_code == 404, "only a leader shares"
    await hers.sends("/views", name="大家的", shared="yes", filters="tab=all&urgent=yes")
    await desk.opens("/cases?tab=all")
    assert desk.sees("大家的")
    await hers.sends("/views/drop", view=view)
    assert hers.last.status_code == 422, "another's own view is not there for her"
    await desk.sends("/views/drop", view=view)
    await desk.follows()
    assert not desk.sees("工资的")


async def test_a_search_goes_from_new_to_old_stops_and_goes_on(house, monkeypatch):
    monkeypatch.setattr(case_search, "_SCANNED", 3)
    leader = await house.hires("王主任", Role.LEADER)
    desk, now = await house.comes_in(leader), house.clock.now()
    ages = [1, 2, 3, 4, 500]
    made = [await house.case("独角兽", opened_at=now - timedelta(days=age)) for age in ages]
    shown = await _shown(desk, "/cases?q=独角兽")
    assert shown == [card.number for card in made[:3]]
    onward = re.search(r'href="(/console/cases\?[^"]*start=3[^"]*)"', desk.last.text)[1]
    onward = onward.replace("&amp;", "&").removeprefix("/console")
    assert await _shown(desk, onward) == [made[3].number], "what is older than a year only on request"
    older = re.search(r'href="(/console/cases\?[^"]*older=yes[^"]*)"', desk.last.text)[1]
    assert "start" not in older
    monkeypatch.setattr(case_search, "_SCANNED", 100)
    assert len(await _shown(desk, older.replace("&amp;", "&").removeprefix("/console"))) == 5
    assert await _shown(desk, f"/cases?q={made[4].number}") == [made[4].number], "a number finds any age"


async def test_the_chip_names_the_nearest_legal_date(house):
    from datetime import date

    from bot.domain.case_deadlines import CaseDeadline, DaySure

    leader = await house.hires("王主任", Role.LEADER)
    desk, card, now = await house.comes_in(leader), await house.case(), house.clock.now()
    deadline = CaseDeadline(
        "d1", card.id, "arbitration", date(2025, 12, 1), date(2026, 12, 1), DaySure.FIXED, "system", now
    )
    await house.write(lambda unit: unit.deadlines.keep(deadline))
    await desk.opens("/cases?tab=all")
    assert desk.sees("剩 9 天")


async def test_what_is_over_stands_apart_and_alarms_nobody(house):
    from datetime import date

    from bot.domain.case_deadlines import CaseDeadline, DaySure

    leader = await house.hires("王主任", Role.LEADER)
    desk, now = await house.comes_in(leader), house.clock.now()
    going = await house.case()
    filed = await house.case(status=CaseStatus.ARCHIVED, urgent=True, closed_at=now)
    lapsed = CaseDeadline(
        "d1", filed.id, "arbitration", date(2025, 1, 1), date(2026, 1, 1), DaySure.FIXED, "system", now
    )
    await house.write(lambda unit: unit.deadlines.keep(lapsed))
    page = (await desk.opens("/cases?tab=all")).text
    before, after = page.split("已经结束的</h2>")
    assert going.number in before
    assert "有新消息" in before
    assert filed.number in after
    for alarm in ("有新消息", "紧急</strong>", "chip near", 'class="urgent"'):
        assert alarm not in after.partition("<script")[0], alarm


async def test_no_dot_where_the_handler_has_answered_and_none_for_what_is_no_message(house):
    officer, leader = await house.hires("李干事", Role.OFFICER), await house.hires("王主任", Role.LEADER)
    desk, hers = await house.comes_in(leader), await house.comes_in(officer)
    card = await house.case(assignee=officer.id)
    await hers.writes_and_sends(card.id, "我来办")
    now = house.clock.now()

    async def happens(kind: EventKind) -> bool:
        await house.write(lambda unit: unit.cases.add_event(card.id, kind, by="worker", at=now))
        return "有新消息" in (await desk.opens("/cases?tab=all")).text

    assert not await happens(EventKind.CONTINUED), "the handler has seen it: the leader need not chase it"
    assert not await happens(EventKind.RATED)
    assert await happens(EventKind.HER_WORDS)


async def test_only_who_handles_cases_is_offered_as_handler(house):
    officer, leader = await house.hires("李干事", Role.OFFICER), await house.hires("王主任", Role.LEADER)
    for name, role in (("陈审计", Role.AUDITOR), ("钱编辑", Role.CURATOR), ("吴管理", Role.ADMIN)):
        await house.hires(name, role)
    page = (await (await house.comes_in(leader)).opens("/cases?tab=all")).text
    offered = re.search(r'name="assignee">(.*?)</select>', page, re.DOTALL)[1]
    assert re.findall(r'value="[0-9a-f]+" *>([^<]+)', offered) == ["李干事", "王主任"]
    page = (await (await house.comes_in(officer)).opens("/cases?tab=all")).text
    offered = re.search(r'name="assignee">(.*?)</select>', page, re.DOTALL)[1]
    assert "王主任" not in offered, "she sees only her own and unclaimed ones"


async def test_who_is_asked_for_a_second_look_finds_it_at_once(house):
    officer, lawyer = await house.hires("李干事", Role.OFFICER), await house.hires("何律师", Role.LAWYER)
    card, now = await house.case(assignee=officer.id), house.clock.now()
    desk = await house.comes_in(lawyer)
    await desk.opens("/")
    assert desk.sees("没有等您复核的草稿")
    await house.write(lambda unit: unit.team.ask(ReviewAsk(card.id, None, lawyer.id, officer.id, now)))
    assert re.search(r'待我复核 <b class="count">1</b>', (await desk.opens("/cases")).text)
    assert desk.sees(card.number), "not the empty tab of her own cases"
    await desk.opens("/cases?tab=mine")
    assert not desk.sees(card.number)
    page = (await desk.opens("/")).text
    assert page.index("等您复核") < page.index(card.number)


async def test_an_officer_finds_her_next_cases_before_the_figures(house):
    officer, now = await house.hires("李干事", Role.OFFICER), house.clock.now()
    later = await house.case(assignee=officer.id, promised_at=now + timedelta(days=3))
    soon = await house.case(assignee=officer.id, promised_at=now + timedelta(hours=1))
    page = (await (await house.comes_in(officer)).opens("/")).text
    assert page.index(soon.number) < page.index(later.number) < page.index("今天新登记")
