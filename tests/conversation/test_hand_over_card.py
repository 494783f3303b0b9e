"""她来定：给谁、给什么、为什么、多久。 On the web and on Telegram, with every way to say no."""

from dataclasses import replace

import pytest

from bot.conversation.actions import Do, act
from bot.conversation.hand_over_card import version_of
from bot.domain.cases import CaseStatus, EventKind
from bot.domain.errors import Refused
from bot.domain.handovers import Field, HandOverState
from bot.domain.ports_links import ForOther, SpokenFor
from bot.services import hand_over as service
from tests.conversation.steps import WORDS, at_review, her_view
from tests.partner_desk import ARBITRATION, PartnerDesk
from tests.talk import House, Talk

CARD = "有一件要您来定"


@pytest.fixture
async def desk(house: House) -> PartnerDesk:
    return await PartnerDesk(house).opens()


async def asked(talk: Talk, desk: PartnerDesk, *fields: Field):
    """She has a case, an officer has claimed it and asks her."""
    await at_review(talk)
    await talk.taps("提交")
    [card] = await talk.house.cases()
    await desk.claims(card.id)
    one = await desk.proposes(card.id, *fields)
    await talk._delivered()
    return one


@pytest.mark.parametrize("channel", ["webchat", "telegram"])
async def test_she_sees_who_gets_what_why_and_how_long_before_anything_leaves(
    house: House, desk: PartnerDesk, channel: str
) -> None:
    talk = house.worker(channel)
    one = await asked(talk, desk)
    talk.hears(
        CARD, "「市劳动监察支队」", "查处单位的违法行为", "发生了什么", "到2026年12月22日", "随时能收回"
    )
    talk.does_not_hear(WORDS, "万家超市")
    assert "万家超市" not in talk.new[-1].text.splitlines()[0]
    talk.sees_buttons("看看他们会看到什么", "有的不想给", "同意", "不同意")
    await talk.taps("看看他们会看到什么")
    talk.hears(
        WORDS, "【单位】\n万家超市", "案件编号", "查处单位的违法行为", "2026年12月22日", "别的都看不到"
    )
    await talk.taps("有的不想给")
    await talk.taps("✓ 单位：给")
    talk.sees_buttons("✗ 单位：不给", "✓ 发生了什么：给")
    await talk.taps("选好了")
    talk.hears("不给：单位", "没有单位的名称", "由您定")
    await talk.taps("看看他们会看到什么")
    talk.does_not_hear("万家超市")
    await talk.taps("同意")
    talk.hears("记下了", "随时点下面的按钮")
    kept = await desk.found(one)
    assert kept.state is HandOverState.AGREED
    assert kept.refused == {Field.EMPLOYER}
    content = await desk.content(one)
    assert Field.EMPLOYER not in content.words
    assert content.words[Field.HAPPENED] == WORDS
    person = await talk.person_id()
    consents = await house.read(lambda unit: unit.people.consents(person))
    assert consents[-1][:2] == (f"hand_over:{one.id}", version_of(house.wording.partners, kept))
    assert consents[-1][2] == house.clock.now()
    assert all(text.startswith("A26-0001（") for text in await desk.notices("officer"))
    assert await desk.states(one.case_id) == ["asked", "agreed"]


async def test_she_agrees_only_to_the_fields_that_she_saw(talk: Talk, desk: PartnerDesk) -> None:
    one = await asked(talk, desk)
    before = talk.button("同意").action
    await talk.taps("有的不想给")
    await talk.taps("✓ 发生了什么：给")
    await talk.acts(before)
    talk.hears(CARD, "不给：发生了什么")
    assert (await desk.found(one)).state is HandOverState.PROPOSED
    await talk.taps("同意")
    assert (await desk.found(one)).state is HandOverState.AGREED


async def test_giving_nothing_is_no_consent(talk: Talk, desk: PartnerDesk) -> None:
    one = await asked(talk, desk, Field.WISH)
    await talk.taps("有的不想给")
    await talk.taps("✓ 希望怎么办：给")
    await talk.taps("选好了")
    await talk.taps("同意")
    talk.hears("一样都不给，就等于不同意")
    assert (await desk.found(one)).state is HandOverState.PROPOSED


