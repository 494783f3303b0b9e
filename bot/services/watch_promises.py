"""By the clock: urge where staff are silent: half, all, one and a half of the promised time."""

from datetime import datetime

from bot.domain.ports import Unit
from bot.services.case_work import Desk


def sweep(unit: Unit, now: datetime, desk: Desk) -> int:
    """Do what is due at `now`; how many cases it touched."""
    return 0
