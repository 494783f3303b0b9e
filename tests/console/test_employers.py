"""Employers at the desk: the list, one employer, letters, the hint in a case, and where staff work."""

import io
import re
from dataclasses import replace

import docx

from bot.domain.cases import CaseKind
from bot.domain.staff import Role
from bot.services import employers

NAME = "演示百味餐饮有限公司"


async def about(house, name=NAME, **changes):
    """A case about an employer, as it comes in."""
    house.clock.passes(minutes=1)
    card = await house.case(employer=name, **changes)
    return await house.write(
        lambda unit: employers.link(unit, card, name, house.clock.now(), house.deps.wording)
    )


async def employer_of(house, name=NAME):
    card = await about(house, name)
    return card.employer_id


async def test_a_leader_sees_the_list_opens_one_and_sets_its_size(house):
    card = await about(house, kind=CaseKind.WAGES)
    browser = await house.comes_in(await house.hires("李敏", Role.LEADER))
    page = await browser.opens("/employers")
    assert NAME in page.text and "未核对" in page.text
    page = await browser.opens(f"/employers/one?id={card.employer_id}")
    assert card.number in page.text and "工资" in page.text
    await browser.sends("/employers/describe", employer=card.employer_id, name="演示百味餐饮", size="20_99")
    page = await browser.follows()
    assert "单位信息已保存" in page.text and "20 到 99 人" in page.text
    page = await browser.opens("/employers")
    assert "演示百味餐饮" in page.text and "未核对" not in page.text


async def test_a_refused_name_shows_the_page_again_with_what_was_typed(house):
    employer_id = await employer_of(house)
    browser = await house.comes_in(await house.hires("李敏", Role.LEADER))
    page = await browser.sends("/employers/describe", employer=employer_id, name="某公司", size="20_99")
    assert page.status_code == 422 and "看不出是哪家" in page.text and 'value="某公司"' in page.text
    page = await browser.sends("/employers/describe", employer=employer_id, name="演示甲", size="huge")
    assert page.status_code == 422 and "请选一个规模" in page.text
    page = await browser.opens("/employers/one?id=feedface")
    assert page.status_code == 422 and "没有这家单位" in page.text


async def test_two_names_are_joined_told_apart_and_split_by_buttons(house):
    one = await employer_of(house)
    two = await employer_of(house, "演示百味餐饮管理公司")
    browser = await house.comes_in(await house.hires("李敏", Role.LEADER))
    assert "可能是同一家" in (await browser.opens("/employers")).text
    await browser.sends("/employers/join", employer=two, other=one)
    page = await browser.follows()
    assert "已合成一家" in page.text and "演示百味餐饮管理公司" in page.text
    marks = re.findall(r'name="mark" value="(\w+)"', page.text)
    await browser.sends("/employers/split", employer=one, mark=marks[1])
    assert "已分成两家" in (await browser.follows()).text
    three = await employer_of(house, "演示百味餐饮店管理")
    await browser.sends("/employers/apart", employer=three, other=one)
    assert "不是同一家" in (await browser.follows()).text


async def test_a_practice_becomes_a_letter_that_can_be_loaded_once_it_is_accepted(house):
    cards = [await about(house, kind=CaseKind.WAGES, topic="wage-arrears") for _ in range(3)]
    browser = await house.comes_in(await house.hires("李敏", Role.LEADER))
    page = await browser.opens("/employers")
    letter = re.search(r"/employers/letter\?id=(\w+)", page.text)[1]
    assert (await browser.opens(f"/employers/letter.docx?id={letter}")).status_code == 303
    page = await browser.sends("/employers/letter/dismiss", letter=letter, text="")
    assert page.status_code == 422 and "原因" in page.text
    mine = "工会劳动法律监督提示函\n演示百味餐饮有限公司：\n请自行检查。\n测试总工会\n11月22日"
    page = await browser.sends("/employers/letter/accept", letter=letter, letter_text=mine)
    assert page.status_code == 422 and "确定发函" in page.text and "请自行检查" in page.text
    page = await browser.sends(
        "/employers/letter/accept", letter=letter, letter_text=f"见 {cards[0].number}", sure="yes"
    )
    assert page.status_code == 422 and "不能写案件编号" in page.text
    await browser.sends("/employers/letter/accept", letter=letter, letter_text=mine, sure="yes")
    assert "已决定发函" in (await browser.follows()).text
    answer = await browser.opens(f"/employers/letter.docx?id={letter}")
    written = "\n".join(part.text for part in docx.Document(io.BytesIO(answer.content)).paragraphs)
    assert NAME in written and "测试总工会" in written and "请自行检查" in written
    assert not any(card.number in written for card in cards)
    page = await browser.sends("/employers/letter/accept", letter=letter, sure="yes")
    assert page.status_code == 422 and "已经有人处理过" in page.text


