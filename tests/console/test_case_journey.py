"""A case from claim to closing at the desk, and what reaches her."""

import re

from bot.domain.cases import CaseStatus, EventKind
from bot.domain.staff import Role


async def test_an_officer_claims_answers_and_closes_and_she_hears_every_step(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk = await house.comes_in(officer)
    card = await house.case()

    await desk.opens("/cases?tab=unclaimed")
    assert desk.sees(card.number)
    await desk.opens(f"/cases/{card.id}")
    assert desk.sees("怀孕七个月老板让我走")
    assert desk.sees("认领这件事")

    await desk.sends(f"/cases/{card.id}/claim")
    await desk.follows()
    assert desk.sees("已认领")
    assert (await house.heard(card.id))[-1].startswith("您的事已有人接手")
    claimed = await house.card(card.id)
    assert (claimed.status, claimed.assignee) == (CaseStatus.ACCEPTED, officer.id)

    await desk.sends(f"/cases/{card.id}/drafts", text="请先别签任何文件。\n明天我陪您去。", kind="reply")
    await desk.follows()
    assert desk.sees("草稿（她还看不到）")
    assert len(await house.heard(card.id)) == 1, "a draft must not reach her"
    draft = re.search(rf"/console/cases/{card.id}/drafts/(\w+)/send", desk.last.text)[1]
    await desk.sends(f"/cases/{card.id}/drafts/{draft}/send")
    page = await desk.follows()
    assert desk.sees("等待送达")
    assert "请先别签任何文件。\n明天我陪您去。" in (await house.heard(card.id))[-1]
    assert f"/drafts/{draft}/" not in page.text

    await desk.sends(f"/cases/{card.id}/move", to="mediating", text="已约单位周四谈")
    assert "调解中" in (await house.heard(card.id))[-1]
    assert "已约单位周四谈" in (await house.heard(card.id))[-1]

    await desk.sends(
        f"/cases/{card.id}/close",
        outcome="mediated",
        amount="8,400元",
        recovered_kind="wages",
        evidence="agreement",
        people="1",
        text="恢复上班，补发工资。",
    )
    await desk.follows()
    assert desk.sees("8,400 元")
    last = (await house.heard(card.id))[-1]
    assert "调解成功" in last
    assert "恢复上班，补发工资。" in last
    assert "重新办理" in last
    closed = await house.card(card.id)
    assert (closed.status, closed.recovered_fen, closed.people_helped) == (CaseStatus.CLOSED, 840_000, 1)

    await desk.opens("/")
    assert re.search(r"追回金额</dt><dd>8,400 元", desk.last.text)
    acts = await house.audited(card.id)
    assert [act for act in acts if act != "open_case"] == ["claim", "draft", "send_reply", "move", "close"]


async def test_every_message_to_her_is_private_and_offers_the_next_step(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.writes_and_sends(card.id, "哪天的事？", kind="ask_more")

    def read(unit):
        person = unit.cases.people_of(card.id)[-1]
        return [line.reply for line in unit.outbox.talk(person, (0, 0, 0), 10)]

    claimed, question = await house.store.read(read)
    assert claimed.private
    assert question.private
    assert "想请您补充" in question.text
    assert [button.label for button in question.buttons()] == ["补充", "看进度"]
    assert "怀孕" not in claimed.text, "no case words in what a lock screen may show"


async def test_a_reply_shows_as_delivered_once_the_channel_says_so(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.writes_and_sends(card.id, "收到，我来办。")
    await desk.opens(f"/cases/{card.id}")
    assert desk.sees("等待送达")
    now = house.clock.now()

    def deliver(unit):
        while rows := unit.outbox.claim("webchat", now, 10):
            for row in rows:
                unit.outbox.sent(row.seq, "", now)

    await house.write(deliver)
    await desk.opens(f"/cases/{card.id}")
    assert desk.sees("已送达")
    assert not desk.sees("等待送达")


async def test_sending_a_draft_twice_sends_it_once(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.sends(f"/cases/{card.id}/drafts", text="只发一次")
    page = await desk.opens(f"/cases/{card.id}")
    draft = re.search(r"/drafts/(\w+)/send", page.text)[1]
    await desk.sends(f"/cases/{card.id}/drafts/{draft}/send")
    await desk.sends(f"/cases/{card.id}/drafts/{draft}/send")
    assert desk.last.status_code == 422
    assert desk.sees("已经发出或作废")
    assert sum("只发一次" in text for text in await house.heard(card.id)) == 1


async def test_a_note_stays_inside_and_a_dropped_draft_is_gone(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.sends(f"/cases/{card.id}/notes", text="单位换过法人")
    await desk.sends(f"/cases/{card.id}/drafts", text="写错了的话")
    page = await desk.opens(f"/cases/{card.id}")
    assert desk.sees("单位换过法人")
    draft = re.search(r"/drafts/(\w+)/drop", page.text)[1]
    await desk.sends(f"/cases/{card.id}/drafts/{draft}/drop")
    await desk.opens(f"/cases/{card.id}")
    assert not desk.sees("写错了的话")
    heard = "".join(await house.heard(card.id))
    assert "单位换过法人" not in heard
    assert "写错了的话" not in heard

    def hers(unit):
        return unit.cases.her_view(card.id, unit.cases.people_of(card.id)[-1])[1]

    kinds = {event.kind for event in await house.store.read(hers)}
    assert not kinds & {EventKind.NOTE, EventKind.DRAFT}


async def test_a_closed_case_is_opened_again_and_its_sum_no_longer_counts(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.sends(
        f"/cases/{card.id}/close", outcome="mediated", amount="1.2万", people="2",
        recovered_kind="severance", evidence="transfer", how="电话里谈成的",
    )  # fmt: skip
    assert (await house.card(card.id)).recovered_fen == 1_200_000
    await desk.sends(f"/cases/{card.id}/drafts", text="还有一句")
    assert desk.last.status_code == 422
    assert desk.sees("请先重新打开")
    await desk.sends(f"/cases/{card.id}/move", to="accepted", reopen="yes", text="单位没有付钱")
    again = await house.card(card.id)
    assert (again.status, again.recovered_fen, again.outcome) == (CaseStatus.ACCEPTED, 0, None)
    assert again.promised_at > house.clock.now()
    assert "重新开始办理" in (await house.heard(card.id))[-1]
    await desk.opens("/")
    assert desk.sees("0 元")


async def test_only_moves_that_the_table_allows_are_taken(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case()
    await desk.sends(f"/cases/{card.id}/move", to="mediating")
    assert desk.last.status_code == 422
    assert desk.sees("请先认领")
    await desk.sends(f"/cases/{card.id}/claim")
    for to, status in (("closed", 409), ("withdrawn", 409), ("accepted", 409), ("nonsense", 404)):
        await desk.sends(f"/cases/{card.id}/move", to=to, text="说明")
        assert desk.last.status_code == status, to
    assert (await house.card(card.id)).status is CaseStatus.ACCEPTED


async def test_what_was_typed_is_shown_again_when_closing_is_refused(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    for amount, words in (("大约八千四", "金额看不懂"), ("-5", "不能是负数"), ("99999999999", "金额太大")):
        await desk.sends(
            f"/cases/{card.id}/close", outcome="mediated", amount=amount, people="3", text="长长的说明"
        )
        assert desk.last.status_code == 422
        assert desk.sees(words)
        assert desk.sees("长长的说明")
        assert desk.sees(f'value="{amount}"')
    await desk.sends(
        f"/cases/{card.id}/close", outcome="mediated", amount="", people="很多", text="长长的说明"
    )
    assert desk.sees("人数请写成整数")
    await desk.sends(f"/cases/{card.id}/close", outcome="", amount="1", people="1", text="长长的说明")
    assert desk.sees("请选一个办理结果")
    assert (await house.card(card.id)).status is CaseStatus.ACCEPTED


async def test_a_leader_assigns_a_lawyer_and_she_hears_that_it_goes_on(house):
    leader = await house.hires("王主任", Role.LEADER)
    lawyer = await house.hires("赵律师", Role.LAWYER)
    curator = await house.hires("孙编辑", Role.CURATOR)
    desk, card = await house.comes_in(leader), await house.case()
    await desk.sends(f"/cases/{card.id}/assign", staff=curator.id)
    assert desk.last.status_code == 422
    await desk.sends(f"/cases/{card.id}/assign", staff="nobody")
    assert desk.last.status_code == 404
    await desk.sends(f"/cases/{card.id}/assign", staff=lawyer.id)
    await desk.follows()
    assert desk.sees("分派")
    assert (await house.card(card.id)).assignee == lawyer.id
    assert (await house.heard(card.id))[-1].startswith("您的事已有人接手")
    theirs = await house.comes_in(lawyer)
    await theirs.opens("/cases")
    assert theirs.sees(card.number)
    await desk.sends(f"/cases/{card.id}/assign", staff=leader.id)
    assert "换了一位工作人员" in (await house.heard(card.id))[-1]
    await theirs.opens(f"/cases/{card.id}")
    assert theirs.last.status_code == 404


async def test_a_late_claim_says_sorry_and_counts_as_late(house):
    officer = await house.hires("李干事", Role.OFFICER)
    card = await house.case()
    house.clock.passes(hours=30)
    desk = await house.comes_in(officer)
    await desk.opens("/cases?tab=unclaimed")
    assert desk.sees("已超时 10 小时")
    await desk.sends(f"/cases/{card.id}/claim")
    assert "对不起" in (await house.heard(card.id))[-1]
    await desk.writes_and_sends(card.id, "我来办")
    await desk.opens("/")
    assert desk.sees("0%（0 件按时，1 件超时）")


async def test_her_words_that_look_like_a_template_are_sent_as_they_are(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.writes_and_sends(card.id, "{by} {0} {text} {{7*7}} %s")
    assert "{by} {0} {text} {{7*7}} %s" in (await house.heard(card.id))[-1]


async def test_the_desk_says_where_a_notice_went_and_asks_to_telephone_where_nobody_reads_it(house):
    officer = await house.hires("李干事", Role.OFFICER)
    browser = await house.comes_in(officer)
    online, caller = await house.case(), await house.case(source="hotline")
    person = (await house.store.read(lambda unit: unit.cases.people_of(caller.id)))[0]
    await house.write(lambda unit: unit.links.let_go(caller.id, person))
    for card, says, never in (
        (online, "通知已放进她的对话", "请打电话告诉她。"),
        (caller, "请打电话告诉她。", "已放进她的对话"),
    ):
        await browser.sends(f"/cases/{card.id}/claim")
        await browser.follows()
        flash = re.search(r'class="flash good"[^>]*>([^<]*)', browser.last.text)[1]
        assert says in flash and never not in flash and "收到" not in flash


async def test_who_has_two_cases_reads_the_number_and_staffs_own_words_are_marked_as_theirs(house):
    officer = await house.hires("李干事", Role.OFFICER)
    browser = await house.comes_in(officer)
    first, second = await house.case(), await house.case()
    await browser.sends(f"/cases/{first.id}/claim")
    assert (await house.heard(first.id))[-1].startswith("您的事已有人接手"), "one case needs no number"
    person = (await house.store.read(lambda unit: unit.cases.people_of(first.id)))[0]
    await house.write(lambda unit: unit.cases.link(second.id, person, house.clock.now()))
    await browser.sends(f"/cases/{second.id}/claim")
    assert (await house.heard(second.id))[-1].startswith(f"{second.number} · 您的事已有人接手")
    await browser.sends(f"/cases/{first.id}/close", outcome="advised", people="1", text="都说清楚了")
    assert "工作人员写道：\n都说清楚了" in (await house.heard(first.id))[-1]
    await browser.sends(f"/cases/{first.id}/move", to="accepted", reopen="1", text="上次漏了一个月")
    heard = (await house.heard(first.id))[-1]
    assert (
        heard.startswith(f"{first.number} · 您关心的事重新开始办理了")
        and "工作人员写道：\n上次漏了一个月" in heard
    )
