"""Takes the pictures of the README from the running product: python -m tests.pictures docs/images"""

import argparse
import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
from playwright.async_api import Browser, Page

from bot.app import House
from bot.services.accounts import first_admin_link
from tests.browser_house import Her, chromium, her_phone, whole_house

DESK = {"width": 1280, "height": 860}
OFFICER, PASSWORD = "马干事", "a long sentence to remember"
QUESTION = "公司知道我怀孕就让我走人"
# Invented: what happened, when, where, what she has, what she wishes.
CASES = (
    ("主管下班后老发骚扰短信，我不回就给我排夜班", "上个月开始", "兴庆区", "不想说", "有书面的", "让他停手"),
    ("干了三个月，老板说没钱，一分工资没发", "九月份起", "西夏区", "城西一家火锅店", "两样都有", "拿回工资"),
    ("我怀孕五个月，店长今天让我写辞职信", "今天", "金凤区", "一家服装店", "有书面的", "想继续上班"),
)


async def main(folder: Path) -> None:
    """chat.png and desk.png, from a house that lives only as long as it is photographed."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        async with whole_house(Path(data)) as house, chromium() as browser:
            async with her_phone(browser, house) as her:
                await her.says(QUESTION)
                await her.page.screenshot(path=folder / "chat.png", animations="disabled")
            for case in CASES:
                async with her_phone(browser, house) as her:
                    await _open_case(her, *case)
            page = await _administrator(browser, house)
            await page.screenshot(path=folder / "desk.png", animations="disabled")


async def _open_case(
    her: Her, happened: str, since: str, district: str, employer: str, evidence: str, wish: str
) -> None:
    for step in ("找工会帮我", "同意", "同意", "匿名"):
        await her.taps(step)
    await her.says(happened)
    await her.taps("说完了")
    await her.says(since)
    await her.taps(district)
    await her.says(employer)
    await her.taps(evidence)
    await her.says(wish)
    await her.taps("提交")


async def _administrator(browser: Browser, house: House) -> Page:
    """The desk as its first administrator sees it: signed in, one case claimed and open."""
    token = await house.store.write(lambda unit: first_admin_link(unit, datetime.now(UTC)))
    page = await browser.new_page(viewport=DESK, locale="zh-CN")  # type: ignore[arg-type]
    url = f"{house.web.public_url}/console"
    await page.goto(f"{url}/setup/{token}")
    secret = pyotp.TOTP((await page.locator("code.secret").inner_text()).replace(" ", ""))
    # A code counts once: the account is set up with the last one, so that this one is left for signing in.
    for code in (secret.at(datetime.now(UTC) - timedelta(seconds=30)), secret.now()):
        await page.fill("[name=name]", OFFICER)
        await page.fill("[name=password]", PASSWORD)
        await page.fill("[name=code]", code)
        async with page.expect_navigation():
            await page.click("button.main")
    await page.goto(f"{url}/cases?tab=all")
    await page.locator("a[href*='/console/cases/']").last.click()
    async with page.expect_navigation():
        await page.get_by_role("button", name="认领").first.click()
    return page


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    asyncio.run(main(parser.parse_args().folder))
