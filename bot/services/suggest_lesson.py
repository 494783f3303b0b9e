"""What a case has taught, in one line, for the curators of the FAQ: masked before it is kept."""

from datetime import datetime

from bot.domain.cases import OpenedCase
from bot.domain.errors import Refused
from bot.domain.masking import MASK, mask_identity
from bot.domain.ports import Unit
from bot.domain.staff import Power, StaffMember
from bot.services.case_gate import on_duty, open_case, require, see_card
from bot.services.case_work import checked_text

REASON = "lesson"  # of the note in the curators' queue
LONGEST = 120  # characters
_DAY_S = 86_400
_SHORTEST_NAME = 2  # characters: one alone is in many words


def suggest_lesson(unit: Unit, actor: StaffMember, case_id: str, text: str, now: datetime) -> None:
    """Put one line into the queue. Numbers, her name, her contact and her employer's name are masked.

    Once a day for each case: a second tap is told so.
    """
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, Power.NOTE)
    line = " ".join(checked_text(text).split())
    if len(line) > LONGEST:
        raise Refused("lesson_long", limit=LONGEST, length=len(line))
    if not unit.limits.hit(f"lesson:{card.id}", now, window_s=_DAY_S, at_most=1):
        raise Refused("lesson_often")
    opened = open_case(unit, member, card.id, now)
    unit.audit.append(member.id, "suggest_lesson", card.id, now)
    unit.feedback.add(without_names(line, opened), REASON, card.topic, now)


def without_names(line: str, opened: OpenedCase) -> str:
    """The line without what could tell who it was."""
    answers, card = opened.answers, opened.card
    for told in (answers.employer, answers.name, answers.contact, card.number):
        for part in (told or "").replace("，", " ").replace("、", " ").split():
            if len(part) >= _SHORTEST_NAME:
                line = line.replace(part, MASK)
    return mask_identity(line)
