"""The pages of a partner agency: a link, a code, what she gave, and what the agency answers."""

import io
import json
import re
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from docx import Document
from PIL import Image
from starlette.applications import Starlette

from bot.channels.web_partner import PartnerHouse, routes
from bot.conversation.effects import AnswerHandOver, ChooseField, RevokeHandOver
from bot.conversation.hand_over_card import version_of
from bot.conversation.turn import Organisation
from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, EventKind, NameLevel
from bot.domain.handovers import Field, HandOver, HandOverState, PartnerStep
from bot.domain.incoming import Address
from bot.domain.signals import Signals
from bot.services import her_consent
from bot.services.hand_over import Link
from knowledge.loader import DEFAULT_FOLDER
from knowledge.wording import Wording, load_wording
from storage.sqlite import open_store
from tests.fakes import FrozenClock
from tests.partner_desk import PartnerDesk, keeps_picture

HER = Answers(
    "三个月没发工资<script>alert(1)</script>", "八月起", "兴庆区", "银光纺织厂", "工资条", "要回工资", "李四",
    "13900001111",
)  # fmt: skip
REFUSED = ("李四", "13900001111", "银光纺织厂")
SHUT = "打不开。码不对"
ORIGIN = "http://127.0.0.1"


@dataclass
class Office:
    """The house, and the agency's browser."""

    store: object
    clock: FrozenClock
    wording: Wording
    desk: PartnerDesk
    app: Starlette
    case_id: str = ""

    def guest(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url=ORIGIN)

    async def agreed(self, *, refusing: tuple[Field, ...] = (), days: int = 30) -> HandOver:
        """She is asked for everything, keeps some back, and agrees."""
        one = await self.desk.proposes(self.case_id, days=days)
        for field in refusing:
            await self.she(ChooseField(one.id, field, give=False))
        shown = await self.desk.found(one)
        await self.she(AnswerHandOver(one.id, True, version_of(self.wording.partners, shown)))
        return await self.desk.found(one)

    async def she(self, effect) -> None:
        def work(unit, now, desk):
            person = unit.people.get(unit.cases.people_of(self.case_id)[-1])
            her_consent.carry_out(unit, person, effect, now, desk)

        await self.desk.does(work)

    async def link(self, **options) -> tuple[HandOver, Link]:
        one = await self.agreed(**options)
        return one, await self.desk.links(one)

    async def heard(self) -> list[str]:
        def read(unit):
            person = unit.cases.people_of(self.case_id)[-1]
            return [line.reply.text for line in unit.outbox.talk(person, (0, 0, 0), 100) if line.reply]

        return await self.store.read(read)

    async def audited(self) -> list[str]:
        lines = await self.store.read(lambda unit: unit.audit.lines(self.case_id, 1000))
        return [line.act for line in reversed(lines)]


@pytest.fixture(scope="module")
def wording() -> Wording:
    return load_wording(DEFAULT_FOLDER)


@pytest.fixture
async def office(tmp_path: Path, wording: Wording) -> AsyncIterator[Office]:
    clock = FrozenClock()
    url = f"sqlite:///{tmp_path / 'data' / 'desk.db'}"
    async with open_store(url, tmp_path / "keys" / "master.key", clock, Signals()) as store:
        made = Office(store, clock, wording, PartnerDesk(None), Starlette())
        made.desk.house = made
        await made.desk.opens()
        house = PartnerHouse(
            store, clock, made.desk.desk, Organisation("测试总工会", "安全屋", "12351"), ORIGIN
        )
        made.app = Starlette(routes=routes(house))
        now = clock.now()
        card = CaseCard(
            "case1", "A26-0007", CaseKind.WAGES, CaseStatus.NEW, False, "兴庆区", NameLevel.NAMED, None,
            "webchat", now, now, now + timedelta(hours=9), None,
        )  # fmt: skip

        def add(unit) -> None:
            person = unit.people.get_or_add(Address("webchat", "she"), now)
            unit.cases.add(card, HER, person.id, "1" * 25, None)
            unit.cases.add_event(card.id, EventKind.OPENED, by="worker", at=now)

        await store.write(add)
        await made.desk.claims(card.id)
        made.case_id = card.id
        yield made


