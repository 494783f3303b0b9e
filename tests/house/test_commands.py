"""Every command of `python -m bot`, as an operator runs it."""

import asyncio
import io
import json
import os
import re
import secrets
import shutil
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import COMMANDS, main
from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, NameLevel
from bot.domain.clock import RealClock
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter, StoredFile
from bot.domain.receipt_codes import make_code
from bot.domain.signals import Signals
from storage.sqlite import open_store
from tests.served import ROOT, warmed
from tests.telegram_app import real_content

STORY = "单位不让我休产假"


@dataclass(slots=True)
class Shell:
    """Runs commands against one store; `said` and `wrong` are what the last one printed."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch
    said: str = ""
    wrong: str = ""

    @property
    def data(self) -> Path:
        return self.folder / "data" / "safehouse.db"

    @property
    def key(self) -> Path:
        return self.folder / "keys" / "master.key"

    def stands_in(self, folder: Path) -> None:
        """The settings now name a store in this folder."""
        self.folder = folder
        self.patch.setenv("SAFEHOUSE__STORAGE__URL", f"sqlite:///{self.data}")
        self.patch.setenv("SAFEHOUSE__STORAGE__KEY_FILE", str(self.key))

    def runs(self, *arguments: str, code: int = 0, types: str = "") -> str:
        self.patch.setattr(sys, "stdin", io.StringIO(types))
        try:
            got = main(list(arguments))
        except SystemExit as end:
            got = int(end.code or 0)
        self.said, self.wrong = self.capture.readouterr()
        assert got == code, (got, self.said, self.wrong)
        assert "Traceback" not in self.wrong
        return self.said if code == 0 else self.wrong

    def keeps(self, work: Callable[[Unit], object] | None = None) -> None:
        """Open the store as the server would, and change something."""

        async def write() -> None:
            url = f"sqlite:///{self.data}"
            async with open_store(url, self.key, RealClock(), Signals()) as store:
                if work is not None:
                    await store.write(work)

        asyncio.run(write())

    def case(self) -> tuple[str, str]:
        """A case with a file; returns its number and receipt code."""
        now, code = RealClock().now(), make_code(secrets.SystemRandom())
        number: list[str] = []

        async def write() -> None:
            url = f"sqlite:///{self.data}"
            async with open_store(url, self.key, RealClock(), Signals()) as store:
                sealed = await store.vault.put("file1", b"%PDF-1.4 paper")

                def add(unit: Unit) -> None:
                    person = unit.people.get_or_add(Address("webchat", secrets.token_hex(8)), now)
                    card = CaseCard(
                        secrets.token_hex(8), unit.cases.next_number(now), CaseKind.MATERNITY,
                        CaseStatus.NEW, False, "金凤区", NameLevel.ANONYMOUS, None, "webchat",
                        now, now, now + timedelta(hours=8), None,
                    )  # fmt: skip
                    unit.cases.add(card, Answers(happened=STORY), person.id, code, None)
                    paper = StoredFile("file1", "document", 14, "0" * 64, "a.pdf", "application/pdf")
                    unit.files.keep(paper, person.id, sealed, now)
                    unit.cases.add_file(card.id, "file1")
                    number.append(card.number)

                await store.write(add)

        asyncio.run(write())
        return number[0], code

    def numbers(self) -> list[str]:
        """Numbers of the cases in the store."""
        found: list[str] = []
        self.keeps(lambda unit: found.extend(card.number for card in unit.cases.cards(CaseFilter())))
        return found


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name in [name for name in os.environ if name.startswith("SAFEHOUSE")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(ROOT)
    shell = Shell(tmp_path, capsys, monkeypatch)
    shell.stands_in(tmp_path)
    return shell


# ── the command line ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_explains_itself(shell: Shell, name: str) -> None:
    assert f"python -m bot {name}" in shell.runs(name, "--help")


def test_an_unknown_command_is_refused_with_the_list_of_those_there_are(shell: Shell) -> None:
    wrong = shell.runs("sevre", code=2)
    assert "sevre" in wrong and "serve" in wrong


# ── check ────────────────────────────────────────────────────────────────────────────────────────────


def test_check_tells_what_there_is_and_makes_nothing(shell: Shell) -> None:
    said = shell.runs("check")
    assert "没有问题" in said and re.search(r"\d+ 个主题", said) and "第一次启动时建立" in said
    assert not shell.data.exists() and not shell.key.exists()
    shell.keeps()
    assert "密钥对得上" in shell.runs("check")


def test_check_tells_every_fault_of_settings_content_and_store_at_once(shell: Shell) -> None:
    knowledge = shell.folder / "knowledge"
    shutil.copytree(ROOT / "knowledge", knowledge, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    entry, wording = knowledge / "faq/pay/wage-arrears.yaml", knowledge / "wording.yaml"
    entry.write_text(entry.read_text("utf-8").replace("short:", "shrot:", 1), "utf-8")
    wording.write_text(wording.read_text("utf-8").replace("{bot}", "{robot}", 1), "utf-8")
    config = shell.folder / "config.yaml"
    config.write_text("web: {prot: 80}\nlimits: {file_mb: 900}\n", "utf-8")
    wrong = shell.runs("check", "--config", str(config), "--knowledge", str(knowledge), code=1)
    for place in ("config.yaml:1: web.prot", "config.yaml:2: limits.file_mb", "shrot", "robot"):
        assert place in wrong, wrong
    assert re.search(r"共 \d+ 处要改", wrong)
    shell.keeps()
    shell.key.unlink()
    assert "密钥文件不在" in shell.runs("check", code=1)


@pytest.mark.parametrize("command", ["check", "serve", "verify", "selfcheck", "rotate-keys", "staff"])
def test_a_missing_config_file_is_a_sentence(shell: Shell, command: str) -> None:
    act = ["list"] if command == "staff" else []
    wrong = shell.runs(command, "--config", str(shell.folder / "none.yaml"), *act, code=1)
    assert "none.yaml" in wrong and "→" in wrong


# ── ask, evaluate ────────────────────────────────────────────────────────────────────────────────────


def test_ask_answers_in_words_and_as_json(shell: Shell) -> None:
    content = real_content()
    shell.patch.setattr("bot.commands.ask.load_knowledge", lambda *_: content.knowledge)  # read already
    shell.patch.setattr("bot.commands.ask.FaqIndex.build", lambda *_, **__: content.index)
    said = shell.runs("ask", "公司知道我怀孕就让我走人")
    assert "怀孕被辞退" in said and "依据" in said and "现在怎么做" in said
    answer = json.loads(shell.runs("ask", "公司知道我怀孕就让我走人", "--json"))
    assert (answer["kind"], answer["topic"]) == ("found", "pregnancy-dismissal")
    assert answer["citations"] and answer["danger"] is None
    assert json.loads(shell.runs("ask", "我不想活了", "--json"))["danger"]["kind"] == "suicide"
    assert json.loads(shell.runs("ask", "", "--json"))["kind"] == "not_found"


def test_evaluate_measures_a_file_and_writes_what_it_predicted(shell: Shell) -> None:
    content = real_content()
    shell.patch.setattr("bot.commands.evaluate.load_knowledge", lambda *_: content.knowledge)  # read already
    shell.patch.setattr("bot.commands.evaluate.FaqIndex.build", lambda *_, **__: content.index)
    asked, out = shell.folder / "asked.jsonl", shell.folder / "out.jsonl"
    rows = [
        {"id": "1", "text": "公司知道我怀孕就让我走人", "topics": ["pregnancy-dismissal"], "scope": "in"},
        {"id": "2", "text": "红烧肉怎么做", "topics": [], "scope": "out"},
    ]
    asked.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    assert "首位对" in shell.runs("evaluate", str(asked), "--predictions", str(out))
    first, second = (json.loads(line) for line in out.read_text("utf-8").splitlines())
    assert (first["id"], second["id"]) == ("1", "2")
    assert "pregnancy-dismissal" in json.dumps(first)
    asked.write_text("不是 JSON\n", "utf-8")
    assert "asked.jsonl" in shell.runs("evaluate", str(asked), code=1)
    assert shell.runs("evaluate", str(shell.folder / "none.jsonl"), code=1)


def test_campaign_check_counts_the_questions(shell: Shell) -> None:
    assert re.search(r"女职工普法知识竞答，.*\d+ 道题", shell.runs("campaign", "check"))


# ── staff ────────────────────────────────────────────────────────────────────────────────────────────


def test_accounts_are_added_listed_reset_and_disabled(shell: Shell) -> None:
    first = shell.runs("staff", "add", "李干事", "--role", "officer")
    assert "/console/setup/" in first
    shell.runs("staff", "add", "王主任", "--role", "leader", "auditor")
    listed = shell.runs("staff", "list").splitlines()
    assert [line.split("\t")[:3] for line in listed] == [
        ["李干事", "officer", "在用"], ["王主任", "auditor,leader", "在用"]
    ]  # fmt: skip
    again = shell.runs("staff", "reset", "李干事")
    assert "/console/setup/" in again and again.split()[-1] != first.split()[-1]
    assert "已停用" in shell.runs("staff", "disable", "李干事")
    assert "已停用" in shell.runs("staff", "list").splitlines()[0]
    assert "已经有账号" in shell.runs("staff", "add", "王主任", "--role", "officer", code=1)
    assert "没有叫“赵钱孙”的账号" in shell.runs("staff", "disable", "赵钱孙", code=1)
    assert "请写姓名" in shell.runs("staff", "add", " ", "--role", "officer", code=1)
    shell.runs("staff", "add", "孙某", "--role", "emperor", code=2)


# ── backup, restore, verify, keys ────────────────────────────────────────────────────────────────────


def test_what_was_backed_up_is_restored_elsewhere_and_holds(shell: Shell) -> None:
    number, _ = shell.case()
    backup = shell.folder / "backup"
    said = shell.runs("backup", str(backup))
    assert "附件 1 个" in said and str(shell.key) in said
    assert "核对完毕" in shell.runs("verify")
    key = shell.key
    shell.stands_in(shell.folder / "elsewhere")
    assert shell.runs("restore", str(backup), code=1), "without the key nothing is restored"
    shell.key.parent.mkdir(parents=True)
    shutil.copy(key, shell.key)
    assert re.search(r"案件 1，附件 1", shell.runs("restore", str(backup)))
    assert "核对完毕" in shell.runs("verify")
    assert shell.numbers() == [number]
    assert shell.runs("restore", str(backup), code=1), "never over a store that is there"
    assert shell.numbers() == [number]


def test_verify_names_what_was_changed(shell: Shell) -> None:
    assert "还没有数据库" in shell.runs("verify", code=1)
    shell.case()
    with sqlite3.connect(shell.data) as connection:
        row, sealed = connection.execute("select rowid, answers from cases").fetchone()
        changed = bytes(sealed[:-1]) + bytes([sealed[-1] ^ 1])
        connection.execute("update cases set answers = ? where rowid = ?", (changed, row))
    connection.close()
    assert "发现 1 处问题" in shell.runs("verify", code=1)
    assert "cases" in shell.said or "案件" in shell.said


def test_a_new_master_key_opens_what_the_old_one_sealed(shell: Shell) -> None:
    number, _ = shell.case()
    before = shell.key.read_text()
    assert "已换成新的主密钥" in shell.runs("rotate-keys")
    assert before.strip() in shell.key.read_text(), "the old one stays for the backups"
    assert "核对完毕" in shell.runs("verify") and shell.numbers() == [number]
    assert "已删掉旧密钥 1 把" in shell.runs("rotate-keys", "--drop-old")
    assert before.strip() not in shell.key.read_text()
    assert "核对完毕" in shell.runs("verify") and shell.numbers() == [number]


def test_nothing_can_be_backed_up_or_rotated_where_nothing_is(shell: Shell) -> None:
    assert "没有可备份的数据库" in shell.runs("backup", str(shell.folder / "b"), code=1)
    assert "没有数据库" in shell.runs("rotate-keys", code=1)
    assert not shell.data.exists() and not shell.key.exists()


# ── erase ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_case_is_erased_only_when_it_was_confirmed(shell: Shell) -> None:
    number, _ = shell.case()
    assert "没有清除" in shell.runs("erase", "--case", number, code=1, types="是\n")
    assert list((shell.folder / "data" / "files").rglob("file1"))
    assert number in shell.runs("erase", "--case", number, types="清除\n")
    assert not list((shell.folder / "data" / "files").rglob("file1"))
    assert "核对完毕" in shell.runs("verify")
    assert "没有找到" in shell.runs("erase", "--case", "A99-9999", "--yes", code=1)


def test_a_person_is_erased_by_her_code(shell: Shell) -> None:
    _, code = shell.case()
    other = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert "没有找到" in shell.runs("erase", "--code", other, "--yes", code=1)
    spaced = " ".join(code[at : at + 5] for at in range(0, len(code), 5))
    assert "案件 1 个，附件 1 个" in shell.runs("erase", "--code", spaced, "--yes")
    assert "没有找到" in shell.runs("erase", "--code", code, "--yes", code=1)
    assert "核对完毕" in shell.runs("verify")


# ── selfcheck ────────────────────────────────────────────────────────────────────────────────────────


def test_selfcheck_walks_everything_and_verifies_the_real_store(shell: Shell) -> None:
    warmed(shell.folder)
    shell.patch.setattr("bot.app.load_content", lambda *_: real_content())
    shell.case()
    before = shell.data.read_bytes()
    lines = shell.runs("selfcheck").splitlines()
    parts = ("提问", "竞答", "案件", "数据")
    assert [line.partition("：")[0] for line in lines] == [f"通　{part}" for part in parts]
    assert shell.data.read_bytes() == before, "the walk leaves the real data alone"
    shell.key.unlink()
    shell.runs("selfcheck", code=1)
    last = shell.said.splitlines()[-1]
    assert last.startswith("不通　数据：密钥文件不在") and "1 处不通" in shell.wrong
