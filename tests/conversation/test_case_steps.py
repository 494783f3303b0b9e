"""The steps of opening a case: back, skip, edit, cancel, restart, drafts that wait, taps that come late."""

import pytest

from bot.conversation.session import Step
from bot.domain.incoming import FileKind
from tests.conversation.steps import (
    WORDS,
    agree,
    at_level,
    at_review,
    code_on_screen,
    from_level,
    her_view,
    open_case,
)
from tests.talk import House, Talk, open_house


async def test_every_question_may_be_unknown_skipped_or_gone_back_from(talk: Talk, house: House) -> None:
    await at_level(talk)
    await talk.taps("匿名")
    await talk.says(WORDS)
    await talk.taps("说完了")
    for number in ("（1/4）", "（2/4）", "（2/4）", "（3/4）", "（4/4）"):
        talk.hears(number)
        talk.sees_buttons("不知道", "跳过", "返回")
        await talk.says("不知道")
    talk.hears("时间：不知道", "希望：不知道")
    await talk.taps("提交")
    _, answers, *_ = await her_view(talk, house)
    assert {answers.since, answers.district, answers.employer, answers.evidence, answers.wish} == {"unknown"}


async def test_skipped_answers_are_none(talk: Talk, house: House) -> None:
    await at_level(talk)
    await talk.taps("匿名")
    await talk.says(WORDS)
    await talk.taps("说完了")
    for _ in range(5):
        await talk.says("跳过")
    await talk.taps("提交")
    _, answers, *_ = await her_view(talk, house)
    assert {answers.since, answers.district, answers.employer, answers.evidence, answers.wish} == {None}


async def test_back_never_loses_what_was_answered_later(talk: Talk) -> None:
    await at_review(talk)
    for _ in range(4):
        await talk.says("返回")
    talk.hears("（2/4）", "现在写的是：金凤区")
    for _ in range(4):
        await talk.taps("不改")
    talk.hears("时间：上周三", "地点：金凤区", "单位：万家超市", "证据：有书面的", "希望：想继续上班")


async def test_back_from_the_first_step_leaves_nothing_behind(talk: Talk) -> None:
    await talk.says("找工会帮我")
    await talk.taps("返回")
    talk.hears("您遇到了什么事")
    assert (await talk.session()).draft is None


@pytest.mark.parametrize(
    ("field", "say", "line"),
    [
        ("改经过", "改过的经过", "经过：老板说我怀孕了让我不用来了\n改过的经过"),
        ("改时间", "前天", "时间：前天"),
        ("改单位", "另一家店", "单位：另一家店"),
        ("改证据", "录音", "证据：录音"),
        ("改希望", "先问问", "希望：先问问"),
    ],
)
async def test_every_field_of_the_review_can_be_edited(talk: Talk, field: str, say: str, line: str) -> None:
    await at_review(talk)
    await talk.taps(field)
    await talk.says(say)
    if field == "改经过":
        await talk.taps("说完了")
    talk.hears("请看一遍", line)


async def test_the_district_can_be_edited_by_a_tap(talk: Talk) -> None:
    await at_review(talk)
    await talk.taps("改地点")
    await talk.taps("贺兰县")
    talk.hears("地点：贺兰县", "单位：万家超市")


async def test_district_and_employer_in_one_breath(talk: Talk) -> None:
    await at_level(talk)
    await talk.taps("匿名")
    await talk.says(WORDS)
    await talk.taps("说完了")
    await talk.taps("昨天")
    await talk.says("金凤的大阳光超市")
    talk.hears("（3/4）")
    draft = (await talk.session()).draft
    assert draft is not None
    assert (draft.answers.since, draft.answers.district, draft.answers.employer) == (
        "2026年11月21日", "金凤区", "大阳光超市",
    )  # fmt: skip


async def test_name_and_contact_are_asked_only_where_the_level_needs_them(talk: Talk, house: House) -> None:
    await at_review(talk, "实名")
    talk.hears("称呼：马女士", "联系方式：13912345678")
    await talk.taps("改留名")
    await talk.taps("匿名")
    talk.does_not_hear("马女士", "13912345678")
    await talk.taps("提交")
    _, answers, *_ = await her_view(talk, house)
    assert (answers.name, answers.contact) == (None, None)


async def test_a_fuller_level_asks_for_the_contact_then(talk: Talk) -> None:
    await at_review(talk)
    await talk.taps("改留名")
    await talk.taps("只给工会")
    talk.hears("怎么称呼您")
    await talk.taps("跳过")
    talk.hears("怎么联系您方便")
    await talk.says("晚上八点以后")
    talk.hears("请看一遍", "联系方式：晚上八点以后", "希望：想继续上班")


