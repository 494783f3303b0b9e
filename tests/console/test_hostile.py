"""What people in danger, or people who mean harm, may type: everywhere it is shown it is text."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import escape

from bot.domain.cases import EventKind, NameLevel
from bot.domain.staff import Role
from tests.console.conftest import keep_file

HOSTILE = [
    '<script>alert("x")</script>',
    '"><img src=x onerror=alert(1)>',
    "{{7*7}} {% raw %} {{config}}",
    "=cmd|' /C calc'!A0",
    "</textarea><script>1</script>",
    "' or 1=1; drop table cases; --",
    "\u202egnp.exe \u200b\u2066x\u2069",
    "javascript:alert(1)",
    "&lt;b&gt; &amp;amp;",
    "\x1b[31mred\x07",
    "👩‍👩‍👧 " * 50,
    "../../etc/passwd",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_words_are_shown_as_words_on_every_page(house, text):
    leader = await house.hires("王主任", Role.LEADER, Role.ADMIN)
    card = await house.case(
        text, employer=text, since=text, evidence=text, wish=text, her_district=text, district=text,
        assignee=leader.id, level=NameLevel.NAMED,
    )  # fmt: skip
    file_id = await keep_file(house, card, b"%PDF-1.4", text, "application/pdf")
    now = house.clock.now()

    def adds(unit):
        unit.cases.add_event(card.id, EventKind.HER_WORDS, by="worker", at=now, body=text)
        unit.cases.add_event(card.id, EventKind.HER_FILE, by="worker", at=now, facts={"file": file_id})
        unit.feedback.add(text, "not_found", None, now)

    await house.write(adds)
    desk = await house.comes_in(leader)
    await desk.sends(f"/cases/{card.id}/notes", text=text)
    await desk.sends(f"/cases/{card.id}/drafts", text=text)
    await desk.sends(f"/cases/{card.id}/drafts/{await desk.draft_in(card.id)}/send")
    assert desk.last.status_code == 303
    await desk.sends(f"/cases/{card.id}/drafts", text=text)
    assert any(text.strip() in heard for heard in await house.heard(card.id)), "she gets it letter by letter"
    pages = [await desk.opens(path) for path in (f"/cases/{card.id}", "/cases?tab=all", "/content")]
    assert str(escape(text.strip())) in pages[0].text, "it is shown, and shown as it was typed"
    pages.append(await desk.opens("/cases", params={"q": text}))
    pages.append(
        await desk.sends(f"/cases/{card.id}/close", outcome="", text=text, amount=text[:40], people=text[:10])
    )
    pages.append(await desk.sends(f"/cases/{card.id}/move", to=text, text=text))
    for page in pages:
        assert page.status_code in (200, 404, 422)
        _holds_no_markup_of_others(page.text)


def _holds_no_markup_of_others(page: str) -> None:
    assert page.count("<script") == 1
    assert "<img src=x" not in page
    assert "onerror=alert(1)>" not in page
    assert page.count("<textarea") == page.count("</textarea>")


@pytest.mark.parametrize("name", [*HOSTILE, "a\r\nset-cookie: x=y", 'x"; filename="y.exe'])
async def test_a_file_comes_as_an_attachment_under_a_name_of_ours(house, name):
    officer = await house.hires("李干事", Role.OFFICER)
    desk, card = await house.comes_in(officer), await house.case(assignee=officer.id)
    file_id = await keep_file(house, card, b"<script>1</script>", name, "text/html")
    answer = await desk.opens(f"/cases/{card.id}/files/{file_id}")
    assert answer.status_code == 200
    assert answer.content == b"<script>1</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    named = answer.headers["content-disposition"]
    assert re.fullmatch(rf'attachment; filename="{card.number}-[0-9a-f]{{8}}\.bin"', named)
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "download" in await house.audited(card.id)


FIELDS = ["text", "to", "outcome", "amount", "people", "seen", "staff", "kind"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300), field=st.sampled_from(FIELDS))
async def test_no_text_in_any_field_brings_the_desk_down(house, text, field):
    known = await house.store.read(lambda unit: unit.staff.by_name("王主任"))
    leader = known or await house.hires("王主任", Role.LEADER)
    desk, card = await house.comes_in(leader), await house.case(assignee=leader.id)
    token = await desk.form_token()
    for act in ("notes", "drafts", "move", "close", "assign", "writing"):
        values = {"text": "好", "to": "mediating", "outcome": "advised", "csrf": token, field: text}
        answer = await desk.sends(f"/cases/{card.id}/{act}", **values)
        assert answer.status_code < 500, (act, field, text)
    assert (await desk.opens("/cases", params={"q": text, "tab": text})).status_code == 200
    page = await desk.opens(f"/cases/{card.id}")
    assert page.status_code == 200
    assert page.text.count("<script") == 1
