"""Every address × every role × own, unclaimed, another's and no case at all."""

import re

import pytest

from bot.console.routes import TABLE
from bot.domain.cases import ENDED_STATUSES
from bot.domain.ports_cases import CaseFilter
from bot.domain.staff import Role
from bot.services.case_gate import sight
from tests.console.conftest import keep_file
from tests.console.matrix import (
    clock,
    closing,
    deadlines,
    duty,
    employers,
    figures,
    intake,
    partners,
    team,
)
from tests.console.matrix.roles import (
    ADMIN,
    ALL,
    AUDITOR,
    CAMPAIGN,
    CURATOR,
    HANDLE,
    LEADER,
    READ,
    TAKE,
)

AREAS = (clock, deadlines, intake, team, partners, closing, employers, duty, figures)
THERE = {"topic": "wage-arrears", "law": "劳动合同法", "kind": "story", "item": "li-dismissed"}
# Written by hand, apart from the program's own matrix: who may open what.
PAGES = {
    ("GET", "/"): ALL,
    ("GET", "/account"): ALL,
    ("POST", "/account/telegram"): ALL,
    ("POST", "/account/telegram/unbind"): ALL,
    ("POST", "/account/password"): ALL,
    ("GET", "/chart.svg"): {*TAKE, ADMIN, AUDITOR},
    ("GET", "/cases"): HANDLE,
    ("GET", "/content"): READ,
    ("GET", "/content/topics"): READ,
    ("GET", "/content/topics/{topic}"): READ,
    ("GET", "/content/try"): READ,
    ("POST", "/content/try"): READ,
    ("GET", "/content/unanswered"): READ,
    ("POST", "/content/unanswered/done"): READ,
    ("GET", "/content/laws"): READ,
    ("GET", "/content/laws/{law}"): READ,
    ("GET", "/content/teaching"): READ,
    ("GET", "/content/teaching/{kind}/{item}"): READ,
    ("GET", "/contest"): {LEADER, CURATOR, CAMPAIGN},
    ("GET", "/operations"): {ADMIN, AUDITOR},
    ("GET", "/audit"): {LEADER, AUDITOR},
    ("GET", "/staff"): {ADMIN},
    ("POST", "/staff"): {ADMIN},
    ("POST", "/staff/{staff_id}/roles"): {ADMIN},
    ("POST", "/staff/{staff_id}/disable"): {ADMIN},
    ("POST", "/staff/{staff_id}/enable"): {ADMIN},
    ("POST", "/staff/{staff_id}/reset"): {ADMIN},
    ("POST", "/logout"): ALL,
}
for _area in AREAS:
    PAGES |= _area.PAGES
