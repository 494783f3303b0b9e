"""我的事: timeline, adding, withdrawing, coming back by code from anywhere."""

from dataclasses import replace

import pytest

from bot.conversation.session import Place
from bot.domain.cases import CaseStatus, EventKind, Outcome
from bot.domain.incoming import FileKind
from bot.domain.ports_cases import CaseFilter
from bot.domain.receipt_codes import in_groups, read_code
from tests.conversation.steps import WORDS, open_case
from tests.talk import House, Talk

WRONG = "号码和口令对不上"


async def close(house: House) -> None:
    """As staff close a case, as far as she is concerned."""
    now = house.clock.now()

    def work(unit):
        [case_id] = [card.id for card in unit.cases.cards(CaseFilter())]
        card = unit.cases.card(case_id)
        unit.cases.save_card(replace(card, status=CaseStatus.CLOSED, closed_at=now, outcome=Outcome.ADVISED))
        unit.cases.add_event(case_id, EventKind.CLOSED, by="staff", at=now)

    await house.write(work)


async def staff_writes(house: House, text: str) -> None:
    [card] = await house.cases()
    now = house.clock.now()

    def work(unit):
        unit.cases.save_card(replace(card, status=CaseStatus.ACCEPTED, assignee="s1"))
        unit.cases.add_event(
            card.id, EventKind.STATUS, by="s1", at=now, facts={"from": "new", "to": "accepted"}
        )
        unit.cases.add_event(card.id, EventKind.NOTE, by="s1", at=now, body="内部备注不给她看")
        unit.cases.add_event(card.id, EventKind.REPLY, by="s1", at=now, body=text)

    await house.write(work)


async def test_without_a_case_it_leads_to_the_door_and_to_the_code(talk: Talk) -> None:
    await talk.says("我的事")
    talk.hears("还没有您交的事")
    talk.sees_buttons("找工会帮我", "输入回执码")


