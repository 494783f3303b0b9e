"""`selfcheck`: walks a question, a contest and a case in a house of its own, then verifies the real store.

Nothing of it touches the real data: the walk has its own folder, its own key, and no Telegram.
"""

import argparse
import asyncio
import itertools
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands.common import add_config, fail, read_settings
from bot.config import Settings
from bot.domain.cases import CaseCard, Outcome
from bot.domain.clock import RealClock
from bot.domain.errors import SafeHouseError
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.ports_talk import TalkLine
from bot.domain.receipt_codes import read_code
from bot.domain.reply import Button, Reply
from bot.domain.signals import Signals
from bot.domain.staff import SYSTEM, Role, StaffMember
from bot.workers.faults import what_and_where

if TYPE_CHECKING:
    from bot.app import House

_CHANNEL = "webchat"
_QUESTION = "公司知道我怀孕就让我走人"
_STORY, _ADDED, _ANSWER = "自检：单位不让我休产假", "自检：补充一句", "自检：这是一条回复"
_MOST_STEPS = 12
_CODE = re.compile(r"\d{5}(?: \d{5})+")
_GREEN, _RED, _PLAIN = "\033[32m", "\033[31m", "\033[0m"


class _RedError(Exception):
    """A step that did not do what it should; the message says which and how."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """One line a part, green or red; exit code 1 if one is red."""
    from bot.app import load_content
    from knowledge.faults import KnowledgeFaults

    settings = read_settings(arguments)
    if settings is None:
        return 1
    try:
        content = load_content(settings)
    except KnowledgeFaults as faults:
        for fault in faults.faults:
            print(fault, file=sys.stderr)
        return fail("内容有错误，没有自检。改好上面各条后再来。")
    lines = asyncio.run(_all_parts(settings, content))
    for line in lines:
        print(line.in_words(colour=sys.stdout.isatty()))
    red = sum(not line.well for line in lines)
    return fail(f"{red} 处不通。") if red else 0


@dataclass(frozen=True, slots=True)
class _Line:
    """What one part came to."""

    well: bool
    part: str
    words: str

    def in_words(self, *, colour: bool) -> str:
        told = f"{'通' if self.well else '不通'}　{self.part}：{self.words}"
        return f"{_GREEN if self.well else _RED}{told}{_PLAIN}" if colour else told


async def _all_parts(settings: Settings, content: object) -> list[_Line]:
    from bot.app import Content, open_house

    assert isinstance(content, Content)
    with tempfile.TemporaryDirectory(prefix="selfcheck-") as folder:
        async with open_house(_own(settings, Path(folder)), content=content) as house:
            for worker in house.workers:
                worker.close()  # the walk handles each message itself
            lines = [
                await _line("提问", lambda: _asks(_Visitor(house, "asks"))),
                await _line("竞答", lambda: _plays(_Visitor(house, "plays"))),
                await _line("案件", lambda: _opens_a_case(_Visitor(house, "case"))),
            ]
    return [*lines, await _line("数据", lambda: _verifies(settings))]


def _own(settings: Settings, folder: Path) -> Settings:
    """The same settings over a folder and a key that are thrown away, and nobody's Telegram."""
    storage = settings.storage.model_copy(
        update={"url": f"sqlite:///{folder}/data/selfcheck.db", "key_file": folder / "key" / "master.key"}
    )
    telegram = settings.channels.telegram.model_copy(update={"enabled": False})
    channels = settings.channels.model_copy(update={"telegram": telegram})
    return replace(settings, storage=storage, channels=channels)


async def _line(part: str, walk: Callable[[], Awaitable[str]]) -> _Line:
    try:
        return _Line(True, part, await walk())
    except (_RedError, SafeHouseError) as error:
        return _Line(False, part, str(error))
    except Exception as error:  # a fault of ours is red too, and the other parts are still looked at
        return _Line(False, part, f"程序出错：{what_and_where(error)}")


# ── the parts ────────────────────────────────────────────────────────────────────────────────────────


async def _asks(her: "_Visitor") -> str:
    buttons = her.house.content.wording.talk.buttons
    title = (await her.says(_QUESTION)).partition("\n")[0]
    laws = (await her.taps(buttons.law)).count("·《")
    if not laws:
        raise _RedError(f"问“{_QUESTION}”，回答里没有依据")
    return f"问“{_QUESTION}”，答“{title}”，依据 {laws} 条。"


async def _plays(her: "_Visitor") -> str:
    talk = her.house.content.wording.talk
    await her.says(talk.buttons.contest)
    if not her.can_tap(talk.buttons.start):
        return "现在没有正在办的竞答，没有走。"
    await her.taps(talk.buttons.start)
    await her.taps(talk.buttons.no_district)
    answered = 0
    while not her.can_tap(talk.buttons.again):
        await her.taps(her.buttons[0].label)
        if her.can_tap(talk.buttons.confirm):
            await her.taps(talk.buttons.confirm)
        answered += 1
        last = her.can_tap(talk.buttons.result)
        await her.taps(talk.buttons.result if last else talk.buttons.next_question)
        if answered > 100:
            raise _RedError("一百题还没有答完")
    campaign = next(iter(her.house.content.knowledge.campaigns))
    totals = await her.house.store.read(lambda unit: unit.contest.totals(campaign))
    if (totals["finished"], totals["answers"]) != (1, answered):
        raise _RedError(f"答了 {answered} 题，只存下 {totals['answers']} 题")
    return f"答完 {answered} 题，成绩存下了。"