async def test_a_lawyer_reads_the_letter_she_is_asked_about_and_no_other(house):
    for name in (NAME, "演示安心家政服务有限公司"):
        for _ in range(3):
            await about(house, name, kind=CaseKind.WAGES, topic="wage-arrears")
    leader, lawyer = await house.hires("李敏", Role.LEADER), await house.hires("张律师", Role.LAWYER)
    browser, hers = await house.comes_in(leader), await house.comes_in(lawyer)
    one, other = re.findall(r"/employers/letter\?id=(\w+)", (await browser.opens("/employers")).text)
    assert (await hers.opens(f"/employers/letter?id={one}")).status_code == 404
    text = "工会劳动法律监督提示函\n这一版请看。"
    await browser.sends("/employers/letter/lawyer", letter=one, lawyer=lawyer.id, letter_text=text)
    assert "已请律师看" in (await browser.follows()).text
    assert "/console/employers/asked" in (await hers.opens("/notices")).text
    assert f"id={one}" in (await hers.opens("/employers/asked")).text
    page = await hers.opens(f"/employers/letter?id={one}")
    assert "这一版请看" in page.text and "决定发函</button>" not in page.text
    assert (await hers.opens(f"/employers/letter?id={other}")).status_code == 404
    await hers.sends("/employers/letter/advice", letter=one, text="依据没有问题。")
    assert "意见已交给负责人" in (await hers.follows()).text
    page = await browser.opens(f"/employers/letter?id={one}")
    assert "依据没有问题" in page.text and "这一版请看" in page.text


async def test_an_officer_learns_of_other_cases_only_as_a_number_and_not_of_few(house):
    officer = await house.hires("王芳", Role.OFFICER)
    browser = await house.comes_in(officer)
    card = await about(house, assignee=officer.id, kind=CaseKind.WAGES)
    page = await browser.opens(f"/cases/{card.id}")
    assert "90 天内" not in page.text
    others = [await about(house, kind=CaseKind.CONTRACT, assignee="another")]
    page = await browser.opens(f"/cases/{card.id}")
    assert "少于 3 件" in page.text and f"/employers/one?id={card.employer_id}" not in page.text
    others += [await about(house, kind=CaseKind.CONTRACT, assignee="another") for _ in range(2)]
    page = await browser.opens(f"/cases/{card.id}")
    assert "90 天内还有 3 件" in page.text
    assert not any(other.number in page.text for other in others)


async def test_whoever_handles_a_case_can_say_which_employer_it_is_about(house):
    officer = await house.hires("王芳", Role.OFFICER)
    browser = await house.comes_in(officer)
    card = await house.case(assignee=officer.id, employer="不清楚")
    page = await browser.sends(f"/cases/{card.id}/employer", employer_name="某公司")
    assert page.status_code == 422 and "看不出是哪家" in page.text and 'value="某公司"' in page.text
    await browser.sends(f"/cases/{card.id}/employer", employer_name=NAME)
    assert "单位已登记" in (await browser.follows()).text
    assert (await house.card(card.id)).employer_id is not None
    assert "employer_named" in await house.audited(card.id)


async def test_an_administrator_notes_where_somebody_works_and_its_cases_are_gone_for_her(house):
    card = await about(house)
    admin, officer = await house.hires("吴管理", Role.ADMIN), await house.hires("王芳", Role.OFFICER)
    browser, hers = await house.comes_in(admin), await house.comes_in(officer)
    assert (await hers.opens(f"/cases/{card.id}")).status_code == 200
    await browser.sends(f"/staff/{officer.id}/employer", works_at="演示百味餐饮")
    page = await browser.follows()
    assert "工作单位已保存" in page.text and NAME in page.text
    assert (await hers.opens(f"/cases/{card.id}")).status_code == 404
    assert card.number not in (await hers.opens("/cases?tab=unclaimed")).text
    await browser.sends(f"/staff/{officer.id}/employer", works_at="")
    assert (await hers.opens(f"/cases/{card.id}")).status_code == 200


async def test_what_a_woman_wrote_as_her_employer_is_shown_as_text(house):
    hostile = "<script>alert(1)</script>演示餐馆甲"
    await about(house, hostile)
    browser = await house.comes_in(await house.hires("李敏", Role.LEADER))
    page = await browser.opens("/employers")
    assert "&lt;script&gt;" in page.text and "<script>alert" not in page.text


async def test_a_demo_house_says_so_on_every_page_and_an_ordinary_one_never(house):
    browser = await house.comes_in(await house.hires("李敏", Role.LEADER))
    assert "演示数据" not in (await browser.opens("/employers")).text
    from starlette.applications import Starlette

    from bot.console.routes import routes

    house.app = Starlette(routes=routes(replace(house.deps, demo=True)))
    browser = await house.comes_in(await house.hires("周慧", Role.LEADER))
    for path in ("/", "/employers", "/cases"):
        page = await browser.opens(path)
        assert "演示数据：人物、单位、经过都是编的" in page.text, path
        assert "<title>演示数据 · " in page.text, path
