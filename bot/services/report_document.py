"""A report as a Word document: titles, tables and pictures, in the manner of an office letter."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.services.report_picture import bars
from bot.services.reports import Report
from knowledge.wording_figures import FigureWords

# Named, not carried along: every office machine in China has them.
_BODY_FONT, _HEAD_FONT = "FangSong", "SimHei"
_LATIN = "Times New Roman"


def report_docx(report: Report, words: FigureWords, now: datetime) -> bytes:
    """The document as bytes. Takes a while: run it off the loop."""
    import docx  # lazily: only reports need it
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt

    document = docx.Document()
    _page(document, report, now)
    title = document.add_heading(report.title, 0)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    under = document.add_paragraph(f"{report.by}\n{report.made}")
    under.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for note in report.notes:
        document.add_paragraph(note)
    document.add_heading(words.report.figures, 1)
    _main_figures(document, report, words)
    for table in report.tables:
        document.add_heading(table.title, 1)
        document.add_paragraph(table.means)
        shown = [(row.name, row.cells[_charted(row.cells)]) for row in table.rows]
        picture = bars(shown, table.columns[_charted(table.rows[0].cells)])
        if picture is not None:
            document.add_picture(io.BytesIO(picture), width=Cm(15))
        lines = [(row.name, *(cell.text for cell in row.cells)) for row in (*table.rows, table.total)]
        _grid(document, (words.report.figure, *table.columns), lines, Pt(9))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _charted(cells: Sequence[object]) -> int:
    """The column that the picture shows: accepted cases, or closed ones where nothing else is told."""
    return 1 if len(cells) > 4 else 0


def _main_figures(document: Any, report: Report, words: FigureWords) -> None:
    from docx.shared import Cm, Pt

    head = (words.report.figure, words.report.number, words.report.means)
    lines = [(one.name, f"{one.cell.text} {one.unit}".strip(), one.means) for one in report.headlines]
    grid = _grid(document, head, lines, Pt(10))
    for row in grid.rows:
        for cell, width in zip(row.cells, (Cm(3.8), Cm(4.2), Cm(8)), strict=True):
            cell.width = width


def _grid(document: Any, head: Sequence[str], lines: Sequence[Sequence[str]], size: Any) -> Any:
    """A table with a head that comes again on every page."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement

    grid = document.add_table(rows=0, cols=len(head), style="Table Grid")
    for at, line in enumerate((head, *lines)):
        cells = grid.add_row().cells
        for column, text in enumerate(line):
            run = cells[column].paragraphs[0].add_run(text)
            run.font.size, run.bold = size, at == 0
            if column and len(head) > 3:
                cells[column].paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    mark = OxmlElement("w:tblHeader")
    grid.rows[0]._tr.get_or_add_trPr().append(mark)
    document.add_paragraph()
    return grid


def _page(document: Any, report: Report, now: datetime) -> None:
    """A4 with office margins, Chinese fonts, who made it and when."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.5)
    for name, font in (("Normal", _BODY_FONT), ("Title", _HEAD_FONT), ("Heading 1", _HEAD_FONT)):
        style = document.styles[name]
        style.font.name, style.font.color.rgb = _LATIN, RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), font)
    document.styles["Normal"].font.size = Pt(12)
    document.styles["Title"].font.size = Pt(20)
    document.styles["Heading 1"].font.size = Pt(14)
    about = document.core_properties
    about.author = about.last_modified_by = report.by
    about.title, about.comments = report.title, report.made
    about.created = about.modified = now.replace(tzinfo=None)
