"""The whole product on loopback, and a woman with a phone in front of it (Chromium through Playwright)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect
from playwright.async_api import Error as PlaywrightError

from bot.app import Content, House, load_content, open_house
from bot.config import Settings, load_settings
from bot.domain.clock import Clock
from bot.serving import listen, run_house

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = Path("/usr/bin/chromium")
INSTALL = "没有找到 /usr/bin/chromium。请安装浏览器和中文字体：apt-get install chromium fonts-noto-cjk"
PHONE = {"width": 390, "height": 844}
WAIT_MS = 15_000
_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage",
          "--disable-component-update", "--no-first-run")  # fmt: skip


@lru_cache
def _content() -> Content:
    return load_content(load_settings(ROOT / "config.yaml", {}))


def _settings(folder: Path, port: int) -> Settings:
    return load_settings(
        ROOT / "config.yaml",
        {
            "SAFEHOUSE__STORAGE__URL": f"sqlite:///{folder / 'data' / 'safehouse.db'}",
            "SAFEHOUSE__STORAGE__KEY_FILE": str(folder / "keys" / "master.key"),
            "SAFEHOUSE__WEB__PORT": str(port),
            "SAFEHOUSE__WEB__PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SAFEHOUSE__LIMITS__MESSAGES_PER_MINUTE": "1000",
        },
    )


@asynccontextmanager
async def whole_house(folder: Path, clock: Clock | None = None) -> AsyncIterator[House]:
    """Store, conversation, pages, desk and workers, running until the block ends."""
    listener = listen("127.0.0.1", 0)
    settings = _settings(folder, listener.getsockname()[1])
    stop = asyncio.Event()
    try:
        async with open_house(settings, clock=clock, content=_content()) as house:
            running = asyncio.create_task(run_house(house, listener, stop))
            try:
                yield house
            finally:
                stop.set()
                await running
    finally:
        listener.close()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser; where there is none the test fails and says how to get one."""
    if not CHROMIUM.exists():
        pytest.fail(INSTALL)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(_QUIET))
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(slots=True)
class Her:
    """What she can do with the page, and what she sees of it."""

    page: Page
    url: str
    faults: list[str]

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    @property
    def answers(self) -> Locator:
        return self.page.locator("#log .them")

    async def opens(self, path: str = "/") -> None:
        await self.page.goto(self.url + path)

    async def says(self, text: str) -> None:
        """Type and send; wait until it stands in the talk as received."""
        before = await self.page.locator("#log .me").count()
        await self.page.fill("#text", text)
        await self.page.click("#say .send")
        await expect(self.page.locator("#unsent .bubble")).to_have_count(0, timeout=WAIT_MS)
        await expect(self.page.locator("#log .me")).not_to_have_count(before, timeout=WAIT_MS)

    async def taps(self, label: str) -> None:
        """Tap the last button with this label in the talk, and wait for what follows."""
        button = self.page.locator("#log").get_by_role("button", name=label, exact=True).last
        last = await self._last()
        await button.click(timeout=WAIT_MS)
        await self.page.wait_for_function(
            "last => document.getElementById('log').dataset.last !== last"
            " || document.querySelectorAll('.busy').length === 0",
            arg=last,
        )
        await expect(self.page.locator(".busy")).to_have_count(0, timeout=WAIT_MS)

    async def _last(self) -> str:
        return await self.page.locator("#log").get_attribute("data-last") or ""

    async def sees(self, text: str | re.Pattern[str]) -> None:
        """Somewhere in the talk, within a few seconds."""
        found = self.page.locator("#log").get_by_text(text)
        await expect(found.last).to_be_visible(timeout=WAIT_MS)

    async def attaches(self, *files: Path) -> None:
        await self.page.set_input_files("#files", [str(file) for file in files])

    async def reads(self) -> str:
        """All words of the talk."""
        return await self.page.locator("#log").inner_text()

    async def turns(self, *, back: bool) -> str:
        """What is on the screen after Back or Forward; a page that leads away at once cuts either short."""
        step = self.page.go_back if back else self.page.go_forward
        with suppress(PlaywrightError):
            await step(wait_until="commit", timeout=5_000)
        for _ in range(5):  # between two pages there is no content yet
            with suppress(PlaywrightError, TimeoutError):
                return await asyncio.wait_for(self.page.content(), 5)
        raise AssertionError("the browser shows nothing any more")

    async def everything_kept(self) -> str:
        """What the browser still has of us: cookies, storage, the page itself."""
        stores = await self.page.evaluate(
            "async () => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage),"
            " (await indexedDB.databases()).map(one => one.name),"
            " (await navigator.serviceWorker.getRegistrations()).length, await caches.keys(),"
            " document.title, document.body.innerText])"
        )
        return f"{stores}{await self.context.cookies()}"


@asynccontextmanager
async def her_phone(
    browser: Browser, house: House, *, script: bool = True, size: dict[str, int] = PHONE
) -> AsyncIterator[Her]:
    """A fresh browser context at the start page; faults of script or policy fail the test at its end."""
    context = await browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        has_touch=size is PHONE,
        is_mobile=size is PHONE,
        java_script_enabled=script,
    )
    faults: list[str] = []
    page = await context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None,
    )
    her = Her(page, house.web.public_url, faults)
    await her.opens()
    try:
        yield her
    finally:
        await context.close()
    assert faults == [], faults
