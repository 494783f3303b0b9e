"""Every text of the wording can be filled by the program; what cannot is told with file, line and key."""

import shutil
from pathlib import Path

import pytest

from bot.conversation.typed import CommandBook, plain
from bot.domain.cases import HER_TIMELINE, CaseSource, CaseStatus, NameLevel
from knowledge.faults import KnowledgeFaults
from knowledge.loader import DEFAULT_FOLDER
from knowledge.models import DangerKind
from knowledge.wording import Wording, load_wording


@pytest.fixture(scope="module")
def wording() -> Wording:
    return load_wording(DEFAULT_FOLDER)


def copied(tmp_path: Path) -> Path:
    shutil.copy(DEFAULT_FOLDER / "wording.yaml", tmp_path)
    shutil.copytree(DEFAULT_FOLDER / "wording", tmp_path / "wording", dirs_exist_ok=True)
    return tmp_path


def changed(tmp_path: Path, old: str, new: str) -> Path:
    path = copied(tmp_path) / "wording.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("{promise}前有人回复您", "{promised}前有人回复您", "talk.open_case.receipt"),
        ("您是不是想问：", "您是不是想问 {：", "talk.ask.did_you_mean"),
        ("您是不是想问：", "您是不是想问 {bot.__class__}：", "talk.ask.did_you_mean"),
        ("您是不是想问：", "您是不是想问 {bot!r}：", "talk.ask.did_you_mean"),
        ("您是不是想问：", "您是不是想问 {0}：", "talk.ask.did_you_mean"),
        ("题（{kind}）", "题（{sort}）", "talk.contest.question"),
        ("    did_you_mean:", "    did_you_meen:", "talk.ask.did_you_mean"),
        ("心理援助 12356", "心理援助 {number}", "talk.danger.first.suicide"),
        ("{number} · {kind}", "{number} · {name}", "bell.card"),
    ],
)
def test_a_text_that_would_fail_before_her_eyes_is_refused(
    tmp_path: Path, old: str, new: str, key: str
) -> None:
    with pytest.raises(KnowledgeFaults) as caught:
        load_wording(changed(tmp_path, old, new))
    fault = next(fault for fault in caught.value.faults if fault.key == key)
    assert fault.file.endswith("wording.yaml") and fault.line > 1 and fault.write


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    folder = changed(tmp_path, "您是不是想问：", "您是不是想问 {x}：")
    changed_again = (folder / "wording.yaml").read_text(encoding="utf-8").replace("{tries} 次都", "{y} 次都")
    (folder / "wording.yaml").write_text(changed_again, encoding="utf-8")
    with pytest.raises(KnowledgeFaults) as caught:
        load_wording(folder)
    assert {"talk.ask.did_you_mean", "talk.contest.no_tries"} <= {fault.key for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [("refused: {x: 不行}\nhello: 你好\n", "hello"), ("refused: {x: 最多 {top} 个}\n", ""), ("- 一\n", "")],
)
def test_a_fault_in_the_words_of_one_area_is_told_with_its_own_file(
    tmp_path: Path, line: str, wrong: str
) -> None:
    folder = copied(tmp_path)
    (folder / "wording" / "clock.yaml").write_text(line, encoding="utf-8")
    with pytest.raises(KnowledgeFaults) as caught:
        load_wording(folder)
    faults = caught.value.faults
    assert any(fault.file.endswith("wording/clock.yaml") and wrong in fault.key for fault in faults)


def test_every_closed_set_has_its_words(wording: Wording) -> None:
    talk = wording.talk
    assert set(talk.danger.first) == set(DangerKind)
    assert set(talk.open_case.levels) == {level.value for level in NameLevel}
    assert {kind.value for kind in HER_TIMELINE} <= set(talk.my_case.events)
    labels = wording.labels
    assert set(labels.status) == {status.value for status in CaseStatus}
    assert set(labels.channel) == {source.value for source in CaseSource}
    assert set(talk.my_case.next) <= {status.value for status in CaseStatus} | {"default", "asked"}


def test_safety_words_carry_their_numbers_and_no_law(wording: Wording) -> None:
    numbers = {
        DangerKind.VIOLENCE: ("110", "120", "12338"),
        DangerKind.SEXUAL_ASSAULT: ("110", "120", "12338"),
        DangerKind.SUICIDE: ("12356", "120", "110"),
        DangerKind.INJURY: ("120", "119"),
        DangerKind.CONFINEMENT: ("110",),
        DangerKind.STALKING: ("110", "12338"),
        DangerKind.BLACKMAIL: ("110", "12356"),
    }
    for kind, text in wording.talk.danger.first.items():
        assert all(number in text for number in numbers[kind])
        assert "《" not in text and "仲裁" not in text


def test_one_word_is_one_command(wording: Wording) -> None:
    commands = wording.talk.commands
    seen: dict[str, str] = {}
    for name in type(commands).model_fields:
        for word in getattr(commands, name):
            assert seen.setdefault(plain(word), name) == name, (
                f"{word} is both {seen[plain(word)]} and {name}"
            )
    assert CommandBook.of(commands).exactly("帮助") == "help"


def test_the_bot_says_您_and_never_你(wording: Wording) -> None:
    said = wording.talk.model_dump_json(exclude={"commands"})  # commands are what she says
    assert "你" not in said
