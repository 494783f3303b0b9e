"""What staff do in a case. Every act: power first, audit line, event, her message, the bell.

All functions run inside one unit of work and raise NotFound, NotAllowed, MoveNotAllowed or Refused (its
reason is a key of `desk.refused` in wording.yaml) before anything is changed.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.cases import CaseCard, CaseStatus, Draft, EventKind, Outcome, may_move
from bot.domain.errors import MoveNotAllowed, NotFound, Refused
from bot.domain.money import LARGEST_SUM_FEN
from bot.domain.ports import Unit
from bot.domain.promises import Promises
from bot.domain.reply import Lane, Reply
from bot.domain.signals import CASES, case_of
from bot.domain.staff import Power, StaffMember
from bot.services import bell, case_messages
from bot.services.bell import Bell
from bot.services.case_gate import in_hand, on_duty, open_case, require, see_card
from knowledge.wording import Wording

LONGEST_TEXT = 4000  # characters of a note or reply; a chat shows it in one or two messages
MOST_PEOPLE = 100_000
_PROGRESS_AFTER = timedelta(days=5)  # after an answer the next word is promised about a week later
_ENDED = frozenset({CaseStatus.CLOSED, CaseStatus.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Desk:
    """What case work needs besides the unit."""

    wording: Wording
    bell: Bell
    promises: Promises


def claim(unit: Unit, actor: StaffMember, case_id: str, now: datetime, desk: Desk) -> CaseCard:
    """Take an unclaimed case; taking one's own case again changes nothing."""
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, Power.CLAIM)
    if card.assignee == member.id:
        return card
    if card.assignee is not None:
        raise Refused("already_claimed")
    _refuse_ended(card)
    return _hand_to(unit, member, card, member, now, desk)


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
    _refuse_ended(card)
    return card if card.assignee == taker.id else _hand_to(unit, member, card, taker, now, desk)


def add_note(unit: Unit, actor: StaffMember, case_id: str, text: str, now: datetime, desk: Desk) -> None:
    """Keep an internal note; it never reaches her."""
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, Power.NOTE)
    body = checked_text(text)
    unit.audit.append(member.id, "note", card.id, now)
    unit.cases.add_event(card.id, EventKind.NOTE, by=member.id, at=now, body=body)
    _announce(unit, card)


def write_draft(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    text: str,
    now: datetime,
    desk: Desk,
    kind: EventKind = EventKind.REPLY,
    *,
    seen: int | None = None,
    replaces: str | None = None,
) -> Draft:
    """Keep a draft of a reply (or of a question, ASK_MORE); nothing is sent.

    `seen` is the version on the writer's screen, `replaces` the draft that this one takes the place of.
    """
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, Power.REPLY)
    if kind not in (EventKind.REPLY, EventKind.ASK_MORE):
        raise ValueError(kind)
    _refuse_ended(card)
    if seen is not None and seen != card.version:
        raise Refused("changed")
    body = checked_text(text)
    if replaces is not None:
        _drop(unit, _find_draft(unit, member, card.id, replaces, now))
    draft = Draft(secrets.token_hex(8), card.id, member.id, body, now, kind)
    unit.audit.append(member.id, "draft", card.id, now, {"draft": draft.id})
    unit.cases.keep_draft(draft)
    unit.cases.add_event(
        card.id, EventKind.DRAFT, by=member.id, at=now, facts={"draft": draft.id, "kind": kind.value}
    )
    _announce(unit, card)
    return draft


def send_draft(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    draft_id: str,
    now: datetime,
    desk: Desk,
    *,
    seen: int | None = None,
) -> None:
    """Send a draft to her: the only way in which words of staff reach her as a reply."""
    member, card = in_hand(unit, actor, case_id, Power.REPLY, seen)
    draft = _find_draft(unit, member, card.id, draft_id, now)
    _refuse_ended(card)
    if not unit.cases.people_of(card.id):
        raise Refused("nobody_there")
    unit.audit.append(member.id, f"send_{draft.kind.value}", card.id, now, {"draft": draft.id})
    facts = {"draft": draft.id, "author": draft.author, "promised": card.promised_at.isoformat()}
    card = unit.cases.save_card(replace(card, changed_at=now, promised_at=next_word_by(card, now, desk)))
    sent = _tell(unit, card, case_messages.answer(desk.wording, card, draft.kind, draft.body, now), now)
    facts |= {"outbox": ",".join(str(seq) for seq in sent)}
    unit.cases.add_event(card.id, draft.kind, by=member.id, at=now, body=draft.body, facts=facts)
    _drop(unit, draft)
    _after(unit, card, now, desk)


