"""What she reads when cases are joined, taken apart, or brought together in a group."""

from datetime import datetime

from bot.conversation.actions import see_case, write_to_case
from bot.domain.cases import CaseCard
from bot.domain.civil_time import moment_in_words
from bot.domain.reply import Button, Reply
from knowledge.wording import Wording


def merged(wording: Wording, card: CaseCard, now: datetime) -> Reply:
    """Two entries of hers are handled as one."""
    return _reply(wording, card, wording.intake.her["merged"], now)


def unmerged(wording: Wording, card: CaseCard, now: datetime) -> Reply:
    """They are handled one by one again."""
    return _reply(wording, card, wording.intake.her["unmerged"], now)


def _reply(wording: Wording, card: CaseCard, text: str, now: datetime) -> Reply:
    by = moment_in_words(card.promised_at, now)
    buttons = wording.desk.her.buttons
    row = (Button(buttons.add, write_to_case(card.id)), Button(buttons.progress, see_case(card.id)))
    return Reply(text.format(by=by), (row,), private=True)
