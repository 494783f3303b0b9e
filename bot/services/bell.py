"""The staff group's bell: a card per case, edited in place. It tells that there is work, not what it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.conversation.consent import ConsentKind
from bot.domain.cases import CaseCard, CaseStatus
from bot.domain.civil_time import moment_in_words
from bot.domain.ports import Unit
from bot.domain.reply import Button, Lane, Reply
from bot.domain.signals import CASES, case_of
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
    unit.outbox.add(None, [reply], lane=lane, now=now, case_id=card.id, channel=bell.channel)


def tell_news(unit: Unit, card: CaseCard, now: datetime, bell: Bell, *, urgent: bool) -> None:
    """She added something: one line at most every ten minutes a case, at once where it tells of danger."""
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
    lane = Lane.URGENT if urgent else Lane.REPLY
    unit.outbox.add(
        None, [Reply(text, _rows(card, bell))], lane=lane, now=now, case_id=card.id, channel=bell.channel
    )


def _card_text(unit: Unit, card: CaseCard, now: datetime, bell: Bell) -> str:
    words, labels = bell.wording.bell, bell.wording.labels
    if card.closed_at:
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
    words = bell.wording.bell
    claim = (Button(words.claim, f"g:claim:{card.id}"),) if not (card.assignee or card.closed_at) else ()
    draft = (Button(words.draft, f"g:draft:{card.id}"),) if not card.closed_at else ()
    # Telegram refuses links to a machine of its own; such a desk is opened by hand.
    secure = bell.public_url.startswith("https://")
    desk = (
        (Button(words.open, url=f"{bell.public_url.rstrip('/')}/console/cases/{card.id}"),) if secure else ()
    )
    return tuple(row for row in ((*claim, *desk), draft) if row)


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
