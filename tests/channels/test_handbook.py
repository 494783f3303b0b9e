"""The handbook over real HTTP: complete, escaped, the same for everybody, and no number nobody checked."""

import asyncio
import gzip
import html
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from bot.domain.civil_time import civil_day, plain_day
from bot.domain.clock import RealClock
from knowledge.base import Citation, Review, ReviewStatus
from knowledge.loader import Knowledge, load_knowledge
from knowledge.models import Amount, Entry, Hotline, Office, OfficeKind
from tests.web_house import WebHouse, web_house

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}{% raw %}</p>&amp;"
SECRET = "98765"  # a number that nobody checked
_TAGS = re.compile(r"<[^>]+>")


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


@asynccontextmanager
async def reader(folder: Path, knowledge: Knowledge) -> AsyncIterator[tuple[httpx.AsyncClient, WebHouse]]:
    async with web_house(folder, knowledge=knowledge) as house, httpx.AsyncClient(base_url=house.url) as http:
        yield http, house


@pytest.fixture
async def http(tmp_path: Path, knowledge: Knowledge) -> AsyncIterator[httpx.AsyncClient]:
    async with reader(tmp_path, knowledge) as (client, _):
        yield client


def words_of(page: str) -> str:
    return html.unescape(_TAGS.sub("", page))


def addresses(page: str) -> Iterator[str]:
    yield from re.findall(r'href="(/handbook[^"]*)"', page)


def changed(knowledge: Knowledge, *entries: Entry, **region: object) -> Knowledge:
    """The knowledge with these answers, and with another region."""
    return replace(
        knowledge,
        entries={**knowledge.entries, **{entry.id: entry for entry in entries}},
        region=knowledge.region.model_copy(update=region),
    )


def hostile(entry: Entry) -> Entry:
    return entry.model_copy(
        update={
            "title": HOSTILE, "short": HOSTILE, "details": HOSTILE, "say": HOSTILE,
            "steps": (HOSTILE,), "evidence": (HOSTILE,), "handover": HOSTILE, "audience": HOSTILE,
            "citations": (Citation.model_construct(law=HOSTILE, article=None, paragraph=None, item=None),),
        }
    )  # fmt: skip


def amount(**told: object) -> Amount:
    return Amount.model_validate({"label": "某补贴", "unit": "元", "ask_at": "12333 人社"} | told)


# ── what is in it ────────────────────────────────────────────────────────────────────────────────────


async def test_the_first_page_begins_with_danger_and_leads_everywhere(
    http: httpx.AsyncClient, knowledge: Knowledge
) -> None:
    page = (await http.get("/handbook")).text
    danger, contents = page.index('id="danger"'), page.index('id="contents"')
    assert danger < contents
    first = words_of(page[danger:contents])
    assert all(number in first for number in ("110", "120", "119", "12338", "12351", "12356"))
    assert all(one.number in first and one.purpose in first for one in knowledge.region.hotlines)
    assert "待律师审核" in page[:danger] and "测试总工会" in page and knowledge.region.name in page
    newest = max(entry.checked_on for entry in knowledge.entries.values())
    assert plain_day(newest) in page[:danger]
    found = {address.partition("#")[0] for address in addresses(page)}
    assert found >= {f"/handbook/{topic.category}" for topic in knowledge.topics.values()}
    answers = await asyncio.gather(*(http.get(address) for address in found))
    assert {answer.status_code for answer in answers} == {200}


async def test_every_answer_stands_in_its_chapter_whole(
    http: httpx.AsyncClient, knowledge: Knowledge
) -> None:
    chapters = {entry.category for entry in knowledge.entries.values()}
    for category in chapters:
        page = (await http.get(f"/handbook/{category}")).text
        articles = dict(re.findall(r'<article class="topic" id="([a-z0-9-]+)">(.*?)</article>', page, re.S))
        entries = [entry for entry in knowledge.entries.values() if entry.category == category]
        assert set(articles) == {entry.id for entry in entries}
        for entry in entries:
            said = words_of(articles[entry.id])
            parts = (entry.title, entry.short, entry.details, *entry.steps, *entry.evidence)
            assert all(part.replace("{hotline}", "12351") in said for part in parts if "{local" not in part)
            assert all(citation.in_words() in said for citation in entry.citations)
            assert all(knowledge.deadlines[name].in_words in said for name in entry.deadlines)
            assert f"核对日期：{plain_day(entry.checked_on)}" in said


