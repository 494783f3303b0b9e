"""A small knowledge folder that tests may break in one place at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.index import FaqIndex
from knowledge.loader import load_knowledge
from knowledge.models import Knowledge

TOPICS = """category\ttopic\ttitle
wages\tdismissal\t被辞退怎么办
wages\tprobation\t试用期
wages\tarrears\t拖欠工资
wages\tunwritten\t高温津贴
"""
LAWS = """- {name: 劳动合同法, full_name: 中华人民共和国劳动合同法, articles: 98, status: 现行}
- {name: 特别规定, full_name: 女职工劳动保护特别规定, articles: 16, status: 现行, annex: 4}
- {name: 某意见, full_name: 某某意见, articles: 12, status: 现行, points: true, aliases: [意见]}
"""
REGION = """name: 宁夏回族自治区
short_name: 宁夏
hotline: 12351
amounts:
  extra_days: {label: 延长产假, value: 60, unit: 天, effective_from: 2022-01-01, source: 条例,
               verified_on: 2026-01-05, ask_at: 12333}
  wage: {label: 最低工资, value: 2000, unit: 元, verified_on: null, ask_at: 12333}
hotlines:
  - {number: 110, name: 报警, for: 有危险}
"""
CITY = """name: 银川市
short_name: 银川
amounts:
  wage: {label: 银川最低工资, value: 2100, unit: 元, effective_from: 2025-10-01, effective_to: 2026-12-31,
         source: 文件, verified_on: 2026-01-05, ask_at: 12333}
districts: [兴庆区, 金凤区]
"""
ENTRY = """title: {title}
ask:
{ask}
short: 先别签字，找工会。
details: 规则是这样的。
steps:
  - "{{hotline}} 打电话"
evidence:
  - 工资条
deadlines: [arbitration]
local: [wage]
citations:
  - {{law: 劳动合同法, article: 第四十二条}}
next: [{next}]
checked_on: 2026-11-22
review: {{status: 待律师审核}}
"""
PHRASINGS = {
    "dismissal": "公司把我辞退了 老板让我走人 被开除了能赔多少 突然通知我不用来了 今天被炒鱿鱼了 收拾东西走 "
    "把我辞了没有理由 无缘无故开除我 被公司劝退怎么办 领导说我明天别来了 辞退员工要不要赔偿 说辞就辞合法吗",
    "probation": "试用期最长几个月 试用期不给转正 试用期半年合法吗 两次试用期可以吗 试用期工资打几折 又试用 "
    "试用期延长行不行 一年合同试用期多久 试用期没有社保 换岗位又算试用期 转正一直拖着 试工七天不给钱",
    "arrears": "老板拖欠工资 三个月没发工资了 工钱要不回来 欠我的工资怎么要 公司说没钱发不了工资 一拖再拖 "
    "讨薪找谁 干完活不给钱 厂里压了两个月工资 包工头欠薪 年底了还不结账 工资发一半欠一半",
}


def write_entry(folder: Path, topic: str, *, title: str = "标题写在这里", next_topic: str = "") -> Path:
    path = folder / "faq" / "wages" / f"{topic}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    ask = "\n".join(f"  - {text}" for text in PHRASINGS[topic].split())
    path.write_text(ENTRY.format(title=title, ask=ask, next=next_topic), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A valid knowledge folder with three entries, one of them pointing to a topic not yet written."""
    root = tmp_path / "knowledge"
    files = {
        "topics.tsv": TOPICS,
        "laws.yaml": LAWS,
        "deadlines.yaml": "arbitration: {label: 仲裁, law: 《调解仲裁法》第二十七条, in_words: 一年内}\n",
        "danger.yaml": "kinds: {violence: {topic: dismissal, patterns: 打我}}\n",
        "synonyms.yaml": "groups: {dismiss: [辞退, 开除, 走人, 不用来了]}\nabbreviations: {gz: 工资}\n"
        "fillers: [请问, 你好]\n",
        "outside.yaml": "fields: {food: [怀孕能吃虾吗, 红烧肉怎么做], talk: [你好, 今天天气怎么样]}\n",
        "asking_for.yaml": "speaks_of_herself: 我\nharmless: 我妹\nrules: {relative: [{patterns: 替我妹}]}\n",
        "regions/ningxia/region.yaml": REGION,
        "regions/ningxia/yinchuan.yaml": CITY,
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    write_entry(root, "dismissal", title="被辞退怎么办", next_topic="probation, unwritten")
    write_entry(root, "probation", title="试用期怎么算")
    write_entry(root, "arrears", title="拖欠工资怎么要")
    return root


@pytest.fixture(scope="session")
def real() -> Knowledge:
    """The knowledge as it is written today."""
    return load_knowledge()


@pytest.fixture(scope="session")
def real_index(real: Knowledge) -> Iterator[FaqIndex]:
    yield FaqIndex.build(real)
