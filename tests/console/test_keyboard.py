"""The desk by keyboard, and canned answers without leaving the page, in a real browser."""

import re

from playwright.async_api import expect

from bot.domain.staff import Role
from tests.console.test_in_browser import DESKTOP, _served, _sign_in, chromium

__all__ = ["chromium"]


async def test_keys_lead_from_the_list_to_the_reply_and_a_canned_answer_goes_in(house, chromium):
    officer = await house.hires("李干事", Role.OFFICER)
    card = await house.case(assignee=officer.id)
    async with _served(house) as base:
        page = await chromium.new_page(viewport=DESKTOP)
        wrong = await _sign_in(house, page, base, "李干事")
        await page.goto(f"{base}/cases")
        await page.keyboard.press("?")
        assert await page.locator("dialog#help").is_visible()
        await page.keyboard.press("Escape")
        await page.keyboard.press("/")
        assert await page.evaluate("document.activeElement.name") == "q"
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/cases/{card.id}")
        await page.keyboard.press("n")
        assert await page.evaluate("!!document.activeElement.closest('#note')")
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.press("r")
        await page.keyboard.type("您好，r n / ?")
        assert await page.input_value("#reply textarea") == "您好，r n / ?", "keys are letters while writing"
        await page.fill("#canned [name=canned]", "怀孕被辞退")
        await page.keyboard.press("Enter")
        await page.locator("#canned .found button").first.click()
        # Not wait_for_function: whatever is not true at once is polled with eval, which the page forbids.
        await expect(page.locator("#reply textarea")).to_have_value(re.compile("12351"), timeout=30_000)
        text = await page.input_value("#reply textarea")
        assert text.startswith("您好，r n / ?\n\n不能因为您怀孕辞退您。")
        assert await page.is_checked("#reply [name=advice]")
        assert re.search(rf"/cases/{card.id}$", page.url)
        assert not wrong
