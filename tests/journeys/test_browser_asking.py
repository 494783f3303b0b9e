"""In a browser on a phone: asking, with and without script, and getting away from the page."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.app import House
from tests.browser_house import Her, chromium, her_phone, whole_house

# One browser for the whole file, and one house where that does no harm: starting them takes longest.
pytestmark = pytest.mark.asyncio(loop_scope="module")
shared = pytest_asyncio.fixture(scope="module", loop_scope="module")
own = pytest_asyncio.fixture(loop_scope="module")


@shared
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with whole_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@shared
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


@own
async def her(browser: Browser, house: House) -> AsyncIterator[Her]:
    async with her_phone(browser, house) as phone:
        yield phone


QUESTIONS = (
    ("公司知道我怀孕就让我走人", "女职工劳动保护特别规定"),
    ("主管老是对我动手动脚怎么办", "妇女权益保障法"),
    ("老板拖欠我三个月工资", "劳动"),
)


async def test_three_questions_are_answered_with_their_law(her: Her) -> None:
    for question, law in QUESTIONS:
        await her.says(question)
        assert question in await her.reads()
        await her.taps("依据")
        await her.sees(law)
    assert await her.page.title() == "问答"


async def test_a_tap_changes_the_card_where_it_stands(her: Her) -> None:
    await her.says("公司知道我怀孕就让我走人")
    cards = await her.answers.count()
    await her.taps("我该怎么做")
    await her.taps("要准备什么")
    assert await her.answers.count() == cards
    assert await her.page.locator("#log .me").count() == 1


async def test_the_question_stands_at_the_top_so_that_reading_begins_there(her: Her) -> None:
    for question, _ in QUESTIONS:
        await her.says(question)
    top = await her.page.locator(".scroll").bounding_box()
    now = await her.page.locator("#log .me").last.bounding_box()
    assert top is not None and now is not None
    assert -20 <= now["y"] - top["y"] < top["height"] * 0.6


async def test_words_written_without_network_are_sent_once_when_it_returns(her: Her, house: House) -> None:
    await her.context.set_offline(True)
    await her.page.fill("#text", "没有网的时候写的")
    await her.page.click(".send")
    await expect(her.page.locator("#unsent .state")).to_contain_text("未收到")
    await her.context.set_offline(False)
    await her.sees("没有网的时候写的")
    assert await her.page.locator("#log .me").count() == 1


async def test_an_answer_that_got_lost_on_the_way_does_not_repeat_her_words(her: Her) -> None:
    lost = 0

    async def lose(route) -> None:  # type: ignore[no-untyped-def]
        nonlocal lost
        if lost < 2:
            lost += 1
            await route.fetch()  # it reaches the server, the answer does not reach her
            await route.abort()
        else:
            await route.continue_()

    await her.page.route("**/say", lose)
    await her.says("孕期能调岗吗")
    assert lost == 2 and (await her.reads()).count("孕期能调岗吗") == 1


async def test_large_letters_are_large(her: Her) -> None:
    small = await her.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    await her.page.get_by_role("button", name="大字").click()
    await expect(her.page.locator("html.large")).to_have_count(1)
    assert await her.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= small * 1.25


async def test_everything_to_tap_is_large_enough_for_a_thumb(her: Her) -> None:
    await her.says("公司知道我怀孕就让我走人")
    small = await her.page.evaluate(
        "[...document.querySelectorAll('button, a.button, a.chip, summary, input:not([type=hidden])')]"
        ".filter(one => one.offsetParent).map(one => [one.textContent.trim(), one.offsetHeight])"
        ".filter(([, height]) => height && height < 44)"
    )
    assert small == []
    wide = await her.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide


async def test_the_whole_way_can_be_gone_with_the_keyboard(her: Her) -> None:
    await her.page.focus("#text")
    await her.page.keyboard.type("产假有多少天")
    await her.page.keyboard.press("Tab")
    await her.page.keyboard.press("Enter")
    await her.sees("产假有多少天")
    await her.page.locator("#log").get_by_role("button", name="依据").focus()
    await her.page.keyboard.press("Enter")
    await her.sees("第七条")


# ── away ─────────────────────────────────────────────────────────────────────────────────────────────

MARK = "别让他看到这句话"


async def test_after_leaving_there_is_nothing_on_screen_or_behind_it(her: Her) -> None:
    await her.page.goto("about:blank")
    await her.opens()
    await her.says(MARK)
    await her.opens("/case")
    await her.page.get_by_role("link", name="回到问答").click()
    await her.sees(MARK)
    await her.page.get_by_role("button", name="退出").click()
    await her.page.wait_for_url("**/away")
    kept = await her.everything_kept()
    assert MARK not in kept and "安全屋" not in kept and "问答" not in kept
    await expect(her.page.get_by_text("蔬菜")).to_have_count(1)
    assert await her.context.cookies() == []
    for _ in range(3):
        assert MARK not in await her.turns(back=True)
    assert MARK not in await her.turns(back=False)


async def test_three_times_escape_leaves_too(her: Her) -> None:
    await her.says(MARK)
    for _ in range(3):
        await her.page.keyboard.press("Escape")
    await her.page.wait_for_url("**/away")
    assert MARK not in await her.page.content()


async def test_leaving_empties_the_other_tab_as_well(her: Her) -> None:
    await her.says(MARK)
    other = await her.context.new_page()
    await other.goto(her.url)
    await expect(other.get_by_text(MARK)).to_have_count(1)
    await her.page.get_by_role("button", name="退出").click()
    await other.wait_for_url("**/away", timeout=40_000)
    assert MARK not in await other.content()


async def test_clearing_the_talk_empties_the_page(her: Her) -> None:
    await her.says(MARK)
    await her.says("清除")
    await her.taps("是，清除")
    await expect(her.page.get_by_text(MARK)).to_have_count(0)
    assert MARK not in await her.page.content()


# ── without script ───────────────────────────────────────────────────────────────────────────────────


async def test_without_script_she_asks_reads_the_law_and_leaves(browser: Browser, house: House) -> None:
    async with her_phone(browser, house, script=False) as her:
        await her.says("公司知道我怀孕就让我走人")
        await her.page.locator("#log").get_by_role("button", name="依据").click()
        await her.sees("女职工劳动保护特别规定")
        assert her.page.url.endswith("/#now")
        await her.page.get_by_role("button", name="退出").click()
        assert her.page.url.endswith("/away")
        for _ in range(4):
            assert "让我走人" not in await her.turns(back=True)
