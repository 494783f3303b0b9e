"""Two cases that are one: found, joined, and taken apart again exactly as they were.

Joining lets whoever holds the younger case read the older one. So it is done only where both are known to
be the same woman's: the store sees it, or somebody asked her.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.cases import ENDED_STATUSES, CaseCard, EventKind, PauseReason
from bot.domain.errors import NotFound, Refused
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.ports_links import Alike, Merge, SpokenFor
from bot.domain.staff import Power, StaffMember
from bot.services import intake_messages
from bot.services.case_gate import in_hand, on_duty, see_card
from bot.services.case_work import Desk, show_change, tell_her

WITHIN = timedelta(days=30)
_MOST = 10


class Checked(StrEnum):
    """How somebody made sure that two cases are the same woman's."""

    SAME_PLACE = "same_place"  # the store sees it: one holder, or one telephone number
    CALLED = "called"  # asked her on the telephone
    MET = "met"  # asked her face to face
    CODES = "codes"  # she knows both receipt codes


@dataclass(frozen=True, slots=True)
class Double:
    """A case that may be the same as the one that is open."""

    card: CaseCard
    why: Alike


def likely(unit: Unit, actor: StaffMember, card: CaseCard, now: datetime) -> list[Double]:
    """Cases of the last 30 days that may be the same, of those that the actor may open; newest first."""
    member = on_duty(unit, actor)
    if card.merged_into is not None or unit.links.is_group(card.id):
        return []
    found = []
    for case_id, why in unit.links.alike(card.id, min(now, card.opened_at) - WITHIN):
        try:
            other = see_card(unit, member, case_id)
        except NotFound:
            continue
        if other.status not in ENDED_STATUSES:
            found.append(Double(other, why))
    return found[:_MOST]


def merge(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    other: str,
    checked: Checked | None,
    now: datetime,
    desk: Desk,
) -> CaseCard:
    """Join two cases; `other` is an id or a number. The younger goes into the older, which is returned.

    Events, words and files stay where they are. Holders of both hear from the older one, whose promise is
    the earlier of the two.
    """
    member, one = in_hand(unit, actor, case_id, Power.MOVE)
    two = _other_in_hand(unit, member, other)
    if one.id == two.id:
        raise Refused("merge_itself")
    older, younger = sorted((one, two), key=lambda card: (card.opened_at, card.number))
    _refuse(unit, older, younger)
    how = checked or _sure(unit, older, younger)
    joined = _with_earlier_promise(older, younger, now)
    before, after = _promise_of(older), _promise_of(joined)
    facts = {"with": younger.id, "checked": how.value}
    unit.audit.append(member.id, "merge", older.id, now, facts)
    unit.audit.append(member.id, "merge", younger.id, now, {"into": older.id, "checked": how.value})
    older = unit.cases.save_card(joined)
    younger = unit.cases.save_card(replace(younger, merged_into=older.id, changed_at=now))
    unit.links.merge(Merge(younger.id, older.id, now, member.id, before, after))
    unit.cases.add_event(older.id, EventKind.MERGED, by=member.id, at=now, facts=facts)
    unit.cases.add_event(younger.id, EventKind.MERGED, by=member.id, at=now, facts={"into": older.id})
    tell_her(unit, older, intake_messages.merged(desk.wording, older, now), now)
    show_change(unit, older, now, desk)
    show_change(unit, younger, now, desk)
    return older


def unmerge(unit: Unit, actor: StaffMember, case_id: str, now: datetime, desk: Desk) -> CaseCard:
    """Take a double apart again: holders, states and promise are as before; what was written since stays
    in the older case. Returns the younger one."""
    member, younger = in_hand(unit, actor, case_id, Power.MOVE)
    joined = unit.links.merge_of(younger.id)
    if joined is None:
        raise Refused("not_merged")
    older = see_card(unit, member, joined.into_id)
    facts = {"with": younger.id}
    unit.audit.append(member.id, "unmerge", older.id, now, facts)
    unit.audit.append(member.id, "unmerge", younger.id, now, {"from_case": older.id})
    hearing = set(unit.links.hearers(older.id))
    older = unit.cases.save_card(_as_before(unit, older, joined, now))
    younger = unit.cases.save_card(replace(younger, merged_into=None, changed_at=now))
    unit.links.unmerge(younger.id)
    unit.cases.add_event(older.id, EventKind.UNMERGED, by=member.id, at=now, facts=facts)
    unit.cases.add_event(younger.id, EventKind.UNMERGED, by=member.id, at=now, facts={"from_case": older.id})
    for card in (younger, older):
        mine = set(unit.links.hearers(card.id)) & hearing
        if mine:
            hearing -= mine
            tell_her(unit, card, intake_messages.unmerged(desk.wording, card, now), now)
    show_change(unit, older, now, desk)
    show_change(unit, younger, now, desk)
    return younger


