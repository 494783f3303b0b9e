"""Which words need a second pair of eyes."""

import pytest

from bot.domain.legal_advice import gives_advice


@pytest.mark.parametrize(
    "text",
    [
        "根据《劳动合同法》第四十二条，单位不能辞退您。",
        "第 87 条说得很清楚",
        "第八十二条",
        "按劳动合同法，他们这样做不对",
        "民法典里有规定",
        "可以要赔偿金一万两千元",
        "能拿到 8,400 元的经济补偿",
        "补偿三个月工资",
        "单位应付２Ｎ",
        "Ｎ+1 是底线",
        "工伤保险条例写了",
        "按女职工特别规定办",
    ],
)
def test_law_and_sums_of_compensation_are_advice(text):
    assert gives_advice(text)


@pytest.mark.parametrize(
    "text",
    [
        "请先别签任何文件。\n明天我陪您去。",
        "明天 9 点到法院门口，我等您。",
        "收到，我来办。",
        "请把最近 12 个月的工资条发给我们。",
        "法律援助中心的电话是 12348。",
        "您说的第二件事，我们记下了。",
        "调解定在周四，先想好您的想法。",
        "{by} {0} {text} {{7*7}} %s",
    ],
)
def test_plain_replies_are_none(text):
    assert not gives_advice(text)
