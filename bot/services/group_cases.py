"""A group case: one employer, many workers. The parent is the union's own file; the children stay apart.

Nothing of one child is shown in another: the parent knows numbers, and a text that goes to all of them is
kept as a draft in each, looked at, and sent one by one like any other.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.cases import Answers, CaseCard, CaseStatus, EventKind, NameLevel
from bot.domain.errors import NotAllowed, NotFound, Refused
from bot.domain.ports import Unit
from bot.domain.ports_links import GroupDraft
from bot.domain.receipt_codes import make_code
from bot.domain.staff import Power, StaffMember
from bot.services import drafts
from bot.services.case_gate import in_hand, on_duty, open_case, see_card
from bot.services.case_work import Desk, announce, checked_text, refuse_ended, show_change
from bot.services.doubles import by_number


@dataclass(frozen=True, slots=True)
class Group:
    """A parent with the children that the actor may open; `hidden` counts the others."""

    parent: CaseCard
    children: tuple[CaseCard, ...]
    hidden: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A draft to one child that waits to be sent, and how it stands with the second pair of eyes."""

    draft_id: str
    child: CaseCard
    text: str
    review: str
    reachable: bool


def start(unit: Unit, actor: StaffMember, case_id: str, about: str, now: datetime, desk: Desk) -> CaseCard:
    """Make a parent for this case and put the case into it; `about` are the desk's own words.

    Of the case only kind, district, topic and employer go into the parent.
    """
    member, child = in_hand(unit, actor, case_id, Power.MOVE)
    _may_join(unit, child)
    words = checked_text(about)
    opened = open_case(unit, member, child.id, now)
    parent = CaseCard(
        id=secrets.token_hex(10),
        number=unit.cases.next_number(now),
        kind=child.kind,
        status=CaseStatus.ACCEPTED,
        urgent=False,  # danger is met in the cases of those who are in it
        district=child.district,
        level=NameLevel.ANONYMOUS,
        topic=child.topic,
        source=child.source,
        opened_at=now,
        changed_at=now,
        promised_at=desk.promises.close_by(now, child.kind, urgent=False),  # nobody waits for an answer here
        assignee=member.id,
        employer_id=child.employer_id,
        began_at=now,
    )
    answers = Answers(happened=words, district=child.district, employer=opened.answers.employer)
    unit.audit.append(member.id, "start_group", parent.id, now, {"child": child.id})
    unit.cases.add(parent, answers, None, make_code(secrets.SystemRandom()), None)
    unit.links.start_group(parent.id, member.id, now)
    unit.cases.add_event(parent.id, EventKind.OPENED, by=member.id, at=now, facts={"state": "group"})
    _put_in(unit, member, child, parent, now, desk)
    return parent


def join(unit: Unit, actor: StaffMember, case_id: str, parent: str, now: datetime, desk: Desk) -> CaseCard:
    """Put a case into a group; `parent` is the parent's id or number."""
    member, child = in_hand(unit, actor, case_id, Power.MOVE)
    _may_join(unit, child)
    found = by_number(unit, parent)
    try:
        group = see_card(unit, member, found or "")
    except NotFound:
        raise Refused("no_such_number") from None
    if not unit.links.is_group(group.id):
        raise Refused("no_group")
    if not group.is_open:
        raise Refused("ended")
    return _put_in(unit, member, child, group, now, desk)


def leave(unit: Unit, actor: StaffMember, case_id: str, now: datetime, desk: Desk) -> CaseCard:
    """Take a case out of its group; it goes on by itself."""
    member, child = in_hand(unit, actor, case_id, Power.MOVE)
    if child.parent_id is None:
        raise Refused("in_no_group")
    parent_id = child.parent_id
    facts = {"state": "left", "parent": parent_id}
    unit.audit.append(member.id, "leave_group", child.id, now, facts)
    child = unit.cases.save_card(replace(child, parent_id=None, changed_at=now))
    unit.cases.add_event(child.id, EventKind.GROUPED, by=member.id, at=now, facts=facts)
    unit.cases.add_event(
        parent_id, EventKind.GROUPED, by=member.id, at=now, facts={"state": "left", "child": child.id}
    )
    show_change(unit, child, now, desk)
    return child


