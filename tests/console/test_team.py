"""The desk for many hands: second pair of eyes, conflict of interest, tasks, playbook, canned answers."""

import re
from dataclasses import replace

import pytest

from bot.domain.cases import CaseStatus, EventKind, ReviewState
from bot.domain.staff import Role
from knowledge.base import Citation
from knowledge.models import Knowledge
from knowledge.playbooks import AskedItem, Playbook, PlaybookStep
from tests.console.small_knowledge import FIFTH, small_knowledge

ADVICE = "根据《女职工劳动保护特别规定》第五条，单位不能辞退您。"


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    def step(name: str, days: int, law: Citation = FIFTH) -> PlaybookStep:
        return PlaybookStep(id=name, title=f"步骤{name}", why="为了她", citations=(law,), due_days=days)

    book = Playbook(
        id="maternity",
        steps=(step("first", 1), step("second", 5), step("third", 20)),
        ask=tuple(AskedItem(id=f"a{at}", text=text) for at, text in enumerate(("产检本", "工资条", "合同"))),
    )
    return replace(small_knowledge(), playbooks={"maternity": book})


async def _draft(house, case_id: str):
    opened = await house.write(
        lambda unit: unit.cases.reveal(
            case_id, unit.audit.append("s", "open_case", case_id, house.clock.now())
        )
    )
    return opened.drafts


async def test_advice_goes_out_only_after_a_lawyer_has_approved_these_very_words(house):
    officer, lawyer = await house.hires("李干事", Role.OFFICER), await house.hires("赵律师", Role.LAWYER)
    other = await house.hires("钱律师", Role.LAWYER)
    desk, theirs = await house.comes_in(officer), await house.comes_in(lawyer)
    card, stranger = await house.case(), await house.case(assignee="somebody")
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.sends(f"/cases/{card.id}/drafts", text=ADVICE)
    page = await desk.follows()
    draft = await desk.draft_in(card.id)
    assert "需要复核" in page.text
    assert f"/drafts/{draft}/send" not in page.text, "no button that would be refused"
    await desk.sends(f"/cases/{card.id}/drafts/{draft}/send")
    assert desk.last.status_code == 422
    assert desk.sees("请律师或负责人复核过才能发给她")
    assert not any("特别规定" in text for text in await house.heard(card.id))
    assert (await theirs.opens(f"/cases/{card.id}")).status_code == 404
    await desk.sends(f"/cases/{card.id}/drafts/{draft}/approve")
    assert desk.last.status_code == 404, "an officer does not approve"

    await desk.sends(f"/cases/{card.id}/drafts/{draft}/review", reviewer=lawyer.id)
    assert (await desk.follows()).status_code == 200
    assert desk.sees("已请赵律师看")
    assert (await theirs.opens("/cases?tab=review")).text.count(card.number) == 1
    assert stranger.number not in theirs.last.text
    assert (await (await house.comes_in(other)).opens(f"/cases/{card.id}")).status_code == 404
    page = await theirs.opens(f"/cases/{card.id}")
    assert "复核通过" in page.text
    assert "发送给她" not in page.text
    for act in ("send", "drop"):
        await theirs.sends(f"/cases/{card.id}/drafts/{draft}/{act}")
        assert theirs.last.status_code == 404, act
    assert (await theirs.opens(f"/cases/{stranger.id}")).status_code == 404

    await theirs.sends(f"/cases/{card.id}/drafts/{draft}/return", text="请写明哪一款")
    await theirs.follows()
    assert theirs.sees("已退回")
    assert (await theirs.opens(f"/cases/{card.id}")).status_code == 404, "answered: closed again"
    await desk.opens(f"/cases/{card.id}")
    assert desk.sees("请写明哪一款")
    await desk.sends(f"/cases/{card.id}/drafts/{draft}/send")
    assert desk.last.status_code == 422

    await desk.sends(f"/cases/{card.id}/drafts", text=ADVICE + "（第一款）", replaces=draft)
    second = await desk.draft_in(card.id)
    await desk.sends(f"/cases/{card.id}/drafts/{second}/review", reviewer="")
    await theirs.sends(f"/cases/{card.id}/drafts/{second}/approve")
    assert theirs.last.status_code == 303
    await desk.sends(f"/cases/{card.id}/drafts", text="谢谢您，我们在办。", replaces=second)
    third = await desk.draft_in(card.id)
    await desk.sends(f"/cases/{card.id}/drafts/{third}/send")
    assert desk.last.status_code == 422, "any edit needs new eyes"
    await desk.sends(f"/cases/{card.id}/drafts/{third}/review", reviewer=lawyer.id)
    await theirs.sends(f"/cases/{card.id}/drafts/{third}/approve")
    await desk.opens(f"/cases/{card.id}")
    assert desk.sees("已复核")
    await desk.sends(f"/cases/{card.id}/drafts/{third}/send")
    assert desk.last.status_code == 303
    heard = "".join(await house.heard(card.id))
    assert "谢谢您，我们在办。" in heard
    assert "请写明哪一款" not in heard
    assert {"ask_review", "return_draft", "approve_draft"} <= set(await house.audited(card.id))


