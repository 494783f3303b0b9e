"""Staff hand a case over to a partner agency: propose, wait for her consent, give the link, stop it.

Without her consent nothing leaves the house. Every act: power, audit line, event, card, her message.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.conversation.hand_over_card import proposal, version_of
from bot.domain.cases import ENDED_STATUSES, CaseCard, EventKind, OpenedCase
from bot.domain.civil_time import civil_day, plain_day, start_of_day
from bot.domain.errors import Refused
from bot.domain.handovers import (
    RUNNING,
    Agency,
    Content,
    Field,
    HandOver,
    HandOverState,
    OralConsent,
    PartnerStep,
    Purpose,
    content_of,
)
from bot.domain.ports import Unit
from bot.domain.ports_links import SpokenFor
from bot.domain.promises import Promises
from bot.domain.reply import Reply
from bot.domain.staff import Power, Role, StaffMember
from bot.services import guard_deadlines
from bot.services.case_gate import in_hand, is_barred, open_case
from bot.services.case_work import Desk, refuse_ended, show_change, tell_her
from bot.services.notify_staff import notify
from knowledge.wording_partners import PartnerWords

LONGEST_DAYS = 90
USUAL_DAYS = 30
CHASE_DAYS, LEADER_DAYS = 3, 7  # working days of silence
_SEARCH_DAYS = 60
_MOMENT = timedelta(seconds=1)
_DONE = frozenset({PartnerStep.ACCEPTED, PartnerStep.DECLINED, PartnerStep.RESULT})


@dataclass(frozen=True, slots=True)
class Proposal:
    """What staff ask her. `rule_labels` are the names of legal dates, `days` civil days from now."""

    agency: Agency
    purpose: Purpose
    fields: frozenset[Field]
    days: int = USUAL_DAYS
    rule_labels: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Shown once: the address's secret part, and the code that is told by another way."""

    hand_over: HandOver
    token: str
    code: str


def offerable(unit: Unit, opened: OpenedCase, words: PartnerWords, rule_labels: Mapping[str, str]) -> Content:
    """Everything of a case that could go. Of files only copies without place and author."""
    copies = (unit.files.clean_copy(file.id) for file in opened.files)
    lines = [
        (words.day_trial if one.is_trial else words.day).format(
            label=rule_labels.get(one.rule, one.rule), day=plain_day(one.last_on)
        )
        for one in guard_deadlines.of_case(unit, opened.card.id)
        if one.last_on is not None and one.ended_at is None
    ]
    return content_of(
        opened.answers, opened.card.district, "\n".join(lines), tuple(copy for copy in copies if copy)
    )


def propose(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    wanted: Proposal,
    now: datetime,
    desk: Desk,
    *,
    seen: int | None = None,
) -> HandOver:
    """Ask her. What would go is copied now, so that she agrees to exactly that."""
    member, card = in_hand(unit, actor, case_id, Power.HAND_OVER, seen)
    refuse_ended(card)
    if unit.links.is_group(card.id):
        raise Refused("handover_group")  # nobody holds it: there is nobody who could agree
    if not 1 <= wanted.days <= LONGEST_DAYS:
        raise Refused("handover_days", most=LONGEST_DAYS)
    spoken_for = unit.links.for_other(card.id)
    if spoken_for and spoken_for.state is SpokenFor.STATED and unit.cases.people_of(card.id):
        raise Refused("handover_for_other")  # only the other one is here, and it is not his to give
    for other in unit.partners.of_case(card.id):
        if other.agency == wanted.agency.id and other.state in RUNNING and now < other.until:
            raise Refused("handover_running")
    opened = open_case(unit, member, card.id, now)
    content = offerable(unit, opened, desk.wording.partners, wanted.rule_labels or {}).only(wanted.fields)
    if not content.fields:
        raise Refused("handover_nothing")
    last = civil_day(now) + timedelta(days=wanted.days)
    until = start_of_day(last + timedelta(days=1)) - _MOMENT  # through the day that the card names
    hand_over = HandOver(
        secrets.token_hex(8), card.id, wanted.agency.id, wanted.agency.name, wanted.purpose,
        HandOverState.PROPOSED, member.id, now, until, content.fields, look_at=until,
    )  # fmt: skip
    unit.audit.append(member.id, "handover_propose", card.id, now, _facts(hand_over, "asked"))
    unit.partners.propose(hand_over, content)
    note_event(unit, hand_over, "asked", member.id, now)
    return _shown(unit, card, hand_over, now, desk, proposal(desk.wording.partners, hand_over))


