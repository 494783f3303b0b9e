"""Roster, absences, notices and the watch over promises, as they are kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.domain.cases import CaseStatus, PauseReason
from bot.domain.ports_duty import Absence, Notice
from bot.domain.promises import Promises
from bot.domain.silence import looking_again, watching
from bot.domain.staff import Role, StaffMember
from storage.verify import verify

TODAY = date(2026, 11, 22)


def staff(unit, *names):
    for name in names:
        since = datetime(2026, 1, 1, tzinfo=UTC)
        unit.staff.add(StaffMember(name, name, frozenset({Role.OFFICER}), True, since))


async def test_a_day_keeps_who_is_on_duty_in_order_and_planning_again_replaces_them(store):
    def work(unit):
        staff(unit, "a", "b")
        unit.duty.plan(TODAY, ["b", "a", "b"])
        unit.duty.plan(TODAY + timedelta(days=1), ["a"])
        assert unit.duty.on_duty(TODAY) == ("b", "a")
        assert list(unit.duty.roster(TODAY, TODAY + timedelta(days=6))) == [TODAY, TODAY + timedelta(days=1)]
        unit.duty.plan(TODAY, [])
        assert unit.duty.on_duty(TODAY) == ()

    await store.write(work)


async def test_an_absence_holds_from_its_first_to_its_last_day(store):
    absence = Absence("x", "a", "b", TODAY, TODAY + timedelta(days=2))

    def work(unit):
        staff(unit, "a", "b")
        unit.duty.add_absence(absence)
        held = [unit.duty.absence_of("a", TODAY + timedelta(days=ahead)) for ahead in (-1, 0, 2, 3)]
        assert held == [None, absence, absence, None]
        assert unit.duty.absences(TODAY + timedelta(days=3)) == []
        assert unit.duty.end_absence("x") == absence and unit.duty.end_absence("x") is None

    await store.write(work)


async def test_notices_are_sealed_unread_first_and_go_with_their_case(store, house, opens_case, clock):
    case_id = await opens_case()
    now = clock.now()

    def work(unit):
        staff(unit, "a", "b")
        unit.duty.add_notice(Notice("1", "a", "独角兽提醒一", now, case_id, urgent=True))
        unit.duty.add_notice(Notice("2", "a", "独角兽提醒二", now + timedelta(minutes=1)))
        unit.duty.add_notice(Notice("3", "b", "别人的", now))
        assert unit.duty.mark_read("a", now, now) == 1
        assert [one.id for one in unit.duty.notices("a", 9)] == ["2", "1"]
        assert unit.duty.notices("a", 9)[1] == Notice("1", "a", "独角兽提醒一", now, case_id, True, now)
        assert (unit.duty.waiting("a"), unit.duty.waiting("b")) == (1, 1)

    await store.write(work)
    assert await verify(store) == []
    assert not any("独角兽".encode() in data for data in house.files().values())

    def erase(unit):
        card = unit.cases.card(case_id)
        unit.duty.keep_watch(watching(card, None))
        unit.duty.mark(case_id, "unclaimed", now)
        unit.cases.erase(case_id)
        assert unit.duty.mark(case_id, "unclaimed", now), "nothing of the case is left"

    await store.write(erase)
    assert [one.id for one in await store.read(lambda unit: unit.duty.notices("a", 9))] == ["2"]
    assert await store.write(lambda unit: unit.duty.drop_notices(now + timedelta(minutes=1))) == 1


async def test_a_case_is_looked_at_when_it_is_due_or_its_promise_changed_and_not_before(
    store, opens_case, clock
):
    case_id, promises, now = await opens_case(), Promises(), clock.now()

    def due(unit, at):
        return [found for found, _ in unit.duty.to_look_at(at, 9)]

    def work(unit):
        card = unit.cases.card(case_id)
        assert unit.duty.to_look_at(now, 9) == [(case_id, None)]
        watch = looking_again(card, watching(card, None), promises)
        unit.duty.keep_watch(watch)
        assert due(unit, now) == [] and due(unit, watch.look_at) == [case_id]
        [(_, kept)] = unit.duty.to_look_at(watch.look_at, 9)
        assert kept == watch
        card = unit.cases.save_card(card.promising(card.promised_at + timedelta(hours=1), now))
        assert due(unit, now) == [case_id], "another promise"
        unit.duty.keep_watch(looking_again(card, watching(card, kept), promises))
        card = unit.cases.save_card(replace(card, urgent=True))
        assert due(unit, now) == [case_id], "it became urgent"
        far = now + timedelta(days=99)
        paused = replace(card, paused_at=now, pause_reason=PauseReason.PARTNER)
        card = unit.cases.save_card(paused)
        assert due(unit, far) == [] and unit.duty.paused(now) == [case_id]
        card = unit.cases.save_card(replace(card, paused_at=None, merged_into="other"))
        assert due(unit, far) == []
        unit.cases.save_card(replace(card, merged_into=None, status=CaseStatus.CLOSED))
        assert due(unit, far) == []

    await store.write(work)


async def test_what_is_marked_is_done_once_and_counts_are_by_assignee(store, opens_case, clock):
    case_id, now = await opens_case(), clock.now()

    def work(unit):
        staff(unit, "a")
        assert unit.duty.unclaimed(now, 9) == [case_id]
        assert [unit.duty.mark(case_id, "unclaimed", now) for _ in range(2)] == [True, False]
        assert unit.duty.unclaimed(now, 9) == []
        unit.cases.save_card(replace(unit.cases.card(case_id), assignee="a"))
        assert unit.duty.open_counts() == {"a": 1} and unit.duty.stranded() == {}
        unit.staff.save(replace(unit.staff.get("a"), active=False))
        assert unit.duty.stranded() == {"a": 1}
        assert unit.duty.old_ones(now, "close_soon", 9) == [case_id]

    await store.write(work)
