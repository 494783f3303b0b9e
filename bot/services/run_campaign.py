"""Carries out what a turn of the contest wants. Its tables know a keyed player, never a person."""

from datetime import datetime

from bot.conversation.effects import (
    ChooseDistrict,
    ContestEffect,
    FinishAttempt,
    KeepAnswer,
    ShowQuestion,
    StartAttempt,
)
from bot.domain.ports import Unit


def carry_out(unit: Unit, player: str, effect: ContestEffect, now: datetime) -> None:
    """Do one of them; a second answer to the same question changes nothing."""
    contest = unit.contest
    match effect:
        case StartAttempt(attempt=attempt):
            contest.start(attempt)
        case KeepAnswer():
            contest.keep_answer(effect.attempt_id, effect.number, effect.choice, effect.right, now, effect.ms)
        case ShowQuestion(attempt_id=attempt_id):
            contest.show(attempt_id, now)
        case FinishAttempt(attempt_id=attempt_id):
            contest.finish(attempt_id, now)
        case ChooseDistrict(campaign=campaign, district=district):
            contest.set_district(player, campaign, district)
