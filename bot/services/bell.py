"""The staff group's bell: a card per case, edited in place. It tells that there is work, not what it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.conversation.consent import ConsentKind
from bot.domain.cases import CaseCard, CaseStatus
from bot.domain.civil_time import moment_in_words
from bot.domain.ports import Unit
from bot.domain.reply import Button, Lane, Reply
from bot.domain.signals import CASES, case_of
from bot.services import group_queue
from knowledge.wording import Wording

_NEWS_EVERY = timedelta(minutes=10)  # one line per case: the group takes about 20 messages a minute in all
_STORY = 1500


@dataclass(frozen=True, slots=True)
class Bell:
    """Where it rings; `channel` None: no staff group, the desk alone."""

    wording: Wording
    channel: str | None
    public_url: str
    forward_case_text: bool = False


def ring(unit: Unit, card: CaseCard, now: datetime, bell: Bell) -> None:
    """Show the case's card in the staff group, or bring the one that is there up to date."""
    unit.announce(CASES)
    unit.announce(case_of(card.id))
    if bell.channel is None:
        return
    reply = Reply(_card_text(unit, card, now, bell), _rows(card, bell), card=f"bell:{card.id}")
    lane = Lane.URGENT if card.urgent and not card.closed_at else Lane.REPLY
    group_queue.put(unit, bell.channel, reply, now, card.id, lane)


def tell_news(unit: Unit, card: CaseCard, now: datetime, bell: Bell, *, urgent: bool) -> None:
    """She added something: one line at most every ten minutes a case, at once where it tells of danger.

    Where much waits for the group, the news of several cases go as one line.
    """
    unit.announce(CASES)
    unit.announce(case_of(card.id))
    if bell.channel is None:
        return
    fresh = unit.limits.hit(f"bell-news:{card.id}", now, window_s=int(_NEWS_EVERY.total_seconds()), at_most=1)
    if not (fresh or urgent):
        return
    words = bell.wording.bell
    text = (words.news_urgent if urgent else words.news).format(
        number=card.number, kind=bell.wording.labels.kind[card.kind.value]
    )
    reply = Reply(text, _rows(card, bell))
    if urgent:
        group_queue.put(unit, bell.channel, reply, now, card.id, Lane.URGENT)
    else:
        group_queue.put_line(unit, bell.channel, bell.wording, reply, now, card.id, card.number)


def _card_text(unit: Unit, card: CaseCard, now: datetime, bell: Bell) -> str:
    words, labels = bell.wording.bell, bell.wording.labels
    if into := joined_with(unit, card):
        who = words.merged.format(number=into)
    elif card.closed_at:
        who = words.over
    else:
        who = words.somebody if card.assignee else words.nobody
    text = words.card.format(
        number=card.number,
        kind=labels.kind[card.kind.value],
        district=card.district or words.no_district,
        urgency=words.urgent if card.urgent else words.ordinary,
        status=labels.status[card.status.value],
        promise=moment_in_words(card.promised_at, now),
        who=who,
    )
    story = _story(unit, card, now, bell)
    return f"{text}\n\n{words.story.format(words=story)}" if story else text


def _rows(card: CaseCard, bell: Bell) -> tuple[tuple[Button, ...], ...]:
    """What can be done in the topic; everything else has its place at the desk."""
    words, acts = bell.wording.bell, list[Button]()
    if card.is_open:
        acts = [Button(words.draft, f"g:draft:{card.id}")]
        if card.assignee:
            acts += [Button(words.remind, f"g:urge:{card.id}"), Button(words.close, f"g:close:{card.id}")]
    claim = (Button(words.claim, f"g:claim:{card.id}"),) if card.is_open and not card.assignee else ()
    desk = group_queue.desk_row(bell.public_url, words.open, f"/cases/{card.id}")
    return tuple(row for row in ((*claim, *desk), tuple(acts)) if row)


def joined_with(unit: Unit, card: CaseCard) -> str | None:
    """Number of the case in which work on a double goes on; None where it is no double."""
    into = None if card.merged_into is None else unit.cases.card(card.merged_into)
    return None if into is None else into.number


def _story(unit: Unit, card: CaseCard, now: datetime, bell: Bell) -> str:
    """Her words, only where the house allows it, she agreed that Telegram carries them, and the case runs."""
    if not bell.forward_case_text or card.status is CaseStatus.WITHDRAWN:
        return ""
    holders = unit.cases.people_of(card.id)
    if not holders or not all(_agreed(unit, person_id) for person_id in holders):
        return ""
    audit = unit.audit.append("system", "forward_story", card.id, now)
    return unit.cases.reveal(card.id, audit).answers.happened[:_STORY]


def _agreed(unit: Unit, person_id: str) -> bool:
    return any(kind == ConsentKind.CARRIED for kind, _, _ in unit.people.consents(person_id))
