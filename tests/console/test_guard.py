"""What stands before every page and on every answer."""

import pytest

from bot.console.routes import TABLE
from bot.domain.staff import Role

HEADERS = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


def _paths():
    return sorted({entry.path for entry in TABLE})


def _filled(path: str) -> str:
    for name, value in (
        ("case_id", "none"), ("draft_id", "none"), ("file_id", "none"), ("staff_id", "none"),
        ("token", "none"), ("name", "console.css"),
    ):  # fmt: skip
        path = path.replace(f"{{{name}}}", value)
    return path


@pytest.mark.parametrize("path", [*_paths(), "/nothing/here", "/cases/none/none/none"])
async def test_every_answer_carries_the_strict_headers(house, path):
    browser = house.browser()
    answer = await browser.opens(_filled(path))
    for name, value in HEADERS.items():
        if path == "/static/{name}" and name == "cache-control":
            continue
        assert answer.headers[name] == value, (path, name)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize("public_url", ["https://desk.example.org"])
async def test_behind_https_the_cookie_is_host_bound_and_secure(house):
    browser = house.browser(base="https://desk.example.org")
    answer = await browser.opens("/login")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-desk-form=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"):
        assert part in cookie
    assert "Domain" not in cookie
    assert "max-age" in answer.headers["strict-transport-security"]


async def test_pages_hold_no_inline_script_or_style(house):
    leader = await house.hires("王主任", Role.LEADER, Role.ADMIN, Role.AUDITOR, Role.CAMPAIGN)
    browser, card = await house.comes_in(leader), await house.case()
    for path in ("/", "/cases", f"/cases/{card.id}", "/staff", "/account", "/content", "/contest",
                 "/operations", "/audit", "/login"):  # fmt: skip
        page = (await browser.opens(path)).text
        assert browser.last.status_code == 200, path
        assert " style=" not in page, path
        assert "<style" not in page, path
        assert " onclick" not in page, path
        assert page.count("<script") == page.count('<script src="/console/static/') == 1, path
        assert "http://" not in page.replace("http://127.0.0.1:8080/console/setup", ""), path


@pytest.mark.parametrize(
    "entry", [entry for entry in TABLE if entry.method == "POST"], ids=lambda one: one.path
)
async def test_no_form_is_taken_without_its_token_or_from_another_site(house, entry):
    leader = await house.hires("王主任", Role.LEADER, Role.ADMIN)
    browser, card = await house.comes_in(leader), await house.case()
    path = _filled(entry.path.replace("{case_id}", card.id))
    other = await house.comes_in(leader)
    good, foreign = await browser.form_token(), await other.form_token()
    before = await house.audited()
    for headers, token in (
        ({}, ""),
        ({}, "0" * 64),
        ({}, foreign),
        ({}, "囧"),
        ({"origin": "https://evil.example"}, good),
        ({"origin": "null"}, good),
        ({"sec-fetch-site": "cross-site"}, good),
        ({"sec-fetch-site": "same-site"}, good),
    ):
        await browser.sends(
            path, csrf=token, headers=headers, text="x", staff=leader.id, name="x", role="admin"
        )
        assert browser.last.status_code == 403, (headers, token)
    assert await house.audited() == before, "nothing was done"


async def test_a_get_changes_nothing(house):
    leader = await house.hires("王主任", Role.LEADER, Role.ADMIN)
    browser, card = await house.comes_in(leader), await house.case()
    for path in (f"/cases/{card.id}/claim", f"/cases/{card.id}/close", "/logout", "/staff/x/disable"):
        assert (await browser.opens(path)).status_code == 405
    assert (await house.card(card.id)).version == card.version


async def test_odd_methods_are_refused_with_a_page(house):
    officer = await house.hires("李干事", Role.OFFICER)
    browser = await house.comes_in(officer)
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        answer = await browser.client.request(method, "/console/cases")
        assert answer.status_code == 405
        assert answer.headers["x-frame-options"] == "DENY"


async def test_static_files_are_two_and_nothing_beside_them(house):
    browser = house.browser()
    assert (await browser.opens("/static/console.css")).status_code == 200
    assert (await browser.opens("/static/console.js")).status_code == 200
    for name in ("..%2fguard.py", "%2e%2e/guard.py", "guard.py", "", "console.css%00", "....//guard.py"):
        assert (await browser.opens(f"/static/{name}")).status_code == 404, name


async def test_a_form_of_more_than_a_million_bytes_is_refused_in_words(house):
    officer = await house.hires("李干事", Role.OFFICER)
    browser, card = await house.comes_in(officer), await house.case()
    await browser.sends(f"/cases/{card.id}/notes", text="长" * 200_000)
    assert browser.last.status_code == 413
    assert browser.sees("内容太大")
    await browser.sends(f"/cases/{card.id}/notes", text="长" * 5000)
    assert browser.last.status_code == 422
    assert browser.sees("最多 4000 个字，现在 5000 个字")
    assert browser.sees("长" * 5000), "what was typed is shown again"


async def test_other_bodies_than_a_form_are_no_form(house):
    officer = await house.hires("李干事", Role.OFFICER)
    browser, card = await house.comes_in(officer), await house.case()
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", ""):
        answer = await browser.client.post(
            f"/console/cases/{card.id}/claim", content=b'{"csrf":"x"}', headers={"content-type": kind}
        )
        assert answer.status_code == 403
    many = "&".join(f"a{number}=1" for number in range(500))
    answer = await browser.client.post(
        f"/console/cases/{card.id}/claim", content=many.encode(),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert answer.status_code == 403


async def test_what_was_typed_into_an_ended_session_is_given_back(house):
    officer = await house.hires("李干事", Role.OFFICER)
    browser, card = await house.comes_in(officer), await house.case()
    token = await browser.form_token()
    house.clock.passes(hours=1)
    await browser.sends(f"/cases/{card.id}/notes", csrf=token, text="写了很久的一段话 <b>")
    assert browser.last.status_code == 401
    assert browser.sees("写了很久的一段话 &lt;b&gt;")
