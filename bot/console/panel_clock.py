"""What a case page shows about the promise clock: pause and resume."""

from datetime import datetime

from bot.console.deps import ConsoleDeps
from bot.domain.cases import OpenedCase
from bot.domain.ports import Unit
from bot.domain.staff import StaffMember


def panel(unit: Unit, actor: StaffMember, opened: OpenedCase, now: datetime, deps: ConsoleDeps) -> object:
    """The values for _case_clock.html and _case_clock_acts.html, there under `panels.clock`."""
    return None