def group_of(unit: Unit, actor: StaffMember, parent: CaseCard) -> Group:
    """The group as this actor may see it."""
    member = on_duty(unit, actor)
    ids = unit.links.children(parent.id)
    seen = [card for card in (_seen(unit, member, one) for one in ids) if card is not None]
    return Group(parent, tuple(seen), len(ids) - len(seen))


def write_to_all(
    unit: Unit,
    actor: StaffMember,
    parent_id: str,
    text: str,
    now: datetime,
    desk: Desk,
    kind: EventKind = EventKind.REPLY,
    *,
    advice: bool = False,
) -> Sequence[GroupDraft]:
    """Keep the same draft in every open child that the actor handles; nothing is sent.

    Legal advice takes a second pair of eyes in each child, as any draft does.
    """
    member, parent = in_hand(unit, actor, parent_id, Power.REPLY)
    if not unit.links.is_group(parent.id):
        raise Refused("no_group")
    refuse_ended(parent)
    body = checked_text(text)
    children = [one for one in group_of(unit, member, parent).children if _handles(member, one)]
    if not children:
        raise Refused("no_children")
    kept = []
    for child in children:
        draft = drafts.write_draft(unit, member, child.id, body, now, desk, kind, advice=advice)
        kept.append(GroupDraft(draft.id, child.id))
        unit.links.keep_group_draft(parent.id, kept[-1], now)
    unit.audit.append(member.id, "group_draft", parent.id, now, {"count": str(len(kept))})
    announce(unit, parent)
    return kept


def waiting(unit: Unit, actor: StaffMember, parent: CaseCard, now: datetime) -> list[Waiting]:
    """The drafts that wait, of children that the actor handles."""
    member = on_duty(unit, actor)
    found = []
    for one in unit.links.group_drafts(parent.id):
        child = _seen(unit, member, one.case_id)
        if child is None or not _handles(member, child):
            continue
        kept = {draft.id: draft for draft in open_case(unit, member, child.id, now).drafts}
        draft = kept.get(one.draft_id)
        if draft is not None:
            reachable = bool(unit.links.hearers(child.id))
            found.append(Waiting(draft.id, child, draft.body, draft.review.value, reachable))
    return found


def send_to_one(
    unit: Unit, actor: StaffMember, parent_id: str, draft_id: str, now: datetime, desk: Desk
) -> None:
    """Send one of them: the same act as in the child itself, with everything that is checked there."""
    member, parent = in_hand(unit, actor, parent_id, Power.REPLY)
    of = {one.draft_id: one.case_id for one in unit.links.group_drafts(parent.id)}
    if draft_id not in of:
        raise Refused("draft_gone")
    drafts.send_draft(unit, member, of[draft_id], draft_id, now, desk)
    unit.audit.append(member.id, "group_send", parent.id, now, {"child": of[draft_id]})


def _put_in(
    unit: Unit, member: StaffMember, child: CaseCard, parent: CaseCard, now: datetime, desk: Desk
) -> CaseCard:
    facts = {"state": "joined", "parent": parent.id}
    unit.audit.append(member.id, "join_group", child.id, now, facts)
    child = unit.cases.save_card(replace(child, parent_id=parent.id, changed_at=now))
    unit.cases.add_event(child.id, EventKind.GROUPED, by=member.id, at=now, facts=facts)
    unit.cases.add_event(
        parent.id, EventKind.GROUPED, by=member.id, at=now, facts={"state": "joined", "child": child.id}
    )
    show_change(unit, child, now, desk)
    announce(unit, parent)
    return child


def _may_join(unit: Unit, child: CaseCard) -> None:
    refuse_ended(child)
    if unit.links.is_group(child.id):
        raise Refused("is_group")
    if child.parent_id is not None:
        raise Refused("in_group")


def _seen(unit: Unit, member: StaffMember, case_id: str) -> CaseCard | None:
    try:
        return see_card(unit, member, case_id)
    except (NotFound, NotAllowed):
        return None


def _handles(member: StaffMember, child: CaseCard) -> bool:
    return child.is_open and (child.assignee == member.id or member.may(Power.OPEN_ALL))
