"""Hand-overs, what partners said, and joint sessions: sealed, bound to their case, gone with it."""

import sqlite3
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.cases import CaseStatus
from bot.domain.errors import NotAllowed, NotFound
from bot.domain.handovers import (
    Content,
    Field,
    HandOver,
    HandOverState,
    JointSession,
    OralConsent,
    PartnerAnswer,
    PartnerStep,
    Purpose,
    SessionRole,
    SessionState,
)
from storage.verify import check_seals

MARK = "独角兽"
CONTENT = Content({Field.HAPPENED: f"{MARK}经过", Field.NAME: f"{MARK}名"}, ("file1",))


def hand_over(clock, case_id="case1", **changes) -> HandOver:
    now = clock.now()
    values = {
        "id": "h1", "case_id": case_id, "agency": "court", "agency_name": f"{MARK}法院",
        "purpose": Purpose.LAWSUIT, "state": HandOverState.PROPOSED, "proposed_by": "s1", "proposed_at": now,
        "until": now + timedelta(days=30), "offered": (Field.HAPPENED, Field.FILES, Field.NAME),
        "look_at": now + timedelta(days=30),
    }  # fmt: skip
    return HandOver(**(values | changes))


def content_of(store, clock, one, target=None):
    def read(unit):
        return unit.partners.content(
            one.id, unit.audit.append("s", "look", target or one.case_id, clock.now())
        )

    return store.write(read)


async def test_everything_comes_back_as_it_was_kept(store, clock, opens_case):
    await opens_case()
    one = hand_over(clock)
    await store.write(lambda unit: unit.partners.propose(one, CONTENT))
    assert await store.read(lambda unit: unit.partners.get("h1")) == one
    assert await content_of(store, clock, one) == CONTENT
    later = clock.now() + timedelta(hours=1)
    changed = replace(
        one, state=HandOverState.AGREED, refused=frozenset({Field.NAME}), version="v1",
        oral=OralConsent.BY_PHONE, oral_by="s1", decided_at=later, sent_at=later, look_at=later, chased=1,
        letters=2, views=3, first_seen_at=later, last_seen_at=later,
    )  # fmt: skip
    await store.write(lambda unit: unit.partners.save(changed))
    await store.write(lambda unit: unit.partners.keep_content(changed, CONTENT.only(changed.given)))
    assert await store.read(lambda unit: unit.partners.of_case("case1")) == [changed]
    assert (await content_of(store, clock, one)).fields == (Field.HAPPENED, Field.FILES)
    assert await store.read(lambda unit: unit.partners.due(later)) == [changed]
    assert await store.read(lambda unit: unit.partners.due(later - timedelta(seconds=1))) == []
    session = JointSession(
        "j1", "case1", SessionState.HELD, later, "s1", clock.now(), ((f"{MARK}法院", SessionRole.HOST),),
        "三楼", "工资", True, date(2026, 11, 22), date(2026, 12, 22), False, "谈好了",
    )  # fmt: skip
    await store.write(lambda unit: unit.partners.keep_joint(replace(session, agreement=None)))
    await store.write(lambda unit: unit.partners.keep_joint(session))
    assert await store.read(lambda unit: unit.partners.joints_of("case1")) == [session]


async def test_content_is_opened_only_after_an_audit_line_or_for_her(store, clock, opens_case, anna, bela):
    await opens_case()
    await opens_case(sender=bela, case_id="case2", number="A26-0002")
    one = hand_over(clock)
    await store.write(lambda unit: unit.partners.propose(one, CONTENT))
    with pytest.raises(NotAllowed):
        await content_of(store, clock, one, target="case2")
    with pytest.raises(NotAllowed):
        await store.read(lambda unit: unit.partners.content("h1", 1))
    hers = await store.read(lambda unit: unit.partners.her_content("h1", unit.people.find(anna).id))
    assert hers == CONTENT
    with pytest.raises(NotFound):
        await store.read(lambda unit: unit.partners.her_content("h1", unit.people.find(bela).id))


async def test_a_link_opens_once_a_code_and_ends_with_the_consent(store, clock, opens_case):
    await opens_case()
    one = hand_over(clock, state=HandOverState.AGREED)

    def fill(unit):
        unit.partners.propose(one, CONTENT)
        unit.partners.set_link("h1", "token", "123456")

    await store.write(fill)
    assert (await store.read(lambda unit: unit.partners.by_link("token"))).has_link
    assert await store.read(lambda unit: unit.partners.by_link("other")) is None
    for code, fits in (("123456", True), ("123457", False), ("", False)):
        assert await store.read(lambda unit, code=code: unit.partners.fits("h1", code)) is fits
    assert not await store.read(lambda unit: unit.partners.fits("nobody", "123456"))
    await store.write(lambda unit: unit.partners.start_session("secret", one, "654321", clock.now()))
    assert not await store.read(lambda unit: unit.partners.fits("h1", "123456"))
    assert await store.read(lambda unit: unit.partners.fits("h1", "654321"))
    assert (await store.read(lambda unit: unit.partners.session("secret", "h1"))).next_code == "654321"
    assert await store.read(lambda unit: unit.partners.session("secret", "h2")) is None
    await store.write(lambda unit: unit.partners.save(replace(one, state=HandOverState.REVOKED)))
    assert await store.read(lambda unit: unit.partners.by_link("token")) is None
    assert await store.read(lambda unit: unit.partners.session("secret", "h1")) is None


async def test_it_is_sealed_said_once_and_gone_with_the_case(house, store, clock, opens_case):
    await opens_case()
    one = hand_over(clock, state=HandOverState.AGREED)
    said = PartnerAnswer("a1", "h1", "case1", PartnerStep.ACCEPTED, clock.now(), "", f"{MARK}案号")

    def fill(unit):
        unit.partners.propose(one, CONTENT)
        unit.partners.set_link("h1", f"{MARK}token", "123456")
        unit.partners.start_session(f"{MARK}secret", one, "654321", clock.now())
        unit.partners.keep_answer(said)
        unit.partners.keep_joint(
            JointSession(
                "j1", "case1", SessionState.PLANNED, clock.now(), "s1", clock.now(), (), f"{MARK}地点"
            )
        )

    await store.write(fill)
    assert await store.read(lambda unit: unit.partners.answers("h1")) == [said]
    with pytest.raises(sqlite3.IntegrityError):
        await store.write(lambda unit: unit.partners.keep_answer(replace(said, id="a2")))
    assert not [name for name, data in house.files().items() if MARK.encode() in data]
    assert not await store.inspect(lambda connection, unit: list(check_seals(unit)))
    card = await store.read(lambda unit: unit.cases.card("case1"))
    await store.write(lambda unit: unit.cases.save_card(replace(card, status=CaseStatus.CLOSED)))
    await store.write(lambda unit: unit.cases.erase("case1"))
    assert await store.read(lambda unit: unit.partners.get("h1")) is None
    assert await store.read(lambda unit: unit.partners.joint("j1")) is None
    assert await store.read(lambda unit: unit.partners.answers("h1")) == []


async def test_a_changed_row_is_found(house, store, clock, opens_case):
    await opens_case()
    await store.write(lambda unit: unit.partners.propose(hand_over(clock), CONTENT))

    await store.write(lambda unit: unit.context.db.run("update hand_overs set content = about"))
    found = await store.inspect(lambda connection, unit: [one.where for one in check_seals(unit)])
    assert any("hand_overs.content" in where for where in found)
