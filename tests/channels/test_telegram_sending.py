"""Replies on their way to her: what Telegram answers, and what becomes of the row."""

from dataclasses import replace

import pytest

from bot.domain.incoming import Address
from bot.domain.ports_channels import Delivered, TryLater, Undeliverable
from bot.domain.ports_talk import UNSURE, Outgoing
from bot.domain.reply import Button, Lane, Reply
from tests.fake_telegram.checks import METHODS
from tests.telegram_house import House, choices

HER = Address("telegram", "1001")


def row(reply: Reply, **changes: object) -> Outgoing:
    out = Outgoing(1, "D7", "telegram", "p", HER, Lane.REPLY, reply, 0, False, None, None)
    return replace(out, **changes)  # type: ignore[arg-type]


async def test_a_reply_arrives_with_heading_and_buttons_as_plain_text(house: House) -> None:
    wang = house.server.user(1001)
    reply = Reply("🌸*怀孕* <b>被辞退</b>\n单位_不能_这样做。", choices("依据", "下一步"), bold=True)
    assert await house.channel.deliver(row(reply)) == Delivered("1")
    (message,) = wang.sees()
    assert message.text == reply.text
    assert message.entities == [{"type": "bold", "offset": 0, "length": 17}]
    assert message.labels() == ["依据", "下一步"]
    assert all("parse_mode" not in call.fields for call in house.server.calls)


async def test_a_quiet_reply_makes_no_sound_and_no_reply_shows_a_link_preview(house: House) -> None:
    wang = house.server.user(1001)
    await house.channel.deliver(row(Reply("看 https://example.org", quiet=True)))
    assert wang.sees()[0].silent
    assert house.server.sent("sendMessage")[0]["link_preview_options"] == {"is_disabled": True}


async def test_a_long_reply_goes_in_parts_and_its_remote_id_names_them_all(house: House) -> None:
    wang = house.server.user(1001)
    text = "这是一句话。" * 1500
    assert await house.channel.deliver(row(Reply(text, choices("好")))) == Delivered("1,2,3")
    assert "".join(wang.sees().texts()) == text
    assert [line.labels() for line in wang.sees()] == [[], [], ["好"]]


async def test_a_broken_line_between_two_parts_sends_only_the_rest_again(house: House) -> None:
    wang = house.server.user(1001)
    out = row(Reply("字" * 5000))
    house.server.faults.delay("sendMessage", 0)
    house.server.faults.cut_before("sendMessage")
    assert isinstance(await house.channel.deliver(out), TryLater)
    again = replace(out, attempts=1, repeated=True)  # the store marks a row whose answer was lost
    assert await house.channel.deliver(again) == Delivered("1,2")
    assert [len(text) for text in wang.sees().texts()] == [4096, 904 + len("\n（可能重复，编号 D7）")]


async def test_a_card_takes_the_place_of_the_one_before(house: House) -> None:
    wang = house.server.user(1001)
    first = await house.channel.deliver(row(Reply("第 1 题", choices("甲", "乙"), card="quiz")))
    assert isinstance(first, Delivered)
    second = await house.channel.deliver(
        row(Reply("第 2 题", choices("丙"), card="quiz"), replaces=first.remote_id)
    )
    assert second == first
    assert wang.sees().texts() == ["第 2 题"]
    assert wang.sees()[0].labels() == ["丙"]


async def test_the_same_card_again_counts_as_delivered(house: House) -> None:
    house.server.user(1001)
    out = row(Reply("第 1 题", choices("甲")))
    assert await house.channel.deliver(out) == Delivered("1")
    assert await house.channel.deliver(replace(out, replaces="1")) == Delivered("1")


@pytest.mark.parametrize(
    "why", ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"]
)
async def test_a_card_that_can_no_longer_be_edited_is_sent_anew(house: House, why: str) -> None:
    wang = house.server.user(1001)
    await house.channel.deliver(row(Reply("旧")))
    house.server.faults.refuse("editMessageText", 400, f"Bad Request: {why}")
    assert await house.channel.deliver(row(Reply("新"), replaces="1")) == Delivered("2")
    assert wang.sees().texts() == ["新"]


async def test_a_card_that_grew_too_long_is_sent_anew_and_the_old_one_goes(house: House) -> None:
    wang = house.server.user(1001)
    await house.channel.deliver(row(Reply("短")))
    assert await house.channel.deliver(row(Reply("长" * 5000), replaces="1")) == Delivered("2,3")
    assert [len(text) for text in wang.sees().texts()] == [4096, 904]


async def test_a_message_that_may_have_gone_out_before_says_so_with_its_number(house: House) -> None:
    wang = house.server.user(1001)
    await house.channel.deliver(row(Reply("您好"), repeated=True))
    assert wang.sees().texts() == ["您好\n（可能重复，编号 D7）"]


async def test_an_edit_needs_no_such_mark(house: House) -> None:
    wang = house.server.user(1001)
    await house.channel.deliver(row(Reply("旧")))
    await house.channel.deliver(row(Reply("新"), replaces="1", repeated=True))
    assert wang.sees().texts() == ["新"]


