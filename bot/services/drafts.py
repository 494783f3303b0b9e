"""Words to her: written as a draft, looked at, sent or thrown away. Nothing else of staff's reaches her.

What gives legal advice goes out only after somebody else, who may approve, has read these very words: a
draft never changes, an edit is a new draft that nobody has approved.
"""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.domain.cases import CaseCard, Draft, EventKind, ReviewState
from bot.domain.errors import NotAllowed, Refused
from bot.domain.legal_advice import gives_advice
from bot.domain.ports import Unit
from bot.domain.ports_team import ReviewAsk
from bot.domain.staff import Power, StaffMember
from bot.services import case_messages, case_work
from bot.services.case_gate import in_hand, is_barred, may_see, on_duty, open_case, require, see_card
from bot.services.case_work import (
    Desk,
    announce,
    checked_text,
    next_word_by,
    refuse_ended,
    show_change,
    tell_her,
)
from bot.services.notify_staff import notify


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
    advice: bool = False,
) -> Draft:
    """Keep a draft of a reply (or of a question, ASK_MORE); nothing is sent.

    `seen` is the version on the writer's screen, `replaces` the draft that this one takes the place of,
    `advice` says that it is legal advice where the text alone does not show it.
    """
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, Power.REPLY)
    if kind not in (EventKind.REPLY, EventKind.ASK_MORE):
        raise ValueError(kind)
    refuse_ended(card)
    if seen is not None and seen != card.version:
        raise Refused("changed")
    body = checked_text(text)
    old = None if replaces is None else _own_or_in_hand(unit, member, card, replaces, now)
    looked_at = old is not None and old.review is not ReviewState.NONE
    review = ReviewState.NEEDED if advice or looked_at or gives_advice(body) else ReviewState.NONE
    draft = Draft(secrets.token_hex(8), card.id, member.id, body, now, kind, review)
    unit.audit.append(member.id, "draft", card.id, now, {"draft": draft.id})
    if not may_see(member, card):  # she is asked only: the case stays open to her with what she writes
        unit.team.carry_asks(card.id, None if old is None else old.id, draft.id, member.id)
    if old is not None:
        _drop(unit, old)
    unit.cases.keep_draft(draft)
    unit.cases.add_event(
        card.id, EventKind.DRAFT, by=member.id, at=now, facts={"draft": draft.id, "kind": kind.value}
    )
    announce(unit, card)
    return draft


def ask_review(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    draft_id: str | None,
    reviewer_id: str | None,
    now: datetime,
    desk: Desk,
    question: str = "",
) -> Draft | None:
    """Ask a lawyer or leader to look at a draft, or (`draft_id` None) to write one.

    `reviewer_id` None: any of them. The case is open to who is asked until she has answered. `question` is
    kept as an internal note. Refused: cannot_review, draft_gone.
    """
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, Power.REPLY)
    refuse_ended(card)
    draft = None if draft_id is None else _find_draft(unit, member, card.id, draft_id, now)
    author = member.id if draft is None else draft.author
    able = [one for one in reviewers(unit, card) if one.id not in (author, member.id)]
    asked = [one for one in able if reviewer_id in (None, one.id)]
    if not asked:
        raise Refused("cannot_review")
    if question.strip():
        case_work.add_note(unit, member, card.id, question, now, desk)
    facts = {"draft": draft_id or "", "state": ReviewState.ASKED.value, "staff": reviewer_id or ""}
    unit.audit.append(member.id, "ask_review", card.id, now, facts)
    unit.team.ask(ReviewAsk(card.id, draft_id, reviewer_id, member.id, now))
    if draft is not None:
        draft = _reviewed(unit, draft, ReviewState.ASKED, None)
    unit.cases.add_event(card.id, EventKind.REVIEW, by=member.id, at=now, facts=facts)
    words = desk.wording.team.notices
    _tell(unit, card, (one.id for one in asked), words.review if draft else words.write, now, desk)
    announce(unit, card)
    return draft


def approve(unit: Unit, actor: StaffMember, case_id: str, draft_id: str, now: datetime, desk: Desk) -> Draft:
    """The second pair of eyes finds these words right; they may go out now. Refused: own_draft."""
    member, card, draft = _to_review(unit, actor, case_id, draft_id, now)
    return _answer(unit, member, card, draft, ReviewState.APPROVED, "", now, desk)


def return_draft(
    unit: Unit, actor: StaffMember, case_id: str, draft_id: str, note: str, now: datetime, desk: Desk
) -> Draft:
    """The second pair of eyes wants a change and says which; only staff read the note."""
    member, card, draft = _to_review(unit, actor, case_id, draft_id, now)
    return _answer(unit, member, card, draft, ReviewState.RETURNED, checked_text(note), now, desk)


