"""What waits for the staff group: one card a case, one line for many, and urgent rows untouched."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.cases import CaseCard
from bot.domain.ports import Unit
from bot.domain.reply import Lane, Reply
from bot.services import bell, group_queue
from tests.group_room import CHAT, Room, open_room


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as opened:
        yield opened


async def queue(room: Room, *texts: str, card: str | None = None, lane: Lane = Lane.REPLY) -> None:
    now = room.clock.now()

    def work(unit: Unit) -> None:
        for text in texts:
            group_queue.put(unit, "telegram", Reply(text, card=card), now, None, lane)

    await room.store.write(work)


async def texts(room: Room) -> list[str]:
    return [reply.text for _, reply in await room.queue()]


async def news(room: Room, card: CaseCard, *, urgent: bool = False) -> None:
    now = room.clock.now()
    await room.store.write(lambda unit: bell.tell_news(unit, card, now, room.desk.bell, urgent=urgent))


async def test_a_waiting_card_is_replaced_in_its_place(room):
    await queue(room, "甲", card="a")
    await queue(room, "乙", card="b")
    await queue(room, "甲二", "甲三", card="a")
    assert await texts(room) == ["甲三", "乙"]


async def test_a_card_that_went_out_is_followed_by_a_new_row(room):
    await queue(room, "甲", card="a")
    now = room.clock.now()
    [out] = await room.store.write(lambda unit: unit.outbox.claim("telegram", now, 1))
    await queue(room, "甲二", card="a")
    await room.store.write(lambda unit: unit.outbox.sent(out.seq, f"{CHAT}/7", now))
    [out] = await room.store.write(lambda unit: unit.outbox.claim("telegram", now, 1))
    assert (out.reply.text, out.replaces) == ("甲二", f"{CHAT}/7")


async def test_a_row_whose_answer_was_lost_keeps_its_words(room):
    await queue(room, "甲", card="a")
    now = room.clock.now()
    [out] = await room.store.write(lambda unit: unit.outbox.claim("telegram", now, 1))
    await room.store.write(lambda unit: unit.outbox.retry(out.seq, now + timedelta(seconds=5), "unsure"))
    await queue(room, "甲二", card="a")
    room.clock.passes(seconds=6)
    assert await texts(room) == ["甲", "甲二"]


async def test_a_row_that_did_not_go_out_yet_is_replaced_and_waits_as_long(room):
    await queue(room, "甲", card="a")
    now = room.clock.now()
    [out] = await room.store.write(lambda unit: unit.outbox.claim("telegram", now, 1))
    await room.store.write(lambda unit: unit.outbox.retry(out.seq, now + timedelta(seconds=5), "network"))
    await queue(room, "甲二", card="a", lane=Lane.URGENT)
    assert await texts(room) == []
    room.clock.passes(seconds=6)
    assert await texts(room) == ["甲二"]


async def test_a_case_that_becomes_urgent_overtakes_and_stays_in_front(room):
    await queue(room, "甲", "乙")
    await queue(room, "丙", card="c")
    await queue(room, "丙：紧急", card="c", lane=Lane.URGENT)
    await queue(room, "丙：紧急，已认领", card="c")
    assert await texts(room) == ["丙：紧急，已认领", "甲", "乙"]


async def test_cards_of_a_case_in_the_bell_are_replaced_while_they_wait(room):
    card = await room.opens()
    await queue(room, "别的")

    def change(unit: Unit) -> None:
        for _ in range(5):
            bell.ring(unit, card, room.clock.now(), room.desk.bell)

    await room.store.write(change)
    assert len(await texts(room)) == 2


async def test_lines_are_joined_only_where_much_waits_and_told_once_each(room):
    cards = [await room.opens(number) for number in range(1, 15)]
    for card in cards[:3]:
        await news(room, card)
    assert len(await room.queue()) == 3, "little waits: a line of its own, in its topic"
    await queue(room, *(f"{number}" for number in range(11)))
    for card in (*cards[3:8], cards[3]):
        await news(room, card)
    room.clock.passes(minutes=11)
    await news(room, cards[3])
    *_, (lane, line) = await room.queue()
    assert line.text.startswith("5 件有新内容：A26-0004、A26-0005、")
    assert lane is Lane.REPLY
    await queue(room, *(f"{number}" for number in range(11)))
    await news(room, cards[9])
    assert (await texts(room))[-1].startswith("1 件有新内容：A26-0010"), "what was told is not told again"


async def test_a_full_line_is_followed_by_another(room, monkeypatch):
    monkeypatch.setattr(group_queue, "_MOST_NUMBERS", 2)
    cards = [await room.opens(number) for number in range(1, 4)]
    await queue(room, *(f"{number}" for number in range(11)))
    for card in cards:
        await news(room, card)
    assert [text[:2] for text in (await texts(room))[-2:]] == ["2 ", "1 "]


async def test_danger_is_never_joined_and_goes_first(room):
    card = replace(await room.opens(), urgent=True)
    await queue(room, *(f"{number}" for number in range(30)))
    for _ in range(3):
        await news(room, card, urgent=True)
    first = [(lane, reply.text) for lane, reply in await room.queue()][:3]
    assert [lane for lane, _ in first] == [Lane.URGENT] * 3
    assert all("提到危险" in text for _, text in first)