async def test_she_sees_who_has_it_what_comes_next_and_by_when(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.says("我的事")
    talk.hears(
        "您关心的事 A26-0001", "现在：待受理", "正在安排人", "明天（11月23日）15:00前回复您", "您交了上来"
    )
    await staff_writes(house, "请把通知拍给我们")
    await talk.says("我的事")
    talk.hears("现在：已受理", "工会干部在管", "进展：已受理", "工会：请把通知拍给我们")
    talk.does_not_hear("内部备注", "s1")


async def test_the_first_line_of_her_case_tells_nothing_on_a_lock_screen(talk: Talk) -> None:
    await open_case(talk)
    assert all(reply.private for reply in talk.new)
    await talk.says("我的事")
    first = talk.new[0].text.splitlines()[0]
    assert first == "您关心的事 A26-0001"
    assert talk.new[0].private


async def test_words_and_files_are_received_in_the_same_commit(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.taps("补充")
    await talk.says("昨天又打电话催我签字")
    talk.hears("已收到（今天（11月22日）20:00，A26-0001）")
    file_id = await talk.sends(FileKind.VOICE)
    talk.hears("已收到 1 个文件")
    [card] = await house.cases()
    person = await talk.person_id()
    _, events, _ = await house.read(lambda unit: unit.cases.her_view(card.id, person))
    assert [(event.kind, event.body) for event in events][1:] == [
        (EventKind.HER_WORDS, "昨天又打电话催我签字"),
        (EventKind.HER_FILE, ""),
    ]
    assert events[-1].facts == {"file": file_id}
    await talk.taps("补充完了")
    await talk.says("怀孕被辞退怎么办")
    talk.hears("待律师审核")


async def test_staff_are_told_of_news_once_in_ten_minutes_without_words(talk: Talk, house: House) -> None:
    await open_case(talk)
    await house.bell()
    await talk.taps("补充")
    for words in ("第一句", "第二句", "第三句"):
        await talk.says(words)
    rung = await house.bell()
    assert len(rung) == 1
    assert "A26-0001" in rung[0].text and "第一句" not in rung[0].text
    house.clock.passes(minutes=11)
    await talk.says("第四句")
    assert len(await house.bell()) == 1


async def test_outside_the_case_her_words_are_a_question_first(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.says("哺乳时间每天一小时怎么休")
    talk.hears("待律师审核")
    await talk.taps("补充到我的事")
    talk.hears("已收到")
    [card] = await house.cases()
    person = await talk.person_id()
    _, events, _ = await house.read(lambda unit: unit.cases.her_view(card.id, person))
    assert events[-1].body == "哺乳时间每天一小时怎么休"


async def test_words_after_the_end_are_offered_to_the_case_for_two_weeks(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.says("我的事")
    await talk.taps("撤回")
    await talk.taps("是，撤回")
    await talk.says("哺乳时间每天一小时怎么休")
    await talk.taps("补充到我的事")
    talk.hears("还没有交上去")
    house.clock.passes(minutes=15 * 24 * 60)
    await talk.says("哺乳时间每天一小时怎么休")
    assert "补充到我的事" not in str(talk)


async def test_adding_the_last_words_twice_keeps_them_once(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.says("哺乳时间每天一小时怎么休")
    action = talk.button("补充到我的事").action
    await talk.acts(action)
    await talk.acts(action)
    [card] = await house.cases()
    events = await house.read(lambda unit: unit.cases.outline(card.id, [EventKind.HER_WORDS]))
    assert len(events) == 1


async def test_a_photo_outside_the_case_can_be_added_by_a_tap(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.says("菜单")
    file_id = await talk.sends()
    await talk.taps("补充到我的事")
    [card] = await house.cases()
    events = await house.read(lambda unit: unit.cases.outline(card.id, [EventKind.HER_FILE]))
    assert [event.facts for event in events] == [{"file": file_id}]


async def test_after_a_day_her_next_words_are_a_question_again(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.taps("补充")
    house.clock.passes(hours=20)
    await talk.says("怀孕被辞退怎么办")
    talk.hears("待律师审核")


async def test_a_message_after_closing_is_offered_reopening_and_comes_along(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.taps("补充")
    await close(house)
    await talk.says("钱还是没有给")
    talk.hears("已办结", "还没有交上去")
    talk.sees_buttons("重新办理", "说一件新的事")
    await talk.taps("重新办理")
    talk.hears("已经重新办", "已收到")
    [card] = await house.cases()
    assert (
        card.status is CaseStatus.ACCEPTED and card.closed_at is None and card.promised_at > house.clock.now()
    )
    person = await talk.person_id()
    _, events, _ = await house.read(lambda unit: unit.cases.her_view(card.id, person))
    assert [event.kind.value for event in events] == ["opened", "closed", "reopened", "her_words"]


async def test_withdrawing_asks_once_and_takes_a_reason(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.says("我的事")
    await talk.taps("撤回")
    talk.hears("要撤回 A26-0001 吗")
    await talk.taps("不撤回")
    assert (await house.cases())[0].status is CaseStatus.NEW
    await talk.taps("撤回")
    await talk.says("单位已经道歉了")
    await talk.says("是")
    talk.hears("已经撤回", "不再往下办")
    [card] = await house.cases()
    assert (card.status, card.outcome) == (CaseStatus.WITHDRAWN, Outcome.WITHDRAWN)
    assert any("已结束" in reply.text for reply in await house.bell())
    person = await talk.person_id()
    _, events, _ = await house.read(lambda unit: unit.cases.her_view(card.id, person))
    assert [event.body for event in events if event.kind is EventKind.HER_WORDS] == ["单位已经道歉了"]


async def test_withdrawing_twice_and_reopening_are_kind(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.says("我的事")
    await talk.taps("撤回")
    yes = talk.button("是，撤回").action
    await talk.acts(yes)
    await talk.acts(yes)
    talk.hears("已经不在办了")
    await talk.acts(yes.replace("withdrawn", "reopen"))
    talk.hears("已经重新办")
    assert (await house.cases())[0].status is CaseStatus.ACCEPTED


async def test_someone_elses_case_looks_like_an_expired_button(talk: Talk, house: House) -> None:
    await open_case(talk)
    [card] = await house.cases()
    other = house.worker()
    for verb in ("see", "say", "code", "phrase", "withdraw", "withdrawn", "reopen", "addlast", "reopenadd"):
        await other.acts(f"c:{verb}:{card.id}")
        other.hears("过期")
        other.does_not_hear("A26-0001", WORDS)
    assert (await house.cases())[0].status is CaseStatus.NEW


# ── the code ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "written",
    [
        lambda code: code,
        in_groups,
        lambda code: in_groups(code).replace(" ", "-"),
        lambda code: (
            " " + "".join(chr(ord(digit) + 0xFEE0) for digit in in_groups(code).replace(" ", "")) + "。"
        ),
        lambda code: in_groups(code).replace(" ", "\n"),
    ],
)
async def test_a_code_typed_anywhere_opens_the_case(talk: Talk, house: House, written) -> None:
    code = await open_case(talk)
    other = house.worker("telegram")
    await other.says(written(code))
    other.hears("接着来", "您关心的事 A26-0001")
    await other.taps("补充")
    await other.says("换了手机")
    other.hears("已收到")
    [card] = await house.cases()
    assert (await house.read(lambda unit: unit.cases.people_of(card.id)))[-1] == await other.person_id()


async def test_with_a_phrase_the_code_alone_is_not_enough(talk: Talk, house: House) -> None:
    code = await open_case(talk)
    await talk.taps("设口令")
    await talk.says("石榴")
    talk.hears("至少 4 个字")
    await talk.says("石榴花开了")
    talk.hears("口令设好了")
    other = house.worker()
    await other.says(code)
    other.hears("请输入您设的口令")
    await other.says("石榴花开")
    other.hears(WRONG)
    await other.says(f"{in_groups(code)} 石榴花开了")
    other.hears("接着来")


async def test_wrong_code_and_wrong_phrase_read_the_same(talk: Talk, house: House) -> None:
    code = await open_case(talk)
    await talk.taps("设口令")
    await talk.says("石榴花开了")
    other, third = house.worker(), house.worker()
    await other.says(f"{code} 错的口令")
    wrong = f"{int(code) + 7:025d}"
    assert read_code(wrong).sound
    await third.says(f"{wrong} 石榴花开了")
    assert [reply.text for reply in other.new] == [reply.text for reply in third.new]
    other.hears(WRONG)


async def test_the_phrase_and_the_code_are_hidden_in_her_transcript(talk: Talk, house: House) -> None:
    code = await open_case(talk)
    await talk.taps("设口令")
    await talk.says("石榴花开了")
    other = house.worker()
    await other.says(f"{code} 石榴花开了")
    for one in (talk, other):
        person = await one.person_id()
        lines = await house.read(lambda unit, person=person: unit.outbox.talk(person, (0, 0, 0), 200))
        assert not any("石榴花开了" in (line.hers or "") or code in (line.hers or "") for line in lines)


@pytest.mark.parametrize(
    ("change", "heard"), [(lambda code: code[:-1], "25 位"), (lambda code: code + "12", "25 位")]
)
async def test_a_code_of_another_length_is_told_so(talk: Talk, house: House, change, heard: str) -> None:
    code = await open_case(talk)
    other = house.worker()
    await other.says(change(code))
    other.hears(heard)


async def test_a_mistyped_digit_is_told_without_asking_the_store(talk: Talk, house: House) -> None:
    code = await open_case(talk)
    other = house.worker()
    for _ in range(20):
        await other.says(code[:-1] + str((int(code[-1]) + 1) % 10))
        other.hears("抄错了")
    await other.says(code)
    other.hears("接着来")


async def test_guessing_is_limited_but_not_for_the_rightful_holder(talk: Talk, house: House) -> None:
    code = await open_case(talk)
    thief = house.worker()
    for number in range(10):
        await thief.says(f"{7 * (number + 1):025d}")
        thief.hears(WRONG)
    await thief.says(code)
    thief.hears("试得太多了")
    await talk.says(code)
    talk.hears("A26-0001")
    house.clock.passes(hours=1, minutes=1)
    await thief.says(f"{7:025d}")
    thief.hears(WRONG)


async def test_all_together_may_try_a_hundred_times_an_hour(house: House) -> None:
    for guesser in range(10):
        thief = house.worker()
        for number in range(10):
            await thief.says(f"{7 * (1 + guesser * 10 + number):025d}")
    last = house.worker()
    await last.says(f"{7:025d}")
    last.hears("试得太多了")


async def test_showing_the_code_again_and_no_digits_where_a_code_was_asked(talk: Talk, house: House) -> None:
    code = await open_case(talk)
    await talk.says("我的事")
    await talk.taps("看回执码")
    talk.hears(in_groups(code))
    other = house.worker()
    await other.says("我的事")
    await other.taps("输入回执码")
    await other.says("1234567890")
    other.hears("25 位")
    assert (await other.session()).place is Place.CODE
    await other.says("怀孕被辞退怎么办")
    other.hears("待律师审核")
