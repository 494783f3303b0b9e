"""Closing, call-back, archive and lessons at the desk, as the pages show them."""

import pytest

from bot.domain.cases import CaseStatus, Confirmed
from bot.domain.staff import Role

CLOSING = {
    "outcome": "mediated", "amount": "八千四百", "recovered_kind": "wages", "evidence": "agreement",
    "people": "2", "how": "电话里谈成的", "text": "单位答应补发。",
}  # fmt: skip


@pytest.fixture
async def desk(house):
    officer = await house.hires("李干事", Role.OFFICER)
    return await house.comes_in(officer)


async def claimed(house, desk):
    card = await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    return card


async def test_everything_typed_is_there_again_when_a_closing_is_refused(house, desk):
    card = await claimed(house, desk)
    wrong = (
        ({"recovered_kind": ""}, "请选是哪一种钱"), ({"evidence": "nonsense"}, "请选有什么凭据"),
        ({"how": " "}, "没有登记过调解"), ({"amount": "-5"}, "不能是负数"),
        ({"outcome": "won"}, "请选一个办理结果"), ({"people": "-1"}, "人数请写成整数"),
        ({"people": "999999"}, "0 到 100000"),
    )  # fmt: skip
    for change, words in wrong:
        sent = CLOSING | change
        await desk.sends(f"/cases/{card.id}/close", **sent)
        assert desk.last.status_code == 422, change
        assert desk.sees(words), change
        assert desk.sees("单位答应补发。")
        assert desk.sees(f'value="{sent["amount"]}"')
        if "evidence" not in change:
            assert desk.sees('<option value="agreement" selected>')
    assert (await house.card(card.id)).status is CaseStatus.ACCEPTED
    assert len(await house.heard(card.id)) == 1


async def test_a_closing_names_what_is_not_done_yet(house, desk):
    card = await claimed(house, desk)
    await desk.sends(f"/cases/{card.id}/drafts", text="还没发出的话")
    await desk.opens(f"/cases/{card.id}")
    assert desk.sees("1 份草稿没有发出")


async def test_the_result_the_call_and_the_archive_stand_on_the_page(house, desk):
    card = await claimed(house, desk)
    await desk.sends(f"/cases/{card.id}/close", **CLOSING)
    await desk.follows()
    for words in (
        "8,400 元（工资）",
        "调解协议",
        "其中已确认</dt><dd>0 元",
        "还没有回答",
        "还没有评价",
        "2 人",
    ):
        assert desk.sees(words), words
    await desk.sends(f"/cases/{card.id}/call-back", call_result="partly", amount="", text="她说下月补齐")
    assert desk.last.status_code == 422
    assert desk.sees("到了多少，请写一个比 0 大")
    assert desk.sees("她说下月补齐")
    await desk.sends(f"/cases/{card.id}/call-back", call_result="", text="她说下月补齐")
    assert desk.sees("请选电话回访的结果")
    await desk.sends(
        f"/cases/{card.id}/call-back", call_result="partly", amount="3千", stars="4", text="她说下月补齐"
    )
    await desk.follows()
    for words in (
        "电话回访已记下",
        "回访中",
        "其中已确认</dt><dd>3,000 元",
        "落实了一部分，3,000 元",
        "满意（4 分）",
    ):
        assert desk.sees(words), words
    assert "她说下月补齐" not in "".join(await house.heard(card.id))
    assert "3,000 元" in (await house.heard(card.id))[-1]
    after = await house.card(card.id)
    assert (after.status, after.confirmed, after.satisfaction) == (CaseStatus.FOLLOW_UP, Confirmed.PARTLY, 4)
    await desk.sends(f"/cases/{card.id}/archive")
    await desk.follows()
    assert desk.sees("归档：工作人员归档")
    assert desk.sees("请负责人重新打开")
    await desk.sends(f"/cases/{card.id}/move", to="accepted", reopen="yes", text="再看一次")
    assert desk.last.status_code == 422
    assert desk.sees("请负责人重新打开")
    acts = [act for act in await house.audited(card.id) if act != "open_case"]
    assert acts == ["claim", "close", "call_back", "file_away"]


async def test_closing_what_somebody_else_closed_meanwhile_is_told_and_keeps_the_words(house, desk):
    card = await claimed(house, desk)
    seen = (await house.card(card.id)).version
    await desk.sends(f"/cases/{card.id}/close", **CLOSING, seen=seen)
    again = CLOSING | {"text": "第二个人写的话"}
    await desk.sends(f"/cases/{card.id}/close", **again, seen=seen)
    assert desk.last.status_code == 409
    assert desk.sees("第二个人写的话")
    assert sum("有了结果" in text for text in await house.heard(card.id)) == 1


async def test_a_lesson_stands_masked_in_the_curators_queue(house, desk):
    card = await claimed(house, desk)
    await desk.sends(f"/cases/{card.id}/lesson", text="")
    assert desk.sees("还没有写内容")
    await desk.sends(f"/cases/{card.id}/lesson", text="某某商贸公司不批产检假，产检算劳动时间")
    await desk.follows()
    assert desk.sees("已推荐给内容编辑")
    curator = await house.comes_in(await house.hires("孙编辑", Role.CURATOR))
    await curator.opens("/content/unanswered?reason=lesson")
    assert curator.sees("不批产检假，产检算劳动时间")
    assert curator.sees("案件里学到的")
    assert not curator.sees("某某商贸公司")
