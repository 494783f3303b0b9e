"""Updates are kept before Telegram forgets them, whatever goes wrong in between."""

import asyncio
import json
import logging
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.clock import RealClock
from bot.domain.errors import Refused, StoreBusy, StoreFull
from bot.domain.incoming import Address, FileKind, FileNote
from bot.domain.ports import Unit
from bot.domain.reply import Reply
from tests.fake_telegram.server import TOKEN, FakeTelegram
from tests.telegram_house import House, choices, open_house


async def test_her_words_are_heard_and_answered(house: House) -> None:
    house.start()
    wang = house.server.user(1001)
    wang.sends("怀孕被辞退")
    await house.until(lambda: wang.sees().texts())
    assert wang.sees().texts() == ["听到：怀孕被辞退"]


async def test_a_batch_is_in_the_store_before_telegram_is_told_so(house: House) -> None:
    wang = house.server.user(1001)
    numbers = [wang.sends(f"第{place}句") for place in range(150)]
    kept_when_confirmed: list[int] = []
    receive = house.answers.receive

    async def watched(*given: object) -> object:
        kept_when_confirmed.append(len(house.server.confirmed))
        return await receive(*given)  # type: ignore[arg-type]

    house.answers.receive = watched  # type: ignore[method-assign,assignment]
    house.start("channel")
    await house.until(lambda: house.server.confirmed == numbers)
    assert kept_when_confirmed == [0, 100]
    assert (await house.counts())["inbox_pending"] == 150


async def test_nothing_is_confirmed_while_the_store_takes_nothing(house: House) -> None:
    house.answers.full = StoreFull("full")
    wang = house.server.user(1001)
    wang.sends("救救我")
    house.start()
    await house.until(lambda: any("存不下" in text for text in wang.sees().texts()))
    assert house.server.confirmed == []
    house.answers.full = None
    await house.until(lambda: "听到：救救我" in wang.sees().texts())
    assert sum("存不下" in text for text in wang.sees().texts()) == 1


async def test_a_locked_store_is_waited_for_without_a_word_to_her(house: House) -> None:
    house.answers.full = StoreBusy("locked")
    wang = house.server.user(1001)
    wang.sends("在吗")
    house.start()
    await house.until(lambda: len(house.server.sent("getUpdates")) >= 2)
    house.answers.full = None
    await house.until(lambda: wang.sees().texts())
    assert wang.sees().texts() == ["听到：在吗"]


