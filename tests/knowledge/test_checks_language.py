"""Long sentences, words of the trade and places named outright are told with their line."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from knowledge.checks_language import long_sentences, named_places, read_jargon, unexplained
from knowledge.checks_texts import Said, everything_said
from knowledge.loader import DEFAULT_FOLDER, load_knowledge, read_all
from knowledge.reading import Document
from knowledge.region_reader import regions_in

JARGON = {"医疗期": ("生病单位不能辞退您的那段时间", "病假"), "支付令": ("请法院直接催单位付钱的命令",)}


def said(text: str, *, layer: str = "details", file: str = "knowledge/x.yaml") -> Said:
    return Said(Document(file, {}, None), (layer,), text, (file, layer))


def terms(*texts: Said) -> list[str]:
    return [fault.wrong for fault in unexplained(texts, JARGON)]


def test_a_sentence_of_more_than_45_characters_is_told_with_its_length() -> None:
    fine, long = "先" * 45, "别" * 46
    found = list(long_sentences([said(f"{fine}。{fine}；{fine}\n{long}！")]))
    assert [(length, fault.key) for length, fault in found] == [(46, "details")]


def test_a_word_of_the_trade_that_nothing_explains_is_told_once_a_screen() -> None:
    assert terms(said("还在医疗期的，不能裁。医疗期有几个月。")) == ["行话“医疗期”没有解释"]


@pytest.mark.parametrize(
    "text",
    [
        "医疗期（生病单位不能辞退您的那段时间）没满的，不能裁。",
        "医疗期就是养病、单位不能解除的那段时间。",
        "医疗期：看工龄，三到二十四个月。",
        "养病的那段时间（医疗期）不能裁。",
        "养病的那段时间叫医疗期。",
        "请病假的时候还在医疗期里，不能裁。",
        "和相近问题的区别：养病的，看“医疗期里被辞退”。",
    ],
)
def test_a_word_that_is_explained_where_it_stands_is_fine(text: str) -> None:
    assert terms(said(text)) == []


def test_what_the_short_answer_explained_needs_no_second_explanation() -> None:
    short = said("医疗期就是养病的时间。", layer="short")
    assert terms(short, said("医疗期满了以后再说。")) == []
    assert terms(short, said("医疗期满了以后再说。", file="knowledge/other.yaml")) == ["行话“医疗期”没有解释"]


def test_titles_options_and_what_is_said_to_the_employer_may_use_such_words() -> None:
    option = Said(Document("x", {}, None), ("questions", 0, "options", 1), "支付令", ("x", "q1"))
    assert terms(said("支付令怎么申请", layer="title"), said("我在医疗期。", layer="say"), option) == []


def test_the_real_list_of_words_can_be_read_and_finds_only_what_stands_in_the_texts() -> None:
    jargon = read_jargon(DEFAULT_FOLDER)
    texts = list(everything_said(read_all()))
    assert len(jargon) >= 30
    for fault in unexplained(texts, jargon):
        assert any(term in fault.wrong for term in jargon)


def places(folder: Path, files: dict[str, str], regions: Sequence[str]) -> list[tuple[str, int, str]]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    found = named_places(folder, [load_knowledge(region=region).region for region in regions])
    return [(fault.file, fault.line, fault.wrong) for fault in found]


def test_a_city_named_in_a_national_text_is_told_with_its_placeholder(tmp_path: Path) -> None:
    files = {
        "faq/pay/a.yaml": "title: 宁夏的规定\nshort: 问{region}\n# 银川的事\ndetails: 到西安市总工会去\n",
        "stories/b.yaml": "happened: 小李把东西安排好，在陕西安全地干活。\n",
        "regions/ningxia/yinchuan/faq/a.yaml": "short: 银川的事写在这里\n",
        "outside.yaml": "talk: [去西安坐什么车]\n",
    }
    assert places(tmp_path, files, regions_in(DEFAULT_FOLDER)) == [
        (f"{tmp_path.name}/faq/pay/a.yaml", 1, "写死了“宁夏”"),
        (f"{tmp_path.name}/faq/pay/a.yaml", 4, "写死了“西安市总工会”"),
        (f"{tmp_path.name}/stories/b.yaml", 1, "写死了“陕西”"),
    ]


def test_a_local_law_cited_for_the_whole_country_is_told_where_to_go(tmp_path: Path) -> None:
    (tmp_path / "faq" / "pay").mkdir(parents=True)
    law = "citations:\n  - {law: 银川市劳动保障监察条例, article: 第十条}\n"
    (tmp_path / "faq" / "pay" / "a.yaml").write_text(law, encoding="utf-8")
    (fault,) = named_places(tmp_path, [load_knowledge().region])
    assert fault.line == 2 and "regions/" in fault.write


def test_no_national_text_names_a_city_or_province() -> None:
    regions = [load_knowledge(region=region).region for region in regions_in(DEFAULT_FOLDER)]
    assert [str(fault) for fault in named_places(DEFAULT_FOLDER, regions)] == []
