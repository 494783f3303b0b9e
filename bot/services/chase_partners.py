"""By the clock: chase partner agencies that do not answer, and let consents and links expire."""

from dataclasses import replace
from datetime import datetime

from bot.domain.cases import CaseCard, CaseStatus
from bot.domain.handovers import HandOver, HandOverState, PartnerStep
from bot.domain.ports import Unit
from bot.domain.reply import Reply
from bot.services.case_work import Desk, show_change, tell_her
from bot.services.hand_over import (
    CHASE_DAYS,
    LEADER_DAYS,
    end,
    is_answered,
    leaders,
    notice,
    tell_staff,
    working_days_after,
)
from bot.services.notify_staff import notify

SYSTEM = "system"


def sweep(unit: Unit, now: datetime, desk: Desk) -> int:
    """Do what is due at `now`; how many cases it touched."""
    touched = set()
    for hand_over in unit.partners.due(now):
        card = unit.cases.card(hand_over.case_id)
        if card is None:
            continue
        if card.status is CaseStatus.WITHDRAWN:
            _withdrawn(unit, card, hand_over, now)
        elif now >= hand_over.until:
            _expire(unit, card, hand_over, now, desk)
        else:
            _chase(unit, card, hand_over, now, desk)
        touched.add(card.id)
    return len(touched)


def _withdrawn(unit: Unit, card: CaseCard, hand_over: HandOver, now: datetime) -> None:
    """Her withdrawing had closed the page already; here the copy of her words goes too."""
    unit.audit.append(SYSTEM, "handover_revoked", card.id, now, {"hand_over": hand_over.id})
    end(unit, hand_over, HandOverState.REVOKED, "revoked", SYSTEM, now)


def _expire(unit: Unit, card: CaseCard, hand_over: HandOver, now: datetime, desk: Desk) -> None:
    words = desk.wording.partners
    unit.audit.append(SYSTEM, "handover_expired", card.id, now, {"hand_over": hand_over.id})
    had_agreed = hand_over.state is HandOverState.AGREED
    end(unit, hand_over, HandOverState.EXPIRED, "expired", SYSTEM, now)
    tell_staff(unit, card, words.notices.expired, now, desk)
    if had_agreed and card.is_open:
        told = words.her.expired.format(agency=hand_over.agency_name)
        tell_her(unit, card, Reply(told, private=True), now)
    show_change(unit, card, now, desk)


def _chase(unit: Unit, card: CaseCard, hand_over: HandOver, now: datetime, desk: Desk) -> None:
    """Only the highest step that is due: after a long stop the leaders hear once, not everybody twice."""
    since = _silent_since(unit, hand_over)
    if since is None or is_answered(unit, hand_over) or not card.is_open:
        unit.partners.save(replace(hand_over, look_at=hand_over.until))
        return
    words = desk.wording.partners.notices.silent
    to_leaders = working_days_after(since, LEADER_DAYS, desk.promises)
    to_officer = working_days_after(since, CHASE_DAYS, desk.promises)
    if now >= to_leaders and hand_over.chased < 2:
        who = [*leaders(unit), *([card.assignee] if card.assignee else [])]
        notify(unit, who, notice(words["leader"], card, desk), now, case_id=card.id)
        hand_over = replace(hand_over, chased=2, look_at=hand_over.until)
    elif now >= to_officer and hand_over.chased < 1:
        tell_staff(unit, card, words["officer"], now, desk)
        hand_over = replace(hand_over, chased=1, look_at=min(to_leaders, hand_over.until))
    unit.partners.save(hand_over)
    show_change(unit, card, now, desk)


def _silent_since(unit: Unit, hand_over: HandOver) -> datetime | None:
    """Its 收到 ends the first silence and begins the next; None where no link was given yet."""
    said = [
        one.at for one in unit.partners.answers(hand_over.id) if one.step is PartnerStep.RECEIVED
    ]  # fmt: skip
    return max([hand_over.sent_at, *said]) if hand_over.sent_at else None