def record_oral(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    hand_over_id: str,
    how: OralConsent | None,
    refused: frozenset[Field],
    now: datetime,
    desk: Desk,
) -> HandOver:
    """Her consent as she told it to staff; only where she cannot answer here herself."""
    member, card = in_hand(unit, actor, case_id, Power.HAND_OVER)
    hand_over = find(unit, card, hand_over_id)
    if hand_over.state is not HandOverState.PROPOSED or now >= hand_over.until:
        raise Refused("handover_state")
    if unit.cases.people_of(card.id):
        raise Refused("handover_asked_her")
    if how is None:
        raise Refused("handover_oral")
    hand_over = replace(hand_over, refused=refused & frozenset(hand_over.offered))
    if not hand_over.given:
        raise Refused("handover_nothing")
    seq = unit.audit.append(
        member.id, "handover_oral", card.id, now, {**_facts(hand_over, "oral"), "how": how.value}
    )
    version = version_of(desk.wording.partners, hand_over)
    hand_over = replace(
        hand_over,
        state=HandOverState.AGREED,
        decided_at=now,
        version=version,
        oral=how,
        oral_by=member.id,
    )
    unit.partners.save(hand_over)
    unit.partners.keep_content(
        hand_over, unit.partners.content(hand_over.id, seq).only(hand_over.given)
    )  # fmt: skip
    note_event(unit, hand_over, "oral", member.id, now)
    return _shown(unit, card, hand_over, now, desk, None)


def cancel(
    unit: Unit, actor: StaffMember, case_id: str, hand_over_id: str, now: datetime, desk: Desk
) -> HandOver:
    """Take the proposal back, or stop what runs: the link is dead at once."""
    member, card = in_hand(unit, actor, case_id, Power.HAND_OVER)
    hand_over = find(unit, card, hand_over_id)
    if hand_over.state not in RUNNING:
        raise Refused("handover_state")
    unit.audit.append(member.id, "handover_cancel", card.id, now, _facts(hand_over, "cancelled"))
    hand_over = end(unit, hand_over, HandOverState.CANCELLED, "cancelled", member.id, now)
    her = desk.wording.partners.her.cancelled.format(agency=hand_over.agency_name)
    return _shown(unit, card, hand_over, now, desk, Reply(her, private=True))


def make_link(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    hand_over_id: str,
    now: datetime,
    desk: Desk,
    *,
    seen: int | None = None,
) -> Link:
    """A new link and code, shown this once; an earlier one is dead. The agency's silence counts from now."""
    member, card = in_hand(unit, actor, case_id, Power.HAND_OVER, seen)
    hand_over = find(unit, card, hand_over_id)
    if not hand_over.is_open_to_partner(now) or card.status in ENDED_STATUSES:
        raise Refused("handover_state")
    token, code = secrets.token_urlsafe(24), new_code()
    unit.audit.append(member.id, "handover_link", card.id, now, _facts(hand_over, "sent"))
    hand_over = awaiting(replace(hand_over, sent_at=now, has_link=True), now, desk.promises)
    unit.partners.save(hand_over)
    unit.partners.set_link(hand_over.id, token, code)
    note_event(unit, hand_over, "sent", member.id, now)
    _shown(unit, card, hand_over, now, desk, None)
    return Link(hand_over, token, code)


def urge(
    unit: Unit, actor: StaffMember, case_id: str, hand_over_id: str, now: datetime, desk: Desk
) -> HandOver:
    """Staff reminded the agency; its silence counts anew."""
    member, card = in_hand(unit, actor, case_id, Power.HAND_OVER)
    hand_over = find(unit, card, hand_over_id)
    if not hand_over.is_open_to_partner(now):
        raise Refused("handover_state")
    if hand_over.sent_at is None:
        raise Refused("handover_no_link")
    unit.audit.append(member.id, "handover_urge", card.id, now, _facts(hand_over, "urged"))
    hand_over = replace(hand_over, letters=hand_over.letters + 1)
    unit.partners.save(hand_over)
    note_event(unit, hand_over, "urged", member.id, now)
    return _shown(unit, card, hand_over, now, desk, None)


