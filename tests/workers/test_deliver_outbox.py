"""The outbox on its way out: order, pace, faults, stops and crashes."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.clock import RealClock
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_channels import Delivered, Delivery, TryLater, Undeliverable
from bot.domain.ports_talk import Outgoing
from bot.domain.reply import Lane, Reply
from bot.workers.deliver_outbox import DeliverOutbox
from bot.workers.pacing import Pacing
from tests.telegram_house import FAST, House, open_house


@dataclass(slots=True)
class Line:
    """A channel that answers as the test wants and remembers what it was given."""

    answer: Callable[[Outgoing], Delivery] = lambda out: Delivered("1")
    name: str = "telegram"
    given: list[Outgoing] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    held: asyncio.Event | None = None

    async def deliver(self, out: Outgoing) -> Delivery:
        self.given.append(out)
        self.at.append(time.monotonic())
        if self.held is not None:
            await self.held.wait()
        return self.answer(out)

    def texts(self) -> list[str]:
        return [out.reply.text for out in self.given]

    def translate(self, *_: object) -> None: ...
    async def fetch(self, *_: object) -> bytes:
        return b""


def through(house: House, line: Line, pacing: Pacing = FAST) -> None:
    house.deliver = DeliverOutbox(house.store, line, RealClock(), house.signals, pacing)
    house.start("deliver")


async def test_messages_of_one_chat_go_one_by_one_in_order(house: House) -> None:
    line = Line()
    await house.say(1001, *(Reply(f"{number}") for number in range(30)))
    through(house, line)
    await house.until(lambda: len(line.given) == 30)
    assert line.texts() == [f"{number}" for number in range(30)]


async def test_a_chat_that_waits_for_an_answer_holds_up_nobody_else(house: House) -> None:
    line = Line(held=asyncio.Event())
    await house.say(1001, Reply("甲一"), Reply("甲二"))
    await house.say(1002, Reply("乙一"))
    through(house, line)
    await house.until(lambda: len(line.given) == 2)
    await asyncio.sleep(0.05)
    assert sorted(line.texts()) == ["乙一", "甲一"]
    assert line.held is not None
    line.held.set()
    await house.until(lambda: len(line.given) == 3)


async def test_urgent_goes_before_replies_and_those_before_notices_and_broadcasts(house: House) -> None:
    for user, lane in enumerate(reversed(Lane)):
        await house.say(2000 + user, Reply(lane.value), lane=lane)
    line = Line()
    through(house, line, Pacing(per_s=50, burst=1))
    await house.until(lambda: len(line.given) == 4)
    assert line.texts() == ["urgent", "reply", "notice", "broadcast"]


async def test_a_chat_gets_a_small_burst_and_then_one_a_second(house: House) -> None:
    line = Line()
    await house.say(1001, *(Reply(f"{number}") for number in range(5)))
    through(house, line, Pacing(chat_per_s=4, chat_burst=3))
    await house.until(lambda: len(line.given) == 5)
    gaps = [later - earlier for earlier, later in zip(line.at, line.at[1:], strict=False)]
    assert max(gaps[:2]) < 0.2
    assert min(gaps[2:]) >= 0.2


async def test_over_all_chats_no_more_goes_than_the_channel_takes(house: House) -> None:
    line = Line()
    for user in range(30):
        await house.say(2000 + user, Reply("您好"))
    through(house, line, Pacing(per_s=20, burst=5))
    await house.until(lambda: len(line.given) == 30)
    assert line.at[-1] - line.at[0] >= (30 - 5) / 20 - 0.1


async def test_flood_control_rests_that_chat_only_and_keeps_its_order(house: House) -> None:
    refused: list[float] = []

    def answer(out: Outgoing) -> Delivery:
        if out.reply.text == "甲一" and not refused:
            refused.append(time.monotonic())
            return TryLater(0.5, "flood", whole_chat=True)
        return Delivered("1")

    line = Line(answer)
    await house.say(1001, Reply("甲一"), Reply("甲二"))
    await house.say(1002, Reply("乙一"), Reply("乙二"))
    through(house, line)
    await house.until(lambda: len(line.given) == 5)
    texts = line.texts()
    assert [text for text in texts if text.startswith("甲")] == ["甲一", "甲一", "甲二"]
    again = line.at[texts.index("甲一", texts.index("甲一") + 1)]
    assert again - refused[0] >= 0.5
    assert max(at for text, at in zip(texts, line.at, strict=True) if text.startswith("乙")) < again


async def test_nothing_is_sent_inside_a_rest_that_telegram_asked_for(house: House) -> None:
    house.server.user(1001)
    house.server.faults.flood("sendMessage", 1, times=2)
    await house.say(1001, Reply("一"), Reply("二"))
    house.start("deliver")
    await house.until(lambda: len(house.server.sent("sendMessage")) == 2)
    assert house.server.flood.broken_rests == []


async def test_a_lost_line_is_tried_by_one_message_at_a_time_and_then_everything_drains(house: House) -> None:
    broken = True

    def answer(out: Outgoing) -> Delivery:
        return TryLater(0.1, "network") if broken else Delivered("1")

    line = Line(answer)
    for user in range(40):
        await house.say(2000 + user, Reply(f"{user}"))
    through(house, line, Pacing(per_s=1000, burst=100, in_flight=4))
    await house.until(lambda: len(line.given) >= 5)
    early = len(line.given)
    await asyncio.sleep(1.2)
    assert len(line.given) - early <= 4
    broken = False
    await house.until_stored(lambda unit: unit.outbox.counts()["queued"] == 0, 20)
    assert {out.reply.text for out in line.given} == {f"{user}" for user in range(40)}


async def test_faults_of_telegram_lose_nothing_keep_order_and_mark_doubles(house: House) -> None:
    server = house.server
    server.faults.share_5xx, server.faults.share_cut_after = 0.2, 0.1
    users = [server.user(3000 + number) for number in range(6)]
    for user in users:
        await house.say(user.id, *(Reply(f"第{number}条") for number in range(6)))
    house.start("deliver")
    await house.until_stored(
        lambda unit: unit.outbox.counts()["queued"] + unit.outbox.counts()["sending"] == 0, 60
    )
    for user in users:
        seen = [text.split("\n")[0] for text in user.sees().texts()]
        assert list(dict.fromkeys(seen)) == [f"第{number}条" for number in range(6)]
        assert sorted(seen) == seen
        doubles = [text for text in user.sees().texts() if "可能重复" in text]
        assert len(doubles) >= len(seen) - 6
    assert await house.dead() == 0


async def test_who_cannot_be_reached_is_marked_and_the_row_is_a_dead_letter(house: House) -> None:
    line = Line(lambda out: Undeliverable("forbidden", gone=True))
    person = await house.say(1001, Reply("您好"))
    through(house, line)
    await house.until_stored(lambda unit: unit.outbox.counts()["dead"] == 1)
    known = await house.store.read(lambda unit: unit.people.get(person))
    assert known is not None
    assert known.blocked


async def test_a_message_that_cannot_be_sent_does_not_hold_up_the_next(house: House) -> None:
    line = Line(lambda out: Undeliverable("too_long") if out.reply.text == "坏" else Delivered("1"))
    person = await house.say(1001, Reply("坏"), Reply("好"))
    through(house, line)
    await house.until(lambda: line.texts() == ["坏", "好"])
    (letter,) = await house.store.read(lambda unit: unit.outbox.dead_letters(5))
    assert (letter.reply.text, letter.person_id) == ("坏", person)


async def test_a_fault_of_ours_becomes_a_dead_letter_and_stops_nobody(house: House) -> None:
    def answer(out: Outgoing) -> Delivery:
        if out.reply.text == "坏":
            raise RuntimeError("我的秘密")
        return Delivered("1")

    line = Line(answer)
    await house.say(1001, Reply("坏"))
    await house.say(1002, Reply("好"))
    await house.store.write(lambda unit: age(unit, "坏"))
    through(house, line)
    await house.until_stored(lambda unit: unit.outbox.counts()["dead"] == 1)
    assert "好" in line.texts()


def age(unit: Unit, text: str) -> None:
    """Make the row look as if it had failed nine times."""
    (out,) = [out for out in unit.outbox.claim("telegram", RealClock().now(), 10) if out.reply.text == text]
    for _ in range(9):
        unit.outbox.retry(out.seq, RealClock().now(), "crashed")
        unit.outbox.claim("telegram", RealClock().now(), 10)
    unit.outbox.requeue_unsure("telegram")


async def test_a_stop_lets_what_is_on_its_way_arrive_and_writes_it_down(house: House) -> None:
    line = Line(held=asyncio.Event())
    await house.say(1001, Reply("一"))
    through(house, line)
    await house.until(lambda: line.given)
    stopping = asyncio.create_task(house.stop("deliver"))
    await asyncio.sleep(0.05)
    assert line.held is not None
    line.held.set()
    await stopping
    counts = await house.counts()
    assert (counts["sending"], counts["queued"]) == (0, 0)


async def test_after_a_crash_what_was_on_its_way_goes_again_with_its_mark(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        wang = house.server.user(1001)
        await house.say(1001, Reply("一"), Reply("二"))
        (out,) = await house.store.write(lambda unit: unit.outbox.claim("telegram", RealClock().now(), 5))
        house.start("deliver")
        await house.until(lambda: len(wang.sees().texts()) == 2)
        assert wang.sees().texts() == [f"一\n（可能重复，编号 {out.number}）", "二"]


async def test_rows_that_must_wait_for_the_pace_are_not_claimed_before(house: House) -> None:
    line = Line()
    for user in range(10):
        await house.say(2000 + user, Reply("您好"))
    through(house, line, Pacing(per_s=1, burst=2))
    await house.until(lambda: len(line.given) == 2)
    await house.until_stored(lambda unit: unit.outbox.counts()["sending"] == 0)
    assert (await house.counts())["queued"] == 8


async def test_a_message_for_later_waits_and_then_goes_by_itself(house: House) -> None:
    line = Line()
    through(house, line)
    now = RealClock().now()
    from datetime import timedelta

    def add(unit: Unit) -> None:
        person = unit.people.get_or_add(Address("telegram", "1001"), now)
        unit.outbox.add(
            person.id, [Reply("提醒")], lane=Lane.NOTICE, now=now, not_before=now + timedelta(seconds=0.4)
        )

    await house.store.write(add)
    await house.until(lambda: line.given)
    assert (RealClock().now() - now).total_seconds() >= 0.4


async def test_an_idle_outbox_hardly_touches_the_store(house: House) -> None:
    through(house, Line())
    writes = 0
    write = house.store.write

    async def counted(work: Callable[[Unit], object]) -> object:
        nonlocal writes
        writes += 1
        return await write(work)

    house.store.write = counted  # type: ignore[method-assign,assignment]
    await asyncio.sleep(1.0)
    assert writes <= 3
