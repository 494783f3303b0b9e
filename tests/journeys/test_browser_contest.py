"""In a browser on a phone: a whole contest on one card."""

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


async def _labels(her: Her) -> list[str]:
    """Words on the live buttons."""
    return [label.strip() for label in await her.page.locator("#log button.button").all_inner_texts()]


async def _answers_a_question(her: Her) -> None:
    """Any answer will do; several-choice questions want a confirmation."""
    labels = await _labels(her)
    await her.taps(labels[0])
    if "确定" in await _labels(her):
        await her.taps("确定")


async def _starts(her: Her) -> None:
    await her.taps("知识竞答")
    await her.taps("开始答题")
    if "不选，直接答" in await _labels(her):
        await her.taps("不选，直接答")


async def test_a_whole_contest_is_played_on_one_card(her: Her) -> None:
    await _starts(her)
    cards = await her.answers.count()
    for number in range(1, 11):
        await her.sees(f"{number}/10")
        await _answers_a_question(her)
        await expect(her.answers).to_have_count(cards)
        await her.taps("下一题" if number < 10 else "看成绩")
    await her.sees("分")
    assert await her.answers.count() <= cards + 1


async def test_a_question_waits_where_she_left_it(her: Her) -> None:
    await _starts(her)
    await _answers_a_question(her)
    await her.taps("下一题")
    await her.sees("2/10")
    question = await her.answers.last.locator(".words").inner_text()
    await her.says("产假有多少天")
    await her.says("知识竞答")
    await her.taps("接着答")
    await her.sees("2/10")
    assert question.split("\n")[-1] in await her.reads()


async def test_two_quick_taps_count_once(her: Her, house: House) -> None:
    await _starts(her)
    await her.sees("1/10")
    before = await _answers_kept(house)
    button = her.page.locator("#log button.button").first
    await button.dblclick(no_wait_after=True)
    await expect(her.page.locator(".busy")).to_have_count(0)
    several = "确定" in await _labels(her)
    assert await _answers_kept(house) == before + (0 if several else 1)


async def _answers_kept(house: House) -> int:
    campaign = next(iter(house.content.knowledge.campaigns))
    totals = await house.store.read(lambda unit: unit.contest.totals(campaign))
    return totals["answers"]