async def test_files_come_in_at_any_step(talk: Talk, house: House) -> None:
    await talk.says("找工会帮我")
    before = await talk.sends(FileKind.PHOTO)
    assert (await talk.session()).draft.files == ()
    await agree(talk)
    await talk.taps("匿名")
    told = await talk.sends(FileKind.VOICE)
    talk.hears("收到，放进去了")
    await talk.says(WORDS)
    await talk.taps("说完了")
    shown = await talk.sends(FileKind.DOCUMENT)
    for _ in range(5):
        await talk.taps("跳过")
    talk.hears("文件：3")
    await talk.taps("提交")
    [card] = await house.cases()

    def reveal(unit):
        return unit.cases.reveal(card.id, unit.audit.append("test", "open", card.id, house.clock.now()))

    assert {file.id for file in (await house.write(reveal)).files} == {before, told, shown}


async def test_a_photo_alone_is_enough_and_nothing_at_all_is_not(talk: Talk, house: House) -> None:
    await at_level(talk)
    await talk.taps("匿名")
    await talk.acts("o:done:happened")
    talk.hears("还没有写发生了什么")
    await talk.sends()
    await talk.taps("说完了")
    for _ in range(5):
        await talk.taps("跳过")
    await talk.taps("提交")
    talk.hears("已收到")


@pytest.mark.parametrize("agreed_before", [0, 1])
async def test_refusing_a_consent_keeps_questions_and_telephones(
    talk: Talk, house: House, agreed_before: int
) -> None:
    await talk.says("找工会帮我")
    for _ in range(agreed_before):
        await talk.taps("同意")
    await talk.says("不同意")
    talk.hears("什么都没有交", "12351", "12348")
    assert (await talk.session()).draft is None
    await talk.says("怀孕被辞退怎么办")
    talk.hears("待律师审核")
    assert not await house.cases()


async def test_on_telegram_a_third_consent_tells_who_carries_it(house: House) -> None:
    talk = house.worker("telegram")
    await talk.says("找工会帮我")
    await talk.taps("同意")
    await talk.taps("同意")
    talk.hears("境外")
    await talk.taps("不同意")
    talk.hears("网页")
    await open_case(talk)
    person = await talk.person_id()
    consents = await house.read(lambda unit: unit.people.consents(person))
    assert {kind for kind, *_ in consents} == {"processing", "handing_over", "carried"}


async def test_consents_are_kept_with_the_version_of_the_text_and_the_time(talk: Talk, house: House) -> None:
    await talk.says("找工会帮我")
    shown = talk.new[0].text
    house.clock.passes(seconds=40)
    agreed_at = house.clock.now()
    await talk.taps("同意")
    house.clock.passes(hours=1)
    await talk.taps("同意")
    await from_level(talk)
    await talk.taps("提交")
    person = await talk.person_id()
    import hashlib

    version = hashlib.sha256(shown.encode()).hexdigest()[:16]
    rows = await house.read(lambda unit: unit.people.consents(person))
    assert ("processing", version, agreed_at) in rows


async def test_cancel_asks_once_and_erases(talk: Talk, house: House) -> None:
    await at_review(talk)
    await talk.says("取消")
    talk.hears("不写了吗")
    await talk.says("不")
    talk.hears("请看一遍")
    await talk.says("取消")
    await talk.says("是")
    talk.hears("什么都没有交")
    assert (await talk.session()).draft is None
    assert not await house.cases()


async def test_restart_asks_once(talk: Talk) -> None:
    await at_review(talk)
    await talk.says("重新开始")
    await talk.taps("继续写")
    talk.hears("请看一遍")
    await talk.says("重新开始")
    await talk.taps("从头开始")
    draft = (await talk.session()).draft
    assert draft is not None and draft.step is Step.PROCESSING and not draft.has_content


async def test_help_in_the_middle_comes_back_to_the_question(talk: Talk) -> None:
    await at_level(talk)
    await talk.says("帮助")
    talk.hears("直接打字说您的事", "您想怎么留名")


async def test_a_draft_survives_a_restart_and_days(tmp_path, knowledge, wording, search, clock) -> None:
    async with open_house(tmp_path, knowledge, wording, search, clock) as house:
        talk = house.worker(name="she")
        await at_review(talk)
    clock.passes(days=6)
    async with open_house(tmp_path, knowledge, wording, search, clock) as house:
        talk = house.worker(name="she")
        await talk.says("怀孕被辞退怎么办")
        talk.hears("待律师审核", "您有一项没写完的内容")
        talk.does_not_hear("万家超市")
        await talk.taps("接着写")
        talk.hears("请看一遍", "万家超市")
        await talk.taps("提交")
        talk.hears("已收到")


