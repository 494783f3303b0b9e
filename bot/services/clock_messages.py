"""What she reads when the clock does something in her case: neutral first line, by when she hears."""

from datetime import datetime
from enum import StrEnum

from bot.domain.cases import CaseCard, PauseReason
from bot.domain.reply import Reply
from bot.services.case_messages import fill, framed, in_time, with_words
from bot.services.case_work import Desk


class Given(StrEnum):
    """What urging did about who has the case."""

    NOT = "not"  # nobody else could take it
    FIRST = "first"  # nobody had it before
    ON = "on"


def urged(card: CaseCard, now: datetime, desk: Desk, given: Given, *, leaders: bool) -> Reply:
    """已催办: who has it now, whether the leaders know, and by when she hears."""
    words = desk.wording.clock.her
    who = {Given.NOT: "", Given.FIRST: words.given_first, Given.ON: words.given_on}
    text = fill(
        words.urged,
        by=in_time(desk.wording, card, now),
        leaders=words.told_leaders if leaders else "",
        who=who[given],
        call=fill(words.call, hotline=desk.hotline) if leaders else "",
    )
    return framed(desk.wording, card, text)


def paused(card: CaseCard, reason: PauseReason, said: str, desk: Desk) -> Reply:
    """Why her case waits, and what staff said to it."""
    words = desk.wording.clock.her
    text = fill(words.paused, why=words.pause[reason.value])
    return framed(desk.wording, card, with_words(desk.wording, text, said))


def resumed(card: CaseCard, said: str, now: datetime, desk: Desk) -> Reply:
    """The clock runs again."""
    text = fill(desk.wording.clock.her.resumed, by=in_time(desk.wording, card, now))
    return framed(desk.wording, card, with_words(desk.wording, text, said))
