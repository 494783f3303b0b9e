"""Planted words: nothing of her, and nothing of what staff wrote, lies anywhere in the clear.

The product runs as it is served, logging at DEBUG, with a backup made beside it, and is killed in between.
What may lie in the clear is listed in docs/threat-model.md; none of it is planted here.
"""

import html
import io
import itertools
import random
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pyotp
import pytest
from PIL import Image
from PIL.ExifTags import Base

from bot.domain.cases import EventKind
from bot.domain.clock import RealClock
from bot.domain.ports_cases import CaseFilter
from bot.domain.signals import Signals
from bot.domain.staff import Role
from bot.services.case_gate import open_case
from storage.sqlite import open_store
from tests.fake_telegram.server import FakeTelegram
from tests.journeys.marked_desk import (
    Desk,
    hands_over,
    keeps_what_takes_others,
    reads_it_all,
    takes_down_a_call,
    works_as_a_team,
)
from tests.markers import Markers, files_below, forms_of, found_in
from tests.served import ROOT, Served, run_command, warmed
from tests.telegram_app import GROUP, Officer, Person, TelegramApp, environment, plays_a_contest, reached
from tests.web_house import Browser

CODE = re.compile(r"\d{5}(?: \d{5}){4}")


@pytest.mark.parametrize("value", ["暗qkzvwlxjbc号", "7318264095", "Zx9-_aA0bCdEfG"])
def test_the_search_finds_what_lies_in_any_form(tmp_path: Path, value: str) -> None:
    markers = Markers({"it": value})
    forms = list(forms_of(value))
    assert len(forms) >= 9
    for number, (_, raw) in enumerate(forms):
        file = tmp_path / f"{number}.bin"
        file.write_bytes(b"\x00noise" + raw + b"noise\xff")
        assert found_in([file], markers)
    file.write_bytes(b"nothing of it 9x" + bytes(range(256)))
    assert found_in([file], markers) == []


# ── the people ───────────────────────────────────────────────────────────────────────────────────────


def photo(markers: Markers, what: str) -> bytes:
    exif, file = Image.Exif(), io.BytesIO()
    exif[Base.Artist] = markers[f"{what} exif artist"].encode()
    exif[Base.ImageDescription] = markers[f"{what} exif title"].encode()
    Image.new("RGB", (80, 60), "ivory").save(file, "jpeg", exif=exif)
    return file.getvalue()


class WebWoman(Browser):
    """She has no script; every step is a form."""

    async def taps(self, label: str) -> str:
        forms = re.findall(r'<form class="taps".*?</form>', self.page, re.DOTALL)
        for form in reversed(forms):
            found = re.search(rf'value="([^"]*)">{re.escape(label)}', form)
            if found:
                fields = dict(re.findall(r'name="(token|key)" value="([^"]*)"', form))
                await self.posts("/tap", {**fields, "action": html.unescape(found[1])})
                await self.opens("/")
                return self.page
        raise AssertionError(f"no button {label!r} in {self.page}")


async def lives_on_the_web(url: str, markers: Markers) -> str:
    """Asks, is not understood, opens a named case with files, sets a phrase; returns the code."""
    async with WebWoman(url) as her:
        await her.opens("/")
        await her.says(markers["web question"] + " 13987650123")
        markers.plant("phone in a question", "13987650123")
        markers.plant("web cookie", her.cookie)
        markers.plant("form token", her.hidden("token"))
        await her.says("老板拖欠我三个月工资" + markers["web asked"])
        await her.taps("依据")
        await her.taps("有用吗")
        await her.taps("没看懂")
        await her.says("找工会帮我")
        for label in ("同意", "同意", "实名"):
            await her.taps(label)
        if "重新写" in her.page:
            await her.taps("重新写")
        name = markers["file name"]
        await her.says(markers["web story"], (f"{name}.jpg", photo(markers, "web")))
        await her.says("", ("a.pdf", f"%PDF-1.4\n{markers['pdf content']}\n%%EOF\n".encode()))
        await her.taps("说完了")
        await her.says(markers["web since"])
        await her.says("金凤区的" + markers["web employer"])
        await her.says(markers["web evidence"])
        await her.says(markers["web wish"])
        await her.says(markers["web name"])
        await her.says(markers.plant("web contact", "13612349876"))
        found = CODE.search(await her.taps("提交"))
        assert found is not None, her.page
        markers.plant("web code spaced", found[0])
        markers.plant("web code", found[0].replace(" ", ""))
        await her.taps("设口令")
        await her.says(markers["phrase"])
        await her.taps("看进度")
        await her.taps("补充")
        await her.says(markers["web added"])
    async with WebWoman(url) as again:
        await again.opens("/case")
        fields = {name: again.hidden(name, "/case") for name in ("token", "key")}
        await again.posts("/case", fields | {"code": found[0], "phrase": markers["phrase"]})
        assert "A26-" in (await again.opens("/")).text
        markers.plant("second web cookie", again.cookie)
        assert (await again.http.get(f"/{markers['path']}?q={markers['query']}")).status_code == 404
    return found[0]


