"""What she reads when staff do something in her case: neutral first line, next step, by when."""

import re
from datetime import datetime

from bot.conversation.actions import see_case, write_to_case
from bot.domain.cases import CaseCard, EventKind
from bot.domain.civil_time import moment_in_words
from bot.domain.errors import Refused
from bot.domain.promises import is_provisional
from bot.domain.reply import Button, Reply
from knowledge.wording import Wording

_HOLE = re.compile(r"\{([a-z_]+)\}")


def claimed(wording: Wording, card: CaseCard, now: datetime, late: bool) -> Reply:
    """Somebody has taken it up; `late`: the promised time had passed before."""
    her = wording.desk.her
    return framed(
        wording, card, fill(her.claimed_late if late else her.claimed, by=in_time(wording, card, now))
    )


def handed_over(wording: Wording, card: CaseCard, now: datetime) -> Reply:
    """Another member of staff has it now."""
    return framed(wording, card, fill(wording.desk.her.handed_over, by=in_time(wording, card, now)))


def answer(wording: Wording, card: CaseCard, kind: EventKind, text: str, now: datetime) -> Reply:
    """What staff wrote to her; ASK_MORE is marked as a question to her."""
    her = wording.desk.her
    frame = her.question if kind is EventKind.ASK_MORE else her.answer
    return framed(wording, card, fill(frame, text=text, by=in_time(wording, card, now)))


def moved(wording: Wording, card: CaseCard, words: str, now: datetime) -> Reply:
    """The case is in another state."""
    her = wording.desk.her
    status = wording.labels.status[card.status]
    text = fill(her.moved, status=status, by=in_time(wording, card, now))
    return framed(wording, card, with_words(wording, text, words))


def reopened(wording: Wording, card: CaseCard, words: str, now: datetime) -> Reply:
    """The case is open again."""
    text = fill(wording.desk.her.reopened, by=in_time(wording, card, now))
    return framed(wording, card, with_words(wording, text, words))


def refusal(wording: Wording, refused: Refused) -> str:
    """What staff are told when something is refused, with its numbers filled in."""
    return fill(
        wording.refused(refused.reason), **{name: str(value) for name, value in refused.facts.items()}
    )


def framed(wording: Wording, card: CaseCard, text: str) -> Reply:
    """A text of ours to her, with the buttons that lead on."""
    buttons = wording.desk.her.buttons
    row = (Button(buttons.add, write_to_case(card.id)), Button(buttons.progress, see_case(card.id)))
    return Reply(text, (row,), private=True)


def in_time(wording: Wording, card: CaseCard, now: datetime) -> str:
    """By when she hears next; said to be provisional where the holidays of that year are not published."""
    by = moment_in_words(card.promised_at, now)
    unsure = not card.urgent and is_provisional(card.promised_at)
    return fill(wording.clock.her.provisional, by=by) if unsure else by


def fill(frame: str, **values: str) -> str:
    """Like str.format in one pass: what people typed is put in and never read as a template."""
    return _HOLE.sub(lambda hole: values.get(hole[1], hole[0]), frame)


def with_words(wording: Wording, text: str, words: str) -> str:
    """A text of ours, and what staff added to it, said to be theirs."""
    return f"{text}\n\n{fill(wording.desk.her.said, text=words)}" if words else text
