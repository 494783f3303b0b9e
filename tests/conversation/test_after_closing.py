"""Her answers after closing: one tap each, corrected at will, on the web and on Telegram."""

import pytest

from bot.conversation.actions import Do, act
from bot.conversation.session import Place
from bot.domain.cases import CaseStatus, Confirmed, EventKind, Outcome
from bot.domain.closing import confirmed_fen
from bot.services import case_work
from tests.closing import Office, office_of
from tests.talk import House, Talk


@pytest.fixture
async def office(house: House, talk: Talk) -> Office:
    office = await office_of(house, talk)
    await office.closes()
    await talk._delivered()
    return office


async def counted(office: Office) -> int:
    return confirmed_fen(await office.card(), await office.events(*EventKind))


@pytest.mark.parametrize("channel", ["webchat", "telegram"])
async def test_all_of_it_then_how_well_she_was_helped_then_thanks(house: House, channel: str) -> None:
    talk = house.worker(channel)
    office = await office_of(house, talk)
    await office.closes()
    await talk._delivered()
    await talk.taps("全部到了")
    talk.hears("太好了，谢谢您告诉我们", "这次帮您办得怎么样")
    talk.sees_buttons("很满意", "满意", "一般", "不太满意", "不满意")
    await talk.taps("满意")
    talk.hears("谢谢您，记下了", "最多保存 180 天")
    card = await office.card()
    assert (card.confirmed, card.satisfaction, await counted(office)) == (Confirmed.YES, 4, 840_000)
    assert (await office.facts(EventKind.CONFIRMED))[0] == {
        "answer": "yes", "confirmed_fen": "840000", "closing": "1",
    }  # fmt: skip
    assert (await office.facts(EventKind.RATED)) == [{"stars": "4"}]


async def test_a_second_tap_on_the_same_answer_keeps_it_once(office: Office, talk: Talk) -> None:
    for _ in range(3):
        await talk.taps("全部到了")
    await talk.taps("很满意")
    await talk.acts(act(Do.AFTER, "great", office.case_id, 1))
    assert len(await office.events(EventKind.CONFIRMED)) == 1
    assert len(await office.events(EventKind.RATED)) == 1


async def test_another_answer_corrects_and_both_are_kept(office: Office, talk: Talk) -> None:
    await talk.taps("全部到了")
    await talk.taps("还没有")
    assert [facts["answer"] for facts in await office.facts(EventKind.CONFIRMED)] == ["yes", "no"]
    assert (await office.card()).confirmed is Confirmed.NO
    assert await counted(office) == 0


async def test_part_of_it_is_asked_for_in_plain_words(office: Office, talk: Talk) -> None:
    for typed, fen in (
        ("3000", 300_000), ("三千五", 350_000), ("到了3,000元", 300_000), ("３２００", 320_000),
        ("只到了八百", 80_000), ("1.5", 150),
    ):  # fmt: skip
        await talk.acts(act(Do.AFTER, "partly", office.case_id, 1))
        talk.hears("一共到了多少钱")
        await talk.says(typed)
        talk.hears("记下了：到了", "这次帮您办得怎么样")
        assert await counted(office) == fen, typed
    assert (await office.card()).confirmed is Confirmed.PARTLY
    assert (await talk.session()).place is Place.HOME


async def test_an_amount_that_cannot_be_read_is_asked_for_again_and_nothing_is_lost(
    office: Office, talk: Talk
) -> None:
    await talk.taps("到了一部分")
    for wrong in ("-5", "八四零零", "999999999999"):
        await talk.says(wrong)
        if wrong != "999999999999":
            talk.hears("这个数我没看懂")
    assert (await office.card()).confirmed is not None
    await talk.says("跳过")
    talk.hears("这次帮您办得怎么样")


async def test_as_much_as_was_won_is_all_of_it_and_nought_is_nothing(office: Office, talk: Talk) -> None:
    await talk.taps("到了一部分")
    await talk.says("8400元")
    assert ((await office.card()).confirmed, await counted(office)) == (Confirmed.YES, 840_000)
    await talk.acts(act(Do.AFTER, "partly", office.case_id, 1))
    await talk.says("0")
    talk.hears("让您白等了")
    assert ((await office.card()).confirmed, await counted(office)) == (Confirmed.NO, 0)


async def test_asked_for_an_amount_she_may_still_ask_something_else_or_tell_of_danger(
    office: Office, talk: Talk
) -> None:
    await talk.taps("到了一部分")
    await talk.says("产假有多少天？")
    talk.does_not_hear("没看懂")
    await talk.taps("全部到了")
    await talk.acts(act(Do.AFTER, "partly", office.case_id, 1))
    await talk.says("他正在打我，要杀了我")
    talk.hears("110")


async def test_buttons_of_an_earlier_closing_are_answered_kindly_and_change_nothing(
    office: Office, talk: Talk
) -> None:
    old = talk.button("全部到了").action
    await office.does(
        case_work.move, office.officer, CaseStatus.ACCEPTED, office.now, office.desk, "又有变化"
    )
    await talk.acts(old)
    talk.hears("又在办了")
    assert await office.events(EventKind.CONFIRMED) == []
    await office.closes(900_000)
    await talk.acts(old)
    talk.hears("以前那次办结", "9,000 元到账了吗")
    assert (await office.card()).confirmed is None
    await talk.taps("全部到了")
    assert await counted(office) == 900_000


