"""The whole way on Telegram, polling and webhook: she asks, plays, opens a case; staff answer and close it.

Run with -s to read the chats as they looked.
"""

import io
import random
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from PIL import Image
from PIL.ExifTags import Base

from bot.domain.cases import (
    CaseCard,
    CaseKind,
    CaseStatus,
    EventKind,
    OpenedCase,
    Outcome,
    RecoveredEvidence,
    RecoveredKind,
)
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.ports_talk import TalkLine
from bot.domain.staff import Role
from bot.services import case_work, close_case
from bot.services.case_gate import open_case
from bot.services.take_files import staff_copy
from tests.telegram_app import GROUP, Officer, Person, TelegramApp, plays_a_contest, telegram_app

pytestmark = pytest.mark.parametrize("mode", ["polling", "webhook"])

HER, OFFICER = 5001, 9001
STORY, EMPLOYER, WISH = "我怀孕七个月，主任叫我自己走人", "石榴红家政服务部", "想继续上班"
NOTE, ANSWER = "内部：先别惊动单位，周一去调监控", "您好，我明天上午九点去您单位。\n请带上产检本。"
ADDED, CLOSING = "今天人事又催我签字", "单位已经撤回通知，补发了工资。"
OF_HERS = (STORY, EMPLOYER, WISH, ADDED, "上周五", "只是口头说的", "CANARY", "七个月", "签字")
QUESTIONS = (
    ("公司知道我怀孕就让我走人", "女职工劳动保护特别规定"),
    ("主管老是对我动手动脚怎么办", "妇女权益保障法"),
    ("老板拖欠我三个月工资", "劳动合同法"),
)
CODE = re.compile(r"\d{5}(?: \d{5}){4}")
MARK = re.compile(r"\n（可能重复，编号 \w+）")
VOICE = b"OggS\0" + bytes(60) + b"OpusHead" + bytes(range(200))
CLOSED_LINE = f"办完，调解成功，追回 8,400 元（工资）。工会：{CLOSING}"


@pytest.fixture
async def app(tmp_path: Path, mode: str) -> AsyncIterator[TelegramApp]:
    async with telegram_app(tmp_path, mode) as opened:
        yield opened


def photo() -> bytes:
    """A picture that names who took it."""
    exif, file = Image.Exif(), io.BytesIO()
    exif[Base.Artist] = "CANARY-artist"
    Image.new("RGB", (60, 80), "ivory").save(file, "jpeg", exif=exif)
    return file.getvalue()


async def opens_a_case(her: Person, *, files: bool = False) -> str:
    """From her words to the receipt; returns the code."""
    await her.says("/start")
    await her.taps("找工会帮我")
    for label in ("同意", "同意", "同意", "匿名"):
        await her.taps(label)
    if "您刚才说的是" in her.last:
        await her.taps("重新写")
    await her.says(STORY)
    await her.taps("说完了")
    await her.says("上周五")
    await her.taps("金凤区")
    await her.says(EMPLOYER)
    if files:
        assert "1 个文件" in await her.sends_file("photo", photo())
        assert "2 个文件" in await her.sends_file("voice", VOICE, mime_type="audio/ogg", duration=3)
    await her.taps("只是口头说的")
    assert STORY in await her.says(WISH)
    found = CODE.search(await her.taps("提交"))
    assert found is not None, her.chat()
    return found[0]


async def the_case(app: TelegramApp) -> CaseCard:
    (card,) = await app.read(lambda unit: unit.cases.cards(CaseFilter()))
    return card


async def opened(app: TelegramApp, officer: Officer) -> OpenedCase:
    """The case as the officer reads it at the desk."""
    (case_id,) = await app.case_ids()
    now = app.house.clock.now()
    return await app.write(lambda unit: open_case(unit, officer.actor, case_id, now))


def group_texts(app: TelegramApp) -> list[str]:
    """Everything that ever went to the group: messages, changes, names of topics."""
    calls = [call.fields for call in app.server.calls if call.fields.get("chat_id") == GROUP]
    return [fields[name] for fields in calls for name in ("text", "name") if name in fields]