async def lives_on_telegram(her: Person, markers: Markers) -> None:
    """Asks, plays, opens an anonymous case with a document and a voice note."""
    await her.says("/start " + markers["start"])
    await her.says(markers["telegram question"])
    await her.says("知识竞答")
    await plays_a_contest(her, random.Random(3), "西夏区")
    await her.says("找工会帮我")
    for label in ("同意", "同意", "同意", "匿名"):
        await her.taps(label)
    if "您刚才说的是" in her.last:
        await her.taps("重新写")
    await her.says(markers["telegram story"])
    pdf = f"%PDF-1.4\n{markers['document content']}\n%%EOF\n".encode()
    await her.sends_file("document", pdf, name=markers["document name"] + ".pdf", caption=markers["caption"])
    await her.sends_file("photo", photo(markers, "telegram"))
    await her.taps("说完了")
    await her.says(markers["telegram since"])
    await her.taps("金凤区")
    await her.says(markers["telegram employer"])
    await her.says(markers["telegram evidence"])
    await her.says(markers["telegram wish"])
    found = CODE.search(await her.taps("提交"))
    assert found is not None, her.chat()
    markers.plant("telegram code", found[0].replace(" ", ""))


async def works_in_the_group(officer: Officer, markers: Markers) -> None:
    await officer.taps("认领")
    await officer.taps("没有，认领")
    await officer.writes_in_topic(markers["group note"])
    await officer.taps("起草回复")
    await officer.writes_in_topic(markers["dropped draft"])
    await officer.taps("作废")
    await officer.taps("起草回复")
    await officer.writes_in_topic(markers["group reply"])
    await officer.taps("发送给她")


async def works_at_the_desk(served: Served, markers: Markers, number: str) -> Desk:
    """Sets the account up, signs in, and writes into cases everything that can be written."""
    desk = Desk(served.url)
    link = served.link().removeprefix(served.url)
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', await desk.opens(link))
    assert secret is not None
    totp = pyotp.TOTP(markers.plant("second factor", secret[1].replace(" ", "")))
    password = markers["password"] * 2
    now = int(time.time())
    await desk.sends(link, 422, name=markers["refused name"] * 2, password=password, code="000000")
    await desk.sends(link, name="赵管理", password=password, code=totp.at(now - 30))
    wrong = {"name": markers["wrong name"], "password": markers["wrong password"], "code": "000000"}
    await desk.sends("/console/login", 403, **wrong)
    await desk.sends("/console/login", name="赵管理", password=password, code=totp.at(now))
    markers.plant("desk cookie", desk.http.cookies["desk"])
    await desk.opens(f"/console/cases?tab=all&q={markers['web employer']}")
    found = re.search(r'href="(/console/cases/(?!new")\w+)"', desk.page)
    assert found is not None and number in desk.page, "the search finds the case by its employer"
    case = found[1]
    await desk.opens(case)
    assert markers["web story"] in desk.page
    await desk.sends(f"{case}/claim")
    await desk.sends(f"{case}/notes", text=markers["desk note"])
    await desk.sends(f"{case}/drafts", text=markers["desk draft"])
    await desk.sends(f"{case}/drafts", text=markers["desk reply"], kind="ask_more")
    drafts = re.findall(rf"{case}/drafts/(\w+)/send", desk.page)
    await desk.sends(f"{case}/drafts/{drafts[-1]}/send")
    for file in re.findall(rf'href="({case}/files/\w+[^"]*)"', desk.page):
        assert (await desk.http.get(file)).status_code == 200
    await works_as_a_team(desk, markers, case)
    await desk.opens(case)
    await desk.sends(f"{case}/move", to="mediating", text=markers["desk step"])
    await desk.sends(f"{case}/close", outcome="mediated", amount="8400", text=markers["desk closing"],
                     recovered_kind="wages", evidence="transfer")  # fmt: skip
    await desk.sends(f"{case}/close", 409, outcome="mediated", amount="", text=markers["refused words"])
    await hands_over(desk, markers, await takes_down_a_call(desk, markers))
    return desk


def give_names(server: FakeTelegram, markers: Markers) -> None:
    """Telegram tells more than we need: user names, message and file ids. All of it comes in."""
    plain = server.world.json

    def told(message):  # type: ignore[no-untyped-def]
        shown = plain(message)
        if message.sender:
            extra = {"username": markers["username"], "first_name": markers["first name"]}
            shown["from"] = shown["from"] | extra | {"last_name": markers["last name"]}
        return shown

    server.world.json = told  # type: ignore[method-assign]
    server.world._message_ids = itertools.count(1_934_512_001)
    server.world._names = itertools.count(88_123_001)
    for number in range(4):
        markers.plant(f"message id {number}", str(1_934_512_001 + number))
    markers.plant("telegram file id", "file-88123002")


