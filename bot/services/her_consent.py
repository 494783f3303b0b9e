"""What she decides about her case going elsewhere, carried out in one unit of work."""

from dataclasses import replace
from datetime import datetime

from bot.conversation.effects import AnswerHandOver, AnswerSession, ChooseField, PartnerEffect, RevokeHandOver
from bot.conversation.hand_over_card import version_of, with_field
from bot.domain.cases import CaseCard, CaseStatus, EventKind, may_move
from bot.domain.errors import NotFound
from bot.domain.handovers import HandOver, HandOverState, SessionState
from bot.domain.ports import Unit
from bot.domain.ports_talk import Person
from bot.services.case_work import Desk, show_change
from bot.services.hand_over import end, note_event, tell_staff

WORKER = "worker"


def carry_out(unit: Unit, person: Person, effect: PartnerEffect, now: datetime, desk: Desk) -> None:
    """Do one of them; the same once more changes nothing."""
    match effect:
        case ChooseField(hand_over_id=one, field=field, give=give):
            card, hand_over = _hers(unit, person, one)
            if _is_asked(hand_over, now):
                unit.partners.save(with_field(hand_over, field, give=give))
        case AnswerHandOver(hand_over_id=one, agreed=agreed, version=version):
            card, hand_over = _hers(unit, person, one)
            if _is_asked(hand_over, now):
                _answer(unit, person, card, hand_over, now, desk, agreed=agreed, version=version)
        case RevokeHandOver(hand_over_id=one):
            card, hand_over = _hers(unit, person, one)
            if hand_over.state is HandOverState.AGREED:
                _revoke(unit, person, card, hand_over, now, desk)
        case AnswerSession(session_id=one, comes=comes):
            _answer_session(unit, person, one, now, desk, comes=comes)


def _answer(
    unit: Unit,
    person: Person,
    card: CaseCard,
    hand_over: HandOver,
    now: datetime,
    desk: Desk,
    *,
    agreed: bool,
    version: str,
) -> None:
    facts = {"hand_over": hand_over.id, "agency": hand_over.agency}
    if agreed:
        if not hand_over.given or version != version_of(desk.wording.partners, hand_over):
            return  # it changed meanwhile: she has not agreed to this
        seq = unit.audit.append(WORKER, "handover_agreed", card.id, now, facts)
        unit.people.add_consent(person.id, f"hand_over:{hand_over.id}", version, now, card.id)
        hand_over = replace(hand_over, state=HandOverState.AGREED, decided_at=now, version=version)
        unit.partners.save(hand_over)
        content = unit.partners.content(hand_over.id, seq).only(hand_over.given)
        unit.partners.keep_content(hand_over, content)
        note_event(unit, hand_over, "agreed", WORKER, now)
    else:
        unit.audit.append(WORKER, "handover_refused", card.id, now, facts)
        hand_over = replace(hand_over, decided_at=now)
        end(unit, hand_over, HandOverState.REFUSED, "refused", WORKER, now)
    _tell(unit, card, "agreed" if agreed else "refused", now, desk)


def _revoke(
    unit: Unit, person: Person, card: CaseCard, hand_over: HandOver, now: datetime, desk: Desk
) -> None:
    facts = {"hand_over": hand_over.id, "agency": hand_over.agency}
    unit.audit.append(WORKER, "handover_revoked", card.id, now, facts)
    unit.people.add_consent(person.id, f"revoked:{hand_over.id}", hand_over.version, now, card.id)
    end(unit, hand_over, HandOverState.REVOKED, "revoked", WORKER, now)
    _tell(unit, _taken_back(unit, card, now), "revoked", now, desk)


def _taken_back(unit: Unit, card: CaseCard, now: datetime) -> CaseCard:
    """With no agency left the case is the union's again: back where it was before it was passed on."""
    running = any(one.state is HandOverState.AGREED for one in unit.partners.of_case(card.id))
    if card.status is not CaseStatus.REFERRED or running:
        return card
    back = CaseStatus.ADVISING
    for event in unit.cases.outline(card.id, (EventKind.PARTNER, EventKind.STATUS)):
        facts = event.facts or {}
        if facts.get("to") == CaseStatus.REFERRED and facts.get("from") in set(CaseStatus):
            before = CaseStatus(facts["from"])
            back = before if may_move(card.status, before) else CaseStatus.ADVISING
    moved = {"from": card.status.value, "to": back.value}
    unit.cases.add_event(card.id, EventKind.STATUS, by=WORKER, at=now, facts=moved)
    return replace(card, status=back)


def _answer_session(
    unit: Unit, person: Person, session_id: str, now: datetime, desk: Desk, *, comes: bool
) -> None:
    session = unit.partners.joint(session_id)
    if session is None:
        raise NotFound(f"session {session_id}")
    card = _card(unit, person, session.case_id)
    if session.state is not SessionState.PLANNED or now >= session.at or session.she_comes is comes:
        return
    said = "come" if comes else "stay"
    unit.audit.append(WORKER, "joint_answer", card.id, now, {"session": session.id, "answer": said})
    unit.partners.keep_joint(replace(session, she_comes=comes))
    unit.cases.add_event(
        card.id, EventKind.SESSION, by=WORKER, at=now, facts={"session": session.id, "state": f"her_{said}"}
    )
    _tell(unit, card, said, now, desk)


def _tell(unit: Unit, card: CaseCard, what: str, now: datetime, desk: Desk) -> None:
    """Staff are told, whoever looks at the case sees it. Her answer is on her screen already."""
    card = unit.cases.save_card(replace(card, changed_at=now))
    tell_staff(unit, card, desk.wording.partners.notices.she[what], now, desk)
    show_change(unit, card, now, desk)


def _is_asked(hand_over: HandOver, now: datetime) -> bool:
    return hand_over.state is HandOverState.PROPOSED and now < hand_over.until


def _hers(unit: Unit, person: Person, hand_over_id: str) -> tuple[CaseCard, HandOver]:
    hand_over = unit.partners.get(hand_over_id)
    if hand_over is None:
        raise NotFound(f"hand-over {hand_over_id}")
    return _card(unit, person, hand_over.case_id), hand_over


def _card(unit: Unit, person: Person, case_id: str) -> CaseCard:
    card = unit.cases.card(case_id)
    other = unit.links.for_other(case_id)
    if card is None or person.id not in unit.cases.people_of(case_id):
        raise NotFound(f"case {case_id}")
    if other is not None and other.person_id == person.id:
        raise NotFound(f"case {case_id}")  # who opened it for her does not decide this for her
    return card