async def test_nobody_approves_her_own_words_and_a_tick_is_enough_to_need_it(house):
    leader = await house.hires("王主任", Role.LEADER)
    desk, card = await house.comes_in(leader), await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.sends(f"/cases/{card.id}/drafts", text="我的意见是先不要走。", advice="yes")
    draft = await desk.draft_in(card.id)
    await desk.sends(f"/cases/{card.id}/drafts/{draft}/approve")
    assert desk.last.status_code == 422
    assert desk.sees("要请另一位来复核")
    await desk.sends(f"/cases/{card.id}/drafts/{draft}/review", reviewer=leader.id)
    assert desk.sees("不能复核这份草稿")
    await desk.sends(f"/cases/{card.id}/drafts/{draft}/send")
    assert desk.last.status_code == 422
    ((kept),) = await _draft(house, card.id)
    assert kept.review is ReviewState.NEEDED


async def test_a_lawyer_who_is_asked_writes_and_a_leader_approves(house):
    officer, lawyer = await house.hires("李干事", Role.OFFICER), await house.hires("赵律师", Role.LAWYER)
    leader = await house.hires("王主任", Role.LEADER)
    desk, theirs, hers = [await house.comes_in(one) for one in (officer, lawyer, leader)]
    card = await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.sends(f"/cases/{card.id}/opinion", reviewer=lawyer.id, text="能不能要求继续上班？")
    await theirs.opens(f"/cases/{card.id}")
    assert theirs.sees("能不能要求继续上班？")
    assert theirs.sees("由办理的人发送")
    await theirs.sends(f"/cases/{card.id}/move", to="mediating")
    assert theirs.last.status_code == 404
    await theirs.sends(f"/cases/{card.id}/drafts", text=ADVICE)
    draft = await theirs.draft_in(card.id)
    await theirs.sends(f"/cases/{card.id}/drafts/{draft}/approve")
    assert theirs.last.status_code == 422
    await hers.sends(f"/cases/{card.id}/drafts/{draft}/approve")
    assert hers.last.status_code == 303
    await desk.sends(f"/cases/{card.id}/drafts/{draft}/send")
    assert ADVICE in (await house.heard(card.id))[-1]
    assert (await theirs.opens(f"/cases/{card.id}")).status_code == 404


async def test_who_answers_and_may_not_open_the_case_any_more_reads_on_her_list_what_she_did(house):
    officer, lawyer = await house.hires("李干事", Role.OFFICER), await house.hires("赵律师", Role.LAWYER)
    desk, theirs = await house.comes_in(officer), await house.comes_in(lawyer)
    card = await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    for text, act, fields, said in (
        (ADVICE, "approve", {}, "已复核通过"),
        (ADVICE, "return", {"text": "少了第二款"}, "已退回"),
    ):
        before = await desk.drafts_in(card.id)
        await desk.sends(f"/cases/{card.id}/drafts", text=text)
        (draft,) = set(await desk.drafts_in(card.id)) - set(before)
        await desk.sends(f"/cases/{card.id}/drafts/{draft}/review", reviewer=lawyer.id)
        await theirs.sends(f"/cases/{card.id}/drafts/{draft}/{act}", **fields)
        assert (await theirs.follows()).status_code == 200
        assert theirs.sees(said)
        assert (await theirs.opens(f"/cases/{card.id}")).status_code == 404


