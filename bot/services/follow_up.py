"""After closing: she is asked once more, then somebody telephones, then the case is filed away."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.cases import CaseCard, CaseEvent, CaseStatus, Confirmed, EventKind
from bot.domain.civil_time import civil_day
from bot.domain.closing import (
    CALL_AFTER,
    MOST_STARS,
    MOST_TRIES,
    SILENT_FOR,
    CallResult,
    Question,
    WhyFiled,
    asked_after,
    needs_no_call,
    question_of,
    since_closing,
)
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.reply import Lane
from bot.domain.staff import Power, StaffMember
from bot.services import closing_messages, tell_desk
from bot.services.case_gate import in_hand
from bot.services.case_work import Desk, checked_text, numbered, show_change, tell_her
from bot.services.close_case import closing_number
from bot.services.confirm_result import keep_answer, keep_rating
from bot.services.file_away import file_away

SYSTEM = "system"
_AT_ONCE = 100  # cases in one unit; the rest a minute later
_A_MINUTE = timedelta(minutes=1)
_CALL = "call"  # fact of the event that asks staff to telephone
_ANSWERS = {
    CallResult.YES: Confirmed.YES,
    CallResult.PARTLY: Confirmed.PARTLY,
    CallResult.NO: Confirmed.NO,
}


# ── by the clock ─────────────────────────────────────────────────────────────────────────────────────


def sweep(unit: Unit, now: datetime, desk: Desk) -> int:
    """Do what is due at `now`; how many cases it touched. Every step moves or clears the case's next date.

    Only in working time: nobody is asked or called at night, however long the house stood still. A double
    waits: should it be taken apart again, it is as it was.
    """
    if not desk.promises.elapsed(now - _A_MINUTE, now):
        return 0
    due = unit.cases.cards(CaseFilter(follow_up_before=now, without_doubles=True, limit=_AT_ONCE))
    for card in due:
        _step(unit, card, now, desk)
    return len(due)


def _step(unit: Unit, card: CaseCard, now: datetime, desk: Desk) -> None:
    match card.status:
        case CaseStatus.WITHDRAWN:
            file_away(unit, card, WhyFiled.WITHDRAWN, SYSTEM, now)
        case CaseStatus.CLOSED if needs_no_call(card):
            file_away(unit, card, WhyFiled.ANSWERED, SYSTEM, now)
        case CaseStatus.CLOSED:
            _ask_again(unit, card, now, desk)
        case CaseStatus.FOLLOW_UP:
            _go_on(unit, card, now, desk)
        case _:  # opened again, or filed away by hand
            unit.cases.save_card(replace(card, follow_up_at=None))


def _ask_again(unit: Unit, card: CaseCard, now: datetime, desk: Desk) -> None:
    """The question once more where she may be written to; else somebody telephones at once."""
    facts = {"from": card.status.value, "to": CaseStatus.FOLLOW_UP.value}
    reached = _ask_in_talk(unit, card, now, desk)
    card = unit.cases.save_card(replace(card, status=CaseStatus.FOLLOW_UP, follow_up_at=now + CALL_AFTER))
    unit.cases.add_event(card.id, EventKind.STATUS, by=SYSTEM, at=now, facts=facts)
    if not reached:
        _call_for_call(unit, card, now, desk)
    show_change(unit, card, now, desk)


def _ask_in_talk(unit: Unit, card: CaseCard, now: datetime, desk: Desk) -> bool:
    """Whether the question went out: not to who wants quiet, cannot be reached, or holds no talk with us."""
    message = closing_messages.call_back(desk.wording, card, closing_number(unit, card))
    asked = False
    for person_id in unit.links.hearers(card.id):
        person = unit.people.get(person_id)
        if person is None or person.quiet or person.blocked:
            continue
        unit.outbox.add(
            person_id, [numbered(unit, card, person_id, message)], lane=Lane.NOTICE, now=now, case_id=card.id
        )
        asked = True
    return asked


def _go_on(unit: Unit, card: CaseCard, now: datetime, desk: Desk) -> None:
    """She was asked again: a call is due, or silence has lasted long enough."""
    if card.confirmed in (Confirmed.NO, Confirmed.PARTLY):  # what has not come is never filed by the clock
        tell_desk.tell_handler(unit, card, desk.wording.closing.notices.still, now, desk.wording)
        unit.cases.save_card(replace(card, follow_up_at=now + SILENT_FOR))
    elif not any((event.facts or {}).get("state") == _CALL for event in _calls(unit, card)):
        _call_for_call(unit, card, now, desk)
    else:
        file_away(unit, card, WhyFiled.SILENCE, SYSTEM, now)


def _call_for_call(unit: Unit, card: CaseCard, now: datetime, desk: Desk) -> None:
    unit.cases.add_event(card.id, EventKind.FOLLOWED_UP, by=SYSTEM, at=now, facts={"state": _CALL})
    tell_desk.tell_handler(unit, card, desk.wording.closing.notices.call, now, desk.wording)
    unit.cases.save_card(replace(card, follow_up_at=now + SILENT_FOR))


# ── by staff ─────────────────────────────────────────────────────────────────────────────────────────


def record_call(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    result: CallResult,
    now: datetime,
    desk: Desk,
    *,
    fen: int | None = None,
    stars: int | None = None,
    words: str = "",
    seen: int | None = None,
) -> CaseCard:
    """What came of a call back. `words` stay inside. She reads what was noted down and can set it right.

    The third day on which nobody was reached files the case away.
    """
    member, card = in_hand(unit, actor, case_id, Power.CLOSE, seen)
    _check_call(card, result, fen, stars)
    said = checked_text(words) if words.strip() else ""
    if result is CallResult.NOT_REACHED:
        return _not_reached(unit, member, card, said, now, desk)
    if result is not CallResult.PARTLY:
        fen = None
    unit.audit.append(member.id, "call_back", card.id, now, {"result": result.value})
    _keep_call(unit, member, card, result, said, now)
    if card.status is CaseStatus.CLOSED:
        card = _called(unit, card, member, now)
    card = keep_answer(unit, card, _ANSWERS[result], fen, member.id, now, desk.wording)
    if stars is not None:
        card = keep_rating(unit, card, stars, member.id, now, desk.wording)
    closing = closing_number(unit, card)
    tell_her(unit, card, closing_messages.by_telephone(desk.wording, card, closing, result, fen), now)
    show_change(unit, card, now, desk)
    return card


def tries(unit: Unit, card: CaseCard) -> int:
    """On how many days somebody called since the closing and reached nobody."""
    return len({civil_day(event.at) for event in _missed(unit, card)})


def archive(
    unit: Unit, actor: StaffMember, case_id: str, now: datetime, desk: Desk, *, seen: int | None = None
) -> CaseCard:
    """File an ended case away by hand."""
    member, card = in_hand(unit, actor, case_id, Power.CLOSE, seen)
    if card.status is CaseStatus.ARCHIVED:
        raise Refused("already_filed")
    if card.is_open or card.merged_into is not None:
        raise Refused("not_closed")
    card = file_away(unit, card, WhyFiled.STAFF, member.id, now)
    show_change(unit, card, now, desk)
    return card


def _check_call(card: CaseCard, result: CallResult, fen: int | None, stars: int | None) -> None:
    if card.status is CaseStatus.ARCHIVED:
        raise Refused("already_filed")
    if not asked_after(card):
        raise Refused("not_closed")
    if question_of(card) is Question.NONE:
        raise Refused("call_not_needed")
    money = result is CallResult.PARTLY and question_of(card) is Question.MONEY
    if money and not (fen and fen < card.recovered_fen):
        raise Refused("nothing_partly")
    if stars is not None and not 1 <= stars <= MOST_STARS:
        raise Refused("stars")


def _called(unit: Unit, card: CaseCard, member: StaffMember, now: datetime) -> CaseCard:
    """A call before the date is the call back."""
    facts = {"from": card.status.value, "to": CaseStatus.FOLLOW_UP.value}
    card = unit.cases.save_card(replace(card, status=CaseStatus.FOLLOW_UP, follow_up_at=now + SILENT_FOR))
    unit.cases.add_event(card.id, EventKind.STATUS, by=member.id, at=now, facts=facts)
    return card


def _not_reached(
    unit: Unit, member: StaffMember, card: CaseCard, said: str, now: datetime, desk: Desk
) -> CaseCard:
    days = {civil_day(event.at) for event in _missed(unit, card)}
    if civil_day(now) in days:
        raise Refused("tried_today")
    unit.audit.append(member.id, "call_back", card.id, now, {"result": CallResult.NOT_REACHED.value})
    _keep_call(unit, member, card, CallResult.NOT_REACHED, said, now)
    if len(days) + 1 >= MOST_TRIES:
        card = file_away(unit, card, WhyFiled.TRIES, member.id, now)
    elif card.status is CaseStatus.CLOSED:
        card = _called(unit, card, member, now)
    show_change(unit, card, now, desk)
    return card


def _keep_call(
    unit: Unit, member: StaffMember, card: CaseCard, result: CallResult, said: str, now: datetime
) -> None:
    facts = {"result": result.value}
    unit.cases.add_event(card.id, EventKind.FOLLOWED_UP, by=member.id, at=now, body=said, facts=facts)


def _calls(unit: Unit, card: CaseCard) -> list[CaseEvent]:
    events = since_closing(unit.cases.outline(card.id, [EventKind.CLOSED, EventKind.FOLLOWED_UP]))
    return [event for event in events if event.kind is EventKind.FOLLOWED_UP]


def _missed(unit: Unit, card: CaseCard) -> list[CaseEvent]:
    return [
        event for event in _calls(unit, card) if (event.facts or {}).get("result") == CallResult.NOT_REACHED
    ]
