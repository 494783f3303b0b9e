"""The duty roster, substitutes, and handing over all cases of somebody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.responses import Response

from bot.console.guard import Entry, Visit, back, refusal
from bot.domain.cases import CaseCard
from bot.domain.civil_time import civil_day
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.ports_duty import Absence
from bot.domain.promises import is_unpublished
from bot.domain.staff import Power, StaffMember
from bot.services import duty, plan_duty
from bot.services.case_gate import on_duty
from bot.services.plan_duty import HandedOver

_WEEKS, _FAR = 4, 13


@dataclass(frozen=True, slots=True)
class Day:
    """One civil day of the roster."""

    day: date
    works: bool
    unsure: bool  # the holidays of that year are not published
    staff: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DutyView:
    """The page as it stands. `handing` is whose cases are shown to be handed over, if anybody's."""

    days: tuple[Day, ...]
    absences: tuple[Absence, ...]
    names: Mapping[str, str]
    takers: tuple[StaffMember, ...]
    counts: Mapping[str, int]
    stranded: Mapping[str, int]
    handing: StaffMember | None
    cards: tuple[CaseCard, ...]
    far: bool


async def show(visit: Visit) -> Response:
    """The page; `?from=` shows what somebody has in hand."""
    return await _page(visit)


async def plan(visit: Visit) -> Response:
    """Who is on duty from one day to another."""

    def work(unit: Unit, now: datetime) -> object:
        return plan_duty.plan(
            unit, visit.actor, _span(visit), visit.chosen("staff"), now, visit.deps.desk,
            only_workdays=bool(visit.field("workdays")),
        )  # fmt: skip

    refused = await _carry_out(visit, "plan", work)
    return refused or back("/duty", "duty_planned")


async def add_substitute(visit: Visit) -> Response:
    """Somebody is away; her open cases go to the substitute at once where that is ticked."""

    def work(unit: Unit, now: datetime) -> object:
        away, other, desk = visit.field("staff"), visit.field("substitute"), visit.deps.desk
        plan_duty.add_absence(unit, visit.actor, away, other, _span(visit), now, desk)
        if visit.field("hand_over") and plan_duty.open_cases_of(unit, away):
            plan_duty.hand_over_all(unit, visit.actor, away, other, now, desk)
        return None

    refused = await _carry_out(visit, "substitute", work)
    return refused or back("/duty", "absence_kept")


async def end_substitute(visit: Visit) -> Response:
    """She is back."""
    refused = await _carry_out(visit, "end", lambda unit, now: plan_duty.end_absence(
        unit, visit.actor, visit.field("absence"), now))  # fmt: skip
    return refused or back("/duty", "absence_ended")


async def hand_over(visit: Visit) -> Response:
    """All open cases of somebody go to another; the page lists them."""
    found: list[HandedOver] = []

    def work(unit: Unit, now: datetime) -> object:
        found[:] = [plan_duty.hand_over_all(
            unit, visit.actor, visit.field("staff"), visit.field("to"), now, visit.deps.desk)]  # fmt: skip
        return None

    refused = await _carry_out(visit, "hand_over", work)
    return refused or await _page(visit, handed=found[0])


def _span(visit: Visit) -> tuple[date, date]:
    """The days of a form; the last one may be left out. Refused("duty_day") where one is no date."""
    try:
        first = date.fromisoformat(visit.field("first").strip())
        last = visit.field("last").strip()
        return first, date.fromisoformat(last) if last else first
    except ValueError:
        raise Refused("duty_day") from None


async def _carry_out(visit: Visit, form: str, work: Callable[[Unit, datetime], object]) -> Response | None:
    """None where it was done; otherwise the page with the reason and what was typed."""
    now = visit.deps.clock.now()
    try:
        await visit.deps.store.write(lambda unit: work(unit, now))
    except Refused as refused:
        return await _page(visit, 422, error=refusal(visit.deps, refused), form=form)
    return None


async def _page(
    visit: Visit, status: int = 200, *, error: str = "", form: str = "", handed: HandedOver | None = None
) -> Response:
    now, actor = visit.deps.clock.now(), visit.actor
    typed = visit.form if form else {}
    wanted = visit.request.query_params.get("from", "")
    if form == "hand_over":
        wanted = typed.get("staff", "")
    view = await visit.deps.store.read(lambda unit: _read(unit, actor, wanted, now, visit))
    return visit.show(
        "duty.html", status, view=view, error=error, form=form, typed=typed, handed=handed,
        chosen=visit.chosen("staff") if form == "plan" else (),
        today=civil_day(now), most=plan_duty.MOST_DAYS,
    )  # fmt: skip


def _read(unit: Unit, actor: StaffMember, wanted: str, now: datetime, visit: Visit) -> DutyView:
    member, today, promises = on_duty(unit, actor), civil_day(now), visit.deps.desk.promises
    monday = today - timedelta(days=today.weekday())
    far = visit.request.query_params.get("far") == "yes"
    shown = 7 * (_FAR if far else _WEEKS)
    last = monday + timedelta(days=shown - 1)
    roster = unit.duty.roster(monday, last)
    known = {one.id: one for one in unit.staff.all()}
    planner = member.may(Power.PLAN_DUTY)
    handing = known.get(wanted) if planner else None
    return DutyView(
        days=tuple(
            Day(
                day,
                promises.is_open(day),
                is_unpublished(day),
                tuple(one for one in roster.get(day, ()) if day < today or _comes(known.get(one))),
            )
            for day in (monday + timedelta(days=ahead) for ahead in range(shown))
        ),
        absences=tuple(unit.duty.absences(today)),
        names={one.id: one.name for one in known.values()},
        takers=tuple(duty.takers(unit)),
        counts=unit.duty.open_counts() if planner else {},
        stranded=unit.duty.stranded() if planner else {},
        handing=handing,
        cards=tuple(plan_duty.open_cases_of(unit, handing.id)) if handing else (),
        far=far,
    )


def _comes(member: StaffMember | None) -> bool:
    """Whether she can still be counted on: an account that was switched off is on no roster to come."""
    return member is not None and member.active


_SEE, _PLAN = frozenset({Power.LIST_CASES}), frozenset({Power.PLAN_DUTY})
ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/duty", _SEE, show),
    Entry("POST", "/duty/days", _PLAN, plan),
    Entry("POST", "/duty/substitutes", _PLAN, add_substitute),
    Entry("POST", "/duty/substitutes/end", _PLAN, end_substitute),
    Entry("POST", "/duty/hand-over", _PLAN, hand_over),
)
