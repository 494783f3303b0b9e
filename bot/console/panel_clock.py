"""What a case page shows about the promise clock: how far it is, what was urged, pause and resume."""

from dataclasses import dataclass
from datetime import datetime

from bot.console.deps import ConsoleDeps
from bot.domain import silence
from bot.domain.cases import CaseEvent, EventKind, OpenedCase, PauseReason
from bot.domain.ports import Unit
from bot.domain.staff import StaffMember
from bot.services.watch_promises import LONGEST_PAUSE, running_since


@dataclass(frozen=True, slots=True)
class ClockView:
    """The clock of a case that runs or stands still. `percent` is of the promised time, in working time."""

    percent: int
    provisional: bool
    close_by: datetime
    close_late: bool
    urged: tuple[CaseEvent, ...]
    reasons: tuple[PauseReason, ...]
    may_pause: bool
    pause_days: int
    pause_long: bool
    pause_said: str


def panel(unit: Unit, actor: StaffMember, opened: OpenedCase, now: datetime, deps: ConsoleDeps) -> object:
    """The values for _case_clock.html and _case_clock_acts.html; None where the case is over."""
    card, promises = opened.card, deps.desk.promises
    if not card.is_open:
        return None
    until = card.paused_at or now
    whole = promises.elapsed(silence.began(card), card.promised_at, card.urgent)
    gone = promises.elapsed(silence.began(card), until, card.urgent)
    close_by = promises.close_by(running_since(unit, card), card.kind, card.urgent)
    pause_days = promises.workdays(card.paused_at, now) if card.paused_at else 0
    pauses = [event for event in opened.events if event.kind is EventKind.PAUSED]
    return ClockView(
        percent=round(100 * gone / whole) if whole else (100 if now >= card.promised_at else 0),
        provisional=not card.urgent and promises.is_provisional(card.promised_at),
        close_by=close_by,
        close_late=close_by < now,
        urged=tuple(event for event in opened.events if event.kind is EventKind.URGED),
        reasons=tuple(PauseReason),
        may_pause=card.promised_at > now,
        pause_days=pause_days,
        pause_long=pause_days > LONGEST_PAUSE,
        pause_said=pauses[-1].body if pauses and card.paused_at else "",
    )
