"""A house that cannot start says so in one sentence; one that is stopped under load loses nothing."""

import asyncio
import re
import shutil
import socket
import sqlite3
import stat
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.clock import RealClock
from bot.domain.signals import Signals
from storage.sqlite import open_store
from tests.fake_telegram.server import FakeTelegram
from tests.fake_telegram.world import User
from tests.served import ROOT, Served, warmed
from tests.telegram_app import GROUP, TelegramApp, environment, reached
from tests.web_house import Browser

CHINESE = re.compile(r"[一-鿿]")
MARK = re.compile(r"\n（可能重复，编号 \w+）")
REFUSED_WITHIN_S = 5.0


async def refused(served: Served, *, lines: int = 1, within_s: float = REFUSED_WITHIN_S) -> list[str]:
    """Start it; it must end by itself, soon, with so many lines for people. Returns them."""
    await served.start()
    try:
        code = await served.ends(within_s=30)
    finally:
        await served.kill()
    took = time.monotonic() - served.began
    said = [line for line in served.err.splitlines() if line.strip()]
    assert code == 1, served.err
    assert "Traceback" not in served.err and len(said) == lines, served.err
    assert all(CHINESE.search(line) for line in said)
    assert took <= within_s, f"{took:.1f} s"
    return said


@pytest.fixture
def house(tmp_path: Path) -> Served:
    warmed(tmp_path)
    return Served.of(tmp_path)


async def with_data(served: Served) -> Path:
    """A store as after a first start; returns the database."""
    data, key = served.folder / "data" / "safehouse.db", served.folder / "keys" / "master.key"
    async with open_store(f"sqlite:///{data}", key, RealClock(), Signals()):
        return data


# ── it cannot start ──────────────────────────────────────────────────────────────────────────────────


async def test_a_taken_port_is_named_and_how_to_take_another(house: Served) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(house.environment["SAFEHOUSE__WEB__PORT"])))
        other.listen()
        (said,) = await refused(house)
    assert house.environment["SAFEHOUSE__WEB__PORT"] in said and "占用" in said and "web.port" in said
    assert not (house.folder / "data" / "safehouse.db").exists(), "nothing was begun"


async def test_without_the_key_there_is_no_new_one(house: Served) -> None:
    await with_data(house)
    key = house.folder / "keys" / "master.key"
    key.unlink()
    (said,) = await refused(house)
    assert str(key) in said and "放回" in said
    assert not key.exists()


async def test_the_key_of_another_house_is_refused(house: Served, tmp_path: Path) -> None:
    await with_data(house)
    other = Served.of(tmp_path / "other")
    await with_data(other)
    shutil.copy(other.folder / "keys" / "master.key", house.folder / "keys" / "master.key")
    (said,) = await refused(house)
    assert "密钥" in said and "放回" in said


async def test_the_database_of_a_newer_version_is_left_alone(house: Served) -> None:
    data = await with_data(house)
    with sqlite3.connect(data) as connection:
        connection.execute("insert into schema_migrations values (999, 'later', 'x', 0)")
    connection.close()
    before = data.read_bytes()
    (said,) = await refused(house)
    assert "更新的版本" in said
    assert data.read_bytes() == before


async def test_a_file_that_is_no_database_is_named(house: Served) -> None:
    data = await with_data(house)
    data.write_bytes(b"this is no database at all" * 400)
    (said,) = await refused(house)
    assert str(data) in said and "备份" in said


async def test_a_second_process_on_the_same_store_is_refused(house: Served) -> None:
    await with_data(house)
    second = Served.of(house.folder)
    second.starts = 10
    await (await house.start()).up()
    try:
        # Three seconds are patience with one that is just ending.
        (said,) = await refused(second, within_s=REFUSED_WITHIN_S + 3)
        assert "另一个安全屋进程" in said
        house.alive()
    finally:
        assert await house.stop() == 0


async def test_every_fault_of_the_settings_is_told_at_once(house: Served) -> None:
    config = house.folder / "config.yaml"
    config.write_text(
        "web: {host: 127.0.0.1, prot: 80}\n"
        "organisation: {hotline: 打电话}\n"
        "retention: {talk_days: 很多}\n"
        "channels: {telegram: {enabled: true, staff_group: 12, mode: 推送}}\n",
        "utf-8",
    )
    house.program = (*house.program[:-1], str(config))
    said = await refused(house, lines=4)
    assert [line.partition(": ")[0] for line in said] == [f"config.yaml:{number}" for number in (1, 2, 3, 4)]
    for line, key in zip(said, ("web.prot", "hotline", "talk_days", "mode"), strict=True):
        assert key in line and "→" in line