async def check_nothing_was_lost(app: TelegramApp, her: Person) -> None:
    """Every update was confirmed once and handled; what she was to read came, in the order it was said."""
    counts = await app.read(lambda unit: {**unit.inbox.counts(), **unit.outbox.counts()})
    assert (counts["pending"], counts["set_aside"], counts["dead"]) == (0, 0, 0)
    confirmed = app.server.confirmed
    assert confirmed == sorted(set(confirmed)) == list(range(confirmed[0], confirmed[0] + len(confirmed)))
    assert app.server.flood.broken_rests == []
    lines = await app.read(lambda unit: _talk(unit, her))
    said = [line.reply for line in lines if line.reply is not None]
    shown = [MARK.sub("", text) for text in her.sent()]
    assert {reply.text.strip() for reply in said} <= {text.strip() for text in shown}
    new = [reply.text.strip() for reply in said if reply.card is None]  # cards change in place
    first = [shown.index(text) for text in dict.fromkeys(new) if text in shown]
    assert first == sorted(first), her.chat()


def _talk(unit: Unit, her: Person) -> Sequence[TalkLine]:
    person = unit.people.find(Address("telegram", str(her.user.id)))
    assert person is not None
    return unit.outbox.talk(person.id, (0, 0, 0), 10_000)


async def test_she_asks_plays_and_is_helped(app: TelegramApp) -> None:
    her, officer = app.worker(HER), await app.hires("李干事", OFFICER, Role.OFFICER)
    assert "110" in await her.says("/start")
    for question, law in QUESTIONS:
        await her.says(question)
        messages = len(her.user.chat.messages)
        assert law in await her.taps("依据")
        assert len(her.user.chat.messages) == messages, "a card is changed in place"
    await her.says("重新开始")
    await her.says("知识竞答")
    assert "成绩" in await plays_a_contest(her, random.Random(7), "金凤区")
    totals = await app.read(lambda unit: unit.contest.totals("women-2026"))
    assert (totals["finished"], totals["answers"]) == (1, 10)

    code = await opens_a_case(her, files=True)
    assert "没有错" in await her.says(code[-4:])
    card = await the_case(app)
    assert (card.district, card.source, card.level) == ("金凤区", "telegram", "anonymous")
    assert f"{card.number} · 三期与生育 · 金凤区" in officer.looks()

    await officer.taps("认领")
    await officer.taps("没有，认领")
    assert "已有人接手" in her.looks()
    assert "内部备注" in await officer.writes_in_topic(NOTE)
    await officer.taps("起草回复")
    assert "还没有发出" in await officer.writes_in_topic(ANSWER)
    assert her.looks() == "", "neither note nor draft reaches her"
    await officer.taps("发送给她")
    assert f"工作人员写道：\n\n{ANSWER}\n\n有不清楚的" in her.looks()
    await her.taps("补充")
    assert "已收到" in await her.says(ADDED)
    await her.taps("补充完了")
    assert "有新补充" in officer.looks()

    now = app.house.clock.now()
    await app.write(
        lambda unit: case_work.move(
            unit, officer.actor, card.id, CaseStatus.MEDIATING, now, app.house.desk, ""
        )
    )
    await app.settled()
    assert "调解中" in her.looks()
    await app.write(
        lambda unit: close_case.close(
            unit,
            officer.actor,
            card.id,
            Outcome.MEDIATED,
            now,
            app.house.desk,
            840_000,
            1,
            CLOSING,
            recovered_kind=RecoveredKind.WAGES,
            evidence=RecoveredEvidence.AGREEMENT,
        )
    )
    await app.settled()
    assert f"结果：调解成功。\n追回 8,400 元（工资）。\n\n工作人员写道：\n{CLOSING}" in her.looks()
    timeline = await her.taps("看进")
    steps = ("您交了上来", "有人接手", "工会：您好，我明天", f"您说：{ADDED}", "进展：调解中", CLOSED_LINE)
    places = [timeline.find(step) for step in steps]
    assert -1 not in places and places == sorted(places), timeline

    case = await opened(app, officer)
    assert (case.card.outcome, case.card.recovered_fen) == (Outcome.MEDIATED, 840_000)
    assert (case.answers.happened, case.answers.employer, case.answers.wish) == (STORY, EMPLOYER, WISH)
    assert NOTE in [event.body for event in case.events if event.kind is EventKind.NOTE]
    kinds = {file.kind: await staff_copy(app.house.store, file.id) for file in case.files}
    assert kinds["voice"][1] == VOICE
    assert kinds["photo"][2] and b"CANARY" not in kinds["photo"][1]
    assert not [text for text in group_texts(app) for words in OF_HERS if words in text]
    assert not [text for text in her.sent() if NOTE in text or "草稿" in text]
    assert [call for call in app.server.calls if call.code not in (200, 0)] == []
    await check_nothing_was_lost(app, her)
    print(f"\n{'═' * 30} 她\n{her.chat()}\n\n{'═' * 30} 值班群\n{officer.chat()}")


