"""One message is one unit of work: all of it is kept, or nothing; twice is the same as once."""

from datetime import timedelta

import pytest

from bot.domain.cases import NameLevel
from bot.domain.incoming import Address, Incoming
from bot.domain.reply import Lane
from tests.conversation.steps import at_review, open_case
from tests.talk import House, Talk


async def test_the_same_update_comes_in_once(house: House) -> None:
    sender = Address("telegram", "1")
    first = await house.converse.receive(
        "telegram", [("telegram:1", sender, b"a"), ("telegram:2", sender, b"b")]
    )
    again = await house.converse.receive(
        "telegram", [("telegram:2", sender, b"b"), ("telegram:3", sender, b"c")]
    )
    assert [row.key for row in first] == ["telegram:1", "telegram:2"]
    assert [row.key for row in again] == ["telegram:3"]
    assert await house.converse.receive("telegram", []) == []


async def test_an_update_without_meaning_is_done_without_an_answer(house: House) -> None:
    [row] = await house.converse.receive("telegram", [("telegram:1", Address("telegram", "1"), b"a")])
    await house.converse.handle(row, None)
    counts = await house.read(lambda unit: (unit.inbox.counts(), unit.outbox.counts()))
    assert counts[0]["pending"] == 0 and counts[1]["queued"] == 0


async def test_a_failure_in_the_middle_keeps_nothing(talk: Talk, house: House) -> None:
    await at_review(talk)
    submit = talk.button("提交").action
    person = await talk.person_id()
    before = await house.read(lambda unit: unit.sessions.get(person))
    sender, now = talk.address, house.clock.now()
    [row] = await house.converse.receive("webchat", [("webchat:break", sender, b"x")])
    broken = Incoming(
        "webchat:break", sender, now, action=submit, files=(object(),)
    )  # fails after the case is made
    with pytest.raises(AttributeError):
        await house.converse.handle(row, broken)
    assert not await house.cases()
    assert await house.read(lambda unit: unit.sessions.get(person)) == before
    assert (await house.read(lambda unit: unit.outbox.counts()))["queued"] == 0
    await house.converse.handle(row, Incoming("webchat:break", sender, now, action=submit))
    assert len(await house.cases()) == 1


async def test_danger_goes_out_in_the_urgent_lane(talk: Talk) -> None:
    await talk.says("老公又打我了")
    assert {row.lane for row in talk.rows} == {Lane.URGENT}
    await talk.says("菜单")
    assert {row.lane for row in talk.rows} == {Lane.REPLY}


async def test_her_transcript_shows_labels_files_and_words(talk: Talk, house: House) -> None:
    await talk.says("怀孕被辞退怎么办")
    await talk.taps("依据")
    await talk.sends(text="看这个")
    person = await talk.person_id()
    lines = await house.read(lambda unit: unit.outbox.talk(person, (0, 0, 0), 50))
    assert [line.hers for line in lines if line.hers is not None] == [
        "怀孕被辞退怎么办",
        "依据",
        "看这个（照片）",
    ]
    assert sum(line.reply is not None for line in lines) == 3


async def test_every_act_on_a_case_is_in_the_audit(talk: Talk, house: House) -> None:
    code = await open_case(talk, "实名")
    await talk.taps("补充")
    await talk.says("还有一句")
    await talk.says("我的事")
    await talk.taps("设口令")
    await talk.says("石榴花开了")
    other = house.worker("telegram")
    await other.says(f"{code} 石榴花开了")
    await other.taps("撤回")
    await other.taps("是，撤回")
    await other.taps("重新办理")
    [card] = await house.cases()
    lines = await house.read(lambda unit: unit.audit.lines(card.id))
    assert [line.act for line in reversed(lines)] == [
        "open_case", "add_to_case", "set_phrase", "continue_case", "withdraw_case", "reopen_case",
    ]  # fmt: skip
    assert all("句" not in str(line.facts) and "石榴" not in str(line.facts) for line in lines)
    assert await house.read(lambda unit: unit.audit.first_broken()) is None
    assert card.level is NameLevel.NAMED


async def test_replies_go_to_where_she_wrote_last(talk: Talk, house: House) -> None:
    code = await open_case(talk)
    other = house.worker("telegram")
    await other.says(code)
    [card] = await house.cases()
    holders = await house.read(lambda unit: unit.cases.people_of(card.id))
    assert holders == [await talk.person_id(), await other.person_id()]
    await talk.says("我的事")
    await talk.taps("补充")
    await talk.says("还是用原来的手机写")
    holders = await house.read(lambda unit: unit.cases.people_of(card.id))
    assert holders == [await other.person_id(), await talk.person_id()]


async def test_a_withdrawn_case_rings_without_its_story(tmp_path, knowledge, wording, search, clock) -> None:
    from tests.conversation.steps import WORDS
    from tests.talk import open_house

    async with open_house(tmp_path, knowledge, wording, search, clock, forward_case_text=True) as house:
        talk = house.worker("telegram")
        await open_case(talk)
        assert any(WORDS in reply.text for reply in await house.bell())
        await talk.says("我的事")
        await talk.taps("撤回")
        await talk.taps("是，撤回")
        rung = await house.bell()
        assert rung and not any(WORDS in reply.text for reply in rung)


async def test_a_story_stays_in_when_a_second_holder_never_agreed(
    tmp_path, knowledge, wording, search, clock
) -> None:
    from tests.conversation.steps import WORDS
    from tests.talk import open_house

    async with open_house(tmp_path, knowledge, wording, search, clock, forward_case_text=True) as house:
        talk = house.worker("telegram")
        code = await open_case(talk)
        await house.bell()
        other = house.worker("webchat")
        await other.says(code)
        await other.taps("撤回")
        await other.taps("是，撤回")
        await other.taps("重新办理")
        assert not any(WORDS in reply.text for reply in await house.bell())


async def test_an_urgent_addition_shortens_the_promise_but_never_lengthens_it(
    talk: Talk, house: House
) -> None:
    await talk.says("老公又打我了")
    await talk.taps("找工会帮我")
    await open_case(talk, started=True)
    [before] = await house.cases()
    house.clock.passes(minutes=20)
    await talk.taps("补充")
    await talk.says("他又动手打我了")
    [after] = await house.cases()
    assert after.promised_at == before.promised_at
    assert before.promised_at - before.opened_at == timedelta(minutes=30)