async def enters(guest: httpx.AsyncClient, link: Link, code: str | None = None) -> httpx.Response:
    path = f"/partner/{link.token}"
    answer = await guest.post(path, data={"code": code or link.code})
    return await guest.get(path) if answer.status_code == 303 else answer


async def answers(guest: httpx.AsyncClient, link: Link, step: str, **fields: str) -> httpx.Response:
    page = await guest.get(f"/partner/{link.token}")
    found = re.search(r'name="token" value="([0-9a-f]+)"', page.text)
    assert found, page.text
    return await guest.post(f"/partner/{link.token}/answer", data={"token": found[1], "step": step, **fields})


async def test_the_agency_sees_what_she_gave_and_nothing_that_she_kept_back(office: Office) -> None:
    await keeps_picture(office, office.case_id)
    await keeps_picture(office, office.case_id, clean=False, mark="g")
    one, link = await office.link(refusing=(Field.NAME, Field.CONTACT, Field.EMPLOYER))
    guest = office.guest()
    door = await guest.get(f"/partner/{link.token}")
    assert "请输入打开用的码" in door.text
    page = await enters(guest, link)
    assert page.status_code == 200
    for shown in ("A26-0007", "市劳动监察支队", "三个月没发工资", "八月起", "要回工资", "1 个文件"):
        assert shown in page.text, shown
    assert page.text.count("市劳动监察支队 · A26-0007 · 2026-11-22 20:00 · 仅供办理") > 20
    assert not any(word in page.text for word in REFUSED)
    assert "<script" not in page.text
    for name, value in {
        "cache-control": "no-store", "x-robots-tag": "noindex, nofollow", "referrer-policy": "no-referrer",
        "x-frame-options": "DENY", "x-content-type-options": "nosniff",
    }.items():  # fmt: skip
        assert page.headers[name] == value == door.headers[name]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert len(guest.cookies) == 1
    # its files: copies only, marked, always attached
    got = await guest.get(f"/partner/{link.token}/files/1")
    assert got.headers["content-disposition"] == 'attachment; filename="A26-0007-01.png"'
    with Image.open(io.BytesIO(got.content)) as marked:
        assert len(marked.convert("RGB").getcolors(60_000)) > 1, "the white picture has a mark now"
    assert (await guest.get(f"/partner/{link.token}/files/2")).status_code == 404
    kept = await office.desk.found(one)
    assert kept.views == 1
    await guest.get(f"/partner/{link.token}")
    assert (await office.desk.found(one)).views == 1, "reading it again is no second opening"
    assert (await office.audited())[-5:-2] == ["partner_enter", "partner_view", "partner_file"]


async def test_the_package_opens_is_whole_and_holds_no_refused_field(office: Office) -> None:
    await keeps_picture(office, office.case_id)
    one, link = await office.link(refusing=(Field.NAME, Field.CONTACT, Field.EMPLOYER))
    guest = office.guest()
    await enters(guest, link)
    got = await guest.get(f"/partner/{link.token}/package")
    again = await guest.get(f"/partner/{link.token}/package")
    assert got.content == again.content, "the same at the same moment"
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert set(parts) == {"A26-0007.docx", "case.json", "files/A26-0007-01.png", "manifest.json"}
    manifest = json.loads(parts["manifest.json"])
    import hashlib

    assert got.headers["x-manifest-sha256"] == hashlib.sha256(parts["manifest.json"]).hexdigest()
    told = {file["name"]: (file["size"], file["sha256"]) for file in manifest["files"]}
    assert told == {
        name: (len(data), hashlib.sha256(data).hexdigest())
        for name, data in parts.items()
        if name != "manifest.json"
    }
    assert manifest["consent"] == one.version
    assert set(json.loads(parts["case.json"])["fields"]) == {
        "happened", "since", "district", "evidence", "wish",
    }  # fmt: skip
    document = Document(io.BytesIO(parts["A26-0007.docx"]))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "三个月没发工资" in text
    assert "仅供办理" in document.sections[0].header.paragraphs[0].text
    with zipfile.ZipFile(io.BytesIO(parts["A26-0007.docx"])) as inner:
        parts |= {f"docx/{name}": inner.read(name) for name in inner.namelist()}
    for name, data in parts.items():
        assert not any(word.encode() in data for word in REFUSED), name
        assert "李某某身份证".encode() not in data, name


