"""The demo command: into an empty house only, marked for good, never beside Telegram."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.app import open_house
from bot.config import load_settings
from bot.domain.errors import SafeHouseError
from bot.services.demo_mark import mark_demo

ROOT = Path(__file__).resolve().parents[2]


def own(folder: Path) -> dict[str, str]:
    return {
        "SAFEHOUSE__STORAGE__URL": f"sqlite:///{folder}/data/demo.db",
        "SAFEHOUSE__STORAGE__KEY_FILE": f"{folder}/keys/master.key",
    }


def demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "demo", *arguments],
        cwd=ROOT, env={**os.environ, **own(folder)}, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


def test_a_house_is_filled_once_and_the_second_time_is_refused_in_words(tmp_path):
    first = demo(tmp_path, "--cases", "100", "--seed", "5")
    assert first.returncode == 0, first.stderr
    assert "受理 50 件，调解成功 42 件，帮助 100 人，挽回 800,000 元" in first.stdout
    assert first.stdout.count("/console/setup/") == 13
    assert "100 %" in first.stderr
    again = demo(tmp_path, "--cases", "100")
    assert again.returncode == 1
    assert "只写进空的数据库" in again.stderr and "Traceback" not in again.stderr


def test_too_few_cases_are_refused_before_anything_is_made(tmp_path):
    refused = demo(tmp_path, "--cases", "20")
    assert refused.returncode == 1 and "至少 100" in refused.stderr
    assert not (tmp_path / "data").exists()


async def test_a_demo_house_names_itself_to_women_too_and_never_opens_beside_telegram(tmp_path):
    settings = load_settings(ROOT / "config.yaml", own(tmp_path))
    async with open_house(settings) as house:
        assert not house.demo
        now = house.clock.now()
        await house.store.write(lambda unit: mark_demo(unit, now))
        content = house.content
        for work in house.workers:
            work.close()
    async with open_house(settings, content=content) as house:
        assert house.demo
        assert house.web.organisation.name.startswith("演示数据·")
        for work in house.workers:
            work.close()
    telegram = {
        **own(tmp_path), "SAFEHOUSE__CHANNELS__TELEGRAM__ENABLED": "true",
        "SAFEHOUSE_TELEGRAM_TOKEN": "1:none",
    }  # fmt: skip
    with pytest.raises(SafeHouseError, match="不能接 Telegram"):
        async with open_house(load_settings(ROOT / "config.yaml", telegram), content=content):
            pass
