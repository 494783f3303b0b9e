"""The handbook in a browser: on a phone, on a desk, by keyboard, on paper."""

import itertools
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from bot.app import House
from tests.browser_house import PHONE, chromium, whole_house

pytestmark = pytest.mark.asyncio(loop_scope="module")
shared = pytest_asyncio.fixture(scope="module", loop_scope="module")
DESK = {"width": 1280, "height": 900}
PAGES = ("/handbook", "/handbook/maternity", "/handbook/dignity", "/handbook/places", "/handbook?all=1")
_A_PAGE = re.compile(rb"/Type\s*/Page\b")


@shared
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with whole_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@shared
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


async def opened(
    browser: Browser, house: House, path: str, size: dict[str, int], *, script: bool = False
) -> tuple[Page, list[str]]:
    """A page of the handbook; what the browser complained about."""
    context = await browser.new_context(
        viewport={"width": size["width"], "height": size["height"]}, java_script_enabled=script
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(house.web.public_url + path)
    return page, complaints


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1280"])
@pytest.mark.parametrize("path", PAGES)
async def test_nothing_sticks_out_and_the_policy_is_kept(
    browser: Browser, house: House, path: str, size: dict[str, int]
) -> None:
    page, complaints = await opened(browser, house, path, size, script=True)
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert complaints == []
    assert await page.context.cookies() == []
    await page.context.close()


async def test_without_script_a_chapter_and_its_topic_can_be_reached(browser: Browser, house: House) -> None:
    page, _ = await opened(browser, house, "/handbook", PHONE)
    await page.get_by_role("link", name="怀孕、生孩子和喂奶").first.click()
    await page.wait_for_url("**/handbook/maternity")
    title = house.content.knowledge.entries["pregnancy-dismissal"].title
    await page.get_by_role("link", name=title, exact=True).first.click()
    top = await page.locator("#pregnancy-dismissal").bounding_box()
    bar = await page.locator("header.top").bounding_box()
    assert top is not None and bar is not None
    assert bar["height"] <= top["y"] < PHONE["height"] / 2, "the heading stands under the bar, not behind it"
    await page.context.close()


async def test_everything_that_stands_alone_is_large_enough_for_a_thumb(
    browser: Browser, house: House
) -> None:
    for path in PAGES[:2]:
        page, _ = await opened(browser, house, path, PHONE, script=True)
        small = await page.evaluate(
            "[...document.querySelectorAll('.contents a, .hotlines a, .top a, .top button, a.button')]"
            ".map(one => [one.textContent.trim(), one.offsetHeight]).filter(([, height]) => height < 44)"
        )
        assert small == []
        await page.context.close()


async def test_the_keyboard_reaches_the_text_first_and_then_the_way_out(
    browser: Browser, house: House
) -> None:
    page, _ = await opened(browser, house, "/handbook/pay", DESK, script=True)
    names = []
    for _ in range(4):
        await page.keyboard.press("Tab")
        names.append(await page.evaluate("document.activeElement.textContent"))
    assert names == ["跳到正文", "目录", "去问答", "退出"]
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/away")
    await page.context.close()


async def test_every_level_of_headings_follows_the_one_above(browser: Browser, house: House) -> None:
    for path in PAGES:
        page, _ = await opened(browser, house, path, DESK, script=True)
        levels = await page.evaluate(
            "[...document.querySelectorAll('h1,h2,h3,h4,h5')].map(one => Number(one.tagName[1]))"
        )
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        await page.context.close()


async def test_on_paper_are_no_buttons_and_every_chapter_begins_a_page(
    browser: Browser, house: House, tmp_path: Path
) -> None:
    page, _ = await opened(browser, house, "/handbook?all=1", DESK, script=True)
    await page.emulate_media(media="print")
    seen = await page.evaluate(
        "[...document.querySelectorAll('button, .button, .top, .screen, .skip')]"
        ".filter(one => one.getClientRects().length).length"
    )
    assert seen == 0
    breaks = await page.evaluate(
        "[...document.querySelectorAll('.chapter')].map(one => getComputedStyle(one).breakBefore)"
    )
    assert set(breaks) == {"page"} and len(breaks) == 13
    addresses = await page.evaluate(
        "[...document.querySelectorAll('a')].map(one => getComputedStyle(one, '::after').content)"
    )
    assert set(addresses) == {"none"}
    pdf = await page.pdf(prefer_css_page_size=True)
    topics = len(house.content.knowledge.entries)
    assert len(_A_PAGE.findall(pdf)) > topics // 2
    await page.context.close()


async def test_one_chapter_prints_by_itself(browser: Browser, house: House) -> None:
    page, _ = await opened(browser, house, "/handbook/injury", PHONE, script=True)
    pdf = await page.pdf(prefer_css_page_size=True)
    assert 3 <= len(_A_PAGE.findall(pdf)) < 40
    assert b"/MediaBox [0 0 594" in pdf or b"/MediaBox [0 0 595" in pdf, "A4, whatever the screen"
    await page.context.close()
