"""In real browsers, her phone and the desk: from her first word to an outcome that the report shows.

With SAFEHOUSE_PICTURES=folder every step is kept as a picture.
"""

import io
import re
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from docx import Document
from PIL import Image, ImageDraw
from playwright.async_api import Browser, Page, expect

from bot.app import House
from bot.domain.cases import (
    Answers,
    CaseCard,
    CaseKind,
    CaseSource,
    CaseStatus,
    Outcome,
    RecoveredEvidence,
    RecoveredKind,
)
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.staff import Role
from bot.services import case_work, close_case
from bot.services.take_down_case import Reading, Told, take_down
from tests.browser_house import Her, chromium, her_phone, whole_house
from tests.desk_browser import Seat, SetClock, hires, seat, takes_picture

STORY = "我怀孕五个月，公司把我从会计调去仓库，九月份起每个月少发两千一，到现在四个月了"
EMPLOYER, WISH = "一家商贸公司", "把少发的工资补给我，调回原来的岗位"
ASKED = "您好，我是工会的马干事。手边有没有调岗通知，或者工资到账的记录？拍一张给我就行。"
ADDED = "有一张调岗通知，没有我的签字"
ADVICE = (
    "女职工在孕期，单位不能因为怀孕降低工资（《女职工劳动保护特别规定》第五条）。"
    "先别签调岗的字。我们请劳动监察一起来谈，少发的 8,400 元要单位补上。"
)
CLOSING = "单位已经补发四个月的差额，岗位也调回来了。"
GUEST_WORDS = "已派两名监察员，案号宁劳监〔2026〕31 号"
MONTH = "2026-03"
WEDNESDAY_MORNING = datetime(2026, 3, 11, 1, 40, tzinfo=UTC)  # 9:40 in Yinchuan


@dataclass(slots=True)
class Union:
    """The house and who works in it."""

    house: House
    clock: SetClock
    officer: Seat
    lawyer: Seat
    leader: Seat

    async def card(self) -> CaseCard:
        return (await self.house.store.read(lambda unit: unit.cases.cards(CaseFilter())))[0]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


@pytest.fixture
async def union(tmp_path: Path, browser: Browser) -> AsyncIterator[Union]:
    clock = SetClock(WEDNESDAY_MORNING)
    async with whole_house(tmp_path, clock) as house:
        officer = await hires(house, "马干事", Role.OFFICER)
        lawyer = await hires(house, "苏律师", Role.LAWYER)
        leader = await hires(house, "丁主任", Role.LEADER)
        async with (
            seat(browser, house, officer) as first,
            seat(browser, house, lawyer) as second,
            seat(browser, house, leader) as third,
        ):
            yield Union(house, clock, first, second, third)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "通知.jpg"
    picture = Image.new("RGB", (600, 800), "ivory")
    ImageDraw.Draw(picture).rectangle((60, 80, 540, 120), fill="gray")
    picture.save(path)
    return path


async def test_from_her_first_word_to_an_outcome_that_the_report_shows(
    browser: Browser, union: Union, photo: Path
) -> None:
    async with her_phone(browser, union.house) as her:
        await _she_hands_it_in(her)
        card = await union.card()
        await _officer_claims_and_asks(union, card)
        await _she_answers_with_a_photo(her, photo)
        await _lawyer_drafts_leader_approves_officer_sends(union, card)
        await her.sees("先别签调岗的字")
        await takes_picture(her.page, "07-her-advice")
        await _officer_asks_for_a_hand_over(union, card)
        await _she_keeps_the_photo_back(her)
        link, code = await _officer_makes_the_link(union, card)
        await _guest_answers(browser, link, code)
        await her.sees("答应办了")
        await takes_picture(her.page, "14-her-agency-answered")
        await _mediation(union, card, her)
        await _officer_closes(union, card)
        await _she_confirms(her, card)
        await _figures_and_report_show_it(union, card)


async def _she_hands_it_in(her: Her) -> None:
    await takes_picture(her.page, "01-her-first-look")
    await her.says(STORY)
    await takes_picture(her.page, "02-her-answer")
    for step in ("找工会帮我", "同意", "同意", "匿名", "就用这段"):
        await her.taps(step)
    await her.says("去年九月开始")
    await her.taps("金凤区")
    await her.says(EMPLOYER)
    await her.taps("有书面的")
    await her.says(WISH)
    await takes_picture(her.page, "03-her-summary")
    await her.taps("提交")
    await her.sees(re.compile(r"\d{5}(?: \d{5}){4}"))
    await takes_picture(her.page, "04-her-receipt")


