"""A case that staff write down for somebody who calls or comes: the same card as hers, and who heard it."""

import hashlib
import random
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.conversation.case_kind import kind_of_topic, topic_in
from bot.domain.cases import (
    BY_STAFF,
    Answers,
    CaseCard,
    CaseKind,
    CaseSource,
    CaseStatus,
    EventKind,
    NameLevel,
)
from bot.domain.civil_time import at_clock, civil_day
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.ports_links import ForOther, OralConsent, SpokenFor
from bot.domain.receipt_codes import make_code
from bot.domain.staff import Power, StaffMember
from bot.domain.urgency import Danger, find_danger
from bot.services import bell, case_work, duty, employers, guard_deadlines
from bot.services.case_gate import in_hand, on_duty, require
from bot.services.case_work import LONGEST_TEXT, Desk, announce
from knowledge.index import FaqIndex
from knowledge.loader import Knowledge

_LATEST_NOTED = timedelta(days=60)  # a note on paper older than that is asked about again
_LONGEST_FIELD = 300
PROCESSING, HANDING_OVER = "processing", "handing_over"


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody told staff. `heard_on` is a civil day of Asia/Shanghai, None today.

    `agreed`: she agreed by word of mouth after the text was read to her. `keep_name`: to name and contact
    too. `kind` None: found from the words. `mine`: whoever writes it down also takes it on.
    """

    source: CaseSource | None
    answers: Answers
    kind: CaseKind | None = None
    level: NameLevel = NameLevel.ANONYMOUS
    urgent: bool = False
    agreed: bool = False
    keep_name: bool = False
    for_other: bool = False
    other_agreed: bool = False  # the one it is about agreed, says who calls
    heard_on: date | None = None
    mine: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words themselves say; made before the unit of work, as searching takes a while."""

    topic: str | None
    danger: Danger | None


def read_words(text: str, knowledge: Knowledge, index: FaqIndex) -> Reading:
    """Topic and danger of what was told."""
    words = text[:LONGEST_TEXT]
    index.prepare(words)
    return Reading(topic_in(index, words, None), find_danger(words, knowledge.danger) if words else None)


def take_down(
    unit: Unit,
    actor: StaffMember,
    once: str,
    told: Told,
    reading: Reading,
    now: datetime,
    desk: Desk,
    knowledge: Knowledge,
    source: random.Random | None = None,
) -> CaseCard:
    """Keep a case that staff wrote down. `once` names the form: sent twice it makes one case.

    Raises NotAllowed without Power.INTAKE and Refused before anything is kept. Nobody holds the case until
    somebody brings its code.
    """
    member = on_duty(unit, actor)
    require(member, Power.INTAKE)
    case_id = hashlib.sha256(f"{member.id}:{once}".encode()).hexdigest()[:20]
    known = unit.cases.card(case_id)
    if known is not None:
        return known
    answers, level = _checked(told, now)
    assert told.source is not None
    kind = told.kind or kind_of_topic(knowledge, reading.topic)
    urgent = told.urgent or reading.danger is not None
    card = CaseCard(
        id=case_id,
        number=unit.cases.next_number(now),
        kind=kind,
        status=CaseStatus.NEW,
        urgent=urgent,
        district=answers.district,
        level=level,
        topic=reading.topic,
        source=told.source,
        opened_at=now,
        changed_at=now,
        promised_at=desk.promises.first_answer_by(now, kind, urgent),
        assignee=None,
        began_at=now,
    )
    unit.audit.append(member.id, "take_down", card.id, now, {"source": told.source.value})
    unit.cases.add(card, answers, None, make_code(source or random.SystemRandom()), None)
    facts = {"source": told.source.value} | (
        {"heard_on": told.heard_on.isoformat()} if told.heard_on is not None else {}
    )
    unit.cases.add_event(card.id, EventKind.OPENED, by=member.id, at=now, facts=facts)
    card = employers.link(unit, card, answers.employer, now, desk.wording)
    _keep_consents(unit, member, card, told, now, desk)
    if answers.contact:
        unit.links.keep_contact(card.id, answers.contact)
    # “上周三” counts from the day on which it was said.
    heard_at = now if told.heard_on is None else min(now, at_clock(told.heard_on, 12))
    guard_deadlines.set_from_answers(unit, card, answers, heard_at, member.id)
    if urgent:
        duty.alarm(unit, card, now, desk)
    if told.mine and member.may(Power.CLAIM):
        return case_work.claim(unit, member, card.id, now, desk)
    bell.ring(unit, card, now, desk.bell)
    announce(unit, card)
    return card


