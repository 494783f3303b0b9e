"""The desk in a real browser: narrow and wide, live, by keyboard, and without JavaScript."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, async_playwright

from bot.domain.cases import EventKind
from bot.domain.signals import case_of
from bot.domain.staff import Role
from tests.console.conftest import PASSWORD

CHROMIUM = Path("/usr/bin/chromium")
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture
async def chromium() -> AsyncIterator[Chromium]:
    assert CHROMIUM.exists(), "没有浏览器：请先运行 apt-get install chromium fonts-noto-cjk"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def _served(house) -> AsyncIterator[str]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(house.app, log_level="warning", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/console"
    server.should_exit = True
    await task


async def _sign_in(house, page: Page, base: str, name: str) -> list[str]:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if "Security Policy" in line.text else None)
    await page.goto(f"{base}/login")
    await page.fill("[name=name]", name)
    await page.fill("[name=password]", PASSWORD)
    await page.fill("[name=code]", house.code(name))
    await page.click("button.main")
    await page.wait_for_url("**/console/")
    return wrong


async def _she_adds(house, case_id: str, words: str) -> None:
    now = house.clock.now()
    await house.write(
        lambda unit: unit.cases.add_event(case_id, EventKind.HER_WORDS, by="worker", at=now, body=words)
    )


async def test_no_page_is_wider_than_the_telephone_and_none_breaks_the_content_policy(house, chromium):
    await house.hires("王主任", Role.LEADER, Role.ADMIN)
    card = await house.case("很长的一个词" * 60 + "x" * 300, employer="y" * 200, urgent=True)
    asked, now = "很长的一个词" * 60 + "x" * 300, house.clock.now()
    for topic in (None, "pregnancy-dismissal"):
        await house.write(lambda unit, topic=topic: unit.feedback.add(asked, "not_clear", topic, now))
    async with _served(house) as base:
        for size in (PHONE, DESKTOP):
            page = await chromium.new_page(viewport=size)
            wrong = await _sign_in(house, page, base, "王主任")
            for path in ("/", "/cases?tab=all", f"/cases/{card.id}", "/staff", "/account", "/content",
                         "/content/topics", "/content/topics/pregnancy-dismissal", "/content/try",
                         "/content/unanswered", "/content/unanswered?tab=week", "/content/laws",
                         "/content/laws/劳动合同法", "/content/teaching?kind=question",
                         "/content/teaching/story/li-dismissed", "/contest", "/operations", "/audit",
                         "/nowhere"):  # fmt: skip
                await page.goto(base + path)
                wide = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                assert wide <= 0, (path, size)
            drawn = "document.querySelector('.chart img').naturalWidth"
            await page.goto(base + "/", wait_until="load")
            assert await page.evaluate(drawn) > 0, "the chart is drawn under the policy"
            assert wrong == []


async def test_new_words_appear_by_themselves_and_what_is_being_typed_stays(house, chromium):
    leader = await house.hires("王主任", Role.LEADER)
    officer = await house.hires("李干事", Role.OFFICER)
    card = await house.case(assignee=leader.id)
    async with _served(house) as base:
        page = await chromium.new_page(viewport=PHONE)
        wrong = await _sign_in(house, page, base, "王主任")
        await page.goto(f"{base}/cases/{card.id}")
        now = house.clock.now()
        await house.write(
            lambda unit: unit.cases.add_event(
                card.id, EventKind.HER_WORDS, by="worker", at=now, body="第一句"
            )
        )
        await page.wait_for_selector("#live >> text=第一句")
        await page.fill("[data-composing] textarea", "我正在写的答复")
        house.deps.presence.beat(card.id, officer.id, house.clock.monotonic())
        house.signals.notify([case_of(card.id)])
        await page.wait_for_selector("#writing >> text=李干事正在写回复")
        await house.write(
            lambda unit: unit.cases.add_event(
                card.id, EventKind.HER_WORDS, by="worker", at=now, body="第二句"
            )
        )
        await page.wait_for_selector("#live >> text=第二句")
        assert await page.is_visible("#changed")
        assert await page.input_value("[data-composing] textarea") == "我正在写的答复"
        assert leader.id in house.deps.presence.others(card.id, officer.id, house.clock.monotonic())
        assert wrong == []


async def test_a_refusal_stands_in_its_form_and_news_do_not_take_away_what_was_typed(house, chromium):
    leader = await house.hires("王主任", Role.LEADER)
    card = await house.case(assignee=leader.id)
    async with _served(house) as base:
        page = await chromium.new_page(viewport=PHONE)
        wrong = await _sign_in(house, page, base, "王主任")
        await page.goto(f"{base}/cases/{card.id}")
        await page.click("summary:text-is('记电话或走访')")
        await page.fill("[name=minutes]", "很久")
        await page.fill("form[action$='/contacts'] textarea", "约好周四谈")
        await page.click("form[action$='/contacts'] button")
        refused = page.locator("form[action$='/contacts'] >> text=时长请写")
        await refused.wait_for()
        box = await refused.bounding_box()
        assert box is not None
        assert 0 < box["y"] < PHONE["height"], "where she looks"
        await _she_adds(house, card.id, "刚补充的一句")
        await page.wait_for_selector("#live >> text=刚补充的一句")
        assert await page.input_value("form[action$='/contacts'] textarea") == "约好周四谈"
        assert wrong == []


async def test_j_k_and_enter_walk_the_list(house, chromium):
    await house.hires("王主任", Role.LEADER)
    cards = [await house.case() for _ in range(3)]
    async with _served(house) as base:
        page = await chromium.new_page(viewport=DESKTOP)
        await _sign_in(house, page, base, "王主任")
        await page.goto(f"{base}/cases?tab=all")
        order = await page.eval_on_selector_all(
            ".cases a", "links => links.map(one => one.getAttribute('href'))"
        )
        assert len(order) == len(cards)
        for key in ("j", "j", "j", "k"):
            await page.keyboard.press(key)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**{order[1]}")


async def test_without_javascript_a_case_is_claimed_answered_and_closed(house, chromium):
    await house.hires("李干事", Role.OFFICER)
    card = await house.case()
    async with _served(house) as base:
        context = await chromium.new_context(viewport=PHONE, java_script_enabled=False)
        page = await context.new_page()
        await _sign_in(house, page, base, "李干事")
        await page.goto(f"{base}/cases?tab=unclaimed")
        await page.click(f"text={card.number}")
        await page.click("text=认领这件事")
        await page.fill("[data-composing] textarea", "请先别签字。")
        await page.click("text=存成草稿并预览")
        assert "您关心的事有新进展" in await page.inner_text(".preview")
        await page.click("text=发送给她")
        await page.click("summary:has-text('办结')")
        await page.select_option("[name=outcome]", "mediated")
        await page.fill("[name=how]", "电话里谈成的")
        await page.fill("[name=amount]", "8,400")
        await page.select_option("[name=recovered_kind]", "wages")
        await page.select_option("[action$='/close'] [name=evidence]", "transfer")
        await page.fill("[action$='/close'] [name=text]", "已经补发。")
        await page.click("text=办结并告诉她")
        assert re.search(r"8,400 元（工资）", await page.inner_text("#live"))
    heard = await house.heard(card.id)
    assert len(heard) == 3
    assert "已经补发。" in heard[-1]