# ── the run ──────────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def beside(served: Served, server: FakeTelegram, folder: Path) -> AsyncIterator[TelegramApp]:
    """The store, opened beside the running product, to see when it has done its work."""
    url, key = f"sqlite:///{folder / 'data' / 'safehouse.db'}", folder / "keys" / "master.key"
    async with open_store(url, key, RealClock(), Signals(), exclusive=False) as store:
        yield TelegramApp(server, store, served.alive)


def a_served_house(folder: Path, server: FakeTelegram) -> Served:
    own = environment(folder, server, "polling", 1)
    own = {name: value for name, value in own.items() if not name.startswith("SAFEHOUSE__WEB__")}
    served = Served.of(folder, TMPDIR=str(folder / "tmp"), **own)
    served.program = (
        "-m", "tests.journeys.house_in_the_open", str(folder / "logs" / "writes.txt"),
        "serve", "--config", str(ROOT / "config.yaml"), "--log-level", "DEBUG",
    )  # fmt: skip
    return served


@pytest.mark.timeout(120)
async def test_nothing_that_was_planted_lies_in_the_clear(tmp_path: Path) -> None:
    markers = Markers()
    for place in ("tmp", "logs"):
        (tmp_path / place).mkdir()
    warmed(tmp_path)
    async with FakeTelegram() as server:
        server.group(GROUP, forum=True)
        give_names(server, markers)
        served = a_served_house(tmp_path, server)
        markers.plant("bot token", server.token.partition(":")[2])
        markers.plant("webhook secret", "w" * 40)
        her_id = int(markers.plant("telegram id", "7318264095"))
        staff_id = int(markers.plant("staff telegram id", "6904417823"))
        try:
            await (await served.start()).up()
            markers.plant("master key", (tmp_path / "keys" / "master.key").read_text().split()[2])
            async with beside(served, server, tmp_path) as app:
                await reached(app, "polling")
                await lives_on_the_web(served.url, markers)
                (card,) = await app.read(lambda unit: unit.cases.cards(CaseFilter()))
                desk = await works_at_the_desk(served, markers, card.number)
                await keeps_what_takes_others(app, markers, card.id)
                assert markers["notice"] in await desk.opens("/console/notices")
                await desk.http.aclose()
                await reads_it_all(app, markers, card.id)
                await check_they_came_in(app, markers, card.id)
                her = app.worker(her_id)
                await lives_on_telegram(her, markers)
                officer = await app.hires("李干事", staff_id, Role.OFFICER)
                await works_in_the_group(officer, markers)
                await makes_a_backup(served, tmp_path / "backup-1")
                for number in range(20):
                    her.user.sends(markers[f"killed {number % 4}"])
                await served.kill()
            # Looking into the files of a store that this process has open would take its locks away.
            assert found_in(everything(tmp_path), markers) == []
            calls = len(server.calls)
            await (await served.start()).up()
            async with beside(served, server, tmp_path) as app:
                await reached(app, "polling", calls)
                await app.settled()
                her.app = app
                await her.says("清除")
                await her.taps("是，清除")
                await her.says(markers["last words"])
                await makes_a_backup(served, tmp_path / "backup-2")
            assert await served.stop() == 0
        finally:
            await served.kill()
    assert len(markers.planted) >= 80
    files = everything(tmp_path)
    assert {".db", ".out", ".err"} <= {path.suffix for path in files} and len(files) > 15
    assert found_in(files, markers) == []
    check_written_places(tmp_path)


async def check_they_came_in(app: TelegramApp, markers: Markers, case_id: str) -> None:
    """The search would find nothing either if nothing had been kept."""
    admin = await app.read(lambda unit: unit.staff.by_name("赵管理"))
    assert admin is not None
    case = await app.write(lambda unit: open_case(unit, admin, case_id, RealClock().now()))
    answers = case.answers
    assert (answers.happened, answers.employer) == (markers["web story"], markers["web employer"])
    assert (answers.name, answers.contact) == (markers["web name"], "13612349876")
    bodies = {event.body for event in case.events}
    assert {markers[f"desk {one}"] for one in ("note", "reply", "step", "closing")} <= bodies
    drafts = {draft.body: draft.review_note for draft in case.drafts}
    assert drafts == {markers["desk draft"]: "", markers["returned draft"]: markers["review note"]}
    assert any(file.name.startswith(markers["file name"]) for file in case.files)
    assert [event.body for event in case.events if event.kind is EventKind.HER_WORDS] == [
        markers["web added"]
    ]


async def makes_a_backup(served: Served, folder: Path) -> None:
    code, out, err = await run_command(served.environment, "backup", str(folder))
    assert code == 0, err
    (served.folder / "logs" / f"{folder.name}.txt").write_text(out + err)


def everything(folder: Path) -> list[Path]:
    """Every file but the master key itself: database, WAL, files, logs, backups, temporary files."""
    return [path for path in files_below(folder) if path.name != "master.key"]


def check_written_places(folder: Path) -> None:
    """Nothing was written to a temporary file either, not even for a moment."""
    written = set((folder / "logs" / "writes.txt").read_text().split("\n")) - {"", "/dev/null"}
    assert [path for path in written if not path.startswith((f"{folder}/data/", f"{folder}/keys/"))] == []
