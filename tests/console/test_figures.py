"""The pages of figures: each number with its definition and its cases, small ones kept back."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.cases import CaseKind, CaseStatus, EventKind
from bot.domain.staff import Role


@pytest.fixture
async def busy(house):
    """Forty accepted cases of one kind, three of another, 30 days ago (October), twelve of them mediated."""
    then = house.clock.now() - timedelta(days=30)
    officer = await house.hires("李干事", Role.OFFICER)
    cards = [
        await house.case(assignee=officer.id, opened_at=then, status=CaseStatus.ACCEPTED) for _ in range(12)
    ]
    cards += [
        await house.case(assignee="somebody", opened_at=then, kind=CaseKind.HARASSMENT, district="西夏区")
        for _ in range(3)
    ]

    def live(unit):
        for place, card in enumerate(cards):
            unit.cases.add_event(card.id, EventKind.CLAIMED, by="s", at=then, facts={"to": "accepted"})
            if place < 6:
                facts = {"to": "closed", "outcome": "mediated", "people_helped": "2"}
                facts |= {"recovered_fen": "840000", "confirmed_fen": "840000"}
                unit.cases.add_event(card.id, EventKind.CLOSED, by="s", at=then, facts=facts)

    await house.write(live)
    return officer, cards


def _measures(page):
    """Name and value of every main figure."""
    found = re.findall(r"<h2>([^<]+)</h2>\s*<p class=\"value\">(.*?)</p>", page, re.DOTALL)
    return {name: re.sub(r"<[^>]+>", "", value).strip() for name, value in found}


async def test_the_team_sees_each_figure_with_its_definition(house, busy, wording):
    desk = await house.comes_in(busy[0])
    page = (await desk.opens("/figures", params={"period": "2026-10"})).text
    seen = _measures(page)
    assert seen["受理"] == "15 件"
    assert seen["调解成功"] == "6 件"
    assert seen["调解成功率"] == "100%（6/6 件）"
    assert seen["帮助"] == "12 人"
    assert seen["追回金额"] == "50,400 元"
    assert set(seen) == set(wording.figures.names.values())
    for means in wording.figures.means.values():
        assert means in page
    assert re.search(r"性骚扰与暴力</th><td[^>]*><a [^>]+>3</a>", page), "exact inside the team"


async def test_outside_the_team_no_small_number_is_shown_nor_follows(house, busy):
    for role in (Role.AUDITOR, Role.ADMIN):
        desk = await house.comes_in(await house.hires(role.value, role))
        page = (await desk.opens("/figures", params={"period": "2026-10"})).text
        assert _measures(page)["受理"] == "15 件"
        row = re.search(r"<tr><th scope=\"row\">性骚扰与暴力</th>(.*?)</tr>", page, re.DOTALL)[1]
        assert "&lt;5" in row
        assert not re.search(r">\s*3\s*<", row)
        others = re.search(r"<tr><th scope=\"row\">三期与生育</th>(.*?)</tr>", page, re.DOTALL)[1]
        assert not re.search(r">\s*12\s*<", others.split("办结")[0]), "15 less 12 would tell"
        assert "李干事" not in page
        chart = (await desk.opens("/figures/chart.svg", params={"period": "2026-10", "by": "kind"})).text
        assert not re.search(r">\s*(3|12)\s*<", chart)
        assert (await desk.opens("/figures/chart.svg", params={"by": "officer"})).status_code == 404
        home = (await desk.opens("/")).text
        assert "待认领" not in home


async def test_a_number_leads_to_its_cases_but_only_to_those_one_may_open(house, busy):
    officer, cards = busy
    leader = await house.hires("王主任", Role.LEADER)
    auditor = await house.hires("陈审计", Role.AUDITOR)
    wanted = {"period": "2026-10", "figure": "accepted"}
    page = (await (await house.comes_in(leader)).opens("/figures/cases", params=wanted)).text
    assert {card.number for card in cards} == set(re.findall(r"/console/cases/\w+\">(A\d\d-\d+)", page))
    page = (await (await house.comes_in(officer)).opens("/figures/cases", params=wanted)).text
    assert {card.number for card in cards[:12]} == set(re.findall(r"A\d\d-\d{4}", page))
    assert "另有 3 件由别的同事经办" in page
    desk = await house.comes_in(auditor)
    page = (await desk.opens("/figures/cases", params=wanted)).text
    assert {card.number for card in cards} == set(re.findall(r"A\d\d-\d{4}", page))
    assert "/console/cases/" not in page
    kept_back = {**wanted, "by": "kind", "value": "harassment"}
    assert (await desk.opens("/figures/cases", params=kept_back)).status_code == 404
    assert (await house.audited("cases")).count("figure_cases") == 3


async def test_a_conflict_of_interest_hides_the_number_too(house, busy):
    leader = await house.hires("王主任", Role.LEADER)
    _, cards = busy

    def conflict(unit):
        unit.staff.save(replace(leader, employer_id="e1"))
        unit.cases.save_card(replace(unit.cases.card(cards[0].id), employer_id="e1"))

    await house.write(conflict)
    wanted = {"period": "2026-10", "figure": "accepted"}
    page = (await (await house.comes_in(leader)).opens("/figures/cases", params=wanted)).text
    assert cards[0].number not in page
    assert cards[1].number in page
    assert "另有 1 件" in page


async def test_periods_that_make_no_sense_are_told_in_words(house, busy):
    desk = await house.comes_in(busy[0])
    for query, said in (
        ({"period": "2026-13"}, "没有看懂这段时间"),
        ({"first": "2026-10-09", "last": "2026-10-01"}, "结束的那天早于开始的那天"),
        ({"period": "2027"}, "这段时间还没有到"),
        ({"first": "'; drop", "last": "x"}, "没有看懂这段时间"),
    ):
        answer = await desk.opens("/figures", params=query)
        assert answer.status_code == 422
        assert said in answer.text
        assert "2026年11月" in answer.text, "the present month is shown instead"
    page = await desk.opens("/figures", params={"first": "2026-10-20", "last": "2026-10-25"})
    assert _measures(page.text)["受理"] == "15 件"
    auditor = await house.comes_in(await house.hires("陈审计", Role.AUDITOR))
    answer = await auditor.opens("/figures", params={"first": "2026-10-20", "last": "2026-10-25"})
    assert answer.status_code == 422, "two spans that differ by a day would tell of single cases"
    assert "整月" in answer.text


async def test_the_report_is_a_page_to_print_and_a_document(house, busy):
    desk = await house.comes_in(busy[0])
    page = (await desk.opens("/figures/report", params={"period": "2026-10"})).text
    assert "2026年10月女职工维权服务情况" in page
    assert "测试总工会" in page
    assert "&lt;5" in page, "a report goes outside: small numbers are kept back for everybody"
    assert "masked=1" in page
    answer = await desk.opens("/figures/report.docx", params={"period": "2026-10"})
    assert answer.headers["content-disposition"] == 'attachment; filename="report-2026-10.docx"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
        words = parts.read("word/document.xml").decode()
    assert "50,400 元" in words
    assert (await house.audited("figures")).count("report") == 2


async def _told(house, member) -> list[str]:
    """First sentences of what a member was told."""
    notices = await house.store.read(lambda unit: unit.duty.notices(member.id, 9))
    return [one.text.partition("。")[0] + "。" for one in notices]


async def test_a_kept_back_number_is_named_in_the_chart_and_never_looks_like_none(house, busy):
    desk, then = await house.comes_in(busy[0]), house.clock.now() - timedelta(days=30)
    wages = [await house.case(opened_at=then, kind=CaseKind.WAGES) for _ in range(6)]

    def accept(unit):
        for card in wages:
            unit.cases.add_event(card.id, EventKind.CLAIMED, by="s", at=then, facts={"to": "accepted"})

    await house.write(accept)
    drawn = (await desk.opens("/figures/chart.svg", params={"period": "2026-10", "masked": "1"})).text
    assert "性骚扰与暴力（&lt;5）" in drawn
    assert "工资（隐去）" in drawn
    assert "三期与生育<" in drawn, "what is told is told as it is"
    page = (await desk.opens("/figures/report", params={"period": "2026-10"})).text
    for section in page.split('class="card breakdown"')[1:]:
        assert ("图：" in section) == ("<img" in section)
    assert page.count("不等于没有") == 1, "where a bar is missing, the caption says why"
    assert 'loading="lazy"' not in page, "what is printed must be there"


async def test_many_cases_go_out_by_two_people_and_only_once(house):
    leader, auditor = await house.hires("王主任", Role.LEADER), await house.hires("陈审计", Role.AUDITOR)
    for _ in range(51):
        await house.case("独角兽")
    desk, second = await house.comes_in(leader), await house.comes_in(auditor)
    await desk.sends("/figures/exports", period="2026-11", layout="csv")
    await desk.follows()
    assert desk.sees("申请已提交")
    assert not desk.sees(">同意<")
    export = (await house.store.read(lambda unit: unit.figures.exports(1)))[0].id
    for act, said in (("agree", "申请人不能自己同意"), ("file", "还没有第二个人同意")):
        answer = await desk.sends(f"/figures/exports/{act}", export=export)
        assert answer.status_code == 422
        assert said in answer.text
    assert await _told(house, auditor) == ["王主任申请导出2026年11月登记的 51 件案件的明细，等另一位同意。"]
    assert not await _told(house, leader)
    own = await house.comes_in(leader)  # another session of the same person
    assert (await own.sends("/figures/exports/agree", export=export)).status_code == 422
    await second.sends("/figures/exports/agree", export=export)
    await second.follows()
    assert [said.partition("（")[0] for said in await _told(house, leader)] == ["陈审计同意了您的导出申请"]
    assert (await second.sends("/figures/exports/file", export=export)).status_code == 422
    answer = await desk.sends("/figures/exports/file", export=export)
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.content.decode("utf-8-sig").split("\r\n")
    assert len(lines) == 53
    assert all("王主任 导出" in line and "陈审计" in line for line in lines[1:-1])
    assert "独角兽" not in answer.text
    answer = await desk.sends("/figures/exports/file", export=export)
    assert "已经下载过一次" in answer.text


async def test_a_few_cases_come_at_once_as_a_workbook(house):
    leader = await house.hires("王主任", Role.LEADER)
    for _ in range(5):
        await house.case("独角兽")
    desk = await house.comes_in(leader)
    answer = await desk.sends("/figures/exports", period="2026-11", layout="xlsx")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
        assert parts.testzip() is None
        rows = re.findall(r"<row r=", parts.read("xl/worksheets/sheet2.xml").decode())
    assert len(rows) == 6
    (request,) = await house.store.read(lambda unit: unit.figures.exports(9))
    assert await house.audited(f"export:{request.id}") == ["export"]
    answer = await desk.sends("/figures/exports", period="2026-03")
    assert answer.status_code == 422
    assert "没有可导出的内容" in answer.text
