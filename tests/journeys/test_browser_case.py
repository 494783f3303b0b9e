"""In a browser on a phone: an anonymous case with a photo, its answers, and coming back by its code."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from PIL.ExifTags import Base
from playwright.async_api import Browser, expect

from bot.app import House
from bot.domain.ports_cases import CaseFilter
from bot.domain.reply import Button, Lane, Reply
from bot.services.take_files import staff_copy
from tests.browser_house import Her, chromium, her_phone, whole_house

CODE = re.compile(r"\d{5}(?: \d{5}){4}")
STORY = "公司知道我怀孕七个月就让我走人"
CANARY = "CANARY-4410"


# One browser for the whole file, and one house where that does no harm: starting them takes longest.
pytestmark = pytest.mark.asyncio(loop_scope="module")
shared = pytest_asyncio.fixture(scope="module", loop_scope="module")
own = pytest_asyncio.fixture(loop_scope="module")


@own
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with whole_house(tmp_path) as opened:
        yield opened


@shared
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture of a paper that names who took it."""
    exif = Image.Exif()
    exif[Base.Artist] = CANARY
    path = tmp_path / "通知.jpg"
    Image.new("RGB", (600, 800), "ivory").save(path, exif=exif)
    return path


async def _opens_a_case(her: Her, photo: Path | None) -> str:
    """From the question to the receipt; returns the code."""
    await her.says(STORY)
    await her.taps("找工会帮我")
    await her.taps("同意")
    await her.taps("同意")
    await her.taps("匿名")
    await her.taps("就用这段")
    await her.says("上周五")
    await her.taps("金凤区")
    await her.says("一家超市")
    if photo:
        await her.attaches(photo)
        await her.page.click(".send")
        await her.sees("（照片）")
    await her.taps("只是口头说的")
    await her.says("继续上班")
    await her.sees("现在还没有交")
    await her.taps("提交")
    await her.sees(CODE)
    found = CODE.search(await her.reads())
    assert found is not None
    return found[0]


async def test_an_anonymous_case_with_a_photo_is_opened_and_confirmed(
    browser: Browser, house: House, photo: Path
) -> None:
    async with her_phone(browser, house) as her:
        code = await _opens_a_case(her, photo)
        await her.says(code[-4:])
        (card,) = await house.store.read(lambda unit: unit.cases.cards(CaseFilter()))
        assert card.district == "金凤区" and card.source == "webchat"
        await her.taps("看进度")
        await her.sees(card.number)
    seq = await house.store.write(
        lambda unit: unit.cases.reveal(
            card.id, unit.audit.append("test", "open_case", card.id, house.clock.now())
        )
    )
    assert seq.answers.happened == STORY and seq.answers.employer == "一家超市"
    (file,) = [file for file in seq.files if file.name.startswith("通知")][:1]
    row, data, clean = await staff_copy(house.store, file.id)
    assert clean and row.mime == "image/jpeg" and CANARY.encode() not in data
    assert Image.open(io.BytesIO(data)).size == (600, 800)


async def test_the_hint_of_news_covers_no_button_and_goes_away_at_the_end(
    browser: Browser, house: House
) -> None:
    async with her_phone(browser, house) as her:
        await _opens_a_case(her, None)
        (card,) = await house.store.read(lambda unit: unit.cases.cards(CaseFilter()))
        person = (await house.store.read(lambda unit: unit.cases.people_of(card.id)))[-1]
        rows = tuple((Button(label, "h:x"),) for label in ("甲", "乙", "丙"))
        reply = Reply("明天给您回话。\n" * 20, rows, private=True)
        await her.page.evaluate("document.querySelector('.scroll').scrollTop = -9999")
        await house.store.write(
            lambda unit: unit.outbox.add(
                person, [reply], lane=Lane.REPLY, now=house.clock.now(), case_id=card.id
            )
        )
        hint = her.page.locator(".fresh")
        await hint.wait_for()
        under = await her.page.evaluate(
            "document.querySelector('.fresh').getBoundingClientRect().top"
            " >= document.querySelector('.scroll').getBoundingClientRect().bottom"
        )
        assert under, "it stands below the talk, not on it"
        await her.page.evaluate("document.querySelector('.scroll').scrollTop = 0")
        await hint.wait_for(state="detached")


