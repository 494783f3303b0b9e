"""`check` as a curator runs it, and a second city that needs nothing but its folder."""

import asyncio
import html
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.app import House, load_content, open_house
from bot.config import load_settings
from bot.serving import listen, run_house
from knowledge.loader import DEFAULT_FOLDER
from tests.served import ROOT, free_port
from tests.web_house import Browser

Run = Callable[..., str]


@pytest.fixture
def check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """Runs `check` on the shipped settings with an empty store; returns stdout, or stderr when it fails."""
    for name in [name for name in os.environ if name.startswith("SAFEHOUSE")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("SAFEHOUSE__STORAGE__URL", f"sqlite:///{tmp_path / 'data' / 'safehouse.db'}")
    monkeypatch.setenv("SAFEHOUSE__STORAGE__KEY_FILE", str(tmp_path / "keys" / "master.key"))

    def run(*arguments: str, code: int = 0) -> str:
        got = main(["check", *arguments])
        said = capsys.readouterr()
        assert got == code, (got, said)
        return said.out if code == 0 else said.err

    return run


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the knowledge with the answers of two categories, for tests that change or learn it."""
    folder = tmp_path / "knowledge"
    keep_out = shutil.ignore_patterns("*.py", "__pycache__", "stories", "lessons", "tips", "siblings")
    shutil.copytree(DEFAULT_FOLDER, folder, ignore=keep_out)
    for category in (folder / "faq").iterdir():
        if category.name not in ("remedy", "pay"):
            shutil.rmtree(category)
    for override in (folder / "regions").glob("**/faq/*.yaml"):
        if not list(folder.glob(f"faq/*/{override.name}")):
            override.unlink()
    return folder


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# ── faults and notes ─────────────────────────────────────────────────────────────────────────────────


def test_notes_are_told_behind_the_summary_and_change_no_exit_code(check: Run, content: Path) -> None:
    entry = content / "faq" / "pay" / "wage-arrears.yaml"
    change(entry, "details: |\n", f"details: |\n  {'这一句话说得太长' * 6}。\n  财产保全要快。\n")
    change(entry, "checked_on: 2026-11-22", "checked_on: 2020-01-01")
    said = check("--knowledge", str(content), "--notes")
    assert said.index("没有问题") < said.index("提醒")
    for kind, what in (
        ("该复核的内容", "上次核对 2020-01-01"), ("长句", "一句 48 字"), ("行话", "“财产保全”没有解释")
    ):  # fmt: skip
        assert kind in said and re.search(rf"knowledge/faq/pay/wage-arrears\.yaml:\d+: .*{what}", said), what
    few = check("--knowledge", str(content))
    assert len(few.splitlines()) < len(said.splitlines()) and "加 --notes 全部列出" in few


def test_a_slip_that_would_mislead_is_a_fault(check: Run, content: Path) -> None:
    change(
        content / "faq" / "pay" / "wage-minimum.yaml", "details: |\n", "details: |\n  最低工资每月2200元。\n"
    )
    change(content / "faq" / "pay" / "wage-arrears.yaml", "details: |\n", "details: |\n  银川的规定不同。\n")
    change(content / "faq" / "pay" / "wage-overtime.yaml", "{status: 待律师审核}", "{status: 已审核}")
    wrong = check("--knowledge", str(content), code=1)
    assert re.search(r"wage-minimum\.yaml:\d+: details: 写死了会变的数字“最低工资每月2200元” → ", wrong)
    assert re.search(r"wage-arrears\.yaml:\d+: 地名: 写死了“银川” → 写成 \{region\}", wrong)
    assert re.search(r"wage-overtime\.yaml:\d+: review: 写了已审核，缺少 by、on、next → ", wrong)
    assert "共 3 处要改" in wrong


def test_a_fault_in_the_folder_of_another_region_is_told_too(check: Run, content: Path) -> None:
    override = content / "regions" / "shaanxi" / "xian" / "faq" / "remedy-local-directory.yaml"
    change(override, "short: ", "title: 换个标题\nshort: ")
    wrong = check("--knowledge", str(content), code=1)
    assert (
        "regions/shaanxi/xian/faq/remedy-local-directory.yaml:2: title: " in wrong
        and "地区 shaanxi/xian" in wrong
    )


def test_phrasings_are_followed_when_asked_for(check: Run, content: Path) -> None:
    assert "更像别的主题的问法" not in check("--knowledge", str(content))
    change(content / "faq" / "pay" / "wage-payslip.yaml", "ask:\n", "ask:\n  - 我要去劳动仲裁委申请仲裁\n")
    said = check("--knowledge", str(content), "--phrasings", "--notes")
    assert re.search(r"wage-payslip\.yaml:3: ask\[1\]: “我要去劳动仲裁委申请仲裁”更像 remedy-", said)


def test_a_name_of_another_city_in_the_settings_is_asked_about(
    check: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "organisation.name" not in check()
    monkeypatch.setenv("SAFEHOUSE__ORGANISATION__REGION", "shaanxi/xian")
    said = check()
    assert "写的是“银川市总工会”，西安市的名录里是“西安市总工会”" in said and "地区 西安市" in said


def test_the_content_of_today_passes(check: Run) -> None:
    assert re.search(r"182 个主题，\d+ 种问法", check())


# ── lists ────────────────────────────────────────────────────────────────────────────────────────────


def test_what_depends_on_a_law_is_listed_by_any_of_its_names(check: Run) -> None:
    said = check("--law", "《女职工劳动保护特别规定》", "--article", "第7条")
    assert re.search(r"引用《女职工劳动保护特别规定》第7条的有 \d+ 处", said)
    assert re.search(r"maternity-leave-length +\S+.*《女职工劳动保护特别规定》第七条", said)
    assert "竞答题" in said and "第五条" not in said
    by_alias = check("--law", "劳动争议调解仲裁法", "--article", "第二十七条")
    assert re.search(r"期限 2\n +arbitration ", by_alias)


def test_an_unknown_law_is_answered_with_names_like_it(check: Run) -> None:
    assert "是不是：妇女权益保障法" in check("--law", "妇女权益法", code=1)
    assert "没有内容引用《中华人民共和国社会保险法》第九十八条" in check(
        "--law", "社会保险法", "--article", "第九十八条"
    )
    assert "照 laws.yaml 写" in check("--law", "qqq", code=1)


def test_everything_is_counted_by_category_and_by_form(check: Run) -> None:
    said = check("--counts")
    head, *rows = (line.split() for line in said.split("\n\n")[0].splitlines())
    assert head[:3] == ["主题", "已写", "问法"] and head[-3:] == ["易", "中", "难"]
    *categories, total = rows
    assert total[0] == "合计" and total[1] == "182"
    for column in range(1, len(total)):
        assert sum(int(row[column]) for row in categories) == int(total[column])
    asked = head.index("竞答题") + 1
    assert sum(map(int, total[-3:])) == int(total[asked])
    graded = [line.split() for line in said.split("\n\n")[1].splitlines()[1:]]
    assert sum(int(row[-1]) for row in graded) == int(total[asked])


# ── a second city ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def xian(tmp_path: Path, content: Path) -> AsyncIterator[tuple[House, Browser]]:
    """The whole product as 西安市总工会 would run it: two settings, no code; and a woman with a browser."""
    port = free_port()
    environment = {
        "SAFEHOUSE__STORAGE__URL": f"sqlite:///{tmp_path / 'data' / 'safehouse.db'}",
        "SAFEHOUSE__STORAGE__KEY_FILE": str(tmp_path / "keys" / "master.key"),
        "SAFEHOUSE__WEB__PORT": str(port),
        "SAFEHOUSE__ORGANISATION__REGION": "shaanxi/xian",
        "SAFEHOUSE__ORGANISATION__NAME": "西安市总工会",
    }
    settings = load_settings(ROOT / "config.yaml", environment)
    stop = asyncio.Event()
    async with open_house(settings, content=load_content(settings, content)) as house:
        running = asyncio.create_task(run_house(house, listen("127.0.0.1", port), stop))
        async with Browser(house.web.public_url) as browser:
            yield house, browser
        stop.set()
        await running


async def test_another_city_answers_with_its_own_offices_and_names_nobody_elses(
    xian: tuple[House, Browser],
) -> None:
    house, browser = xian
    region = house.content.knowledge.region
    assert region.name == "西安市" and "雁塔区" in region.districts
    pages = [(await browser.opens()).text]
    for question in ("西安劳动仲裁在哪", "雁塔区劳动仲裁委怎么走", "西安最低工资是多少钱", "申请法律援助"):
        pages.append(html.unescape(await browser.says(question)))
    assert "西安市总工会" in pages[0]
    for answer in pages[1:3]:
        assert "西安办事机构在哪、怎么找" in answer
        assert "西安各家机构的地址、电话，这里还没有逐个核对" in answer and "12351" in answer
    assert not re.search("银川|宁夏|兴庆|金凤", "".join(pages))


def test_an_office_in_the_settings_replaces_that_of_the_region(tmp_path: Path, content: Path) -> None:
    shutil.copy(ROOT / "config.yaml", tmp_path / "config.yaml")
    own = "agencies: [{id: xian-union, name: 西安市总工会（新址）, kind: union, address: 已核对的地址}]"
    change(tmp_path / "config.yaml", "agencies: []", own)
    environment = {
        "SAFEHOUSE__STORAGE__URL": f"sqlite:///{tmp_path / 'data' / 'safehouse.db'}",
        "SAFEHOUSE__ORGANISATION__REGION": "shaanxi/xian",
    }
    region = load_content(load_settings(tmp_path / "config.yaml", environment), content).knowledge.region
    unions = [office for office in region.directory if office.kind == "union"]
    assert [office.name for office in unions] == ["西安市总工会（新址）"]
