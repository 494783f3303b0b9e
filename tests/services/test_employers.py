"""Employers across cases: what joins by itself, what is asked, what staff decide, and what repeats."""

import secrets
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, NameLevel
from bot.domain.employer_names import ALIKE, key_of, likeness
from bot.domain.errors import NotAllowed, NotFound, Refused
from bot.domain.incoming import Address
from bot.domain.ports_employers import EmployerSize, LetterState
from bot.domain.promises import Promises
from bot.domain.signals import Signals
from bot.domain.staff import Role, StaffMember
from bot.services import employers, patterns
from bot.services.bell import Bell
from bot.services.case_gate import see_card
from bot.services.case_work import Desk
from bot.services.patterns import LetterFacts
from knowledge.wording import load_wording
from storage.sqlite import open_store
from tests.console.small_knowledge import small_knowledge
from tests.fakes import FrozenClock

WORDING = load_wording(Path(__file__).resolve().parents[2] / "knowledge")
DESK = Desk(WORDING, Bell(WORDING, None, "http://127.0.0.1:8080"), Promises())
FACTS = LetterFacts(WORDING, small_knowledge(), "测试总工会")
SAME = [
    "宁夏百味餐饮有限公司",
    "银川市百味餐饮",
    "百味餐饮（银川）有限责任公司",
    "百 味 餐 饮 公司",
    "寧夏百味餐飲有限公司",
]
NEAR = ["百味餐饮管理有限公司", "百味餐饮金凤店", "佰味餐饮有限公司"]
OTHER = ["百味食品厂", "安心家政服务公司", "银川餐饮有限公司"]
NOBODY = ["", "不知道", "某公司", "一家超市", "公司", "unknown", "老板", "（银川）有限公司"]


@pytest.fixture
async def store(tmp_path):
    clock = FrozenClock()
    url = f"sqlite:///{tmp_path / 'data' / 'e.db'}"
    async with open_store(url, tmp_path / "keys" / "master.key", clock, Signals()) as opened:
        opened_at = clock.now()

        def hire(unit):
            for name, role in (("leader", Role.LEADER), ("officer", Role.OFFICER), ("admin", Role.ADMIN)):
                unit.staff.add(StaffMember(name, name, frozenset({role}), True, opened_at, has_totp=True))

        await opened.write(hire)
        yield House(opened, clock)


class House:
    def __init__(self, store, clock):
        self.store, self.clock = store, clock

    async def does(self, work):
        return await self.store.write(lambda unit: work(unit, self.clock.now()))

    async def member(self, name):
        return await self.store.read(lambda unit: unit.staff.get(name))

    async def case(self, employer, person=None, **changes):
        """A case that somebody opened about an employer; each by another person unless one is named."""
        self.clock.passes(minutes=1)

        def add(unit, now):
            holder = unit.people.get_or_add(Address("webchat", person or secrets.token_hex(6)), now)
            values = {
                "id": secrets.token_hex(8), "number": unit.cases.next_number(now), "kind": CaseKind.WAGES,
                "status": CaseStatus.NEW, "urgent": False, "district": "金凤区",
                "level": NameLevel.ANONYMOUS, "topic": None, "source": "webchat", "opened_at": now,
                "changed_at": now, "promised_at": now + timedelta(hours=20), "assignee": None,
            }  # fmt: skip
            card = CaseCard(**(values | changes))
            unit.cases.add(
                card, Answers(happened="x", employer=employer), holder.id, secrets.token_hex(9), None
            )
            return employers.link(unit, card, employer, now, WORDING)

        return await self.does(add)

    async def letters(self):
        return await self.store.read(lambda unit: unit.employers.letters())


# ── names ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", SAME)
def test_ways_to_write_one_name_are_one_key(name):
    assert key_of(name) == "百味餐饮"


@pytest.mark.parametrize("name", NEAR)
def test_a_near_name_is_another_key_that_is_asked_about(name):
    assert key_of(name, "金凤区") != "百味餐饮"
    assert likeness(key_of(name, "金凤区"), "百味餐饮") >= ALIKE


@pytest.mark.parametrize("name", OTHER)
def test_another_name_is_not_asked_about(name):
    assert likeness(key_of(name), "百味餐饮") < ALIKE


@pytest.mark.parametrize("name", NOBODY)
def test_what_names_nobody_has_no_key(name):
    assert key_of(name) == ""


def test_a_place_stays_where_only_a_trade_is_left_behind_it():
    assert key_of("银川纺织有限公司") != key_of("吴忠纺织有限公司")
    assert key_of("宁夏银行") != key_of("西安银行")


# ── the register ─────────────────────────────────────────────────────────────────────────────────────