async def test_chapters_have_names_and_stand_in_the_order_of_the_wording(
    http: httpx.AsyncClient, knowledge: Knowledge
) -> None:
    page = (await http.get("/handbook")).text
    titles = [words_of(one) for one in re.findall(r'class="to-chapter"[^>]*>(.*?)</a>', page, re.S)]
    assert titles[0].startswith("第1章　怀孕") and "去哪里办" in titles
    assert not [title for title in titles if re.search(r"[a-z]{3}", title)], "a category without a name"


async def test_the_whole_book_is_one_page_with_every_place_once(
    http: httpx.AsyncClient, knowledge: Knowledge
) -> None:
    page = (await http.get("/handbook?all=1")).text
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)) and set(knowledge.entries) <= set(ids)
    assert all(place in ids for place in re.findall(r'href="#([^"]+)"', page))
    assert page.index('id="danger"') < page.index('id="contents"') < page.index('id="chapter-maternity"')


async def test_offices_tell_where_they_are_only_when_that_was_checked(
    tmp_path: Path, knowledge: Knowledge
) -> None:
    told = {"phone": "0951-5551234", "address": "某某路77号", "hours": "周一到周五"}
    common = {"kind": OfficeKind.ARBITRATION, "competence": "管劳动争议", "bring": ("身份证",)}
    unchecked = Office(id="unchecked", name="没核对的仲裁院", **common, **told)
    later = unchecked.model_copy(update={"id": "later", "verified_on": date(2999, 1, 1)})
    async with reader(tmp_path, changed(knowledge, directory=(unchecked, later))) as (http, _):
        page = words_of((await http.get("/handbook/places")).text)
        assert page.count("没核对的仲裁院") == 2 and page.count("12333") == 2 and "110" in page
        assert not any(secret in page for secret in told.values())
    checked = unchecked.model_copy(update={"verified_on": date(2026, 11, 1)})
    async with reader(tmp_path, changed(knowledge, directory=(checked,))) as (http, _):
        page = (await http.get("/handbook/places")).text
        assert all(known in page for known in told.values()) and "核对于2026年11月1日" in page


async def test_a_lawyers_review_is_told_and_takes_the_warning_away(
    tmp_path: Path, knowledge: Knowledge
) -> None:
    review = Review(status=ReviewStatus.REVIEWED, by="某律师", on=date(2026, 11, 20))
    [entry] = [knowledge.entries["wage-arrears"].model_copy(update={"review": review})]
    only = replace(knowledge, entries={entry.id: entry})
    async with reader(tmp_path, only) as (http, _):
        page = (await http.get("/handbook/pay")).text
        assert "审核：已审核" in page and "待律师审核" not in page
        assert "待律师审核" not in (await http.get("/handbook")).text


# ── numbers nobody checked ───────────────────────────────────────────────────────────────────────────


async def test_a_number_nobody_checked_is_nowhere(tmp_path: Path, knowledge: Knowledge) -> None:
    name, entry = "some_money", knowledge.entries["wage-minimum"]
    entry = entry.model_copy(update={"local": (name,), "details": "补贴是 {local.some_money}。"})
    today = civil_day(RealClock().now())
    never = amount(value=SECRET)
    over = amount(
        value=SECRET, verified_on="2026-01-01", effective_to=(today - timedelta(days=1)).isoformat()
    )
    early = amount(
        value=SECRET, verified_on="2026-01-01", effective_from=(today + timedelta(days=2)).isoformat()
    )
    for unsure in (never, over, early):
        async with reader(tmp_path, changed(knowledge, entry, amounts={name: unsure})) as (http, _):
            pages = [words_of((await http.get(one)).text) for one in ("/handbook/pay", "/handbook?all=1")]
            assert all(SECRET not in page and "12333 人社" in page for page in pages)
    sure = amount(value=SECRET, verified_on="2026-01-01", effective_from="2026-01-01")
    async with reader(tmp_path, changed(knowledge, entry, amounts={name: sure})) as (http, _):
        said = words_of((await http.get("/handbook/pay")).text)
        assert f"补贴是 {SECRET}元" in said and "核对于2026年1月1日" in said


async def test_the_real_book_states_no_unchecked_amount(
    http: httpx.AsyncClient, knowledge: Knowledge
) -> None:
    said = words_of((await http.get("/handbook?all=1")).text)
    unchecked = [
        f"{one.value}{one.unit or ''}"
        for one in knowledge.region.amounts.values()
        if one.value is not None and one.verified_on is None and len(str(one.value)) > 3
    ]
    assert [number for number in unchecked if number in said] == []
    assert not re.search(r"\{[a-z]", said), "a hole that nobody filled"


