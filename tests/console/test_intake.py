"""The pages of intake: the form keeps what was typed, the slip tells nothing, cases are joined by buttons."""

import re

from bot.domain.cases import EventKind
from bot.domain.ports_links import Alike, SpokenFor
from bot.domain.staff import Role
from bot.services.doubles import Checked
from knowledge.models import DangerKind

CALL = {
    "source": "hotline", "text": "怀孕被辞退怎么办", "since": "上周三", "employer": "某某超市独角兽",
    "wish": "继续上班", "agreed": "yes", "mine": "yes", "once": "form-1",
}  # fmt: skip


async def comes(house, name="李干事", role=Role.OFFICER):
    member = await house.hires(name, role)
    return member, await house.comes_in(member)


async def code_on(desk):
    found = re.findall(r"<span>(\d{5})</span>", desk.last.text)
    assert len(found) == 5, desk.last.text
    return "".join(found)


async def newest(house):
    def read(unit):
        from bot.domain.ports_cases import CaseFilter

        return max(unit.cases.cards(CaseFilter()), key=lambda card: card.number)

    return await house.store.read(read)


async def test_a_call_is_taken_down_and_the_slip_says_how_to_come_back_and_nothing_else(house):
    _, desk = await comes(house)
    await desk.opens("/cases/new")
    assert desk.sees("念给她听") and desk.sees("12351 来电") and desk.sees('href="/console/cases/new"')
    await desk.sends("/cases/new", **CALL)
    await desk.follows()
    code = await code_on(desk)
    page = desk.last.text
    slip = page[page.index('<section class="slip"') : page.index("</section>")]
    for word in ("独角兽", "怀孕", "A26-", "工会", "案", "维权", "辞退", "女职工"):
        assert word not in slip, word
    for word in ("安全屋", "http://127.0.0.1:8080", "输入这串编号", "12351"):
        assert word in slip, word
    card = await newest(house)
    assert await house.store.read(lambda unit: unit.cases.find_by_code(code)) == card.id
    picture = await desk.opens("/address.svg")
    assert picture.headers["content-type"].startswith("image/svg")
    await desk.opens(f"/cases/{card.id}")
    assert desk.sees("12351 来电") and desk.sees("代记的") and desk.sees("口头同意")
    assert not desk.sees("已经清除")
    await desk.opens("/cases?tab=mine")
    assert desk.sees(card.number)


async def test_what_was_typed_stays_in_the_form_whatever_is_missing(house):
    _, desk = await comes(house)
    typed = CALL | {"contact": "13912345678", "kind": "wages", "urgent": "yes", "heard_on": "2026-11-01"}
    for wrong, said in (
        ({}, "没有勾选"),
        ({"keep_name": "yes", "agreed": ""}, "念给她听"),
        ({"keep_name": "yes", "heard_on": "2027-01-01"}, "今天以后"),
        ({"keep_name": "yes", "heard_on": "昨天"}, "看不懂"),
        ({"keep_name": "yes", "source": "telegram"}, "怎么来的"),
    ):
        answer = await desk.sends("/cases/new", **(typed | wrong))
        assert answer.status_code == 422
        assert desk.sees(said), said
        for kept in ("怀孕被辞退怎么办", "上周三", "独角兽", "13912345678", "继续上班", "form-1"):
            assert desk.sees(kept), kept
        assert re.search(r'value="wages" selected', desk.last.text)
    done = await desk.sends("/cases/new", **(typed | {"keep_name": "yes"}))
    twice = await desk.sends("/cases/new", **(typed | {"keep_name": "yes"}))
    assert done.headers["location"] == twice.headers["location"], "sent twice, taken down once"
    card = await newest(house)
    assert (card.number, card.urgent, card.kind) == ("A26-0001", True, "wages")


async def test_danger_in_her_words_shows_the_numbers_at_once(house):
    _, desk = await comes(house)
    await desk.sends("/cases/new", **(CALL | {"text": "老公打我，现在还在打"}))
    await desk.follows()
    assert desk.sees("先说安全") and desk.sees("110")
    assert (await newest(house)).urgent


async def test_looking_at_a_code_is_audited_and_closed_to_others(house):
    _, desk = await comes(house)
    _, other = await comes(house, "王干事")
    await desk.sends("/cases/new", **CALL)
    card = await newest(house)
    assert (await desk.opens(f"/cases/{card.id}/slip")).status_code == 200
    assert (await other.opens(f"/cases/{card.id}/slip")).status_code == 404
    assert (await house.audited(card.id)).count("print_slip") == 1