async def test_every_fault_of_the_content_is_told_at_once(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    ours = shutil.ignore_patterns("__pycache__")
    for package in ("bot", "knowledge", "storage"):
        shutil.copytree(ROOT / package, copy / package, ignore=ours)
    change(copy / "knowledge/faq/pay/wage-arrears.yaml", lambda text: text.replace("short:", "shrot:", 1))
    change(copy / "knowledge/wording.yaml", lambda text: text.replace("{bot}", "{robot}", 1))
    served = Served.of(tmp_path / "house", PYTHONPATH=str(copy))
    (tmp_path / "house").mkdir()
    await served.start()
    code = await served.ends(within_s=30)
    took = time.monotonic() - served.began
    assert code == 1 and "Traceback" not in served.err
    assert re.search(r"wage-arrears\.yaml:\d+: .*shrot.*→", served.err), served.err
    assert "没有启动" in served.err
    assert took <= REFUSED_WITHIN_S, f"{took:.1f} s"


def change(path: Path, how: Callable[[str], str]) -> None:
    text = path.read_text("utf-8")
    changed = how(text)
    assert changed != text
    path.write_text(changed, "utf-8")


# ── it starts and stops ──────────────────────────────────────────────────────────────────────────────


async def test_a_first_start_says_where_the_key_is_and_who_may_come_in(house: Served) -> None:
    await (await house.start()).up()
    assert await house.stop() == 0
    key = house.folder / "keys" / "master.key"
    assert f"已生成主密钥：{key}" in house.out and "备份" in house.out
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert house.link().startswith(f"{house.url}/console/setup/")
    assert f"网页聊天 {house.url}/" in house.out and f"工作台   {house.url}/console/" in house.out
    assert house.err == "" or "Traceback" not in house.err
    first = house.link()
    await (await house.start()).up()
    assert "已生成主密钥" not in house.out and house.link() != first, "there is still no administrator"
    async with Browser(house.url) as browser:
        for link in (first, house.link()):
            assert "设置第一位管理员" in (await browser.opens(link)).text
    assert await house.stop() == 0


class Writer(Browser):
    """On the web: writes until the house is gone, and remembers what was acknowledged."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url)
        self.name, self.kept = name, list[str]()

    async def writes_on(self) -> None:
        await self.opens("/")
        number = 0
        try:
            while True:
                number += 1
                words = f"{self.name}第{number}句"
                answer = await self.posts("/say", {"text": words})
                if answer.status_code != 303:
                    return
                self.kept.append(words)
                await self.opens("/")
        except Exception:  # whatever a client sees when a server goes away
            return


@pytest.mark.timeout(90)
async def test_stopped_under_load_it_ends_in_time_and_loses_nothing(tmp_path: Path) -> None:
    warmed(tmp_path)
    (tmp_path / "logs").mkdir()
    async with FakeTelegram() as server:
        server.group(GROUP, forum=True)
        own = environment(tmp_path, server, "polling", 1)
        own = {name: value for name, value in own.items() if not name.startswith("SAFEHOUSE__WEB__")}
        served = Served.of(tmp_path, **own)
        pace = ("-m", "tests.journeys.house_in_the_open", str(tmp_path / "logs" / "writes.txt"), "serve")
        served.program = (*pace, "--config", str(ROOT / "config.yaml"))
        users = [server.user(1000 + number) for number in range(50)]
        await (await served.start()).up()
        writers = [Writer(served.url, f"甲{number}") for number in range(8)]
        writing = [asyncio.create_task(writer.writes_on()) for writer in writers]
        for round_number in range(3):
            for user in users:
                user.sends(f"怀孕被辞退{round_number}")
        await server.until(lambda: len(server.sent("sendMessage")) > 20, 30)
        began = time.monotonic()
        assert await served.stop() == 0
        assert time.monotonic() - began <= 10
        assert "Traceback" not in served.err, served.err
        await asyncio.gather(*writing)
        assert sum(len(writer.kept) for writer in writers) >= 8

        calls = len(server.calls)
        await (await served.start()).up()
        data, key = tmp_path / "data" / "safehouse.db", tmp_path / "keys" / "master.key"
        async with open_store(f"sqlite:///{data}", key, RealClock(), Signals(), exclusive=False) as store:
            app = TelegramApp(server, store, served.alive)
            await reached(app, "polling", calls)
            await app.settled(40)
        for writer in writers:
            page = (await writer.opens("/")).text
            assert [words for words in writer.kept if f">{words}<" not in page] == [], "told 已收到, and lost"
            await writer.http.aclose()
        assert await served.stop() == 0
        check_answers(server, users)


def check_answers(server: FakeTelegram, users: list[User]) -> None:
    """Every message was answered; one that was answered twice says so."""
    assert len(server.confirmed) == len(set(server.confirmed)) == 150
    sent = Counter(
        call.fields["chat_id"]
        for call in server.calls
        if call.method == "sendMessage" and call.code == 200 and not MARK.search(call.fields["text"])
    )
    marked = sum(bool(MARK.search(fields["text"])) for fields in server.sent("sendMessage"))
    assert all(sent[user.id] <= 3 for user in users), sent
    assert all(len(user.sees().texts()) >= 3 for user in users)
    print(f"{sum(sent.values())} answers, {marked} of them twice")
