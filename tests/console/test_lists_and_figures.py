"""Lists, search, the home page's figures."""

import re
from datetime import UTC, datetime, timedelta

from bot.domain.cases import CaseStatus, EventKind, Outcome, RecoveredEvidence, RecoveredKind
from bot.domain.staff import Role
from bot.services import close_case
from bot.services.first_answers import Kept, promises_kept


async def test_urgent_comes_first_then_the_nearest_promise_then_what_is_over(house):
    leader = await house.hires("王主任", Role.LEADER)
    now = house.clock.now()
    over = await house.case(status=CaseStatus.WITHDRAWN, promised_at=now - timedelta(days=9))
    later = await house.case(promised_at=now + timedelta(days=3))
    soon = await house.case(promised_at=now + timedelta(hours=1))
    urgent = await house.case(urgent=True, promised_at=now + timedelta(days=5))
    desk = await house.comes_in(leader)
    page = (await desk.opens("/cases?tab=all")).text
    places = [page.index(f"/console/cases/{card.id}") for card in (urgent, soon, later, over)]
    assert places == sorted(places)
    assert "只剩 1 小时" in page
    assert "已结束" in page


async def test_tabs_hold_what_their_names_say(house):
    officer = await house.hires("李干事", Role.OFFICER)
    now = house.clock.now()
    mine = await house.case(assignee=officer.id, promised_at=now + timedelta(days=9))
    free = await house.case(promised_at=now + timedelta(days=9))
    due = await house.case(assignee=officer.id, promised_at=now + timedelta(hours=3))
    over = await house.case(assignee=officer.id, status=CaseStatus.CLOSED, closed_at=now)
    desk = await house.comes_in(officer)
    for tab, wanted in (
        ("mine", {mine, due}),
        ("unclaimed", {free}),
        ("due", {due}),
        ("all", {mine, free, due, over}),
    ):
        page = (await desk.opens(f"/cases?tab={tab}")).text
        assert {card for card in (mine, free, due, over) if card.number in page} == wanted, tab


async def test_search_finds_by_number_employer_and_words_and_says_how_many(house):
    officer = await house.hires("李干事", Role.OFFICER)
    card = await house.case("主管把我的工牌收走了", employer="鸿运制衣有限公司", assignee=officer.id)
    other = await house.case("没有发工资", employer="别的单位", assignee=officer.id)
    now = house.clock.now()
    await house.write(
        lambda unit: unit.cases.add_event(
            card.id, EventKind.HER_WORDS, by="worker", at=now, body="他说Ａ栋见"
        )
    )
    desk = await house.comes_in(officer)
    for words in (card.number, card.number.lower(), "鸿运制衣", "收走", "a栋", "鸿 运"):
        page = (await desk.opens("/cases", params={"q": words})).text
        assert "找到 1 件" in page, words
        assert card.number in page
        assert f"/console/cases/{other.id}" not in page
    for words in ("a26-1", "A26 0001", "ａ26—1", "工牌 鸿运", "a栋　收走"):
        page = (await desk.opens("/cases", params={"q": words})).text
        assert f"/console/cases/{card.id}" in page, words
        assert f"/console/cases/{other.id}" not in page, words
    await desk.opens("/cases", params={"q": "工牌 工资"})
    assert desk.sees("没有找到"), "all the words must stand in one case"
    await desk.opens("/cases", params={"q": "完全没有的字"})
    assert desk.sees("没有找到")


async def test_a_search_is_in_the_audit_without_its_words(house):
    officer = await house.hires("李干事", Role.OFFICER)
    await house.case("独角兽", assignee=officer.id)
    desk = await house.comes_in(officer)
    await desk.opens("/cases", params={"q": "独角兽"})
    lines = await house.store.read(lambda unit: unit.audit.lines(None, 50))
    acts = [(line.act, dict(line.facts)) for line in lines if line.act.startswith("search")]
    assert ("search", {"by": "words", "opened": "1"}) in acts
    assert ("search_found", {"found": "1"}) in acts
    assert "独角兽" not in str(lines)
    assert await house.store.read(lambda unit: unit.audit.first_broken()) is None


