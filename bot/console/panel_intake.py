"""What a case page shows about taking a case down, doubles, group cases."""

from dataclasses import dataclass
from datetime import datetime

from bot.console.deps import ConsoleDeps
from bot.domain.cases import CaseCard, OpenedCase
from bot.domain.errors import NotFound
from bot.domain.ports import Unit
from bot.domain.ports_links import ForOther, OralConsent
from bot.domain.staff import Power, StaffMember
from bot.services import doubles, group_cases
from bot.services.case_gate import on_duty, see_card
from bot.services.case_slip import may_print
from bot.services.doubles import Checked, Double
from bot.services.group_cases import Group, Waiting
from knowledge.wording_intake import IntakeWords


@dataclass(frozen=True, slots=True)
class IntakePanel:
    """`waits`: nobody has taken the case up yet. `unsure`: ids of doubles of which she must be asked."""

    words: IntakeWords
    waits: bool
    oral: tuple[OralConsent, ...]
    for_other: ForOther | None
    may_print: bool
    likely: tuple[Double, ...]
    unsure: frozenset[str]
    into: CaseCard | None
    joined: tuple[CaseCard, ...]
    group: Group | None
    waiting: tuple[Waiting, ...]
    parent: CaseCard | None
    in_group: bool
    checks: tuple[Checked, ...] = (Checked.CALLED, Checked.MET, Checked.CODES)


def panel(
    unit: Unit, actor: StaffMember, opened: OpenedCase, now: datetime, deps: ConsoleDeps
) -> IntakePanel:
    """The values for _case_intake.html and _case_intake_acts.html, there under `panels.intake`."""
    card, member = opened.card, on_duty(unit, actor)
    is_group = unit.links.is_group(card.id)
    likely = doubles.likely(unit, member, card, now) if card.is_open else []
    oral = tuple(unit.links.oral_consents(card.id))
    unsure = {one.card.id for one in likely if not doubles.is_surely_hers(unit, card, one.card)}
    joined = [_seen(unit, member, merge.case_id) for merge in unit.links.merged_into(card.id)]
    handles = card.assignee == member.id or member.may(Power.OPEN_ALL)
    return IntakePanel(
        words=deps.wording.intake,
        waits=not is_group and bool(oral) and not unit.cases.people_of(card.id),
        oral=oral,
        for_other=unit.links.for_other(card.id),
        may_print=not is_group and card.is_open and may_print(unit, member, card),
        likely=tuple(likely),
        unsure=frozenset(unsure),
        into=doubles.see_double(unit, member, card),
        joined=tuple(one for one in joined if one is not None),
        group=group_cases.group_of(unit, member, card) if is_group else None,
        waiting=tuple(group_cases.waiting(unit, member, card, now)) if is_group and handles else (),
        parent=_seen(unit, member, card.parent_id) if card.parent_id else None,
        in_group=card.parent_id is not None,
    )


def _seen(unit: Unit, member: StaffMember, case_id: str) -> CaseCard | None:
    try:
        return see_card(unit, member, case_id)
    except NotFound:
        return None
