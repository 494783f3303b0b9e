"""Somebody opens a case for her: marked so, and hers as soon as she brings the code."""

from dataclasses import replace

import pytest

from bot.domain.cases import CaseSource
from bot.domain.ports_links import SpokenFor
from tests.conversation.steps import open_case
from tests.talk import House, Talk

FOR_MY_SISTER = "替我妹问：怀孕被辞退怎么办"


@pytest.fixture
def talk(house: House) -> Talk:
    return house.worker()


async def opened_for_her(talk: Talk) -> str:
    await talk.says(FOR_MY_SISTER)
    await talk.says("找工会帮我")
    await talk.taps("本人同意了，接着办")
    return await open_case(talk, started=True)


async def state(house: House) -> SpokenFor | None:
    [card] = await house.cases()
    of = await house.read(lambda unit: unit.links.for_other(card.id))
    return of.state if of else None


async def holders(house: House) -> list[str]:
    [card] = await house.cases()
    return list(await house.read(lambda unit: unit.cases.people_of(card.id)))


async def test_a_case_is_marked_only_where_another_told_it_and_said_she_agreed(
    house: House, talk: Talk
) -> None:
    await opened_for_her(talk)
    assert await state(house) is SpokenFor.STATED
    person = await talk.person_id()
    kinds = [kind for kind, _, _ in await house.read(lambda unit: unit.people.consents(person))]
    assert "stated_for_other" in kinds


async def test_who_tells_her_own_story_is_not_asked_who_she_is(house: House, talk: Talk) -> None:
    code = await open_case(talk)
    assert await state(house) is None
    elsewhere = house.worker("telegram")
    await elsewhere.says(code)
    elsewhere.does_not_hear("您就是本人吗")


async def test_the_mark_does_not_stick_to_her_next_case(house: House, talk: Talk) -> None:
    await opened_for_her(talk)
    assert not (await talk.session()).for_other
    await talk.says("我被辞退了")
    await talk.says("找工会帮我")
    await talk.taps("这是另一件事")
    session = await talk.session()
    assert session.draft is not None and not session.draft.for_other


async def test_a_second_case_for_another_is_asked_about_too(house: House, talk: Talk) -> None:
    await open_case(talk)
    await talk.says("菜单")
    await talk.says(FOR_MY_SISTER)
    await talk.acts("o:another")
    talk.hears("得本人同意")
    await talk.taps("本人同意了，接着办")
    await talk.taps("这是另一件事")
    session = await talk.session()
    assert session.draft is not None and session.draft.for_other


async def test_starting_anew_keeps_who_it_is_for(house: House, talk: Talk) -> None:
    await talk.says(FOR_MY_SISTER)
    await talk.says("找工会帮我")
    await talk.taps("本人同意了，接着办")
    await talk.acts("o:restart")
    session = await talk.session()
    assert session.draft is not None and session.draft.for_other


@pytest.mark.parametrize("channel", ["webchat", "telegram"])
async def test_she_confirms_with_her_own_consents_and_both_go_on(
    house: House, talk: Talk, channel: str
) -> None:
    code = await opened_for_her(talk)
    her = house.worker(channel)
    await her.says(code)
    her.hears("您就是本人吗", "您同意把这些内容交给")
    assert ("Telegram" in her.new[-1].text) is (channel == "telegram")
    await her.taps("我是本人，就这样办")
    her.hears("按您本人的意思办")
    assert await state(house) is SpokenFor.CONFIRMED
    assert await holders(house) == [await talk.person_id(), await her.person_id()]
    person = await her.person_id()
    kinds = {kind for kind, _, _ in await house.read(lambda unit: unit.people.consents(person))}
    assert {"processing", "handing_over"} <= kinds
    assert ("carried" in kinds) is (channel == "telegram")


async def test_she_takes_it_over_and_who_helped_holds_it_no_more(house: House, talk: Talk) -> None:
    code = await opened_for_her(talk)
    her = house.worker()
    await her.says(code)
    await her.taps("我是本人，以后只告诉我")
    her.hears("口令")
    assert await state(house) is SpokenFor.TAKEN_OVER
    assert await holders(house) == [await her.person_id()]
    [card] = await house.cases()
    await talk.acts(f"c:see:{card.id}")
    talk.does_not_hear(card.number)


async def test_who_helps_can_not_speak_for_her_and_old_buttons_change_nothing(
    house: House, talk: Talk
) -> None:
    code = await opened_for_her(talk)
    [card] = await house.cases()
    for verb in ("confirm", "alone", "herself"):
        await talk.acts(f"a:{verb}:{card.id}")
        assert talk.new and await state(house) is SpokenFor.STATED
    stranger = house.worker()
    await stranger.acts(f"a:alone:{card.id}")
    stranger.does_not_hear(card.number)
    assert await state(house) is SpokenFor.STATED
    her = house.worker()
    await her.says(code)
    await her.taps("我是本人，就这样办")
    await her.acts(f"a:alone:{card.id}")
    her.hears(card.number)
    assert await state(house) is SpokenFor.CONFIRMED, "said once"


async def test_the_receipt_says_whose_code_it_is_and_ends_with_what_is_to_be_typed(talk: Talk) -> None:
    await opened_for_her(talk)
    [receipt] = [reply.text for reply in talk.new if "您的回执码" in reply.text]
    assert receipt.index("是给本人的，请只告诉本人") < receipt.index("您的回执码")
    assert receipt.endswith("请把最后四位打回来。")


async def test_she_reads_what_was_written_before_she_says_that_it_is_so(house: House, talk: Talk) -> None:
    code = await opened_for_her(talk)
    her = house.worker("telegram")
    await her.says(code)
    her.hears("登记的内容是", "经过：", "怀孕被辞退", "单位：万家超市", "您就是本人吗")
    her.does_not_hear("原来那部手机")


async def test_who_helped_is_told_why_the_case_is_gone(house: House, talk: Talk) -> None:
    code = await opened_for_her(talk)
    await talk.says("我的事")
    talk.does_not_hear("自己接过去")
    her = house.worker("telegram")
    await her.says(code)
    await her.taps("我是本人，以后只告诉我")
    await talk.says("我的事")
    talk.hears("本人已经自己接过去", "还没有您交的事")
    stranger = house.worker("telegram")
    await stranger.says("我的事")
    stranger.does_not_hear("自己接过去")


async def test_a_case_taken_down_at_the_telephone_is_told_as_such(house: House, talk: Talk) -> None:
    code = await open_case(talk)
    [card] = await house.cases()
    await house.write(
        lambda unit: unit.cases.save_card(replace(unit.cases.card(card.id), source=CaseSource.HOTLINE))
    )
    her = house.worker("telegram")
    await her.says(code)
    her.hears("您打电话时登记的", "登记的内容是", "万家超市", "您用回执码打开了")
    her.does_not_hear("原来那部手机", "您交了上来", "您换了地方接着看")
