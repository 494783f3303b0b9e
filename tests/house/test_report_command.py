"""`python -m bot report`, as an operator runs it."""

import docx

from tests.house.test_commands import Shell, shell

__all__ = ["shell"]


def test_a_report_is_printed_or_written_and_nonsense_is_told_in_words(shell: Shell) -> None:
    assert "还没有数据库" in shell.runs("report", "2026", code=1)
    assert not shell.data.exists(), "a report makes no house"
    number, _ = shell.case()
    year = f"20{number[1:3]}"
    said = shell.runs("report", year)
    assert f"{year}年女职工维权服务情况" in said
    assert "<5 件" in said, "one case is a small number"
    assert "这段时间里新登记的案件" in said
    out = shell.folder / "year.docx"
    assert "year.docx" in shell.runs("report", year, "--out", str(out))
    lines = [paragraph.text for paragraph in docx.Document(str(out)).paragraphs]
    assert f"{year}年女职工维权服务情况" in lines
    assert "没有看懂这段时间" in shell.runs("report", "2026-13", code=1)
    assert "这段时间还没有到" in shell.runs("report", "2150", code=1)
    assert ".docx" in shell.runs("report", year, "--out", str(shell.folder / "none" / "x.docx"), code=1)
    assert number not in said