def drop_draft(
    unit: Unit, actor: StaffMember, case_id: str, draft_id: str, now: datetime, desk: Desk
) -> None:
    """Throw a draft away; its words go with it."""
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, Power.REPLY)
    draft = _find_draft(unit, member, card.id, draft_id, now)
    unit.audit.append(member.id, "drop_draft", card.id, now, {"draft": draft.id})
    _drop(unit, draft)
    _announce(unit, card)


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
    if to in _ENDED or not may_move(card.status, to):
        raise MoveNotAllowed(card.id, card.status, to)
    said = checked_text(words) if words.strip() else ""
    reopened = card.status in _ENDED
    if card.status is CaseStatus.WITHDRAWN and not said:
        raise Refused("say_why")
    kind = EventKind.REOPENED if reopened else EventKind.STATUS
    facts = {"from": card.status.value, "to": to.value}
    unit.audit.append(member.id, "reopen" if reopened else "move", card.id, now, facts)
    if reopened:
        card = replace(card, outcome=None, recovered_fen=0, people_helped=0, closed_at=None)
        card = replace(card, promised_at=desk.promises.first_answer_by(now, card.kind, card.urgent))
    elif card.promised_at < now:  # a promise in the past would be told to her as the next step
        facts |= {"promised": card.promised_at.isoformat()}
        card = replace(card, promised_at=desk.promises.first_answer_by(now, card.kind, card.urgent))
    card = unit.cases.save_card(replace(card, status=to, changed_at=now))
    unit.cases.add_event(card.id, kind, by=member.id, at=now, body=said, facts=facts)
    say = case_messages.reopened if reopened else case_messages.moved
    _tell(unit, card, say(desk.wording, card, said, now), now)
    _after(unit, card, now, desk)
    return card


def close(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    outcome: Outcome,
    now: datetime,
    desk: Desk,
    recovered_fen: int = 0,
    people_helped: int = 1,
    words: str = "",
    *,
    seen: int | None = None,
) -> CaseCard:
    """Close a case with its outcome, the sum won back (fen) and how many people it helped."""
    member, card = in_hand(unit, actor, case_id, Power.CLOSE, seen)
    if not may_move(card.status, CaseStatus.CLOSED):
        raise MoveNotAllowed(card.id, card.status, CaseStatus.CLOSED)
    if not 0 <= recovered_fen <= LARGEST_SUM_FEN:
        raise Refused("amount_range")
    if not 0 <= people_helped <= MOST_PEOPLE:
        raise Refused("people_range")
    said = checked_text(words) if words.strip() else ""
    facts = {
        "from": card.status.value,
        "to": CaseStatus.CLOSED.value,
        "outcome": outcome.value,
        "recovered_fen": str(recovered_fen),
        "people_helped": str(people_helped),
        "promised": card.promised_at.isoformat(),
    }
    unit.audit.append(member.id, "close", card.id, now, facts)
    card = unit.cases.save_card(
        replace(
            card,
            status=CaseStatus.CLOSED,
            outcome=outcome,
            recovered_fen=recovered_fen,
            people_helped=people_helped,
            closed_at=now,
            changed_at=now,
        )
    )
    unit.cases.add_event(card.id, EventKind.CLOSED, by=member.id, at=now, body=said, facts=facts)
    _tell(unit, card, case_messages.closed(desk.wording, card, outcome, said), now)
    _after(unit, card, now, desk)
    return card


def next_word_by(card: CaseCard, now: datetime, desk: Desk) -> datetime:
    """By when she hears again after an answer."""
    return desk.promises.first_answer_by(now + _PROGRESS_AFTER, card.kind, urgent=False)


def preview(card: CaseCard, draft: Draft, now: datetime, desk: Desk) -> str:
    """A draft as she would read it if it went out now."""
    card = replace(card, promised_at=next_word_by(card, now, desk))
    return case_messages.answer(desk.wording, card, draft.kind, draft.body, now).text


def checked_text(text: str) -> str:
    """Words of staff as they are kept; Refused("empty") or Refused("too_long")."""
    body = text.replace("\r\n", "\n").strip()
    if not body:
        raise Refused("empty")
    if len(body) > LONGEST_TEXT:
        raise Refused("too_long", limit=LONGEST_TEXT, length=len(body))
    return body


def _hand_to(
    unit: Unit, member: StaffMember, card: CaseCard, taker: StaffMember, now: datetime, desk: Desk
) -> CaseCard:
    first = card.assignee is None
    own = member.id == taker.id
    late = card.promised_at < now
    unit.audit.append(member.id, "claim" if own else "assign", card.id, now, {"staff": taker.id})
    facts = {"staff": taker.id, "promised": card.promised_at.isoformat()}
    if late:
        card = replace(card, promised_at=desk.promises.first_answer_by(now, card.kind, card.urgent))
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
    _tell(unit, card, message, now)
    _after(unit, card, now, desk)
    return card


def _find_draft(unit: Unit, member: StaffMember, case_id: str, draft_id: str, now: datetime) -> Draft:
    opened = open_case(unit, member, case_id, now)
    draft = next((draft for draft in opened.drafts if draft.id == draft_id), None)
    if draft is None:
        raise Refused("draft_gone")
    return draft


def _drop(unit: Unit, draft: Draft) -> None:
    unit.cases.drop_draft(draft.id)


def _refuse_ended(card: CaseCard) -> None:
    """An ended case is reopened first: nobody writes to a woman who withdrew without saying why."""
    if card.status in _ENDED:
        raise Refused("ended")


def _tell(unit: Unit, card: CaseCard, message: Reply, now: datetime) -> Sequence[int]:
    """Queue a message to where she wrote from last; nothing where nobody holds the case any more."""
    people = unit.cases.people_of(card.id)
    if not people:
        return ()
    return unit.outbox.add(people[-1], [message], lane=Lane.REPLY, now=now, case_id=card.id)


def _after(unit: Unit, card: CaseCard, now: datetime, desk: Desk) -> None:
    bell.ring(unit, card, now, desk.bell)
    _announce(unit, card)


def _announce(unit: Unit, card: CaseCard) -> None:
    unit.announce(case_of(card.id))
    unit.announce(CASES)
