"""Words to her: written as a draft, looked at, sent or thrown away. Nothing else of staff's reaches her."""

import secrets
from dataclasses import replace
from datetime import datetime

from bot.domain.cases import CaseCard, Draft, EventKind
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.staff import Power, StaffMember
from bot.services import case_messages
from bot.services.case_gate import in_hand, on_duty, open_case, require, see_card
from bot.services.case_work import (
    Desk,
    announce,
    checked_text,
    next_word_by,
    refuse_ended,
    show_change,
    tell_her,
)


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
    refuse_ended(card)
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
    announce(unit, card)
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
    refuse_ended(card)
    if not unit.cases.people_of(card.id):
        raise Refused("nobody_there")
    unit.audit.append(member.id, f"send_{draft.kind.value}", card.id, now, {"draft": draft.id})
    facts = {"draft": draft.id, "author": draft.author, "promised": card.promised_at.isoformat()}
    card = card.promising(next_word_by(card, now, desk), now)
    card = unit.cases.save_card(replace(card, changed_at=now))
    sent = tell_her(unit, card, case_messages.answer(desk.wording, card, draft.kind, draft.body, now), now)
    facts |= {"outbox": ",".join(str(seq) for seq in sent)}
    unit.cases.add_event(card.id, draft.kind, by=member.id, at=now, body=draft.body, facts=facts)
    _drop(unit, draft)
    show_change(unit, card, now, desk)


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
    announce(unit, card)


def preview(card: CaseCard, draft: Draft, now: datetime, desk: Desk) -> str:
    """A draft as she would read it if it went out now."""
    card = replace(card, promised_at=next_word_by(card, now, desk))
    return case_messages.answer(desk.wording, card, draft.kind, draft.body, now).text


def _find_draft(unit: Unit, member: StaffMember, case_id: str, draft_id: str, now: datetime) -> Draft:
    opened = open_case(unit, member, case_id, now)
    draft = next((draft for draft in opened.drafts if draft.id == draft_id), None)
    if draft is None:
        raise Refused("draft_gone")
    return draft


def _drop(unit: Unit, draft: Draft) -> None:
    unit.cases.drop_draft(draft.id)