async def test_an_old_draft_is_gone_after_seven_days_and_she_is_told(talk: Talk, house: House) -> None:
    await at_review(talk)
    house.clock.passes(days=7, minutes=1)
    await talk.says("菜单")
    talk.hears("放了 7 天，已经删掉了")
    assert (await talk.session()).draft is None


async def test_not_yet_keeps_it_and_the_menu_offers_it(talk: Talk) -> None:
    await at_review(talk)
    await talk.taps("先不交")
    talk.hears("先放着")
    talk.sees_buttons("接着写")
    await talk.says("找工会帮我")
    talk.hears("您有一项没写完的内容")
    await talk.taps("接着写")
    talk.hears("请看一遍")


async def test_submitting_twice_opens_one_case(talk: Talk, house: House) -> None:
    await at_review(talk)
    submit = talk.button("提交").action
    await talk.acts(submit)
    await talk.acts(submit)
    talk.hears("这份已经交了")
    assert len(await house.cases()) == 1


async def test_a_forged_submit_without_consent_leads_to_the_consent(talk: Talk, house: House) -> None:
    await talk.says("找工会帮我")
    await talk.acts("o:submit")
    talk.hears("您同意")
    await talk.acts("o:level:named")
    await talk.acts("o:yes:handing_over")
    talk.hears("记下什么")
    assert not await house.cases()


async def test_stale_taps_of_earlier_steps_change_nothing(talk: Talk) -> None:
    await at_review(talk)
    for action in (
        "o:skip:since",
        "o:unknown:wish",
        "o:pick:district-1",
        "o:level:named",
        "o:yes:processing",
    ):
        await talk.acts(action)
        talk.hears("请看一遍", "时间：上周三", "地点：金凤区", "留名：匿名", "希望：想继续上班")


async def test_a_second_case_is_offered_to_be_added_to_the_first(talk: Talk, house: House) -> None:
    await open_case(talk)
    await talk.says("找工会帮我")
    talk.hears("已经交过一件", "A26-0001")
    await talk.taps("这是另一件事")
    await agree(talk)
    await from_level(talk)
    await talk.taps("提交")
    assert sorted(card.number for card in await house.cases()) == ["A26-0001", "A26-0002"]


async def test_markup_and_braces_of_hers_stay_her_words(talk: Talk, house: House) -> None:
    words = "<b>{hotline}</b> {0.__class__} {{7*7}} '; DROP TABLE cases;-- *_[x](y)"
    await at_level(talk)
    await talk.taps("匿名")
    await talk.says(words)
    talk.hears(words)
    await talk.taps("说完了")
    for _ in range(5):
        await talk.taps("跳过")
    talk.hears(words)
    await talk.taps("提交")
    _, answers, *_ = await her_view(talk, house)
    assert answers.happened == words


async def test_the_bell_rings_with_nothing_of_her_story(talk: Talk, house: House) -> None:
    await open_case(talk, "实名")
    [card] = await house.cases()
    [rung] = await house.bell()
    assert rung.card == f"bell:{card.id}"
    assert "A26-0001" in rung.text and "金凤区" in rung.text and "一般" in rung.text
    for secret in (WORDS, "万家超市", "马女士", "13912345678", "上周三"):
        assert secret not in rung.text
    actions = {button.label: button.action or button.url for button in rung.buttons()}
    assert actions == {
        "认领": f"g:claim:{card.id}",
        "打开工作台": f"https://example.test/console/cases/{card.id}",
        "起草回复": f"g:draft:{card.id}",
    }


@pytest.mark.parametrize(("channel", "forwarded"), [("telegram", True), ("webchat", False)])
async def test_the_story_rings_only_where_house_and_she_both_agreed(
    tmp_path, knowledge, wording, search, clock, channel: str, forwarded: bool
) -> None:
    async with open_house(tmp_path, knowledge, wording, search, clock, forward_case_text=True) as house:
        talk = house.worker(channel)
        await open_case(talk)
        assert any(WORDS in reply.text for reply in await house.bell()) is forwarded


async def test_the_code_is_new_every_time_and_reads_back(talk: Talk, house: House) -> None:
    codes = set()
    for _ in range(3):
        other = house.worker()
        await open_case(other)
        codes.add(code_on_screen(other))
    assert len(codes) == 3
