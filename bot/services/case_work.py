"""What staff do in a case. Every act: power first, audit line, event, her message, the bell.

All functions run inside one unit of work and raise NotFound, NotAllowed, MoveNotAllowed or Refused (its
reason is a key of `desk.refused` in wording.yaml) before anything is changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.cases import (
    ENDED_STATUSES,
    CaseCard,
    CaseStatus,
    EventKind,
    Outcome,
    power_to_move,
)
from bot.domain.closing import taken_up_again
from bot.domain.errors import MoveNotAllowed, NotFound, Refused
from bot.domain.ports import Unit
from bot.domain.promises import Promises
from bot.domain.reply import Lane, Reply
from bot.domain.signals import CASES, case_of
from bot.domain.staff import Power, StaffMember
from bot.services import bell, case_messages
from bot.services.bell import Bell
from bot.services.case_gate import in_hand, is_barred, on_duty, require, see_card
from knowledge.wording import Wording

LONGEST_TEXT = 4000  # characters of a note or reply; a chat shows it in one or two messages
MOST_PEOPLE = 100_000


@dataclass(frozen=True, slots=True)
class Desk:
    """What case work needs besides the unit."""

    wording: Wording
    bell: Bell
    promises: Promises
    hotline: str = "12351"


def claim(unit: Unit, actor: StaffMember, case_id: str, now: datetime, desk: Desk) -> CaseCard:
    """Take an unclaimed case; taking one's own case again changes nothing."""
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, Power.CLAIM)
    if card.assignee == member.id:
        return card
    if card.assignee is not None:
        raise Refused("already_claimed")
    refuse_ended(card)
    return hand_to(unit, member, card, member, now, desk)


def assign(
    unit: Unit, actor: StaffMember, case_id: str, staff_id: str, now: datetime, desk: Desk
) -> CaseCard:
    """Give a case to a member of staff who can handle it."""
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, Power.ASSIGN)
    taker = unit.staff.get(staff_id)
    if taker is None:
        raise NotFound("staff")
    if not (taker.may(Power.REPLY) and taker.may(Power.OPEN_ASSIGNED)):
        raise Refused("cannot_take")
    if is_barred(unit, taker, card):
        raise Refused("conflict_there")
    refuse_ended(card)
    return card if card.assignee == taker.id else hand_to(unit, member, card, taker, now, desk)


def add_note(unit: Unit, actor: StaffMember, case_id: str, text: str, now: datetime, desk: Desk) -> None:
    """Keep an internal note; it never reaches her."""
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, Power.NOTE)
    body = checked_text(text)
    unit.audit.append(member.id, "note", card.id, now)
    unit.cases.add_event(card.id, EventKind.NOTE, by=member.id, at=now, body=body)
    announce(unit, card)


def move(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    to: CaseStatus,
    now: datetime,
    desk: Desk,
    words: str = "",
    *,
    seen: int | None = None,
) -> CaseCard:
    """Bring a case into another state; from an ended one only back to ACCEPTED (reopened).

    Closing has its own act, and only she withdraws: both are MoveNotAllowed here.
    """
    member, card = in_hand(unit, actor, case_id, Power.MOVE, seen)
    if card.merged_into is not None:
        raise Refused("merged")
    power = power_to_move(card.status, to)
    if power is None or power is Power.CLOSE:
        raise MoveNotAllowed(card.id, card.status, to)
    said = checked_text(words) if words.strip() else ""
    reopened = card.status in ENDED_STATUSES
    if not member.may(power):
        raise Refused("leader_reopens")
    if card.outcome is Outcome.WITHDRAWN and not said:
        raise Refused("say_why")
    kind = EventKind.REOPENED if reopened else EventKind.STATUS
    facts = {"from": card.status.value, "to": to.value}
    unit.audit.append(member.id, "reopen" if reopened else "move", card.id, now, facts)
    if reopened:
        card = taken_up_again(card).promising(desk.promises.first_answer_by(now, card.kind, card.urgent), now)
    elif card.promised_at < now:  # a promise in the past would be told to her as the next step
        facts |= {"promised": card.promised_at.isoformat()}
        card = card.promising(desk.promises.first_answer_by(now, card.kind, card.urgent), now)
    card = unit.cases.save_card(replace(card, status=to, changed_at=now))
    unit.cases.add_event(card.id, kind, by=member.id, at=now, body=said, facts=facts)
    say = case_messages.reopened if reopened else case_messages.moved
    tell_her(unit, card, say(desk.wording, card, said, now), now)
    show_change(unit, card, now, desk)
    return card


