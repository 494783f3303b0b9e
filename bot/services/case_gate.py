"""The one gate in front of a case: the power first, the audit line second, her words last."""

from datetime import datetime

from bot.domain.cases import CaseCard, OpenedCase
from bot.domain.errors import NotAllowed, NotFound, Refused
from bot.domain.ports import Unit
from bot.domain.ports_cases import Sight
from bot.domain.staff import Power, StaffMember


def open_case(unit: Unit, actor: StaffMember, case_id: str, now: datetime) -> OpenedCase:
    """Unseal a case for somebody who may read it.

    A case that does not exist and one that is not for this actor raise the same NotFound.
    """
    card = see_card(unit, on_duty(unit, actor), case_id)
    seq = unit.audit.append(actor.id, "open_case", card.id, now)
    return unit.cases.reveal(card.id, seq)


def on_duty(unit: Unit, actor: StaffMember) -> StaffMember:
    """The account as it is now: a request that began before it was disabled ends here."""
    member = unit.staff.get(actor.id)
    if member is None or not member.active:
        raise NotFound("account")
    return member


def may_see(actor: StaffMember, card: CaseCard) -> bool:
    """Whether the member's roles open this case; what hangs on other rows is looked at in `sees`.

    Unclaimed is what somebody may still claim: what ended before is closed to all but the leaders.
    """
    if actor.may(Power.OPEN_ALL):
        return True
    if card.assignee is None:
        return card.is_open and actor.may(Power.OPEN_UNCLAIMED)
    return card.assignee == actor.id and actor.may(Power.OPEN_ASSIGNED)


def sees(unit: Unit, actor: StaffMember, card: CaseCard) -> bool:
    """Whether this member may open this case now, and has no conflict of interest.

    By role, as asked reviewer, or as the one who handles the case that this unclaimed double was joined with.
    """
    opens = may_see(actor, card) or is_asked(unit, actor, card) or _has_its_other(unit, actor, card)
    return opens and not is_barred(unit, actor, card)


def sight(actor: StaffMember) -> Sight:
    """What `sees` says, for lists: the store leaves out what this member may not open."""
    return Sight(
        actor.id,
        everything=actor.may(Power.OPEN_ALL),
        unclaimed=actor.may(Power.OPEN_UNCLAIMED),
        assigned=actor.may(Power.OPEN_ASSIGNED),
        reviews=actor.may(Power.APPROVE),
        employer_id=actor.employer_id,
    )


def see_card(unit: Unit, actor: StaffMember, case_id: str) -> CaseCard:
    """The card of a case that the actor may open; NotFound otherwise. `actor` is fresh from `on_duty`."""
    card = unit.cases.card(case_id)
    if card is None or not sees(unit, actor, card):
        raise NotFound("case")
    return card


def is_asked(unit: Unit, actor: StaffMember, card: CaseCard) -> bool:
    """Whether the actor is asked for a second look in this case: it is open to her for so long."""
    return card.is_open and actor.may(Power.APPROVE) and unit.team.review_asked(card.id, actor.id)


def _has_its_other(unit: Unit, actor: StaffMember, card: CaseCard) -> bool:
    if card.merged_into is None or card.assignee is not None:
        return False
    older = unit.cases.card(card.merged_into)
    return older is not None and older.assignee == actor.id and may_see(actor, older)


def is_barred(unit: Unit, actor: StaffMember, card: CaseCard) -> bool:
    """Whether a conflict of interest closes this case to the actor.

    She works at the employer it is about, or declared a conflict here or in another case about it.
    """
    if actor.employer_id is not None and actor.employer_id == card.employer_id:
        return True
    return unit.team.has_conflict(card.id, card.employer_id, actor.id)


def require(actor: StaffMember, power: Power) -> None:
    """NotAllowed unless the actor has this power."""
    if not actor.may(power):
        raise NotAllowed(power)


def able(unit: Unit, actor: StaffMember, power: Power) -> StaffMember:
    """The fresh account, with this power."""
    member = on_duty(unit, actor)
    require(member, power)
    return member


def in_hand(
    unit: Unit, actor: StaffMember, case_id: str, power: Power, seen: int | None = None
) -> tuple[StaffMember, CaseCard]:
    """The fresh account and the card, for acts that only the one who handles the case may do.

    `seen` is the card's version on the actor's screen: Refused("changed") where it moved on meanwhile.
    Who is only asked for a second look reads and writes drafts, and does nothing else: NotAllowed.
    """
    member = on_duty(unit, actor)
    card = see_card(unit, member, case_id)
    require(member, power)
    if not may_see(member, card):
        raise NotAllowed(power)
    if card.assignee is None and not member.may(Power.OPEN_ALL):
        raise Refused("claim_first")
    if seen is not None and seen != card.version:
        raise Refused("changed")
    return member, card
