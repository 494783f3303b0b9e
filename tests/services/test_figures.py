"""Figures of a period: equal to what raw rows say, complete in every breakdown, traceable to their cases."""

from datetime import UTC, datetime, timedelta
from operator import attrgetter

import pytest

from bot.domain.cases import Answers, CaseCard, CaseKind, CaseStatus, EventKind, NameLevel, Outcome
from bot.domain.errors import Refused
from bot.domain.periods import of_month, of_quarter, of_year, period, span
from bot.domain.promises import Promises
from bot.domain.signals import Signals
from bot.services.figure_definitions import By, Figure, columns_of
from bot.services.figures import behind, charted, period_figures
from bot.services.first_answers import first_answers, promises_kept
from storage.sqlite import open_store
from tests.fakes import FrozenClock
from tests.services.case_histories import SIZES, Life, worked_out

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture
async def store(tmp_path):
    url = f"sqlite:///{tmp_path / 'data' / 'figures.db'}"
    async with open_store(url, tmp_path / "keys" / "master.key", FrozenClock(), Signals()) as opened:
        yield opened


async def _filled(store, seed, cases=260):
    def fill(unit):
        for name, size in SIZES.items():
            unit.context.db.run(
                "insert into employers (id, name, size, added_at) values (:id, :name, :size, 0)",
                id=name, name=b"x", size=size,
            )  # fmt: skip
        life = Life(unit, seed)
        for number in range(cases):
            life.case(number)

    await store.write(fill)


PERIODS = (of_month(2026, 3), of_quarter(2026, 2), of_year(2026), span("2026-02-07", "2026-04-19", TODAY))


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_figures_of_random_histories_equal_a_recount_of_the_raw_rows(store, seed):
    await _filled(store, seed)
    for one in PERIODS:
        found = await store.read(lambda unit, one=one: period_figures(unit, one.since, one.until))
        judged = await store.read(lambda unit, one=one: unit.figures.first_answers(one.since, one.until))
        kept = promises_kept(judged, NOW)
        raw = worked_out(store.path, one.since, one.until, NOW)
        whole = raw["all", ""]
        names = ("opened", "accepted", "closed", "mediated", "people", "recovered_fen", "confirmed_fen")
        assert {name: getattr(found, name) for name in names} == {name: whole[name] for name in names}
        assert found.sums.after_mediation == whole["after_mediation"]
        assert (found.withdrawn, found.sums.stars) == (whole["withdrawn"], whole["stars"])
        assert found.sums.asked_back == whole["asked_back"]
        assert (kept.in_time, kept.late, kept.waiting) == (whole["in_time"], whole["late"], whole["waiting"])
        for by in By:
            lines = {
                line.value: {name: getattr(line.sums, name) for name in names} for line in found.lines[by]
            }
            recount = {value: sums for (place, value), sums in raw.items() if place == by.value}
            recount = {value: {name: sums[name] for name in names} for value, sums in recount.items()}
            assert lines == {value: sums for value, sums in recount.items() if any(sums.values())}, by
        assert found.closed > (20 if one == of_year(2026) else 0), "the period is not empty"


async def test_every_number_leads_to_exactly_as_many_cases_and_charts_show_the_same(store):
    await _filled(store, 7, cases=90)
    since, until = of_year(2026).since, of_year(2026).until

    def look(unit):
        found = period_figures(unit, since, until)
        for figure in (Figure.OPENED, Figure.ACCEPTED, Figure.CLOSED, Figure.MEDIATED):
            count = attrgetter(figure.value)
            cases = behind(unit, since, until, figure)
            assert len({case.id for case in cases}) == len(cases) == count(found.sums)
            for by in By:
                for line in found.lines[by] if figure in columns_of(by) else ():
                    assert len(behind(unit, since, until, figure, by, line.value)) == count(line.sums)
        assert len(behind(unit, since, until, Figure.MEDIATION_RATE)) == found.sums.after_mediation
        assert len(behind(unit, since, until, Figure.WITHDRAWN)) == found.withdrawn
        for by in By:
            drawn = {line.value: max(line.sums.accepted, line.sums.closed) for line in charted(
                unit, since, until, by)}  # fmt: skip
            told = {line.value: line.sums.closed if by is By.OUTCOME else line.sums.accepted
                    for line in found.lines[by]}  # fmt: skip
            assert drawn == {value: count for value, count in told.items() if count}

    await store.read(look)


def _add(unit, name, at, **changes):
    values = {
        "id": name, "number": name, "kind": CaseKind.WAGES, "status": CaseStatus.NEW, "urgent": False,
        "district": "金凤区", "level": NameLevel.ANONYMOUS, "topic": None, "source": "webchat",
        "opened_at": at, "changed_at": at, "promised_at": at + timedelta(hours=4), "assignee": None,
    } | changes  # fmt: skip
    unit.cases.add(CaseCard(**values), Answers(happened="x"), None, f"code-{name}", None)


def _closes(unit, name, at, fen, outcome=Outcome.MEDIATED, **facts):
    unit.cases.add_event(
        name, EventKind.CLOSED, by="s", at=at,
        facts={"to": "closed", "outcome": outcome.value, "recovered_fen": str(fen), "people_helped": "2",
               "confirmed_fen": "0", **facts},
    )  # fmt: skip


