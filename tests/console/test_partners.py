"""At the desk: ask her, give the link once, download the package, plan a joint session."""

import io
import re
import zipfile
from dataclasses import replace

from bot.conversation.effects import AnswerHandOver
from bot.conversation.hand_over_card import version_of
from bot.domain.handovers import HandOverState
from bot.domain.staff import Role
from bot.services import her_consent

FORM = {"agency": "labor_inspection", "purpose": "inspection", "field-happened": "1", "field-wish": "1"}


async def ready(house):
    officer = await house.hires("李干事", Role.OFFICER)
    card = await house.case("独角兽的经过")
    browser = await house.comes_in(officer)
    await browser.sends(f"/cases/{card.id}/claim")
    return browser, card


async def hand_overs(house, card):
    return await house.store.read(lambda unit: unit.partners.of_case(card.id))


async def she_agrees(house, card):
    [one] = await hand_overs(house, card)
    effect = AnswerHandOver(one.id, True, version_of(house.desk.wording.partners, one))

    def agree(unit):
        person = unit.people.get(unit.cases.people_of(card.id)[-1])
        her_consent.carry_out(unit, person, effect, house.clock.now(), house.desk)

    await house.write(agree)
    return one


async def test_from_asking_her_to_a_link_that_is_shown_once(house):
    browser, card = await ready(house)
    page = await browser.opens(f"/cases/{card.id}")
    assert "转给合作部门" in page.text
    assert "劳动保障监察机构" in page.text
    await browser.sends(f"/cases/{card.id}/handovers", days="15", **FORM)
    page = await browser.follows()
    assert "已经去问她。她同意以前，什么都不会转出去" in page.text
    assert "等她回答" in page.text
    assert "生成链接" not in page.text
    assert any("「劳动保障监察机构」" in text for text in await house.heard(card.id))
    one = await she_agrees(house, card)
    page = await browser.opens(f"/cases/{card.id}")
    assert "她同意了" in page.text
    page = await browser.sends(f"/cases/{card.id}/handovers/{one.id}/link")
    assert page.status_code == 200
    token = re.search(r"http://127\.0\.0\.1:8080/partner/([\w-]+)", page.text)[1]
    code = re.search(r'id="code">(\d{6})<', page.text)[1]
    found = await house.store.read(lambda unit: unit.partners.by_link(token))
    assert found.id == one.id
    assert await house.store.read(lambda unit: unit.partners.fits(one.id, code))
    page = await browser.opens(f"/cases/{card.id}")
    assert token not in page.text
    assert code not in page.text
    assert "还没有打开过" in page.text
    got = await browser.opens(f"/cases/{card.id}/handovers/{one.id}/package")
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        data = b"".join(archive.read(name) for name in archive.namelist())
    assert "独角兽的经过".encode() in data
    assert "某某商贸公司".encode() not in data, "she was not asked for it"
    await browser.sends(f"/cases/{card.id}/handovers/{one.id}/urge")
    assert "催办 1 次" in (await browser.follows()).text
    await browser.sends(f"/cases/{card.id}/handovers/{one.id}/cancel")
    assert "已停止" in (await browser.follows()).text
    assert (await hand_overs(house, card))[0].state is HandOverState.CANCELLED
    acts = await house.audited(card.id)
    for act in (
        "handover_propose",
        "handover_agreed",
        "handover_link",
        "handover_package",
        "handover_cancel",
    ):
        assert act in acts


async def test_a_form_that_is_refused_keeps_what_was_typed_and_asks_nobody(house):
    browser, card = await ready(house)
    before = len(await house.heard(card.id))
    for wrong, told in (
        ({"agency": "nobody"}, "请选一个合作部门"),
        ({"purpose": "x"}, "请选转办的事由"),
        ({"days": "0"}, "1 到 90 天"),
        ({"days": "２０天"}, "1 到 90 天"),
        ({"field-happened": "", "field-wish": ""}, "至少要勾一样"),
    ):
        page = await browser.sends(f"/cases/{card.id}/handovers", **{"days": "22", **FORM, **wrong})
        assert page.status_code == 422
        assert told in page.text
        assert f'value="{wrong.get("days", "22")}"' in page.text
    stale = await browser.sends(f"/cases/{card.id}/handovers", seen="1", days="22", **FORM)
    assert stale.status_code == 409
    assert not await hand_overs(house, card)
    assert len(await house.heard(card.id)) == before


async def test_a_joint_session_from_the_form_to_its_result(house):
    browser, card = await ready(house)
    form = {"place": "工会三楼", "text": "商量工资", "with-arbitration": "1", "role-arbitration": "host"}
    page = await browser.sends(f"/cases/{card.id}/joint", at="2020-01-01T10:00", **form)
    assert page.status_code == 422
    assert "已经过去了" in page.text
    assert "工会三楼" in page.text
    await browser.sends(f"/cases/{card.id}/joint", at="2026-11-24T10:00", **form)
    page = await browser.follows()
    assert "劳动人事争议仲裁院（主持）" in page.text
    [session] = await house.store.read(lambda unit: unit.partners.joints_of(card.id))
    held = f"/cases/{card.id}/joint/{session.id}/held"
    early = await browser.sends(held, agreement="no")
    assert "还没有到约定的时间" in early.text
    house.clock.passes(days=2)
    browser = await house.comes_in(replace((await house.store.read(lambda unit: unit.staff.all()))[0]))
    future = await browser.sends(held, agreement="yes", agreed_on="2027-01-01", text="谈好了")
    assert future.status_code == 422
    assert "谈好了" in future.text
    await browser.sends(held, agreement="yes", agreed_on="2026-11-24", text="谈好了")
    assert "司法确认最晚 2026年12月24日" in (await browser.follows()).text
    assert any("2026年12月24日前一起请法院确认" in text for text in await house.heard(card.id))