async def test_exact_names_join_by_themselves_and_near_ones_only_ask(store):
    cards = [await store.case(name) for name in SAME]
    assert len({card.employer_id for card in cards}) == 1
    near = await store.case(NEAR[0])
    assert near.employer_id != cards[0].employer_id
    (pair,) = await store.store.read(lambda unit: unit.employers.pairs())
    assert {pair.newer, pair.older} == {near.employer_id, cards[0].employer_id}
    kept = await store.store.read(lambda unit: unit.cases.card(near.id))
    assert kept.employer_id == near.employer_id


async def test_a_case_that_names_nobody_stays_without_an_employer(store):
    card = await store.case("不知道")
    assert card.employer_id is None
    assert await store.store.read(lambda unit: unit.employers.all()) == []


async def test_joining_and_splitting_brings_every_case_back_to_where_it_was(store):
    one, two = await store.case("百味餐饮"), await store.case("百味餐饮管理公司")
    leader = await store.member("leader")
    await store.does(
        lambda unit, now: employers.join(unit, leader, two.employer_id, one.employer_id, now, DESK)
    )
    counted = await store.store.read(lambda unit: unit.employers.counts(store.clock.now() - patterns.WINDOW))
    assert counted == {one.employer_id: 2}
    names = await store.store.read(lambda unit: unit.employers.names(one.employer_id))
    mark = next(name.mark for name in names if name.written == "百味餐饮管理公司")
    alone = await store.does(lambda unit, now: employers.split(unit, leader, one.employer_id, mark, now))
    since = store.clock.now() - patterns.WINDOW
    counted = await store.store.read(lambda unit: unit.employers.counts(since))
    assert counted == {one.employer_id: 1, alone: 1}
    assert (await store.store.read(lambda unit: unit.cases.card(two.id))).employer_id == alone
    assert await store.store.read(lambda unit: unit.employers.pairs()) == []  # they are two for good


async def test_who_works_there_sees_neither_the_employer_nor_its_cases_even_after_names_were_joined(store):
    one, two = await store.case("百味餐饮"), await store.case("百味餐饮管理公司")
    leader, admin = await store.member("leader"), await store.member("admin")
    await store.does(lambda unit, now: employers.employ(unit, admin, "officer", "银川百味餐饮管理", now))
    await store.does(
        lambda unit, now: employers.join(unit, leader, two.employer_id, one.employer_id, now, DESK)
    )
    officer = await store.member("officer")
    assert officer.employer_id == one.employer_id
    with pytest.raises(NotFound):
        await store.does(lambda unit, now: see_card(unit, officer, one.id))
    await store.does(lambda unit, now: employers.employ(unit, admin, "leader", "百味餐饮", now))
    with pytest.raises(Refused, match="employer_gone"):
        await store.does(lambda unit, now: employers.view(unit, leader, one.employer_id, now))
    assert await store.does(lambda unit, now: employers.list_all(unit, leader, now)) == []


async def test_only_those_with_the_power_see_employers_and_every_look_is_audited(store):
    card = await store.case("百味餐饮")
    officer, leader = await store.member("officer"), await store.member("leader")
    with pytest.raises(NotAllowed):
        await store.does(lambda unit, now: employers.list_all(unit, officer, now))
    with pytest.raises(NotAllowed):
        await store.does(lambda unit, now: employers.employ(unit, leader, "officer", "百味餐饮", now))
    shown = await store.does(lambda unit, now: employers.view(unit, leader, card.employer_id, now))
    assert [one.number for one in shown.cases] == [card.number]
    acts = [line.act for line in await store.store.read(lambda unit: unit.audit.lines(card.employer_id, 9))]
    assert acts == ["open_employer"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "employer_empty"),
        ("某公司", "employer_unclear"),
        ("百" * 61, "employer_long"),
        ("安心家政", "employer_taken"),
    ],
)
async def test_a_name_that_will_not_do_is_refused_and_nothing_changes(store, name, reason):
    card = await store.case("百味餐饮")
    await store.case("安心家政服务有限公司")
    await store.case("安心家政")
    leader = await store.member("leader")
    with pytest.raises(Refused, match=reason):
        await store.does(
            lambda unit, now: employers.describe(
                unit, leader, card.employer_id, name, EmployerSize.TO_99, now
            )
        )
    kept = await store.store.read(lambda unit: unit.employers.get(card.employer_id))
    assert (kept.name, kept.size) == ("百味餐饮", EmployerSize.UNKNOWN)


# ── what repeats ─────────────────────────────────────────────────────────────────────────────────────


async def test_three_women_with_one_trouble_make_one_proposal_and_leaders_hear_of_it(store):
    for name in SAME[:2]:
        await store.case(name)
    assert await store.letters() == []
    card = await store.case(SAME[2])
    await store.case(SAME[3])
    (letter,) = await store.letters()
    assert (letter.practice, letter.employer_id) == ("kind:wages", card.employer_id)
    told = await store.store.read(lambda unit: unit.duty.notices("leader", 10))
    assert [one.text for one in told] == [WORDING.employers.repeats]


