"""The desk's acts for legal dates of a case: add, check the day, note that it began anew, done, drop."""

from datetime import datetime

from starlette.responses import Response

from bot.console.case_acts import act, seen_version
from bot.console.guard import Entry, Visit
from bot.domain.case_deadlines import DropReason, Interruption
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.staff import Power
from bot.services import guard_deadlines
from bot.services.case_work import Desk

_HERE = "#deadlines"


async def add(visit: Visit) -> Response:
    """Add a legal date by its rule and the day it counts from."""
    return await act(visit, "deadline", "deadline_set", lambda unit, case, now, desk: guard_deadlines.add(
        unit, visit.actor, case, visit.field("rule"), visit.field("day"), now, desk,
        seen=seen_version(visit)), anchor=_HERE)  # fmt: skip


async def change_day(visit: Visit) -> Response:
    """The day it counts from was checked."""
    one = visit.path("deadline_id")
    return await act(visit, f"day-{one}", "deadline_set", lambda unit, case, now, desk:
        guard_deadlines.change_day(unit, visit.actor, case, one, visit.field("day"), now, desk,
        seen=seen_version(visit)), anchor=_HERE)  # fmt: skip


async def interrupt(visit: Visit) -> Response:
    """Something made the period begin anew."""
    one = visit.path("deadline_id")
    what = next((kind for kind in Interruption if kind.value == visit.field("what")), None)

    def work(unit: Unit, case: str, now: datetime, desk: Desk) -> object:
        if what is None:
            raise Refused("deadline_anew_what")
        return guard_deadlines.interrupt(
            unit, visit.actor, case, one, what, visit.field("day"), now, desk, seen=seen_version(visit)
        )

    return await act(visit, f"anew-{one}", "deadline_set", work, anchor=_HERE)


async def done(visit: Visit) -> Response:
    """What was to be done in time was done."""
    one = visit.path("deadline_id")
    return await act(visit, f"done-{one}", "deadline_done", lambda unit, case, now, desk:
        guard_deadlines.done(unit, visit.actor, case, one, now, desk, seen=seen_version(visit)),
        anchor=_HERE)  # fmt: skip


async def drop(visit: Visit) -> Response:
    """It need not be kept in mind any more."""
    one = visit.path("deadline_id")
    reason = next((kind for kind in DropReason if kind.value == visit.field("reason")), None)

    def work(unit: Unit, case: str, now: datetime, desk: Desk) -> object:
        if reason is None:
            raise Refused("deadline_reason")
        return guard_deadlines.drop(unit, visit.actor, case, one, reason, now, desk, seen=seen_version(visit))

    return await act(visit, f"drop-{one}", "deadline_dropped", work, anchor=_HERE)


_MAY = frozenset({Power.MOVE})
_ONE = "/cases/{case_id}/deadlines/{deadline_id}"
ENTRIES: tuple[Entry, ...] = (
    Entry("POST", "/cases/{case_id}/deadlines", _MAY, add),
    Entry("POST", f"{_ONE}/day", _MAY, change_day),
    Entry("POST", f"{_ONE}/anew", _MAY, interrupt),
    Entry("POST", f"{_ONE}/done", _MAY, done),
    Entry("POST", f"{_ONE}/drop", _MAY, drop),
)