async def test_another_woman_learns_nothing_from_her_button(office: Office, house: House, talk: Talk) -> None:
    stranger = house.worker()
    await stranger.says("你好")
    for action in (
        talk.button("全部到了").action,
        act(Do.AFTER, "great", office.case_id, 1),
        "f:yes:nobody:1",
    ):
        await stranger.acts(action)
        stranger.hears("这个按钮已经过期了")
    for forged in ("f:yes:c1", "f:yes:c1:99999", "f:steal:c1:1", "f:great:c1:0"):
        await talk.acts(forged)
    card = await office.card()
    assert (card.confirmed, card.satisfaction) == (None, None)


async def test_a_low_rating_is_answered_honestly_and_a_leader_hears_of_it(office: Office, talk: Talk) -> None:
    await talk.taps("全部到了")
    await talk.taps("不满意")
    talk.hears("没有帮好您，对不起")
    [told] = await office.notices(office.leader)
    assert told == f"{(await office.card()).number}（工资）：她的评价是“不满意”，请负责人看看。"


async def test_without_money_she_is_asked_whether_it_is_solved(house: House, talk: Talk) -> None:
    office = await office_of(house, talk)
    await office.closes(0, Outcome.ADVISED)
    await talk._delivered()
    talk.hears("这件事解决了吗？")
    await talk.taps("没解决")
    talk.hears("没能帮您解决，对不起")
    await talk.taps("先不办")
    talk.hears("这次帮您办得怎么样")
    assert (await office.card()).confirmed is Confirmed.NO


async def test_her_progress_card_shows_her_answers_and_after_half_a_year_nothing_is_reopened(
    office: Office, talk: Talk, house: House
) -> None:
    await talk.taps("全部到了")
    await talk.taps("很满意")
    await talk.says("我的事")
    talk.hears("您说：钱全部到了", "您给了评价", "追回 8,400 元（工资）")
    house.clock.passes(days=181)
    await talk.acts(act(Do.CASE, "reopen", office.case_id))
    talk.hears("已经到期清除，不能接着办了")
    assert (await office.card()).status is CaseStatus.CLOSED


@pytest.mark.parametrize("channel", ["webchat", "telegram"])
async def test_the_question_stays_in_her_case_until_answered_and_can_be_changed_after(
    house: House, channel: str
) -> None:
    talk = house.worker(channel)
    office = await office_of(house, talk)
    await office.closes()
    await talk._delivered()
    await talk.says("我的事")
    talk.hears("8,400 元到账了吗")
    talk.sees_buttons("全部到了", "到了一部分", "还没有", "补充", "重新办理")
    await talk.taps("到了一部分")
    await talk.says("5000")
    talk.hears("到了 5,000 元，还差 3,400 元", "管这件事的人已经收到提醒", "再问您一次")
    assert talk.new[0].text.index("收到提醒") < talk.new[0].text.index("办得怎么样")
    await talk.says("我的事")
    talk.hears("您说：到了 5,000 元", "管这件事的人已经收到提醒")
    talk.does_not_hear("没有人在办")
    assert talk.new[0].text.count("您说：") == 1, "her last word only"
    await talk.taps("改一下")
    await talk.taps("全部到了")
    assert await counted(office) == 840_000


@pytest.mark.parametrize(
    ("typed", "fen", "confirmed"),
    [
        ("到了5000", 500_000, Confirmed.PARTLY),
        ("单位给了三千", 300_000, Confirmed.PARTLY),
        ("还没到账", 0, Confirmed.NO),
        ("都到账了。", 840_000, Confirmed.YES),
    ],
)
async def test_typed_after_the_closing_message_it_is_understood(
    office: Office, talk: Talk, typed: str, fen: int, confirmed: Confirmed
) -> None:
    await talk.says(typed)
    assert ((await office.card()).confirmed, await counted(office)) == (confirmed, fen)


async def test_about_so_much_is_kept_only_as_she_confirms_it(office: Office, talk: Talk) -> None:
    await talk.taps("到了一部分")
    await talk.says("五千多块吧")
    assert await counted(office) == 0
    await talk.taps("对，5,000 元")
    assert await counted(office) == 500_000
    await talk.acts(act(Do.AFTER, "sum", office.case_id, 1, 999_999))
    assert await counted(office) == 500_000


async def test_a_sum_that_is_not_said_to_have_come_is_no_answer(office: Office, talk: Talk) -> None:
    for typed in ("5000", "公司欠我5000", "还差3000", "产假有多少天？"):
        await talk.says(typed)
        assert (await office.card()).confirmed is None, typed


async def test_to_a_closed_case_she_may_add_without_taking_it_up_again(office: Office, talk: Talk) -> None:
    await talk.says("我的事")
    await talk.taps("补充")
    talk.hears("已经结束。请说")
    await talk.says("经理又打电话来了")
    talk.sees_buttons("重新办理", "说一件新的事", "只补充，不重新办")
    assert await office.events(EventKind.HER_WORDS) == []
    await talk.taps("只补充，不重新办")
    talk.hears("管过这件事的人会看到")
    card = await office.card()
    assert len(await office.events(EventKind.HER_WORDS)) == 1 and card.status is CaseStatus.CLOSED
