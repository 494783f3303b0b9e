"""Asked reviews, conflicts, tasks, looks and saved views as they are kept; and lists by SQL."""

from datetime import date, timedelta

import pytest

from bot.domain.cases import CaseKind, CaseStatus, EventKind
from bot.domain.errors import NotAllowed
from bot.domain.ports_cases import CaseFilter, CaseOrder, Sight
from bot.domain.ports_team import ReviewAsk, SavedView, Task


def _ids(unit, **wanted):
    return {card.id for card in unit.cases.cards(CaseFilter(**wanted))}


async def test_who_was_asked_sees_the_case_until_the_draft_is_answered(store, opens_case, clock):
    await opens_case(case_id="c1", assignee="officer")
    await opens_case(case_id="c2", number="A26-0002", assignee="officer")
    lawyer = Sight("lawyer", assigned=True, reviews=True)
    officer = Sight("other", unclaimed=True, assigned=True)

    def ask(unit):
        unit.team.ask(ReviewAsk("c1", "d1", "lawyer", "officer", clock.now()))
        unit.team.ask(ReviewAsk("c1", "d1", "lawyer", "officer", clock.now()))
        unit.team.ask(ReviewAsk("c2", None, None, "officer", clock.now()))

    await store.write(ask)
    assert await store.read(lambda unit: unit.team.review_asked("c1", "lawyer"))
    assert not await store.read(lambda unit: unit.team.review_asked("c1", "somebody"))
    assert await store.read(lambda unit: unit.team.review_asked("c2", "anybody"))
    assert len(await store.read(lambda unit: unit.team.asks("c1"))) == 1
    assert await store.read(lambda unit: _ids(unit, seen_by=lawyer)) == {"c1", "c2"}
    assert await store.read(lambda unit: _ids(unit, seen_by=officer)) == set()
    await store.write(lambda unit: unit.team.carry_asks("c2", None, "d2", "lawyer"))
    (kept,) = await store.read(lambda unit: unit.team.asks("c2"))
    assert (kept.draft_id, kept.staff_id) == ("d2", "lawyer")
    await store.write(lambda unit: unit.team.drop_asks("c1", "d1"))
    assert await store.read(lambda unit: _ids(unit, seen_by=lawyer, asked_only=True)) == {"c2"}


async def test_a_conflict_hides_the_case_and_the_others_about_the_employer_from_lists(
    store, opens_case, clock
):
    await opens_case(case_id="c1", employer_id="mill")
    await opens_case(case_id="c2", number="A26-0002", employer_id="mill")
    await opens_case(case_id="c3", number="A26-0003", employer_id="shop")
    await opens_case(case_id="c4", number="A26-0004")
    leader = Sight("leader", everything=True)
    await store.write(lambda unit: unit.team.keep_conflict("c1", "leader", "mill", clock.now()))
    assert await store.read(lambda unit: _ids(unit, seen_by=leader)) == {"c3", "c4"}
    assert await store.read(lambda unit: unit.team.has_conflict("c2", "mill", "leader"))
    assert not await store.read(lambda unit: unit.team.has_conflict("c4", None, "leader"))
    works_there = Sight("other", everything=True, employer_id="shop")
    assert await store.read(lambda unit: _ids(unit, seen_by=works_there)) == {"c1", "c2", "c4"}
    await store.write(lambda unit: unit.team.drop_conflict("c1", "leader"))
    assert len(await store.read(lambda unit: _ids(unit, seen_by=leader))) == 4


async def test_tasks_come_by_their_day_and_what_is_done_comes_last(store, opens_case, clock):
    await opens_case(case_id="c1", assignee="anna")
    now = clock.now()

    def fill(unit):
        for name, due, assignee in (
            ("late", date(2026, 11, 1), None),
            ("none", None, "anna"),
            ("soon", date(2026, 11, 30), "anna"),
            ("hers", date(2026, 1, 1), "bela"),
        ):
            unit.team.keep_task(
                Task(name, "c1", "s", now, words=f"words of {name}", assignee=assignee, due=due)
            )
        unit.team.keep_task(Task("done", "c1", "s", now, step="proof", done_by="anna", done_at=now))

    await store.write(fill)
    tasks = await store.read(lambda unit: unit.team.tasks_of("c1"))
    assert [task.id for task in tasks] == ["hers", "late", "soon", "none", "done"]
    assert tasks[1].words == "words of late"
    assert tasks[1].due == date(2026, 11, 1)
    assert tasks[-1].step == "proof"
    mine = await store.read(lambda unit: unit.team.open_tasks("anna", 9))
    assert [task.id for task in mine] == ["late", "soon", "none"], "those of nobody are of who handles it"
    await store.write(lambda unit: unit.team.drop_task("late"))
    assert await store.read(lambda unit: unit.team.task("late")) is None


