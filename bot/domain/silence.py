"""The ladder of silence: a reminder at half of the promised time, somebody else at all of it, then leaders.

A promise that was broken is followed by a new one with a ladder of its own, so that no case is ever left
without a next step. The leaders hear at 150 per cent of the broken promise, or at once where the new one is
broken as well.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum

from bot.domain.cases import CaseCard
from bot.domain.promises import Promises


class Step(IntEnum):
    """Per cent of the promised time; what `CaseCard.urged` counts."""

    NONE = 0
    HALF = 50  # whoever has it is reminded
    FULL = 100  # somebody else gets it, with a new promise
    OVER = 150  # the leaders hear of it


@dataclass(frozen=True, slots=True)
class Watch:
    """How the clock watches one case: the promise it knows, and when to look again. Instants are aware UTC.

    `broken_began` and `broken_by` are the promise before, where that was broken and the leaders have not
    heard of it.
    """

    case_id: str
    began_at: datetime
    promised_at: datetime
    urgent: bool
    urged: int
    look_at: datetime
    broken_began: datetime | None = None
    broken_by: datetime | None = None
    reminded: bool = False


def began(card: CaseCard) -> datetime:
    """When the present promise began to run."""
    return card.began_at or card.opened_at


def watching(card: CaseCard, kept: Watch | None) -> Watch:
    """The watch for the promise as it is now; another promise begins anew."""
    now = Watch(card.id, began(card), card.promised_at, card.urgent, card.urged, card.promised_at)
    if kept is None or kept.began_at != now.began_at:
        return replace(now, reminded=card.urged == Step.HALF)
    return replace(
        now, broken_began=kept.broken_began, broken_by=kept.broken_by, reminded=kept.reminded
    )  # fmt: skip


def steps(card: CaseCard, watch: Watch, promises: Promises) -> dict[Step, datetime]:
    """The steps that are still to come, and when."""
    found = {Step.FULL: card.promised_at}
    if not watch.reminded:
        found[Step.HALF] = promises.step_at(began(card), card.promised_at, Step.HALF, card.urgent)
    if watch.broken_began is not None and watch.broken_by is not None and card.urged < Step.OVER:
        found[Step.OVER] = promises.step_at(watch.broken_began, watch.broken_by, Step.OVER, card.urgent)
    return found


def due(card: CaseCard, watch: Watch, promises: Promises, now: datetime) -> frozenset[Step]:
    """The steps whose time has come; after a long stop they may be several, and the highest one acts."""
    come = {step for step, at in steps(card, watch, promises).items() if at <= now}
    if Step.FULL in come:
        so_late = promises.step_at(began(card), card.promised_at, Step.OVER, card.urgent) <= now
        if so_late or card.urged >= Step.FULL:  # one promise after the other was broken
            come.add(Step.OVER)
    return frozenset(come)


def looking_again(card: CaseCard, watch: Watch, promises: Promises) -> Watch:
    """The watch with the instant at which the next step comes."""
    return replace(watch, look_at=min(steps(card, watch, promises).values()))


def resumed(card: CaseCard, promises: Promises, now: datetime) -> CaseCard:
    """A paused card whose clock runs again: as much of its time is over, and as much is left, as before."""
    if card.paused_at is None:
        return card
    gone = promises.elapsed(began(card), card.paused_at, card.urgent)
    left = promises.elapsed(card.paused_at, card.promised_at, card.urgent)
    by = now + left if card.urgent else promises.after(now, left)
    since = now - gone if card.urgent else promises.before(now, gone)
    return replace(card, promised_at=by, began_at=since, paused_at=None, pause_reason=None)
