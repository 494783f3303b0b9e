"""The group's morning: what waits, as numbers, once on a working day."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.case_deadlines import CaseDeadline, DaySure, DeadlineState
from bot.domain.cases import CaseStatus
from bot.domain.handovers import Content, HandOver, HandOverState, PartnerAnswer, PartnerStep, Purpose
from bot.domain.ports import Unit
from bot.services import drafts, group_digest
from tests.fakes import FrozenClock
from tests.group_room import LI, Room, open_room

EARLY = datetime(2026, 11, 23, 0, 29, tzinfo=UTC)  # Monday 08:29 in Yinchuan


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path, FrozenClock(EARLY)) as opened:
        yield opened


async def sweeps(room: Room) -> list[str]:
    """What the group hears from one look of the clock."""
    now = room.clock.now()
    done = await room.does(lambda unit: group_digest.sweep(unit, now, room.desk))
    assert done == len(room.heard)
    return [reply.text for reply in room.heard]


async def test_it_comes_at_half_past_eight_and_once(room):
    assert await sweeps(room) == []
    room.clock.passes(minutes=1)
    assert await sweeps(room) == ["今天（11月23日）：没有等着办的事。"]
    for hours in (0, 1, 8):
        room.clock.passes(hours=hours)
        assert await sweeps(room) == []
    room.clock.passes(hours=15)
    assert len(await sweeps(room)) == 1, "the next morning"


async def test_a_house_that_was_down_tells_later_that_day_and_not_in_the_evening(room):
    room.clock.passes(hours=6)
    assert len(await sweeps(room)) == 1
    room.clock.passes(hours=27, minutes=40)
    assert await sweeps(room) == []


@pytest.mark.parametrize(
    ("day", "comes"),
    [("2026-10-01", 0), ("2026-10-10", 1), ("2026-11-28", 0), ("2026-11-30", 1)],
    ids=["国庆节", "调休的星期六", "星期六", "星期一"],
)
async def test_it_keeps_the_calendar_of_working_days(room, day, comes):
    room.clock.passes(days=(date.fromisoformat(day) - date(2026, 11, 23)).days, minutes=31)
    assert len(await sweeps(room)) == comes


async def test_without_a_group_nothing_is_told(room):
    room.clock.passes(hours=1)
    alone = replace(room.desk, bell=replace(room.desk.bell, channel=None))
    assert await room.does(lambda unit: group_digest.sweep(unit, room.clock.now(), alone)) == 0
    assert len(await sweeps(room)) == 1, "the day was not used up"


async def test_it_names_what_waits_by_number_and_no_word_of_anybody(room):
    day = timedelta(days=1)
    room.clock.passes(minutes=2)
    now = room.clock.now()
    at_work = {"assignee": "li", "status": CaseStatus.ACCEPTED}
    later = now + 5 * day
    await room.opens(1, promised_at=now - day)  # overdue, unclaimed
    await room.opens(2, promised_at=now + timedelta(hours=15), **at_work)  # today until midnight
    await room.opens(3, promised_at=now + timedelta(hours=16), **at_work)  # tomorrow
    await room.opens(4, promised_at=now - day, paused_at=now - 2 * day, **at_work)
    await room.opens(5, promised_at=now - day, **at_work | {"status": CaseStatus.CLOSED, "closed_at": now})
    for number in (6, 7, 8):
        await room.opens(number, promised_at=later, **at_work)

    def fill(unit: Unit) -> None:
        for case, ahead in (("case6", 7), ("case7", 8), ("case2", 1)):
            last = date(2026, 11, 23) + ahead * day
            unit.deadlines.keep(
                CaseDeadline(
                    f"d{case}", case, "arbitration", last - 365 * day, last, DaySure.FIXED, "li", now,
                    DeadlineState.RUNNING,
                )
            )  # fmt: skip
        drafts.write_draft(unit, LI, "case7", "根据《劳动法》，可以要求补发。", now, room.desk)
        drafts.write_draft(unit, LI, "case6", "您好", now, room.desk)
        drafts.ask_review(unit, LI, "case8", None, None, now, room.desk)
        for number, chased in ((3, 1), (4, 1), (6, 0)):
            one = HandOver(
                f"h{number}", f"case{number}", "court", "法院", Purpose.LAWSUIT, HandOverState.AGREED, "li",
                now, later, (), chased=chased, look_at=later,
            )  # fmt: skip
            unit.partners.propose(one, Content({}, ()))
        unit.partners.keep_answer(PartnerAnswer("a", "h4", "case4", PartnerStep.ACCEPTED, now))

    await room.does(fill)
    room.clock.passes(minutes=1)
    [text] = await sweeps(room)
    assert text.split("\n") == [
        "今天（11月23日）等着办的事",
        "已超期 1 件：A26-0001",
        "今天到期 1 件：A26-0002",
        "没人认领 1 件：A26-0001",
        "法定期限 7 天内 2 件：A26-0002、A26-0006",
        "草稿等复核 2 件：A26-0007、A26-0008",
        "部门没有回音 1 件：A26-0003",
    ]
    assert [button.url for button in room.heard[-1].buttons()] == ["https://desk.example.org/console/cases"]


async def test_long_lines_are_cut_and_still_count_everything(room):
    room.clock.passes(minutes=2)
    for number in range(1, 33):
        await room.opens(number)
    [text] = await sweeps(room)
    assert "没人认领 32 件：" in text
    assert text.split("没人认领")[1].count("A26-") == 30
    assert text.endswith("等")