async def test_no_is_no_and_the_copy_of_her_words_is_gone(talk: Talk, desk: PartnerDesk) -> None:
    one = await asked(talk, desk)
    await talk.taps("不同意")
    talk.hears("工会照样接着办")
    assert (await desk.found(one)).state is HandOverState.REFUSED
    assert not (await desk.content(one)).fields
    await talk.acts(act(Do.HAND_OVER, "agree", one.id, one.mask))
    talk.hears("已经定过了")
    assert (await desk.found(one)).state is HandOverState.REFUSED
    assert any("不同意转给合作部门" in text for text in await desk.notices("officer"))


async def test_two_taps_on_agree_are_one_consent(talk: Talk, desk: PartnerDesk, house: House) -> None:
    one = await asked(talk, desk)
    yes = talk.button("同意").action
    await talk.acts(yes)
    await talk.acts(yes)
    talk.hears("记下了")
    person = await talk.person_id()
    consents = await house.read(lambda unit: unit.people.consents(person))
    assert sum(kind == f"hand_over:{one.id}" for kind, _, _ in consents) == 1


async def test_she_takes_it_back_from_her_case_and_is_told_what_they_saw(
    talk: Talk, desk: PartnerDesk, house: House
) -> None:
    one = await asked(talk, desk)
    await talk.taps("同意")
    link = await desk.links(one)
    await talk.says("我的事")
    talk.hears("您同意给市劳动监察支队看", "发给了市劳动监察支队")
    await talk.taps("给过哪些部门")
    talk.hears("市劳动监察支队：您同意了，他们能看")
    await talk.taps("市劳动监察支队")
    talk.hears(WORDS)
    await talk.taps("收回同意")
    talk.hears("还没有打开过", "马上打不开")
    await talk.taps("是，收回")
    talk.hears("已经收回")
    kept = await desk.found(one)
    assert kept.state is HandOverState.REVOKED
    assert not kept.has_link
    assert await house.read(lambda unit: unit.partners.by_link(link.token)) is None
    assert not (await desk.content(one)).fields
    await talk.acts(act(Do.HAND_OVER, "revoked", one.id))
    talk.hears("已经停了")
    await talk.says("我的事")
    await talk.taps("给过哪些部门")
    await talk.taps("市劳动监察支队")
    talk.hears("给过：发生了什么", "还没有打开过", "打不开")
    talk.does_not_hear(WORDS)
    assert any("收回" in text for text in await desk.notices("officer"))


async def test_nobody_else_can_look_agree_or_take_back(talk: Talk, desk: PartnerDesk, house: House) -> None:
    one = await asked(talk, desk)
    stranger = house.worker()
    for verb in ("look", "fields", "card", "one", "refuse", "revoke", "revoked"):
        await stranger.acts(act(Do.HAND_OVER, verb, one.id))
        stranger.hears("过期")
        stranger.does_not_hear("监察支队")
    await stranger.acts(act(Do.HAND_OVER, "agree", one.id, one.mask))
    await stranger.acts(act(Do.HAND_OVER, "keep", one.id, 0))
    await stranger.acts(act(Do.HAND_OVER, "list", one.case_id))
    stranger.hears("过期")
    kept = await desk.found(one)
    assert (kept.state, kept.refused) == (HandOverState.PROPOSED, frozenset())


async def test_forged_buttons_of_her_own_change_nothing(talk: Talk, desk: PartnerDesk) -> None:
    one = await asked(talk, desk, Field.WISH, Field.SINCE)
    for place in (0, 8, 9, 10, 99999):  # fields that were not asked for, and none at all
        await talk.acts(act(Do.HAND_OVER, "keep", one.id, place))
        talk.hears("过期")
    await talk.acts(act(Do.HAND_OVER, "nonsense", one.id))
    await talk.acts(act(Do.HAND_OVER, "look", "no-such-id"))
    talk.hears("过期")
    assert (await desk.found(one)) == one


async def test_what_she_adds_later_does_not_go_along(talk: Talk, desk: PartnerDesk, house: House) -> None:
    one = await asked(talk, desk)
    [card] = await house.cases()
    await talk.says("我的事")
    await talk.taps("补充")
    await talk.says("后来又说了一句")
    await talk.acts(act(Do.HAND_OVER, "look", one.id))
    talk.hears(WORDS)
    talk.does_not_hear("后来又说了一句")
    assert card.id == one.case_id


