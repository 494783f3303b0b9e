"""On Telegram: from her first word to an outcome that figures and report show; staff in group and at desk.

Run with -s to read the chats as they looked.
"""

import io
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from docx import Document

from bot.domain.cases import CaseCard, CaseStatus, Confirmed, Outcome, RecoveredEvidence, RecoveredKind
from bot.domain.civil_time import civil_day
from bot.domain.errors import NotFound
from bot.domain.handovers import Field, Purpose, SessionRole
from bot.domain.periods import period
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.staff import Role
from bot.services import case_work, close_case, drafts, hand_over, joint_session
from bot.services.case_gate import open_case
from bot.services.figures import period_figures
from bot.services.hand_over import Link, Proposal
from bot.services.joint_session import Plan
from bot.services.partner_directory import agencies
from bot.services.report_document import report_docx
from bot.services.reports import make_report
from tests.desk_browser import SetClock
from tests.partner_desk import picture
from tests.telegram_app import GROUP, Officer, Person, TelegramApp, telegram_app

HER, OFFICER, LAWYER, LEADER = 5001, 9001, 9002, 9003
STORY, EMPLOYER = "我怀孕五个月，公司把我调去仓库，每个月少发两千一，到现在四个月了", "石榴红家政服务部"
ASKED, ADDED = "手边有没有调岗通知？拍一张给我就行。", "有一张调岗通知，我没签过名"
ADVICE = "怀孕期间单位不能降工资（《女职工劳动保护特别规定》第五条）。请先留好工资条。"
NOTE, CLOSING = "内部：先问清楚工资怎么发的", "单位已经补发四个月的差额。"
OF_HERS = (STORY, EMPLOYER, ADDED, "去年九月", "仓库", "签过名")
CODE = re.compile(r"\d{5}(?: \d{5}){4}")
WEDNESDAY_MORNING = datetime(2026, 3, 11, 1, 40, tzinfo=UTC)  # 9:40 in Yinchuan
T = TypeVar("T")


@dataclass(slots=True)
class Union:
    """The product on Telegram, she, and three members of staff with an account each."""

    app: TelegramApp
    clock: SetClock
    her: Person
    officer: Officer
    lawyer: Officer
    leader: Officer

    async def does(self, work: Callable[[Unit, datetime], T]) -> T:
        """One act at the desk, and everything that follows from it is delivered."""
        now = self.clock.now()
        done = await self.app.write(lambda unit: work(unit, now))
        await self.app.settled()
        return done

    async def card(self) -> CaseCard:
        (card,) = await self.app.read(lambda unit: unit.cases.cards(CaseFilter()))
        return card


@pytest.fixture
async def union(tmp_path: Path) -> AsyncIterator[Union]:
    clock = SetClock(WEDNESDAY_MORNING)
    async with telegram_app(tmp_path, "polling", clock=clock) as app:
        yield Union(
            app,
            clock,
            app.worker(HER),
            await app.hires("马干事", OFFICER, Role.OFFICER),
            await app.hires("苏律师", LAWYER, Role.LAWYER),
            await app.hires("丁主任", LEADER, Role.LEADER),
        )


async def test_from_her_first_word_to_an_outcome_that_the_report_shows(union: Union) -> None:
    await _she_hands_it_in(union.her)
    await _officer_claims_and_asks(union)
    await _lawyer_drafts_leader_approves_officer_sends(union)
    link = await _she_keeps_the_photo_back(union)
    await _agency_answers(union, link)
    await _mediated_and_closed(union)
    await _she_confirms(union)
    await _figures_and_report_show_it(union)
    calls = [call.fields for call in union.app.server.calls if call.fields.get("chat_id") == GROUP]
    told = [fields[name] for fields in calls for name in ("text", "name") if name in fields]
    assert [text for text in told for words in OF_HERS if words in text] == []
    assert [text for text in union.her.sent() if NOTE in text or "草稿" in text] == []
    refused = [call for call in union.app.server.calls if call.code not in (200, 0)]
    assert {(call.method, call.fields["chat_id"]) for call in refused} <= {("editMessageText", GROUP)}
    print(f"\n{'═' * 30} 她\n{union.her.chat()}\n\n{'═' * 30} 值班群\n{union.officer.chat()}")
    print(f"\n{'═' * 30} 律师\n{union.lawyer.chat()}")


async def _she_hands_it_in(her: Person) -> None:
    await her.says("/start")
    for label in ("找工会帮我", "同意", "同意", "同意", "匿名"):
        await her.taps(label)
    await her.says(STORY)
    await her.taps("说完了")
    await her.says("去年九月开始")
    await her.taps("金凤区")
    await her.says(EMPLOYER)
    await her.taps("只是口头说的")
    await her.says("把少发的工资补给我")
    assert CODE.search(await her.taps("提交")), her.chat()


async def _officer_claims_and_asks(union: Union) -> None:
    her, officer = union.her, union.officer
    assert (await union.card()).number in officer.looks()
    assert "有关系吗" in await officer.taps("认领")
    assert (await union.card()).assignee is None, "a claim waits for the answer about the employer"
    await officer.taps("没有，认领")
    assert "已有人接手" in her.looks()
    await officer.writes_in_topic(NOTE)
    card = await union.card()

    def ask(unit: Unit, now: datetime) -> None:
        desk, actor = union.app.house.desk, officer.actor
        draft = drafts.write_draft(unit, actor, card.id, ASKED, now, desk, drafts.EventKind.ASK_MORE)
        drafts.send_draft(unit, actor, card.id, draft.id, now, desk)

    await union.does(ask)
    assert ASKED in her.looks()
    await her.taps("补充")
    await her.says(ADDED)
    assert "1 个文件" in await her.sends_file("photo", picture())
    await her.taps("补充完了")
    assert "有新补充" in officer.looks()


