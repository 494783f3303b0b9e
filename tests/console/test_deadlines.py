"""The case page shows every legal date with its law, and what staff type into its forms is never lost."""

import re
from datetime import date

from bot.domain.cases import Answers, CaseKind
from bot.domain.staff import Role
from bot.services import guard_deadlines


async def with_dates(house, assignee, since, kind=CaseKind.DISMISSAL):
    card, now = await house.case(assignee=assignee, kind=kind), house.clock.now()
    answers = Answers(happened="无故被辞退", since=since)
    await house.write(lambda unit: guard_deadlines.set_from_answers(unit, card, answers, now))
    return card


async def test_the_page_shows_day_law_days_left_and_how_sure_it_is(house):
    officer = await house.hires("李干事", Role.OFFICER)
    card = await with_dates(house, officer.id, "9月底")
    browser = await house.comes_in(officer)
    page = (await browser.opens(f"/cases/{card.id}")).text
    for words in ("劳动仲裁", "《劳动法》第八十二条", "2027年9月20日", "还有 302 天", "从最早一天试算"):
        assert words in page, words


async def test_a_date_to_be_asked_is_filled_in_on_the_page(house):
    officer = await house.hires("李干事", Role.OFFICER)
    card = await with_dates(house, officer.id, "2024年就开始了")
    browser = await house.comes_in(officer)
    page = (await browser.opens(f"/cases/{card.id}")).text
    assert "日期待核对" in page and "有日期要核对" in page
    [path] = set(re.findall(r"/console(/cases/\w+/deadlines/\w+/day)", page))
    await browser.sends(path, day="2026-11-25")
    assert browser.last.status_code == 422 and browser.sees("这一天还没有到")
    assert browser.sees('value="2026-11-25"'), "what was typed is still there"
    await browser.sends(path, day="2026-11-10")
    page = (await browser.follows()).text
    assert "2027年11月10日" in page and "已核对" in page and "期限已记下" in page
    assert "deadline_day" in await house.audited(card.id)


async def test_what_her_words_make_seem_lapsed_is_shown_as_to_be_checked(house):
    officer = await house.hires("李干事", Role.OFFICER)
    card = await with_dates(house, officer.id, "2025年10月5日")
    page = (await (await house.comes_in(officer)).opens(f"/cases/{card.id}")).text
    assert "按她说的日子算，2026年10月5日 就过了" in page


async def test_staff_add_mark_and_drop_dates(house):
    officer = await house.hires("李干事", Role.OFFICER)
    card = await house.case(assignee=officer.id)
    browser = await house.comes_in(officer)
    await browser.sends(f"/cases/{card.id}/deadlines", rule="arbitration", day="2026-11-20")
    page = (await browser.follows()).text
    one = re.search(r"/deadlines/(\w+)/done", page)[1]
    await browser.sends(f"/cases/{card.id}/deadlines/{one}/anew", what="", day="2026-11-21")
    assert browser.sees("请选发生了什么") and browser.sees('value="2026-11-21"')
    await browser.sends(f"/cases/{card.id}/deadlines/{one}/anew", what="claimed", day="2026-11-21")
    assert "2026年11月21日 重新起算" in (await browser.follows()).text
    await browser.sends(f"/cases/{card.id}/deadlines/{one}/drop", reason="")
    assert browser.last.status_code == 422 and browser.sees("请选不再跟踪的原因")
    await browser.sends(f"/cases/{card.id}/deadlines/{one}/drop", reason="settled")
    page = (await browser.follows()).text
    assert "已了结的（1）" in page and "不再跟踪：已经解决" in page
    await browser.sends(f"/cases/{card.id}/deadlines", rule="arbitration", day="2026-11-20")
    page = (await browser.follows()).text
    two = re.search(r"/deadlines/(\w+)/done", page)[1]
    await browser.sends(f"/cases/{card.id}/deadlines/{two}/done")
    assert "已记为办好" in (await browser.follows()).text
    acts = await house.audited(card.id)
    assert [act for act in acts if act.startswith("deadline")] == [
        "deadline_set", "deadline_anew", "deadline_dropped", "deadline_set", "deadline_done",
    ]  # fmt: skip
    assert not re.search(r"deadline_\w+</td>", page), "acts are shown in words"


async def test_two_at_once_and_a_stale_screen_lose_nothing(house):
    officer = await house.hires("李干事", Role.OFFICER)
    card = await house.case(assignee=officer.id)
    browser = await house.comes_in(officer)
    await browser.sends(f"/cases/{card.id}/deadlines", rule="arbitration", day="2026-11-20", seen="999")
    assert browser.last.status_code == 409 and browser.sees("有了新变化")
    assert browser.sees('value="2026-11-20"')
    for _ in range(2):
        await browser.sends(f"/cases/{card.id}/deadlines", rule="arbitration", day="2026-11-20")
    kept = await house.store.read(lambda unit: unit.deadlines.of_case(card.id))
    assert [one.last_on for one in kept] == [date(2027, 11, 20)], "twice is the same as once"


async def test_an_ended_case_shows_its_dates_without_forms(house):
    from bot.domain.cases import CaseStatus

    officer = await house.hires("李干事", Role.OFFICER)
    card = await with_dates(house, officer.id, "9月底")
    await house.write(lambda unit: unit.cases.save_card(_closed(unit.cases.card(card.id), CaseStatus.CLOSED)))
    browser = await house.comes_in(officer)
    page = (await browser.opens(f"/cases/{card.id}")).text
    assert "2027年9月20日" in page and "/deadlines" not in page
    await browser.sends(f"/cases/{card.id}/deadlines", rule="arbitration", day="2026-11-20")
    assert browser.last.status_code == 422


def _closed(card, status):
    from dataclasses import replace

    return replace(card, status=status)