def next_word_by(card: CaseCard, now: datetime, desk: Desk) -> datetime:
    """By when she hears again after an answer."""
    return desk.promises.next_step_by(now, card.kind, card.urgent)


def checked_text(text: str) -> str:
    """Words of staff as they are kept; Refused("empty") or Refused("too_long")."""
    body = text.replace("\r\n", "\n").strip()
    if not body:
        raise Refused("empty")
    if len(body) > LONGEST_TEXT:
        raise Refused("too_long", limit=LONGEST_TEXT, length=len(body))
    return body


def hand_to(
    unit: Unit, member: StaffMember, card: CaseCard, taker: StaffMember, now: datetime, desk: Desk
) -> CaseCard:
    """Put a case into somebody's hands, after every check: audit line, event, her message."""
    first = card.assignee is None
    own = member.id == taker.id
    late = card.promised_at < now
    unit.audit.append(member.id, "claim" if own else "assign", card.id, now, {"staff": taker.id})
    facts = {"staff": taker.id, "promised": card.promised_at.isoformat()}
    if late:
        card = card.promising(desk.promises.first_answer_by(now, card.kind, card.urgent), now)
    status = card.status
    if status is CaseStatus.NEW:
        status = CaseStatus.ACCEPTED
        facts |= {"from": CaseStatus.NEW.value, "to": status.value}
    card = unit.cases.save_card(replace(card, assignee=taker.id, status=status, changed_at=now))
    kind = EventKind.CLAIMED if own else EventKind.ASSIGNED
    unit.cases.add_event(card.id, kind, by=member.id, at=now, facts=facts)
    message = (
        case_messages.claimed(desk.wording, card, now, late)
        if first
        else case_messages.handed_over(desk.wording, card, now)
    )
    tell_her(unit, card, message, now)
    show_change(unit, card, now, desk)
    return card


def refuse_ended(card: CaseCard) -> None:
    """An ended case is reopened first: nobody writes to a woman who withdrew without saying why.

    In a double nothing is done any more: work goes on in the case that it was joined with.
    """
    if card.merged_into is not None:
        raise Refused("merged")
    if card.status in ENDED_STATUSES:
        raise Refused("ended")


def tell_her(unit: Unit, card: CaseCard, message: Reply, now: datetime) -> Sequence[int]:
    """Queue a message to where she wrote from last, and from last in a double that was joined with it.

    Who has more than one case reads its number first. Nothing where nobody holds the case any more, or
    not yet.
    """
    return [
        seq
        for person_id in unit.links.hearers(card.id)
        for seq in unit.outbox.add(
            person_id, [numbered(unit, card, person_id, message)], lane=Lane.REPLY, now=now, case_id=card.id
        )
    ]


def numbered(unit: Unit, card: CaseCard, person_id: str, message: Reply) -> Reply:
    """A message about a case of hers; with its number where she could take it for another of her cases."""
    cards = (unit.cases.card(case_id) for case_id in unit.cases.ids_of(person_id))
    others = {one.merged_into or one.id for one in cards if one is not None} - {card.id}
    if not others or card.number in message.text:
        return message
    return replace(message, text=f"{card.number} · {message.text}")


def show_change(unit: Unit, card: CaseCard, now: datetime, desk: Desk) -> None:
    """Ring the bell and wake whoever looks at the case."""
    bell.ring(unit, card, now, desk.bell)
    announce(unit, card)


def announce(unit: Unit, card: CaseCard) -> None:
    """Wake whoever looks at the case or the list."""
    unit.announce(case_of(card.id))
    unit.announce(CASES)