async def _officer_claims_and_asks(union: Union, card: CaseCard) -> None:
    officer = union.officer
    await officer.opens("/")
    await officer.takes_pictures("05a-desk-home")
    await officer.opens("/cases")
    async with officer.page.expect_navigation():
        await officer.page.get_by_role("link", name="看看待认领的").click()
    await officer.sees(card.number)
    await officer.takes_pictures("05b-desk-list")
    async with officer.page.expect_navigation():
        await officer.page.get_by_role("link", name=card.number).first.click()
    await officer.sees("我与该单位有关系")
    await officer.takes_pictures("05c-desk-case-new")
    await officer.presses("认领这件事")
    reply = officer.page.locator("#reply")
    await reply.locator("textarea[name=text]").fill(ASKED)
    await reply.get_by_label("请她补充").check()
    await officer.presses("存成草稿并预览", reply)
    await officer.sees("草稿（她还看不到）")
    await officer.takes_pictures("05d-desk-draft")
    await officer.presses("发送给她")


async def _she_answers_with_a_photo(her: Her, photo: Path) -> None:
    await her.sees("拍一张给我就行")
    await takes_picture(her.page, "06a-her-asked")
    await her.taps("补充")
    await her.says(ADDED)
    await her.attaches(photo)
    await her.page.click("#say .send")
    await her.sees("（照片）")
    await her.taps("补充完了")
    await expect(her.page.locator(".fresh")).to_have_count(0)  # she has come to what was new
    await takes_picture(her.page, "06b-her-added")


async def _lawyer_drafts_leader_approves_officer_sends(union: Union, card: CaseCard) -> None:
    officer, lawyer, leader, case = union.officer, union.lawyer, union.leader, f"/cases/{card.id}"
    await lawyer.opens(case)
    await lawyer.sees("找不到这一页")
    assert card.number not in await lawyer.page.content()
    await officer.opens(case)
    await officer.sees(ADDED)
    asking = await officer.unfolds("请律师帮忙")
    await asking.locator("select").select_option(label="苏律师")
    await asking.locator("textarea").fill("孕期调岗降薪，请写一段给她的话")
    await officer.takes_pictures("07a-desk-asks-lawyer")
    await officer.presses("请对方起草", asking)
    await lawyer.opens("/")
    await lawyer.takes_pictures("07b-lawyer-home")
    await lawyer.opens(case)
    reply = lawyer.page.locator("#reply")
    await reply.locator("textarea[name=text]").fill(ADVICE)
    await reply.get_by_label("这是法律意见").check()
    await lawyer.presses("存成草稿并预览", reply)
    drafts = lawyer.page.locator("#drafts")
    await drafts.locator("select[name=reviewer]").select_option(label="丁主任")
    await lawyer.presses("请人复核", drafts)
    await lawyer.takes_pictures("07c-lawyer-drafted")
    await officer.opens(case)
    waiting = officer.page.locator("#drafts")
    await expect(waiting.get_by_role("button", name="发送给她")).to_have_count(0)
    await leader.opens(case)
    await leader.takes_pictures("07d-leader-reviews")
    await leader.presses("复核通过")
    await officer.opens(case)
    await officer.presses("发送给她", waiting)
    await officer.takes_pictures("07e-desk-sent")


async def _officer_asks_for_a_hand_over(union: Union, card: CaseCard) -> None:
    officer = union.officer
    folded = await officer.unfolds("转给合作部门")
    choices = await folded.locator("select[name=agency] option").all_inner_texts()
    inspection = next(one for one in choices if "监察" in one)
    await folded.locator("select[name=agency]").select_option(label=inspection)
    await folded.locator("select[name=purpose]").select_option("inspection")
    await officer.takes_pictures("08-desk-hand-over")
    await officer.presses("去问她", folded)
    await officer.sees("等她回答")


async def _she_keeps_the_photo_back(her: Her) -> None:
    await her.sees("有一件要您来定")
    await takes_picture(her.page, "09a-her-hand-over")
    await her.taps("看看他们会看到什么")
    await her.sees("打开后看到的就是下面这些")
    await takes_picture(her.page, "09b-her-sees-their-page")
    await her.taps("有的不想给")
    await takes_picture(her.page, "09c-her-fields")
    await her.taps("✓ 照片等证据：给")
    await takes_picture(her.page, "09d-her-kept-back")
    await her.taps("选好了")
    await her.sees("不给：照片等证据")
    await takes_picture(her.page, "09e-her-card-again")
    await her.taps("同意")
    await her.sees("记下了，谢谢您")
    await takes_picture(her.page, "09f-her-agreed")


