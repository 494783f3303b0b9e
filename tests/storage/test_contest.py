"""The contest: one row an answer, scores that are the fold of them, places that cost the same at any size."""

import asyncio
import random
from dataclasses import replace
from datetime import date

import pytest

from bot.domain.errors import NotAllowed, NotFound
from bot.domain.incoming import Address
from bot.domain.ports_contest import Attempt, Standing
from storage.verify import verify

DAY = date(2026, 11, 22)


@pytest.fixture
def attempt(clock):
    def make(attempt_id="a1", player="p1", questions=4, **changes):
        values = {
            "id": attempt_id, "campaign": "c", "player": player, "day": DAY,
            "questions": tuple(f"q{number}" for number in range(questions)),
            "orders": tuple((2, 0, 1) for _ in range(questions)), "answered": 0, "right": 0,
            "started_at": clock.now(), "shown_at": clock.now(), "finished_at": None, "district": "兴庆区",
        }  # fmt: skip
        return Attempt(**(values | changes))

    return make


@pytest.fixture
def plays(store, clock, attempt):
    """A whole try with so many right answers."""

    async def play(attempt_id, player, right, questions=4):
        def work(unit):
            unit.contest.start(attempt(attempt_id, player, questions))
            for number in range(questions):
                unit.contest.keep_answer(attempt_id, number, (0,), number < right, clock.now(), 900)
            unit.contest.finish(attempt_id, clock.now())

        await store.write(work)

    return play


async def test_a_try_comes_back_as_it_was_started_and_is_current_until_finished(store, clock, attempt):
    await store.write(lambda unit: unit.contest.start(attempt()))
    assert await store.read(lambda unit: unit.contest.get("a1")) == attempt()
    assert await store.read(lambda unit: unit.contest.current("p1", "c")) == attempt()
    assert await store.read(lambda unit: unit.contest.current("p1", "other")) is None
    assert await store.read(lambda unit: unit.contest.tries_on("p1", "c", DAY)) == 1
    assert await store.read(lambda unit: unit.contest.tries_on("p1", "c", date(2026, 11, 23))) == 0
    at = clock.forward(seconds=9)
    await store.write(lambda unit: unit.contest.show("a1", at))
    assert (await store.read(lambda unit: unit.contest.get("a1"))).shown_at == at
    await store.write(lambda unit: unit.contest.finish("a1", at))
    assert await store.read(lambda unit: unit.contest.current("p1", "c")) is None
    assert (await store.read(lambda unit: unit.contest.get("a1"))).finished_at == at
    with pytest.raises(NotFound):
        await store.write(lambda unit: unit.contest.finish("nothing", at))


async def test_fifty_taps_at_once_are_one_answer(store, clock, attempt):
    await store.write(lambda unit: unit.contest.start(attempt()))

    def tap(choice):
        return store.write(
            lambda unit: unit.contest.keep_answer("a1", 0, (choice,), choice == 0, clock.now(), 800)
        )

    kept = await asyncio.gather(*(tap(number) for number in range(50)))
    assert kept.count(True) == 1
    assert await store.read(lambda unit: unit.contest.answers("a1")) == [(0, (0,), True)]
    current = await store.read(lambda unit: unit.contest.get("a1"))
    assert (current.answered, current.right) == (1, 1)


async def test_nothing_counts_after_the_end(store, clock, plays, attempt):
    await store.write(lambda unit: unit.contest.start(attempt()))
    await store.write(lambda unit: unit.contest.finish("a1", clock.now()))
    with pytest.raises(NotAllowed):
        await store.write(lambda unit: unit.contest.keep_answer("a1", 0, (0,), True, clock.now(), 1))
    assert await store.read(lambda unit: unit.contest.answers("a1")) == []


async def test_the_best_score_counts_and_places_are_shared(store, plays):
    await plays("a1", "p1", 2)
    await plays("a2", "p1", 3)
    await plays("a3", "p1", 1)
    await plays("a4", "p2", 3)
    await plays("a5", "p3", 4)
    await plays("a6", "p4", 0)

    async def place(player):
        return await store.read(lambda unit: unit.contest.own_place(player, "c"))

    assert await store.read(lambda unit: unit.contest.best("p1", "c")) == 75
    assert [await place(player) for player in ("p3", "p1", "p2", "p4")] == [(1, 4), (2, 4), (2, 4), (4, 4)]
    assert await place("nobody") is None
    assert await store.read(lambda unit: unit.contest.totals("c")) == {
        "players": 4, "attempts": 6, "finished": 6, "answers": 24,
    }  # fmt: skip


