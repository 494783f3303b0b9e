"""What a case page shows about taking a case down, doubles, group cases."""

from datetime import datetime

from bot.console.deps import ConsoleDeps
from bot.domain.cases import OpenedCase
from bot.domain.ports import Unit
from bot.domain.staff import StaffMember


def panel(unit: Unit, actor: StaffMember, opened: OpenedCase, now: datetime, deps: ConsoleDeps) -> object:
    """The values for _case_intake.html and _case_intake_acts.html, there under `panels.intake`."""
    return None