async def test_refusals_and_lost_answers_cost_nothing_but_time(app: TelegramApp) -> None:
    her, officer = app.worker(HER), await app.hires("李干事", OFFICER, Role.OFFICER)
    faults = app.server.faults
    await her.says(QUESTIONS[0][0])
    messages = len(her.user.chat.messages)
    faults.cut_after("editMessageText")
    await her.taps("依据")
    assert len(her.user.chat.messages) == messages, "a change that may have been made is made again in place"
    await opens_a_case(her)
    faults.flood("sendMessage", 1, chat=HER)
    await officer.taps("认领")
    await officer.taps("没有，认领")
    assert "已有人接手" in her.looks()
    faults.refuse("sendMessage", 502, "Bad Gateway", chat=HER)
    await officer.taps("起草回复")
    await officer.writes_in_topic(ANSWER)
    faults.cut_after("sendMessage")
    await officer.taps("发送给她")
    seen = her.looks()
    assert (seen.count(ANSWER), len(MARK.findall(seen))) == (2, 1), "it came twice, and says so"
    faults.cut_after("sendMessage")
    await her.taps("补充")
    for words in (ADDED, "第二句", "第三句"):
        await her.says(words)
    await her.taps("补充完了")
    again = [text for text in her.sent() if MARK.search(text)]
    assert len(again) == 2 and all(MARK.sub("", text) in her.sent() for text in again)
    case = await opened(app, officer)
    kept = [event.body for event in case.events if event.kind is EventKind.HER_WORDS]
    assert kept == [ADDED, "第二句", "第三句"]
    assert faults.ordered == [], "every fault was met"
    await check_nothing_was_lost(app, her)
    print(her.chat())


async def test_who_blocked_the_bot_finds_the_answer_when_she_comes_back(app: TelegramApp) -> None:
    her, officer = app.worker(HER), await app.hires("李干事", OFFICER, Role.OFFICER)
    await opens_a_case(her)
    await officer.taps("认领")
    await officer.taps("没有，认领")
    her.looks()
    her.user.blocks()
    await officer.taps("起草回复")
    await officer.writes_in_topic(ANSWER)
    await officer.taps("发送给她")
    (case_id,) = await app.case_ids()
    assert await app.read(lambda unit: unit.outbox.undelivered(case_id)) == 1, "staff see it"
    her.user.unblocks()
    await her.says("我的事")
    assert ANSWER.split("\n")[0] in her.last, her.chat()
    print(her.chat())


async def test_a_deleted_topic_is_made_anew_and_belongs_to_the_case(app: TelegramApp) -> None:
    her, officer = app.worker(HER), await app.hires("李干事", OFFICER, Role.OFFICER)
    await opens_a_case(her)
    await officer.taps("认领")
    await officer.taps("没有，认领")
    group = app.server.world.chats[GROUP]
    (first,) = group.topics.values()
    first.deleted = True
    await her.taps("补充")
    await her.says(ADDED)
    await her.taps("补充完了")
    second = max(group.topics.values(), key=lambda topic: topic.id)
    assert second.id != first.id and second.name == first.name
    assert "有新补充" in officer.looks()
    await officer.writes_in_topic(NOTE)
    case = await opened(app, officer)
    assert [event.body for event in case.events if event.kind is EventKind.NOTE] == [NOTE]
    second.closed = True
    await officer.taps("起草回复")
    assert not second.closed, "a closed topic is opened again"
    await officer.writes_in_topic(ANSWER)
    await officer.taps("发送给她")
    assert ANSWER in her.looks()
    assert not [text for text in group_texts(app) for words in OF_HERS if words in text]
    await check_nothing_was_lost(app, her)


async def test_the_kind_of_a_case_follows_her_words_and_not_an_earlier_question(app: TelegramApp) -> None:
    her = app.worker(HER)
    await her.says("老板拖欠我三个月工资")
    await opens_a_case(her)
    assert (await the_case(app)).kind is CaseKind.MATERNITY