async def test_a_search_skips_what_was_erased(house):
    officer = await house.hires("李干事", Role.OFFICER)
    gone, kept = (
        await house.case("独角兽", assignee=officer.id),
        await house.case("独角兽", assignee=officer.id),
    )
    await house.write(lambda unit: unit.cases.erase(gone.id))
    desk = await house.comes_in(officer)
    await desk.opens("/cases", params={"q": "独角兽"})
    assert desk.sees("找到 1 件")
    assert desk.sees(kept.number)
    assert (await desk.opens(f"/cases/{gone.id}")).status_code == 404


async def test_every_list_and_every_open_case_is_in_the_audit(house):
    officer = await house.hires("李干事", Role.OFFICER)
    card = await house.case(assignee=officer.id)
    desk = await house.comes_in(officer)
    await desk.opens("/cases?tab=mine")
    await desk.opens(f"/cases/{card.id}")
    assert (await house.audited())[-2:] == ["list_cases", "open_case"]


async def test_the_home_page_counts_what_is_there(house):
    leader = await house.hires("王主任", Role.LEADER)
    now = house.clock.now()
    await house.case(urgent=True, promised_at=now + timedelta(hours=1))
    await house.case(promised_at=now - timedelta(hours=1))
    closed = await house.case(assignee=leader.id)
    await house.write(
        lambda unit: close_case.close(
            unit,
            leader,
            closed.id,
            Outcome.MEDIATED,
            now,
            house.desk,
            recovered_fen=123_456,
            people_helped=3,
            recovered_kind=RecoveredKind.WAGES,
            evidence=RecoveredEvidence.TRANSFER,
            how="当面说好了",
        )
    )
    desk = await house.comes_in(leader)
    page = (await desk.opens("/")).text
    seen = {words: number for number, words in re.findall(r"<b>(\d+)</b><span>([^<]+)</span>", page)}
    assert seen == {"待认领": "2", "紧急待办": "1", "今天到期": "1", "已超时": "1",
                    "今天新登记": "3", "今天办结": "1"}  # fmt: skip
    month = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))
    assert month["登记"] == "3 件"
    assert month["调解成功"] == "1 件"
    assert month["帮助"] == "3 人"
    assert month["追回金额"] == "1,234.56 元"
    assert month["按时首次答复"] == "50%（1 件按时，1 件超时）"
    assert "小于 5 的数字只供内部使用" in page


async def test_the_chart_is_an_image_with_its_numbers_beside_it(house):
    leader = await house.hires("王主任", Role.LEADER)
    await house.case()
    await house.case()
    desk = await house.comes_in(leader)
    page = (await desk.opens("/")).text
    assert re.search(r"11月22日（今天）</td><td>2</td>", page)
    assert page.count("<tr>") == 15
    picture = await desk.opens("/chart.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert "<script" not in picture.text
    assert not re.search(r"(href|src)=\"(?!#)|url\(|@import", picture.text), "it fetches nothing"


async def test_the_promise_is_judged_by_the_first_time_that_was_promised(house):
    officer = await house.hires("李干事", Role.OFFICER)
    start = house.clock.now()
    card = await house.case(promised_at=start + timedelta(hours=1))

    async def kept():
        now, until = house.clock.now(), house.clock.now() + timedelta(days=1)
        cases = await house.store.read(lambda unit: unit.figures.first_answers(start, until))
        return promises_kept(cases, now)

    assert await kept() == Kept(0, 0, 1)
    house.clock.passes(hours=2)
    assert await kept() == Kept(0, 1, 0)
    desk = await house.comes_in(officer)
    await desk.sends(f"/cases/{card.id}/claim")
    assert (await house.card(card.id)).promised_at > house.clock.now(), "she is told a new time"
    await desk.writes_and_sends(card.id, "我来办")
    assert await kept() == Kept(0, 1, 0), "but the first promise was not kept"
    assert Kept(0, 0, 5).percent is None
    assert Kept(3, 1, 5).percent == 75


async def test_days_are_those_of_yinchuan(house):
    leader = await house.hires("王主任", Role.LEADER)
    house.clock.passes(
        seconds=(datetime(2026, 11, 22, 15, 59, tzinfo=UTC) - house.clock.now()).total_seconds()
    )
    await house.case()
    house.clock.passes(minutes=2)  # midnight in Yinchuan
    await house.case()
    desk = await house.comes_in(leader)
    page = (await desk.opens("/")).text
    assert re.search(r"<b>1</b><span>今天新登记", page)
    assert re.search(r"11月23日（今天）</td><td>1</td>", page)
    assert re.search(r"11月22日</td><td>1</td>", page)
