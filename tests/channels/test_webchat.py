"""The web chat over real HTTP on loopback, with the real store and inbox worker."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.web_session import Visitor
from bot.channels.webchat import read_raw
from bot.domain.errors import StoreFull
from bot.domain.incoming import FileKind, Incoming
from tests.web_house import Browser, WebHouse, web_house

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40  # the beginning is right, the rest no picture


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[WebHouse]:
    async with web_house(tmp_path) as opened:
        yield opened


@pytest.fixture
async def her(house: WebHouse) -> AsyncIterator[Browser]:
    async with house.browser() as browser:
        await browser.opens()
        yield browser


# ── a page and its answers ───────────────────────────────────────────────────────────────────────────


async def test_an_empty_page_offers_the_situations_and_a_way_out(her: Browser) -> None:
    assert "怀孕生孩子" in her.page and 'value="s:0"' in her.page
    assert re.search(r'<form method="post" action="/leave"[^>]*><button class="exit"', her.page)
    assert "<title>问答</title>" in her.page


async def test_what_she_says_is_answered_and_stands_on_the_page(her: Browser) -> None:
    page = await her.says("怀孕被辞退")
    assert "怀孕被辞退" in page and "听到：怀孕被辞退" in page and "已收到" in page


async def test_a_tap_reaches_the_talk_as_an_action(her: Browser, house: WebHouse) -> None:
    answer = await her.posts("/tap", {"action": "s:0"})
    assert answer.status_code == 303 and answer.headers["location"] == "/#now"
    assert house.answers.heard[0].action == "s:0" and house.answers.heard[0].text == ""


async def test_the_script_gets_only_the_bubbles(her: Browser) -> None:
    answer = await her.posts("/say", {"text": "你好"}, x_chat="1")
    assert answer.status_code == 200 and answer.headers["x-answered"] == "1"
    assert "听到：你好" in answer.text and "<html" not in answer.text
    assert answer.headers["x-last"].count(".") == 2


async def test_two_browsers_do_not_see_each_other(her: Browser, house: WebHouse) -> None:
    await her.says("只给我自己看")
    async with house.browser() as other:
        await other.opens()
        assert "只给我自己看" not in other.page


# ── twice is once ────────────────────────────────────────────────────────────────────────────────────


async def test_the_same_post_five_times_has_one_effect_and_the_same_answer(
    her: Browser, house: WebHouse
) -> None:
    fields = {"text": "发五次"}
    answers = [await her.posts("/say", fields, [("a.png", PNG)], x_chat="1") for _ in range(5)]
    person = await house.person(her)
    assert len(house.answers.heard) == 1
    assert len({re.sub(r'name="key" value="[^"]*"', "", answer.text) for answer in answers}) == 1
    today = await house.store.read(lambda unit: unit.files.kept_today(person, datetime.now(UTC)))
    assert today == 1


async def test_the_same_post_at_the_same_time_has_one_effect(her: Browser, house: WebHouse) -> None:
    await asyncio.gather(*(her.posts("/say", {"text": "一起发"}, [("a.png", PNG)]) for _ in range(5)))
    assert len(house.answers.heard) == 1


async def test_the_same_key_with_other_words_is_refused_and_the_words_come_back(
    her: Browser, house: WebHouse
) -> None:
    old_page = her.page
    await her.says("第一段")
    her.page = old_page
    answer = await her.posts("/say", {"text": "第二段"})
    assert answer.status_code == 409
    assert ">第二段</textarea>" in answer.text and "没有收到" in answer.text
    assert [one.text for one in house.answers.heard] == ["第一段"]
    her.page = answer.text
    assert "听到：第二段" in await her.says("第二段")


# ── whose post it is ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}],
)
async def test_a_post_from_another_site_does_nothing(
    her: Browser, house: WebHouse, headers: dict[str, str]
) -> None:
    answer = await her.posts("/say", {"text": "不是我"}, **headers)
    assert answer.status_code == 403 and house.answers.heard == []


async def test_a_post_with_another_sessions_token_does_nothing_and_keeps_her_words(
    her: Browser, house: WebHouse
) -> None:
    answer = await her.posts("/say", {"text": "写了很久", "token": Visitor("x" * 43).token})
    assert answer.status_code == 403 and house.answers.heard == []
    assert ">写了很久</textarea>" in answer.text


async def test_a_post_without_a_cookie_asks_again_with_her_words_and_then_works(house: WebHouse) -> None:
    async with house.browser() as browser:
        await browser.opens()
        browser.http.cookies.clear()
        answer = await browser.posts("/say", {"text": "会话没了"})
        assert answer.status_code == 403 and ">会话没了</textarea>" in answer.text
        browser.page = answer.text
        assert "听到：会话没了" in await browser.says("会话没了")


async def test_forms_of_a_private_browser_that_hides_the_origin_are_taken(her: Browser) -> None:
    answer = await her.posts("/say", {"text": "你好"}, origin="null", sec_fetch_site="same-origin")
    assert answer.status_code == 303


# ── headers and cookies ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/", "/talk", "/case", "/away", "/healthz", "/nothing-here", "/say"])
async def test_every_answer_is_strict_and_kept_nowhere(her: Browser, path: str) -> None:
    headers = (await her.http.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer" and headers["x-content-type-options"] == "nosniff"


async def test_the_cookie_ends_with_the_browser_and_no_script_reads_it(house: WebHouse) -> None:
    async with house.browser() as browser:
        cookie = (await browser.opens()).headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert "max-age" not in cookie and "expires" not in cookie


async def test_behind_https_the_cookie_is_bound_to_this_host(tmp_path: Path) -> None:
    async with web_house(tmp_path, public_url="https://help.example") as house, house.browser() as browser:
        answer = await browser.opens()
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("__host-s=") and "secure" in cookie and "domain" not in cookie
    assert "strict-transport-security" in answer.headers


async def test_pages_hold_no_inline_script_or_style(her: Browser) -> None:
    await her.says("你好")
    for page in (her.page, (await her.opens("/case")).text):
        assert re.findall(r"<script(?![^>]*src=)", page) == []
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)


async def test_large_letters_are_remembered_for_this_browser_session(her: Browser) -> None:
    cookie = (await her.http.post("/look")).headers["set-cookie"].lower()
    assert "max-age" not in cookie
    assert '<html lang="zh-CN" class="large">' in (await her.opens()).text
    await her.http.post("/look")
    assert "large" not in re.search(r"<html[^>]*>", (await her.opens()).text)[0]  # type: ignore[index]


# ── leaving ──────────────────────────────────────────────────────────────────────────────────────────


async def test_leaving_ends_the_session_on_both_sides(her: Browser, house: WebHouse) -> None:
    await her.says("不要留下")
    person, old_cookie = await house.person(her), her.cookie
    answer = await her.http.post("/leave")
    assert answer.status_code == 303 and answer.headers["location"] == "/away"
    assert '"cache"' in answer.headers["clear-site-data"] and '"storage"' in answer.headers["clear-site-data"]
    assert "s" not in her.http.cookies
    assert await house.store.read(lambda unit: unit.outbox.talk(person, (0, 0, 0), 10)) == []
    her.http.cookies.set("s", old_cookie, domain="127.0.0.1")
    assert "不要留下" not in (await her.opens()).text, "a copied cookie leads nowhere"
    assert await house.store.read(lambda unit: unit.people.find(Visitor(old_cookie).address)) is None


async def test_the_page_it_leads_to_has_nothing_of_ours(her: Browser) -> None:
    page = (await her.opens("/away")).text
    for mark in ("安全屋", "工会", "问答", "script", "static", "女", "法"):
        assert mark not in page


async def test_leaving_works_even_when_the_store_does_not(
    her: Browser, house: WebHouse, tmp_path: Path
) -> None:
    async with web_house(tmp_path / "other") as other, other.browser() as browser:
        await browser.opens()
        broken = other.store.write

        async def full(work: object) -> object:
            raise StoreFull("full")

        other.store.write = full  # type: ignore[method-assign,assignment]
        answer = await browser.http.post("/leave")
        other.store.write = broken  # type: ignore[method-assign]
    assert answer.status_code == 303 and answer.headers["location"] == "/away"


async def test_opening_the_exit_by_its_address_does_not_end_anything(her: Browser) -> None:
    await her.says("还在")
    assert (await her.http.get("/leave")).headers["location"] == "/away"
    assert "还在" in (await her.opens()).text


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────


async def test_too_fast_is_told_and_the_words_stay_in_the_form(tmp_path: Path) -> None:
    async with web_house(tmp_path, per_minute=3) as house, house.browser() as browser:
        await browser.opens()
        for number in range(3):
            await browser.says(f"第{number}条")
        answer = await browser.posts("/say", {"text": "救命"})
        assert answer.status_code == 429 and ">救命</textarea>" in answer.text and "110" in answer.text
        spoken = await browser.posts("/say", {"text": "救命"}, x_chat="1")
        assert spoken.status_code == 429 and "没有收到" in spoken.text and "<" not in spoken.text
        house.clock.ahead = timedelta(minutes=2)
        browser.page = answer.text
        assert "听到：救命" in await browser.says("救命")


async def test_a_hundred_thousand_characters_are_answered(her: Browser, house: WebHouse) -> None:
    page = await her.says("冤" * 100_000)
    assert house.answers.heard[0].text == "冤" * 100_000
    assert "共 100000 字" in page


async def test_more_than_that_comes_back_to_her(her: Browser, house: WebHouse) -> None:
    answer = await her.posts("/say", {"text": "冤" * 100_001})
    assert answer.status_code == 413 and "分成几次" in answer.text and "冤" * 100_001 in answer.text
    assert house.answers.heard == []


async def test_a_body_beyond_25_mb_is_refused_in_words(her: Browser, house: WebHouse) -> None:
    answer = await her.posts("/say", {"text": "大文件"}, [("a.bin", b"\x00" * (26 * 1024 * 1024))])
    assert answer.status_code == 413 and "25 MB" in answer.text
    assert house.answers.heard == []


async def test_a_file_beyond_20_mb_is_refused_by_name_and_her_words_arrive(
    her: Browser, house: WebHouse
) -> None:
    await her.says("看这个", ("a.png", PNG + b"\x00" * (20 * 1024 * 1024)))
    heard = house.answers.heard[0]
    assert heard.text == "看这个" and [file.refused for file in heard.files] == ["file_too_big"]


async def test_a_photo_is_sealed_before_the_answer_and_nothing_is_written_to_temp(
    her: Browser, house: WebHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    temp = house.folder / "temp"
    temp.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temp))
    marker = b"MARKER-IN-CLEAR" * 200_000  # 3 MB: a form parser would put it on disk
    await her.says("有图", ("聊天.pdf", b"%PDF-1.4 " + marker))
    (file,) = house.answers.heard[0].files
    assert file.kind is FileKind.DOCUMENT and file.name == "聊天.pdf"
    everything = b"".join(path.read_bytes() for path in house.folder.rglob("*") if path.is_file())
    assert b"MARKER-IN-CLEAR" not in everything


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: nonsense\r\n\r\nz"),
        ("multipart/form-data; boundary=x", b"--y\r\n"),
        ("application/x-www-form-urlencoded", b"a=" + b"%" * 3_000_000),
        ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % at for at in range(500))),
        ("", b"\x00\xff\xfe"),
    ],
)
async def test_a_broken_post_is_answered_in_words(her: Browser, content_type: str, body: bytes) -> None:
    answer = await her.http.post("/say", content=body, headers={"content-type": content_type})
    assert 400 <= answer.status_code < 500
    assert "没有收到" in answer.text


async def test_a_pages_answer_to_an_unknown_address_is_in_words(her: Browser) -> None:
    answer = await her.http.get("/no/such/<script>")
    assert answer.status_code == 404 and "没有这一页" in answer.text and "<script>" not in answer.text
    assert (await her.http.delete("/")).status_code == 405


HOSTILE = ["", " ", "\x00", "<script>alert(1)</script>", "{{7*7}}", "{% raw %}", "'; drop table inbox; --",
           "\u202eabc\u202c", "\u200b" * 500, "😀" * 2000, "\ud800", "=cmd|' /C calc'!A0", "../../etc/passwd",
           "%s%n%x", "\r\nSet-Cookie: a=b", "A" * 5000, "﷽" * 300, "<!--", "]]>", "&lt;"]  # fmt: skip


async def test_hostile_words_are_shown_as_words(her: Browser, house: WebHouse) -> None:
    for text in HOSTILE:
        answer = await her.posts("/say", {"text": text}) if "\ud800" not in text else None
        if answer is None:
            body = b"token=" + her.hidden("token").encode() + b"&key=" + b"k" * 16 + b"&text=%ED%A0%80"
            answer = await her.http.post(
                "/say", content=body, headers={"content-type": "application/x-www-form-urlencoded"}
            )
        assert answer.status_code == 303, text
        await her.opens()
    assert "<script>alert" not in her.page and "&lt;script&gt;alert(1)&lt;/script&gt;" in her.page
    assert "{{7*7}}" in her.page and ">49<" not in her.page
    assert len(house.answers.heard) == len(HOSTILE)


TYPED = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@settings(max_examples=12, deadline=None)
@given(posts=st.lists(st.tuples(st.sampled_from(["/say", "/tap", "/case"]), TYPED, TYPED), max_size=12))
def test_whatever_is_posted_nothing_answers_with_a_fault(
    tmp_path_factory: pytest.TempPathFactory, posts: list[tuple[str, str, str]]
) -> None:
    async def run() -> None:
        async with web_house(tmp_path_factory.mktemp("web")) as house, house.browser() as browser:
            await browser.opens()
            for path, one, other in posts:
                fields = {"text": one, "action": one, "code": one, "phrase": other, "key": other}
                fields["token"] = browser.hidden("token")
                answer = await browser.posts(path, fields)
                assert answer.status_code in (200, 303, 409), (path, answer.status_code)
            assert (await browser.opens()).status_code == 200

    asyncio.run(run())


# ── when something fails ─────────────────────────────────────────────────────────────────────────────


async def test_a_full_disk_says_that_nothing_was_received(her: Browser, house: WebHouse) -> None:
    house.answers.full = StoreFull("full")
    answer = await her.posts("/say", {"text": "重要的话"}, x_chat="1")
    assert answer.status_code == 503 and "没有收到" in answer.text
    house.answers.full = None
    assert "听到：重要的话" in await her.says("重要的话")


async def test_words_that_cannot_be_handled_at_once_are_kept_and_told_so(
    her: Browser, house: WebHouse
) -> None:
    faults = [ValueError("她的话")]

    def fail(incoming: Incoming) -> None:
        if faults:
            raise StoreFull("she must not read this")

    house.answers.before = fail
    answer = await her.posts("/say", {"text": "先收下"})
    assert answer.status_code == 303 and answer.headers["location"].startswith("/?kept=1")
    page = (await her.opens("/?kept=1")).text
    assert "已收到，正在处理" in page
    person = await house.person(her)
    waiting = await house.store.read(lambda unit: unit.inbox.pending(10, person))
    assert [read_raw(row.raw).text for row in waiting] == ["先收下"]
    faults.clear()
    assert "听到：先收下" in await her.says("还有一句")


async def test_faults_never_write_her_words_into_the_log(
    her: Browser, house: WebHouse, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(incoming: Incoming) -> None:
        raise ValueError(incoming.text)

    house.answers.before = fail
    with caplog.at_level("DEBUG"):
        await her.posts("/say", {"text": "秘密的话"})
    assert "秘密的话" not in caplog.text and her.cookie not in caplog.text


# ── continuing by code ───────────────────────────────────────────────────────────────────────────────


CODE = "12345 67890 12345 67890 12345"


@pytest.mark.parametrize(
    ("code", "phrase", "said"),
    [
        (CODE, "", [CODE]),
        (CODE, "我的暗号", [f"{CODE} 我的暗号"]),
        (CODE, "2026暗号", [CODE]),  # nobody asked for a phrase
    ],
)
async def test_code_and_phrase_are_said_in_the_talk(
    her: Browser, house: WebHouse, code: str, phrase: str, said: list[str]
) -> None:
    await her.opens("/case")
    fields = {"code": code, "phrase": phrase, "token": her.hidden("token", "/case"), "key": "k" * 12}
    assert (await her.posts("/case", fields)).status_code == 303
    assert [one.text for one in house.answers.heard] == said


async def test_an_empty_code_is_asked_for_again(her: Browser, house: WebHouse) -> None:
    await her.opens("/case")
    answer = await her.posts("/case", {"code": " ", "token": her.hidden("token", "/case")})
    assert "请先填回执码" in answer.text and house.answers.heard == []


@pytest.mark.parametrize("typed", ["12", "不记得了", "1" * 40])
async def test_what_is_no_code_is_no_question_either(her: Browser, house: WebHouse, typed: str) -> None:
    await her.opens("/case")
    answer = await her.posts("/case", {"code": typed, "token": her.hidden("token", "/case")})
    assert "您填的不像" in answer.text and 'name="code"' in answer.text and house.answers.heard == []
