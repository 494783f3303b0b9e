"""config.yaml and the environment: read whole, refused whole, every fault with its line."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import promises_of
from bot.config import load_settings
from bot.domain.cases import CaseKind
from bot.domain.errors import ConfigFaults

ROOT = Path(__file__).resolve().parents[2]


def faults_of(path: Path, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigFaults) as caught:
        load_settings(path, environ or {})
    return caught.value.faults


def test_the_shipped_file_is_sound_and_says_nothing_twice() -> None:
    settings = load_settings(ROOT / "config.yaml", {})
    assert settings.organisation.bot_name == "安全屋"
    assert settings.channels.webchat.enabled
    assert not settings.telegram_on()


def test_an_empty_block_takes_the_same_values_as_the_shipped_file(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("web: {port: 9000}\n", encoding="utf-8")
    mine, shipped = load_settings(tmp_path / "config.yaml", {}), load_settings(ROOT / "config.yaml", {})
    assert mine.web.port == 9000
    for block in ("organisation", "storage", "channels", "promises", "calendar", "retention", "limits"):
        assert getattr(mine, block) == getattr(shipped, block)


def test_the_environment_wins_over_the_file() -> None:
    settings = load_settings(
        ROOT / "config.yaml",
        {
            "SAFEHOUSE__CHANNELS__TELEGRAM__BASE_URL": "http://127.0.0.1:9/bot",
            "SAFEHOUSE__CHANNELS__TELEGRAM__ENABLED": "true",
            "SAFEHOUSE__CHANNELS__TELEGRAM__STAFF_GROUP": "-1001",
            "SAFEHOUSE__ORGANISATION__HOTLINE": "12345",
            "SAFEHOUSE_TELEGRAM_TOKEN": "1:abc",
        },
    )
    assert settings.channels.telegram.base_url == "http://127.0.0.1:9/bot"
    assert settings.channels.telegram.staff_group == -1001
    assert settings.organisation.hotline == "12345"
    assert settings.telegram_on()


def test_a_token_alone_does_not_turn_telegram_on() -> None:
    assert not load_settings(ROOT / "config.yaml", {"SAFEHOUSE_TELEGRAM_TOKEN": "1:abc"}).telegram_on()


def test_every_fault_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "web:\n  port: 99999\n  prot: 1\norganisation: {hotline: 电话}\nretention: {talk_days: -1}\n",
        encoding="utf-8",
    )
    lines = faults_of(path)
    assert [line.split(": ")[0] for line in lines] == [
        "config.yaml:2",
        "config.yaml:3",
        "config.yaml:4",
        "config.yaml:5",
    ]
    assert all("→" in line for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        "channels:\n  telegram: {token: abc}\n",
        "channels:\n  telegram: {base_url: 'https://h/bot12345678:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'}\n",
        "wechat_secret: abc\n",
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    told = "\n".join(faults_of(path))
    assert "密钥不能写在配置文件里" in told
    assert "AAAA" not in told and "abc" not in told


def test_secrets_come_from_files_named_in_the_environment(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("1:abc\n", encoding="utf-8")
    settings = load_settings(ROOT / "config.yaml", {"SAFEHOUSE_TELEGRAM_TOKEN_FILE": str(tmp_path / "token")})
    assert settings.secrets.telegram_token == "1:abc"
    assert "1:abc" not in repr(settings)
    assert (
        "读不到"
        in faults_of(ROOT / "config.yaml", {"SAFEHOUSE_TELEGRAM_TOKEN_FILE": str(tmp_path / "none")})[0]
    )


def test_the_key_must_not_lie_beside_the_data() -> None:
    assert (
        "同一个文件夹"
        in faults_of(ROOT / "config.yaml", {"SAFEHOUSE__STORAGE__KEY_FILE": "var/master.key"})[0]
    )


def test_a_webhook_needs_a_long_secret() -> None:
    environ = {
        "SAFEHOUSE__CHANNELS__TELEGRAM__ENABLED": "true",
        "SAFEHOUSE__CHANNELS__TELEGRAM__MODE": "webhook",
        "SAFEHOUSE_TELEGRAM_TOKEN": "1:abc",
        "SAFEHOUSE_TELEGRAM_WEBHOOK_SECRET": "short",
    }
    assert "32" in faults_of(ROOT / "config.yaml", environ)[0]
    environ["SAFEHOUSE_TELEGRAM_WEBHOOK_SECRET"] = "s" * 32
    assert load_settings(ROOT / "config.yaml", environ).channels.telegram.mode == "webhook"


@pytest.mark.parametrize(
    "raw",
    [b"", b"- 1\n", b"a: [", b"a: \xff\xfe", b"a: &x 1\nb: *x\n", b"web: {port: 1}\nweb: {port: 2}\n"],
)
def test_broken_files_are_refused_with_a_line(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(raw)
    assert all(line.startswith("config.yaml:") for line in faults_of(path))


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    assert "config.yaml" in faults_of(tmp_path / "config.yaml")[0]


def test_promised_times_go_by_kind_and_urgency_and_a_missing_default_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "promises:\n"
        "  next_step_hours: {default: 20, urgent: 12, wages: 13}\n"
        "  closing_days: {default: 45, urgent: 15, injury: 90}\n",
        encoding="utf-8",
    )
    promises = promises_of(load_settings(path, {}))
    assert promises.answer_within == timedelta(hours=8)
    assert promises.by_kind == {CaseKind.HARASSMENT: timedelta(hours=4)}
    assert (promises.next_within, promises.urgent_next_within) == (timedelta(hours=20), timedelta(hours=12))
    assert promises.next_by_kind == {CaseKind.WAGES: timedelta(hours=13)}
    assert (promises.close_days, promises.urgent_close_days) == (45, 15)
    assert promises.close_days_by_kind == {CaseKind.INJURY: 90}
    path.write_text(
        "promises:\n  next_step_hours: {default: 20}\n  closing_days: {urgent: 0}\n", encoding="utf-8"
    )
    lines = faults_of(path)
    assert [line.split(": ")[0] for line in lines] == ["config.yaml:2", "config.yaml:3"]
    assert "缺少 urgent" in lines[0]