async def test_staffs_reply_appears_by_itself_on_the_open_page(browser: Browser, house: House) -> None:
    async with her_phone(browser, house) as her:
        await _opens_a_case(her, None)
        (card,) = await house.store.read(lambda unit: unit.cases.cards(CaseFilter()))
        person = (await house.store.read(lambda unit: unit.cases.people_of(card.id)))[-1]
        reply = Reply("李干事：明天上午给您回话。", private=True)
        await house.store.write(
            lambda unit: unit.outbox.add(
                person, [reply], lane=Lane.REPLY, now=house.clock.now(), case_id=card.id
            )
        )
        await her.sees("李干事：明天上午给您回话。")


async def test_she_comes_back_by_code_in_another_browser_and_adds_words(
    browser: Browser, house: House
) -> None:
    async with her_phone(browser, house) as her:
        code = await _opens_a_case(her, None)
        await her.page.get_by_role("button", name="退出").click()
        await her.page.wait_for_url("**/away")
    async with her_phone(browser, house) as again:
        await again.page.get_by_role("link", name="输入回执码").click()
        await again.page.fill("#code", code.replace(" ", ""))
        await again.page.get_by_role("button", name="继续").click()
        (card,) = await house.store.read(lambda unit: unit.cases.cards(CaseFilter()))
        await again.sees(card.number)
        assert code not in await again.reads() and STORY not in await again.page.title()
        await again.taps("补充")
        await again.says("今天又催我签字")
        await again.sees("今天又催我签字")
    opened = await house.store.write(
        lambda unit: unit.cases.reveal(
            card.id, unit.audit.append("test", "open_case", card.id, house.clock.now())
        )
    )
    assert any("今天又催我签字" in event.body for event in opened.events)


async def test_a_case_with_a_phrase_opens_only_with_it(browser: Browser, house: House) -> None:
    async with her_phone(browser, house) as her:
        code = await _opens_a_case(her, None)
        await her.taps("设口令")
        await her.says("石榴花开")
        assert "石榴花开" not in await her.reads(), "a phrase is not shown"
    (card,) = await house.store.read(lambda unit: unit.cases.cards(CaseFilter()))
    async with her_phone(browser, house) as thief:
        for phrase in ("", "桂花香了"):
            await thief.opens("/case")
            await thief.page.fill("#code", code)
            await thief.page.fill("#phrase", phrase)
            await thief.page.get_by_role("button", name="继续").click()
            await expect(thief.page.locator("#log")).to_be_visible()
            assert card.number not in await thief.page.content()
    async with her_phone(browser, house) as again:
        await again.opens("/case")
        await again.page.fill("#code", code)
        await again.page.fill("#phrase", "石榴花开")
        await again.page.get_by_role("button", name="继续").click()
        await again.sees(card.number)


async def test_without_script_a_case_with_a_photo_is_opened(
    browser: Browser, house: House, photo: Path
) -> None:
    async with her_phone(browser, house, script=False) as her:

        async def taps(label: str) -> None:
            await her.page.locator("#log").get_by_role("button", name=label, exact=True).last.click()

        await her.says(STORY)
        for label in ("找工会帮我", "同意", "同意", "匿名", "就用这段"):
            await taps(label)
        await her.says("上周五")
        await taps("金凤区")
        await taps("跳过")
        await her.page.locator("#attach summary").click()
        await her.attaches(photo)
        await her.page.click(".send")
        await her.sees("（照片）")
        await taps("不知道")
        await taps("跳过")
        await taps("提交")
        await her.sees(CODE)
    (card,) = await house.store.read(lambda unit: unit.cases.cards(CaseFilter()))
    assert card.district == "金凤区"
