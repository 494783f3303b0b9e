"""Setting up, signing in, limits, and how a session ends."""

import re

import pyotp
import pytest

from bot.domain.staff import SYSTEM, Role
from bot.services import accounts
from tests.console.conftest import PASSWORD


async def _first_link(house) -> str:
    now = house.clock.now()
    return await house.write(lambda unit: accounts.first_admin_link(unit, now))


def _secret(page: str) -> str:
    return "".join(re.search(r'class="secret">([A-Z2-7 ]+)<', page)[1].split())


async def test_the_first_administrator_sets_up_by_link_and_signs_in(house):
    token = await _first_link(house)
    browser = house.browser()
    page = await browser.opens(f"/setup/{token}")
    assert "设置第一位管理员" in page.text
    secret = _secret(page.text)
    picture = await browser.opens(f"/setup/{token}/code.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert b"<svg" in picture.content
    assert _secret((await browser.opens(f"/setup/{token}")).text) == secret, "the secret stays the same"
    code = pyotp.TOTP(secret).at(house.clock.now())
    await browser.sends(f"/setup/{token}", name="王管理", password=PASSWORD, code=code)
    await browser.follows()
    assert browser.sees("账号已经可以用了")
    await browser.sends("/login", name="王管理", password=PASSWORD, code=code)
    assert browser.last.status_code == 403, "the code that confirmed the setup is used up"
    house.clock.passes(seconds=30)
    code = pyotp.TOTP(secret).at(house.clock.now())
    await browser.sends("/login", name="王管理", password=PASSWORD, code=code)
    await browser.follows()
    assert browser.sees("王管理，您好")
    assert await _first_link(house) is None
    assert (await browser.opens(f"/setup/{token}")).status_code == 404


async def test_two_first_links_make_only_one_first_administrator(house):
    links = [await _first_link(house), await _first_link(house)]
    browser = house.browser()
    pages = [await browser.opens(f"/setup/{token}") for token in links]
    for token, page, name, status in zip(links, pages, ("甲", "乙"), (303, 404), strict=True):
        code = pyotp.TOTP(_secret(page.text)).at(house.clock.now())
        await browser.sends(f"/setup/{token}", name=name, password=PASSWORD, code=code)
        assert browser.last.status_code == status
    assert [one.name for one in await house.store.read(lambda unit: unit.staff.all())] == ["甲"]
    assert (await browser.opens(f"/setup/{links[1]}")).status_code == 404


async def test_a_newer_link_makes_the_older_ones_void_and_none_works_twice(house):
    now = house.clock.now()
    member, first = await house.write(
        lambda unit: accounts.invite(unit, SYSTEM, "李干事", frozenset({Role.OFFICER}), now)
    )
    second = await house.write(lambda unit: accounts.reset(unit, SYSTEM, member.id, now))
    browser = house.browser()
    assert (await browser.opens(f"/setup/{first}")).status_code == 404
    secret = _secret((await browser.opens(f"/setup/{second}")).text)
    code = pyotp.TOTP(secret).at(house.clock.now())
    await browser.sends(f"/setup/{second}", password=PASSWORD, code=code)
    assert browser.last.status_code == 303
    third = await house.write(lambda unit: accounts.reset(unit, SYSTEM, member.id, now))
    for token, status in ((first, 404), (second, 404), (third, 200)):
        assert (await browser.opens(f"/setup/{token}")).status_code == status


@pytest.mark.parametrize(
    ("name", "password", "code", "words"),
    [
        ("", PASSWORD, None, "请写姓名"),
        ("长" * 21, PASSWORD, None, "姓名最多 20 个字"),
        ("李\u202e娜", PASSWORD, None, "看不见的符号"),
        ("李娜", "short", None, "密码至少 12 个字"),
        ("李娜", "x" * 300, None, "密码最多 256 个字"),
        ("李娜", PASSWORD, "000000", "动态码不对"),
        ("李娜", PASSWORD, "abc", "动态码不对"),
    ],
)
async def test_a_setup_that_will_not_do_says_what_to_write_and_hashes_nothing(
    house, name, password, code, words
):
    token = await _first_link(house)
    browser = house.browser()
    secret = _secret((await browser.opens(f"/setup/{token}")).text)
    code = code or pyotp.TOTP(secret).at(house.clock.now())
    await browser.sends(f"/setup/{token}", name=name, password=password, code=code)
    assert browser.last.status_code == 422
    assert browser.sees(words)
    assert house.passwords.hashed == 0
    assert (await browser.opens(f"/setup/{token}")).status_code == 200, "the link still works"


async def test_a_link_ends_after_two_days_and_a_made_up_one_never_worked(house):
    token = await _first_link(house)
    browser = house.browser()
    assert (await browser.opens("/setup/" + "x" * 43)).status_code == 404
    house.clock.passes(hours=49)
    assert (await browser.opens(f"/setup/{token}")).status_code == 404


async def test_every_kind_of_wrong_sounds_the_same(house):
    await house.hires("李干事", Role.OFFICER)
    tries = (
        ("李干事", "another long password", house.code("李干事")),
        ("李干事", PASSWORD, "000000"),
        ("没有这个人", PASSWORD, "000000"),
    )
    answers = set()
    for name, password, code in tries:
        browser = house.browser()
        await browser.sends("/login", name=name, password=password, code=code)
        assert browser.last.status_code == 403
        answers.add(re.sub(r'value="[^"]*"', "", browser.last.text))
    assert len(answers) == 1


async def test_a_code_opens_one_session_only(house):
    await house.hires("李干事", Role.OFFICER)
    code = house.code("李干事")
    first, second = house.browser(), house.browser()
    await first.sends("/login", name="李干事", password=PASSWORD, code=code)
    assert first.last.status_code == 303
    await second.sends("/login", name="李干事", password=PASSWORD, code=code)
    assert second.last.status_code == 403


async def test_the_sixth_try_for_a_name_within_a_minute_is_not_even_hashed(house):
    await house.hires("李干事", Role.OFFICER)
    for number in range(6):
        browser = house.browser(address=f"10.0.0.{number}")
        before = house.passwords.hashed
        await browser.sends("/login", name="李干事", password="wrong password here", code="000000")
    assert browser.last.status_code == 429
    assert browser.sees("试得太多了。请过 1 分钟再来")
    assert house.passwords.hashed == before
    house.clock.passes(seconds=90)
    await browser.sends("/login", name="李干事", password=PASSWORD, code=house.code("李干事"))
    assert browser.last.status_code == 303


async def test_the_eleventh_try_from_an_address_within_an_hour_is_not_even_hashed(house):
    for number in range(11):
        browser = house.browser(address="10.9.9.9")
        before = house.passwords.hashed
        await browser.sends("/login", name=f"名字{number}", password="wrong password here", code="000000")
        house.clock.passes(seconds=20)
    assert browser.last.status_code == 429
    assert house.passwords.hashed == before
    assert browser.sees("请过 57 分钟再来")


async def test_a_whole_office_behind_one_address_comes_in(house):
    await house.hires("李干事", Role.OFFICER)
    for _ in range(12):
        browser = house.browser(address="10.9.9.9")
        await browser.sends("/login", name="李干事", password=PASSWORD, code=house.code("李干事"))
        assert browser.last.status_code == 303
    for number in range(11):
        await house.browser(address="10.9.9.9").sends(
            "/login", name=f"名字{number}", password="wrong password here", code="000000"
        )
    browser = house.browser(address="10.9.9.9")
    await browser.sends("/login", name="李干事", password=PASSWORD, code=house.code("李干事"))
    assert browser.last.status_code == 429, "ten that failed are too many still"


async def test_signing_in_gives_an_id_that_the_browser_did_not_bring(house):
    officer = await house.hires("李干事", Role.OFFICER)
    browser = await house.comes_in(officer)
    old = browser.client.cookies["desk"]
    await browser.opens("/login")
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.last.text)[1]
    await browser.sends("/login", name="李干事", password=PASSWORD, code=house.code("李干事"), csrf=token)
    new = browser.client.cookies["desk"]
    assert len(new) >= 43
    assert new != old
    thief = house.browser()
    thief.client.cookies.set("desk", old, domain="127.0.0.1")
    assert (await thief.opens("/")).status_code == 303, "the old id is worth nothing"
    planted = house.browser()
    planted.client.cookies.set("desk", "x" * 43, domain="127.0.0.1")
    assert (await planted.opens("/")).headers["location"] == "/console/login"


