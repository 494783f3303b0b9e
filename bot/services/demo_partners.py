"""A hand-over of the demo city: proposed, answered by her, opened and answered by the agency."""

import random
from datetime import datetime, timedelta

from bot.conversation.effects import AnswerHandOver, ChooseField
from bot.conversation.hand_over_card import version_of
from bot.domain.cases import CaseCard, CaseStatus
from bot.domain.civil_time import civil_day
from bot.domain.handovers import Field, PartnerStep, Purpose
from bot.domain.ports import Unit
from bot.domain.ports_talk import Person
from bot.domain.staff import StaffMember
from bot.services import hand_over, her_consent, partner_guest
from bot.services.case_work import Desk
from bot.services.hand_over import Proposal
from bot.services.partner_directory import agencies
from knowledge.loader import Knowledge
from knowledge.models import OfficeKind

_KINDS = {CaseStatus.LEGAL_AID: OfficeKind.LEGAL_AID, CaseStatus.ARBITRATION: OfficeKind.ARBITRATION}
_FIELDS = frozenset({Field.HAPPENED, Field.SINCE, Field.DISTRICT, Field.EMPLOYER, Field.EVIDENCE})


def hand_on(
    unit: Unit,
    actor: StaffMember,
    card: CaseCard,
    her: Person,
    now: datetime,
    desk: Desk,
    knowledge: Knowledge,
    chance: random.Random,
    refer: OfficeKind,
) -> None:
    """Offer the case to the agency that its state or trouble points to; three in four women agree.

    Some keep a field; only what that agency needs is asked of them.
    """
    kind = refer if card.status is CaseStatus.REFERRED else _KINDS.get(card.status)
    known = agencies(knowledge.region.directory, desk.wording.partners, civil_day(now))
    agency = next((one for one in known if one.kind == kind), None)
    if agency is None:
        return
    safety = card.urgent and Purpose.PROTECTION in agency.purposes
    purpose = Purpose.PROTECTION if safety else agency.purposes[0]
    wanted = Proposal(agency, purpose, _FIELDS & frozenset(agency.needs))
    offered = hand_over.propose(unit, actor, card.id, wanted, now, desk)
    if chance.random() < 0.3 and Field.DISTRICT in offered.offered:
        _say(unit, her, ChooseField(offered.id, Field.DISTRICT, give=False), now, desk)
    agrees = chance.random() < 0.75
    shown = hand_over.find(unit, card, offered.id)
    version = version_of(desk.wording.partners, shown)
    _say(unit, her, AnswerHandOver(offered.id, agrees, version), now + timedelta(minutes=1), desk)
    if agrees:
        _agency_answers(unit, actor, card, offered.id, now + timedelta(minutes=2), desk)


def _agency_answers(
    unit: Unit, actor: StaffMember, card: CaseCard, hand_over_id: str, now: datetime, desk: Desk
) -> None:
    """With link and code, as anybody at the agency would."""
    link = hand_over.make_link(unit, actor, card.id, hand_over_id, now, desk)
    secret = partner_guest.enter(unit, link.token, link.code, now, desk)
    if secret is None:
        return
    partner_guest.look(unit, link.token, secret, now)
    for step in (PartnerStep.RECEIVED, PartnerStep.ACCEPTED):
        partner_guest.answer(unit, link.token, secret, step, "", "", now, desk)


def _say(unit: Unit, her: Person, effect: ChooseField | AnswerHandOver, now: datetime, desk: Desk) -> None:
    her_consent.carry_out(unit, her, effect, now, desk)
