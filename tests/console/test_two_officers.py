"""Two people in one case: who is first, what the other sees, and that no word is lost."""

import asyncio

from bot.domain.cases import EventKind
from bot.domain.staff import Role


async def test_of_two_who_claim_at_once_one_gets_it_and_the_other_is_told(house):
    officers = [await house.hires(name, Role.OFFICER) for name in ("李干事", "张干事")]
    desks = [await house.comes_in(one) for one in officers]
    card = await house.case()
    answers = await asyncio.gather(*(desk.sends(f"/cases/{card.id}/claim") for desk in desks))
    assert sorted(answer.status_code for answer in answers) == [303, 404]
    loser = next(answer for answer in answers if answer.status_code == 404)
    assert "可能已经由别人接手" in loser.text
    assert len(await house.heard(card.id)) == 1, "she is told once"
    assert (await house.card(card.id)).assignee in {one.id for one in officers}


async def test_what_one_wrote_while_the_other_acted_is_shown_again(house):
    leader = await house.hires("王主任", Role.LEADER)
    officer = await house.hires("李干事", Role.OFFICER)
    hers, his = await house.comes_in(officer), await house.comes_in(leader)
    card = await house.case()
    await hers.sends(f"/cases/{card.id}/claim")
    seen = (await house.card(card.id)).version
    await his.sends(f"/cases/{card.id}/move", to="mediating")
    await hers.sends(f"/cases/{card.id}/drafts", text="我花了很久写的答复", kind="ask_more", seen=seen)
    assert hers.last.status_code == 409
    assert hers.sees("有了新变化")
    assert hers.sees("我花了很久写的答复")
    assert hers.sees('value="ask_more" checked')
    fresh = (await house.card(card.id)).version
    assert hers.sees(f'name="seen" value="{fresh}"')
    await hers.sends(f"/cases/{card.id}/drafts", text="我花了很久写的答复", seen=fresh)
    assert hers.last.status_code == 303


async def test_a_draft_is_not_sent_over_a_change_that_its_writer_has_not_seen(house):
    leader = await house.hires("王主任", Role.LEADER)
    officer = await house.hires("李干事", Role.OFFICER)
    hers, his = await house.comes_in(officer), await house.comes_in(leader)
    card = await house.case()
    await hers.sends(f"/cases/{card.id}/claim")
    await hers.sends(f"/cases/{card.id}/drafts", text="旧情况下写的话")
    draft, seen = await hers.draft_in(card.id), (await house.card(card.id)).version
    await his.writes_and_sends(card.id, "主任先答复了")
    await hers.sends(f"/cases/{card.id}/drafts/{draft}/send", seen=seen)
    assert hers.last.status_code == 409
    assert hers.sees("旧情况下写的话")
    assert not any("旧情况下写的话" in text for text in await house.heard(card.id))


async def test_words_for_a_case_that_was_given_away_meanwhile_are_given_back(house):
    leader = await house.hires("王主任", Role.LEADER)
    officer = await house.hires("李干事", Role.OFFICER)
    hers, his = await house.comes_in(officer), await house.comes_in(leader)
    card = await house.case()
    await hers.sends(f"/cases/{card.id}/claim")
    await his.sends(f"/cases/{card.id}/assign", staff=leader.id)
    await hers.sends(f"/cases/{card.id}/notes", text="刚想起来的要点")
    assert hers.last.status_code == 404
    assert hers.sees("刚想起来的要点")
    assert not hers.sees(card.number)


async def test_the_other_sees_who_is_writing_and_no_longer_after_it_is_saved(house):
    leader = await house.hires("王主任", Role.LEADER)
    officer = await house.hires("李干事", Role.OFFICER)
    hers, his = await house.comes_in(officer), await house.comes_in(leader)
    card = await house.case()
    await hers.sends(f"/cases/{card.id}/claim")
    await hers.sends(f"/cases/{card.id}/writing")
    assert hers.last.status_code == 204
    await his.opens(f"/cases/{card.id}")
    assert his.sees("李干事正在写回复")
    await hers.opens(f"/cases/{card.id}")
    assert not hers.sees("正在写回复</p>")
    await hers.sends(f"/cases/{card.id}/drafts", text="写好了")
    await his.opens(f"/cases/{card.id}")
    assert not his.sees("李干事正在写回复")
    await hers.sends(f"/cases/{card.id}/writing")
    house.clock.passes(seconds=30)
    await his.opens(f"/cases/{card.id}")
    assert not his.sees("李干事正在写回复"), "a lost browser does not write for ever"


async def test_her_new_words_change_the_page_key_so_that_open_pages_notice(house):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case(assignee=officer.id)

    async def key() -> str:
        page = (await desk.opens(f"/cases/{card.id}")).text
        return page.partition('data-key="')[2].partition('"')[0]

    before, now = await key(), house.clock.now()
    await house.write(
        lambda unit: unit.cases.add_event(
            card.id, EventKind.HER_WORDS, by="worker", at=now, body="又说了一句"
        )
    )
    assert await key() != before
    assert desk.sees("又说了一句")