async def test_a_session_ends_after_half_an_hour_of_silence_and_after_twelve_hours(house):
    officer = await house.hires("李干事", Role.OFFICER)
    browser = await house.comes_in(officer)
    house.clock.passes(minutes=29)
    assert (await browser.opens("/")).status_code == 200
    house.clock.passes(minutes=31)
    assert (await browser.opens("/")).status_code == 303
    browser = await house.comes_in(officer)
    for _ in range(36):
        house.clock.passes(minutes=20)
        last = await browser.opens("/")
    assert last.status_code == 200
    house.clock.passes(minutes=10)
    assert (await browser.opens("/")).status_code == 303


async def test_signing_out_ends_the_session_on_the_server(house):
    officer = await house.hires("李干事", Role.OFFICER)
    browser = await house.comes_in(officer)
    token = browser.client.cookies["desk"]
    await browser.sends("/logout")
    assert browser.last.headers["clear-site-data"] == '"cache"'
    copied = house.browser()
    copied.client.cookies.set("desk", token, domain="127.0.0.1")
    assert (await copied.opens("/")).status_code == 303


async def test_after_signing_in_she_comes_to_the_case_she_wanted_and_nowhere_else(house):
    await house.hires("李干事", Role.OFFICER)
    card = await house.case()
    browser = house.browser()
    asked = await browser.opens(f"/cases/{card.id}")
    assert asked.headers["location"] == f"/console/login?next=/console/cases/{card.id}"
    for wanted, place in (
        (f"/console/cases/{card.id}", f"/console/cases/{card.id}"),
        ("https://evil.example/", "/console/"),
        ("//evil.example", "/console/"),
        ("/console/cases//evil.example", "/console/"),
        ("/cases/x\r\nset-cookie:a=b", "/console/"),
        ("/console/cases/../../x", "/console/"),
    ):
        browser = house.browser()
        await browser.sends(
            "/login", name="李干事", password=PASSWORD, code=house.code("李干事"), next=wanted
        )
        assert browser.last.headers["location"] == place
        house.clock.passes(minutes=20)