def she_spoke(unit: Unit, actor: StaffMember, case_id: str, now: datetime, desk: Desk) -> None:
    """Staff heard from herself, in a case that another opened, that she wants it so."""
    member, card = in_hand(unit, actor, case_id, Power.REPLY)
    of = unit.links.for_other(card.id)
    if of is None or of.state is not SpokenFor.STATED:
        raise Refused("not_for_other")
    unit.audit.append(member.id, "spoke_for_herself", card.id, now)
    unit.links.keep_for_other(replace(of, state=SpokenFor.CONFIRMED, at=now, by=member.id))
    if not unit.links.oral_consents(card.id):
        version = consent_version(desk.wording.intake.read_out)
        for kind in (PROCESSING, HANDING_OVER):
            unit.links.add_oral_consent(card.id, OralConsent(kind, version, member.id, now))
    announce(unit, card)


def consent_version(text: str) -> str:
    """The version of a text that is read to her: a hash of exactly these words."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _keep_consents(
    unit: Unit, member: StaffMember, card: CaseCard, told: Told, now: datetime, desk: Desk
) -> None:
    version = consent_version(desk.wording.intake.read_out)
    kinds = ((PROCESSING, told.agreed), (HANDING_OVER, told.agreed), ("name", told.keep_name))
    for kind, given in kinds:
        if given:
            unit.links.add_oral_consent(card.id, OralConsent(kind, version, member.id, now))
    if told.for_other:
        unit.links.keep_for_other(ForOther(card.id, None, SpokenFor.STATED, now, member.id))


def _checked(told: Told, now: datetime) -> tuple[Answers, NameLevel]:
    """What may be kept of it; Refused with the first thing that is missing or cannot be."""
    if told.source not in BY_STAFF:
        raise Refused("no_source")
    if told.heard_on is not None and told.heard_on > civil_day(now):
        raise Refused("heard_in_future")
    if told.heard_on is not None and civil_day(now) - told.heard_on > _LATEST_NOTED:
        raise Refused("heard_long_ago", limit=_LATEST_NOTED.days)
    happened = told.answers.happened.replace("\r\n", "\n").strip()
    if not happened:
        raise Refused("nothing_told")
    if len(happened) > LONGEST_TEXT:
        raise Refused("too_long", limit=LONGEST_TEXT, length=len(happened))
    answers = replace(
        told.answers,
        happened=happened,
        **{name: _line(getattr(told.answers, name)) for name in _LINES},
    )
    if told.for_other and not told.other_agreed:
        raise Refused("other_not_agreed")
    if told.source is not CaseSource.INSPECTION and not told.agreed:
        raise Refused("not_agreed")
    named = bool(answers.name or answers.contact)
    if named and not told.keep_name:
        raise Refused("name_not_agreed")
    if told.keep_name and not named:
        raise Refused("name_missing")
    level = NameLevel.ANONYMOUS
    if named:
        level = NameLevel.NAMED if told.level is NameLevel.NAMED else NameLevel.UNION_ONLY
    return answers, level


_LINES = ("since", "district", "employer", "evidence", "wish", "name", "contact")


def _line(value: str | None) -> str | None:
    text = " ".join((value or "").split())
    if len(text) > _LONGEST_FIELD:
        raise Refused("field_long", limit=_LONGEST_FIELD, length=len(text))
    return text or None
