"""What the README promises is there, in both languages; what the guides say is what the code does."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.__main__ import COMMANDS
from bot.config import _File, load_settings
from bot.console.case_search import MOST_HITS
from bot.domain import case_deadlines, closing
from bot.domain.errors import ConfigFaults
from bot.services import exports, partner_guest, patterns, watch_promises
from bot.services.hand_over import CHASE_DAYS, LEADER_DAYS, LONGEST_DAYS
from bot.services.two_people import LIVES, WAITS
from knowledge.wording import load_wording

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")
PAGES = [*READMES, "CHANGELOG.md", *(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))]
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_CODE = re.compile(r"`([^`\n]+)`")


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def settings(model: type[BaseModel], path: str = "") -> set[str]:
    """Dotted names of everything that config.yaml may set; blocks that hold lists count as one."""
    names: set[str] = set()
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names |= settings(kind, f"{path}{name}.")
        else:
            names.add(f"{path}{name}")
    return names


def told_settings(page: str) -> set[str]:
    """Settings that the table of a README names; `.bot_name` continues the path before it."""
    told: set[str] = set()
    for row in re.findall(r"^\| (`[a-z].*?) \|", read(page), re.MULTILINE):
        block = ""
        for name in _CODE.findall(row):
            full = f"{block}{name}" if name.startswith(".") else name
            block = full.rpartition(".")[0]
            told.add(full)
    return told


@pytest.mark.parametrize("page", READMES)
def test_every_setting_is_in_the_readme_and_no_other(page: str) -> None:
    wanted = {name for name in settings(_File) if not name.startswith("channels.wechat.")}
    told = {name for name in told_settings(page) if not name.startswith("python ")}
    assert told - {"channels.wechat"} == wanted


@pytest.mark.parametrize("page", READMES)
def test_every_command_is_in_the_readme(page: str) -> None:
    commands = " ".join(line for line in read(page).splitlines() if "python -m bot" in line)
    assert [name for name in COMMANDS if not re.search(rf"\b{name}\b", commands)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_to_a_file(page: str) -> None:
    links = [link for link in _LINK.findall(read(page)) if "://" not in link]
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


def test_both_readmes_name_the_same_files_keys_and_variables() -> None:
    def names(page: str) -> set[str]:
        return {code for code in _CODE.findall(read(page)) if re.fullmatch(r"[A-Za-z_./-]+", code)}

    assert names(READMES[0]) == names(READMES[1])


def test_every_target_of_the_makefile_is_told_by_make_help() -> None:
    makefile = read("Makefile")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))


def test_the_requirements_are_pinned_with_hashes_and_name_no_index() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        text = read(file)
        packages = re.findall(r"^[a-z0-9][^\n]*", text, re.MULTILINE)
        assert packages and all("==" in line and line.endswith("\\") for line in packages), file
        assert "index-url" not in text and "://" not in text, file


def test_the_versions_of_package_fallback_and_changelog_are_one() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    fallback = re.search(r'return "(\d+\.\d+\.\d+)"', read("bot/app.py"))
    newest = re.search(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)
    assert fallback is not None and newest is not None
    assert fallback[1] == newest[1] == project


def test_every_command_of_the_operations_guide_exists() -> None:
    named = set(re.findall(r"(?:^|`|python -m )bot ([a-z][a-z-]+)", read("docs/operations.md"), re.MULTILINE))
    assert named and named - set(COMMANDS) == set()


@pytest.mark.parametrize("page", [*READMES, "docs/operations.md"])
def test_the_folders_told_for_the_demo_city_are_accepted(page: str, tmp_path: Path) -> None:
    told = dict(re.findall(r"(SAFEHOUSE__STORAGE__\w+)=([\w:/.-]+)", read(page)))
    assert set(told) == {"SAFEHOUSE__STORAGE__URL", "SAFEHOUSE__STORAGE__KEY_FILE"}
    try:
        load_settings(ROOT / "config.yaml", told)
    except ConfigFaults as faults:
        pytest.fail(str(faults))


def test_the_desk_guide_calls_things_as_the_desk_does() -> None:
    labels, guide = load_wording(ROOT / "knowledge").labels, read("docs/desk.md").replace("\n", "")
    names = [*labels.status.values(), *labels.outcome.values(), *labels.channel.values()]
    names += labels.role.values()
    assert [name for name in names if name not in guide] == []


def test_the_numbers_of_the_desk_guide_are_those_of_the_code() -> None:
    guide = read("docs/desk.md").replace("\n", "")
    steps = "、".join(str(step) for step in case_deadlines.STEPS)
    sentences = (
        f"登记后 {watch_promises.UNCLAIMED_AFTER.seconds // 60} 分钟没人认领",
        f"办结期限前 {watch_promises.CLOSE_SOON} 天",
        f"暂停超过{watch_promises.LONGEST_PAUSE} 个工作日",
        f"剩 {steps} 天时提醒办理人；剩 {case_deadlines.URGENT_DAYS} 天变成紧急",
        f"剩 {case_deadlines.LEADER_DAYS} 天报负责人",
        f"她在剩 {case_deadlines.HER_STEPS[0]} 天和 {case_deadlines.HER_STEPS[1]} 天时",
        f"最多 {LONGEST_DAYS} 天",
        f"{CHASE_DAYS} 个工作日没有回音提醒您，{LEADER_DAYS} 个报负责人",
        f"{closing.FOLLOW_UP_AFTER.days} 天后再问一次",
        f"再过 {closing.CALL_AFTER.days} 天没有回答",
        f"又过 {closing.SILENT_FOR.days} 天没有消息",
        f"{patterns.WINDOW.days} 天里有 {patterns.LEAST} 件",
        f"要 {patterns.LEAST_IN_A_SMALL_PLACE} 件",
        f"不超过 {exports.MOST_ALONE} 行",
        f"{LIVES.total_seconds() / 3600:.0f} 小时内由申请人下载",
        f"最多列 {MOST_HITS} 件",
    )
    assert [said for said in sentences if said not in guide] == []
    assert partner_guest.TRIES == 10 and closing.MOST_TRIES == 3 and WAITS.days == 7  # written as words
