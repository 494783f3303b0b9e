"""What she says after closing: whether it has come, how well she was helped. A later answer corrects."""

from dataclasses import replace
from datetime import datetime

from bot.conversation.effects import ConfirmResult, RateCase
from bot.domain.cases import CaseCard, CaseStatus, Confirmed, EventKind
from bot.domain.closing import MOST_STARS, SILENT_FOR, WhyFiled, asked_after, closings, confirmed_fen
from bot.domain.ports import Unit
from bot.domain.ports_talk import Person
from bot.domain.signals import CASES, case_of
from bot.services import tell_desk
from bot.services.case_messages import fill
from bot.services.file_away import file_away
from knowledge.wording import Wording

WORKER = "worker"
_LOW = 2  # stars at which a leader is told


def confirm(unit: Unit, person: Person, effect: ConfirmResult, now: datetime, wording: Wording) -> None:
    """Her own answer. For a case that is not hers, or was opened again meanwhile, nothing is kept."""
    card = _hers(unit, person, effect.case_id, effect.closing)
    if card is None:
        return
    unit.audit.append(WORKER, "confirm_result", card.id, now, {"answer": effect.answer.value})
    keep_answer(unit, card, effect.answer, effect.fen, WORKER, now, wording)


def keep_answer(
    unit: Unit,
    card: CaseCard,
    answer: Confirmed,
    fen: int | None,
    by: str,
    now: datetime,
    wording: Wording,
) -> CaseCard:
    """Keep whether it has come; `by` is "worker" or the member of staff whom she told on the telephone.

    All of it files the case away where she had been asked again; anything less calls staff. The same answer
    once more changes nothing.
    """
    events = unit.cases.outline(card.id, [EventKind.CLOSED, EventKind.CONFIRMED])
    come = {Confirmed.YES: card.recovered_fen, Confirmed.NO: 0, Confirmed.PARTLY: fen or 0}[answer]
    if card.confirmed is answer and confirmed_fen(card, events) == come:
        return card
    facts = {"answer": answer.value, "confirmed_fen": str(come), "closing": str(closings(events))}
    unit.cases.add_event(card.id, EventKind.CONFIRMED, by=by, at=now, facts=facts)
    kept = replace(card, confirmed=answer)
    if answer is not Confirmed.YES and card.status is CaseStatus.FOLLOW_UP:
        kept = replace(kept, follow_up_at=now + SILENT_FOR)  # staff are reminded, it is not filed away
    card = unit.cases.save_card(kept)
    if answer is Confirmed.YES:
        if card.status is CaseStatus.FOLLOW_UP:
            card = file_away(unit, card, WhyFiled.ANSWERED, by, now)
    else:
        notices = wording.closing.notices
        said = notices.no if answer is Confirmed.NO else notices.partly
        tell_desk.tell_handler(unit, card, said, now, wording)
    _wake(unit, card)
    return card


def rate(unit: Unit, person: Person, effect: RateCase, now: datetime, wording: Wording) -> None:
    """Her own rating."""
    card = _hers(unit, person, effect.case_id, effect.closing)
    if card is None or not 1 <= effect.stars <= MOST_STARS:
        return
    unit.audit.append(WORKER, "rate_case", card.id, now)
    keep_rating(unit, card, effect.stars, WORKER, now, wording)


def keep_rating(unit: Unit, card: CaseCard, stars: int, by: str, now: datetime, wording: Wording) -> CaseCard:
    """Keep how well she was helped; leaders hear of a low one."""
    if card.satisfaction == stars:
        return card
    unit.cases.add_event(card.id, EventKind.RATED, by=by, at=now, facts={"stars": str(stars)})
    card = unit.cases.save_card(replace(card, satisfaction=stars))
    if stars <= _LOW:
        label = wording.closing.her.buttons.stars[str(stars)]
        said = fill(wording.closing.notices.low, stars=label)
        tell_desk.tell_leaders(unit, card, said, now, wording)
    _wake(unit, card)
    return card


def _hers(unit: Unit, person: Person, case_id: str, closing: int) -> CaseCard | None:
    card = unit.cases.card(case_id)
    if card is None or not asked_after(card) or person.id not in unit.cases.people_of(case_id):
        return None
    return card if closings(unit.cases.outline(case_id, [EventKind.CLOSED])) == closing else None


def _wake(unit: Unit, card: CaseCard) -> None:
    unit.announce(CASES)
    unit.announce(case_of(card.id))