# For cases: who may on her own, on an unclaimed one, on another's.
CASES = {
    ("GET", ""): (HANDLE, TAKE, {LEADER}),
    ("GET", "/files/{file_id}"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/writing"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/claim"): (TAKE, TAKE, {LEADER}),
    ("POST", "/assign"): ({LEADER}, {LEADER}, {LEADER}),
    ("POST", "/notes"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/drafts"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/drafts/{draft_id}/send"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/drafts/{draft_id}/drop"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/move"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/close"): (TAKE, TAKE, {LEADER}),
}
FIELDS = {"text": "内容", "to": "mediating", "outcome": "advised"}
for _area in AREAS:
    CASES |= _area.CASES
    FIELDS |= _area.FIELDS
OPEN_TO_ALL = {
    ("GET", "/static/{name}"), ("GET", "/login"), ("POST", "/login"), ("GET", "/setup/{token}"),
    ("POST", "/setup/{token}"), ("GET", "/setup/{token}/code.svg"),
}  # fmt: skip
STREAMS = {("GET", "/cases-stream"): HANDLE, ("GET", "/cases/{case_id}/stream"): None}
IMPOSSIBLE = "feedfacefeedface"


def test_no_address_is_without_an_entry_in_this_matrix():
    cases = {(method, "/cases/{case_id}" + rest) for method, rest in CASES}
    known = set(PAGES) | cases | OPEN_TO_ALL | set(STREAMS)
    assert {(entry.method, entry.path) for entry in TABLE} == known
    assert len({(entry.method, entry.path) for entry in TABLE}) == len(TABLE)


def test_the_app_answers_at_no_address_outside_the_table(house):
    (mount,) = house.app.routes
    served = {(method, route.path) for route in mount.app.routes for method in route.methods - {"HEAD"}}
    assert served == {(entry.method, entry.path) for entry in TABLE}


async def test_without_a_session_only_the_open_addresses_answer(house):
    browser = house.browser()
    token = await browser.form_token()
    for entry in TABLE:
        if (entry.method, entry.path) in OPEN_TO_ALL:
            continue
        path = re.sub(r"\{\w+\}", "x", entry.path)
        if entry.method == "GET":
            answer = await browser.opens(path)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/console/login"), path
        else:
            assert (await browser.sends(path, csrf=token)).status_code == 401, path


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
async def test_pages_open_only_to_the_roles_that_the_matrix_names(house, role):
    member = await house.hires("某人", role)
    other = await house.hires("另一人", Role.ADMIN)
    for (method, path), roles in PAGES.items():
        browser = await house.comes_in(member)
        where = path.format(staff_id=other.id, **THERE)
        fields = {"role": "officer", "name": "甲", "text": "产假"}
        answer = await (browser.opens(where) if method == "GET" else browser.sends(where, **fields))
        if role in roles:
            assert answer.status_code in (200, 303, 422), (method, path, answer.status_code)
        else:
            assert answer.status_code == 404, (method, path)


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
async def test_cases_open_only_as_the_matrix_says_and_a_closed_door_looks_like_no_door(house, role):
    member = await house.hires("某人", role)
    other = await house.hires("另一人", Role.OFFICER)
    places = (member.id, None, other.id)
    browser = await house.comes_in(member)
    token = await browser.form_token()
    missing = {}
    for method, rest in CASES:
        path = _path(IMPOSSIBLE, rest, "none")
        missing[method, rest] = await _ask(browser, method, path, token)
        assert missing[method, rest].status_code == 404
    for (method, rest), allowed in CASES.items():
        for assignee, roles in zip(places, allowed, strict=True):
            card = await house.case(assignee=assignee)
            file_id = await keep_file(house, card, b"%PDF-1.4", "a.pdf", "application/pdf")
            answer = await _ask(browser, method, _path(card.id, rest, file_id), token, member.id)
            if role in roles:
                assert answer.status_code in (200, 204, 303, 409, 422), (method, rest, assignee)
            else:
                assert answer.status_code == 404, (method, rest, assignee)
                assert answer.content == missing[method, rest].content
                assert dict(answer.headers) == dict(missing[method, rest].headers)
                assert (await house.card(card.id)).version == card.version


def _path(case_id: str, rest: str, file_id: str) -> str:
    return f"/cases/{case_id}{rest}".replace("{file_id}", file_id).replace("{draft_id}", "none")


async def _ask(browser, method: str, path: str, token: str, staff: str = "none"):
    if method == "GET":
        return await browser.opens(path)
    return await browser.sends(path, csrf=token, **{**FIELDS, "staff": staff})


async def test_lists_and_searches_show_only_cases_that_she_may_open(house):
    officer = await house.hires("李干事", Role.OFFICER)
    lawyer = await house.hires("赵律师", Role.LAWYER)
    leader = await house.hires("王主任", Role.LEADER)
    mine = await house.case("我的事情独角兽", assignee=officer.id)
    free = await house.case("没人接的独角兽")
    theirs = await house.case("别人的独角兽", assignee=lawyer.id)
    for member, visible in ((officer, {mine, free}), (lawyer, {theirs}), (leader, {mine, free, theirs})):
        browser = await house.comes_in(member)
        for path in ("/cases?tab=all", "/cases?q=独角兽", "/cases?q=某某商贸", "/cases?tab=due"):
            page = (await browser.opens(path)).text
            shown = {card for card in (mine, free, theirs) if card.number in page}
            assert shown == visible, (member.name, path)


async def test_an_ended_case_that_nobody_claimed_is_open_to_leaders_only(house):
    officer, leader = await house.hires("李干事", Role.OFFICER), await house.hires("王主任", Role.LEADER)
    older = await house.case(assignee=officer.id)
    ended = [await house.case(status=one) for one in sorted(ENDED_STATUSES)]
    joined = await house.case(merged_into=older.id)
    others = await house.case(merged_into=(await house.case(assignee=leader.id)).id)
    for member, visible in ((officer, {joined.id}), (leader, {one.id for one in (*ended, joined, others)})):
        browser = await house.comes_in(member)
        for card in (*ended, joined, others):
            status = (await browser.opens(f"/cases/{card.id}")).status_code
            assert status == (200 if card.id in visible else 404), (member.name, card.status)
        wanted = CaseFilter(seen_by=sight(member), ids=tuple(one.id for one in (*ended, joined, others)))
        found = await house.store.read(lambda unit, wanted=wanted: unit.cases.cards(wanted))
        assert {card.id for card in found} == visible, "lists show what the pages open"


async def test_forged_ids_of_other_places_lead_nowhere(house):
    officer = await house.hires("李干事", Role.OFFICER)
    browser = await house.comes_in(officer)
    mine, other = await house.case(assignee=officer.id), await house.case(assignee="somebody")
    theirs = await keep_file(house, other, b"%PDF-1.4", "a.pdf", "application/pdf")
    assert (await browser.opens(f"/cases/{mine.id}/files/{theirs}")).status_code == 404
    await browser.sends(f"/cases/{mine.id}/drafts", text="我的草稿")
    draft = await browser.draft_in(mine.id)
    for forged in ("../x", "%00", "1' or '1'='1", draft + "0", "x" * 3000):
        answer = await browser.sends(f"/cases/{mine.id}/drafts/{forged}/send")
        assert answer.status_code in (404, 422), forged
    await house.case(assignee=officer.id)
    second = await house.case(assignee=officer.id)
    answer = await browser.sends(f"/cases/{second.id}/drafts/{draft}/send")
    assert answer.status_code == 422, "a draft of another case of hers is no draft here"
    assert not any("我的草稿" in text for text in await house.heard(second.id))


async def test_who_is_disabled_is_out_at_once_even_in_the_middle_of_a_draft(house):
    admin = await house.hires("管理员", Role.ADMIN)
    officer = await house.hires("李干事", Role.OFFICER)
    desk, office = await house.comes_in(officer), await house.comes_in(admin)
    card = await house.case()
    await desk.sends(f"/cases/{card.id}/claim")
    await desk.sends(f"/cases/{card.id}/drafts", text="还没发出去的话")
    draft, token = await desk.draft_in(card.id), await desk.form_token()
    await office.sends(f"/staff/{officer.id}/disable")
    assert office.last.status_code == 303
    await desk.sends(f"/cases/{card.id}/drafts/{draft}/send", csrf=token)
    assert desk.last.status_code == 401
    assert desk.sees("您的账号已经停用") and not desk.sees("自动退出")
    assert (await desk.opens(f"/cases/{card.id}")).status_code == 401
    assert not any("还没发出去的话" in text for text in await house.heard(card.id))
    await desk.sends("/login", name="李干事", password="x" * 12, code="000000")
    assert desk.last.status_code == 403
    await office.sends(f"/staff/{officer.id}/enable")
    assert (await desk.opens("/")).status_code == 303, "the session from before does not live again"


async def test_an_act_that_began_before_the_account_was_disabled_does_nothing(house):
    from bot.domain.errors import NotFound
    from bot.services import accounts, case_work

    admin = await house.hires("管理员", Role.ADMIN)
    officer = await house.hires("李干事", Role.OFFICER)
    card, now = await house.case(), house.clock.now()
    await house.write(lambda unit: accounts.disable(unit, admin, officer.id, now))
    with pytest.raises(NotFound):
        await house.write(lambda unit: case_work.claim(unit, officer, card.id, now, house.desk))
    assert (await house.card(card.id)).assignee is None