async def test_who_has_to_do_with_the_employer_loses_sight_of_the_case_at_once(house):
    officer, leader = await house.hires("李干事", Role.OFFICER), await house.hires("王主任", Role.LEADER)
    desk, hers = await house.comes_in(officer), await house.comes_in(leader)
    card = await house.case("独角兽", employer_id="mill")
    sister = await house.case("独角兽二", employer_id="mill", assignee=officer.id)
    await desk.opens(f"/cases/{card.id}")
    assert desk.sees("我与该单位有关系")
    await desk.sends(f"/cases/{card.id}/claim", related="yes")
    assert (await desk.follows()).status_code == 200
    assert desk.sees("已登记回避")
    assert (await house.card(card.id)).assignee is None
    assert (await house.card(sister.id)).assignee is None, "the other case about this employer is free again"
    missing = await desk.opens("/cases/feedface")
    for one in (card, sister):
        assert (await desk.opens(f"/cases/{one.id}")).content == missing.content
        for path in ("/cases?tab=all", "/cases?tab=unclaimed", "/cases?q=独角兽", f"/cases?q={one.number}"):
            assert one.id not in (await desk.opens(path)).text, path
    await desk.sends(f"/cases/{card.id}/claim")
    assert desk.last.status_code == 404
    await hers.sends(f"/cases/{card.id}/assign", staff=officer.id)
    assert hers.last.status_code == 422
    assert hers.sees("要回避这件事")
    await hers.sends(f"/cases/{card.id}/conflict/lift", staff=officer.id)
    assert hers.last.status_code == 303
    assert (await desk.opens(f"/cases/{card.id}")).status_code == 200


async def test_a_handler_who_steps_back_leaves_the_draft_with_the_case(house):
    officer, second = await house.hires("李干事", Role.OFFICER), await house.hires("周干事", Role.OFFICER)
    desk, next_desk = await house.comes_in(officer), await house.comes_in(second)
    card = await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.sends(f"/cases/{card.id}/drafts", text="写了一半的话")
    await desk.sends(f"/cases/{card.id}/conflict")
    await next_desk.sends(f"/cases/{card.id}/claim")
    await next_desk.opens(f"/cases/{card.id}")
    assert next_desk.sees("写了一半的话")
    assert (await house.card(card.id)).status is CaseStatus.ACCEPTED