async def test_the_book_of_tomorrow_is_drawn_anew(tmp_path: Path, knowledge: Knowledge) -> None:
    entry = knowledge.entries["wage-minimum"].model_copy(update={"local": ("some_money",)})
    today = civil_day(RealClock().now())
    last_day = amount(value=SECRET, verified_on="2026-01-01", effective_to=today.isoformat())
    async with reader(tmp_path, changed(knowledge, entry, amounts={"some_money": last_day})) as (http, house):
        assert SECRET in (await http.get("/handbook/pay")).text
        house.clock.ahead = timedelta(days=1)
        page = words_of((await http.get("/handbook/pay")).text)
        assert SECRET not in page and "12333 人社" in page


# ── hostile knowledge ────────────────────────────────────────────────────────────────────────────────


async def test_whatever_stands_in_the_knowledge_is_shown_as_text(
    tmp_path: Path, knowledge: Knowledge
) -> None:
    office = Office(id="bad", name=HOSTILE, kind=OfficeKind.OTHER, competence=HOSTILE, bring=(HOSTILE,),
                    phone=HOSTILE, address=HOSTILE, hours=HOSTILE, verified_on=date(2026, 1, 1))  # fmt: skip
    hotline = Hotline.model_validate({"number": HOSTILE, "name": HOSTILE, "for": HOSTILE})
    entries = [hostile(entry) for entry in knowledge.entries.values() if entry.category == "pay"]
    bad = changed(knowledge, *entries, name=HOSTILE, directory=(office,), hotlines=(hotline,))
    async with reader(tmp_path, bad) as (http, _):
        for path in ("/handbook", "/handbook/pay", "/handbook/places", "/handbook?all=1"):
            page = (await http.get(path)).text
            assert not re.search(r"<script|<img|onerror=alert\(2\)>(?!&)|\b49\b", page), path
            assert HOSTILE in html.unescape(page), path
            assert not re.search(r"""(href|id|class|aria-label)="[^"]*[<>'][^"]*\"""", page), path


# ── public, and nothing else ─────────────────────────────────────────────────────────────────────────


async def test_no_cookie_is_set_and_none_changes_anything(http: httpx.AsyncClient) -> None:
    for path in ("/handbook", "/handbook/pay", "/handbook/places", "/handbook?all=1"):
        plain = await http.get(path)
        known = await http.get(path, headers={"Cookie": f"s={'x' * 43}; look=large"})
        assert "set-cookie" not in plain.headers and "set-cookie" not in known.headers
        assert plain.content == known.content
        assert not http.cookies


async def test_it_carries_the_headers_of_every_page_and_no_script(http: httpx.AsyncClient) -> None:
    chat, book = await http.get("/away"), await http.get("/handbook/dignity")
    for name in ("content-security-policy", "cache-control", "referrer-policy", "x-frame-options"):
        assert book.headers[name] == chat.headers[name]
    assert book.headers["cache-control"] == "no-store" and "'unsafe-inline'" not in str(book.headers)
    assert not re.search(r"<script|<style|\bstyle=|\bon[a-z]+=", book.text)
    assert "<title>手册</title>" in book.text, "the history of a browser tells little"


async def test_it_is_sent_compressed_to_who_can_read_that(http: httpx.AsyncClient) -> None:
    packed = await http.get("/handbook?all=1", headers={"Accept-Encoding": "gzip"})
    plain = await http.get("/handbook?all=1", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert packed.content == plain.content and packed.headers["vary"] == "Accept-Encoding"
    assert int(packed.headers["content-length"]) * 2 < int(plain.headers["content-length"])
    assert len(gzip.compress(plain.content)) < 500_000, "a phone on a slow line waits for it"


async def test_many_readers_at_once_get_the_same_book(http: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(http.get("/handbook") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize(
    "name", ["contents", "whole", "nothing", "PAY", "..%2f..%2fetc", "%3Cb%3E", "pay%00"]
)
async def test_a_chapter_that_is_none_is_told_so(http: httpx.AsyncClient, name: str) -> None:
    answer = await http.get(f"/handbook/{name}")
    assert answer.status_code == 404 and "没有这一页" in answer.text


async def test_the_way_out_works_without_a_session(http: httpx.AsyncClient) -> None:
    page = (await http.get("/handbook")).text
    assert re.search(r'<form method="post" action="/leave"><button class="exit"', page)
    away = await http.post("/leave")
    assert away.status_code == 303 and away.headers["location"] == "/away"


async def test_a_house_without_knowledge_has_no_handbook(tmp_path: Path) -> None:
    async with web_house(tmp_path) as house, httpx.AsyncClient(base_url=house.url) as http:
        assert (await http.get("/handbook")).status_code == 404
        assert "/handbook" not in (await http.get("/")).text


async def test_the_chat_leads_to_the_handbook(http: httpx.AsyncClient) -> None:
    assert 'href="/handbook"' in (await http.get("/")).text
