"""A local number written into a text is found; what national law says and what is an example is let be."""

from pathlib import Path

import pytest

from knowledge.checks_amounts import AmountRules, value_of
from knowledge.checks_texts import Said, everything_said
from knowledge.loader import DEFAULT_FOLDER, DEFAULT_REGION, load_knowledge, read_all
from knowledge.reading import Document
from knowledge.region_reader import regions_in


@pytest.fixture(scope="module")
def rules() -> AmountRules:
    return AmountRules.read(DEFAULT_FOLDER, load_knowledge().region)


def finds(rules: AmountRules, text: str, *, scene: bool = False) -> list[str]:
    said = Said(Document("knowledge/faq/pay/x.yaml", {}, None), ("details",), text, ("x", ""), scene)
    return [fault.wrong for fault in rules.faults([said])]


@pytest.mark.parametrize(
    "slip",
    [
        "银川最低工资是每月2235元。",
        "最低工资两千二百三十五元，低于这个就是违法。",
        "最低工资2200，低于这个可以投诉。",
        "小时工每小时不低于22元。",
        "高温津贴每天12元。",
        "高温津贴现在每月三百块钱，发四个月。",
        "生育津贴大约能拿1.5万元。",
        "失业金每月1700元左右。",
        "缴费基数下限5023元。",
        "公积金缴存基数上限是33,747元。",
        "延长产假60天。",
        "产假98天，加上延长产假六十天。",
        "再加60天延长产假，一共158天。",
        "育儿假每年10天。",
        "男方有25天护理假。",
        "陪产假是十五天，单位要照给。",
        "婚假3天，工资照发。",
        "困难补助一次给两千元。",
        "律师费一般5000元起。",
        "会费每月交5元。",
        "法律援助要求月收入低于2000块钱。",
    ],
)
def test_a_number_that_changes_is_found_in_an_answer(rules: AmountRules, slip: str) -> None:
    assert finds(rules, f"前一句没有数字。{slip}"), slip


@pytest.mark.parametrize(
    "fine",
    [
        "产假98天，难产再加15天。",
        "流产的，不满四个月休15天，满四个月休42天。",
        "拒不改正的，处一万元以上五万元以下罚款。",
        "可以按每人1000到5000元罚单位。",
        "劳动争议案件受理费每件十元。",
        "二是数额较大。全国的幅度：欠一个人三个月以上，并且在五千到两万元以上。",
        "比如月工资4350元，一小时25元。",
        "例：干了三年四个月，月均5000元，N是17500元。",
        "“干不满一年赔一万”这类约定，没有效力。",
        "万一单位不认，带两样证据去。",
        "育儿假的天数由地方定，先打12333问。",
        "延长产假在98天之外，几天看地方。",
        "收到裁决书十五日内起诉。",
        "每周至少休一天，每天不超过八小时。",
        "千万别在空白纸上签字，一块儿去的同事也别签。",
        "小李月薪5000元，干了四年，公司该给她4个月工资。",
        "地方数字是{local.minimum_wage_month}。",
    ],
)
def test_national_numbers_and_examples_are_let_be(rules: AmountRules, fine: str) -> None:
    assert finds(rules, fine) == []


def test_a_story_may_name_wages_but_not_the_local_norm(rules: AmountRules) -> None:
    assert finds(rules, "王姐每月工资三千二百元，押金五百元没退。", scene=True) == []
    assert finds(rules, "公司只批了7天护理假。", scene=True) == []
    assert finds(rules, "她前十二个月平均工资六千元，没超过当地封顶线。", scene=True) == []
    assert finds(rules, "她每月拿2235元，刚好是底线。", scene=True)
    assert finds(rules, "当地最低工资2100元，她只拿1800元。", scene=True)
    assert finds(rules, "假设当地最低工资2100元，她只拿1800元。", scene=True) == []
    assert finds(rules, "她还有60天延长产假。", scene=True)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("2235", 2235), ("2,235", 2235), ("两千二百三十五", 2235), ("1.5万", 15000), ("三万三千", 33000),
        ("十", 10), ("二十五", 25), ("一百零五", 105), ("五", 5),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(words: str, value: float) -> None:
    assert value_of(words) == value


@pytest.mark.parametrize("region", regions_in(DEFAULT_FOLDER))
def test_no_text_of_today_states_a_number_that_changes(region: str) -> None:
    written = read_all(DEFAULT_FOLDER, region)
    rules = AmountRules.read(DEFAULT_FOLDER, written.knowledge.region)
    assert [str(fault) for fault in rules.faults(everything_said(written))] == []


def test_a_slip_in_a_file_is_told_with_its_line(folder: Path) -> None:
    (folder / "local_numbers.yaml").write_bytes((DEFAULT_FOLDER / "local_numbers.yaml").read_bytes())
    entry = folder / "faq" / "wages" / "arrears.yaml"
    text = entry.read_text(encoding="utf-8")
    entry.write_text(text.replace("规则是这样的。", "最低工资是1900元。"), encoding="utf-8")
    written = read_all(folder, DEFAULT_REGION)
    (fault,) = AmountRules.read(folder, written.knowledge.region).faults(everything_said(written))
    assert (fault.file, fault.line, fault.key) == ("knowledge/faq/wages/arrears.yaml", 16, "details")
    assert "1900" in fault.wrong
