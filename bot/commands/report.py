"""`report`: the monthly or yearly report, on the terminal or as a Word document."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

from bot.commands.common import KNOWLEDGE_FOLDER, add_config, fail, padded, read_settings
from bot.config import Settings
from bot.domain.civil_time import civil_day
from bot.domain.clock import RealClock
from bot.domain.errors import Refused, SafeHouseError
from bot.domain.periods import period
from bot.domain.ports import Unit
from bot.domain.signals import Signals
from bot.domain.staff import SYSTEM
from bot.services.reports import Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("period", metavar="时间", help="月份、季度或年份，例如 2026-10、2026-Q4、2026")
    parser.add_argument("--out", type=Path, metavar="FILE.docx", help="写成 Word 文件；不写就打印在终端")


def run(arguments: argparse.Namespace) -> int:
    """Small numbers are kept back: a report goes out of the team."""
    settings = read_settings(arguments)
    if settings is None:
        return 1
    from storage.sqlite import database_path

    out: Path | None = arguments.out
    if not database_path(settings.storage.url).exists():
        return fail("还没有数据库，没有可以统计的。")
    if out is not None and (out.suffix != ".docx" or not out.parent.is_dir()):
        return fail(f"--out {out}：要写成已有文件夹里的 .docx 文件，例如 --out report.docx")
    try:
        return asyncio.run(_report(settings, arguments.period, out))
    except Refused as refused:
        from knowledge.wording import load_wording

        return fail(load_wording(KNOWLEDGE_FOLDER).refused(refused.reason))
    except (SafeHouseError, OSError) as error:
        return fail(str(error))


async def _report(settings: Settings, written: str, out: Path | None) -> int:
    from bot.app import promises_of
    from bot.services.demo_mark import is_demo
    from bot.services.report_document import report_docx
    from bot.services.reports import make_report
    from knowledge.wording import load_wording
    from storage.sqlite import open_store

    clock, wording = RealClock(), load_wording(KNOWLEDGE_FOLDER)
    now = clock.now()
    wanted = period(written, civil_day(now))

    def make(unit: Unit) -> Report:
        unit.audit.append(SYSTEM.id, "report", "figures", now, {"period": wanted.key})
        name = settings.organisation.name
        house = f"{wording.employers.demo_mark}·{name}" if is_demo(unit) else name
        return make_report(unit, wanted, now, promises_of(settings), house, wording)

    url, key_file = settings.storage.url, settings.storage.key_file
    async with open_store(url, key_file, clock, Signals(), exclusive=False) as store:
        report = await store.write(make)
    if out is None:
        print("\n".join(in_words(report)))
        return 0
    made = await asyncio.to_thread(report_docx, report, wording.figures, now)
    await asyncio.to_thread(out.write_bytes, made)
    print(f"已写入 {out}（{report.title}）。")
    return 0


def in_words(report: Report) -> list[str]:
    """The report for a terminal: every figure with its definition, every breakdown as a table."""
    lines = [report.title, f"{report.by} · {report.made}", *report.notes, ""]
    for one in report.headlines:
        lines.append(padded(one.name, 28) + padded(f"{one.cell.text} {one.unit}".strip(), 20) + one.means)
    for table in report.tables:
        lines += ["", table.title, _line("", table.columns)]
        lines += [_line(row.name, [cell.text for cell in row.cells]) for row in (*table.rows, table.total)]
    return lines


def _line(name: str, cells: Sequence[str]) -> str:
    return padded(name, 24) + "".join(padded(cell, 16) for cell in cells).rstrip()
