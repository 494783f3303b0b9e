"""小工说法 once a week: who wants it, and one batch of it in one unit of work."""

import logging
from dataclasses import dataclass
from datetime import datetime

from bot.conversation.learn_cards import weekly_tip
from bot.conversation.turn import Organisation
from bot.domain.civil_time import civil_day
from bot.domain.errors import KeyMissing, SealBroken
from bot.domain.ports import Unit
from bot.domain.reply import Lane
from bot.domain.weekly_tips import next_place, tip_week
from knowledge.models import Knowledge
from knowledge.wording import Wording

log = logging.getLogger("safehouse.tips")

AT_ONCE = 200  # people in one unit: her message waits behind it no longer than that takes


@dataclass(frozen=True, slots=True)
class TipsToSend:
    """What the weekly tips are made of."""

    knowledge: Knowledge
    wording: Wording
    organisation: Organisation


def subscribe(unit: Unit, person_id: str, now: datetime, *, lasting: bool) -> None:
    """From the next Tuesday on: today's tip she has just read."""
    unit.subscriptions.add(person_id, tip_week(now), now, lasting=lasting)


def send_batch(unit: Unit, content: TipsToSend, now: datetime, at_once: int = AT_ONCE) -> int:
    """Queue this week's tip for some who had none; how many. 0 when everybody has theirs.

    Message and week are kept together: after a crash it goes on with whoever is left, and nobody gets two.
    """
    tips = content.knowledge.tips
    if not tips:
        return 0
    names, week, today = [tip.id for tip in tips], tip_week(now), civil_day(now)
    due = unit.subscriptions.due(week, at_once)
    for one in due:
        place = next_place(names, one.tip, one.place)
        tip = tips[place]
        reply = weekly_tip(content.knowledge, content.wording, content.organisation, tip, today)
        try:
            [seq] = unit.outbox.add(one.person_id, [reply], lane=Lane.BROADCAST, now=now)
        except (SealBroken, KeyMissing) as error:  # her key is damaged: it must not keep the others waiting
            log.error("no weekly tip for %s: %s", one.person_id, type(error).__name__)
            unit.subscriptions.stop(one.person_id)
            continue
        unit.subscriptions.sent(one.person_id, week, tip.id, place, seq)
    return len(due)
