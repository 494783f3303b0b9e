"""What a case page shows about employers across cases."""

from dataclasses import dataclass
from datetime import datetime

from bot.console.deps import ConsoleDeps
from bot.domain.cases import OpenedCase
from bot.domain.ports import Unit
from bot.domain.staff import Power, StaffMember
from bot.services.employers import FEW, others_near


@dataclass(frozen=True, slots=True)
class EmployerPanel:
    """`others`: other cases in 90 days; `few` where there are some, but too few to tell this member.

    `employer_id` and `name` only for those who see employers across cases.
    """

    known: bool
    others: int
    few: bool
    employer_id: str | None = None
    name: str = ""


def panel(unit: Unit, actor: StaffMember, opened: OpenedCase, now: datetime, deps: ConsoleDeps) -> object:
    """The values for _case_employers.html and _case_employers_acts.html, there under `panels.employers`."""
    card = opened.card
    others = others_near(unit, card, now)
    if not actor.may(Power.SEE_EMPLOYERS):
        return EmployerPanel(card.employer_id is not None, others if others >= FEW else 0, 0 < others < FEW)
    employer = unit.employers.get(card.employer_id) if card.employer_id else None
    if employer is None:
        return EmployerPanel(False, 0, few=False)
    return EmployerPanel(True, others, few=False, employer_id=employer.id, name=employer.name)
