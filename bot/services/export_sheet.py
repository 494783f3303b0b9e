"""An export as a workbook: rows go to disk as they come, never all into memory."""

import asyncio
from pathlib import Path
from typing import Any

from bot.domain.ports import Store
from bot.services.exports import Value, Writer, rows, safe

_WIDTHS = {"kind": 16, "source": 12, "outcome": 20, "mark": 46}
_WIDTH = 13


async def write_sheet(store: Store, writer: Writer, path: Path) -> None:
    """Write the workbook to `path`; its own pieces lie in the same folder until it is done."""
    made = await asyncio.to_thread(_begin, writer, path)
    async for page in rows(store, writer):
        await asyncio.to_thread(made.add, page)
    await asyncio.to_thread(made.end)


class _Workbook:
    """The sheet of cases that grows, with its head and the notes about it already there."""

    def __init__(self, book: Any, sheet: Any) -> None:
        self._book, self._sheet, self._next = book, sheet, 1

    def add(self, page: list[list[Value]]) -> None:
        for values in page:
            for column, value in enumerate(values):
                if isinstance(value, str):
                    self._sheet.write_string(self._next, column, str(safe(value)))
                else:
                    self._sheet.write_number(self._next, column, value)
            self._next += 1

    def end(self) -> None:
        self._book.close()


def _begin(writer: Writer, path: Path) -> _Workbook:
    import xlsxwriter  # lazily: only exports need it

    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "tmpdir": str(path.parent), "strings_to_formulas": False,
                    "strings_to_urls": False, "strings_to_numbers": False},
    )  # fmt: skip
    words, bold = writer.wording.figures.export, book.add_format({"bold": True})
    about = book.add_worksheet(words.about)
    about.set_column(0, 0, 90)
    lines = [writer.mark, writer.period.in_words, *words.notes]
    for at, line in enumerate(lines):
        about.write_string(at, 0, str(safe(line)))
    sheet = book.add_worksheet(words.sheet)
    for at, (name, title) in enumerate(words.columns.items()):
        sheet.set_column(at, at, _WIDTHS.get(name, _WIDTH))
        sheet.write_string(0, at, title, bold)
    sheet.freeze_panes(1, 0)
    sheet.set_footer(f"&L{writer.mark.replace('&', '&&')}&R&P/&N")
    sheet.set_landscape()
    sheet.repeat_rows(0)
    return _Workbook(book, sheet)
