"""What a case page shows about handing over to partner agencies and joint sessions."""

from dataclasses import dataclass
from datetime import datetime

from bot.console.deps import ConsoleDeps
from bot.domain.cases import ENDED_STATUSES, OpenedCase
from bot.domain.civil_time import civil_day, plain_day
from bot.domain.handovers import (
    Agency,
    Field,
    HandOver,
    HandOverState,
    JointSession,
    OralConsent,
    PartnerAnswer,
    Purpose,
    SessionRole,
)
from bot.domain.ports import Unit
from bot.domain.staff import Power, StaffMember
from bot.services.hand_over import LONGEST_DAYS, USUAL_DAYS, offerable
from bot.services.partner_directory import agencies
from knowledge.wording_partners import PartnerWords

_NOT_USUAL = frozenset({Field.NAME, Field.CONTACT})  # never ticked beforehand


@dataclass(frozen=True, slots=True)
class HandOverRow:
    """One hand-over with what the agency said. `letter` reminds the agency, to copy."""

    hand_over: HandOver
    answers: tuple[PartnerAnswer, ...]
    is_asked: bool
    is_open: bool
    letter: str


@dataclass(frozen=True, slots=True)
class PartnerPanel:
    """What the two templates need; `chosen` are the fields ticked beforehand."""

    words: PartnerWords
    rows: tuple[HandOverRow, ...]
    joints: tuple[JointSession, ...]
    agencies: tuple[Agency, ...]
    fields: tuple[Field, ...]
    chosen: frozenset[Field]
    purposes: tuple[Purpose, ...]
    ways: tuple[OralConsent, ...]
    roles: tuple[SessionRole, ...]
    files: int
    other_files: int
    days: int
    most_days: int
    can_answer_herself: bool
    now: datetime


def panel(unit: Unit, actor: StaffMember, opened: OpenedCase, now: datetime, deps: ConsoleDeps) -> object:
    """The values for _case_partners.html and _case_partners_acts.html, there under `panels.partners`."""
    words = deps.wording.partners
    may = actor.may(Power.HAND_OVER) and opened.card.is_open
    content = offerable(unit, opened, words, rule_labels(deps))
    return PartnerPanel(
        words=words,
        rows=tuple(_row(unit, opened, one, now, words) for one in unit.partners.of_case(opened.card.id)),
        joints=tuple(unit.partners.joints_of(opened.card.id)),
        agencies=agencies(deps.knowledge.region.directory, words, civil_day(now)) if may else (),
        fields=content.fields,
        chosen=frozenset(content.fields) - _NOT_USUAL,
        purposes=tuple(Purpose),
        ways=tuple(OralConsent),
        roles=tuple(SessionRole),
        files=len(content.files),
        other_files=len(opened.files) - len(content.files),
        days=USUAL_DAYS,
        most_days=LONGEST_DAYS,
        can_answer_herself=bool(unit.cases.people_of(opened.card.id)),
        now=now,
    )


def rule_labels(deps: ConsoleDeps) -> dict[str, str]:
    """Names of the legal dates."""
    return {name: label.label for name, label in deps.knowledge.deadlines.items()}


def _row(
    unit: Unit, opened: OpenedCase, hand_over: HandOver, now: datetime, words: PartnerWords
) -> HandOverRow:
    is_open = opened.card.status not in ENDED_STATUSES and hand_over.is_open_to_partner(now)
    letter = ""
    if is_open and hand_over.sent_at:
        letter = words.letter.format(
            agency=hand_over.agency_name,
            number=opened.card.number,
            day=plain_day(civil_day(hand_over.sent_at)),
            until=plain_day(civil_day(hand_over.until)),
        )
    is_asked = hand_over.state is HandOverState.PROPOSED and now < hand_over.until
    return HandOverRow(hand_over, tuple(unit.partners.answers(hand_over.id)), is_asked, is_open, letter)