async def test_wrong_dead_expired_revoked_and_unknown_links_look_the_same(office: Office) -> None:
    one, link = await office.link(days=2)
    wrong = await enters(office.guest(), link, "000000" if link.code != "000000" else "111111")
    unknown = await enters(office.guest(), replace(link, token="x" * 32))
    renewed = await office.desk.links(one)
    old = await enters(office.guest(), link)
    reader = office.guest()
    assert "三个月没发工资" in (await enters(reader, renewed)).text
    used = await enters(office.guest(), renewed)
    await office.she(RevokeHandOver(one.id))
    revoked = await enters(office.guest(), renewed)
    for answer in (wrong, unknown, old, used, revoked):
        assert (answer.status_code, answer.content) == (403, wrong.content)
        assert dict(answer.headers) == dict(wrong.headers)
    open_page = await reader.get(f"/partner/{renewed.token}")
    assert "三个月没发工资" not in open_page.text, "dead in the same moment"
    for path in ("/files/1", "/package"):
        assert (await reader.get(f"/partner/{renewed.token}{path}")).content == wrong.content
    second, link = await office.link(days=2)
    reader = office.guest()
    assert "三个月没发工资" in (await enters(reader, link)).text
    office.clock.passes(days=2, hours=3)  # 23:00 of the last day
    link = await office.desk.links(second)
    page = await enters(reader, link)
    assert "三个月没发工资" in page.text
    office.clock.passes(hours=1)
    assert "请输入打开用的码" in (await reader.get(f"/partner/{link.token}")).text
    link = replace(link, code=re.search(r'class="next">(\d{6})<', page.text)[1])
    assert (await enters(office.guest(), link)).content == wrong.content
    assert second.state is HandOverState.AGREED


async def test_the_code_works_once_and_the_page_tells_the_next_one(office: Office) -> None:
    _, link = await office.link()
    page = await enters(office.guest(), link, f" {link.code[:3]} {link.code[3:]} ")
    code = re.search(r'class="next">(\d{6})<', page.text)
    assert code
    assert SHUT in (await enters(office.guest(), link)).text
    assert "三个月没发工资" in (await enters(office.guest(), link, code[1])).text


async def test_ten_wrong_codes_kill_the_link_and_staff_hear_of_it(office: Office) -> None:
    one, link = await office.link()
    wrong = "000000" if link.code != "000000" else "111111"
    for _ in range(10):
        assert SHUT in (await enters(office.guest(), link, wrong)).text
    assert SHUT in (await enters(office.guest(), link)).text
    assert not (await office.desk.found(one)).has_link
    assert any("链接已作废" in text for text in await office.desk.notices("officer"))
    assert "partner_wrong_code" in await office.audited()


