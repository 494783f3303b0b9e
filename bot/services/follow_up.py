"""By the clock: call-backs that are due, and filing away what is done."""

from datetime import datetime

from bot.domain.ports import Unit
from bot.services.case_work import Desk


def sweep(unit: Unit, now: datetime, desk: Desk) -> int:
    """Do what is due at `now`; how many cases it touched."""
    return 0
