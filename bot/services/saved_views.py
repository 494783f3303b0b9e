"""Saved views: filters of the case list under a name, of one member or for everybody."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.ports_team import SavedView
from bot.domain.staff import Power, StaffMember
from bot.services.case_gate import on_duty, require

LONGEST_NAME = 20
MOST = 30  # of one member


def save_view(
    unit: Unit, actor: StaffMember, name: str, filters: Mapping[str, str], shared: bool, now: datetime
) -> SavedView:
    """Keep filters under a name; only who assigns cases shares one with everybody.

    Refused: view_name, view_same, views_full.
    """
    member = on_duty(unit, actor)
    require(member, Power.LIST_CASES)
    if shared:
        require(member, Power.ASSIGN)
    called = " ".join(name.split())
    if not called or len(called) > LONGEST_NAME:
        raise Refused("view_name")
    known = unit.team.views(member.id)
    if any(view.name == called for view in known):
        raise Refused("view_same")
    if sum(view.staff_id == member.id for view in known) >= MOST:
        raise Refused("views_full", most=MOST)
    view = SavedView(secrets.token_hex(6), member.id, shared, called, dict(filters))
    unit.team.keep_view(view, now)
    unit.audit.append(member.id, "save_view", view.id, now)
    return view


def drop_view(unit: Unit, actor: StaffMember, view_id: str, now: datetime) -> None:
    """Throw one's own view away, a shared one also by whoever may share. Refused: view_gone."""
    member = on_duty(unit, actor)
    view = next((one for one in unit.team.views(member.id) if one.id == view_id), None)
    if view is None or not (view.staff_id == member.id or member.may(Power.ASSIGN)):
        raise Refused("view_gone")
    unit.team.drop_view(view.id)
    unit.audit.append(member.id, "drop_view", view.id, now)
