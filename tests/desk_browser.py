"""Staff at the desk in a real browser, and pictures of what they see."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyotp
from playwright.async_api import Browser, Locator, Page, expect

from bot.app import House
from bot.domain.staff import SYSTEM, Role, StaffMember
from bot.services import accounts
from tests.browser_house import PHONE, WAIT_MS
from tests.web_house import MovableClock

DESK = {"width": 1280, "height": 900}
_PICTURES = "SAFEHOUSE_PICTURES"  # a folder: pictures of the journey are kept there


class SetClock(MovableClock):
    """Runs as the real clock does, from a moment that a test names."""

    def __init__(self, begins: datetime) -> None:
        super().__init__()
        self.ahead = begins - self.now()


async def takes_picture(page: Page, name: str, *, whole: bool = True) -> None:
    """Keep what is on the screen, where somebody wants to look at it."""
    folder = os.environ.get(_PICTURES)
    if not folder:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=Path(folder) / f"{name}.png", full_page=whole, animations="disabled")


async def hires(house: House, name: str, *roles: Role) -> StaffMember:
    """An account as after setting up, without the form (that has its own tests)."""
    now = house.clock.now()
    _, token = await house.store.write(
        lambda unit: accounts.invite(unit, SYSTEM, name, frozenset(roles), now)
    )
    offer = await house.store.write(lambda unit: accounts.open_setup(unit, token, now))
    code = pyotp.TOTP(offer.totp_secret).at(now)
    return await house.store.write(lambda unit: accounts.finish_setup(unit, token, "", "x", code, now))


@dataclass(slots=True)
class Seat:
    """A member of staff in front of a browser; every tap waits for the page that follows."""

    page: Page
    url: str
    member: StaffMember
    faults: list[str]

    async def opens(self, path: str) -> None:
        await self.page.goto(f"{self.url}/console{path}")

    async def unfolds(self, summary: str) -> Locator:
        """The card that folds under these words, open."""
        card = self.page.locator("details.card").filter(
            has=self.page.locator("summary", has_text=summary)
        ).first  # fmt: skip
        if await card.get_attribute("open") is None:
            await card.locator("summary").first.click()
        return card

    async def presses(self, label: str, within: Locator | None = None) -> None:
        """A button, and the page that it leads to."""
        button = (within or self.page.locator("main")).get_by_role("button", name=label, exact=True).first
        async with self.page.expect_navigation():
            await button.click(timeout=WAIT_MS)

    async def sees(self, words: str) -> None:
        await expect(self.page.get_by_text(words).first).to_be_visible(timeout=WAIT_MS)

    async def reads(self) -> str:
        return await self.page.locator("main").inner_text()

    async def takes_pictures(self, name: str, *, sizes: Sequence[dict[str, int]] = (DESK, PHONE)) -> None:
        """At the desk and on a phone."""
        if not os.environ.get(_PICTURES):
            return
        for size in sizes:
            await self.page.set_viewport_size({"width": size["width"], "height": size["height"]})
            await takes_picture(self.page, f"{name}-{size['width']}")
        await self.page.set_viewport_size({"width": DESK["width"], "height": DESK["height"]})


@asynccontextmanager
async def seat(browser: Browser, house: House, member: StaffMember) -> AsyncIterator[Seat]:
    """A signed-in browser at the desk; faults of script or policy fail the test at its end."""
    token, now = secrets.token_urlsafe(32), house.clock.now()
    await house.store.write(lambda unit: unit.staff.start_session(token, member.id, now))
    context = await browser.new_context(
        viewport={"width": DESK["width"], "height": DESK["height"]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        accept_downloads=True,
    )
    url = house.web.public_url
    await context.add_cookies([{"name": "desk", "value": token, "url": url}])
    page, faults = await context.new_page(), []  # type: ignore[var-annotated]
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None
    )
    try:
        yield Seat(page, url, member, faults)
    finally:
        await context.close()
    assert faults == [], faults