def package_content(
    unit: Unit, actor: StaffMember, case_id: str, hand_over_id: str, now: datetime
) -> tuple[CaseCard, HandOver, Content]:
    """What goes into the package, for whoever has the case in hand; only once she has agreed."""
    member, card = in_hand(unit, actor, case_id, Power.HAND_OVER)
    hand_over = find(unit, card, hand_over_id)
    if not hand_over.is_open_to_partner(now) or card.status in ENDED_STATUSES:
        raise Refused("handover_state")
    seq = unit.audit.append(member.id, "handover_package", card.id, now, _facts(hand_over, "package"))
    return card, hand_over, unit.partners.content(hand_over.id, seq).only(hand_over.given)


# ── what the other sides of a hand-over use too ──────────────────────────────────────────────────────


def find(unit: Unit, card: CaseCard, hand_over_id: str) -> HandOver:
    """A hand-over of this very case; Refused("handover_gone") otherwise."""
    hand_over = unit.partners.get(hand_over_id)
    if hand_over is None or hand_over.case_id != card.id:
        raise Refused("handover_gone")
    return hand_over


def end(
    unit: Unit, hand_over: HandOver, state: HandOverState, told: str, by: str, now: datetime
) -> HandOver:  # fmt: skip
    """It runs no more: link and open pages are dead, and the copy of her words is thrown away."""
    hand_over = replace(hand_over, state=state, ended_at=now, look_at=None, has_link=False)
    unit.partners.save(hand_over)
    unit.partners.keep_content(hand_over, Content())
    note_event(unit, hand_over, told, by, now)
    return hand_over


def end_all(
    unit: Unit, case_id: str, by: str, now: datetime, state: HandOverState = HandOverState.REVOKED
) -> None:
    """The case is over: nobody outside sees it any more, and taking it up again brings nothing back.

    REVOKED where she withdrew it, CANCELLED where staff closed it. The agency is told nothing.
    """
    act = "handover_revoked" if state is HandOverState.REVOKED else "handover_cancel"
    for one in unit.partners.of_case(case_id):
        if one.state in RUNNING:
            unit.audit.append(by, act, case_id, now, _facts(one, state.value))
            end(unit, one, state, state.value, by, now)


def note_event(unit: Unit, hand_over: HandOver, state: str, by: str, now: datetime) -> None:
    """One line of the case's history; ids and closed words only."""
    unit.cases.add_event(hand_over.case_id, EventKind.HANDOVER, by=by, at=now, facts=_facts(hand_over, state))


def new_code() -> str:
    """Six digits."""
    return f"{secrets.randbelow(10**6):06d}"


def tell_staff(unit: Unit, card: CaseCard, frame: str, now: datetime, desk: Desk) -> None:
    """Tell the one who has the case, else the leaders; number and kind only."""
    member = unit.staff.get(card.assignee) if card.assignee else None
    in_reach = member is not None and member.active and not is_barred(unit, member, card)
    who = [member.id] if member is not None and in_reach else leaders(unit)
    notify(unit, who, notice(frame, card, desk), now, case_id=card.id)


def notice(frame: str, card: CaseCard, desk: Desk) -> str:
    """A notice to staff with its number and kind."""
    return frame.format(number=card.number, kind=desk.wording.labels.kind[card.kind.value])


def leaders(unit: Unit) -> list[str]:
    """Ids of the active leaders."""
    return [one.id for one in unit.staff.all() if one.active and Role.LEADER in one.roles]


def awaiting(hand_over: HandOver, since: datetime, promises: Promises) -> HandOver:
    """The hand-over with the agency's silence counted from `since`."""
    return replace(
        hand_over, chased=0, look_at=min(hand_over.until, working_days_after(since, CHASE_DAYS, promises))
    )


def is_answered(unit: Unit, hand_over: HandOver) -> bool:
    """Whether the agency has said what becomes of it."""
    return any(one.step in _DONE for one in unit.partners.answers(hand_over.id))


def working_days_after(since: datetime, days: int, promises: Promises) -> datetime:
    """The same clock time so many working days later."""
    at = since
    for _ in range(_SEARCH_DAYS):
        at += timedelta(days=1)
        days -= promises.is_open(civil_day(at))
        if not days:
            break
    return at


def _facts(hand_over: HandOver, state: str) -> dict[str, str]:
    return {"hand_over": hand_over.id, "agency": hand_over.agency, "state": state}


def _shown(
    unit: Unit, card: CaseCard, hand_over: HandOver, now: datetime, desk: Desk, her: Reply | None
) -> HandOver:
    card = unit.cases.save_card(replace(card, changed_at=now))
    if her is not None:
        tell_her(unit, card, her, now)
    show_change(unit, card, now, desk)
    return hand_over
