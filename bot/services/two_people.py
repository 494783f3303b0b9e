"""Two people for what must not be done by one: somebody asks, another member agrees, then it is done once.

The account counts, not the session or the browser: whoever asked can never agree.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.ports_figures import ExportRequest
from bot.domain.staff import Power, StaffMember
from bot.services.case_gate import on_duty, require

WAITS = timedelta(days=7)  # for the second person
LIVES = timedelta(hours=24)  # after the second person agreed


class Stage(StrEnum):
    """How far a request has come."""

    WAITING = "waiting"
    AGREED = "agreed"
    DECLINED = "declined"
    USED = "used"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Cleared:
    """A request that may be carried out now, by whom, and who agreed (None: it takes no second person)."""

    request: ExportRequest
    by: StaffMember
    second: StaffMember | None


def stage(request: ExportRequest, now: datetime) -> Stage:
    """How far it has come at `now`."""
    if request.used_at is not None:
        return Stage.USED
    if request.agreed is None:
        return Stage.WAITING if now < request.asked_at + WAITS else Stage.LATE
    if not request.agreed:
        return Stage.DECLINED
    assert request.decided_at is not None
    return Stage.AGREED if now < request.decided_at + LIVES else Stage.LATE


def decide(unit: Unit, actor: StaffMember, export_id: str, agreed: bool, now: datetime) -> None:
    """Say yes or no to what somebody else asked for."""
    member = on_duty(unit, actor)
    require(member, Power.EXPORT)
    request = _request(unit, export_id)
    if request.asked_by == member.id:
        raise Refused("export_same")
    match stage(request, now):
        case Stage.WAITING:
            pass
        case Stage.LATE:
            raise Refused("export_gone")
        case _:
            raise Refused("export_decided")
    unit.audit.append(member.id, "agree_export" if agreed else "decline_export", f"export:{export_id}", now)
    if not unit.figures.decide_export(export_id, member.id, agreed, now):
        raise Refused("export_decided")


def use(unit: Unit, actor: StaffMember, export_id: str, now: datetime) -> Cleared:
    """Take a request up, once, by the one who asked; both people must still be allowed to."""
    member = on_duty(unit, actor)
    require(member, Power.EXPORT)
    request = _request(unit, export_id)
    if request.asked_by != member.id:
        raise Refused("export_not_yours")
    match stage(request, now):
        case Stage.WAITING:
            raise Refused("export_waiting")
        case Stage.USED:
            raise Refused("export_used")
        case Stage.LATE:
            raise Refused("export_late")
        case Stage.DECLINED:
            raise Refused("export_gone")
        case Stage.AGREED:
            pass
    second = unit.staff.get(request.decided_by or "")
    if second is None or second.id == member.id or not second.may(Power.EXPORT):
        raise Refused("export_gone")
    facts = {"cases": str(request.cases), "layout": request.layout.value, "second": second.id}
    unit.audit.append(member.id, "export", f"export:{export_id}", now, facts)
    if not unit.figures.use_export(export_id, now):
        raise Refused("export_used")
    return Cleared(request, member, second)


def _request(unit: Unit, export_id: str) -> ExportRequest:
    request = unit.figures.export(export_id)
    if request is None:
        raise Refused("export_gone")
    return request