def is_surely_hers(unit: Unit, one: CaseCard, two: CaseCard) -> bool:
    """Whether the store itself shows that both are hers: one holder, or one telephone number.

    That nobody has taken one of them up yet shows nothing: its code may be in another woman's hand, and
    that of a case told by another is in the other's.
    """
    if any(
        of is not None and of.state is SpokenFor.STATED
        for of in (unit.links.for_other(one.id), unit.links.for_other(two.id))
    ):
        return False
    why = dict(unit.links.alike(one.id, two.opened_at)).get(two.id)
    return why in (Alike.PERSON, Alike.CONTACT)


def _other_in_hand(unit: Unit, member: StaffMember, wanted: str) -> CaseCard:
    """A case that does not exist and one that is not for this member are refused in the same words."""
    case_id = by_number(unit, wanted)
    try:
        return in_hand(unit, member, case_id or "", Power.MOVE)[1]
    except NotFound:
        raise Refused("no_such_number") from None


def by_number(unit: Unit, wanted: str) -> str | None:
    """The id of a case by its id, or by its number as people write it."""
    text = "".join(unicodedata.normalize("NFKC", wanted).split()).replace("–", "-").replace("—", "-")
    if unit.cases.card(text) is not None:
        return text
    found = unit.cases.cards(CaseFilter(number=text.upper(), limit=1)) if text else ()
    return found[0].id if found else None


def _refuse(unit: Unit, older: CaseCard, younger: CaseCard) -> None:
    """Every refusal names the case that it is about: two are on the screen."""
    for one in (older, younger):
        if one.merged_into is not None:
            raise Refused("merge_merged", number=one.number, into=_number(unit, one.merged_into))
    doubles = unit.links.merged_into(younger.id)
    if doubles:
        numbers = " ".join(_number(unit, joined.case_id) for joined in doubles)
        raise Refused("has_doubles", number=younger.number, others=numbers)
    if groups := unit.links.groups((older.id, younger.id)):
        raise Refused("merge_group", number=_number(unit, min(groups)))
    if younger.parent_id is not None and younger.parent_id != older.parent_id:
        raise Refused("leave_group_first", number=younger.number)
    for one in (older, younger):
        if one.status in ENDED_STATUSES:
            raise Refused("merge_ended", number=one.number)


def _number(unit: Unit, case_id: str) -> str:
    card = unit.cases.card(case_id)
    return card.number if card is not None else ""


def _sure(unit: Unit, older: CaseCard, younger: CaseCard) -> Checked:
    if not is_surely_hers(unit, older, younger):
        raise Refused("merge_unsure")
    return Checked.SAME_PLACE


def _with_earlier_promise(older: CaseCard, younger: CaseCard, now: datetime) -> CaseCard:
    """The earlier promise with how far it has run; danger in one is danger in both."""
    urgent = older.urgent or younger.urgent
    if younger.promised_at < older.promised_at:
        older = replace(
            older,
            promised_at=younger.promised_at,
            began_at=younger.began_at or younger.opened_at,
            urged=younger.urged,
            paused_at=younger.paused_at,
            pause_reason=younger.pause_reason,
        )
    return replace(older, urgent=urgent, changed_at=now)


def _promise_of(card: CaseCard) -> Mapping[str, str]:
    began, paused = card.began_at, card.paused_at
    return {
        "promised": card.promised_at.isoformat(),
        "began": "" if began is None else began.isoformat(),
        "urged": str(card.urged),
        "paused": "" if paused is None else paused.isoformat(),
        "reason": "" if card.pause_reason is None else card.pause_reason.value,
        "urgent": str(int(card.urgent)),
    }


def _as_before(unit: Unit, card: CaseCard, joined: Merge, now: datetime) -> CaseCard:
    """A promise that was made meanwhile stays; danger of which she wrote meanwhile stays too."""
    kept, now_is = joined.before, _promise_of(card)
    if all(now_is[name] == joined.after[name] for name in now_is if name != "urgent"):
        card = replace(
            card,
            promised_at=datetime.fromisoformat(kept["promised"]),
            began_at=datetime.fromisoformat(kept["began"]) if kept["began"] else None,
            urged=int(kept["urged"]),
            paused_at=datetime.fromisoformat(kept["paused"]) if kept["paused"] else None,
            pause_reason=PauseReason(kept["reason"]) if kept["reason"] else None,
        )
    wrote = any(event.at > joined.at for event in unit.cases.outline(card.id, (EventKind.HER_WORDS,)))
    urgent = card.urgent if wrote else kept["urgent"] == "1"
    return replace(card, urgent=urgent, changed_at=now)


def see_double(unit: Unit, actor: StaffMember, card: CaseCard) -> CaseCard | None:
    """The case that this one was joined with, if the actor may open it."""
    member = on_duty(unit, actor)
    if card.merged_into is None:
        return None
    try:
        return see_card(unit, member, card.merged_into)
    except NotFound:
        return None