async def _opens_a_case(her: "_Visitor") -> str:
    wording = her.house.content.wording
    buttons = wording.talk.buttons
    await her.says(buttons.open_case)
    for label in (buttons.agree, buttons.agree, wording.labels.level["anonymous"]):
        await her.taps(label)
    await her.says(_STORY)
    await her.taps(buttons.done_telling)
    for _ in range(_MOST_STEPS):
        if her.can_tap(buttons.submit):
            break
        await her.taps(buttons.skip)
    receipt = await her.taps(buttons.submit)
    found = _CODE.search(receipt)
    code = read_code(found[0]) if found else None
    (card,) = await her.house.store.read(lambda unit: unit.cases.cards(CaseFilter()))
    if code is None or not code.sound or card.number not in receipt:
        raise _RedError("交上去了，但没有给出回执码")
    await _is_helped(her, card)
    elsewhere = _Visitor(her.house, "elsewhere")
    if card.number not in await elsewhere.says(code.digits):
        raise _RedError("凭回执码打不开")
    return "登记、认领、回复、补充、办结、凭回执码再打开，都走通了。"


async def _is_helped(her: "_Visitor", card: CaseCard) -> None:
    """An officer claims, answers and closes; she sees each step, and her words arrive."""
    from bot.services import accounts, case_work, close_case, drafts
    from bot.services.case_gate import open_case

    desk, wording, store = her.house.desk, her.house.content.wording, her.house.store
    now = her.house.clock.now()

    def claim(unit: Unit) -> StaffMember:
        officer, _ = accounts.invite(unit, SYSTEM, "自检", frozenset({Role.OFFICER}), now)
        case_work.claim(unit, officer, card.id, now, desk)
        return officer

    officer = await store.write(claim)

    def answer(unit: Unit) -> None:
        draft = drafts.write_draft(unit, officer, card.id, _ANSWER, now, desk)
        drafts.send_draft(unit, officer, card.id, draft.id, now, desk)

    await store.write(answer)
    if _ANSWER not in await her.reads():
        raise _RedError("工作人员的回复没有到她那里")
    await her.taps(wording.desk.her.buttons.add)
    await her.says(_ADDED)
    opened = await store.write(lambda unit: open_case(unit, officer, card.id, now))
    if opened.answers.happened != _STORY or _ADDED not in [event.body for event in opened.events]:
        raise _RedError("她写的内容，工作人员看到的不一样")
    await store.write(
        lambda unit: close_case.close(unit, officer, card.id, Outcome.ADVISED, now, desk, words=_ANSWER)
    )
    if wording.labels.outcome["advised"] not in await her.reads():
        raise _RedError("办结的结果没有到她那里")


async def _verifies(settings: Settings) -> str:
    from storage.sqlite import database_path, open_store
    from storage.verify import verify

    place = settings.storage
    if not database_path(place.url).exists():
        return "还没有数据库，第一次启动时建立。"
    async with open_store(place.url, place.key_file, RealClock(), Signals(), exclusive=False) as store:
        findings = await verify(store, None)
    if findings:
        raise _RedError("；".join(finding.sentence() for finding in findings))
    return "数据库完整，审计链连贯，密文都打得开，附件齐全。"


# ── somebody who writes ──────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Visitor:
    """Writes and taps as on the web; every step is handled whole before the next one."""

    house: "House"
    name: str
    buttons: tuple[Button, ...] = ()
    _after: tuple[int, int, int] = (0, 0, 0)
    _number: "itertools.count[int]" = field(default_factory=itertools.count)

    async def says(self, text: str) -> str:
        """What the house answers; red where it answers nothing."""
        return await self._sends(text, None)

    async def taps(self, label: str) -> str:
        found = next((button for button in self.buttons if button.label == label), None)
        if found is None:
            there = "、".join(button.label for button in self.buttons)
            raise _RedError(f"这一步该有“{label}”，只有：{there or '没有按钮'}")
        return await self._sends("", found.action)

    def can_tap(self, label: str) -> bool:
        return any(button.label == label for button in self.buttons)

    async def reads(self) -> str:
        """What came since she looked last."""
        person = await self.house.store.read(lambda unit: unit.people.find(Address(_CHANNEL, self.name)))
        return await self._new(person.id) if person else ""

    async def _sends(self, text: str, action: str | None) -> str:
        from bot.channels.webchat import Words

        key, sender = f"{_CHANNEL}:{self.name}:{next(self._number)}", Address(_CHANNEL, self.name)
        row = (key, sender, Words(text, action).as_raw())
        (received,) = await self.house.converse.receive(_CHANNEL, [row])
        await self.house.process.process_person(received.person_id)
        said = await self._new(received.person_id)
        if not said:
            raise _RedError("没有回答")
        return said

    async def _new(self, person_id: str) -> str:
        lines: Sequence[TalkLine] = await self.house.store.read(
            lambda unit: unit.outbox.talk(person_id, self._after, 1000)
        )
        replies: list[Reply] = [line.reply for line in lines if line.reply is not None]
        if lines:
            self._after = lines[-1].order
        if replies:
            self.buttons = tuple(button for reply in replies for button in reply.buttons())
        return "\n".join(reply.text for reply in replies)