async def test_a_case_closed_again_counts_once_with_its_last_sum(store):
    march = of_month(2026, 3)
    first, second = march.since + timedelta(days=2), march.since + timedelta(days=9)

    def live(unit):
        _add(unit, "A", first)
        _closes(unit, "A", first, 500_000)
        unit.cases.add_event(
            "A", EventKind.CONFIRMED, by="worker", at=first, facts={"confirmed_fen": "500000"}
        )
        unit.cases.add_event("A", EventKind.REOPENED, by="worker", at=second, facts={"to": "accepted"})

    await store.write(live)
    early = await store.read(lambda unit: period_figures(unit, march.since, second))
    assert (early.closed, early.people, early.recovered_fen, early.confirmed_fen) == (1, 2, 500_000, 500_000)
    whole = await store.read(lambda unit: period_figures(unit, march.since, march.until))
    assert (whole.closed, whole.recovered_fen) == (0, 0), "open again when the month was over"
    await store.write(lambda unit: _closes(unit, "A", second + timedelta(days=1), 840_000))
    again = await store.read(lambda unit: period_figures(unit, march.since, march.until))
    assert (again.closed, again.mediated, again.people) == (1, 1, 2)
    assert (again.recovered_fen, again.confirmed_fen) == (840_000, 0), (
        "what she said of the first sum is over"
    )


async def test_figures_stay_when_a_case_is_erased(store):
    march = of_month(2026, 3)

    def live(unit):
        _add(unit, "A", march.since)
        _closes(unit, "A", march.since, 840_000)
        unit.cases.add_event(
            "A", EventKind.CONFIRMED, by="worker", at=march.since, facts={"confirmed_fen": "8400"}
        )
        unit.cases.add_event("A", EventKind.RATED, by="worker", at=march.since, facts={"stars": "4"})

    await store.write(live)
    before = await store.read(lambda unit: period_figures(unit, march.since, march.until))
    await store.write(lambda unit: unit.cases.erase("A"))
    after = await store.read(lambda unit: period_figures(unit, march.since, march.until))
    assert before.sums == after.sums
    assert (after.recovered_fen, after.confirmed_fen, after.satisfaction) == (840_000, 8400, 4)
    assert [line.value for line in after.lines[By.DISTRICT]] == [""], "the district is gone with her words"


async def test_the_time_to_the_first_answer_counts_working_hours_only(store):
    friday = datetime(2026, 3, 6, 8, 30, tzinfo=UTC)  # 16:30 in Yinchuan, an hour before the end of work

    def live(unit):
        for name, answered in (
            ("A", timedelta(hours=1)),
            ("B", timedelta(hours=65)),
            ("C", timedelta(days=5)),
        ):
            _add(unit, name, friday)
            unit.cases.add_event(name, EventKind.REPLY, by="s", at=friday + answered)

    await store.write(live)
    since, until = friday - timedelta(days=1), friday + timedelta(days=1)
    told = await store.read(lambda unit: first_answers(unit, since, until, NOW, Promises()))
    # B: an hour on Friday, half an hour on Monday; C: 1 h, then 6.5 h twice, and 5.5 h on Wednesday.
    assert told.answered == 3
    assert told.median == timedelta(hours=1.5)
    assert told.p90 == timedelta(hours=1 + 6.5 + 6.5 + 5.5)
    assert told.kept.in_time == 1


async def test_doubles_and_parents_of_groups_are_not_counted(store):
    march = of_month(2026, 3)

    def live(unit):
        _add(unit, "parent", march.since)
        _add(unit, "child1", march.since, parent_id="parent")
        _add(unit, "child2", march.since, parent_id="parent")
        _add(unit, "double", march.since, merged_into="child1")
        for name in ("parent", "child1", "child2", "double"):
            unit.cases.add_event(name, EventKind.CLAIMED, by="s", at=march.since, facts={"to": "accepted"})
            _closes(unit, name, march.since, 100)

    await store.write(live)
    found = await store.read(lambda unit: period_figures(unit, march.since, march.until))
    assert (found.opened, found.accepted, found.closed, found.recovered_fen) == (2, 2, 2, 200)


def test_periods_are_civil_months_quarters_years_and_spans():
    assert period("2026-10", TODAY) == of_month(2026, 10)
    assert of_month(2026, 10).since == datetime(2026, 9, 30, 16, tzinfo=UTC)
    assert of_month(2026, 10).until == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert period("2026-Q3", TODAY).months == ("2026-07", "2026-08", "2026-09")
    assert period("2024", TODAY).key == "2024"
    assert span("2026-01-01", "2026-03-31", TODAY).key == "2026-Q1", "the same days, the same period"
    odd = span("2026-01-05", "2026-03-31", TODAY)
    assert period(odd.key, TODAY) == odd
    assert not odd.is_whole
    assert odd.in_words == "2026年1月5日至2026年3月31日"
    for written, reason in (
        ("2026-13", "period"), ("sql'--", "period"), ("", "period"), ("2026-Q5", "period"),
        ("2026-02-30..2026-03-01", "period"), ("2026-05-02..2026-05-01", "period_order"),
        ("2027", "period_ahead"), ("2026-12", "period_ahead"), ("1900-01-01..2026-01-01", "period"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=f"^{reason}$"):
            period(written, TODAY)