async def test_districts_count_distinct_people_and_the_mean_of_their_best(store, plays):
    for player, district in (("p1", "兴庆区"), ("p2", "兴庆区"), ("p3", "金凤区"), ("p4", None)):
        await store.write(lambda unit, p=player, d=district: unit.contest.set_district(p, "c", d))
    for number, (player, right) in enumerate([("p1", 1), ("p1", 3), ("p2", 2), ("p3", 4), ("p4", 4)]):
        await plays(f"a{number}", player, right)
    assert await store.read(lambda unit: unit.contest.standings("c")) == [
        Standing("金凤区", 1, 100.0),
        Standing("兴庆区", 2, 62.5),
    ]
    await store.write(lambda unit: unit.contest.set_district("p1", "c", "金凤区"))
    assert await store.read(lambda unit: unit.contest.district("p1", "c")) == "金凤区"
    assert await store.read(lambda unit: unit.contest.standings("c")) == [
        Standing("金凤区", 2, 87.5),
        Standing("兴庆区", 1, 50.0),
    ]
    await store.write(lambda unit: unit.contest.set_district("p2", "c", None))
    assert await store.read(lambda unit: unit.contest.standings("c")) == [Standing("金凤区", 2, 87.5)]
    assert await verify(store) == []


async def test_a_player_is_nobody_elses_and_no_person(store, clock, anna, bela):
    player = await store.read(lambda unit: unit.contest.player(anna))
    assert player == await store.read(lambda unit: unit.contest.player(anna))
    assert player != await store.read(lambda unit: unit.contest.player(bela))
    person = await store.write(lambda unit: unit.people.get_or_add(anna, clock.now()))
    identity = await store.read(
        lambda unit: unit.context.db.one("select identity from people where id = :id", id=person.id)[
            "identity"
        ]
    )
    assert identity.hex() != player
    assert person.id not in player


async def test_a_random_season_keeps_scores_that_are_the_fold_of_its_answers(store, clock, attempt):
    chance = random.Random(20261122)

    def season(unit):
        for number in range(300):
            player = f"p{chance.randrange(40)}"
            unit.contest.start(attempt(f"a{number}", player, 5))
            for question in range(chance.randrange(6)):
                unit.contest.keep_answer(
                    f"a{number}", question, (1,), chance.random() < 0.6, clock.now(), 1000
                )
            if chance.random() < 0.3:
                unit.contest.set_district(player, "c", chance.choice(["甲", "乙", "丙", None]))
            if chance.random() < 0.8:
                unit.contest.finish(f"a{number}", clock.now())
                unit.contest.finish(f"a{number}", clock.now())

    await store.write(season)
    assert await verify(store) == []
    rows = await store.read(
        lambda unit: unit.context.db.all("select player, best from contest_players where best is not null")
    )
    bests = {row["player"]: row["best"] for row in rows}
    for player, best in bests.items():
        expected = (1 + sum(other > best for other in bests.values()), len(bests))
        assert await store.read(lambda unit, p=player: unit.contest.own_place(p, "c")) == expected
    await store.write(lambda unit: unit.contest.forget("p7"))
    assert await verify(store) == []
    assert await store.read(lambda unit: unit.contest.best("p7", "c")) is None


async def test_scores_changed_behind_our_back_are_found(store, plays):
    await plays("a1", "p1", 3)
    await store.write(lambda unit: unit.contest.set_district("p1", "c", "甲"))
    for change in (
        "update contest_attempts set right_answers = 4",
        "update contest_answers set correct = 0 where number = 0",
        "update contest_players set best = 100",
        "update contest_scores set people = 2",
        "update contest_districts set best_sum = 100",
    ):

        def spoil(unit, change=change):
            unit.context.db.run(change)

        await store.write(spoil)
        assert "score" in {finding.kind for finding in await verify(store)}, change
        await store.write(
            lambda unit: (
                unit.context.db.run("update contest_attempts set right_answers = 3"),
                unit.context.db.run("update contest_answers set correct = 1 where number < 3"),
                unit.context.db.run("update contest_players set best = 75"),
                unit.context.db.run("update contest_scores set people = 1"),
                unit.context.db.run("update contest_districts set best_sum = 75"),
            )
        )


async def test_places_and_standings_take_the_same_steps_for_thirty_players_and_three_thousand(
    store, clock, attempt
):
    """Counted in steps of SQLite's own machine, which no busy neighbour can change."""

    def fill(first, last):
        def work(unit):
            for number in range(first, last):
                player = f"p{number}"
                unit.contest.set_district(player, "c", f"区{number % 6}")
                unit.contest.start(replace(attempt(f"a{number}", player, 10)))
                for question in range(number % 11):
                    unit.contest.keep_answer(f"a{number}", question, (0,), True, clock.now(), 1)
                unit.contest.finish(f"a{number}", clock.now())

        return work

    def measure(unit):
        counted = [0]

        def tick():
            counted[0] += 1
            return 0

        connection = store._writer._connection
        connection.set_progress_handler(tick, 5)
        try:
            unit.contest.own_place("p5", "c")
            unit.contest.standings("c")
            unit.contest.best("p5", "c")
        finally:
            connection.set_progress_handler(None, 0)
        return counted[0]

    await store.write(fill(0, 30))
    few = await store.write(measure)
    await store.write(fill(30, 3000))
    assert await store.write(measure) <= few * 1.2


async def test_addresses_of_players_are_not_in_the_contest(store, house, clock, attempt):
    address = Address("telegram", "MARK-ADDRESS-881")
    player = await store.read(lambda unit: unit.contest.player(address))
    await store.write(lambda unit: unit.contest.start(attempt("a1", player)))
    for name, data in house.files().items():
        assert b"MARK-ADDRESS" not in data, name
