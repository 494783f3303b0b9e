"""Takes the pictures of the README from a demo city: python -m tests.pictures docs/images"""

import argparse
import asyncio
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
from playwright.async_api import Browser, Page

from bot.app import House
from bot.domain.staff import Role
from bot.services.demo_city import login_links
from tests.browser_house import chromium, her_phone, whole_house
from tests.served import run_command

DESK = {"width": 1280, "height": 900}
PASSWORD = "a long sentence to remember"
QUESTION = "公司知道我怀孕就让我走人"


async def main(folder: Path) -> None:
    """chat.png and desk.png, from a house that lives only as long as it is photographed."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        await _demo_city(Path(data))
        async with whole_house(Path(data)) as house, chromium() as browser:
            async with her_phone(browser, house) as her:
                await her.says(QUESTION)
                await her.page.screenshot(path=folder / "chat.png", animations="disabled")
            page = await _leader(browser, house)
            await page.goto(f"{house.web.public_url}/console/cases?tab=all")
            await page.screenshot(path=folder / "desk.png", animations="disabled")


async def _demo_city(folder: Path) -> None:
    environment = os.environ | {
        "SAFEHOUSE__STORAGE__URL": f"sqlite:///{folder / 'data' / 'safehouse.db'}",
        "SAFEHOUSE__STORAGE__KEY_FILE": str(folder / "keys" / "master.key"),
    }
    code, _, err = await run_command(environment, "demo")
    assert code == 0, err


async def _leader(browser: Browser, house: House) -> Page:
    """The desk of a leader of the demo city, signed in for the first time."""
    links = await house.store.write(lambda unit: login_links(unit, datetime.now(UTC)))
    name, _, token = next(link for link in links if Role.LEADER.value in link[1])
    page = await browser.new_page(viewport=DESK, locale="zh-CN")  # type: ignore[arg-type]
    await page.goto(f"{house.web.public_url}/console/setup/{token}")
    secret = pyotp.TOTP((await page.locator("code.secret").inner_text()).replace(" ", ""))
    # A code counts once: the account is set up with the last one, so that this one is left for signing in.
    for code in (secret.at(datetime.now(UTC) - timedelta(seconds=30)), secret.now()):
        if await page.locator("[name=name]").count():
            await page.fill("[name=name]", name)
        await page.fill("[name=password]", PASSWORD)
        await page.fill("[name=code]", code)
        async with page.expect_navigation():
            await page.click("button.main")
    return page


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    asyncio.run(main(parser.parse_args().folder))