async def _lawyer_drafts_leader_approves_officer_sends(union: Union) -> None:
    her, officer, lawyer, leader = union.her, union.officer, union.lawyer, union.leader
    card, desk = await union.card(), union.app.house.desk
    with pytest.raises(NotFound):
        await union.does(lambda unit, now: open_case(unit, lawyer.actor, card.id, now))
    await union.does(
        lambda unit, now: drafts.ask_review(
            unit, officer.actor, card.id, None, lawyer.actor.id, now, desk, "孕期降工资，请写一段给她的话"
        )
    )
    private = union.app.worker(LAWYER)
    assert card.number in private.looks() and STORY not in private.chat()
    await lawyer.taps("起草回复")
    assert "还没有发出" in await lawyer.writes_in_topic(ADVICE)
    await officer.taps("请律师看")
    assert her.looks() == "", "a draft stays inside until somebody else has read it"
    await leader.taps("通过")
    await officer.taps("发送给她")
    assert ADVICE in her.looks()


async def _she_keeps_the_photo_back(union: Union) -> Link:
    her, officer, card, house = union.her, union.officer, await union.card(), union.app.house
    words, today = house.desk.wording.partners, civil_day(union.clock.now())
    known = agencies(house.content.knowledge.region.directory, words, today)
    inspection = next(one for one in known if one.kind == "labor_inspection")
    labels = {name: rule.label for name, rule in house.content.knowledge.deadlines.items()}
    wanted = Proposal(inspection, Purpose.INSPECTION, frozenset(Field), rule_labels=labels)
    one = await union.does(
        lambda unit, now: hand_over.propose(unit, officer.actor, card.id, wanted, now, house.desk)
    )
    assert inspection.name in her.looks()
    page = await her.taps("看看他们会看到什么")
    assert STORY in page and "申请劳动仲裁：2026年9月1日" in page
    await her.taps("有的不想给")
    assert "✗ 照片等证据：不给" in await her.taps("✓ 照片等证据：给")
    assert "不给：照片等证据" in await her.taps("选好了")
    assert "记下了，谢谢您" in await her.taps("同意")
    link = await union.does(
        lambda unit, now: hand_over.make_link(unit, officer.actor, card.id, one.id, now, house.desk)
    )
    assert link.hand_over.refused == frozenset({Field.FILES})
    return link


async def _agency_answers(union: Union, link: Link) -> None:
    """The inspector's browser, without script."""
    at = f"{union.app.house.web.public_url}/partner/{link.token}"
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as guest:
        assert STORY not in (await guest.get(at)).text
        shown = (await guest.post(at, data={"code": link.code})).text
        assert STORY in shown and EMPLOYER in shown
        assert "照片等证据" not in shown and "/files/" not in shown and ADDED not in shown
        for step, told in (("received", "收到了"), ("accepted", "答应办了")):
            token = re.search(r'name="token" value="([0-9a-f]+)"', shown)
            assert token is not None, shown
            shown = (await guest.post(f"{at}/answer", data={"token": token[1], "step": step})).text
            await union.app.settled()
            assert told in union.her.looks()


async def _mediated_and_closed(union: Union) -> None:
    her, officer, card, desk = union.her, union.officer, await union.card(), union.app.house.desk
    actor = officer.actor
    plan = Plan(
        union.clock.now() + timedelta(minutes=5),
        "市总工会二楼调解室",
        "",
        (("市劳动监察支队", SessionRole.MEDIATOR),),
    )
    session = await union.does(lambda unit, now: joint_session.plan(unit, actor, card.id, plan, now, desk))
    assert "市总工会二楼调解室" in her.looks()
    assert "您会去" in await her.taps("我去")
    union.clock.ahead += timedelta(minutes=10)
    await union.does(
        lambda unit, now: case_work.move(unit, actor, card.id, CaseStatus.MEDIATING, now, desk, "")
    )
    assert "调解中" in her.looks()
    await union.does(
        lambda unit, now: joint_session.hold(
            unit, actor, card.id, session.id, True, civil_day(now), "", now, desk
        )
    )
    assert "双方说好了" in her.looks()
    await union.does(
        lambda unit, now: close_case.close(
            unit, actor, card.id, Outcome.MEDIATED, now, desk, 840_000, 1, CLOSING,
            recovered_kind=RecoveredKind.WAGES, evidence=RecoveredEvidence.AGREEMENT,
        )
    )  # fmt: skip
    assert "追回 8,400 元（工资）" in her.looks()


async def _she_confirms(union: Union) -> None:
    her = union.her
    assert "怎么样" in await her.taps("全部到了")
    assert "谢谢您" in await her.taps("很满意")
    timeline = await her.taps("看进度")
    for step in ("您同意给", "答应办", "约好几家一起商量", "调解中", "办完，调解成功", "还有日子没到"):
        assert step in timeline, timeline
    card = await union.card()
    assert (card.confirmed, card.satisfaction, card.recovered_fen) == (Confirmed.YES, 5, 840_000)


async def _figures_and_report_show_it(union: Union) -> None:
    house, now = union.app.house, union.clock.now()
    month = period("2026-03", civil_day(now))
    figures = await union.app.read(lambda unit: period_figures(unit, month.since, month.until))
    sums = figures.sums
    assert (sums.accepted, sums.mediated, sums.people, sums.confirmed_fen) == (1, 1, 1, 840_000)
    desk = house.desk
    report = await union.app.read(
        lambda unit: make_report(unit, month, now, desk.promises, "测试总工会", desk.wording)
    )
    document = Document(io.BytesIO(report_docx(report, desk.wording.figures, now)))
    told = {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}
    assert told["受理"] == "<5 件" and told["追回金额"] == "隐去", "one case alone could be recognised"
