"""联席调处: several agencies at one table; she is invited, and an agreement sets its last day."""

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.conversation.hand_over_card import session_card
from bot.domain.cases import CaseCard, EventKind
from bot.domain.civil_time import civil_day, moment_in_words, plain_day
from bot.domain.deadlines import judicial_confirmation
from bot.domain.errors import Refused
from bot.domain.handovers import JointSession, SessionRole, SessionState
from bot.domain.ports import Unit
from bot.domain.reply import Reply
from bot.domain.staff import Power, StaffMember
from bot.services import guard_deadlines
from bot.services.case_gate import in_hand
from bot.services.case_work import Desk, refuse_ended, show_change, tell_her

LONGEST_PLACE, LONGEST_AGENDA = 100, 1000
_FARTHEST = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Plan:
    """What staff fill in. `at` is an aware instant, None where it cannot be read."""

    at: datetime | None
    place: str
    agenda: str
    participants: tuple[tuple[str, SessionRole], ...]


def plan(
    unit: Unit, actor: StaffMember, case_id: str, wanted: Plan, now: datetime, desk: Desk
) -> JointSession:
    """Fix a time; she is asked whether she comes."""
    member, card = in_hand(unit, actor, case_id, Power.HAND_OVER)
    refuse_ended(card)
    at = _when(wanted.at, now)
    place, agenda = wanted.place.strip(), wanted.agenda.strip()
    if not wanted.participants:
        raise Refused("session_nobody")
    if not 0 < len(place) <= LONGEST_PLACE:
        raise Refused("session_place", limit=LONGEST_PLACE)
    if len(agenda) > LONGEST_AGENDA:
        raise Refused("session_agenda", limit=LONGEST_AGENDA)
    session = JointSession(
        secrets.token_hex(8), card.id, SessionState.PLANNED, at, member.id, now, wanted.participants,
        place, agenda,
    )  # fmt: skip
    unit.audit.append(member.id, "joint_plan", card.id, now, {"session": session.id})
    _keep(unit, session, "planned", member.id, now)
    _shown(unit, card, session_card(desk.wording.partners, session, now), now, desk)
    return session


def cancel(
    unit: Unit, actor: StaffMember, case_id: str, session_id: str, now: datetime, desk: Desk
) -> JointSession:
    """It does not take place; she is told."""
    member, card = in_hand(unit, actor, case_id, Power.HAND_OVER)
    session = _planned(unit, card, session_id)
    unit.audit.append(member.id, "joint_cancel", card.id, now, {"session": session.id})
    session = replace(session, state=SessionState.CANCELLED)
    _keep(unit, session, "cancelled_session", member.id, now)
    told = desk.wording.partners.her.session_cancelled.format(when=moment_in_words(session.at, now))
    _shown(unit, card, Reply(told, private=True), now, desk)
    return session


def hold(
    unit: Unit,
    actor: StaffMember,
    case_id: str,
    session_id: str,
    agreement: bool | None,
    agreed_on: date | None,
    words: str,
    now: datetime,
    desk: Desk,
) -> JointSession:
    """Keep what came of it. An agreement sets the last day to apply for 司法确认: thirty days from its
    effect (人民调解法 第三十三条; 民事诉讼法 第二百零五条).
    """
    member, card = in_hand(unit, actor, case_id, Power.HAND_OVER)
    refuse_ended(card)
    session = _planned(unit, card, session_id)
    if now < session.at:
        raise Refused("session_future")
    if agreement is None:
        raise Refused("agreement")
    body = words.strip()
    if len(body) > LONGEST_AGENDA:
        raise Refused("session_agenda", limit=LONGEST_AGENDA)
    told = desk.wording.partners.her.session_not_agreed
    session = replace(session, state=SessionState.HELD, agreement=agreement, words=body)
    if agreement:
        if agreed_on is None or not civil_day(card.opened_at) <= agreed_on <= civil_day(now):
            raise Refused("agreed_on")
        session = replace(session, agreed_on=agreed_on, confirm_by=judicial_confirmation(agreed_on))
        guard_deadlines.add_rule(unit, card, "judicial_confirmation", agreed_on, member.id, now)
        told = desk.wording.partners.her.session_agreed.format(
            day=plain_day(judicial_confirmation(agreed_on))
        )  # fmt: skip
    unit.audit.append(member.id, "joint_held", card.id, now, {"session": session.id})
    _keep(unit, session, "held", member.id, now)
    _shown(unit, card, Reply(told, private=True), now, desk)
    return session


def _when(at: datetime | None, now: datetime) -> datetime:
    if at is None:
        raise Refused("session_when")
    if at <= now:
        raise Refused("session_past")
    if at > now + _FARTHEST:
        raise Refused("session_far")
    return at


def _planned(unit: Unit, card: CaseCard, session_id: str) -> JointSession:
    session = unit.partners.joint(session_id)
    if session is None or session.case_id != card.id:
        raise Refused("handover_gone")
    if session.state is not SessionState.PLANNED:
        raise Refused("session_state")
    return session


def _keep(unit: Unit, session: JointSession, state: str, by: str, now: datetime) -> None:
    facts = {"session": session.id, "state": state, "day": civil_day(session.at).isoformat()}
    if session.agreement is not None:
        facts["agreement"] = "yes" if session.agreement else "no"
    unit.partners.keep_joint(session)
    unit.cases.add_event(session.case_id, EventKind.SESSION, by=by, at=now, facts=facts)


def _shown(unit: Unit, card: CaseCard, her: Reply, now: datetime, desk: Desk) -> None:
    card = unit.cases.save_card(replace(card, changed_at=now))
    tell_her(unit, card, her, now)
    show_change(unit, card, now, desk)