async def test_a_reset_ends_sessions_and_the_old_password_until_the_new_link_is_used(house):
    officer = await house.hires("李干事", Role.OFFICER)
    browser = await house.comes_in(officer)
    now = house.clock.now()
    token = await house.write(lambda unit: accounts.reset(unit, SYSTEM, officer.id, now))
    assert (await browser.opens("/")).status_code == 303
    await browser.sends("/login", name="李干事", password=PASSWORD, code=house.code("李干事"))
    assert browser.last.status_code == 403
    page = await browser.opens(f"/setup/{token}")
    assert "李干事，请设置您的账号" in page.text
    code = pyotp.TOTP(_secret(page.text)).at(house.clock.now())
    await browser.sends(f"/setup/{token}", password="又一句只有自己记得住的长话", code=code)
    assert browser.last.status_code == 303
    again = await house.store.read(lambda unit: unit.staff.get(officer.id))
    assert again.has_totp
    assert again.name == "李干事"


async def test_changing_the_password_ends_every_session(house):
    officer = await house.hires("李干事", Role.OFFICER)
    one, other = await house.comes_in(officer), await house.comes_in(officer)
    await one.sends(
        "/account/password", password="not the old password", new="新的一句只有自己记得住的话", code="1"
    )
    assert one.last.status_code == 422
    await one.sends(
        "/account/password", password=PASSWORD, new="新的一句只有自己记得住的话", code=house.code("李干事")
    )
    assert one.last.status_code == 303
    assert (await other.opens("/")).status_code == 303
    await one.sends("/login", name="李干事", password="新的一句只有自己记得住的话", code=house.code("李干事"))
    assert one.last.status_code == 303


async def test_the_password_is_kept_only_as_argon2id_and_never_in_pages(house):
    officer = await house.hires("李干事", Role.OFFICER)
    kept = await house.store.read(lambda unit: unit.staff.secrets(officer.id))
    assert kept.password_hash.startswith("$argon2id$")
    browser = house.browser()
    await browser.sends("/login", name="李干事", password="my secret mistake", code="1")
    assert not browser.sees("my secret mistake")


async def test_a_forwarded_form_from_another_site_does_not_sign_in(house):
    await house.hires("李干事", Role.OFFICER)
    browser = house.browser()
    token = await browser.form_token()
    await browser.sends(
        "/login", name="李干事", password=PASSWORD, code=house.code("李干事"), csrf=token,
        headers={"origin": "https://evil.example"},
    )  # fmt: skip
    assert browser.last.status_code == 403
    assert "desk" not in browser.client.cookies