async def test_erasing_a_case_takes_its_tasks_asks_and_looks_but_not_who_is_barred(store, opens_case, clock):
    await opens_case(case_id="c1")

    def fill(unit):
        unit.team.keep_task(Task("t", "c1", "s", clock.now(), words="MARK"))
        unit.team.ask(ReviewAsk("c1", None, None, "s", clock.now()))
        unit.team.keep_conflict("c1", "s", None, clock.now())
        unit.team.saw("s", "c1", 4)
        unit.cases.erase("c1")

    await store.write(fill)
    assert await store.read(lambda unit: unit.team.tasks_of("c1")) == []
    assert await store.read(lambda unit: unit.team.asks("c1")) == []
    assert await store.read(lambda unit: unit.team.conflicts("c1")) == ["s"]


async def test_news_are_her_words_since_the_member_looked_last(store, opens_case, clock):
    await opens_case(case_id="c1")
    await opens_case(case_id="c2", number="A26-0002")

    def says(unit, case_id, by):
        return unit.cases.add_event(case_id, EventKind.HER_WORDS, by=by, at=clock.now(), body="x")

    def news(unit):
        return unit.team.with_news("anna", ["c1", "c2"])

    seq = await store.write(lambda unit: says(unit, "c1", "worker"))
    await store.write(lambda unit: says(unit, "c2", "anna"))
    assert await store.read(news) == {"c1"}
    await store.write(lambda unit: unit.team.saw("anna", "c1", seq))
    assert await store.read(news) == set()
    await store.write(lambda unit: says(unit, "c1", "worker"))
    assert await store.read(news) == {"c1"}
    await store.write(lambda unit: unit.team.saw("anna", "c1", 1))
    assert await store.read(news) == {"c1"}, "an older look does not go back"


async def test_saved_views_are_of_their_member_or_of_all(store, clock):
    def fill(unit):
        unit.team.keep_view(SavedView("v1", "anna", False, "我的急件", {"urgent": "yes"}), clock.now())
        unit.team.keep_view(SavedView("v2", "bela", True, "金凤区", {"district": "金凤区"}), clock.now())
        unit.team.keep_view(SavedView("v3", "bela", False, "别人的", {}), clock.now())

    await store.write(fill)
    views = await store.read(lambda unit: unit.team.views("anna"))
    assert [(view.name, view.filters) for view in views] == [
        ("我的急件", {"urgent": "yes"}), ("金凤区", {"district": "金凤区"})
    ]  # fmt: skip
    await store.write(lambda unit: unit.team.drop_view("v2"))
    assert len(await store.read(lambda unit: unit.team.views("anna"))) == 1


async def test_lists_are_narrowed_ordered_and_paged_by_the_store(store, opens_case, clock):
    now = clock.now()
    for at, (status, urgent, hours) in enumerate(
        [(CaseStatus.ACCEPTED, False, 9), (CaseStatus.CLOSED, True, 1), (CaseStatus.MEDIATING, True, 20),
         (CaseStatus.ACCEPTED, False, 2)]
    ):  # fmt: skip
        await opens_case(
            case_id=f"c{at}", number=f"A26-00{at}7", status=status, urgent=urgent,
            promised_at=now + timedelta(hours=hours), opened_at=now - timedelta(days=at * 200),
            kind=CaseKind.WAGES if at % 2 else CaseKind.INJURY,
        )  # fmt: skip

    def listed(**wanted):
        return store.read(lambda unit: [card.id for card in unit.cases.cards(CaseFilter(**wanted))])

    assert await listed() == ["c2", "c3", "c0", "c1"], "urgent, then the nearest promise, then what is over"
    assert await listed(limit=2, offset=1) == ["c3", "c0"]
    assert await listed(order=CaseOrder.NEWEST) == ["c0", "c1", "c2", "c3"]
    assert await listed(statuses=(CaseStatus.ACCEPTED,), kind=CaseKind.WAGES) == ["c3"]
    assert await listed(urgent=True, open_only=True) == ["c2"]
    assert await listed(number_part="0%") == [], "a sign of SQL is a character like any other"
    assert await listed(number_part="a26-002") == ["c2"]
    assert await listed(opened_from=now - timedelta(days=366)) == ["c0", "c1"]
    assert await listed(ids=()) == []
    assert await store.read(lambda unit: unit.cases.count(CaseFilter(limit=1), 100)) == 4
    assert await store.read(lambda unit: unit.cases.count(CaseFilter(), 3)) == 3


async def test_texts_for_a_search_come_only_with_an_audit_line_about_all_cases(store, opens_case, clock):
    await opens_case(words="三个月没发工资", case_id="c1")
    await opens_case(words="别的事", case_id="c2", number="A26-0002")
    await store.write(lambda unit: unit.cases.erase("c2"))

    def search(unit, target):
        unit.cases.add_event("c1", EventKind.NOTE, by="s", at=clock.now(), body="查过一次")
        return unit.cases.texts(["c1", "c2"], unit.audit.append("s", "search", target, clock.now()))

    texts = await store.write(lambda unit: search(unit, "*"))
    assert "三个月没发工资" in texts["c1"]
    assert "查过一次" in texts["c1"]
    assert texts["c2"] == ""
    with pytest.raises(NotAllowed):
        await store.write(lambda unit: search(unit, "c1"))
