"""What a case page shows about second pair of eyes, conflict, tasks, playbook, calls and visits."""

from datetime import datetime

from bot.console.deps import ConsoleDeps
from bot.domain.cases import OpenedCase
from bot.domain.ports import Unit
from bot.domain.staff import StaffMember


def panel(unit: Unit, actor: StaffMember, opened: OpenedCase, now: datetime, deps: ConsoleDeps) -> object:
    """The values for _case_team.html and _case_team_acts.html, there under `panels.team`."""
    return None