async def test_withdrawing_the_case_takes_every_consent_back_for_good(
    talk: Talk, desk: PartnerDesk, house: House
) -> None:
    one = await asked(talk, desk)
    await talk.taps("同意")
    link = await desk.links(one)
    await talk.acts(act(Do.CASE, "withdrawn", one.case_id))
    assert (await desk.found(one)).state is HandOverState.REVOKED
    await talk.acts(act(Do.CASE, "reopen", one.case_id))
    assert await house.read(lambda unit: unit.partners.by_link(link.token)) is None


async def test_who_opened_a_case_for_her_does_not_decide_this_for_her(
    talk: Talk, desk: PartnerDesk, house: House
) -> None:
    one = await asked(talk, desk)
    helper, now = await talk.person_id(), house.clock.now()
    for state in (SpokenFor.STATED, SpokenFor.CONFIRMED):
        of = ForOther(one.case_id, helper, state, now, "worker")
        await house.write(lambda unit, of=of: unit.links.keep_for_other(of))
        await talk.taps("同意")
        talk.hears("过期")
        assert (await desk.found(one)).state is HandOverState.PROPOSED
    of = ForOther(one.case_id, helper, SpokenFor.STATED, now, "worker")
    await house.write(lambda unit: unit.links.keep_for_other(of))
    with pytest.raises(Refused, match="handover_for_other"):
        await desk.proposes(one.case_id, agency=ARBITRATION)


async def test_each_agency_is_asked_for_by_itself(talk: Talk, desk: PartnerDesk) -> None:
    first = await asked(talk, desk)
    second = await desk.proposes(first.case_id, Field.WISH, agency=ARBITRATION)
    await talk._delivered()
    talk.hears("市仲裁院")
    await talk.taps("同意")
    assert (await desk.found(first)).state is HandOverState.PROPOSED
    assert (await desk.found(second)).state is HandOverState.AGREED


async def test_a_proposal_taken_back_tells_her_so_when_she_taps(talk: Talk, desk: PartnerDesk) -> None:
    one = await asked(talk, desk)
    yes = talk.button("同意").action
    await desk.does(
        lambda unit, now, its: service.cancel(unit, desk.staff["officer"], one.case_id, one.id, now, its)
    )
    await talk._delivered()
    talk.hears("安排停了")
    await talk.acts(yes)
    talk.hears("已经停了")
    assert (await desk.found(one)).state is HandOverState.CANCELLED


async def test_what_waits_for_her_is_found_again_in_her_case_also_by_code(
    talk: Talk, desk: PartnerDesk, house: House
) -> None:
    one = await asked(talk, desk)
    _, _, _, code = await her_view(talk, house)
    elsewhere = house.worker("telegram")
    await elsewhere.says(code)
    elsewhere.hears("下一步：等您定：要不要请「市劳动监察支队」一起帮您")
    await elsewhere.taps("请您定：市劳动监察支队")
    elsewhere.hears(CARD)
    await elsewhere.taps("同意")
    await elsewhere.says("我的事")
    elsewhere.does_not_hear("等您定")
    assert (await desk.found(one)).state is HandOverState.AGREED


async def test_with_the_only_agency_taken_back_the_case_is_the_unions_again(
    talk: Talk, desk: PartnerDesk, house: House
) -> None:
    one = await asked(talk, desk)
    await talk.taps("同意")
    await house.write(
        lambda unit: unit.cases.save_card(replace(unit.cases.card(one.case_id), status=CaseStatus.REFERRED))
    )
    await talk.says("我的事")
    talk.hears("现在：已转办")
    await talk.acts(act(Do.HAND_OVER, "revoked", one.id))
    await talk.says("我的事")
    talk.hears("现在：咨询答复")
    talk.does_not_hear("现在：已转办")


async def test_a_question_of_staff_makes_it_her_turn_until_she_answers(
    talk: Talk, desk: PartnerDesk, house: House
) -> None:
    one = await asked(talk, desk)
    await talk.taps("不同意")
    await house.write(
        lambda unit: unit.cases.add_event(
            one.case_id, EventKind.ASK_MORE, by="officer", at=house.clock.now(), body="方便星期几来？"
        )
    )
    await talk.says("我的事")
    talk.hears("下一步：轮到您了")
    await talk.taps("补充")
    await talk.says("星期三下午可以")
    await talk.taps("补充完了")
    await talk.says("我的事")
    talk.does_not_hear("轮到您了")
