"""What figures rest on: numbers of events that outlive the words, requests with their two names."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.cases import EventKind, Outcome
from bot.domain.ports_figures import ExportRequest, Layout


async def test_numbers_of_events_outlive_the_words(store, opens_case, clock):
    case_id = await opens_case()
    now = clock.now()
    facts = {"to": "closed", "outcome": "award", "recovered_fen": "840000", "people_helped": "3",
             "confirmed_fen": "100", "promised": now.isoformat()}  # fmt: skip

    def live(unit):
        unit.cases.add_event(case_id, EventKind.CLOSED, by="s", at=now, body="独角兽", facts=facts)
        unit.cases.add_event(
            case_id, EventKind.CONFIRMED, by="worker", at=now, facts={"confirmed_fen": "840000"}
        )
        unit.cases.add_event(case_id, EventKind.RATED, by="worker", at=now, facts={"stars": "5"})
        unit.cases.erase(case_id)

    await store.write(live)
    since, until = now - timedelta(1), now + timedelta(1)
    (closing,) = await store.read(lambda unit: unit.figures.closings(since, until))
    assert (closing.outcome, closing.people, closing.recovered_fen) == (Outcome.AWARD, 3, 840_000)
    assert (closing.confirmed_fen, closing.stars, closing.asked_back) == (840_000, 5, True)
    assert closing.case.district is None
    (answer,) = await store.read(lambda unit: unit.figures.first_answers(since, until))
    assert (answer.answered, answer.promised) == (now, now)


async def test_work_that_waits_is_counted(store, opens_case, clock, card):
    now = clock.now()
    for number, changes in enumerate((
        {}, {"assignee": "s", "urgent": True}, {"promised_at": now - timedelta(hours=1)},
        {"promised_at": now + timedelta(hours=1)}, {"merged_into": "case0"}, {"status": "closed"},
        {"promised_at": now - timedelta(hours=1), "paused_at": now},
    )):  # fmt: skip
        await opens_case(case_id=f"case{number}", number=f"A26-000{number}", **changes)
    work = await store.read(lambda unit: unit.figures.workload(now, now + timedelta(hours=14)))
    assert (work.unclaimed, work.due_today, work.overdue, work.urgent) == (4, 1, 1, 1)


async def test_lines_come_by_number_in_pages_and_small_groups_are_known(store, opens_case, clock):
    now = clock.now()
    for number in range(5):
        district = "金凤区" if number < 3 else None
        await opens_case(case_id=f"case{number}", number=f"A26-000{number}", district=district)
    since, until = now - timedelta(1), now + timedelta(1)

    def look(unit):
        first = unit.figures.lines(since, until, "", 3)
        return first, unit.figures.lines(since, until, first[-1].case.number, 3)

    first, second = await store.read(look)
    assert [line.case.id for line in (*first, *second)] == [f"case{number}" for number in range(5)]
    sizes = await store.read(lambda unit: unit.figures.group_sizes(since, until))
    assert sizes == {("wages", "金凤区"): 3, ("wages", ""): 2}


async def test_a_request_keeps_who_asked_who_agreed_and_that_it_was_used_once(store, clock):
    now = clock.now()
    request = ExportRequest("e1", now.date(), now.date(), Layout.XLSX, 70, "anna", now)
    alone = replace(request, id="e2", cases=9, used_at=now)

    def ask(unit):
        unit.figures.add_export(request)
        unit.figures.add_export(alone)
        return unit.figures.exports(9)

    assert {one.id: one for one in await store.write(ask)} == {"e1": request, "e2": alone}

    def go(unit):
        early, own = unit.figures.use_export("e1", now), unit.figures.decide_export("e1", "anna", True, now)
        agreed = unit.figures.decide_export("e1", "bela", True, now)
        again = unit.figures.decide_export("e1", "cora", False, now)
        used = unit.figures.use_export("e1", now), unit.figures.use_export("e1", now)
        return early, own, agreed, again, *used

    assert await store.write(go) == (False, False, True, False, True, False)
    kept = await store.read(lambda unit: unit.figures.export("e1"))
    assert kept == replace(request, decided_by="bela", decided_at=now, agreed=True, used_at=now)
    taken = await store.read(lambda unit: unit.figures.taken_alone("anna", now - timedelta(days=1)))
    assert taken == 9, "what two people took out does not count"
    assert await store.read(lambda unit: unit.figures.export("none")) is None
