"""A region is a folder: its names, its numbers and its own answers laid over the national ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from knowledge.amounts import local_lines
from knowledge.faults import Fault, KnowledgeFaults
from knowledge.loader import DEFAULT_FOLDER, load_knowledge
from knowledge.models import Knowledge
from knowledge.overrides import FIELDS
from knowledge.region_reader import regions_in
from knowledge.wording import load_wording

ELSEWHERE = "shaanxi/xian"
TODAY = date(2026, 12, 1)
OFFICE = "directory:\n  - {id: union-1, name: 银川市总工会, kind: union}\n"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults(folder: Path, region: str = "ningxia/yinchuan") -> list[Fault]:
    with pytest.raises(KnowledgeFaults) as raised:
        load_knowledge(folder, region)
    return list(raised.value.faults)


def dismissal(folder: Path) -> Path:
    return folder / "faq" / "wages" / "dismissal.yaml"


# ── names ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_names_of_a_region_stand_in_every_text_from_the_start(folder: Path) -> None:
    change(folder / "regions" / "ningxia" / "yinchuan.yaml", "districts:", f"{OFFICE}districts:")
    change(dismissal(folder), "title: 被辞退怎么办", 'title: "{region}被辞退怎么办"')
    change(dismissal(folder), "公司把我辞退了", '"{district_2}的公司把我辞退了"')
    change(dismissal(folder), "规则是这样的。", "按{province}的规则，去问{union}，{district_3}也一样。")
    change(folder / "topics.tsv", "试用期", "{province}试用期")
    knowledge = load_knowledge(folder)
    entry = knowledge.entries["dismissal"]
    assert entry.title == "银川被辞退怎么办"
    assert entry.ask[0] == "金凤区的公司把我辞退了"
    assert entry.details == "按宁夏的规则，去问银川市总工会，兴庆区也一样。"  # of two the third is the first
    assert entry.steps == ("{hotline} 打电话",), "what depends on the day and the settings stays open"
    assert knowledge.topics["probation"].title == "宁夏试用期"


def test_the_name_in_the_settings_wins_over_the_directory(folder: Path) -> None:
    change(folder / "regions" / "ningxia" / "yinchuan.yaml", "districts:", f"{OFFICE}districts:")
    change(dismissal(folder), "规则是这样的。", "去问{union}。")
    knowledge = load_knowledge(folder, union="某厂工会")
    assert knowledge.entries["dismissal"].details == "去问某厂工会。"
    assert knowledge.version != load_knowledge(folder).version, "another text needs another index"


def test_a_province_without_a_city_speaks_of_itself(folder: Path) -> None:
    change(dismissal(folder), "规则是这样的。", "在{region}和{province}。")
    assert load_knowledge(folder, "ningxia").entries["dismissal"].details == "在宁夏和宁夏。"


@pytest.mark.parametrize("wrong", ["{regoin}", "{district_10}", "{region"])
def test_a_name_that_does_not_exist_is_refused_with_its_line(folder: Path, wrong: str) -> None:
    change(dismissal(folder), "规则是这样的。", f"去问{wrong}。")
    (fault,) = faults(folder)
    assert (fault.key, fault.line) == ("details", 16) and "{region}" in fault.write


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("title: 被辞退怎么办", 'title: "{city}被辞退"', "title"),
        ("公司把我辞退了", "打{hotline}的公司", "ask[1]"),
    ],
)
def test_titles_and_phrasings_hold_names_of_the_region_and_nothing_else(
    folder: Path, old: str, new: str, key: str
) -> None:
    change(dismissal(folder), old, new)
    assert [fault.key for fault in faults(folder)] == [key]


# ── answers of a region ──────────────────────────────────────────────────────────────────────────────


def test_fields_of_the_province_and_then_of_the_city_are_laid_over_the_answer(folder: Path) -> None:
    regions = folder / "regions" / "ningxia"
    write(regions / "faq" / "dismissal.yaml", "short: 省里说。\ndetails: 省里的细节。\nlocal: []\n")
    write(
        regions / "yinchuan" / "faq" / "dismissal.yaml",
        "short: 市里说，问{region}。\nchecked_on: 2026-12-01\n",
    )
    entry = load_knowledge(folder).entries["dismissal"]
    assert (entry.short, entry.details, entry.local) == ("市里说，问银川。", "省里的细节。", ())
    assert entry.checked_on == date(2026, 12, 1)
    assert (entry.title, entry.steps) == ("被辞退怎么办", ("{hotline} 打电话",)), "the rest is the nation's"
    assert load_knowledge(folder, "ningxia").entries["dismissal"].short == "省里说。"
    assert load_knowledge(folder).entries["arrears"].short == "先别签字，找工会。"


def test_the_version_tells_an_overridden_answer_from_the_national_one(folder: Path) -> None:
    before = load_knowledge(folder).version
    write(folder / "regions" / "ningxia" / "faq" / "dismissal.yaml", "short: 省里说。\n")
    assert load_knowledge(folder).version != before


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("# 说明\nshort: [一, 二]\n", "short", 2),
        ("details: 好。\ntitle: 换个标题\n", "title", 2),
        ("ask: [换个问法]\n", "ask", 1),
        ("details: 好。\nlocal: [luck]\n", "local[1]", 2),
        ("citations:\n  - {law: 劳动合同法, article: 第九十九条}\n", "citations[1]", 2),
        ("details: 好。\nsteps:\n  - 打 {phone}\n", "steps[1]", 3),
        ("short: 短。\nreview: {status: 差不多}\n", "review.status", 2),
        ("- 一\n", "文件", 1),
        (f"\nshort: {'长' * 121}\n", "short", 2),
    ],
)
def test_a_fault_of_an_override_is_told_at_its_own_line(folder: Path, text: str, key: str, line: int) -> None:
    write(folder / "regions" / "ningxia" / "yinchuan" / "faq" / "dismissal.yaml", text)
    (fault,) = faults(folder)
    assert fault.file == "knowledge/regions/ningxia/yinchuan/faq/dismissal.yaml"
    assert (fault.key, fault.line) == (key, line)


def test_a_fault_of_the_national_part_is_told_in_the_national_file(folder: Path) -> None:
    write(folder / "regions" / "ningxia" / "faq" / "dismissal.yaml", "short: 省里说。\n")
    change(dismissal(folder), "next: [probation, unwritten]", "next: [nowhere]")
    (fault,) = faults(folder)
    assert (fault.file, fault.line) == ("knowledge/faq/wages/dismissal.yaml", 25)


def test_an_override_of_no_topic_is_refused(folder: Path) -> None:
    write(folder / "regions" / "ningxia" / "faq" / "unheard-of.yaml", "short: 省里说。\n")
    (fault,) = faults(folder)
    assert "unheard-of" in fault.wrong


def test_the_overrides_of_another_province_do_not_matter(folder: Path) -> None:
    write(folder / "regions" / "gansu" / "faq" / "dismissal.yaml", "short: [坏]\n")
    assert load_knowledge(folder).entries["dismissal"].short == "先别签字，找工会。"


# ── the regions there are ────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def elsewhere() -> Knowledge:
    return load_knowledge(region=ELSEWHERE)


def every_text(value: Any) -> Iterator[str]:
    """All strings in a value, however deep."""
    match value:
        case str():
            yield value
        case BaseModel():
            for name in type(value).model_fields:
                yield from every_text(getattr(value, name))
        case Mapping():
            for key, item in value.items():
                yield from every_text(key)
                yield from every_text(item)
        case _ if is_dataclass(value):
            for one in fields(value):
                yield from every_text(getattr(value, one.name))
        case Sequence() | frozenset():
            for item in value:
                yield from every_text(item)


def test_there_are_two_regions_and_each_loads_with_every_number_that_answers_name(real: Knowledge) -> None:
    assert regions_in(DEFAULT_FOLDER) == ["ningxia/yinchuan", ELSEWHERE]
    for region in regions_in(DEFAULT_FOLDER):
        knowledge = load_knowledge(region=region)
        assert set(knowledge.entries) == set(real.entries)


def test_nothing_in_another_city_speaks_of_this_one(elsewhere: Knowledge, real: Knowledge) -> None:
    foreign = ("银川", "宁夏", "自治区", *(name for name in real.region.districts))
    kept = {
        "laws",
        "danger",
        "folder",
    }  # the table of laws names local laws; nobody reads the danger patterns
    parts = {one.name: getattr(elsewhere, one.name) for one in fields(Knowledge) if one.name not in kept}
    phrasings = {text for entry in elsewhere.entries.values() for text in entry.ask}
    told = [
        (name, text)
        for name, part in parts.items()
        for text in every_text(part)
        if any(word in text for word in foreign) and not ("自治区" in text and text in phrasings)
    ]
    assert told == []
    wording = load_wording(DEFAULT_FOLDER)
    assert [text for text in every_text(wording) if any(word in text for word in foreign)] == []


def test_another_city_has_its_own_offices_districts_and_titles(elsewhere: Knowledge) -> None:
    region = elsewhere.region
    assert (region.name, region.short_name, region.province_name) == ("西安市", "西安", "陕西")
    assert (region.hotline, region.union) == ("12351", "西安市总工会")
    assert len(region.districts) == 13 and "雁塔区" in region.districts
    assert elsewhere.entries["remedy-local-directory"].title == "西安办事机构在哪、怎么找"
    assert "西安各家机构" in elsewhere.entries["remedy-local-directory"].short
    assert elsewhere.entries["maternity-leave-extension-local"].title == "陕西延长产假怎么休"
    assert all("西安" in office.name for office in region.directory)


def test_nothing_unverified_is_stated_of_another_city(elsewhere: Knowledge) -> None:
    region = elsewhere.region
    assert all(amount.value is None and amount.ask_at for amount in region.amounts.values())
    assert all(office.phone is None and office.address is None for office in region.directory)
    lines = [line for entry in elsewhere.entries.values() for line in local_lines(entry, region, TODAY)]
    assert lines and not any(line.stated for line in lines)


def test_this_city_keeps_its_local_law_and_its_second_class_of_wages(
    real: Knowledge, elsewhere: Knowledge
) -> None:
    local_law = "银川市劳动保障监察条例"
    for topic in ("remedy-local-directory", "remedy-labor-inspection"):
        assert local_law in {one.law for one in real.entries[topic].citations}
        assert local_law not in {one.law for one in elsewhere.entries[topic].citations}
    assert "minimum_wage_month_class2" in real.entries["wage-minimum"].local
    assert "minimum_wage_month_class2" not in elsewhere.entries["wage-minimum"].local


def test_what_a_region_may_say_in_its_own_words_are_fields_of_an_answer(real: Knowledge) -> None:
    entry = next(iter(real.entries.values()))
    assert set(FIELDS) < set(type(entry).model_fields) and not {"id", "ask", "title"} & set(FIELDS)
