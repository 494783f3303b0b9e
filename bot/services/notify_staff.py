"""Tells members of staff something about their work: at the desk, and on Telegram where they bound it."""

from collections.abc import Iterable
from datetime import datetime

from bot.domain.ports import Unit


def notify(
    unit: Unit,
    staff_ids: Iterable[str],
    text: str,
    now: datetime,
    *,
    case_id: str | None,
    urgent: bool = False,
) -> None:
    """Keep a notice for each of them. `text` names a case by number and kind only, never her words."""
