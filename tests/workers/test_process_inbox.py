"""The inbox at work: in order for each person, many people at once, nothing lost by a fault."""

import asyncio
import logging
from pathlib import Path

import pytest

from bot.domain.errors import NotAllowed, Refused, StoreFull
from bot.domain.incoming import FileNote, Incoming, KeptFile
from bot.domain.reply import Reply
from tests.fake_telegram.server import FakeTelegram
from tests.telegram_house import House, open_house


def texts(house: House) -> list[str]:
    return [heard.text for heard in house.answers.heard if heard]


async def test_one_persons_messages_are_handled_in_order(house: House) -> None:
    wang = house.server.user(1001)
    for number in range(120):
        wang.sends(f"{number}")
    house.start("channel", "process")
    await house.until(lambda: len(house.answers.heard) == 120)
    assert texts(house) == [f"{number}" for number in range(120)]


async def test_rows_from_before_a_crash_are_handled_at_start_without_a_wake_up(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        async with open_house(tmp_path, server=server) as first:
            server.user(1001).sends("崩溃前")
            first.start("channel")
            await first.until_stored(lambda unit: unit.inbox.counts()["pending"] == 1)
        async with open_house(tmp_path, server=server) as second:
            second.start("process")
            await second.until(lambda: texts(second) == ["崩溃前"])


async def test_a_slow_download_holds_up_nobody_else(house: House) -> None:
    house.server.faults.delay("getFile", 3, times=9)
    for user in range(9):  # more than are fetched at once
        house.server.user(3000 + user).sends_file("photo", b"x")
    zhang = house.server.user(1002)
    house.start()
    await house.until(lambda: any(call.method == "getFile" for call in house.server.calls))
    zhang.sends("快的")
    await house.until(lambda: zhang.sees().texts(), 2.5)
    assert texts(house) == ["快的"]


async def test_her_own_words_after_a_file_wait_for_it(house: House) -> None:
    house.server.faults.delay("getFile", 0.3)
    wang = house.server.user(1001)
    wang.sends_file("voice", b"x", caption="录音")
    wang.sends("发完了")
    house.start("channel", "process")
    await house.until(lambda: len(house.answers.heard) == 2)
    assert texts(house) == ["录音", "发完了"]


async def test_a_file_that_cannot_be_taken_still_reaches_the_conversation_by_name(house: House) -> None:
    async def refuse(data: bytes, note: FileNote, person_id: str) -> KeptFile:
        raise Refused("file_kind")

    house.process._take_file = refuse
    wang = house.server.user(1001)
    wang.sends_file("document", b"MZ", name="x.exe")
    wang.sends("文件", document={"file_id": "gone", "file_size": 5}, caption="没了")
    house.start("channel", "process")
    await house.until(lambda: len(house.answers.heard) == 2)
    refused = [heard.files[0].refused for heard in house.answers.heard if heard]
    assert refused == ["file_kind", "file_unavailable"]


async def test_a_message_that_fails_is_tried_three_times_then_kept_aside_and_told(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    tries = 0

    def fail(incoming: Incoming | None) -> None:
        nonlocal tries
        if incoming and incoming.text == "毒":
            tries += 1
            raise RuntimeError(f"她写了：{incoming.text}")

    house.answers.before = fail
    wang = house.server.user(1001)
    wang.sends("毒")
    wang.sends("之后")
    house.start()
    await house.until(lambda: len(wang.sees().texts()) == 2)
    assert tries == 3
    assert wang.sees().texts() == [house.wording.group.set_aside, "听到：之后"]
    counts = await house.counts()
    assert (counts["inbox_pending"], counts["inbox_set_aside"]) == (0, 1)
    assert "她写了" not in caplog.text
    assert "RuntimeError at test_process_inbox.py" in caplog.text


async def test_a_fault_that_passes_costs_nothing(house: House) -> None:
    failures = iter([RuntimeError("once")])

    def fail_once(incoming: Incoming | None) -> None:
        for error in failures:
            raise error

    house.answers.before = fail_once
    wang = house.server.user(1001)
    wang.sends("您好")
    house.start()
    await house.until(lambda: wang.sees().texts())
    assert wang.sees().texts() == ["听到：您好"]


async def test_a_full_disk_pauses_the_work_and_counts_no_try(house: House) -> None:
    full = True

    def refuse(incoming: Incoming | None) -> None:
        if full:
            raise StoreFull("full")

    house.answers.before = refuse
    wang = house.server.user(1001)
    wang.sends("您好")
    house.start()
    await asyncio.sleep(1.5)
    (row,) = await house.store.read(lambda unit: unit.inbox.pending(5))
    assert row.attempts == 0
    full = False
    await house.until(lambda: wang.sees().texts() == ["听到：您好"])


async def test_a_row_that_another_handler_was_faster_with_is_left_alone(house: House) -> None:
    wang = house.server.user(1001)
    wang.sends("您好")
    house.start("channel")
    await house.until_stored(lambda unit: unit.inbox.counts()["pending"] == 1)
    (row,) = await house.store.read(lambda unit: unit.inbox.pending(5))

    def overtaken(incoming: Incoming | None) -> None:
        raise NotAllowed("handled before")

    house.answers.before = overtaken
    await house.store.write(lambda unit: unit.inbox.done(row.seq, "您好"))
    house.start("process")
    await house.process.process_person(row.person_id)
    assert (await house.counts())["inbox_set_aside"] == 0


async def test_one_persons_flood_does_not_hide_the_others(house: House) -> None:
    gate = asyncio.Event()
    handle = house.answers.handle

    async def slow_for_flooder(received: object, incoming: Incoming | None) -> None:
        if incoming and incoming.sender.id == "6666":
            await gate.wait()
        await handle(received, incoming)  # type: ignore[arg-type]

    house.answers.handle = slow_for_flooder  # type: ignore[method-assign,assignment]
    flooder, wang = house.server.user(6666), house.server.user(1001)
    for number in range(700):
        flooder.sends(f"{number}")
    wang.sends("救命")
    house.start()
    await house.until(lambda: wang.sees().texts(), 20)
    assert texts(house) == ["救命"]
    gate.set()


async def test_a_row_of_a_channel_that_is_off_is_kept_aside(house: House) -> None:
    wang = house.server.user(1001)
    wang.sends("您好")
    house.start("channel")
    await house.until_stored(lambda unit: unit.inbox.counts()["pending"] == 1)
    house.process._channels = {}
    house.start("process")
    await house.until_stored(lambda unit: unit.inbox.counts()["set_aside"] == 1)


async def test_a_group_message_that_fails_is_told_to_the_group(tmp_path: Path) -> None:
    async with open_house(tmp_path, staff_group=-100500) as house:
        group = house.server.group(-100500)

        async def fail(*_: object) -> None:
            raise RuntimeError("x")

        house.ear.handle = fail  # type: ignore[method-assign,assignment]
        house.server.member(-100500, 42).sends("备注")
        house.start()
        await house.until(lambda: len(group.messages) == 2)
        assert group.messages[2].text == house.wording.group.row_set_aside


async def test_process_person_handles_what_is_pending_and_returns(house: House) -> None:
    wang = house.server.user(1001)
    wang.sends("一")
    wang.sends("二")
    house.start("channel")
    await house.until_stored(lambda unit: unit.inbox.counts()["pending"] == 2)
    (row, _) = await house.store.read(lambda unit: unit.inbox.pending(5))
    await asyncio.gather(*(house.process.process_person(row.person_id) for _ in range(5)))
    assert texts(house) == ["一", "二"]


async def test_nothing_she_writes_gets_into_the_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("safehouse.telegram", "safehouse.inbox", "safehouse.outbox"):
        caplog.set_level(logging.DEBUG, logger=name)
    house.answers.answer = lambda incoming: [Reply("回答机密")]
    wang = house.server.user(1001)
    wang.sends("机密 13912345678")
    wang.sends_file("document", b"x", name="机密.pdf")
    house.start()
    await house.until(lambda: len(wang.sees().texts()) == 2)
    ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith("safehouse"))
    assert "机密" not in ours
    assert "13912345678" not in ours
    assert "1001" not in ours