async def test_doubles_are_hinted_joined_and_taken_apart_by_buttons(house):
    old = await house.case("第一次说的", employer_id="e1")
    house.clock.passes(days=2)
    young = await house.case("第二次说的", employer_id="e1")
    _, desk = await comes(house, "周主任", Role.LEADER)
    await desk.opens(f"/cases/{young.id}")
    assert desk.sees("可能是同一件事") and desk.sees(old.number) and desk.sees("要先向她核实")
    await desk.sends(f"/cases/{young.id}/merge", other=old.number)
    assert desk.last.status_code == 422 and desk.sees("请先向她核实") and desk.sees(old.number)
    await desk.sends(f"/cases/{young.id}/merge", other=old.number, checked="same_place")
    assert desk.last.status_code == 422, "that may only be said by the store"
    await desk.sends(f"/cases/{young.id}/merge", other=old.number, checked="called")
    await desk.follows()
    assert desk.sees("已合并") and desk.sees(young.number) and desk.sees("第一次说的")
    for one in (old, young):
        assert "合在一起办" in (await house.heard(one.id))[-1]
    await desk.opens("/cases?tab=all")
    assert desk.sees(old.number) and not desk.sees(young.number)
    await desk.opens(f"/cases/{young.id}")
    assert desk.sees("已经并到") and desk.sees("第二次说的") and not desk.sees("认领这件事")
    await desk.sends(f"/cases/{young.id}/unmerge")
    await desk.follows()
    assert desk.sees("和合并以前一样")
    assert (await house.card(young.id)).is_open


async def test_a_group_is_written_to_by_drafts_that_are_looked_at_first(house):
    officer, desk = await comes(house)
    cases = [await house.case(f"第{n}个人说的", assignee=officer.id) for n in range(3)]
    await desk.sends(f"/cases/{cases[0].id}/group", text="同一单位停发工资")
    parent = (await desk.follows()).url.path.rpartition("/")[2]
    number = (await house.card(parent)).number
    await desk.sends(f"/cases/{cases[1].id}/group/join", parent=number)
    await desk.sends(f"/cases/{cases[2].id}/group/join", parent="A26-7777")
    assert desk.last.status_code == 422 and desk.sees("A26-7777")
    await desk.opens(f"/cases/{parent}")
    assert desk.sees(cases[0].number) and desk.sees(cases[1].number) and not desk.sees(cases[2].number)
    assert not desk.sees("个人说的"), "nothing of a child is shown here"
    await desk.sends(f"/cases/{parent}/group/drafts", text="下周一在工会见面")
    await desk.follows()
    drafts = re.findall(r'name="draft" value="(\w+)"', desk.last.text)
    assert len(drafts) == 2 and desk.sees("还没有发出的草稿")
    assert [await house.heard(one.id) for one in cases] == [[], [], []]
    await desk.sends(f"/cases/{parent}/group/send")
    assert desk.last.status_code == 422, "nothing was ticked"
    await desk.sends(f"/cases/{parent}/group/send", draft=drafts)
    await desk.follows()
    assert desk.sees("都发出去了")
    heard = [await house.heard(one.id) for one in cases]
    assert ["下周一在工会见面" in "".join(texts) for texts in heard] == [True, True, False]
    await desk.sends(f"/cases/{parent}/group/send", draft=[drafts[0], "forged"])
    assert desk.last.status_code == 422 and desk.sees("有 2 份没有发出去")
    await desk.sends(f"/cases/{cases[0].id}/group/leave")
    assert (await house.card(cases[0].id)).parent_id is None


async def test_what_one_refusal_holds_up_is_only_that_one(house):
    officer, desk = await comes(house)
    one, two = [await house.case(assignee=officer.id) for _ in range(2)]
    await desk.sends(f"/cases/{one.id}/group", text="停发工资")
    parent = (await desk.follows()).url.path.rpartition("/")[2]
    await desk.sends(f"/cases/{two.id}/group/join", parent=parent)
    await desk.sends(f"/cases/{parent}/group/drafts", text="见面")
    await desk.follows()
    drafts = re.findall(r'name="draft" value="(\w+)"', desk.last.text)
    await desk.sends(f"/cases/{parent}/group/send", draft=["gone", *drafts])
    assert desk.sees("有 1 份没有发出去")
    for case in (one, two):
        assert "见面" in (await house.heard(case.id))[-1]


async def test_a_case_told_by_another_says_so_until_she_spoke(house):
    _, desk = await comes(house)
    await desk.sends("/cases/new", **(CALL | {"for_other": "yes"}))
    assert desk.last.status_code == 422 and desk.sees("本人同意")
    await desk.sends("/cases/new", **(CALL | {"for_other": "yes", "other_agreed": "yes"}))
    card = await newest(house)
    await desk.opens(f"/cases/{card.id}")
    assert desk.sees("代为咨询，本人还没有说过")
    await desk.sends(f"/cases/{card.id}/spoke")
    await desk.follows()
    assert desk.sees("代为咨询，本人已确认")
    of = await house.store.read(lambda unit: unit.links.for_other(card.id))
    assert of.state is SpokenFor.CONFIRMED
    events = await house.store.read(lambda unit: unit.cases.outline(card.id, (EventKind.OPENED,)))
    assert len(events) == 1


def test_every_danger_and_every_reason_has_its_words(wording):
    words = wording.intake
    for closed, said in (
        (DangerKind, words.danger), (Alike, words.alike), (Checked, words.checked),
        (SpokenFor, words.spoken_for),
    ):  # fmt: skip
        assert set(said) == {one.value for one in closed}
    assert all(re.search(r"110|120|12356", text) for text in words.danger.values())
