"""What the README promises is there, in both languages."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.__main__ import COMMANDS
from bot.config import _File

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
