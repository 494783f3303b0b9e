"""Staff accounts, the audit chain, limits, feedback, facts."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import NotAllowed, NotFound
from bot.domain.ports_staff import StaffSecrets
from bot.domain.staff import Role, StaffMember


@pytest.fixture
def li(clock):
    return StaffMember(
        "staff1", "李敏", frozenset({Role.OFFICER, Role.LEADER}), True, clock.now(), False, "555001"
    )


async def test_an_account_is_found_by_id_name_and_telegram(store, li, clock):
    await store.write(lambda unit: unit.staff.add(li))
    later = replace(li, id="staff2", name="王芳", telegram_id=None, created_at=clock.forward(days=1))
    await store.write(lambda unit: unit.staff.add(later))
    assert await store.read(lambda unit: unit.staff.get("staff1")) == li
    assert await store.read(lambda unit: unit.staff.by_name("王芳")) == later
    assert await store.read(lambda unit: unit.staff.by_telegram("555001")) == li
    assert await store.read(lambda unit: unit.staff.by_telegram("1")) is None
    assert await store.read(lambda unit: unit.staff.all()) == [li, later]


async def test_names_and_telegram_accounts_are_taken_once(store, li):
    await store.write(lambda unit: unit.staff.add(li))
    for twin in (replace(li, id="x", telegram_id=None), replace(li, id="x", name="别人")):
        with pytest.raises(NotAllowed):
            await store.write(lambda unit, twin=twin: unit.staff.add(twin))
    other = replace(li, id="staff2", name="王芳", telegram_id=None)
    await store.write(lambda unit: unit.staff.add(other))
    with pytest.raises(NotAllowed):
        await store.write(lambda unit: unit.staff.save(replace(other, telegram_id="555001")))
    with pytest.raises(NotFound):
        await store.write(lambda unit: unit.staff.save(replace(li, id="nobody", name="新", telegram_id=None)))


async def test_secrets_are_sealed_and_tell_whether_there_is_a_second_factor(store, li, house):
    await store.write(lambda unit: unit.staff.add(li))
    assert await store.read(lambda unit: unit.staff.secrets("staff1")) == StaffSecrets(None, None, 0)
    kept = StaffSecrets("$argon2id$MARKHASH", "MARKTOTPSECRET", 77)
    await store.write(lambda unit: unit.staff.save_secrets("staff1", kept))
    assert await store.read(lambda unit: unit.staff.secrets("staff1")) == kept
    assert (await store.read(lambda unit: unit.staff.get("staff1"))).has_totp
    for name, data in house.files().items():
        for marker in (b"MARKHASH", b"MARKTOTPSECRET", b"555001"):
            assert marker not in data, name
    with pytest.raises(NotFound):
        await store.write(lambda unit: unit.staff.save_secrets("nobody", kept))


async def test_a_link_works_once_and_until_its_time(store, li, clock):
    await store.write(lambda unit: unit.staff.add(li))
    until = clock.now() + timedelta(hours=48)
    await store.write(lambda unit: unit.staff.add_link("token-a", "staff1", frozenset({Role.LAWYER}), until))
    await store.write(lambda unit: unit.staff.add_link("token-b", None, frozenset({Role.ADMIN}), until))

    async def link(token):
        return await store.read(lambda unit: unit.staff.link(token, clock.now()))

    assert await link("token-a") == ("staff1", frozenset({Role.LAWYER}))
    assert await link("token-b") == (None, frozenset({Role.ADMIN}))
    assert await link("token-c") is None
    await store.write(lambda unit: unit.staff.use_link("token-a"))
    assert await link("token-a") is None
    clock.forward(hours=48)
    assert await link("token-b") is None


async def test_a_session_ends_by_idling_by_age_by_leaving_and_by_being_switched_off(store, li, clock):
    await store.write(lambda unit: unit.staff.add(li))

    async def start(token):
        await store.write(lambda unit: unit.staff.start_session(token, "staff1", clock.now()))

    async def who(token, idle_s=1800, at_most_s=43_200):
        return await store.write(lambda unit: unit.staff.session(token, clock.now(), idle_s, at_most_s))

    await start("a")
    for _ in range(3):
        clock.forward(minutes=29)
        assert await who("a") == li
    clock.forward(minutes=31)
    assert await who("a") is None
    assert await who("a", idle_s=10**6) is None

    await start("b")
    clock.forward(hours=13)
    assert await who("b", idle_s=10**6) is None

    await start("c")
    await start("d")
    await store.write(lambda unit: unit.staff.end_sessions("staff1", "c"))
    assert (await who("c"), await who("d")) == (None, li)
    await store.write(lambda unit: unit.staff.save(replace(li, active=False)))
    assert await who("d") is None
    await store.write(lambda unit: unit.staff.save(li))
    assert await who("d") is None
    await start("e")
    await store.write(lambda unit: unit.staff.end_sessions("staff1"))
    assert await who("e") is None
    assert await who("forged") is None


async def test_a_reading_unit_tells_who_it_is_without_touching_the_session(store, li, clock):
    await store.write(lambda unit: unit.staff.add(li))
    await store.write(lambda unit: unit.staff.start_session("a", "staff1", clock.now()))
    clock.forward(minutes=29)
    assert await store.read(lambda unit: unit.staff.session("a", clock.now(), 1800, 43_200)) == li
    clock.forward(minutes=2)
    assert await store.read(lambda unit: unit.staff.session("a", clock.now(), 1800, 43_200)) is None


# ── audit ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def chain(store, clock):
    def fill(unit):
        for number in range(40):
            facts = {"from": "new", "to": "accepted"} if number % 3 else None
            unit.audit.append(f"staff{number % 4}", "case.open", f"case{number}", clock.now(), facts)

    await store.write(fill)
    return store


async def test_lines_are_newest_first_and_by_target(chain, clock):
    lines = await chain.read(lambda unit: unit.audit.lines(limit=3))
    assert [line.seq for line in lines] == [40, 39, 38]
    (line,) = await chain.read(lambda unit: unit.audit.lines("case7"))
    assert (line.seq, line.actor, line.act, dict(line.facts)) == (
        8, "staff3", "case.open", {"from": "new", "to": "accepted"},
    )  # fmt: skip
    assert line.at == clock.now()
    assert await chain.read(lambda unit: unit.audit.first_broken()) is None


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("update audit set actor = 'staff9' where seq = 5", 5),
        ("update audit set target = 'case99' where seq = 1", 1),
        ("update audit set at = at + 1 where seq = 40", 40),
        ("update audit set facts = '{}' where seq = 8", 8),
        ("update audit set mac = zeroblob(32) where seq = 17", 17),
        ("delete from audit where seq = 20", 20),
        ("delete from audit where seq > 35", 36),
        ("delete from audit", 1),
        ("delete from audit where seq = 1", 1),
        ("update audit set seq = -1 where seq = 40", -1),
        ("insert into audit select 41, at, actor, act, target, facts, mac from audit where seq = 40", 41),
        ("update audit set seq = 1000 where seq = 11", 11),
        ("update audit_head set seq = 39", 41),
        ("delete from audit_head", 40),
    ],
)
async def test_every_kind_of_edit_to_the_chain_is_found(chain, change, broken):
    await chain.write(lambda unit: unit.context.db.run(change))
    assert await chain.read(lambda unit: unit.audit.first_broken()) == broken


async def test_two_swapped_lines_are_found(chain):
    def swap(unit):
        unit.context.db.run("update audit set seq = -12 where seq = 12")
        unit.context.db.run("update audit set seq = 12 where seq = 13")
        unit.context.db.run("update audit set seq = 13 where seq = -12")

    await chain.write(swap)
    assert await chain.read(lambda unit: unit.audit.first_broken()) == 12


async def test_cutting_the_end_and_moving_the_head_back_with_an_old_hash_is_found(chain, clock):
    """Whoever lacks the key cannot sign a shorter length."""

    def cut(unit):
        last = unit.context.db.one("select mac from audit where seq = 30")["mac"]
        unit.context.db.run("delete from audit where seq > 30")
        unit.context.db.run("update audit_head set seq = 30, last = :last", last=last)

    await chain.write(cut)
    assert await chain.read(lambda unit: unit.audit.first_broken()) == 31


async def test_a_hundred_random_edits_are_found_a_hundred_times(chain):
    chance = random.Random(7)
    for _ in range(100):
        seq = chance.randrange(1, 41)
        column = chance.choice(["actor", "act", "target", "facts", "at", "mac"])

        def look(unit, seq=seq):
            return dict(unit.context.db.one("select * from audit where seq = :seq", seq=seq))

        kept = await chain.read(look)
        value = kept[column]
        if isinstance(value, bytes):
            place = chance.randrange(len(value))
            changed = value[:place] + bytes([value[place] ^ (1 << chance.randrange(8))]) + value[place + 1 :]
        elif isinstance(value, int):
            changed = value ^ (1 << chance.randrange(40))
        else:
            changed = value + chance.choice([" ", "x", "\u200b"])

        def put(unit, value, seq=seq, column=column):
            unit.context.db.run(f"update audit set {column} = :value where seq = :seq", value=value, seq=seq)

        await chain.write(lambda unit, value=changed: put(unit, value))
        assert await chain.read(lambda unit: unit.audit.first_broken()) == seq
        await chain.write(lambda unit, value=value: put(unit, value))
    assert await chain.read(lambda unit: unit.audit.first_broken()) is None


async def test_the_chain_goes_on_after_many_writers_at_once(store, clock):
    await asyncio.gather(
        *(
            store.write(lambda unit, n=number: unit.audit.append("s", "x", f"c{n}", clock.now()))
            for number in range(200)
        )
    )
    assert await store.read(lambda unit: unit.audit.first_broken()) is None
    length, last = await store.read(lambda unit: unit.audit.head())
    assert (length, len(last)) == (200, 64)


# ── limits, feedback, facts ──────────────────────────────────────────────────────────────────────────


async def test_a_limit_counts_a_sliding_window(store, clock):
    async def hit(what="code:p1"):
        return await store.write(lambda unit: unit.limits.hit(what, clock.now(), window_s=3600, at_most=3))

    results = []
    for _ in range(4):
        results.append(await hit())
        clock.forward(minutes=10)
    assert results == [True, True, True, False]
    assert await hit("code:p2")
    clock.forward(minutes=19)
    assert not await hit()
    clock.forward(minutes=1)  # the first hit is an hour old now; refused tries did not count
    assert [await hit(), await hit()] == [True, False]


async def test_a_clock_that_jumps_back_locks_nobody_out_for_long(store, clock):
    async def hit():
        return await store.write(lambda unit: unit.limits.hit("x", clock.now(), window_s=60, at_most=1))

    assert await hit()
    clock.forward(days=-400)
    assert await hit()


async def test_what_is_limited_is_not_readable(store, house, clock):
    await store.write(lambda unit: unit.limits.hit("login:MARKNAME", clock.now(), window_s=9, at_most=1))
    for name, data in house.files().items():
        assert b"MARKNAME" not in data, name


async def test_unanswered_questions_are_kept_for_curators_newest_first(store, clock):
    at = clock.now()
    await store.write(lambda unit: unit.feedback.add("***产检算病假吗", "not_found", None, at))
    await store.write(lambda unit: unit.feedback.add("哺乳假", "not_clear", "nursing-break", at))
    await store.write(lambda unit: unit.feedback.helped("nursing-break", at))
    latest = await store.read(lambda unit: unit.feedback.latest(5))
    assert [(one.masked, one.reason, one.topic, one.at) for one in latest] == [
        ("哺乳假", "not_clear", "nursing-break", at),
        ("***产检算病假吗", "not_found", None, at),
    ]


async def test_facts_are_kept_and_replaced_and_neither_name_nor_value_is_readable(store, house):
    assert await store.read(lambda unit: unit.facts.get("telegram-link:MARKCODE")) is None
    for value in ("MARKVALUE1", "MARKVALUE2"):
        await store.write(lambda unit, value=value: unit.facts.put("telegram-link:MARKCODE", value))
        assert await store.read(lambda unit: unit.facts.get("telegram-link:MARKCODE")) == value
    for name, data in house.files().items():
        assert b"MARKCODE" not in data, name
        assert b"MARKVALUE" not in data, name