async def test_after_a_lost_answer_the_next_try_says_that_it_may_be_a_repetition(house: House) -> None:
    wang = house.server.user(1001)
    house.server.faults.cut_after("sendMessage")
    out = row(Reply("您好"))
    later = await house.channel.deliver(out)
    assert isinstance(later, TryLater)
    assert (later.why, later.whole_chat) == (UNSURE, False)
    await house.channel.deliver(replace(out, attempts=1, repeated=True))
    assert wang.sees().texts() == ["您好", "您好\n（可能重复，编号 D7）"]


async def test_a_refused_connection_did_nothing_so_the_next_try_bears_no_mark(house: House) -> None:
    wang = house.server.user(1001)
    out, port = row(Reply("您好")), house.server.port
    await house.server.__aexit__()
    later = await house.channel.deliver(out)
    assert isinstance(later, TryLater)
    assert later.why == "network"
    house.server.port = port
    await house.server.__aenter__()
    await house.channel.deliver(replace(out, attempts=1))
    assert wang.sees().texts() == ["您好"]


@pytest.mark.parametrize(("attempts", "at_least", "at_most"), [(0, 1, 1), (3, 8, 8), (50, 30, 30)])
async def test_a_fault_of_telegram_is_waited_for_longer_each_time(
    house: House, attempts: int, at_least: float, at_most: float
) -> None:
    house.server.user(1001)
    house.server.faults.refuse("sendMessage", 500, "Internal Server Error")
    later = await house.channel.deliver(row(Reply("您好"), attempts=attempts))
    assert isinstance(later, TryLater)
    assert at_least <= later.after_s <= at_most
    assert not later.whole_chat


async def test_flood_control_rests_the_whole_chat_as_long_as_asked(house: House) -> None:
    house.server.user(1001)
    house.server.faults.flood("sendMessage", 17)
    later = await house.channel.deliver(row(Reply("您好")))
    assert isinstance(later, TryLater)
    assert later.whole_chat
    assert 17 <= later.after_s <= 19


@pytest.mark.parametrize("fault", ["blocked", "gone"])
async def test_who_blocked_the_bot_or_left_telegram_cannot_be_reached_at_all(
    house: House, fault: str
) -> None:
    setattr(house.server.user(1001).chat, fault, True)
    assert await house.channel.deliver(row(Reply("您好"))) == Undeliverable("forbidden", gone=True)


async def test_somebody_whom_telegram_does_not_know_cannot_be_reached_at_all(house: House) -> None:
    assert await house.channel.deliver(row(Reply("您好"))) == Undeliverable("chat_not_found", gone=True)


async def test_another_refusal_is_told_as_a_word_and_not_in_telegrams_sentence(house: House) -> None:
    house.server.user(1001)
    house.server.faults.refuse("sendMessage", 400, "Bad Request: can't parse 我的秘密")
    assert await house.channel.deliver(row(Reply("您好"))) == Undeliverable("bad_request")


async def test_a_refused_token_is_not_the_messages_fault(house: House) -> None:
    house.server.token = "another"
    later = await house.channel.deliver(row(Reply("您好")))
    assert isinstance(later, TryLater)
    assert later.why == "token"


async def test_nothing_printable_is_undeliverable_by_name(house: House) -> None:
    house.server.user(1001)
    assert await house.channel.deliver(row(Reply("\x00"))) == Undeliverable("empty")


@pytest.mark.parametrize("address", ["elsewhere", "staff-group", "", "-100500", "１００１"])
async def test_senders_that_are_no_person_get_nothing(house: House, address: str) -> None:
    out = row(Reply("您好"), to=Address("telegram", address))
    assert await house.channel.deliver(out) == Undeliverable("no_chat")
    assert house.server.calls == []


async def test_messages_are_deleted_a_hundred_at_a_time(house: House) -> None:
    wang = house.server.user(1001)
    for number in range(250):
        house.server.world.add(wang.chat, 0, f"第{number}条")
    ids = tuple(str(message.id) for message in wang.sees())
    out = row(Reply(""), delete=(*ids[:-2], ",".join(ids[-2:])))
    assert await house.channel.deliver(out) == Delivered()
    assert wang.sees() == []
    assert [len(call["message_ids"]) for call in house.server.sent("deleteMessages")] == [100, 100, 50]


async def test_what_is_older_than_two_days_stays_and_the_rest_is_deleted(house: House) -> None:
    wang = house.server.user(1001)
    await house.channel.deliver(row(Reply("前天")))
    house.server.advance(49 * 3600)
    await house.channel.deliver(row(Reply("刚才")))
    assert await house.channel.deliver(row(Reply(""), delete=("1", "2", "999"))) == Delivered()
    assert wang.sees().texts() == ["前天"]


async def test_a_link_to_this_machine_costs_its_button_and_not_the_message(house: House) -> None:
    wang = house.server.user(1001)
    rows = ((Button("打开", url="http://127.0.0.1:8080/console/"), Button("认领", "g:claim:x")),)
    assert isinstance(await house.channel.deliver(row(Reply("案件", rows))), Delivered)
    assert wang.sees()[0].labels() == ["认领"]


async def test_only_methods_of_the_table_are_called(house: House) -> None:
    house.start()
    wang = house.server.user(1001)
    wang.sends("您好")
    await house.until(lambda: wang.sees().texts())
    assert {call.method for call in house.server.calls} <= METHODS.keys()
    assert {call.code for call in house.server.calls} == {200}