async def test_one_woman_with_three_cases_and_one_group_are_no_pattern(store):
    for _ in range(3):
        await store.case("百味餐饮", person="anna")
    parent = await store.case("安心家政服务公司")
    for _ in range(4):
        await store.case("安心家政服务公司", parent_id=parent.id)
    assert await store.letters() == []


async def test_a_group_case_and_a_double_are_not_told_as_other_cases(store):
    parent, child = await store.case("百味餐饮"), await store.case("百味餐饮")
    await store.does(lambda unit, now: unit.links.start_group(parent.id, "leader", now))
    double = await store.case("百味餐饮")
    await store.does(lambda unit, now: unit.cases.save_card(replace(double, merged_into=child.id)))
    other = await store.case("百味餐饮")
    now = store.clock.now()
    near = [
        await store.store.read(lambda unit, one=one: employers.others_near(unit, one, now))
        for one in (child, other, replace(double, merged_into=child.id))
    ]
    assert near == [1, 1, 1]
    counted = await store.store.read(lambda unit: unit.employers.counts(now - patterns.WINDOW))
    assert counted == {child.employer_id: 2}


async def test_old_cases_withdrawn_ones_and_trouble_at_home_do_not_count(store):
    long_ago = store.clock.now() - timedelta(days=91)
    await store.case("百味餐饮", opened_at=long_ago)
    await store.case("百味餐饮", status=CaseStatus.WITHDRAWN)
    for _ in range(2):
        await store.case("百味餐饮")
    for _ in range(3):
        await store.case("百味餐饮", kind=CaseKind.HARASSMENT, topic="domestic-violence")
    assert await store.letters() == []


async def test_where_fewer_than_twenty_work_three_cases_propose_nothing(store):
    card = await store.case("百味餐饮")
    leader = await store.member("leader")
    small = EmployerSize.UNDER_20
    await store.does(
        lambda unit, now: employers.describe(unit, leader, card.employer_id, "百味餐饮", small, now)
    )
    for _ in range(3):
        await store.case("百味餐饮")
    assert await store.letters() == []
    await store.case("百味餐饮")
    assert len(await store.letters()) == 1


async def test_names_that_were_joined_are_counted_together(store):
    one, two = await store.case("百味餐饮"), await store.case("百味餐饮管理公司")
    await store.case("百味餐饮管理公司")
    leader = await store.member("leader")
    await store.does(
        lambda unit, now: employers.join(unit, leader, two.employer_id, one.employer_id, now, DESK)
    )
    assert [letter.employer_id for letter in await store.letters()] == [one.employer_id]


async def test_the_letter_holds_the_practice_and_its_law_and_nothing_of_any_case(store):
    cards = [await store.case("百味餐饮", topic="wage-arrears") for _ in range(3)]
    leader = await store.member("leader")
    (letter,) = await store.letters()
    shown = await store.does(lambda unit, now: patterns.show(unit, leader, letter.id, now, FACTS))
    assert letter.practice == "topic:wage-arrears"
    assert "百味餐饮" in shown.text and "测试总工会" in shown.text and shown.laws[0] in shown.text
    for card in cards:
        assert card.number not in shown.text
    plain = shown.text.replace(shown.laws[0], "")
    for word in ("3 件", "三件", "金凤区", "匿名", "投诉", "女士"):
        assert word not in plain


async def test_a_decision_is_kept_once_and_the_practice_rests_for_half_a_year(store):
    for _ in range(3):
        await store.case("百味餐饮")
    leader, officer = await store.member("leader"), await store.member("officer")
    (letter,) = await store.letters()
    with pytest.raises(NotAllowed):
        await store.does(lambda unit, now: patterns.accept(unit, officer, letter.id, now))
    with pytest.raises(Refused, match="letter_reason"):
        await store.does(lambda unit, now: patterns.dismiss(unit, leader, letter.id, "  ", now))
    await store.does(lambda unit, now: patterns.dismiss(unit, leader, letter.id, "已改正", now))
    with pytest.raises(Refused, match="letter_decided"):
        await store.does(lambda unit, now: patterns.accept(unit, leader, letter.id, now))
    await store.case("百味餐饮")
    assert [one.state for one in await store.letters()] == [LetterState.DISMISSED]
    store.clock.passes(days=181)
    for _ in range(3):
        await store.case("百味餐饮")
    assert sorted(one.state for one in await store.letters()) == ["dismissed", "proposed"]


def test_groups_and_people_tie_cases_together():
    from bot.domain.ports_employers import CaseAt

    def case(case_id, holders, parent=None):
        now = FrozenClock().now()
        return CaseAt(case_id, case_id, CaseKind.WAGES, None, CaseStatus.NEW, now, parent, holders)

    apart = [case("a", ("p1",)), case("b", ("p2",)), case("c", ())]
    assert patterns.independent(apart) == 3
    tied = [*apart, replace(case("d", ("p1", "p2")), parent_id="c")]
    assert patterns.independent(tied) == 1