def reviewers(unit: Unit, card: CaseCard) -> list[StaffMember]:
    """Who may be asked for a second look at this case: nobody with a conflict of interest."""
    return [one for one in unit.staff.all() if one.may(Power.APPROVE) and not is_barred(unit, one, card)]


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
    """Send a draft to her: the only way in which words of staff reach her as a reply.

    Refused("needs_review") where it gives legal advice and nobody else has approved it, or somebody was
    asked to look at it and has not.
    """
    member, card = in_hand(unit, actor, case_id, Power.REPLY, seen)
    draft = _find_draft(unit, member, card.id, draft_id, now)
    refuse_ended(card)
    if waits_for_review(draft):
        raise Refused("needs_review")
    if not unit.cases.people_of(card.id):
        raise Refused("nobody_there")
    unit.audit.append(member.id, f"send_{draft.kind.value}", card.id, now, {"draft": draft.id})
    facts = {"draft": draft.id, "author": draft.author, "promised": card.promised_at.isoformat()}
    if draft.reviewer is not None:
        facts |= {"reviewer": draft.reviewer}
    card = card.promising(next_word_by(card, now, desk), now)
    card = unit.cases.save_card(replace(card, changed_at=now))
    sent = tell_her(unit, card, case_messages.answer(desk.wording, card, draft.kind, draft.body, now), now)
    facts |= {"outbox": ",".join(str(seq) for seq in sent)}
    unit.cases.add_event(card.id, draft.kind, by=member.id, at=now, body=draft.body, facts=facts)
    _drop(unit, draft)
    show_change(unit, card, now, desk)


def waits_for_review(draft: Draft) -> bool:
    """Whether these words must not go out yet."""
    if draft.review is ReviewState.NONE:
        return gives_advice(draft.body)
    return draft.review is not ReviewState.APPROVED


def drop_draft(
    unit: Unit, actor: StaffMember, case_id: str, draft_id: str, now: datetime, desk: Desk
) -> None:
    """Throw a draft away; its words go with it."""
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, Power.REPLY)
    draft = _own_or_in_hand(unit, member, card, draft_id, now)
    unit.audit.append(member.id, "drop_draft", card.id, now, {"draft": draft.id})
    _drop(unit, draft)
    announce(unit, card)


def preview(card: CaseCard, draft: Draft, now: datetime, desk: Desk) -> str:
    """A draft as she would read it if it went out now."""
    card = replace(card, promised_at=next_word_by(card, now, desk))
    return case_messages.answer(desk.wording, card, draft.kind, draft.body, now).text


def _to_review(
    unit: Unit, actor: StaffMember, case_id: str, draft_id: str, now: datetime
) -> tuple[StaffMember, CaseCard, Draft]:
    """Who reviews, the case and the draft; Refused("own_draft") where she wrote it herself."""
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, Power.APPROVE)
    refuse_ended(card)
    draft = _find_draft(unit, member, card.id, draft_id, now)
    if draft.author == member.id:
        raise Refused("own_draft")
    return member, card, draft


def _answer(
    unit: Unit,
    member: StaffMember,
    card: CaseCard,
    draft: Draft,
    state: ReviewState,
    note: str,
    now: datetime,
    desk: Desk,
) -> Draft:
    """Keep what the reviewer said, and tell the author and whoever asked."""
    approved = state is ReviewState.APPROVED
    waiting = {ask.asked_by for ask in unit.team.asks(card.id) if ask.draft_id == draft.id}
    facts = {"draft": draft.id, "state": state.value}
    unit.audit.append(member.id, "approve_draft" if approved else "return_draft", card.id, now, facts)
    draft = _reviewed(unit, replace(draft, review_note=note), state, member.id)
    unit.cases.add_event(card.id, EventKind.REVIEW, by=member.id, at=now, facts=facts)
    unit.team.drop_asks(card.id, draft.id)
    author = unit.staff.get(draft.author)
    if author is not None and not may_see(author, card):  # a lawyer who wrote it sees what became of it
        unit.team.ask(ReviewAsk(card.id, draft.id, author.id, member.id, now))
    words = desk.wording.team.notices
    told = ({draft.author, card.assignee or draft.author} | waiting) - {member.id}
    _tell(unit, card, sorted(told), words.approved if approved else words.returned, now, desk)
    announce(unit, card)
    return draft


def _reviewed(unit: Unit, draft: Draft, state: ReviewState, reviewer: str | None) -> Draft:
    draft = replace(draft, review=state, reviewer=reviewer)
    unit.cases.keep_draft(draft)
    return draft


def _tell(
    unit: Unit, card: CaseCard, staff_ids: Iterable[str], frame: str, now: datetime, desk: Desk
) -> None:
    """A notice that names number and kind only."""
    text = frame.format(number=card.number, kind=desk.wording.labels.kind[card.kind.value])
    notify(unit, staff_ids, text, now, case_id=card.id, urgent=card.urgent)


def _own_or_in_hand(unit: Unit, member: StaffMember, card: CaseCard, draft_id: str, now: datetime) -> Draft:
    """A draft that this member may change or throw away: who is only asked has none but her own."""
    draft = _find_draft(unit, member, card.id, draft_id, now)
    if draft.author != member.id and not may_see(member, card):
        raise NotAllowed(Power.REPLY)
    return draft


def _find_draft(unit: Unit, member: StaffMember, case_id: str, draft_id: str, now: datetime) -> Draft:
    opened = open_case(unit, member, case_id, now)
    draft = next((draft for draft in opened.drafts if draft.id == draft_id), None)
    if draft is None:
        raise Refused("draft_gone")
    return draft


def _drop(unit: Unit, draft: Draft) -> None:
    unit.team.drop_asks(draft.case_id, draft.id)
    unit.cases.drop_draft(draft.id)
