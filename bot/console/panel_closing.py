"""What a case page shows about closing, call-back, archive."""

from datetime import datetime

from bot.console.deps import ConsoleDeps
from bot.domain.cases import OpenedCase
from bot.domain.ports import Unit
from bot.domain.staff import StaffMember


def panel(unit: Unit, actor: StaffMember, opened: OpenedCase, now: datetime, deps: ConsoleDeps) -> object:
    """The values for _case_closing.html and _case_closing_acts.html, there under `panels.closing`."""
    return None