async def test_the_playbook_becomes_tasks_with_days_and_ticks(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.sends(f"/cases/{card.id}/playbook")
    await desk.follows()
    assert desk.sees("步骤first")
    assert desk.sees("《女职工劳动保护特别规定》第五条")
    page = (await desk.opens("/cases?tab=tasks")).text
    assert page.count(card.number) == 3
    days = re.findall(r"clock \w+\">([^<]+)<", page)
    assert days[:2] == ["2026年11月24日", "2026年11月30日"], "1 and 5 working days after Sunday 22 November"
    await desk.sends(f"/cases/{card.id}/playbook/tick", step="first")
    await desk.opens("/cases?tab=tasks")
    assert desk.last.text.count(card.number) == 2
    await desk.sends(f"/cases/{card.id}/playbook/tick", step="first", open="yes")
    assert (await desk.opens("/cases?tab=tasks")).text.count(card.number) == 3
    await desk.sends(f"/cases/{card.id}/playbook/tick", step="nonsense")
    assert desk.last.status_code == 422


async def test_a_step_ticked_first_does_not_take_the_days_of_the_others_away(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.sends(f"/cases/{card.id}/playbook/tick", step="first")
    await desk.sends(f"/cases/{card.id}/playbook/tick", step="second")
    await desk.sends(f"/cases/{card.id}/playbook/tick", step="second", open="yes")
    await desk.opens(f"/cases/{card.id}")
    assert desk.sees("按清单办，排好日子")
    await desk.sends(f"/cases/{card.id}/playbook")
    await desk.follows()
    assert not desk.sees("按清单办，排好日子")
    assert desk.sees("办理清单 <small>1 / 3</small>"), "what was ticked stays ticked"
    days = re.findall(r"clock \w+\">([^<]+)<", (await desk.opens("/cases?tab=tasks")).text)
    assert days[:2] == ["2026年11月30日", "2026年12月21日"], "5 and 20 working days"
    await desk.sends(f"/cases/{card.id}/close", outcome="advised", people="1", text="都说清楚了")
    assert desk.last.status_code == 303
    assert not (await desk.follows()).text.count("办理清单"), "nothing is left to do in an ended case"


async def test_a_long_case_folds_what_is_old_and_never_what_waits_for_an_answer(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case()
    await desk.sends(f"/cases/{card.id}/claim")

    async def hers(*words: str) -> None:
        for text in words:
            await house.write(lambda unit, text=text: unit.cases.add_event(
                card.id, EventKind.HER_WORDS, by="worker", at=house.clock.now(), body=text))  # fmt: skip

    await hers(*(f"旧话{at}" for at in range(5)))
    await desk.writes_and_sends(card.id, "答复过了")
    await hers(*(f"新话{at}" for at in range(9)))
    page = (await desk.opens(f"/cases/{card.id}")).text
    talk = page[page.index('id="talk"') :]
    folded, _, shown = talk[: talk.index("</section>")].partition("</details>")
    assert "旧话4" in folded and "更早的 5 条" in folded
    assert all(f"新话{at}" in shown for at in range(9)) and "答复过了" in shown
    timeline = page[page.index('id="timeline"') :]
    shown, _, folded = timeline.partition("<details")
    assert shown.count("<li>") == 8 and "她补充了文字" in shown
    assert "登记" not in shown and "登记" in folded, "the first event stands last"


async def test_what_is_missing_becomes_a_draft_that_asks_her(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.sends(f"/cases/{card.id}/checklist")
    assert desk.last.status_code == 422
    assert desk.sees("请至少勾选一样")
    token = await desk.form_token()
    await desk.client.post(
        f"/console/cases/{card.id}/checklist",
        data={"csrf": token, "item": ["a0", "a2"]},
        headers={"origin": "http://127.0.0.1:8080"},
    )
    draft = await desk.draft_in(card.id)
    await desk.sends(f"/cases/{card.id}/drafts/{draft}/send")
    last = (await house.heard(card.id))[-1]
    assert "·产检本\n·合同" in last
    assert "工资条" not in last


async def test_tasks_and_calls_stay_inside_and_refuse_days_that_cannot_be(house):
    officer, lawyer = await house.hires("李干事", Role.OFFICER), await house.hires("赵律师", Role.LAWYER)
    desk, card = await house.comes_in(officer), await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.sends(f"/cases/{card.id}/tasks", text="问仲裁院", due="2026-11-25")
    await desk.follows()
    assert desk.sees("问仲裁院")
    for fields, words in (
        ({"due": "2026-11-01"}, "截止日期已经过去了"),
        ({"due": "下周三"}, "日期看不懂"),
        ({"due": "2026-11-25", "taker": lawyer.id}, "看不到这件事"),
    ):
        await desk.sends(f"/cases/{card.id}/tasks", text="长长的待办内容", **fields)
        assert desk.last.status_code == 422
        assert desk.sees(words)
        assert desk.sees("长长的待办内容")
    said = {"text": "约好周四谈", "contact": "call", "whom": "employer", "minutes": "12"}
    await desk.sends(f"/cases/{card.id}/contacts", when="2026-11-22T10:30", **said)
    await desk.follows()
    assert desk.sees("约好周四谈")
    assert desk.sees("用人单位 · 今天（11月22日）10:30 · 12 分钟")
    for when, words in (
        ("2026-11-23T10:30", "时间还没有到"), ("明天", "时间看不懂"), ("", "还没有写时间"),
        ("2020-01-01T10:30", "时间太早了"), ("9999-12-31T23:59", "时间还没有到"),
        ("0001-01-01T00:00", "时间看不懂"),
    ):  # fmt: skip
        await desk.sends(f"/cases/{card.id}/contacts", when=when, **said)
        assert desk.last.status_code == 422, when
        assert desk.sees(words), when
    await desk.sends(f"/cases/{card.id}/contacts", when="2026-11-22T10:30", **(said | {"minutes": "-5"}))
    assert desk.sees("时长请写 0 到 1440")
    heard = "".join(await house.heard(card.id))
    assert "约好周四谈" not in heard
    assert "问仲裁院" not in heard


async def test_a_canned_answer_is_found_and_put_in_without_losing_what_was_typed(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.sends(f"/cases/{card.id}/canned", text="您好，", canned="怀孕被辞退怎么办")
    assert desk.last.status_code == 200
    assert desk.sees("您好，</textarea>")
    assert desk.sees("《女职工劳动保护特别规定》第五条")
    await desk.sends(f"/cases/{card.id}/canned", text="您好，", insert="pregnancy-dismissal")
    text = re.search(r'aria-label="写给她的话"[^>]*>(.*?)</textarea>', desk.last.text, re.DOTALL)[1]
    assert text.startswith("您好，\n\n不能因为您怀孕辞退您。请打 12351。")
    assert "1. 请单位书面写明理由" in text
    assert "《女职工劳动保护特别规定》第五条" in text
    assert await desk.drafts_in(card.id) == [], "putting in keeps nothing yet"
    await desk.sends(f"/cases/{card.id}/canned", text="您好，", canned="<b>没有</b>")
    assert desk.sees("您好，")
    assert not desk.sees("<b>没有</b>")
