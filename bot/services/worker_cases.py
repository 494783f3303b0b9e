"""What she does with her cases, carried out in one unit of work: event, audit line, bell."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.conversation.consent import ConsentKind, given, needed
from bot.conversation.effects import (
    AddToCase,
    CaseEffect,
    CodeOutcome,
    ContinueCase,
    OpenCase,
    ReopenCase,
    SetPhrase,
    SpeakForHerself,
    WithdrawCase,
)
from bot.domain.cases import CaseCard, CaseStatus, EventKind, NameLevel, Outcome, may_move
from bot.domain.closing import FOLLOW_UP_AFTER, taken_up_again
from bot.domain.errors import MoveNotAllowed, NotAllowed, NotFound
from bot.domain.ports import Unit
from bot.domain.ports_links import ForOther, SpokenFor
from bot.domain.ports_talk import Person
from bot.domain.promises import Promises
from bot.services import bell as bells
from bot.services import duty, employers, guard_deadlines, hand_over, pause_clock, tell_desk
from bot.services.bell import Bell

WORKER = "worker"
_HOUR_S = 3600
TRIES_OF_ONE = 10  # codes an hour
TRIES_OF_ALL = 100


@dataclass(frozen=True, slots=True)
class WorkersDesk:
    """What the functions here need besides the unit."""

    bell: Bell
    promises: Promises


def carry_out(unit: Unit, person: Person, effect: CaseEffect, now: datetime, desk: WorkersDesk) -> None:
    """Do one of them."""
    match effect:
        case OpenCase():
            open_case(unit, person, effect, now, desk)
        case AddToCase():
            add_to_case(unit, person, effect, now, desk)
        case WithdrawCase(case_id=case_id):
            withdraw_case(unit, person, case_id, now, desk)
        case ReopenCase():
            reopen_case(unit, person, effect, now, desk)
        case SetPhrase(case_id=case_id, phrase=phrase):
            set_phrase(unit, person, case_id, phrase, now)
        case SpeakForHerself():
            speak_for_herself(unit, person, effect, now, desk)


def open_case(unit: Unit, person: Person, effect: OpenCase, now: datetime, desk: WorkersDesk) -> CaseCard:
    """Keep a new case. Without every consent it is refused: that is a fault of the program, not of hers."""
    draft = effect.draft
    if draft.level is None or needed(person.channel) - given(draft):
        raise NotAllowed("a case needs its level and consents")
    card = CaseCard(
        id=effect.case_id,
        number=effect.number,
        kind=effect.kind,
        status=CaseStatus.NEW,
        urgent=draft.urgent,
        district=draft.answers.district,
        level=draft.level,
        topic=draft.topic,
        source=person.channel,
        opened_at=now,
        changed_at=now,
        promised_at=effect.promised_at,
        assignee=None,
    )
    answers = draft.answers
    if draft.level is NameLevel.ANONYMOUS:
        answers = replace(answers, name=None, contact=None)
    unit.cases.add(card, answers, person.id, effect.code, None)
    unit.cases.add_event(card.id, EventKind.OPENED, by=WORKER, at=now)
    card = employers.link(unit, card, answers.employer, now, desk.bell.wording)
    if answers.contact:
        unit.links.keep_contact(card.id, answers.contact)
    if draft.for_other:
        unit.links.keep_for_other(ForOther(card.id, person.id, SpokenFor.STATED, now, WORKER))
    for kind, version, at in draft.consents:
        unit.people.add_consent(person.id, kind, version, at, card.id)
    for file_id in draft.files:
        _bind(unit, person, card.id, file_id, now)
    facts = {"level": draft.level.value, "channel": person.channel, "files": str(len(draft.files))}
    unit.audit.append(WORKER, "open_case", card.id, now, facts)
    guard_deadlines.set_from_answers(unit, card, answers, now)
    bells.ring(unit, card, now, desk.bell)
    if card.urgent:
        duty.alarm(unit, card, now, desk)
    return card


def add_to_case(unit: Unit, person: Person, effect: AddToCase, now: datetime, desk: WorkersDesk) -> None:
    """Her words and files, with their time. They shorten the promise; danger makes the case urgent."""
    card = _hers(unit, person, effect.case_id)
    if unit.cases.people_of(card.id)[-1] != person.id:
        unit.cases.link(card.id, person.id, now)  # staff answer where she wrote from last
    if effect.words:
        unit.cases.add_event(card.id, EventKind.HER_WORDS, by=WORKER, at=now, body=effect.words)
    for file_id in effect.files:
        _bind(unit, person, card.id, file_id, now)
    facts = {"words": str(bool(effect.words)).lower(), "files": str(len(effect.files))}
    unit.audit.append(WORKER, "add_to_case", card.id, now, facts)
    newly_urgent = effect.urgent and not card.urgent
    # What she adds is answered as fast as a new case: the last answer may have promised a week.
    soon = desk.promises.first_answer_by(now, card.kind, urgent=newly_urgent)
    card = pause_clock.resume_by_her(unit, card, now, desk.promises)
    if card.is_open and soon < card.promised_at:  # a closed case promises nothing
        card = card.promising(soon, now)
    card = unit.cases.save_card(replace(card, changed_at=now, urgent=card.urgent or effect.urgent))
    if newly_urgent:
        bells.ring(unit, card, now, desk.bell)
        duty.alarm(unit, card, now, desk)
    bells.tell_news(unit, card, now, desk.bell, urgent=effect.urgent)


def withdraw_case(unit: Unit, person: Person, case_id: str, now: datetime, desk: WorkersDesk) -> None:
    """Nothing goes on with it from this commit on."""
    card = _hers(unit, person, case_id)
    _may_move(card, CaseStatus.WITHDRAWN)
    facts = {"from": card.status.value, "to": CaseStatus.WITHDRAWN.value}
    card = unit.cases.save_card(
        replace(
            card,
            status=CaseStatus.WITHDRAWN,
            outcome=Outcome.WITHDRAWN,
            changed_at=now,
            closed_at=now,
            follow_up_at=now + FOLLOW_UP_AFTER,  # then it is filed away; she is not asked
        )
    )
    unit.cases.add_event(card.id, EventKind.WITHDRAWN, by=WORKER, at=now, facts=facts)
    unit.audit.append(WORKER, "withdraw_case", card.id, now, facts)
    hand_over.end_all(unit, card.id, WORKER, now)
    bells.ring(unit, card, now, desk.bell)


def reopen_case(unit: Unit, person: Person, effect: ReopenCase, now: datetime, desk: WorkersDesk) -> None:
    """A closed or withdrawn case runs again, with a new promise."""
    card = _hers(unit, person, effect.case_id)
    _may_move(card, CaseStatus.ACCEPTED)
    facts = {"from": card.status.value, "to": CaseStatus.ACCEPTED.value}
    card = unit.cases.save_card(
        replace(
            taken_up_again(card).promising(effect.promised_at, now),
            status=CaseStatus.ACCEPTED,
            changed_at=now,
        )
    )
    unit.cases.add_event(card.id, EventKind.REOPENED, by=WORKER, at=now, facts=facts)
    unit.audit.append(WORKER, "reopen_case", card.id, now, facts)
    wording = desk.bell.wording
    tell_desk.tell_handler(unit, card, wording.closing.notices.reopened, now, wording)
    bells.ring(unit, card, now, desk.bell)


def set_phrase(unit: Unit, person: Person, case_id: str, phrase: str, now: datetime) -> None:
    """From now on the code alone does not open the case elsewhere."""
    _hers(unit, person, case_id)
    unit.cases.set_phrase(case_id, phrase)
    unit.audit.append(WORKER, "set_phrase", case_id, now)


def speak_for_herself(
    unit: Unit, person: Person, effect: SpeakForHerself, now: datetime, desk: WorkersDesk
) -> None:
    """Her own word on a case that somebody opened for her, with her consents; said once."""
    card = _hers(unit, person, effect.case_id)
    of = unit.links.for_other(card.id)
    if of is None or of.state is not SpokenFor.STATED or of.person_id == person.id:
        return
    if needed(person.channel) - {ConsentKind(kind) for kind, _ in effect.consents}:
        raise NotAllowed("a case needs its consents")
    state = SpokenFor.TAKEN_OVER if effect.alone else SpokenFor.CONFIRMED
    unit.links.keep_for_other(ForOther(card.id, of.person_id, state, now, WORKER))
    for kind, version in effect.consents:
        unit.people.add_consent(person.id, kind, version, now, card.id)
    if effect.alone and of.person_id is not None:
        unit.links.let_go(card.id, of.person_id)
    unit.cases.link(card.id, person.id, now)
    unit.audit.append(WORKER, "speak_for_herself", card.id, now, {"state": state.value})
    bells.tell_news(unit, card, now, desk.bell, urgent=False)


def continue_case(
    unit: Unit, person: Person, effect: ContinueCase, now: datetime
) -> tuple[CodeOutcome, str | None]:
    """Try a code. Its rightful holder, on a channel where she holds the case, is never limited."""
    held = unit.cases.ids_of(person.id)
    case_id = unit.cases.find_by_code(effect.code)
    if case_id is not None and case_id in held:
        unit.links.proved(case_id, person.id)
        return CodeOutcome.OPENED, case_id
    if not _may_try(unit, person, now):
        return CodeOutcome.TOO_OFTEN, None
    # The phrase is checked even where there is no such case, so that both take the same time. A double
    # opens the case that it was joined with: that one's phrase counts, where it has one.
    joined = unit.links.merge_of(case_id or "")
    fits = unit.cases.check_phrase(case_id or "", effect.phrase or "")
    if joined is not None:
        fits_joined = unit.cases.check_phrase(joined.into_id, effect.phrase or "")
        fits = fits if fits_joined is None else fits_joined
    if case_id is None:
        return CodeOutcome.WRONG, None
    if fits is not None and effect.phrase is None:
        return CodeOutcome.NEEDS_PHRASE, None
    if fits is False:
        return CodeOutcome.WRONG, None
    unit.cases.link(case_id, person.id, now)
    unit.links.follow(case_id, person.id, now)
    unit.links.proved(case_id, person.id)
    unit.cases.add_event(case_id, EventKind.CONTINUED, by=WORKER, at=now, facts={"channel": person.channel})
    unit.audit.append(WORKER, "continue_case", case_id, now, {"channel": person.channel})
    return CodeOutcome.OPENED, case_id


def _may_try(unit: Unit, person: Person, now: datetime) -> bool:
    """Ten an hour a person, a hundred in all; one person cannot use up what is left for the others."""
    own = unit.limits.hit(f"code:{person.id}", now, window_s=_HOUR_S, at_most=TRIES_OF_ONE)
    return own and unit.limits.hit("code:all", now, window_s=_HOUR_S, at_most=TRIES_OF_ALL)


def _hers(unit: Unit, person: Person, case_id: str) -> CaseCard:
    card = unit.cases.card(case_id)
    if card is None or person.id not in unit.cases.people_of(case_id):
        raise NotFound(f"case {case_id}")
    return card


def _may_move(card: CaseCard, to: CaseStatus) -> None:
    if not may_move(card.status, to):
        raise MoveNotAllowed(card.id, card.status.value, to.value)


def _bind(unit: Unit, person: Person, case_id: str, file_id: str, now: datetime) -> None:
    """Only files of hers; one that was cleared away meanwhile is left out."""
    if unit.files.owner(file_id) != person.id:
        return
    unit.cases.add_file(case_id, file_id)
    unit.cases.add_event(case_id, EventKind.HER_FILE, by=WORKER, at=now, facts={"file": file_id})
