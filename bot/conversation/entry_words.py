"""The parts of an answer that are worded in one way wherever they stand: in the talk and in the handbook."""

from collections.abc import Mapping
from datetime import date

from bot.conversation.turn import Organisation
from bot.domain.civil_time import plain_day
from knowledge.amounts import LocalLine, local_lines
from knowledge.base import ReviewStatus
from knowledge.models import DeadlineLabel, Entry, Region
from knowledge.reviews import is_overdue
from knowledge.wording_talk import Ask


def review_note(entry: Entry, words: Ask, house: Organisation, today: date) -> str:
    """Whether a lawyer has read it, and when; said too where it is due to be read again."""
    note = words.unreviewed
    if entry.review.status is ReviewStatus.REVIEWED and entry.review.on:
        note = house.put(words.reviewed, day=plain_day(entry.review.on))
    if is_overdue(entry.checked_on, entry.review, today):
        note += "\n" + house.put(words.overdue, day=plain_day(entry.checked_on))
    return note


def deadline_lines(
    entry: Entry, known: Mapping[str, DeadlineLabel], words: Ask, house: Organisation
) -> list[str]:
    """The limitation periods of a topic, each with its law."""
    return [
        house.put(words.deadline, label=rule.label, in_words=rule.in_words, law=rule.law)
        for rule in (known[name] for name in entry.deadlines if name in known)
    ]


def amount_lines(entry: Entry, region: Region, words: Ask, house: Organisation, today: date) -> list[str]:
    """The local amounts: stated with date and check, or whom to ask."""
    return [_amount(line, words, house) for line in local_lines(entry, region, today)]


def _amount(line: LocalLine, words: Ask, house: Organisation) -> str:
    def day(text: str, on: date | None) -> str:
        return house.put(text, day=plain_day(on)) if on else ""

    if not line.stated:
        return house.put(words.local_ask, label=line.label, where=line.ask_at)
    return house.put(
        words.local_stated,
        label=line.label,
        value=f"{line.value}{line.unit}",
        since=day(words.local_since, line.effective_from),
        checked=day(words.local_checked, line.verified_on),
    )
