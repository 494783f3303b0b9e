"""Exports: no words, no formulas, no small cells; few alone, many by two, streamed in pages."""

import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.cases import CaseKind, EventKind
from bot.domain.errors import NotAllowed, Refused
from bot.domain.periods import of_month
from bot.domain.ports_figures import Layout
from bot.domain.staff import Role
from bot.services import exports
from bot.services.export_sheet import write_sheet
from bot.services.exports import as_csv, ask, safe, writer
from bot.services.two_people import Cleared
from tests.services.figures_store import NOW, add_cases, hire, opened_store

OCTOBER = of_month(2026, 10)


@pytest.fixture
async def store(tmp_path):
    async with opened_store(tmp_path) as opened:
        yield opened


async def _csv(store, cleared, wording):
    made = await writer(store, cleared, NOW, wording)
    data = b"".join([piece async for piece in as_csv(store, made)])
    assert data.startswith(b"\xef\xbb\xbf"), "spreadsheet programs must see UTF-8"
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def _asks(store, member, layout=Layout.CSV, at=NOW):
    return store.write(lambda unit: ask(unit, member, OCTOBER, layout, at))


async def test_fifty_lines_a_day_come_alone_and_more_take_a_second_person(store):
    leader = await store.write(lambda unit: hire(unit, "王"))
    await store.write(lambda unit: add_cases(unit, 30))
    assert isinstance(await _asks(store, leader), Cleared)
    assert not isinstance(await _asks(store, leader), Cleared), "slices of a day add up"
    assert isinstance(await _asks(store, leader, at=NOW + timedelta(days=1, seconds=1)), Cleared)
    await store.write(lambda unit: add_cases(unit, 21, first=31))
    assert not isinstance(await _asks(store, leader, at=NOW + timedelta(days=9)), Cleared)


async def test_who_may_not_export_gets_nothing_and_an_empty_period_is_told(store):
    officer = await store.write(lambda unit: hire(unit, "李", Role.OFFICER))
    with pytest.raises(NotAllowed):
        await _asks(store, officer)
    leader = await store.write(lambda unit: hire(unit, "王"))
    with pytest.raises(Refused, match="export_empty"):
        await _asks(store, leader)
    assert not await store.read(lambda unit: unit.figures.exports(9))


async def test_a_line_has_states_days_and_sums_but_no_words_and_its_reader_in_every_line(store, wording):
    leader = await store.write(lambda unit: hire(unit, "王"))
    await store.write(lambda unit: add_cases(unit, 6))
    closed = {"to": "closed", "outcome": "mediated", "recovered_fen": "840000", "people_helped": "2",
              "confirmed_fen": "0"}  # fmt: skip

    def close(unit):
        card = unit.cases.card("case1")
        unit.cases.add_event("case1", EventKind.CLOSED, by="s", at=NOW, facts=closed, body="独角兽")
        unit.cases.save_card(replace(card, status="closed", outcome="mediated", closed_at=NOW,
                                     recovered_fen=840_000, people_helped=2))  # fmt: skip
        unit.cases.add_event(
            "case1", EventKind.CONFIRMED, by="worker", at=NOW, facts={"confirmed_fen": "500000"}
        )

    await store.write(close)
    cleared = await _asks(store, leader)
    first, *rest = await _csv(store, cleared, wording)
    assert len(rest) == 5
    assert first == {
        "编号": "A26-0001", "类别": "工资", "状态": "已办结", "来源": "网页", "区县": "金凤区",
        "登记日期": "2026-10-23", "受理日期": "2026-10-23", "办结日期": "2026-11-22", "结果": "调解成功",
        "帮助人数": "2", "追回金额（元）": "8400.0", "其中已确认（元）": "5000.0",
        "导出标记": first["导出标记"],
    }  # fmt: skip
    assert "独角兽" not in str([first, *rest])
    assert "某厂" not in str([first, *rest])
    for line in (first, *rest):
        assert cleared.request.id in line["导出标记"]
        assert "王 导出" in line["导出标记"]


async def test_rare_kinds_and_places_are_kept_back(store, wording):
    leader = await store.write(lambda unit: hire(unit, "王"))

    def fill(unit):
        add_cases(unit, 6)
        add_cases(unit, 2, first=7, district="西夏区")
        add_cases(unit, 3, first=9, kind=CaseKind.HARASSMENT)

    await store.write(fill)
    lines = await _csv(store, await _asks(store, leader), wording)
    assert [(line["类别"], line["区县"]) for line in lines] == [
        *[("工资", "金凤区")] * 6, *[("工资", "（不足 5 件，隐去）")] * 2,
        *[("（不足 5 件，隐去）", "（不足 5 件，隐去）")] * 3]  # fmt: skip


HOSTILE = ("=cmd|'/c calc'!A0", "+1", "-1", "@sum", "\t=1", "\r=1", "＝1", "  =1")


def test_no_text_is_taken_for_a_formula():
    for text in HOSTILE:
        assert safe(text) == "'" + text
    assert safe("金凤区") == "金凤区"
    assert safe(-5) == -5


async def test_hostile_names_stay_text_in_both_files(store, wording, tmp_path):
    leader = await store.write(lambda unit: hire(unit, '=HYPERLINK("http://x","y")'))
    await store.write(lambda unit: add_cases(unit, 7, district="=1+1"))
    cleared = await _asks(store, leader)
    lines = await _csv(store, cleared, wording)
    assert {line["区县"] for line in lines} == {"'=1+1"}
    made = await writer(store, cleared, NOW, wording)
    book = tmp_path / "out" / "cases.xlsx"
    book.parent.mkdir()
    await write_sheet(store, made, book)
    assert [one.name for one in book.parent.iterdir()] == ["cases.xlsx"], "nothing else is left behind"
    with zipfile.ZipFile(book) as parts:
        sheets = "".join(parts.read(name).decode() for name in parts.namelist() if "sheets/sheet" in name)
        assert "<f>" not in sheets
        assert "hyperlink" not in sheets.casefold().replace('=hyperlink("http://x","y")', "").replace(
            "=hyperlink(&quot;", "")  # fmt: skip
        rows = re.findall(r"<row r=", parts.read("xl/worksheets/sheet2.xml").decode())
        assert len(rows) == 8


async def test_pages_bring_every_case_once_in_order(store, wording):
    leader = await store.write(lambda unit: hire(unit, "王"))
    await store.write(lambda unit: add_cases(unit, 35))
    made = await writer(store, await _asks(store, leader), NOW, wording)
    pages = [page async for page in exports.rows(store, made, page_size=7)]
    assert [len(page) for page in pages] == [7] * 5
    assert [line[0] for page in pages for line in page] == [f"A26-{number:04d}" for number in range(1, 36)]
