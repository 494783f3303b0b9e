"""Tasks, days of the playbook, conflict of interest, saved views."""

from datetime import date

import pytest

from bot.domain.errors import NotAllowed, NotFound, Refused
from bot.domain.promises import Promises
from bot.services import case_work, conflicts, drafts, saved_views, team_work
from bot.services.playbooks import working_day_after
from tests.services.desk_store import desk_store


@pytest.fixture
async def desk(tmp_path):
    async with desk_store(tmp_path) as opened:
        await opened.case()
        yield opened


@pytest.mark.parametrize(
    ("day", "count", "wanted"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # Friday to Monday
        (date(2026, 11, 22), 0, date(2026, 11, 23)),  # a Sunday itself is no working day
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # over 国庆
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday worked in exchange before 春节
    ],
)
def test_days_of_the_playbook_are_working_days(day, count, wanted):
    assert working_day_after(day, count, Promises()) == wanted


def test_the_house_has_days_off_of_its_own():
    promises = Promises(extra_days_off=frozenset({date(2026, 11, 23)}))
    assert working_day_after(date(2026, 11, 20), 1, promises) == date(2026, 11, 24)


async def test_a_task_goes_only_to_who_sees_the_case(desk):
    with pytest.raises(Refused, match="task_taker"):
        await desk.does(team_work.add_task, "li", "c1", "问仲裁院", None, "zhou")
    task = await desk.does(team_work.add_task, "li", "c1", "问仲裁院", None, "wang")
    done = await desk.does(team_work.finish_task, "li", "c1", task.id)
    assert done.done_by == "li"
    again = await desk.does(team_work.finish_task, "wang", "c1", task.id)
    assert again.done_by == "li", "ticked twice is ticked once"
    await desk.case("c2")
    with pytest.raises(Refused, match="task_gone"):
        await desk.does(team_work.drop_task, "li", "c2", task.id)


async def test_a_conflict_closes_every_way_into_the_case(desk):
    draft = await desk.does(drafts.write_draft, "li", "c1", "写了一半")
    await desk.does(conflicts.declare_conflict, "li", "c1")
    for act in (
        lambda: desk.does(case_work.claim, "li", "c1"),
        lambda: desk.does(case_work.add_note, "li", "c1", "便签"),
        lambda: desk.does(drafts.send_draft, "li", "c1", draft.id),
        lambda: desk.does(team_work.add_task, "li", "c1", "事", None, None),
        lambda: desk.does(conflicts.declare_conflict, "li", "c1"),
    ):
        with pytest.raises(NotFound):
            await act()
    with pytest.raises(Refused, match="conflict_there"):
        await desk.does(case_work.assign, "wang", "c1", "li")
    taken = await desk.does(case_work.claim, "zhou", "c1")
    assert taken.assignee == "zhou"
    with pytest.raises(NotAllowed):
        await desk.does(conflicts.lift_conflict, "zhou", "c1", "li")
    await desk.does(conflicts.lift_conflict, "wang", "c1", "li")
    await desk.does(case_work.assign, "wang", "c1", "li")


async def test_a_case_opened_later_about_the_same_employer_is_closed_as_well(desk):
    await desk.case("c2", employer_id="mill", assignee=None)
    await desk.does(conflicts.declare_conflict, "li", "c2")
    await desk.case("c3", employer_id="mill", assignee=None)
    with pytest.raises(NotFound):
        await desk.does(case_work.claim, "li", "c3")
    await desk.case("c4", employer_id="shop", assignee=None)
    await desk.does(case_work.claim, "li", "c4")


async def test_views_are_bounded(desk):
    now, li = desk.clock.now(), desk.staff["li"]

    def save(name):
        return desk.store.write(lambda unit: saved_views.save_view(unit, li, name, {}, False, now))

    for at in range(saved_views.MOST):
        await save(f"视图{at}")
    with pytest.raises(Refused, match="views_full"):
        await save("再来一个")
    with pytest.raises(Refused, match="view_name"):
        await save("长" * 21)