async def _officer_makes_the_link(union: Union, card: CaseCard) -> tuple[str, str]:
    officer = union.officer
    await officer.opens(f"/cases/{card.id}")
    partners = officer.page.locator("#partners")
    await expect(partners.get_by_text("不给：照片等证据")).to_be_visible()
    await officer.takes_pictures("10-desk-agreed")
    await officer.presses("生成链接和码", partners)
    await officer.takes_pictures("11-desk-link")
    link = await officer.page.locator("code.secret").first.inner_text()
    return link.strip(), (await officer.page.locator("#code").inner_text()).strip()


async def _guest_answers(browser: Browser, link: str, code: str) -> None:
    """The inspector, in a browser of her own."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    page = await context.new_page()
    await page.goto(link)
    await _guest_pictures(page, "12a-guest-door")
    await page.fill("#code", "000000" if code != "000000" else "111111")
    await page.click("button.main")
    await expect(page.get_by_role("alert")).to_be_visible()
    await _guest_pictures(page, "12b-guest-wrong")
    await page.fill("#code", code)
    await page.click("button.main")
    await expect(page.get_by_text("本人同意给您看的")).to_be_visible()
    await _guest_pictures(page, "12c-guest-page")
    words = await page.locator("main").inner_text()
    assert STORY in words and EMPLOYER in words
    assert "照片等证据" not in words and "附件 1" not in words and ADDED not in words
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name=re.compile("下载全部")).click()
    package = zipfile.ZipFile(await (await downloading.value).path())
    assert [name for name in package.namelist() if name.endswith((".jpg", ".jpeg"))] == []
    await page.get_by_role("button", name="收到", exact=True).click()
    await expect(page.get_by_text("已记下：收到")).to_be_visible()
    await page.locator("details", has_text="联系人、案号").locator("summary").click()
    await page.locator("form.accepted textarea").fill(GUEST_WORDS)
    await _guest_pictures(page, "12d-guest-answers")
    await page.locator("form.accepted button").click()
    await expect(page.get_by_text("已记下：受理")).to_be_visible()
    await _guest_pictures(page, "12e-guest-answered")
    await context.close()


async def _guest_pictures(page: Page, name: str) -> None:
    await takes_picture(page, f"{name}-1280")
    await page.set_viewport_size({"width": 390, "height": 844})
    await takes_picture(page, f"{name}-390")
    await page.set_viewport_size({"width": 1280, "height": 900})


async def _mediation(union: Union, card: CaseCard, her: Her) -> None:
    officer, case = union.officer, f"/cases/{card.id}"
    await officer.opens(case)
    await officer.sees(GUEST_WORDS)
    moving = await officer.unfolds("改变状态")
    await moving.locator("select[name=to]").select_option(CaseStatus.MEDIATING.value)
    await officer.presses("更新进展", moving)
    joint = await officer.unfolds("约联席调处")
    at = union.clock.now() + timedelta(minutes=5)
    await joint.locator("[name=at]").fill(f"{at + timedelta(hours=8):%Y-%m-%dT%H:%M}")
    await joint.locator("[name=place]").fill("市总工会二楼调解室")
    await joint.get_by_label(re.compile("监察")).first.check()
    await officer.takes_pictures("13a-desk-joint")
    await officer.presses("约好并告诉她", joint)
    await her.sees("市总工会二楼调解室")
    await her.taps("我去")
    await her.sees("记下了，您会去")
    await expect(her.page.locator("#log .me").last).to_have_text(re.compile("我去"))
    await takes_picture(her.page, "13b-her-joint")
    union.clock.ahead += timedelta(minutes=10)
    await officer.opens(case)
    await officer.sees("她会去")
    held = officer.page.locator("form[action$='/held']")
    await held.get_by_label("达成协议", exact=True).check()
    await held.locator("[name=agreed_on]").fill("2026-03-11")
    await officer.presses("记下结果", held)
    await officer.sees("司法确认最晚")
    await officer.takes_pictures("13c-desk-agreed")
    await her.sees("双方说好了")
    await takes_picture(her.page, "13d-her-agreement")


async def _officer_closes(union: Union, card: CaseCard) -> None:
    officer = union.officer
    closing = await officer.unfolds("办结")
    await closing.locator("[name=outcome]").select_option(Outcome.MEDIATED.value)
    await closing.locator("[name=amount]").fill("8,400 元")
    await closing.locator("[name=text]").fill(CLOSING)
    await officer.presses("办结并告诉她", closing)
    await officer.sees("请选是哪一种钱")
    closing = await officer.unfolds("办结")
    await expect(closing.locator(".flash.bad")).to_be_in_viewport()  # told where she fills in
    assert await closing.locator("[name=text]").input_value() == CLOSING
    await takes_picture(officer.page, "15a-desk-close-refused", whole=False)
    await closing.locator("[name=recovered_kind]").select_option(RecoveredKind.WAGES.value)
    await closing.locator("[name=evidence]").select_option(RecoveredEvidence.AGREEMENT.value)
    await officer.presses("办结并告诉她", closing)
    await officer.takes_pictures("15b-desk-closed")


async def _she_confirms(her: Her, card: CaseCard) -> None:
    await her.sees("8,400 元到账了吗")
    await takes_picture(her.page, "16a-her-outcome")
    await her.taps("全部到了")
    await takes_picture(her.page, "16b-her-confirmed")
    await her.taps("很满意")
    await takes_picture(her.page, "16c-her-rated")
    await her.taps("看进度")
    await her.sees(card.number)
    await her.sees("改一下")
    await takes_picture(her.page, "16d-her-timeline")


async def _figures_and_report_show_it(union: Union, card: CaseCard) -> None:
    officer, leader = union.officer, union.leader
    await officer.opens(f"/cases/{card.id}")
    await officer.takes_pictures("17-desk-confirmed")
    await leader.opens(f"/figures?period={MONTH}")
    assert await _values(leader) >= {"受理": "1 件", "调解成功": "1 件", "追回金额": "8,400 元"}.items()
    assert await _values(leader) >= {"其中已确认": "8,400 元", "帮助": "1 人"}.items()
    await leader.takes_pictures("18a-figures")
    async with leader.page.expect_navigation():
        await leader.page.locator(".measure", has_text="调解成功").first.get_by_role("link").click()
    await leader.sees(card.number)
    await leader.takes_pictures("18b-behind-a-figure")
    await leader.opens(f"/figures/report?period={MONTH}")
    await leader.takes_pictures("18c-report-small")
    assert "8,400" not in await leader.reads(), "one case alone could be recognised in a report"
    assert await leader.page.locator("article.report img").count() == 0, "a picture of nothing is none"
    for number in range(5):
        await _another_case_mediated(union, number)
    await leader.opens(f"/figures/report?period={MONTH}")
    await leader.sees("13,400 元")
    await leader.takes_pictures("18d-report")
    await leader.opens(f"/figures?period={MONTH}")
    async with leader.page.expect_download() as downloading:
        await leader.page.get_by_role("link", name="下载 Word 报告").click()
    document = Document(io.BytesIO(Path(await (await downloading.value).path()).read_bytes()))
    lines = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    told = {line[0]: line[1] for line in lines}
    assert told.items() >= {"受理": "6 件", "调解成功": "6 件", "追回金额": "13,400 元"}.items(), told
    text = "".join(line.text for line in document.paragraphs) + str(lines)
    assert card.number not in text and EMPLOYER not in text


async def _values(member: Seat) -> set[tuple[str, str]]:
    """Name and value of the main figures."""
    found = await member.page.locator(".measure").all()
    return {(await one.locator("h2").inner_text(), await one.locator(".value").inner_text()) for one in found}


async def _another_case_mediated(union: Union, number: int) -> None:
    """Somebody who called: 1,000 yuan, so that the report may tell the sums."""
    house, now, actor = union.house, union.clock.now(), union.officer.member
    told = Told(
        CaseSource.HOTLINE, Answers(happened="少发工资", district="金凤区"), CaseKind.WAGES, agreed=True
    )

    def work(unit: Unit) -> None:
        content = house.content
        card = take_down(
            unit, actor, f"form-{number}", told, Reading(None, None), now, house.desk, content.knowledge
        )
        case_work.move(unit, actor, card.id, CaseStatus.MEDIATING, now, house.desk, "")
        close_case.close(
            unit, actor, card.id, Outcome.MEDIATED, now, house.desk, 100_000, 1,
            recovered_kind=RecoveredKind.WAGES, evidence=RecoveredEvidence.TRANSFER,
        )  # fmt: skip

    await house.store.write(work)
