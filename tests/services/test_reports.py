"""Reports: the same figures on paper, with definitions, nothing small, no names."""

import io
from datetime import timedelta

import docx
import pytest

from bot.domain.cases import CaseKind, EventKind
from bot.domain.periods import of_month, of_year
from bot.domain.promises import Promises
from bot.services.report_document import report_docx
from bot.services.reports import make_report
from tests.services.figures_store import NOW, add_cases, hire, opened_store

OCTOBER = of_month(2026, 10)


@pytest.fixture
async def store(tmp_path):
    async with opened_store(tmp_path) as opened:
        yield opened


def _fill(unit):
    hire(unit, "独角兽干事")
    add_cases(unit, 40, assignee="id-独角兽干事")
    add_cases(unit, 3, first=41, kind=CaseKind.HARASSMENT, district="西夏区")
    for number in range(1, 22):
        facts = {"to": "closed", "outcome": "mediated" if number > 4 else "advised", "people_helped": "1",
                 "recovered_fen": "840000", "confirmed_fen": "840000"}  # fmt: skip
        unit.cases.add_event(
            f"case{number}", EventKind.CLOSED, by="s", at=NOW - timedelta(days=29), facts=facts
        )


async def _report(store, wording, period):
    return await store.read(lambda unit: make_report(unit, period, NOW, Promises(), "银川市总工会", wording))


def _words(data):
    document = docx.Document(io.BytesIO(data))
    lines = [paragraph.text for paragraph in document.paragraphs]
    grids = [[[cell.text for cell in row.cells] for row in grid.rows] for grid in document.tables]
    return lines, grids, document


async def test_the_document_tells_the_figures_with_their_definitions(store, wording):
    await store.write(_fill)
    report = await _report(store, wording, OCTOBER)
    lines, grids, document = _words(report_docx(report, wording.figures, NOW))
    assert "2026年10月女职工维权服务情况" in lines
    assert any("数据截至 2026年11月22日 10:00" in line for line in lines)
    main = {row[0]: row[1:] for row in grids[0][1:]}
    assert main["受理"] == ["43 件", wording.figures.means["accepted"]]
    assert main["调解成功"][0] == "17 件"
    assert main["帮助"][0] == "21 人"
    assert main["追回金额"][0] == "176,400 元"
    assert len(main) == len(wording.figures.names)
    kinds = next(grid for grid in grids if any(row[0] == "性骚扰与暴力" for row in grid))
    assert [row[0] for row in kinds] == ["项目", "工资", "性骚扰与暴力", "合计"]
    assert [row[2] for row in kinds] == ["受理", "隐去", "<5", "43"]
    assert document.inline_shapes, "pictures beside the tables"
    assert "独角兽" not in str(lines) + str(grids)
    assert document.core_properties.author == "银川市总工会"


async def test_a_year_has_its_months_and_an_unfinished_period_says_so(store, wording):
    await store.write(_fill)
    await store.write(lambda unit: add_cases(unit, 9, at=NOW - timedelta(days=9), first=60))
    year, october = await _report(store, wording, of_year(2026)), await _report(store, wording, OCTOBER)
    assert [row.name for row in year.tables[0].rows] == ["2026年10月", "2026年11月"]
    assert wording.figures.report.open_end in year.notes
    assert wording.figures.report.open_end not in october.notes
    assert all(table.by.value != "month" for table in october.tables)
    assert all(table.by.value != "officer" for table in (*year.tables, *october.tables))


async def test_an_empty_period_makes_a_report_too(store, wording):
    report = await _report(store, wording, of_month(2026, 1))
    _, grids, _ = _words(report_docx(report, wording.figures, NOW))
    assert {row[0]: row[1] for row in grids[0]}["受理"] == "0 件"
    assert {row[0]: row[1] for row in grids[0]}["满意度"] == "暂无"
    assert len(grids) == 1
