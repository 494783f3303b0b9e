"""What she reads when staff do something in her case: neutral first line, next step, by when."""

import re
from datetime import datetime

from bot.conversation.actions import Do, act, see_case, write_to_case
from bot.domain.cases import CaseCard, EventKind, Outcome
from bot.domain.civil_time import moment_in_words
from bot.domain.errors import Refused
from bot.domain.reply import Button, Reply
from knowledge.wording import Wording

_HOLE = re.compile(r"\{([a-z_]+)\}")


def claimed(wording: Wording, card: CaseCard, now: datetime, late: bool) -> Reply:
    """Somebody has taken it up; `late`: the promised time had passed before."""
    her = wording.desk.her
    return _reply(wording, card, _fill(her.claimed_late if late else her.claimed, by=_by(card, now)))


def handed_over(wording: Wording, card: CaseCard, now: datetime) -> Reply:
    """Another member of staff has it now."""
    return _reply(wording, card, _fill(wording.desk.her.handed_over, by=_by(card, now)))


def answer(wording: Wording, card: CaseCard, kind: EventKind, text: str, now: datetime) -> Reply:
    """What staff wrote to her; ASK_MORE is marked as a question to her."""
    her = wording.desk.her
    frame = her.question if kind is EventKind.ASK_MORE else her.answer
    return _reply(wording, card, _fill(frame, text=text, by=_by(card, now)))


def moved(wording: Wording, card: CaseCard, words: str, now: datetime) -> Reply:
    """The case is in another state."""
    her = wording.desk.her
    status = wording.labels.status[card.status]
    return _reply(wording, card, _with_words(_fill(her.moved, status=status, by=_by(card, now)), words))


def reopened(wording: Wording, card: CaseCard, words: str, now: datetime) -> Reply:
    """The case is open again."""
    return _reply(wording, card, _with_words(_fill(wording.desk.her.reopened, by=_by(card, now)), words))


def closed(wording: Wording, card: CaseCard, outcome: Outcome, words: str) -> Reply:
    """The case is closed, with its outcome and what she can still do."""
    her = wording.desk.her
    result = _fill(her.closed, outcome=wording.labels.outcome[outcome])
    text = _with_words(result, words) + "\n\n" + her.after_closing
    return Reply(text, _closing_buttons(wording, card), private=True)


def refusal(wording: Wording, refused: Refused) -> str:
    """What staff are told when something is refused, with its numbers filled in."""
    return _fill(
        wording.refused(refused.reason), **{name: str(value) for name, value in refused.facts.items()}
    )


def _reply(wording: Wording, card: CaseCard, text: str) -> Reply:
    buttons = wording.desk.her.buttons
    row = (Button(buttons.add, write_to_case(card.id)), Button(buttons.progress, see_case(card.id)))
    return Reply(text, (row,), private=True)


def _closing_buttons(wording: Wording, card: CaseCard) -> tuple[tuple[Button, ...], ...]:
    buttons = wording.desk.her.buttons
    return (
        (Button(buttons.add, write_to_case(card.id)), Button(buttons.progress, see_case(card.id))),
        (Button(buttons.reopen, act(Do.CASE, "reopen", card.id)),),
    )


def _by(card: CaseCard, now: datetime) -> str:
    return moment_in_words(card.promised_at, now)


def _fill(frame: str, **values: str) -> str:
    """Like str.format in one pass: what people typed is put in and never read as a template."""
    return _HOLE.sub(lambda hole: values.get(hole[1], hole[0]), frame)


def _with_words(text: str, words: str) -> str:
    return f"{text}\n\n{words}" if words else text