async def test_received_accepted_and_a_result_come_back_to_staff_and_to_her(office: Office) -> None:
    one, link = await office.link()
    guest = office.guest()
    await enters(guest, link)
    await answers(guest, link, "received")
    assert await office.desk.status(office.case_id) is CaseStatus.ACCEPTED
    done = await answers(guest, link, "accepted", words="王科长，案号 12")
    assert "已记下：受理" in (await guest.get(done.headers["location"])).text
    assert await office.desk.status(office.case_id) is CaseStatus.REFERRED
    await answers(guest, link, "result", what="partly", words="单位付了一半")
    said = await office.store.read(lambda unit: unit.partners.answers(one.id))
    assert [answer.step for answer in said] == [
        PartnerStep.RECEIVED, PartnerStep.ACCEPTED, PartnerStep.RESULT,
    ]  # fmt: skip
    heard = await office.heard()
    assert "收到了" in heard[-3]
    assert "答应办了" in heard[-2]
    assert "有了结果：部分解决" in heard[-1]
    assert all(text.splitlines()[0] == "您关心的事有新进展。" for text in heard[-3:])
    assert not any("王科长" in text or "付了一半" in text for text in heard), "first staff read it"
    notices = await office.desk.notices("officer")
    assert all(any(word in text for text in notices) for word in ("已收到", "已受理", "回了结果"))
    assert not any("王科长" in text for text in notices)
    assert await office.desk.states(office.case_id) == [
        "asked", "agreed", "sent", "opened", "received", "accepted", "result",
    ]  # fmt: skip


async def test_answering_twice_keeps_the_first_and_says_so_kindly(office: Office) -> None:
    one, link = await office.link()
    guest = office.guest()
    await enters(guest, link)
    await answers(guest, link, "declined", what="not_competent")
    before = len(await office.heard())
    for step, fields in (("accepted", {}), ("declined", {"what": "too_late"})):
        again = await answers(guest, link, step, words="其实可以办", **fields)
        assert again.status_code == 409
        assert "您已经在 2026-11-22 20:00 回过“不受理”，以那一次为准" in again.text
    assert len(await office.heard()) == before
    assert (await answers(guest, link, "note", words="更正：请重新发来")).status_code == 303
    said = await office.store.read(lambda unit: unit.partners.answers(one.id))
    assert [(answer.step.value, answer.what) for answer in said] == [
        ("declined", "not_competent"), ("note", ""),
    ]  # fmt: skip
    assert await office.desk.status(office.case_id) is CaseStatus.ACCEPTED


async def test_what_cannot_be_taken_is_told_and_stays_in_the_form(office: Office) -> None:
    _, link = await office.link()
    guest = office.guest()
    await enters(guest, link)
    tries = [
        ("declined", {"words": "没选理由"}, "请选不受理的理由"),
        ("declined", {"what": "other", "words": " "}, "请选不受理的理由"),
        ("result", {"what": "nonsense", "words": "说明在此"}, "请选办理结果"),
        ("note", {"words": "  "}, "还没有写内容"),
        ("note", {"words": "长" * 2001}, "最多写 2000 个字，现在 2001 个字"),
        ("nonsense", {}, "请选一项"),
    ]
    for step, fields, told in tries:
        answer = await answers(guest, link, step, **fields)
        assert answer.status_code == 422
        assert told in answer.text
        assert fields.get("words", "").strip() in answer.text
    forged = await guest.post(f"/partner/{link.token}/answer", data={"token": "0" * 64, "step": "accepted"})
    assert forged.status_code == 403
    stranger = await office.guest().post(f"/partner/{link.token}/answer", data={"step": "accepted"})
    assert stranger.content == forged.content
    assert await office.desk.status(office.case_id) is CaseStatus.ACCEPTED


async def test_withdrawing_the_case_shuts_the_page_at_once(office: Office) -> None:
    _, link = await office.link()
    guest = office.guest()
    await enters(guest, link)

    def withdraw(unit) -> None:
        card = unit.cases.card(office.case_id)
        unit.cases.save_card(replace(card, status=CaseStatus.WITHDRAWN))

    await office.store.write(withdraw)
    assert "三个月没发工资" not in (await guest.get(f"/partner/{link.token}")).text
    assert SHUT in (await enters(office.guest(), link)).text