async def test_after_a_restart_it_goes_on_behind_the_last_kept_update(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        wang = server.user(1001)
        async with open_house(tmp_path, server=server) as first:
            first.start()
            wang.sends("一")
            await first.until(lambda: wang.sees().texts())
        wang.sends("二")
        async with open_house(tmp_path, server=server) as second:
            second.start()
            await second.until(lambda: len(wang.sees().texts()) == 2)
            assert [heard.text for heard in second.answers.heard if heard] == ["二"]
        assert wang.sees().texts() == ["听到：一", "听到：二"]


async def test_an_offset_of_another_bot_or_of_last_week_is_not_used(house: House) -> None:
    now, own = RealClock().now(), TOKEN.partition(":")[0]
    of_another = f"999 500000000 {now.isoformat()}"
    of_last_week = f"{own} 500000000 {(now - timedelta(days=7)).isoformat()}"
    for kept in (of_another, of_last_week):
        await house.store.write(lambda unit, kept=kept: unit.facts.put("telegram_offset", kept))
        wang = house.server.user(1001)
        wang.sends("还在吗")
        before = len(wang.sees().texts())
        house.start()
        await house.until(lambda before=before, wang=wang: len(wang.sees().texts()) > before)
        await house.stop()


async def test_the_same_update_twice_is_answered_once(house: House) -> None:
    wang = house.server.user(1001)
    wang.sends("一次")
    update = dict(house.server._queue[0])
    house.server._queue.append(update)
    house.start()
    await house.until(lambda: wang.sees().texts() and house.server.pending() == 0)
    await house.until_stored(lambda unit: unit.inbox.counts()["pending"] == 0)
    assert wang.sees().texts() == ["听到：一次"]


async def test_taps_are_answered_promptly_and_reach_the_conversation(house: House) -> None:
    house.answers.answer = lambda incoming: [
        Reply(f"听到：{incoming.text or incoming.action}", choices("依据", "下一步"))
    ]
    wang = house.server.user(1001)
    wang.sends("您好")
    house.start()
    await house.until(lambda: wang.sees().texts())
    wang.taps("下一步")
    await house.until(lambda: len(wang.sees().texts()) == 2)
    assert wang.sees().texts()[1] == "听到：t:1"
    heard = house.answers.heard[-1]
    assert heard is not None
    assert heard.card == str(wang.sees()[1].id)
    await house.until(lambda: house.server.methods.answered)


async def test_a_tap_that_telegram_thinks_too_old_disturbs_nothing(house: House) -> None:
    house.server.faults.refuse("answerCallbackQuery", 400, "Bad Request: query is too old")
    wang = house.server.user(1001)
    wang.taps_data("t:old", 5, inaccessible=True)
    house.start()
    await house.until(lambda: wang.sees().texts())
    assert wang.sees().texts() == ["听到：t:old"]


async def test_updates_that_make_no_sense_are_put_aside_and_the_rest_is_answered(house: House) -> None:
    house.server.push_raw({"message": "no object"})
    house.server.push_raw({"message": {"chat": {"id": "x"}}})
    wang = house.server.user(1001)
    wang.sends("您好")
    house.start()
    await house.until(lambda: wang.sees().texts())
    await house.until_stored(lambda unit: unit.inbox.counts()["set_aside"] == 2)
    assert wang.sees().texts() == ["听到：您好"]


async def test_a_strange_group_hears_its_number_once_and_nothing_else(house: House) -> None:
    group = house.server.group(-100999)
    member = house.server.member(-100999, 5)
    member._membership("left", "member")
    member.sends("大家好，机器人在吗")
    house.start()
    await house.until(lambda: group.messages and len(group.messages) == 2)
    await house.until_stored(lambda unit: unit.inbox.counts()["pending"] == 0)
    said = [message.text for message in group.messages.values() if message.sender == 0]
    assert len(said) == 1
    assert "-100999" in said[0]
    assert house.answers.heard == [None, None]


async def test_a_woman_who_blocks_the_bot_is_reached_again_when_she_comes_back(house: House) -> None:
    wang = house.server.user(1001)
    wang.sends("您好")
    house.start()
    await house.until(lambda: wang.sees().texts())

    def blocked(unit: Unit) -> bool:
        person = unit.people.find(Address("telegram", "1001"))
        return person is not None and person.blocked

    wang.blocks()
    await house.until_stored(blocked)
    wang.unblocks()
    await house.until_stored(lambda unit: not blocked(unit))
    wang.sends("我回来了")
    await house.until(lambda: len(wang.sees().texts()) == 2)


async def test_a_message_of_hers_alone_shows_that_she_can_be_reached_again(house: House) -> None:
    person = await house.say(1001)
    await house.store.write(lambda unit: unit.people.set_blocked(person, True))
    wang = house.server.user(1001)
    wang.sends("在吗")
    house.start()
    await house.until(lambda: wang.sees().texts())


async def test_telegram_out_of_reach_is_waited_for_without_a_busy_loop(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.server.faults.away = True
    attempts = 0
    retrieve = house.channel._api.get_updates

    async def counted(*given: object) -> object:
        nonlocal attempts
        attempts += 1
        return await retrieve(*given)  # type: ignore[arg-type]

    house.channel._api.get_updates = counted  # type: ignore[method-assign,assignment]
    wang = house.server.user(1001)
    wang.sends("在吗")
    house.start()
    await asyncio.sleep(1.5)
    assert attempts <= 3
    house.server.faults.away = False
    await house.until(lambda: wang.sees().texts())
    assert any("cannot be reached" in record.getMessage() for record in caplog.records)


async def test_another_poller_is_told_in_words_once_and_the_alarm_ends_when_it_is_gone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_house(tmp_path, staff_group=-100500) as house:
        group = house.server.group(-100500)
        house.server.faults.refuse(
            "getUpdates", 409, "Conflict: terminated by other getUpdates request", times=2
        )
        house.start()
        await house.until(lambda: group.messages)
        assert "BotFather" in next(iter(group.messages.values())).text
        await house.until_stored(
            lambda unit: (unit.facts.get("alarm:telegram") or "").startswith("conflict ")
        )
        await house.until_stored(lambda unit: unit.facts.get("alarm:telegram") == "")
        alarms = [record for record in caplog.records if "another program" in record.getMessage()]
        assert len(alarms) == 1
        assert len(group.messages) == 1


async def test_a_webhook_that_somebody_set_is_noticed_and_removed(house: House) -> None:
    house.start()
    await house.until(lambda: house.server.sent("getUpdates"))
    house.server._set_webhook({"url": "http://127.0.0.1:9/thief"})
    await house.until(lambda: house.server.webhook is None)
    wang = house.server.user(1001)
    wang.sends("在吗")
    await house.until(lambda: wang.sees().texts())


async def test_a_refused_token_is_told_in_words_and_does_not_end_the_house(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.server.token = "another"
    house.start()
    await house.until_stored(lambda unit: (unit.facts.get("alarm:telegram") or "").startswith("token "))
    assert any("SAFEHOUSE_TELEGRAM_TOKEN" in record.getMessage() for record in caplog.records)
    assert not house.tasks["channel"].done()


async def test_the_menu_of_commands_is_set_at_start(house: House) -> None:
    house.start("channel")
    await house.until(lambda: house.server.methods.commands)
    shown = {command["command"] for command in house.server.methods.commands}
    assert shown == set(house.wording.group.commands)


async def test_a_photo_is_fetched_and_reaches_the_conversation(house: House) -> None:
    wang = house.server.user(1001)
    wang.sends_file("photo", b"picture" * 100, caption="通知书")
    house.start()
    await house.until(lambda: house.answers.heard)
    heard = house.answers.heard[0]
    assert heard is not None
    assert heard.text == "通知书"
    assert [(file.kind, file.size, file.refused) for file in heard.files] == [(FileKind.PHOTO, 700, None)]
    assert house.files == [b"picture" * 100]


async def test_a_file_over_20_mb_is_refused_by_name_and_not_fetched(house: House) -> None:
    with pytest.raises(Refused, match="file_too_big"):
        await house.channel.fetch(FileNote(FileKind.VIDEO, "any", size=20 * 1024 * 1024 + 1))
    assert house.server.calls == []
    file_id = house.server.world.keep_file(b"x" * (20 * 1024 * 1024 + 1))
    with pytest.raises(Refused, match="file_too_big"):
        await house.channel.fetch(FileNote(FileKind.VIDEO, file_id))


async def test_a_file_that_telegram_no_longer_has_is_refused_by_name(house: House) -> None:
    with pytest.raises(Refused, match="file_unavailable"):
        await house.channel.fetch(FileNote(FileKind.PHOTO, "gone"))


async def test_a_file_behind_a_broken_line_may_be_had_later(house: House) -> None:
    file_id = house.server.world.keep_file(b"x")
    house.server.faults.cut_before("getFile")
    with pytest.raises(ConnectionError):
        await house.channel.fetch(FileNote(FileKind.PHOTO, file_id))
    assert await house.channel.fetch(FileNote(FileKind.PHOTO, file_id)) == b"x"


async def test_the_token_stands_in_no_log_no_error_and_no_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with open_house(tmp_path, staff_group=-100500) as house:
        server, wang = house.server, house.server.user(1001)
        server.faults.refuse("getUpdates", 409, "Conflict: terminated by other getUpdates request")
        server.faults.refuse("sendMessage", 502, "Bad Gateway")
        server.faults.cut_before("sendMessage")
        server.faults.cut_before("getFile", times=1)
        wang.sends("机密的话")
        wang.sends_file("document", b"data", name="x.pdf")
        house.start()
        await house.until(lambda: len(wang.sees().texts()) == 2, 20)
        server.token = "another"
        await house.until_stored(lambda unit: unit.facts.get("alarm:telegram"))
        errors = []
        for note in (FileNote(FileKind.PHOTO, "x"), FileNote(FileKind.PHOTO, "gone")):
            with pytest.raises((Refused, ConnectionError)) as caught:
                await house.channel.fetch(note)
            errors.append(repr(caught.getrepr(style="long", chain=True)) + str(caught.getrepr(chain=True)))
    written = "".join(record.getMessage() + str(record.exc_info) for record in caplog.records)
    secret = TOKEN.partition(":")[2]
    assert secret not in written + caplog.text
    assert "机密" not in written
    assert secret not in "".join(errors)
    assert secret not in repr(house.channel._settings)
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes()


async def test_raw_updates_are_kept_whole(house: House) -> None:
    wang = house.server.user(1001)
    wang.sends("一字不差 🙂\n第二行")
    house.start("channel")
    await house.until_stored(lambda unit: unit.inbox.counts()["pending"] == 1)
    (row,) = await house.store.read(lambda unit: unit.inbox.pending(10))
    assert json.loads(row.raw)["message"]["text"] == "一字不差 🙂\n第二行"


async def test_after_a_week_of_silence_a_new_numbering_of_telegram_loses_nothing(house: House) -> None:
    house.start("channel", "process")
    wang = house.server.user(1001)
    wang.sends("上周")
    await house.until(lambda: house.server.confirmed)
    house.channel._clock = Ahead(timedelta(days=8))
    await house.until(lambda: "offset" not in house.server.calls[-1].fields)
    house.server._next_update = 5  # far below the offset
    number = wang.sends("本周")
    await house.until(lambda: number in house.server.confirmed)
    await house.until(lambda: len(house.answers.heard) >= 2)
    assert [heard.text for heard in house.answers.heard if heard] == ["上周", "本周"]


async def test_a_fault_of_ours_while_keeping_does_not_end_the_loop(house: House) -> None:
    house.answers.full = RuntimeError("ours")
    wang = house.server.user(1001)
    wang.sends("在吗")
    house.start()
    await house.until(lambda: any(call.method == "getUpdates" for call in house.server.calls))
    house.answers.full = None
    await house.until(lambda: wang.sees().texts(), 15)
    assert not house.tasks["channel"].done()


class Ahead(RealClock):
    """The machine's clock, moved."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return super().now() + self._by
